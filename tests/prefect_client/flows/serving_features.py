"""One process that serves what the slow tests run."""

from features import dying, failing, slow, tell
from orders import order_and_wait, pack
from prefect import serve

if __name__ == "__main__":
    serve(
        *(each.to_deployment("here") for each in (slow, dying, failing, tell)),
        order_and_wait.to_deployment("here"),
        pack.to_deployment("served"),
    )
