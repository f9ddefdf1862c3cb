"""What the process remembers of automations must not outlive a test's database."""

from collections.abc import Iterator

import pytest

from tests.plugin import services_wanted


@pytest.fixture(autouse=True)
def no_automations_of_an_earlier_test() -> Iterator[None]:
    yield
    if services_wanted():
        from triggers_app.services import cycle_guard
        from triggers_app.services.building import facts, numbers, suggesting

        cycle_guard.forget()
        facts.forget()
        numbers.forget()
        suggesting.forget()
