"""Saving a draft: never half, never over what others saved meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from tests.menagerie import automation_document, reactive
from triggers_app.automation.parsing import parse_automation
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.conflicts import DraftConflict
from triggers_app.builder.drafts.service import Applied
from triggers_app.builder.save import service as saving
from triggers_app.builder.save.service import Mode, Saved, SaveRefused
from triggers_app.models import Automation, Draft
from triggers_app.services import authoring

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def document(**fields: Any) -> dict[str, Any]:
    return {**automation_document(), "actions": [{"type": "do-nothing"}], **fields}


def new(**fields: Any) -> Draft:
    return drafts.open_new(document(**fields), author="me", now=NOW)


def save(draft: Draft, rev: int = 1, mode: Mode = "off", **more: Any) -> Any:
    return saving.save(
        drafts.find(draft.pk, author=draft.author), rev=rev, mode=mode, now=NOW, **more
    )


def begun() -> Draft:
    """A draft of an automation, of which others then saved another version."""
    row = authoring.create(parse_automation(document()), author="you", now=NOW)
    draft = drafts.open_for(row.pk, author="me", now=NOW)
    theirs = parse_automation(document(name="theirs", description="new"))
    authoring.replace(row.pk, theirs, author="you", now=NOW)
    return draft


def submit(draft: Draft, **fields: str) -> Applied:
    return drafts.submit(draft.pk, author="me", rev=draft.rev, fields=fields, now=NOW)


@pytest.mark.parametrize(
    ("mode", "enabled", "flint"),
    [("off", False, None), ("shadow", True, {"shadow": True}), ("on", True, None)],
)
def test_a_draft_is_saved_off_in_shadow_or_on(mode: Mode, enabled: bool, flint: Any) -> None:
    outcome = save(new(), mode=mode)

    row = Automation.objects.get()
    assert outcome == Saved(row.pk, 1)
    assert (row.enabled, row.document.get("flint")) == (enabled, flint)


def test_saving_again_says_so_once_more() -> None:
    draft = new()

    assert save(draft) == save(draft)
    assert Automation.objects.count() == 1


def test_a_change_after_saving_begins_another_draft() -> None:
    outcome = save(new())

    later = drafts.open_for(outcome.automation_id, author="me", now=NOW)

    assert (later.rev, later.base_version) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": " "}, "Give the automation a name."),
        ({"trigger": reactive("a", match={"": []})}, "Name the label, or take the row away."),
        ({"trigger": {}}, "`posture` is required."),
    ],
    ids=["name", "label", "posture"],
)
def test_what_is_incomplete_is_refused_with_its_reason(fields: Any, why: str) -> None:
    outcome = save(new(**fields))

    assert isinstance(outcome, SaveRefused)
    assert [problem.msg for problem in outcome.problems] == [why]
    assert not Automation.objects.exists()


def test_a_field_that_cannot_be_read_is_refused_at_its_place() -> None:
    draft = new()
    submit(draft, **{f"n.{draft.document['trigger']['id']}.within": "soon"})

    [problem] = save(draft, rev=2).problems

    assert (problem.path, "You typed: soon" in problem.msg) == ("trigger.within", True)


def test_a_draft_that_moved_on_is_not_saved_unseen() -> None:
    draft = new()
    submit(draft, name="b")

    assert save(draft, rev=1).problems[0].type == "moved"


def test_what_others_saved_is_told_and_not_overwritten() -> None:
    outcome = save(begun())

    assert isinstance(outcome, DraftConflict)
    assert (outcome.base_version, outcome.version, outcome.changed_by) == (1, 2, "you")
    assert [each.words for each in outcome.changes] == ["name", "description"]
    assert Automation.objects.get().name == "theirs"


def test_a_clash_waits_for_a_choice_and_is_then_saved() -> None:
    draft = begun()
    submit(draft, name="mine")

    waiting = saving.resolve(draft.pk, author="me", choices={}, now=NOW)
    taken = saving.resolve(draft.pk, author="me", choices={"name": "mine"}, now=NOW)

    assert isinstance(waiting, DraftConflict)
    assert [(each.path, each.theirs, each.mine) for each in waiting.clashes] == [
        ("name", "theirs", "mine")
    ]
    assert isinstance(taken, Applied)
    assert isinstance(save(draft, rev=3), Saved)
    row = Automation.objects.get()
    assert (row.name, row.document["description"], row.version) == ("mine", "new", 3)


def test_taking_in_can_be_undone_and_is_then_a_conflict_again() -> None:
    draft = begun()
    saving.resolve(draft.pk, author="me", choices={}, now=NOW)

    drafts.undo(draft.pk, author="me", rev=2, now=NOW)

    assert isinstance(save(draft, rev=3), DraftConflict)


def test_a_draft_of_what_was_deleted_can_be_saved_as_new() -> None:
    draft = begun()
    authoring.delete(draft.automation_id, author="you", now=NOW)  # type: ignore[arg-type]  # it has one

    assert save(draft).problems[0].type == "gone"
    assert saving.resolve(draft.pk, author="me", choices={}, now=NOW) == save(draft)
    assert save(draft, as_new=True).automation_id != draft.automation_id


def test_of_two_who_save_at_once_one_is_told() -> None:
    row = authoring.create(parse_automation(document()), author="you", now=NOW)
    both = [drafts.open_for(row.pk, author=author, now=NOW) for author in ("me", "you")]

    def write(draft: Draft) -> Any:
        drafts.submit(draft.pk, author=draft.author, rev=1, fields={"name": draft.author}, now=NOW)
        outcome = save(draft, rev=2)
        connection.close()
        return outcome

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(write, both))

    assert sorted(type(each).__name__ for each in outcomes) == ["DraftConflict", "Saved"]


def test_a_discarded_draft_is_closed() -> None:
    draft = new()

    saving.discard(draft.pk, author="me", now=NOW)

    assert save(draft).problems[0].type == "closed"
    assert submit(draft, name="b").problems == {"": [drafts.CLOSED]}
