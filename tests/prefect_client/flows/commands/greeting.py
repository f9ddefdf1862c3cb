"""A deployment for the commands to look at, run and delete."""

from prefect import flow


@flow(log_prints=True)
def greet(name: str = "you"):
    print(f"got {name}")


if __name__ == "__main__":
    deployment = greet.to_deployment("here")
    deployment.entrypoint = "greeting.py:greet"
    deployment.apply()
