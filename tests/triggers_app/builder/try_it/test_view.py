"""Trying for real: fire by hand, send a test event, and watch both."""

import html
import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from events_app.models import Reader
from project.lib import redis_client
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.parameters import chosen_event
from triggers_app.builder.try_it.service import EXAMPLE, event_for
from triggers_app.models import ActionRun, Automation, Draft, Firing
from triggers_app.services.preview_firing import trigger_of

TRIGGER = {
    "type": "event", "posture": "Reactive", "expect": ["orders.file.landed"], "threshold": 1,
    "match": {"prefect.resource.id": "s3://in/*"}, "match_related": {}, "after": [],
    "for_each": ["customer"], "within": 0.0,
}  # fmt: skip
ABSENCE = {**TRIGGER, "posture": "Proactive", "within": 60.0}


@pytest.fixture
def landed(db: None) -> Automation:
    """It runs nightly-load / prod with values of the event."""
    found = scene.automation("landed", runs=scene.deployment(), trigger=identified(TRIGGER))
    found.document["actions"][0]["parameters"] = {"customer": "{{ event.resource.customer }}"}
    found.save()
    return found


def identified(trigger: dict[str, Any]) -> dict[str, Any]:
    return {**trigger, "id": str(uuid4())}


def said(response: Any) -> str:
    return html.unescape(response.content.decode())


def fire_address(automation: Automation, name: str = "fire") -> str:
    return reverse(f"builder:{name}", args=[automation.pk])


def test_it_says_what_will_happen_with_the_newest_event(editor: Client, landed: Automation) -> None:
    event = scene.event()

    page, part = (editor.get(fire_address(landed), headers=headers) for headers in ({}, HTMX))

    assert said(part).startswith('<section class="panel fire" id="fire"')
    assert "Run nightly-load / prod" in said(page)
    assert '"customer": "acme"' in said(page)
    assert f'value="{event.id}" selected' in said(page)


def test_without_events_an_example_is_made_up(editor: Client, landed: Automation) -> None:
    text = said(editor.get(fire_address(landed)))

    assert "so an example is made up" in text
    assert '"customer": "example"' in text


@pytest.mark.parametrize("env", [["!exam*"], "prod"], ids=["all but", "one"])
def test_trying_it_and_parameters_show_the_same_example(landed: Automation, env: Any) -> None:
    trigger = {**landed.document["trigger"], "match": {"env": env}}
    draft = Draft(document={**landed.document, "trigger": trigger}, author="eda", chosen={})
    parsed = trigger_of(draft.document)
    assert parsed is not None

    tried = event_for(parsed, EXAMPLE, now=scene.NOW)
    shown = chosen_event.chosen_event(draft, parsed, now=scene.NOW)

    assert tried == shown.recorded


def test_what_will_be_refused_is_said_before(editor: Client, landed: Automation) -> None:
    landed.document["actions"][0]["parameters"] = {"n": "{{ event.payload.rows }}"}
    landed.save()

    text = said(editor.get(fire_address(landed)))

    assert "This will be refused." in text
    assert "rows` does not exist" in text or "rows</code> does not exist" in text


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "without a script"])
def test_firing_leads_to_how_it_goes_on(
    editor: Client, landed: Automation, headers: dict[str, str]
) -> None:
    event = scene.event()
    fields = {"event": str(event.id), "key": "once"}

    response = editor.post(fire_address(landed, "fire-now"), fields, headers=headers, follow=True)

    firing = Firing.objects.get()
    assert (firing.by_hand, firing.labels) == ("eda", {"customer": "acme"})
    assert "Fired by hand" in said(response)
    assert f"/firings/{firing.pk}/" in said(response)


def test_a_double_click_fires_once(editor: Client, landed: Automation) -> None:
    fields = {"event": "example", "key": "the same form"}

    for _ in range(2):
        editor.post(fire_address(landed, "fire-now"), fields, headers=HTMX)

    assert (Firing.objects.count(), ActionRun.objects.count()) == (1, 1)


