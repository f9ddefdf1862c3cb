"""Flows of Prefect, with and without the package."""

from prefect import flow  # type: ignore[import-not-found, unused-ignore]  # found at run time


@flow  # type: ignore[untyped-decorator, unused-ignore]  # prefect has types only where it is
def orders(order_id: str) -> None:
    print(f"order {order_id}")
