"""What flows keep on the server: variables, artifacts, slots of limits, inputs of runs."""

import threading
import time
from itertools import pairwise

from prefect import flow, get_client, pause_flow_run, task
from prefect.artifacts import (
    Artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.concurrency.sync import concurrency, rate_limit
from prefect.input import RunInput
from prefect.variables import Variable


class Question(RunInput):
    number: int


@task(tags=["objects-one"])
def alone(number: int) -> tuple[float, float]:
    begun = time.monotonic()
    time.sleep(0.3)
    return begun, time.monotonic()


@flow
def variables_and_artifacts() -> None:
    print("default", Variable.get("objects_none", default=3))
    Variable.set("objects_one", {"a": 1}, overwrite=True)
    print("variable", Variable.get("objects_one"))
    create_markdown_artifact("# one", key="objects-text")
    create_markdown_artifact("# two", key="objects-text")
    create_table_artifact([{"a": 1}], key="objects-table")
    progress = create_progress_artifact(0.0)
    update_progress_artifact(progress, 50.0)
    print("artifact", Artifact.get("objects-text").data)


@flow
def limited() -> None:
    times = sorted(each.result() for each in alone.map(range(3)))
    print("apart", all(ended <= begun for (_, ended), (begun, _) in pairwise(times)))
    with concurrency("objects-limit", occupy=1):
        print("inside")
    begun = time.monotonic()
    for _ in range(4):
        rate_limit("objects-rate")
    print("rate", time.monotonic() - begun > 0.5)


@flow(flow_run_name="objects-asks")
def asks() -> None:
    print("answer", pause_flow_run(wait_for_input=Question, timeout=60).number)


def answer() -> None:
    named = FlowRunFilter(name=FlowRunFilterName(any_=["objects-asks"]))
    with get_client(sync_client=True) as client:
        for _ in range(60):
            time.sleep(0.5)
            runs = client.read_flow_runs(flow_run_filter=named)
            if runs and runs[0].state_type == "PAUSED":
                print("wrong", client.resume_flow_run(runs[0].id, {"number": "x"}).status.value)
                print("right", client.resume_flow_run(runs[0].id, {"number": 7}).status.value)
                return


if __name__ == "__main__":
    variables_and_artifacts()
    limited()
    answering = threading.Thread(target=answer)
    answering.start()
    asks()
    answering.join()
