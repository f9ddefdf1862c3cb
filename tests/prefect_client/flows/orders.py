"""Flows of a shop, deployed and run by the tests with the real client."""

from prefect import flow, task
from prefect.deployments import run_deployment


@flow(log_prints=True)
def take(order: str):
    print(f"got {type(order).__name__} {order}")


@flow(log_prints=True)
def weigh(order: dict, amount: float = 0.0):
    print(f"got {type(order).__name__} {order['event']} {type(amount).__name__} {amount}")


@task(retries=2)
def uncertain(tries: list):
    tries.append(1)
    if len(tries) < 2:
        raise ValueError("not yet")
    return len(tries)


@task
def double(number: int):
    return 2 * number


@task(tags=["scarce"])
def tagged(number: int):
    return number


@flow
def pack(parcels: int):
    return double(parcels)


@flow(log_prints=True)
def everything(number: int = 1):
    doubled = double.map([number, number + 1]).result()
    waited = tagged.submit(5, wait_for=[double.submit(0)]).result()
    print(f"got {doubled} {uncertain([])} {tagged(number)} {pack(4)} {waited}")


@flow(log_prints=True)
def order_and_wait():
    run = run_deployment("pack/served", parameters={"parcels": 3}, timeout=60, poll_interval=1)
    print(f"got {run.state.type.value}")
