"""What importing prefect does where it is not installed."""

raise ModuleNotFoundError("No module named 'prefect'", name="prefect")
