"""Keeping a firing or an event as a test, and what the builder says of it on every edit."""

import re
from datetime import timedelta
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from events_app.domain.event import from_ms
from project.lib.clock import utcnow
from tests.menagerie import proactive, reactive
from tests.web import scene
from tests.web.fixtures import HTMX, signed_in
from triggers_app.automation.formats.yaml import automation as automation_yaml
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.running_tests import run_tests
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Automation, Draft
from triggers_app.services import authoring

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tables")]
TWICE = reactive("landed", threshold=2, within=600)


def landed(*minutes: float) -> list[Any]:
    return [
        scene.event("landed", received=utcnow() - timedelta(minutes=one), seq=number)
        for number, one in enumerate(minutes)
    ]


def drafted(trigger: Any = TWICE) -> Draft:
    document = {"name": "a", "trigger": trigger, "actions": [{"type": "do-nothing"}]}
    return drafts.open_new(document, author="eda", now=utcnow())


def keep(client: Client, draft: Draft, event: Any, *, fires: bool) -> Any:
    values = {"event": str(event.id), "fires": "true" if fires else "false"}
    return client.post(reverse("builder:keep-test", args=[draft.pk]), values, follow=True)


def change(client: Client, draft: Draft, do: str, **values: str) -> Any:
    address = reverse("builder:change-test", args=[draft.pk])
    return client.post(address, {"number": "0", "do": do, **values}, headers=HTMX)


def words(response: Any) -> str:
    html = response.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def kept_in(draft: Draft) -> list[Any]:
    draft.refresh_from_db()
    return list(draft.document.get("flint", {}).get("tests", []))


def test_event_is_kept_with_what_led_to_it(eda: Client) -> None:
    draft, (_, _, last) = drafted(), landed(30, 6, 5)

    page = keep(eda, draft, last, fires=True)

    [test] = kept_in(draft)
    assert len(test["events"]) == 2  # the one of half an hour ago is out of its window
    assert "1 of 1 test passes" in words(page)
    assert "must fire · 2 events" in words(page)


def test_edit_that_breaks_a_test_says_so_beside_save(eda: Client) -> None:
    draft, (_, last) = drafted(), landed(6, 5)
    keep(eda, draft, last, fires=True)
    draft.refresh_from_db()
    node = draft.document["trigger"]["id"]

    answer = eda.post(
        reverse("builder:op", args=[draft.pk]),
        {"rev": draft.rev, f"n.{node}.threshold": "3", "at": f"n.{node}"},
        headers=HTMX,
    )

    assert 'id="save-tests" hx-swap-oob="true"> · 0 of 1 test<' in answer.content.decode()
    tab = eda.get(reverse("builder:tests", args=[draft.pk]), headers=HTMX)
    assert "It does not fire: 2 of 2 events" in words(tab)


def test_test_is_renamed_turned_and_deleted_and_each_can_be_undone(eda: Client) -> None:
    draft, (_, last) = drafted(), landed(6, 5)
    keep(eda, draft, last, fires=True)

    change(eda, draft, "rename", name="Two files make a delivery")
    assert kept_in(draft)[0]["name"] == "Two files make a delivery"
    assert "Fails" in words(change(eda, draft, "turn"))
    assert kept_in(draft)[0]["fires"] is False
    change(eda, draft, "delete")
    assert kept_in(draft) == []
    drafts.undo(draft.pk, author="eda", rev=draft.rev, now=utcnow())
    assert len(kept_in(draft)) == 1


def running(**parameters: Any) -> Draft:
    action = {"type": "run-deployment", "deployment_id": str(uuid4()), "parameters": parameters}
    document = {"name": "a", "trigger": TWICE, "actions": [action]}
    return drafts.open_new(document, author="eda", now=utcnow())


