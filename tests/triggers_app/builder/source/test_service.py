"""The panes of a draft: what is typed is taken over, or kept until it can be read."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from project.lib.json_documents import Document
from triggers_app.automation.formats.registry import Format
from triggers_app.automation.formats.yaml import automation as automation_yaml
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.source import importing
from triggers_app.builder.source import service as panes
from triggers_app.models import Draft

NOW = datetime(2026, 11, 21, 4, 12, tzinfo=UTC)
ME = {"author": "eda", "now": NOW}
DOCUMENT: Document = {
    "name": "orders",
    "enabled": True,
    "trigger": {
        "type": "compound",
        "require": "all",
        "within": 1800,
        "triggers": [
            {"type": "event", "posture": "Reactive", "expect": ["orders.landed"], "threshold": 1},
            {"type": "event", "posture": "Reactive", "expect": ["inventory.done"], "threshold": 1},
        ],
    },
    "actions": [{"type": "do-nothing"}],
}


@pytest.fixture
def draft(db: None) -> Draft:
    return drafts.open_new(DOCUMENT, author="eda", now=NOW)


def ids(draft: Draft) -> list[str]:
    trigger = draft.document["trigger"]
    return [trigger["id"], *(child["id"] for child in trigger["triggers"])]


def found(draft: Draft) -> Draft:
    return drafts.find(draft.pk, author="eda")


def yaml(draft: Draft) -> str:
    return panes.pane_of(found(draft), Format.YAML).text


def typed(draft: Draft, text: str, format: Format = Format.YAML, *, rev: int = 1) -> panes.Pane:
    return panes.take(found(draft), format, text, rev=rev, **ME)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("format", list(Format))
def test_a_pane_shows_the_draft_without_the_ids_of_its_nodes(draft: Draft, format: Format) -> None:
    shown = panes.pane_of(draft, format)

    assert "inventory.done" in shown.text
    assert [id for id in ids(draft) if id in shown.text] == []
    assert (shown.rev, shown.errors, shown.refused) == (1, [], False)


@pytest.mark.parametrize("format", [Format.YAML, Format.JSON, Format.PREFECT_YAML])
def test_what_is_typed_becomes_the_draft_and_nodes_keep_their_ids(
    draft: Draft, format: Format
) -> None:
    text = panes.pane_of(draft, format).text.replace("inventory.done", "inventory.snapshot")

    pane = typed(draft, text, format)

    now = found(draft)
    assert now.document["trigger"]["triggers"][1]["expect"] == ["inventory.snapshot"]
    assert (ids(now), pane.rev, now.rev) == (ids(draft), 2, 2)


def test_a_comment_survives_an_edit_of_the_form(draft: Draft) -> None:
    typed(draft, "# landed files\n" + yaml(draft))
    field = f"n.{ids(draft)[1]}.threshold"

    drafts.submit(draft.pk, rev=2, fields={field: "3"}, **ME)  # type: ignore[arg-type]

    assert yaml(draft).startswith("# landed files\nname: orders\n")
    assert "threshold: 3" in yaml(draft)


@pytest.mark.parametrize(("text", "line", "column"), [
    ("name: [orders\ntrigger: {", 2, 10),
    ("a: 1\n  b: 2\n", 2, 4),
    ("- just\n- a list\n", 1, 1),
    ("", 1, 1),
], ids=["not closed", "indented", "a list", "nothing"])  # fmt: skip
def test_a_text_without_a_document_is_refused_at_its_place_and_kept(
    draft: Draft, text: str, line: int, column: int
) -> None:
    pane = typed(draft, text)

    again = panes.pane_of(found(draft), Format.YAML)
    assert (pane.refused, found(draft).rev, found(draft).document) == (True, 1, draft.document)
    assert (again.text, again.refused, again.rev) == (text, True, 1)
    assert again.errors[0].line == line and again.errors == pane.errors


def test_a_refused_text_is_forgotten_once_it_can_be_read(draft: Draft) -> None:
    typed(draft, "name: [")

    typed(draft, yaml_of({**DOCUMENT, "name": "new"}))

    assert found(draft).chosen == {}
    assert panes.pane_of(found(draft), Format.YAML).refused is False


def test_a_refused_text_can_be_given_up(draft: Draft) -> None:
    typed(draft, "name: [")

    panes.drop(found(draft), Format.YAML, author="eda")

    assert yaml(draft).startswith("name: orders\n")


def test_a_text_that_is_too_long_is_refused_and_not_kept(draft: Draft) -> None:
    pane = typed(draft, "# long\n" * 50_000)

    assert (pane.refused, pane.is_kept, found(draft).chosen) == (True, False, {})


def test_an_automation_that_is_not_valid_yet_is_the_draft_with_its_problems(draft: Draft) -> None:
    text = yaml(draft).replace("threshold: 1", "threshold: x", 1)

    pane = typed(draft, text)

    assert found(draft).document["trigger"]["triggers"][0]["threshold"] == "x"
    assert [each.code for each in pane.errors] == ["int_parsing"]
    assert text.splitlines()[pane.errors[0].line - 1].strip() == "threshold: x"


def test_a_key_that_nobody_knows_is_kept_and_a_slip_is_told(draft: Draft) -> None:
    pane = typed(draft, yaml(draft) + "thresold: 3\nx_team: night\ndescriptoin: hm\n")

    assert found(draft).document["x_team"] == "night"
    assert [each.fix.text for each in pane.diagnostics if each.fix] == ["description"]


def test_what_the_form_changed_meanwhile_stays(draft: Draft) -> None:
    text = "# mine\n" + yaml(draft).replace("name: orders", "name: typed")
    field = f"n.{ids(draft)[2]}.threshold"
    drafts.submit(draft.pk, rev=1, fields={field: "5"}, **ME)  # type: ignore[arg-type]

    pane = typed(draft, text, rev=1)

    now = found(draft)
    assert (now.document["name"], pane.behind, pane.rev) == ("typed", True, 1)
    assert now.document["trigger"]["triggers"][1]["threshold"] == 5
    assert yaml(draft).startswith("# mine\nname: typed\n") and "threshold: 5" in yaml(draft)


def test_typing_on_behind_another_change_undoes_nothing_of_it(draft: Draft) -> None:
    text = yaml(draft)
    field = f"n.{ids(draft)[2]}.threshold"
    drafts.submit(draft.pk, rev=1, fields={field: "5"}, **ME)  # type: ignore[arg-type]

    first = typed(draft, text.replace("name: orders", "name: o"), rev=1)
    typed(draft, text.replace("name: orders", "name: other"), rev=first.rev)

    now = found(draft)
    assert now.document["name"] == "other"
    assert now.document["trigger"]["triggers"][1]["threshold"] == 5


def test_typing_for_a_while_is_one_step_to_undo(draft: Draft) -> None:
    for number, name in enumerate(("o", "or", "ord"), start=1):
        later = NOW + timedelta(seconds=number)
        text = yaml_of({**DOCUMENT, "name": name})
        panes.take(found(draft), Format.YAML, text, rev=number, author="eda", now=later)

    applied = drafts.undo(draft.pk, rev=4, **ME)  # type: ignore[arg-type]

    assert applied.draft.document == draft.document


def test_a_block_leaves_what_it_cannot_say(draft: Draft) -> None:
    shown = panes.pane_of(draft, Format.PREFECT_YAML)

    typed(draft, shown.text.replace("name: orders", "name: other"), Format.PREFECT_YAML)

    assert found(draft).document == {**draft.document, "name": "other"}
    assert any("do-nothing" in loss for loss in shown.losses)


def test_a_comment_of_a_block_survives_though_the_draft_is_not_valid(draft: Draft) -> None:
    text = "# mine\n" + panes.pane_of(draft, Format.PREFECT_YAML).text

    typed(draft, text.replace("threshold: 1", "threshold: x"), Format.PREFECT_YAML)

    assert panes.pane_of(found(draft), Format.PREFECT_YAML).text.startswith("# mine\n")


@pytest.mark.parametrize("text", [
    json.dumps([DOCUMENT, DOCUMENT]), '{"name": "\\u0000"}', '{"name": "\\ud800"}',
    '{"x": ' + "[" * 80 + "]" * 80 + "}",
], ids=["two automations", "NUL", "half a pair", "too deep"])  # fmt: skip
def test_what_no_draft_could_hold_is_refused(draft: Draft, text: str) -> None:
    pane = typed(draft, text, Format.JSON)

    assert (pane.refused, bool(pane.errors), found(draft).rev) == (True, True, 1)


def test_an_import_replaces_the_draft_as_one_step(draft: Draft) -> None:
    looked = importing.look(panes.pane_of(draft, Format.HCL).text.replace("orders", "more"))

    applied = panes.bring_in(draft, looked, looked.taken({}) or {}, author="eda", now=NOW)

    assert applied.did == "Import from Terraform"
    assert applied.draft.document["name"] == "more"
    assert ids(applied.draft) == ids(draft)
    undone = drafts.undo(draft.pk, rev=2, **ME)  # type: ignore[arg-type]
    assert undone.draft.document == draft.document


def yaml_of(document: Document) -> str:
    return automation_yaml.write(document).text
