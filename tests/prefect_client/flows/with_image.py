"""Deploys a flow that an image holds: the documentation's example, with an image that is there."""

from prefect import flow
from prefect.events import DeploymentCompoundTrigger

EXTERNAL = {"prefect.resource.id": "my.external.resource"}


@flow(log_prints=True)
def in_image(param_1: str):
    print(param_1)


if __name__ == "__main__":
    in_image.deploy(
        name="my-deployment",
        image="my-image-registry/my-image:my-tag",
        work_pool_name="docker-pool",
        build=False,
        push=False,
        triggers=[
            DeploymentCompoundTrigger(
                enabled=True,
                name="my-compound-trigger",
                require="all",
                triggers=[
                    {"type": "event", "match": EXTERNAL, "expect": ["external.resource.pinged"]},
                    {"type": "event", "match": EXTERNAL, "expect": ["external.resource.replied"]},
                ],
                parameters={"param_1": "{{ event }}"},
            )
        ],
    )
