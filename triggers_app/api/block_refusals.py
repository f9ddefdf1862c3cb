"""Refused changes of blocks as answers of the API."""

from collections.abc import Iterator
from contextlib import contextmanager

from project.lib.api_errors import ApiError
from triggers_app.services.block_types import BlockRefused


@contextmanager
def refusals() -> Iterator[None]:
    """Around an operation, as a decorator: what a service refuses becomes the answer."""
    try:
        yield
    except BlockRefused as error:
        raise ApiError(error.status, {"detail": str(error)}) from None