def test_an_event_that_is_gone_is_not_fired_with(editor: Client, landed: Automation) -> None:
    fields = {"event": str(uuid4()), "key": "k"}

    response = editor.post(fire_address(landed, "fire-now"), fields, headers=HTMX)

    assert response.status_code == 422
    assert "Choose another one." in said(response)
    assert not Firing.objects.exists()


def test_an_absence_is_fired_without_an_event(editor: Client) -> None:
    automation = scene.automation("silent", trigger=identified(ABSENCE))

    assert '"absence" selected' in said(editor.get(fire_address(automation)))
    editor.post(fire_address(automation, "fire-now"), {"event": "absence", "key": "k"})

    assert Firing.objects.get().triggering_event is None


def test_only_editors_fire(viewer: Client, landed: Automation) -> None:
    assert viewer.get(fire_address(landed)).status_code == 403
    assert viewer.post(fire_address(landed, "fire-now"), {"event": "example"}).status_code == 403
    assert "Fire once" not in said(viewer.get(f"/automations/{landed.pk}/"))


@pytest.mark.parametrize("name", ["fire", "fire-now"])
def test_what_is_not_there_cannot_be_fired(editor: Client, name: str) -> None:
    address = reverse(f"builder:{name}", args=[uuid4()])
    response = editor.get(address) if name == "fire" else editor.post(address)

    assert response.status_code == 404


def test_the_page_looks_again_until_all_has_ended(editor: Client, landed: Automation) -> None:
    editor.post(fire_address(landed, "fire-now"), {"event": "example", "key": "k"})
    through = reverse("builder:through", args=[Firing.objects.get().pk])

    waiting = said(editor.get(through, headers=HTMX))
    run = scene.run(scene.deployment("other"), states="SPRC")
    ActionRun.objects.update(state="done", flow_run_id=run.pk)
    ended = said(editor.get(through, headers=HTMX))

    assert 'hx-trigger="every 1s"' in waiting
    assert 'hx-trigger="every 1s"' not in ended
    assert ("Completed" in ended, run.name in ended) == (True, True)


def test_what_is_shown_already_is_not_sent_again(editor: Client, landed: Automation) -> None:
    editor.post(fire_address(landed, "fire-now"), {"event": "example", "key": "k"})
    through = reverse("builder:through", args=[Firing.objects.get().pk])
    seen = said(editor.get(through, headers=HTMX)).split("?seen=")[1].split('"')[0]

    assert editor.get(through, {"seen": seen}, headers=HTMX).status_code == 204


def test_the_firing_tells_that_somebody_made_it(editor: Client, landed: Automation) -> None:
    editor.post(fire_address(landed, "fire-now"), {"event": "example", "key": "k"})

    text = said(editor.get(f"/firings/{Firing.objects.get().pk}/"))

    assert "by hand" in text
    assert "eda" in text


def drafted(trigger: dict[str, Any] = TRIGGER, *, author: str = "eda") -> Draft:
    document = {"name": "mine", "trigger": trigger, "actions": []}
    return drafts.open_new(document, author=author, now=scene.NOW)


def tab_of(draft: Draft) -> str:
    return reverse("builder:try", args=[draft.pk])


def test_an_unsaved_draft_is_to_be_saved_first(editor: Client) -> None:
    text = said(editor.get(tab_of(drafted()), headers=HTMX))

    assert "Save it first" in text
    assert "Fire it once" not in text


def test_a_saved_draft_can_be_fired_beside_its_form(editor: Client, landed: Automation) -> None:
    draft = drafts.open_for(landed.pk, author="eda", now=scene.NOW)

    assert "Run nightly-load / prod" in said(editor.get(tab_of(draft), headers=HTMX))


def test_the_form_holds_an_event_that_the_draft_wants(editor: Client) -> None:
    text = said(editor.get(tab_of(drafted()), headers=HTMX))

    assert '"event": "orders.file.landed"' in text
    assert '"prefect.resource.id": "s3://in/example"' in text
    assert '"flint.test": "true"' in text


