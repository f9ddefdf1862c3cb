"""What happens to an order: it is received when its event comes in, then it is shipped."""

from typing import Any


def receive_order(param_1: dict[str, Any], amount: float = 0.0) -> None:
    """Print the values of the event that started this run."""
    print(f"event     {param_1['event']}")
    print(f"occurred  {param_1['occurred']}")
    print(f"resource  {param_1['resource']['prefect.resource.id']}")
    for key, value in param_1["payload"].items():
        print(f"payload   {key} = {value!r}")
    print(f"amount    {amount}")


def ship_order(after_run: str, state: str = "unknown") -> None:
    """Runs when a run of receive-order has completed."""
    print(f"shipping, because {after_run} is {state}")
