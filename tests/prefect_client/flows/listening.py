"""What the client's own classes ask of the server while a flow runs; prints what they got."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from prefect import get_client, task
from prefect.client.schemas.filters import FlowRunFilter, LogFilter, TaskRunFilter
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.logging.clients import get_logs_subscriber
from prefect.states import Completed, Running


@task
def packing():
    pass


async def first_event(wanted):
    async with get_events_subscriber(filter=wanted) as subscriber:
        async for event in subscriber:
            return event.event


async def first_line(client, run_id):
    async with get_logs_subscriber(filter=LogFilter(flow_run_id={"any_": [run_id]})) as subscriber:
        telling = asyncio.create_task(tell(client, run_id))
        async for line in subscriber:
            telling.cancel()
            return line.message


async def tell(client, run_id):
    while True:
        line = {"name": "n", "level": 20, "message": "told"}
        line |= {"flow_run_id": str(run_id), "timestamp": datetime.now(UTC).isoformat()}
        await client._client.post("/logs/", json=[line])
        await asyncio.sleep(0.5)


async def main():
    async with get_client() as client:
        flow_id = await client.create_flow_from_name(f"listened-{uuid4().hex}")
        answer = await client._client.post(
            "/flow_runs/", json={"flow_id": str(flow_id), "state": {"type": "RUNNING"}}
        )
        run_id = answer.json()["id"]
        made = await client.create_task_run(packing, run_id, dynamic_key="0")
        await client.set_task_run_name(made.id, "renamed")
        for state in (Running(), Completed()):
            result = await client.set_task_run_state(made.id, state)
            print("set", result.status.value, result.state.type.value)
        states = await client.read_task_run_states(made.id)
        print("states", [state.type.value for state in states])
        print("flow states", [s.type.value for s in await client.read_flow_run_states(run_id)])
        around = FlowRunFilter(id={"any_": [run_id]})
        named = TaskRunFilter(name={"any_": ["renamed"]})
        found = await client.read_task_runs(flow_run_filter=around, task_run_filter=named)
        print("task runs", [(run.name, run.run_count) for run in found])
        runs = await client.read_flow_runs(task_run_filter=TaskRunFilter(id={"any_": [made.id]}))
        print("flow runs", [str(run.id) == run_id for run in runs])
        wanted = EventFilter(event=EventNameFilter(name=["prefect.flow-run.Running"]))
        print("event", await asyncio.wait_for(first_event(wanted), 30))
        print("line", await asyncio.wait_for(first_line(client, run_id), 30))
        await client.delete_task_run(made.id)
        print("left", await client.read_task_runs(flow_run_filter=around))


if __name__ == "__main__":
    asyncio.run(main())
