"""Flows that are stopped, that break, and that tell of themselves."""

import os
import signal
import time

from prefect import flow, task
from prefect.events import emit_event


@flow(log_prints=True)
def slow(seconds: int = 60):
    print("got going")
    for _ in range(10 * seconds):
        time.sleep(0.1)


@flow
def dying():
    os.kill(os.getpid(), signal.SIGKILL)


@flow
def failing():
    raise ValueError("no stock")


@task
def telling(number: int):
    emit_event(event="features.told", resource={"prefect.resource.id": f"features.{number}"})


@flow
def tell():
    telling(1)
    emit_event(event="features.told", resource={"prefect.resource.id": "features.2"})
