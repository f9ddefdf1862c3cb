"""One process that serves a deployment for every class of trigger."""

from datetime import timedelta

from orders import everything, pack, take, weigh
from prefect import serve
from prefect.events import (
    DeploymentCompoundTrigger,
    DeploymentEventTrigger,
    DeploymentMetricTrigger,
    DeploymentSequenceTrigger,
)
from prefect.events.schemas.automations import MetricTriggerQuery

SHOP = {"prefect.resource.id": "served.shop"}


def of_one(name):
    return {"type": "event", "match": SHOP, "expect": [name]}


if __name__ == "__main__":
    serve(
        take.to_deployment(
            "on-one",
            triggers=[
                DeploymentEventTrigger(
                    match=SHOP, expect=["served.placed"], parameters={"order": "{{ event }}"}
                )
            ],
        ),
        weigh.to_deployment(
            "on-all",
            triggers=[
                DeploymentCompoundTrigger(
                    name="packed and paid",
                    require="all",
                    within=timedelta(minutes=5),
                    triggers=[of_one("served.packed"), of_one("served.paid")],
                    parameters={
                        "order": "{{ event }}",
                        "amount": "{{ event.payload.amount }}",
                    },
                )
            ],
        ),
        take.to_deployment(
            "in-order",
            triggers=[
                DeploymentSequenceTrigger(
                    triggers=[of_one("served.first"), of_one("served.second")],
                    within=timedelta(minutes=5),
                    parameters={"order": "{{ event.event }}"},
                )
            ],
        ),
        take.to_deployment(
            "when-measured",
            triggers=[
                DeploymentMetricTrigger(
                    match={"prefect.resource.id": "prefect.flow-run.*"},
                    match_related={
                        "prefect.resource.role": "flow",
                        "prefect.resource.name": "pack",
                    },
                    metric=MetricTriggerQuery(
                        name="successes", operator=">", threshold=0, firing_for=300, range=900
                    ),
                    parameters={"order": "measured"},
                )
            ],
        ),
        everything.to_deployment("served"),
        pack.to_deployment("served"),
    )
