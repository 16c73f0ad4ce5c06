"""Work shared out over several sessions, its results handed to one consumer; memory stays bounded."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Task = TypeVar("Task")
Worker = TypeVar("Worker")
Result = TypeVar("Result")
POLL_SECONDS = 0.2


@dataclass(slots=True)
class _Failed:
    error: BaseException


@dataclass(slots=True)
class _Ended:
    pass


@dataclass(slots=True)
class _Shared(Generic[Task, Result]):
    tasks: queue.SimpleQueue[Task]
    results: queue.Queue[Result | _Failed | _Ended]
    stop: threading.Event = field(default_factory=threading.Event)

    def put(self, result: Result | _Failed | _Ended) -> None:
        while not self.stop.is_set():
            try:
                return self.results.put(result, timeout=POLL_SECONDS)
            except queue.Full:
                continue
        return None


def share_out(
    tasks: Sequence[Task],
    workers: Sequence[Worker],
    work: Callable[[Worker, Task], Iterable[Result]],
    *,
    let_go: Callable[[], None] = lambda: None,
) -> Generator[Result, None, None]:
    """Every result of `work(worker, task)` for all tasks, as they come; each worker has a thread of its own.

    The first error ends everything. When the consumer stops early, the workers stop at their next result;
    `let_go` is called then, for those that wait for something.
    """
    if len(workers) == 1:
        for task in tasks:
            yield from work(workers[0], task)
        return
    shared: _Shared[Task, Result] = _Shared(queue.SimpleQueue(), queue.Queue(maxsize=len(workers)))
    for task in tasks:
        shared.tasks.put(task)
    threads = [threading.Thread(target=_work, args=(shared, worker, work)) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield from _results(shared, len(threads))
    finally:
        shared.stop.set()
        let_go()
        for thread in threads:
            thread.join()


def _results(shared: _Shared[Task, Result], running: int) -> Generator[Result, None, None]:
    while running:
        result = shared.results.get()
        if isinstance(result, _Failed):
            raise result.error
        if isinstance(result, _Ended):
            running -= 1
        else:
            yield result


def _work(
    shared: _Shared[Task, Result], worker: Worker, work: Callable[[Worker, Task], Iterable[Result]]
) -> None:
    try:
        while not shared.stop.is_set():
            try:
                task = shared.tasks.get_nowait()
            except queue.Empty:
                break
            for result in work(worker, task):
                shared.put(result)
                if shared.stop.is_set():
                    break
    except BaseException as error:  # noqa: BLE001 - raised again where the results are consumed
        shared.put(_Failed(error))
    else:
        shared.put(_Ended())
