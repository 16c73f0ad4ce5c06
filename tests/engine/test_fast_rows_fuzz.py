"""The helper's core under the address and undefined-behaviour sanitizers, fed with rows good and bad."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parents[1] / "native" / "fuzz.c"
SANITIZED = ["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Wconversion", "-Werror",
             "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]  # fmt: skip
pytestmark = pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler here")


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("fuzz") / "fuzz"
    # -Werror: what a compiler of ours warns of is mended, here and not on an operator's machine.
    built = subprocess.run(
        ["cc", *SANITIZED, str(FUZZ), "-o", str(program)], capture_output=True, text=True, check=False
    )
    assert not built.returncode, built.stderr
    return program


def _fuzzed(fuzz: Path, rounds: int, seed: int) -> None:
    run = subprocess.run([str(fuzz), str(rounds), str(seed)], capture_output=True, text=True, check=False)
    assert not run.returncode, run.stdout + run.stderr


def test_nothing_is_read_or_written_where_it_must_not_be(fuzz: Path) -> None:
    _fuzzed(fuzz, 100_000, 20_261_123)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(8))
def test_nor_in_a_long_run(fuzz: Path, seed: int) -> None:
    _fuzzed(fuzz, 3_000_000, seed)
