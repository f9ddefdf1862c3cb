"""A connection to the broker that is lost must not end the worker."""

from project.celery import EagerConnection


class Lost:
    """A channel that cannot put back what it had taken, as its connection is gone."""

    def close(self) -> None:
        raise AttributeError("'NoneType' object has no attribute 'hostname'")


def test_a_channel_without_a_connection_is_closed_without_an_error() -> None:
    connection = EagerConnection("redis://127.0.0.1:1/0")  # type: ignore[no-untyped-call]

    connection.maybe_close_channel(Lost())
