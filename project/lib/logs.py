"""How every process of the product logs: level and text; the supervisor adds time and name."""

import logging
from typing import Any

from project.lib.calm import Calm, likeness, with_left_out
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


class Calmly(logging.Filter):
    """Warnings and errors that say the same are written now and then, with their number."""

    def __init__(self) -> None:
        super().__init__()
        self._calm = Calm()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        text = record.getMessage()
        left_out = self._calm.left_out_before((record.name, likeness(text), _place(record)))
        if left_out:
            record.msg, record.args = with_left_out(text, left_out), ()
        return left_out is not None


def _place(record: logging.LogRecord) -> tuple[str, int] | None:
    """Where an exception was raised: two errors are not the same for being logged alike."""
    frame = record.exc_info[2] if record.exc_info else None
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return (frame.tb_frame.f_code.co_filename, frame.tb_lineno) if frame else None


def configuration() -> dict[str, Any]:
    """For Django's LOGGING: ours from INFO on, everyone else's from WARNING on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"outages": {"()": OutagesInOneLine}, "calm": {"()": Calmly}},
        "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["outages", "calm"],
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
