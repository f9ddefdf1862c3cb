"""The template editor: what each value comes to on an event, by production's own functions."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from runs_app.models import Deployment
from tests.triggers_app.block_rows import block_row
from tests.web import scene
from triggers_app.automation.lint.context import LintContext, Rendering
from triggers_app.automation.lint.registry import lint
from triggers_app.automation.parsing import parse_automation
from triggers_app.builder.parameters import service as parameters
from triggers_app.builder.parameters.checks import Check
from triggers_app.builder.parameters.service import ActionTexts, Editor
from triggers_app.models import Draft

pytestmark = pytest.mark.django_db
TRIGGER = {"type": "event", "posture": "Reactive", "expect": ["orders.file.landed"]}
PAYLOAD = {"rows": 5210, "max_rows": "5000", "note": "from the night shift", "share": 0.5,
           "files": ["a.csv"], "ready": True, "day": "2026-11-23", "at": "2026-11-23T12:00:00Z",
           "who": {"name": "ana"}}  # fmt: skip
TYPES: dict[str, dict[str, Any]] = {
    "whole": {"type": "integer", "minimum": 1},
    "text": {"type": "string"},
    "day": {"type": "string", "format": "date"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object"},
    "choice": {"enum": ["append", "replace"]},
    "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
}


def deployment(**fields: Any) -> Deployment:
    schema = {"type": "object", "properties": TYPES}
    return scene.deployment(**{"parameter_openapi_schema": schema} | fields)


def run_of(target: Deployment | None, **values: Any) -> dict[str, Any]:
    chosen = {"source": "inferred"} if target is None else {"deployment_id": str(target.pk)}
    return {"type": "run-deployment", **chosen, "parameters": values}


def draft_of(*actions: dict[str, Any], **fields: Any) -> Draft:
    document = {"name": "a", "trigger": TRIGGER, "actions": list(actions), **fields}
    return Draft(document=document, author="eda")


def editor_of(*actions: dict[str, Any], **fields: Any) -> Editor:
    draft = draft_of(*actions, **fields)
    return Editor(draft, draft.document, now=scene.NOW)


def tried(action: dict[str, Any], **event: Any) -> ActionTexts:
    scene.event(payload=PAYLOAD, **event)
    return editor_of(action).action(("actions", 0))


def check(name: str, value: Any) -> Check:
    return said_of(name, tried(run_of(deployment(), **{name: value})))


def said_of(name: str, action: ActionTexts) -> Check:
    return next(each.check for each in action.rows if each.row.name == name)


@pytest.mark.parametrize(
    ("name", "value", "state", "shown", "word"),
    [
        ("whole", 7, "fine", "7", "whole number"),
        ("whole", "7", "fine", '"7"', "text"),
        ("whole", "many", "wrong", '"many"', "text"),
        ("whole", 0, "wrong", "0", "whole number"),
        ("whole", "{{ event.payload.rows }}", "fine", "5210", "whole number"),
        ("whole", "{{ event.payload.max_rows }}", "fine", '"5000"', "text"),
        ("whole", "{{ event.payload.note }}", "wrong", '"from the night shift"', "text"),
        ("whole", "{{ event.payload.share }}", "wrong", "0.5", "number"),
        ("whole", "{{ event.payload.raws }}", "undefined", "", ""),
        ("whole", "{{ event.payload.rows", "broken", "", ""),
        ("text", "x", "fine", '"x"', "text"),
        ("text", 5, "fine", "5", "whole number"),
        ("text", None, "fine", "null", "null"),
        ("text", "n = {{ event.payload.rows }}", "fine", '"n = 5210"', "text"),
        ("text", "{{ event.payload.rows }}", "fine", "5210", "whole number"),
        ("day", "{{ event.payload.day }}", "fine", '"2026-11-23"', "text"),
        ("day", "{{ event.payload.at }}", "wrong", '"2026-11-23T12:00:00Z"', "text"),
        ("number", "{{ event.payload.share }}", "fine", "0.5", "number"),
        ("flag", "{{ event.payload.ready }}", "fine", "true", "true or false"),
        ("flag", "yes", "wrong", '"yes"', "text"),
        ("list", "{{ event.payload.files }}", "fine", '[\n  "a.csv"\n]', "list"),
        ("list", "{{ event.payload.note }}", "wrong", '"from the night shift"', "text"),
        ("object", "{{ event.payload.who }}", "fine", '{\n  "name": "ana"\n}', "object"),
        ("choice", "append", "fine", '"append"', "text"),
        ("choice", "upsert", "wrong", '"upsert"', "text"),
        ("maybe", None, "fine", "null", "null"),
        ("stranger", {"a": 1}, "fine", '{\n  "a": 1\n}', "object"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_value_is_rendered_and_judged_as_in_production(
    name: str, value: Any, state: str, shown: str, word: str
) -> None:
    found = check(name, value)

    assert (found.state, found.value, found.type) == (state, shown, word)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("whole", "many", "'many' is not of type 'integer'."),
        ("whole", 0, "0 is less than the minimum of 1."),
        ("whole", "{{ event.payload.raws }}",
         "`raws` does not exist; the nearest name is `rows`."),
        ("list", [None], "[0]: None is not of type 'string'."),
        ("day", "2026-11-23T12:00:00Z", "'2026-11-23T12:00:00Z' is not a 'date'."),
        ("list", "[1,", "'[1,' is not of type 'array'. It was taken as text, as it is not JSON: "
         "Expecting value: line 1 column 4 (char 3)."),
        ("stranger", {"a": "{{ b }}"}, "a: `b` does not exist."),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(name: str, value: Any, sentence: str) -> None:
    assert check(name, value).sentence.startswith(sentence.removesuffix("."))


@pytest.mark.parametrize(
    ("name", "value", "helps"),
    [
        ("whole", "{{ event.payload.raws }}",
         [("use rows", "template", "{{ event.payload.rows }}")]),
        ("whole", "{{ event.payload.max_rows }}",
         [("make it typed: | int", "template", "{{ event.payload.max_rows | int }}")]),
        ("whole", "{{ event.payload.share }}", []),  # would be 0, which is less than 1
        ("whole", "{{ event.payload.note }}", []),
        ("whole", "7", [("make it typed: 7", "literal", "7")]),
        ("text", 5, [("make it text", "literal", "5")]),
        ("text", "{{ event.payload.rows }}",
         [("make it typed: | string", "template", "{{ event.payload.rows | string }}")]),
        ("list", "{{ event.payload.note }}",
         [("make it a list", "template", "{{ [event.payload.note] }}")]),
        ("whole", 7, []),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_only_what_helps_is_offered(name: str, value: Any, helps: list[Any]) -> None:
    assert [(one.label, one.mode, one.text) for one in check(name, value).helps] == helps


def test_conversion_by_the_schema_is_told() -> None:
    note = check("whole", "{{ event.payload.max_rows }}").note

    assert note == "The text becomes the whole number 5000, as the schema allows it."


def test_conversion_within_a_list_is_told() -> None:
    note = check("list", ["{{ event.payload.rows }}"]).note

    assert note == 'It becomes [\n  "5210"\n], as the schema allows it.'


def test_broken_value_does_not_hide_what_is_wrong_with_the_others() -> None:
    action = tried(run_of(deployment(), text="{{ nothing }}", whole="many", flag=True))

    states = {each.row.name: each.check.state for each in action.rows}
    assert (states["text"], states["whole"], states["flag"]) == ("undefined", "wrong", "fine")


def test_required_value_that_nobody_gives_is_missing() -> None:
    schema = {"type": "object", "required": ["day"], "properties": {"day": {"type": "string"}}}

    action = tried(run_of(deployment(parameter_openapi_schema=schema)))

    assert (action.rows[0].check.state, action.bad) == ("missing", 1)
    assert "'day' is a required property" in action.refusal


def test_value_of_the_deployment_holds_where_none_is_set() -> None:
    found = said_of("whole", tried(run_of(deployment(parameters={"whole": 12}))))

    assert (found.state, found.value, found.note) == ("unset", "12", "from the deployment")


def test_unfit_value_of_the_deployment_is_told_where_none_is_set() -> None:
    found = said_of("whole", tried(run_of(deployment(parameters={"whole": "many"}))))

    assert found.sentence.startswith("What the deployment gives does not fit: 'many'")


def test_parameter_that_the_schema_does_not_know_is_not_called_valid() -> None:
    schema = {"properties": TYPES, "additionalProperties": False}
    action = tried(run_of(deployment(parameter_openapi_schema=schema), stranger=1, text="x"))

    stranger, text = said_of("stranger", action), said_of("text", action)

    assert (stranger.state, text.state) == ("wrong", "fine")
    assert "Additional properties are not allowed ('stranger' was unexpected)" in stranger.sentence


def test_schema_that_is_not_enforced_refuses_nothing() -> None:
    action = tried(run_of(deployment(enforce_parameter_schema=False), whole="many"))

    assert (action.enforced, action.refusal) == (False, "")
    assert said_of("whole", action).state == "wrong"


def test_inferred_deployment_is_that_of_the_event() -> None:
    found = deployment()
    resource = f"prefect.deployment.{found.pk}"

    action = tried(run_of(None, whole="many"), resource_id=resource)

    assert (action.target, said_of("whole", action).state) == ("nightly-load / prod", "wrong")


def test_without_a_deployment_templates_are_rendered_and_types_left_open() -> None:
    action = tried(run_of(None, whole="{{ event.payload.rows }}"))

    assert (action.inferred, action.has_schema) == (True, False)
    assert (action.rows[0].check.state, action.rows[0].check.value) == ("open", "5210")


@pytest.mark.parametrize("chosen", ["", "no id", 5, None], ids=str)
def test_deployment_that_is_no_id_is_none(chosen: Any) -> None:
    action = tried({"type": "run-deployment", "deployment_id": chosen, "parameters": {"a": 1}})

    assert (action.target, [each.row.name for each in action.rows]) == ("", ["a"])


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"actions": 5},
        {"actions": ["a", None, {"type": "run-deployment", "parameters": [1]}]},
        {
            "trigger": [],
            "actions": [{"type": "run-deployment", "parameters": {"a": "{{ firings }}"}}],
        },
        {"trigger": {"triggers": 5}, "actions": [{"type": "send-notification", "body": 5}]},
        {"trigger": None, "actions": [{"type": "call-webhook", "payload": {"a": 1}}]},
        {"actions_on_resolve": [{"type": "call-webhook", "url": 5, "headers": []}]},
    ],
    ids=lambda value: str(value)[:50],
)
def test_document_that_is_not_done_yet_is_shown_all_the_same(document: Any) -> None:
    editor = Editor(Draft(document=document, author="eda"), document, now=scene.NOW)

    assert len(editor.actions) == len(editor.jobs)
    assert len(editor.fingerprint()) == 16


def test_templates_after_a_firing_see_the_event_that_tells_of_it() -> None:
    scene.event(payload=PAYLOAD)
    values = {"a": "{{ event.event }}", "b": "{{ firing.triggering_event.payload.rows }}"}
    editor = editor_of(actions_on_trigger=[run_of(None, **values)])

    rows = editor.action(("actions_on_trigger", 0)).rows

    assert [row.check.value for row in rows] == ['"prefect.automation.triggered"', "5210"]


def test_numbers_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    target = deployment()
    scene.event(payload=PAYLOAD)
    editor = editor_of(
        run_of(target, text="{{ deployment.name }} {{ flow.name }}"),
        run_of(target, text="{{ flow_run.name }}"),
        {"type": "send-notification", "block_document_id": str(scene.NOBODY), "body": "x"},
    )

    # The newest events in a savepoint with its time (4), deployments, blocks.
    with django_assert_num_queries(6):
        assert len(editor.actions) == 3


def texts(action: dict[str, Any]) -> ActionTexts:
    return tried(action)


def block(slug: str = "slack-webhook", **data: Any) -> str:
    data = {"url": "https://hooks.example/T0/secret"} | data
    return str(block_row(slug, data).pk)


def test_bytes_of_a_notification_are_those_that_would_be_sent() -> None:
    action = texts({"type": "send-notification", "block_document_id": block(),
                    "body": "{{ event.payload.rows }} ü"})  # fmt: skip

    assert action.sent is not None
    assert action.sent.body == ('{"text": "*Prefect automated notification*\\n\\n5210 \\u00fc"}')
    assert (action.sent.size, action.sent.is_json) == (len(action.sent.body), True)
    assert action.sent.url == "https://hooks.example/********"


def test_webhook_of_its_own_shows_its_address_and_masks_its_headers() -> None:
    action = texts({"type": "call-webhook", "url": "https://a.example/x", "method": "PUT",
                    "headers": {"Authorization": "Bearer 123"},
                    "payload": "ü {{ event.payload.rows }}"})  # fmt: skip

    assert action.sent is not None
    assert (action.sent.method, action.sent.url) == ("PUT", "https://a.example/x")
    assert dict(action.sent.headers)["Authorization"] == "********"
    assert (action.sent.body, action.sent.size, action.sent.is_json) == ("ü 5210", 7, False)


def test_text_that_cannot_be_rendered_sends_nothing() -> None:
    action = texts({"type": "send-notification", "block_document_id": block(),
                    "subject": "{{ event.payload.raws }}", "body": "x"})  # fmt: skip

    subject, body = (each.check for each in action.rows)
    assert (subject.state, body.state, action.sent) == ("undefined", "open", None)
    assert [one.text for one in subject.helps] == ["{{ event.payload.rows }}"]


def test_block_of_another_kind_is_refused_in_words() -> None:
    action = texts(
        {"type": "call-webhook", "block_document_id": block("slack-webhook"), "payload": "x"}
    )

    assert "needs webhook" in action.refusal


def test_without_an_address_the_text_is_rendered() -> None:
    action = texts({"type": "call-webhook", "payload": "{{ event.payload.rows }}"})

    assert (action.rows[0].check.value, action.sent) == ("5210", None)
    assert action.refusal == "It is not known where to send it: choose that above."


def test_lint_is_told_what_production_would_render() -> None:
    scene.event(payload=PAYLOAD)
    draft = draft_of(
        run_of(deployment(), whole="{{ event.payload.raws }}", text=["{{ event.payload.rows }}"])
    )

    found = parameters.rendered_facts(draft, now=scene.NOW)

    at = ("actions", 0, "parameters")
    assert found[*at, "text"] == Rendering([5210])
    assert "the nearest name is `rows`" in str(found[*at, "whole"].problem)
    codes = {
        one.code for one in lint(parse_automation(draft.document), LintContext(rendered=found))
    }
    assert "L10" in codes


def test_fields_of_payloads_are_those_of_events_that_match() -> None:
    scene.event(payload={"rows": 1})
    scene.event(payload={"files": 1}, seq=1, received=scene.ago(60))
    scene.event("another", payload={"other": 1}, seq=2)

    assert parameters.payload_fields(draft_of(), now=scene.NOW) == {"rows", "files"}
