import pytest
from celery.worker import state

from project.lib import stopping


def test_nobody_asked() -> None:
    assert not stopping.stop_requested()


@pytest.mark.parametrize("name", ["should_stop", "should_terminate"])
@pytest.mark.parametrize(("value", "asked"), [(0, True), (1, True), (None, False), (False, False)])
def test_an_exit_code_of_zero_is_a_wish_too(
    monkeypatch: pytest.MonkeyPatch, name: str, value: int | None, asked: bool
) -> None:
    monkeypatch.setattr(state, name, value)

    assert stopping.stop_requested() is asked
