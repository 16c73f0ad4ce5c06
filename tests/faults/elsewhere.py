"""Faults that are injected by tests which stand where they belong; `bin/test --faults` runs them too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`section` as the modules of this folder name theirs; `test` is the id of a test function."""

    section: str
    what: str
    rule: str
    test: str


KILLED = "Killed"
SERVER = "The database server"
DISK = "The disk"
ARCHIVE = "The archive"
TWICE = "Two at once"
QUEUE = "Workers and queue"
S3 = "S3"
CLOCK = "The clock"

ELSEWHERE = (
    Fault(
        KILLED,
        "The real worker is killed in a backup, under the real queue",
        "interrupted within the lease; nothing is left; the next one works",
        "tests/services/test_sigkill.py::test_a_killed_worker_leaves_nothing_and_the_next_backup_works",
    ),
    Fault(
        KILLED,
        "A restore from the command line is killed as its shadow appears, and as its swap begins",
        "live is wholly old or wholly new, with its triggers; restore and undo work afterwards",
        "tests/services/test_sigkill.py::test_a_killed_restore_is_finished_or_taken_back",
    ),
    Fault(
        KILLED,
        "A restore of database and files is killed before each of its steps",
        "both are old or both are new",
        "tests/mariadb/test_together.py::test_a_kill_anywhere_leaves_both_old_or_both_new",
    ),
    Fault(
        KILLED,
        "An exchange of folders is killed before each of its steps",
        "each folder is old or new, and what was uploaded meanwhile is kept",
        "tests/engine/test_exchange.py::test_a_kill_at_any_step_of_a_restore_leaves_old_or_new",
    ),
    Fault(
        QUEUE,
        "Workers that wait for work are killed, and take the queue's lock with them",
        "they are replaced by some that work",
        "tests/services/test_sigkill.py::test_idle_workers_that_were_killed_are_replaced_by_some_that_work",
    ),
    Fault(
        SERVER,
        "The server is killed, and stopped, in the middle of a backup",
        "nothing is left, and the next backup is whole",
        "tests/mariadb/test_server_conditions.py::"
        "test_a_server_that_ends_in_the_middle_leaves_nothing_and_the_next_backup_is_whole",
    ),
    Fault(
        SERVER,
        "The server takes no more connections when a backup begins",
        "one sentence says so",
        "tests/mariadb/test_server_conditions.py::test_a_server_that_takes_no_more_connections_says_so",
    ),
    Fault(
        SERVER,
        "The server is frozen: it takes the call and says nothing",
        "waiting has an end",
        "tests/mariadb/test_frozen_server.py::test_signing_in_to_a_frozen_server_has_an_end",
    ),
    Fault(
        DISK,
        "The disk of the archives fills up while rows are written, and just before the seal",
        "nothing is left",
        "tests/mariadb/test_backup.py::test_a_disk_that_fills_leaves_nothing",
    ),
    Fault(
        DISK,
        "No file may grow any further (RLIMIT_FSIZE) while a backup is written",
        "nothing is left, and the command says that the disk is full",
        "tests/commands/test_backup.py::test_a_full_disk_leaves_nothing_behind",
    ),
    Fault(
        DISK,
        "The folder journal's disk takes half a line",
        "a line is written whole or not at all",
        "tests/engine/test_exchange.py::test_a_line_is_written_whole_or_not_at_all",
    ),
    Fault(
        ARCHIVE,
        "Any one byte of an archive is changed",
        "refused",
        "tests/engine/test_archive.py::test_every_changed_byte_is_refused",
    ),
    Fault(
        ARCHIVE,
        "An archive is cut off after any one of its bytes",
        "refused",
        "tests/engine/test_archive.py::test_every_truncation_is_refused",
    ),
    Fault(
        ARCHIVE,
        "Any one byte of a seal is changed",
        "refused",
        "tests/engine/test_seal.py::test_every_changed_byte_is_refused",
    ),
    Fault(
        S3,
        "Each request of an upload meets 500, 503, a reset, an answer that is lost",
        "got over",
        "tests/s3/test_faults.py::test_a_passing_fault_is_passed_over",
    ),
    Fault(
        S3,
        "The listing of a bucket is refused, empty, nonsense, or cut short",
        "an error, and never an empty storage",
        "tests/s3/test_faults.py::test_a_listing_that_is_refused_or_empty_or_cut_is_no_empty_storage",
    ),
    Fault(
        CLOCK,
        "The clock is set back while schedules run",
        "no slot is repeated",
        "tests/services/test_slots.py::test_a_clock_that_is_set_back_repeats_nothing",
    ),
    Fault(
        CLOCK,
        "The clock runs ahead, to 2099 too, and is set right again",
        "what it took for missed comes again",
        "tests/services/test_slots.py::test_a_clock_that_ran_ahead_recovers",
    ),
    Fault(
        TWICE,
        "Many clocks look at one slot of a schedule at the same moment",
        "one takes it",
        "tests/services/test_slots.py::test_of_many_clocks_one_takes_the_slot",
    ),
    Fault(
        TWICE,
        "Eight workers take one job at the same moment",
        "one gets it",
        "tests/services/test_lease.py::test_of_many_workers_at_once_one_gets_the_job",
    ),
)

if __name__ == "__main__":
    # For bin/test, which hands them to pytest.
    import sys

    sys.stdout.write("\n".join(sorted({fault.test for fault in ELSEWHERE})) + "\n")
