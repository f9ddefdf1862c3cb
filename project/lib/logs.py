"""How every process of the product logs: level and text; the supervisor adds time and name."""

import logging
from typing import Any

from project.lib.store_errors import OUTAGES

OURS = ("project", "events_app", "runs_app", "triggers_app")


class OutagesInOneLine(logging.Filter):
    """That a service is away is told in a line; where it was noticed says nothing more."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], OUTAGES):
            record.exc_info = None
            record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def configuration() -> dict[str, Any]:
    """For Django's LOGGING: ours from INFO on, everyone else's from WARNING on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"outages": {"()": OutagesInOneLine}},
        "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["outages"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            **{name: {"level": "INFO"} for name in OURS},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            # A client that asks for what is not there is no news; the answer tells it.
            "django.request": {"level": "ERROR"},
            # An absent database is told by those who need it, not by each attempt of the pool.
            "psycopg.pool": {"level": "ERROR"},
        },
    }
