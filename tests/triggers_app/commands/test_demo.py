"""`manage.py demo`, as somebody types it."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from demo import clearing, company
from events_app.models import Event
from events_app.storage import reader
from project.lib import redis_client
from project.lib.clock import utcnow
from triggers_app.automation.parsing import parse_automation
from triggers_app.services import authoring

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    redis_client.client().flushall()
    # Nobody records here; there is nothing to wait for.
    monkeypatch.setattr(clearing, "RECORD_SECONDS", 0.0)
    monkeypatch.setattr(company, "WEEK", timedelta(days=1))
    yield
    reader.close_idle()
    Event.objects.all().delete()  # the table of events is not Django's to empty


def demo(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_it_says_what_it_made_and_what_it_removed() -> None:
    assert "8 deployments, 15 automations, and a week of" in demo()
    assert "is here already" in demo()
    assert "Removed the demo" in demo("--clear")
    assert not Event.objects.exists()


def test_beside_automations_of_others_it_wants_to_be_forced() -> None:
    document = {"name": "Theirs", "trigger": {"posture": "Reactive"}, "actions": []}
    authoring.create(parse_automation(document), author="them", now=utcnow())
    with pytest.raises(CommandError, match=r"of other people are here \(1\)"):
        demo()
