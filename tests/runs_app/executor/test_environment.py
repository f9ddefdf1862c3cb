"""What a flow's process gets to know of its server."""

from runs_app.executor.environment import flow_environment

SERVER = {
    "PATH": "/bin",
    "LC_ALL": "C",
    "SECRET_KEY": "s",
    "DATABASE_URL": "d",
    "REDIS_URL": "r",
    "FLINT_API_KEY": "k",
    "PREFECT_API_AUTH_STRING": "a",
    "AWS_SECRET_ACCESS_KEY": "w",
}


def test_nothing_but_the_listed_variables_is_passed_on() -> None:
    assert flow_environment(SERVER, extra=None, facts={}) == {
        "PATH": "/bin",
        "LC_ALL": "C",
        "PYTHONUNBUFFERED": "1",
    }


def test_job_variables_add_change_and_remove() -> None:
    extra = {"TZ": "UTC", "LC_ALL": None, "N": 5, "": "x", "a=b": "x", "nul": "\0"}

    assert flow_environment(SERVER, extra=extra, facts={"FLINT_FLOW_NAME": "f"}) == {
        "PATH": "/bin",
        "TZ": "UTC",
        "N": "5",
        "PYTHONUNBUFFERED": "1",
        "FLINT_FLOW_NAME": "f",
    }


def test_an_env_that_is_no_object_is_ignored() -> None:
    assert "PATH" in flow_environment(SERVER, extra=["x"], facts={})


def test_variables_of_before_that_are_refused_now_are_left_out() -> None:
    extra = {"PATH": "/x", "PYTHONPATH": "/x", "ld_preload": "/x.so", "BROWSER": "x", "STAGE": "s"}

    found = flow_environment(SERVER, extra=extra, facts={})

    assert (found["PATH"], found["STAGE"]) == ("/bin", "s")
    assert found.keys().isdisjoint({"PYTHONPATH", "ld_preload", "BROWSER"})
