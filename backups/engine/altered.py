"""What was altered while it is read: only a fresh snapshot helps, and nothing is ever stitched together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymysql.constants import ER

from . import errors

# A column that is gone is found before the table is seen to be another.
IN_ROWS = {ER.TABLE_DEF_CHANGED, ER.NO_SUCH_TABLE, ER.BAD_FIELD_ERROR}
# Dropped, or made something else, between the list of such things and its definition.
IN_DEFINITIONS = {ER.SP_DOES_NOT_EXIST, ER.TRG_DOES_NOT_EXIST, ER.WRONG_OBJECT, 1539, 4089, 4091}


@contextmanager
def named(table: str) -> Iterator[None]:
    """While `table` is read."""
    try:
        yield
    except errors.ServerRefused as refused:
        if refused.params["errno"] in IN_ROWS:
            raise errors.ChangedDuringBackup(table=table) from None
        raise


def means_a_fresh_start(error: errors.BackupError) -> bool:
    """What is not ours to name keeps the server's words, should it be there on every try."""
    if isinstance(error, errors.ServerRefused):
        return error.params["errno"] in IN_ROWS | IN_DEFINITIONS
    return isinstance(error, errors.ChangedDuringBackup)