def test_each_part_of_a_group_has_an_event_of_its_own(editor: Client) -> None:
    parts = [TRIGGER, {**TRIGGER, "expect": ["inventory.done"], "match": {}}]
    draft = drafted({"type": "sequence", "within": 60, "triggers": parts})
    second = draft.document["trigger"]["triggers"][1]["id"]

    address = reverse("builder:test-event", args=[draft.pk])
    text = said(editor.get(address, {"leaf": second}, headers=HTMX))

    assert '"event": "inventory.done"' in text
    assert text.count('aria-current="true"') == 1


def test_who_else_will_see_the_event_is_said(editor: Client, landed: Automation) -> None:
    text = said(editor.get(tab_of(drafted()), headers=HTMX))

    assert "1 saved automation will see it" in text
    assert f"/automations/{landed.pk}/" in text


def send(editor: Client, draft: Draft, text: str, **fields: str) -> Any:
    given = {"text": text, "do": "send", "event_id": str(uuid4()), **fields}
    return editor.post(reverse("builder:send", args=[draft.pk]), given, headers=HTMX)


def an_event(**fields: Any) -> str:
    resource = {"prefect.resource.id": "s3://in/1", "customer": "acme"}
    return json.dumps({"event": "orders.file.landed", "resource": resource, **fields})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "line 1, column 2"),
        ("[]", "JSON object"),
        ('{"event": "a"}', "resource"),
        (an_event(payload=[1]), "payload"),
        ("[" * 100_000, "cannot be read"),
        ('{"event": NaN}', "event"),
        ("1" * 5_000, "cannot be read"),
    ],
    ids=["cut", "a list", "no resource", "payload", "deep", "nan", "a long number"],
)
def test_an_event_that_cannot_be_is_told_and_kept(editor: Client, text: str, problem: str) -> None:
    response = send(editor, drafted(), text)

    assert response.status_code == 422
    assert problem in said(response)
    assert text[:50] in said(response)


def test_an_event_that_is_sent_is_followed(editor: Client) -> None:
    redis_client.client().flushall()
    draft = drafted()

    response = send(editor, draft, an_event())

    assert response.status_code == 200
    assert "Accepted" in said(response)
    assert 'hx-trigger="every 1s"' in said(response)


def test_an_event_sent_twice_is_in_the_log_once(editor: Client) -> None:
    client = redis_client.client()
    client.flushall()
    draft, same = drafted(), str(uuid4())

    for _ in range(2):
        send(editor, draft, an_event(), event_id=same)

    assert log_length(client) == 1


def log_length(client: Any) -> int:
    streams = [key for key in client.scan_iter() if client.type(key) == b"stream"]
    return sum(client.xlen(key) for key in streams)


@pytest.mark.parametrize(("behind", "shown"), [(True, "Evaluated"), (False, "This draft:")])
def test_each_step_is_shown_when_it_is_taken(editor: Client, behind: bool, shown: str) -> None:
    event = scene.event()
    ms = 0 if behind else event.log_ms + 1
    Reader.objects.update_or_create(name="evaluate", defaults={"position_ms": ms})
    draft = drafted()

    address = reverse("builder:sent", args=[draft.pk, event.id])
    text = said(editor.get(address, {"at": "nonsense"}, headers=HTMX))

    assert shown in text
    assert ('hx-trigger="every 1s"' in text) is behind


def test_checking_sends_nothing(editor: Client, landed: Automation) -> None:
    client = redis_client.client()
    client.flushall()

    response = send(editor, drafted(), an_event(), do="check")

    assert "1 saved automation will see it" in said(response)
    assert log_length(client) == 0


def test_somebody_elses_draft_is_not_there(editor: Client) -> None:
    draft = drafted(author="ada")

    assert editor.get(tab_of(draft)).status_code == 404
    assert send(editor, draft, an_event()).status_code == 404


def test_a_trigger_that_cannot_be_read_has_no_event(editor: Client) -> None:
    text = said(editor.get(tab_of(drafted({"type": "event"})), headers=HTMX))

    assert "cannot be read yet" in text


def test_lists_of_firings_tell_which_were_made_by_hand(editor: Client, landed: Automation) -> None:
    editor.post(fire_address(landed, "fire-now"), {"event": "example", "key": "k"})

    assert "by hand, eda" in said(editor.get("/firings/"))
    assert "by hand, eda" in said(editor.get(f"/automations/{landed.pk}/"))