def test_parameters_are_kept_compared_and_expected_anew(eda: Client) -> None:
    draft, (_, last) = running(customer="{{ event.resource.customer }}"), landed(6, 5)
    page = keep(eda, draft, last, fires=True)
    assert "with 1 parameter" in words(page)
    assert kept_in(draft)[0]["parameters"] == [{"customer": "acme"}]

    def other(document: Any) -> Any:
        document["actions"][0]["parameters"] = {"customer": "{{ event.resource.id }}"}
        return document

    drafts.edit(draft.pk, author="eda", rev=draft.rev, change=other, label="x", now=utcnow())
    tab = words(eda.get(reverse("builder:tests", args=[draft.pk]), headers=HTMX))
    assert "Fails" in tab and 'customer "acme" "s3://in/acme/3.csv"' in tab

    assert "Passes" in words(change(eda, draft, "expect"))
    assert kept_in(draft)[0]["parameters"] == [{"customer": "s3://in/acme/3.csv"}]
    change(eda, draft, "any")
    assert "parameters" not in kept_in(draft)[0]


@pytest.mark.parametrize("number", ["1", "-1", "x", "9" * 30])
def test_test_that_is_not_there_cannot_be_changed(eda: Client, number: str) -> None:
    draft, (event,) = drafted(), landed(5)
    keep(eda, draft, event, fires=False)

    assert change(eda, draft, "delete", number=number).status_code == 404
    assert len(kept_in(draft)) == 1


def test_too_many_events_are_refused_with_the_reason(eda: Client) -> None:
    draft, events = drafted(), landed(*([5] * 51))

    page = keep(eda, draft, events[-1], fires=True)

    assert "More than 50 events led there" in words(page)
    assert kept_in(draft) == []


def test_event_that_is_gone_is_said(eda: Client) -> None:
    draft = drafted()
    values = {"event": str(uuid4()), "fires": "true"}

    page = eda.post(reverse("builder:keep-test", args=[draft.pk]), values, follow=True)

    assert "not recorded" in words(page)


def saved(*tests: Any, name: str = "a") -> Automation:
    document = {"name": name, "trigger": TWICE, "actions": [{"type": "do-nothing"}]}
    with_tests = {**document, "flint": {"tests": list(tests)}} if tests else document
    return authoring.create(parse_automation(with_tests), author="eda", now=utcnow())


def test_firing_is_kept_in_the_readers_draft_of_its_automation(eda: Client) -> None:
    row, (_, last) = saved(), landed(6, 5)
    firing = scene.firing(row, last)
    assert 'id="keep-firing"' in eda.get(f"/firings/{firing.pk}/").content.decode()

    page = eda.post(
        reverse("builder:keep-firing", args=[firing.pk]), {"fires": "true"}, follow=True
    )

    assert "1 of 1 test passes" in words(page)
    assert len(kept_in(Draft.objects.get(automation=row, author="eda"))) == 1


def test_event_that_was_explained_is_kept_in_the_readers_draft(eda: Client) -> None:
    row, (_, last) = saved(), landed(6, 5)
    address = reverse("builder:keep-explained", args=[row.pk])

    page = eda.post(address, {"event": str(last.id), "fires": "false"}, follow=True)

    assert "Kept as a test of your draft." in words(page)
    [test] = kept_in(Draft.objects.get(automation=row, author="eda"))
    assert (test["fires"], len(test["events"])) == (False, 2)
    gone = eda.post(address, {"event": str(uuid4()), "fires": "true"}, follow=True)
    assert "This event is not recorded" in words(gone)


@pytest.mark.parametrize("event", ["", "none"], ids=["no event", "no id"])
def test_nothing_is_kept_without_an_event(event: str, eda: Client) -> None:
    address = reverse("builder:keep-explained", args=[saved().pk])

    assert eda.post(address, {"event": event}).status_code == 404


def test_automation_that_is_gone_keeps_no_event(eda: Client) -> None:
    (event,) = landed(5)
    address = reverse("builder:keep-explained", args=[uuid4()])

    assert eda.post(address, {"event": str(event.id)}).status_code == 404


def test_viewer_keeps_nothing(eda: Client) -> None:
    row, (event,) = saved(), landed(5)
    firing = scene.firing(row, event)
    viewer = signed_in(User.objects.create_user("vic"))

    assert 'id="keep-firing"' not in viewer.get(f"/firings/{firing.pk}/").content.decode()
    answer = viewer.post(reverse("builder:keep-firing", args=[firing.pk]), {"fires": "true"})
    assert answer.status_code == 403


