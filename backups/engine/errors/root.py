"""One error root. Each class is one sentence for the operator: it names the thing and the way out."""

from __future__ import annotations

from collections.abc import Mapping

Parameter = str | int | float


def gettext_noop(text: str) -> str:
    """Mark a sentence for the translators; the engine itself speaks English."""
    return text


class BackupError(Exception):
    """Root of every error that an operator sees.

    `code` is a stable slug, `status` the exit status of the command line: 1 refused or failed,
    3 a seal, a member or a proof that does not hold. Parameters are plain values, never secrets.
    """

    code = "failed"
    status = 1
    sentence = gettext_noop("It did not work: %(reason)s.")

    def __init__(self, **params: Parameter) -> None:
        self.params: Mapping[str, Parameter] = params
        super().__init__(self.sentence % params)


class Cancelled(BackupError):
    code = "cancelled"
    sentence = gettext_noop("Cancelled as asked; nothing was left behind.")


class DeadlinePassed(BackupError):
    code = "deadline"
    sentence = gettext_noop(
        "It took longer than the %(seconds)s seconds allowed and was stopped; nothing was left behind."
    )


class Busy(BackupError):
    code = "busy"
    sentence = gettext_noop(
        "Another backup or restore of %(system)s is running; try again when it has finished."
    )
