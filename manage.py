#!/usr/bin/env python3
"""Django's command line; `manage.py help` lists what there is."""

import json
import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qparkin_backup.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A wrong setting is the operator's to mend: one sentence, not a traceback.
        _report(str(error))
        return 1
    return 0


def _report(sentence: str) -> None:
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps({"error": sentence, "code": "settings"}) + "\n")
    else:
        sys.stderr.write(sentence + "\n")


if __name__ == "__main__":
    sys.exit(main())
