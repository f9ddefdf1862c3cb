"""Every call of `get_client()` that has to do with flows, runs, pools and what they keep."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect import flow, get_client, task
from prefect.client.schemas import actions, filters, schedules
from prefect.events.filters import EventFilter
from prefect.states import Cancelled, Pending, Running


@flow
def called(x: int = 1):
    return x


@task
def small():
    return 1


def flows_and_deployments(client):
    flow_id = client.create_flow(called)
    named = filters.FlowFilter(name={"any_": ["called"]})
    assert client.read_flow(flow_id).id == client.read_flow_by_name("called").id
    assert [each.id for each in client.read_flows(flow_filter=named)] == [flow_id]
    cron = actions.DeploymentScheduleCreate(schedule=schedules.CronSchedule(cron="0 1 * * *"))
    deployment_id = client.create_deployment(flow_id, "calls", schedules=[cron])
    assert client.read_deployment_by_name("called/calls").id == deployment_id
    only = filters.DeploymentFilter(name={"any_": ["calls"]})
    assert [each.id for each in client.read_deployments(deployment_filter=only)] == [deployment_id]
    hourly = schedules.IntervalSchedule(interval=timedelta(hours=1))
    (made,) = client.create_deployment_schedules(deployment_id, [(hourly, True)])
    client.update_deployment_schedule(deployment_id, made.id, active=False)
    assert len(client.read_deployment_schedules(deployment_id)) == 2
    client.delete_deployment_schedule(deployment_id, made.id)
    client.update_deployment(deployment_id, actions.DeploymentUpdate(description="x"))
    client.pause_deployment(deployment_id)
    assert client.read_deployment(deployment_id).paused
    client.resume_deployment(deployment_id)
    run = client.create_flow_run_from_deployment(deployment_id, idempotency_key="calls")
    again = client.create_flow_run_from_deployment(deployment_id, idempotency_key="calls")
    assert run.id == again.id
    due = client.get_scheduled_flow_runs_for_deployments([deployment_id])
    assert run.id in {each.id for each in due}
    client.delete_deployment(deployment_id)
    client.delete_flow(flow_id)


def runs(client):
    run = client.create_flow_run(called, state=Pending())
    mine = filters.FlowRunFilter(id={"any_": [run.id]})
    client.update_flow_run(run.id, name="renamed")
    client.update_flow_run_labels(run.id, {"a": "b"})
    assert [each.name for each in client.read_flow_runs(flow_run_filter=mine)] == ["renamed"]
    client.set_flow_run_state(run.id, Running())
    small_run = client.create_task_run(small, flow_run_id=run.id, dynamic_key="0", state=Pending())
    client.set_task_run_state(small_run.id, Running())
    assert client.read_task_run(small_run.id).state.is_running()
    assert len(client.read_task_runs(flow_run_filter=mine)) == 1
    assert len(client.read_task_run_states(small_run.id)) == 2
    client.create_flow_run_input(run.id, "key1", "1")
    assert client.read_flow_run_input(run.id, "key1") == "1"
    assert len(client.filter_flow_run_input(run.id, "key", 10, set())) == 1
    client.delete_flow_run_input(run.id, "key1")
    line = {"name": "l", "level": 20, "message": "m", "timestamp": datetime.now(UTC).isoformat()}
    client.create_logs([{**line, "flow_run_id": str(run.id)}])
    assert len(client.read_logs(filters.LogFilter(flow_run_id={"any_": [run.id]}))) == 1
    client.set_flow_run_state(run.id, Cancelled(), force=True)
    assert [each.type.value for each in client.read_flow_run_states(run.id)][-1] == "CANCELLED"
    client.delete_flow_run(run.id)
    assert len(client.read_events(EventFilter()).events) > 0


def pools(client):
    client.create_work_pool(actions.WorkPoolCreate(name="calls-pool", type="process"))
    client.update_work_pool("calls-pool", actions.WorkPoolUpdate(concurrency_limit=2))
    assert client.read_work_pool("calls-pool").concurrency_limit == 2
    only = filters.WorkPoolFilter(name={"any_": ["calls-pool"]})
    assert len(client.read_work_pools(work_pool_filter=only)) == 1
    queue = client.create_work_queue("fast", work_pool_name="calls-pool")
    assert client.read_work_queue_by_name("fast", work_pool_name="calls-pool").id == queue.id
    client.update_work_queue(queue.id, is_paused=False)
    assert client.read_work_queue(queue.id).name == "fast"
    assert len(client.read_work_queues(work_pool_name="calls-pool")) == 2
    assert len(client.match_work_queues(["fa"], work_pool_name="calls-pool")) == 1
    assert client.read_work_queue_status(queue.id).late_runs_count == 0
    assert client.get_runs_in_work_queue(queue.id) == []
    assert client.get_scheduled_flow_runs_for_work_pool("calls-pool") == []
    client.send_worker_heartbeat("calls-pool", "w1", 30.0)
    assert [each.name for each in client.read_workers_for_work_pool("calls-pool")] == ["w1"]
    assert client.read_work_queue_concurrency_status(queue.id).active_slots == 0
    assert client.read_work_pool_concurrency_status("calls-pool").active_slots == 0
    assert "prefect" in client.request("GET", "/collections/views/aggregate-worker-metadata").json()
    client.delete_work_queue_by_id(queue.id)
    client.delete_work_pool("calls-pool")


def what_flows_keep(client):
    client.create_variable(actions.VariableCreate(name="calls", value=1))
    client.update_variable(actions.VariableUpdate(name="calls", value=2))
    assert client.read_variable_by_name("calls").value == 2
    assert "calls" in {each.name for each in client.read_variables()}
    client.delete_variable_by_name("calls")
    artifact = client.create_artifact(
        actions.ArtifactCreate(key="calls", type="markdown", data="x")
    )
    client.update_artifact(artifact.id, actions.ArtifactUpdate(data="y"))
    of_key = filters.ArtifactFilter(key={"any_": ["calls"]})
    assert [each.data for each in client.read_artifacts(artifact_filter=of_key)] == ["y"]
    assert "calls" in {each.key for each in client.read_latest_artifacts()}
    client.delete_artifact(artifact.id)
    assert client.read_block_type_by_slug("secret").name == "Secret"
    assert client.read_block_types()
    assert client.read_block_schemas() is not None
    assert client.read_block_documents() is not None


def slots(client):
    client.create_concurrency_limit("calls-tag", 2)
    assert client.read_concurrency_limit_by_tag("calls-tag").concurrency_limit == 2
    assert client.read_concurrency_limits(10, 0)
    client.reset_concurrency_limit_by_tag("calls-tag")
    client.delete_concurrency_limit_by_tag("calls-tag")
    client.create_global_concurrency_limit(
        actions.GlobalConcurrencyLimitCreate(name="calls", limit=3)
    )
    client.upsert_global_concurrency_limit_by_name("calls", 5)
    assert client.read_global_concurrency_limit_by_name("calls").limit == 5
    assert client.read_global_concurrency_limits()
    client.increment_concurrency_slots(["calls"], 1, "concurrency")
    client.release_concurrency_slots(["calls"], 1, 1.0)
    taken = client.increment_concurrency_slots_with_lease(["calls"], 1, "concurrency", 60).json()
    client.renew_concurrency_lease(UUID(taken["lease_id"]), 60)
    client.release_concurrency_slots_with_lease(UUID(taken["lease_id"]))
    client.delete_global_concurrency_limit_by_name("calls")


if __name__ == "__main__":
    with get_client(sync_client=True) as connected:
        assert connected.hello().status_code == 200
        assert connected.api_version()
        for part in (flows_and_deployments, runs, pools, what_flows_keep, slots):
            part(connected)
    print("all calls answered")