SILENCE = {"name": "nothing came", "fires": False, "events": []}


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("test_automations", *arguments, stdout=out, stderr=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_command_runs_what_is_saved_and_fails_when_a_test_does() -> None:
    saved(SILENCE, name="calm")
    saved({**SILENCE, "fires": True}, name="wrong")
    saved(name="without")

    code, text = run()

    assert code == 1
    assert "pass  calm · nothing came" in text and "FAIL  wrong · nothing came: It does" in text
    assert text.endswith("1 of 2 tests pass.\n")
    assert run("calm")[0] == 0
    assert run("calm", "nobody") == (
        1,
        "pass  calm · nothing came\nThere is no automation named nobody.\n1 of 1 tests pass.\n",
    )


def test_command_runs_a_file_without_a_database(tmp_path: Path) -> None:
    row = saved(SILENCE)
    file = tmp_path / "a.yaml"
    file.write_text(automation_yaml.write(row.document).text)
    Automation.objects.all().delete()

    assert run("--file", str(file)) == (0, "pass  a · nothing came\n1 of 1 tests pass.\n")


def test_client_of_prefect_that_sends_back_what_it_saw_keeps_them() -> None:
    row = saved(SILENCE)
    sent = parse_automation({"name": "b", "trigger": TWICE, "actions": [], "flint": {}})

    kept = authoring.replace(row.pk, sent, keeps_options=True, author="terraform", now=utcnow())

    assert kept.document["flint"] == {"tests": row.document["flint"]["tests"]}


def keep_sign(client: Client, draft: Draft, sign: str, **more: Any) -> Any:
    return client.post(reverse("builder:keep-sign", args=[draft.pk]), {"sign": sign}, **more)


def test_sign_of_the_time_line_is_kept_without_leaving_the_page(eda: Client) -> None:
    draft, (_, _, last) = drafted(), landed(30, 6, 5)

    answer = keep_sign(eda, draft, f"fires {last.id}", headers=HTMX)

    [test] = kept_in(draft)
    assert test["fires"] is True and len(test["events"]) == 2
    assert "Kept as a test: must fire." in words(answer)
    assert 'id="save-tests" hx-swap-oob="true"> · 1 of 1 test<' in answer.content.decode()


def test_absence_is_kept_by_its_moment(eda: Client) -> None:
    draft = drafted(proactive("heartbeat", after=["started"], within=600))
    began = scene.event("started", received=utcnow() - timedelta(hours=1))
    missed = from_ms(began.log_ms) + timedelta(seconds=600)

    keep_sign(eda, draft, f"fires {missed.isoformat()}")
    keep_sign(eda, draft, f"quiet {missed.isoformat()}")

    fires, quiet = run_tests({**draft.document, "flint": {"tests": kept_in(draft)}})
    assert fires.passes and fires.test.name.startswith("Absence of ")
    assert not quiet.passes


def test_sign_of_an_absence_that_an_event_began_is_kept_as_an_absence(eda: Client) -> None:
    draft = drafted(proactive("heartbeat", after=["started"], within=600))
    scene.event("started", received=utcnow() - timedelta(hours=1))
    page = eda.get(reverse("builder:backtest", args=[draft.pk])).content.decode()
    [sign] = re.findall(r'class="mark mark-fired".*?data-sign="([^"]+)"', page)

    keep_sign(eda, draft, f"fires {unescape(sign)}")

    [result] = run_tests({**draft.document, "flint": {"tests": kept_in(draft)}})
    assert result.passes


@pytest.mark.parametrize("sign", ["", "fires", "fires x", "fires 2026-11-23T04:00:00"])
def test_sign_of_nothing_is_not_there(eda: Client, sign: str) -> None:
    assert keep_sign(eda, drafted(), sign).status_code == 404


def test_sign_that_cannot_be_kept_says_why_in_place(eda: Client) -> None:
    draft = drafted()

    answer = keep_sign(eda, draft, f"fires {uuid4()}", headers=HTMX)

    assert "This event is not recorded" in words(answer)
    assert kept_in(draft) == []
