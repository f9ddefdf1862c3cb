"""For any automation: looking for problems never stumbles, and every fix can be undone."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from tests.triggers_app.strategies import automations
from tests.web import scene
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.lint import service as findings
from triggers_app.builder.lint.service import FindingView
from triggers_app.models import Draft

pytestmark = pytest.mark.django_db


def views_of(draft: Draft) -> list[FindingView]:
    return findings.views_of(draft, findings.findings_of(draft, now=scene.NOW))


@given(automation=automations())
@settings(max_examples=40)
def test_every_fix_is_an_edit_that_can_be_undone(automation: dict[str, Any]) -> None:
    draft = drafts.open_new(automation, author="eda", now=scene.NOW)
    before = draft.document

    for told in views_of(draft):
        if told.fix:
            now = scene.NOW + timedelta(minutes=draft.rev)
            fixed = findings.fix(draft, told.key, author="eda", rev=draft.rev, now=now)
            assert not fixed.problems
            draft = drafts.undo(draft.pk, author="eda", rev=fixed.rev, now=now).draft

    assert draft.document == before


EVENT = {"type": "event", "posture": "Reactive", "expect": ["a"]}
FIXED = {
    "L01": EVENT | {"match": {"bucket": ["in/*", "!in/tmp/*"]}},
    "L02": EVENT | {"match_related": {"prefect.resource.id": "!prefect.flow.x"}},
    "L05": EVENT | {"threshold": 5},
    "L09": {"type": "event", "posture": "Proactive", "expect": ["a"], "within": 0},
    "L16": EVENT | {"match": {"prefect.resource.id": "s3://in/orders.csv?version=3"}},
}


@pytest.mark.parametrize("code", sorted(FIXED))
@pytest.mark.parametrize("nested", [False, True], ids=["alone", "in a group"])
def test_a_fix_settles_what_it_is_for(code: str, nested: bool) -> None:
    group = {"type": "compound", "require": "all", "within": 60, "triggers": [EVENT, FIXED[code]]}
    body = {"name": "a", "trigger": group if nested else FIXED[code], "actions": []}
    draft = drafts.open_new(body, author="eda", now=scene.NOW)
    told = {one.code: one for one in views_of(draft)}

    fixed = findings.fix(draft, told[code].key, author="eda", rev=1, now=scene.NOW)

    left = {one.code for one in views_of(fixed.draft)}
    assert (fixed.did, fixed.draft.rev, code in left) == (f"Fix {code}", 2, False)
    assert (
        told[code].node
        == (draft.document["trigger"]["triggers"][1] if nested else draft.document["trigger"])["id"]
    )
