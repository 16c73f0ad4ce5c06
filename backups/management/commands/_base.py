"""What all commands of the panel share: one answer, one sentence when it fails, the exit status."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, handle_default_options
from django.db import connections
from django.utils import translation

from backups.services import audit_origin, control, jobs
from backups.services.refusals import BackupError, Interrupted, Unexpected, Usage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """`values` is what --json prints, `text` what a person reads; a failed proof has an `error` besides."""

    values: Mapping[str, Any]
    text: str
    error: BackupError | None = None


class PanelCommand(BaseCommand):
    """Subclasses implement `answer`. They work without web and worker."""

    requires_system_checks = []
    needs_control_database = True

    def answer(self, *args: Any, **options: Any) -> Answer:
        raise NotImplementedError

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Our run_from_argv does not say "from the command line": so the parser raises what is wrong, and
        # that becomes an answer, instead of printing and leaving.
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(self._status(argv))

    def _status(self, argv: list[str]) -> int:
        as_json = "--json" in argv
        try:
            options = self.create_parser(argv[0], argv[1]).parse_args(argv[2:])
            handle_default_options(options)
            # Scripts and runbooks are written against these sentences: one language, whatever the panel's.
            with translation.override("en"):
                given = self._answered(**vars(options))
        except CommandError as error:
            return self._refuse(Usage(reason=str(error).removeprefix("Error: ")), as_json=as_json)
        except BackupError as error:
            return self._refuse(error, as_json=as_json)
        except KeyboardInterrupt:
            return self._refuse(Interrupted(reason="it was stopped at the keyboard"), as_json=as_json)
        except Exception as error:
            log.exception("%s failed", argv[1])
            return self._refuse(Unexpected(reason=type(error).__name__), as_json=as_json)
        finally:
            connections.close_all()
        return self._give(given, as_json=as_json)

    def _answered(self, **options: Any) -> Answer:
        if self.needs_control_database:
            control.prepare()
            jobs.reap()
        with audit_origin.at_the_keyboard():
            return self.answer(**options)

    def _give(self, given: Answer, *, as_json: bool) -> int:
        failure = {"error": str(given.error), "code": given.error.code} if given.error else {}
        if as_json:
            self.stdout.write(json.dumps({**given.values, **failure}))
        else:
            self.stdout.write(given.text)
            if given.error:
                self.stderr.write(str(given.error))
        return given.error.status if given.error else 0

    def _refuse(self, error: BackupError, *, as_json: bool) -> int:
        if as_json:
            self.stdout.write(json.dumps({"error": str(error), "code": error.code}))
        else:
            self.stderr.write(str(error))
        return error.status

    def handle(self, *_: Any, **options: Any) -> str:
        """For `call_command`: the answer as text."""
        given = self._answered(**options)
        return json.dumps(given.values) if options.get("json") else given.text
