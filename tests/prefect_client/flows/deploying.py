"""Deploys to a pool from Python, without an image."""

import sys
from pathlib import Path

from prefect import flow
from prefect.events import DeploymentCompoundTrigger

SHOP = {"prefect.resource.id": "deployed.shop"}

if __name__ == "__main__":
    flow.from_source(source=str(Path(__file__).parent), entrypoint="orders.py:take").deploy(
        name=sys.argv[1],
        work_pool_name=sys.argv[2],
        build=False,
        push=False,
        triggers=[
            DeploymentCompoundTrigger(
                name="shipped and billed",
                require="all",
                triggers=[
                    {"type": "event", "match": SHOP, "expect": ["deployed.shipped"]},
                    {"type": "event", "match": SHOP, "expect": ["deployed.billed"]},
                ],
                parameters={"order": "{{ event }}"},
            )
        ],
    )
