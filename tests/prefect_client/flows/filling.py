"""Puts one object of each kind into Prefect's own server."""

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, WorkPoolCreate
from prefect.events import DeploymentEventTrigger
from prefect.variables import Variable


@flow
def pack(order_id: str = "none") -> None:
    pass


if __name__ == "__main__":
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name="shop", type="process", concurrency_limit=3))
        client.create_work_queue("fast", work_pool_name="shop", priority=2)
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name="db", limit=4))
        client.create_concurrency_limit(tag="heavy", concurrency_limit=2)
    Variable.set("region", {"name": "eu"})
    deployment = pack.to_deployment(
        "nightly",
        cron="0 2 * * *",
        work_pool_name="shop",
        work_queue_name="fast",
        concurrency_limit=1,
        triggers=[DeploymentEventTrigger(expect={"order.paid"})],
    )
    deployment.entrypoint = "filling.py:pack"
    deployment.apply()
