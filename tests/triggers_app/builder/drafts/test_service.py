"""Drafts: every change is a revision, nothing typed is lost, undo goes back step by step."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.menagerie import automation_document, compound, reactive
from triggers_app.automation.parsing import parse_automation
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.draft_analysis import read_draft
from triggers_app.builder.drafts.service import Applied
from triggers_app.models import Automation, Draft, DraftRevision
from triggers_app.services import authoring
from triggers_app.storage import drafts as storage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def new(**fields: Any) -> Draft:
    trigger = compound(reactive("a"), reactive("b"))
    return drafts.open_new(automation_document(trigger, **fields), author="me", now=NOW)


def submit(draft: Draft, rev: int, do: str = "", after: Any = 0, **fields: Any) -> Applied:
    at = NOW + timedelta(seconds=after)
    return drafts.submit(draft.pk, author="me", rev=rev, fields=fields, do=do, now=at)


def within(draft: Draft) -> str:
    return f"n.{draft.document['trigger']['id']}.within"


def test_a_change_is_a_revision(django_assert_num_queries: Any) -> None:
    draft = new()

    with django_assert_num_queries(4):  # begin, lock, write, commit
        applied = submit(draft, 1, name="b")

    assert (applied.rev, applied.draft.document["name"], applied.structural) == (2, "b", False)
    assert DraftRevision.objects.count() == 2


def test_a_form_that_says_what_the_draft_says_is_no_change() -> None:
    draft = new()

    applied = submit(draft, 1, **drafts.form_of(draft))

    assert (applied.rev, DraftRevision.objects.count()) == (1, 1)


def test_undo_and_redo_go_through_every_step() -> None:
    draft = new()
    submit(draft, 1, name="b")
    submit(draft, 2, description="c")

    for do, name, description in [
        ("undo", "b", ""),
        ("undo", "orders to etl", ""),
        ("redo", "b", ""),
        ("redo", "b", "c"),
    ]:
        found = submit(draft, 0, do).draft.document
        assert (found["name"], found.get("description", "")) == (name, description)


def test_undo_that_is_sent_again_is_done_once() -> None:
    draft = new()
    submit(draft, 1, name="b")
    submit(draft, 2, name="b", description="c")

    submit(draft, 3, "undo")
    again = submit(draft, 3, "undo").draft.document

    assert (again["name"], again.get("description", "")) == ("b", "")
    assert submit(draft, 4, "undo").draft.document["name"] == "orders to etl"


def test_there_is_an_end_of_undoing_and_of_redoing() -> None:
    draft = new()

    assert submit(draft, 1, "undo").problems == {"": ["There is nothing to undo."]}
    assert submit(draft, 1, "redo").problems == {"": ["There is nothing to redo."]}


def test_a_word_is_taken_back_at_once_and_not_letter_by_letter() -> None:
    draft = new()
    for rev, name in enumerate(["h", "he", "hey"], start=1):
        submit(draft, rev, name=name, after=rev)
    submit(draft, 4, name="hey you", after=60)

    assert submit(draft, 5, "undo").draft.document["name"] == "hey"
    assert submit(draft, 6, "undo").draft.document["name"] == "orders to etl"


def test_a_late_form_changes_only_what_was_typed_in_it() -> None:
    draft = new()
    form = drafts.form_of(draft)
    submit(draft, 1, name="theirs")

    late = submit(draft, 1, **form | {"description": "mine"})

    assert (late.draft.document["name"], late.draft.document["description"]) == ("theirs", "mine")
    assert late.structural


def test_a_form_older_than_what_is_kept_is_compared_with_today() -> None:
    draft = new()
    submit(draft, 1, name="b")
    DraftRevision.objects.filter(rev=1).delete()

    late = submit(draft, 1, name="mine")

    assert late.draft.document["name"] == "mine"


def test_a_late_field_finds_its_action_where_it_has_moved() -> None:
    actions = [{"type": "do-nothing"}, {"type": "change-flow-run-state", "state": "FAILED"}]
    draft = new(actions=actions)
    submit(draft, 1, "drop-action:actions:0")

    late = submit(draft, 1, **{"a.actions.1.message": "hm"})

    assert late.draft.document["actions"] == [{**actions[1], "message": "hm"}]


def test_what_was_typed_into_a_part_that_is_gone_is_told() -> None:
    draft = new()
    node = draft.document["trigger"]["triggers"][0]["id"]
    submit(draft, 1, f"delete:{node}")

    late = submit(draft, 1, **{f"n.{node}.expect": "order.paid"})

    assert "You typed: order.paid" in late.problems[f"n.{node}.expect"][0]


def test_what_cannot_be_read_stays_until_it_is_corrected() -> None:
    draft = new()
    field = within(draft)

    refused = submit(draft, 1, **{field: "3 bananas"})
    reading = read_draft(refused.draft)
    again = submit(draft, 2, **{field: "3 bananas"})
    corrected = submit(draft, 2, **{field: ""})

    assert refused.draft.document == draft.document
    assert reading.fields[field] == "3 bananas"
    assert "Write a time" in reading.field_problems[field][0] == refused.problems[field][0]
    assert (again.rev, corrected.draft.rejected) == (2, {})


def test_comments_of_a_text_live_through_edits_of_the_form() -> None:
    draft = new()
    text = "# mine\nname: orders to etl  # kept\n"

    drafts.edit(
        draft.pk,
        author="me",
        rev=1,
        change=lambda document: {**document, "trigger": document["trigger"]},
        label="Typed",
        texts={"yaml": text},
        now=NOW,
    )
    after = submit(draft, 2, name="other").draft.texts["yaml"]

    assert after.startswith("# mine\nname: other  # kept\n")


def test_a_text_that_cannot_be_read_is_never_thrown_away() -> None:
    draft = new()
    drafts.edit(
        draft.pk,
        author="me",
        rev=1,
        change=lambda document: document,
        label="Typed",
        texts={"yaml": "a: ["},
        now=NOW,
    )

    assert submit(draft, 2, name="b").draft.texts == {"yaml": "a: ["}


def test_for_a_document_one_and_true_are_not_the_same() -> None:
    draft = new(flag=1)

    applied = drafts.edit(
        draft.pk,
        author="me",
        rev=1,
        change=lambda document: {**document, "flag": True},
        label="Typed",
        now=NOW,
    )

    assert (applied.rev, applied.draft.document["flag"]) == (2, True)


def test_two_writers_at_once_both_count() -> None:
    draft = new()

    def write(field: str) -> None:
        submit(draft, 1, **{field: "x"})
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, ["name", "description"]))

    found = drafts.find(draft.pk, author="me")
    assert (found.rev, found.document["name"], found.document["description"]) == (3, "x", "x")


def test_a_draft_is_its_authors() -> None:
    with pytest.raises(Draft.DoesNotExist):
        drafts.find(new().pk, author="you")


def test_an_automation_has_one_open_draft_of_each_author() -> None:
    row = authoring.create(parse_automation(automation_document()), author="me", now=NOW)

    mine = drafts.open_for(row.pk, author="me", now=NOW)

    assert drafts.open_for(row.pk, author="me", now=NOW).pk == mine.pk
    assert drafts.open_for(row.pk, author="you", now=NOW).pk != mine.pk
    assert (mine.base_version, mine.document["name"]) == (1, "orders to etl")


def test_there_is_no_draft_of_an_automation_that_is_not_there() -> None:
    with pytest.raises(Automation.DoesNotExist):
        drafts.open_for(new().pk, author="me", now=NOW)


def test_what_is_looked_at_is_no_step() -> None:
    draft = new()

    drafts.choose(draft.pk, author="me", chosen={"event": "x", "days": 7})
    found = drafts.choose(draft.pk, author="me", chosen={"event": None})

    assert (found.chosen, found.rev) == ({"days": 7}, 1)


def test_the_newest_revisions_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "KEPT_REVISIONS", 3)
    draft = new()
    for rev in range(1, 6):
        submit(draft, rev, name=str(rev))

    assert sorted(DraftRevision.objects.values_list("rev", flat=True)) == [4, 5, 6]


def test_an_operation_that_is_sent_again_is_done_once() -> None:
    draft = new()

    submit(draft, 1, "add-action:actions:do-nothing")
    again = submit(draft, 1, "add-action:actions:do-nothing")
    more = submit(draft, again.rev, "add-action:actions:do-nothing")

    counts = [len(applied.draft.document["actions"]) for applied in (again, more)]
    assert counts == [len(draft.document["actions"]) + 1, len(draft.document["actions"]) + 2]
