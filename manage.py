#!/usr/bin/env python
"""Flint's command line."""

import os
import sys
from importlib import import_module

# Commands that do without Django, whose import is most of what a short command costs.
LIGHT = {"emit_event": "events_app.management.emit"}


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in LIGHT:
        sys.exit(import_module(LIGHT[name]).main(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
