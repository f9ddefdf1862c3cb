"""The Celery application: one queue per duty, JSON only, nothing kept as a result."""

import contextlib
import os
import warnings
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from celery.signals import setup_logging, worker_ready
from kombu.connection import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
# Here rather than in each command: the commands are to be typed by people, too.
# The checks import every page, in every worker; the tests have run them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
warnings.filterwarnings("ignore", message="You're running the worker with superuser")


class EagerConnection(Connection):
    """Looks for Redis every second at least; Celery's pauses would grow to half a minute."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        pauses = {"interval_start": 0.25, "interval_step": 0.25, "interval_max": 1.0}
        return super().ensure_connection(*args, **{**kwargs, **pauses})  # type: ignore[no-untyped-call]

    def maybe_close_channel(self, channel: Any) -> None:
        # What a channel had taken it puts back when it closes, and kombu does not expect that its
        # connection is gone by then: the worker would end. What the broker holds is no truth.
        with contextlib.suppress(AttributeError):
            super().maybe_close_channel(channel)  # type: ignore[no-untyped-call]


class Amqp(AMQP):  # type: ignore[misc]  # celery has no types
    Connection = EagerConnection


app = Celery("flint", amqp=Amqp)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect  # type: ignore[untyped-decorator]  # celery has no types
def log_like_the_rest(**_: Any) -> None:
    """Being connected is enough: Celery leaves logging as Django's settings made it."""


@worker_ready.connect  # type: ignore[untyped-decorator]  # celery has no types
def begin_at_once(sender: Any, **_: Any) -> None:
    """Send a worker the recurring tasks of its queues, instead of waiting for beat to do it."""
    queues = set(app.amqp.queues.consume_from)
    for entry in app.conf.beat_schedule.values():
        if entry["options"]["queue"] in queues:
            app.send_task(entry["task"], **entry["options"])
