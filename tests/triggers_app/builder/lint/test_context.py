"""What lint is told of recorded events, runs, deployments and the other automations."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from events_app.models import EventCount
from project.lib.process_memory import clear_all
from tests.web import scene
from triggers_app.automation.document import meaning
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.registry import lint
from triggers_app.automation.lint.sample import sample_of
from triggers_app.automation.parsing import parse_automation
from triggers_app.builder.backtest.service import cached_result
from triggers_app.builder.lint import context as gathering
from triggers_app.models import Automation, Draft
from triggers_app.services import authoring

pytestmark = pytest.mark.django_db
NAME = "orders.file.landed"
TRIGGER = {"type": "event", "posture": "Reactive", "expect": [NAME]}
TAG = {"prefect.resource.id": "prefect.tag.eu", "prefect.resource.role": "tag"}
LOC = ("trigger",)


def document(trigger: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    actions = [{"type": "do-nothing"}]
    return {"name": "a", "trigger": TRIGGER | (trigger or {}), "actions": actions, **fields}


def facts(body: dict[str, Any], *, of: UUID | None = None) -> LintContext:
    clear_all()
    draft = Draft(document=body, author="eda", automation_id=of)
    return facts_of(draft)


def facts_of(draft: Draft) -> LintContext:
    result = cached_result(draft)
    return gathering.facts_of(draft, parse_automation(draft.document), result, now=scene.NOW)


def codes(body: dict[str, Any], **asked: Any) -> set[str]:
    found = facts(body, **asked)
    return {finding.code for finding in lint(parse_automation(body), found)}


def seen(name: str = NAME, *, times: int = 1, **fields: Any) -> None:
    for _ in range(times):
        seq = EventCount.objects.count()
        scene.event(name, seq=seq, **fields)
        EventCount.objects.create(
            event=name, log_day=(scene.NOW - timedelta(days=seq)).date(), events=1
        )


def runs(deployment_id: UUID, **fields: Any) -> dict[str, Any]:
    return {"type": "run-deployment", "deployment_id": str(deployment_id), **fields}


def test_a_name_that_was_never_seen_is_told_by_the_counts() -> None:
    seen()

    assert dict(facts(document()).event_names or {}) == {NAME: 1}
    assert "L08" not in codes(document())
    assert "L08" in codes(document({"expect": ["orders.file.landet"]}))


def test_before_the_first_event_no_name_is_called_unseen() -> None:
    assert facts(document()).event_names is None
    assert "L08" not in codes(document({"expect": ["orders.file.landet"]}))


def test_values_are_those_of_the_newest_events_with_its_names() -> None:
    seen(labels={"region": "eu-west"}, times=2)
    seen("another.name", labels={"region": "us-east"})
    body = document({"match": {"region": "EU-*"}})

    assert facts(body).label_values == {"region": {"eu-west": 2}}
    assert "L20" in codes(body)


def test_a_pattern_of_names_is_sampled_by_the_names_that_it_takes() -> None:
    seen("orders.file.gone", labels={"region": "eu"})
    body = document({"expect": ["orders.*"], "match": {"region": "x"}})

    assert facts(body).label_values == {"region": {"eu": 1}}


@pytest.mark.parametrize(
    ("trigger", "key", "share"),
    [
        ({"for_each": ["customer"]}, (LOC, "customer"), 0.25),
        ({"for_each": ["customer"], "match": {"region": "eu"}}, (LOC, "customer"), 1.0),
        ({"match": {"region": "!us"}}, (LOC, "region"), 0.75),
        (
            {"match_related": [{"prefect.resource.role": "tag", "color": "!red"}]},
            ((*LOC, "match_related", 0), "color"),
            1.0,
        ),
    ],
    ids=["for_each", "for_each beside match", "negation", "related"],
)
def test_the_share_that_lacks_a_label_is_of_events_that_meet_all_else(
    trigger: dict[str, Any], key: Any, share: float
) -> None:
    seen(labels={"customer": "acme"}, times=3, related=[TAG])
    seen(labels={"region": "eu"})

    assert facts(document(trigger)).lacking[key] == share


def test_nothing_is_said_of_a_share_when_no_event_could_tell() -> None:
    seen(labels={"region": "eu"})

    assert facts(document({"for_each": ["customer"], "match": {"region": "us"}})).lacking == {}


def test_most_resources_of_a_role_on_one_event_are_counted() -> None:
    seen(related=[TAG, TAG | {"prefect.resource.id": "prefect.tag.nightly"}])

    assert facts(document()).related_per_role == {"tag": 2}


def test_a_run_that_has_ended_is_finished_and_one_that_runs_is_not() -> None:
    deployment = scene.deployment()
    ended, running = (scene.run(deployment, states=states) for states in ("SPRC", "SPR"))
    ids = [f"prefect.flow-run.{run.pk}" for run in (ended, running)]
    pinned = [document({"match": {"prefect.resource.id": one}}) for one in ids]

    assert facts(pinned[0]).finished == {ids[0]: f"prefect.deployment.{deployment.pk}"}
    assert ["L14" in codes(body) for body in pinned] == [True, False]


def test_deployments_are_told_by_flow_and_name_and_missed_when_gone() -> None:
    there = scene.deployment(paused=True, parameter_openapi_schema={"properties": {}})
    gone = uuid4()
    body = document(actions=[runs(there.pk, parameters={"x": 1}), runs(gone)])

    found = facts(body).deployments

    assert (found[there.pk].name, found[there.pk].paused) == ("nightly-load / prod", True)
    assert not found[gone].exists
    assert "L13" in codes(body)


def test_an_automation_that_is_gone_is_missed() -> None:
    there, gone = scene.automation(), uuid4()
    actions = [{"type": "pause-automation", "automation_id": str(one)} for one in (there.pk, gone)]

    assert facts(document(actions=actions)).gone == {f"prefect.automation.{gone}"}


def test_an_equal_trigger_elsewhere_is_found_whatever_the_order_of_names() -> None:
    body = document({"expect": ["b", "a"]})
    other = authoring.new_row(parse_automation(document({"expect": ["a", "b"]}, name="other")))
    other.change = 1
    other.save()

    same = facts(body).same_triggers[meaning(parse_automation(body).trigger)]

    assert same == [(other.pk, "other")]
    assert ("L15" in codes(body), "L15" in codes(body, of=other.pk)) == (True, False)


def test_a_loop_over_another_automation_is_named_by_flow_and_deployment() -> None:
    ours, theirs = scene.deployment(), scene.deployment("b", flow="clean")
    follows = {
        "type": "event",
        "posture": "Reactive",
        "expect": ["prefect.flow-run.Completed"],
        "match_related": {"prefect.resource.role": "deployment"},
    }
    Automation.objects.create(
        name="back",
        change=1,
        related_resources=[f"prefect.deployment.{ours.pk}"],
        document=document(follow(follows, theirs.pk), name="back", actions=[runs(ours.pk)]),
    )
    body = document(follow(follows, ours.pk), actions=[runs(theirs.pk)])

    found = [one for one in lint(parse_automation(body), facts(body)) if one.code == "L12"]

    assert "clean / b" in found[0].message
    assert "nightly-load / prod" in found[0].message


def follow(trigger: dict[str, Any], deployment_id: UUID) -> dict[str, Any]:
    one = {"prefect.resource.id": f"prefect.deployment.{deployment_id}"}
    return {**trigger, "match_related": {**trigger["match_related"], **one}}


def test_events_are_asked_for_once_in_a_while(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    seen()
    body = document(actions=[runs(scene.deployment().pk)])
    draft = Draft(document=body, author="eda")
    clear_all()

    with django_assert_num_queries(5):  # names, events, others, deployments, alike
        facts_of(draft)
    with django_assert_num_queries(3):  # others, deployments, alike
        facts_of(draft)


def test_an_edit_reads_the_sample_of_the_changed_trigger_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen(times=2)
    seen("stock.low")
    group = {"type": "compound", "require": "all", "within": 60}
    other = TRIGGER | {"expect": ["stock.low"], "for_each": ["site"]}
    whole = document() | {"trigger": group | {"triggers": [TRIGGER, other]}}
    before = facts(whole)
    read: list[str] = []

    def reading(trigger: Any, *rest: Any) -> Any:
        read.extend(trigger.expect)
        return sample_of(trigger, *rest)

    monkeypatch.setattr(gathering, "sample_of", reading)
    changed = other | {"for_each": ["prefect.resource.id"]}
    body = whole | {"trigger": group | {"triggers": [TRIGGER, changed]}}
    draft = Draft(document=body, author="eda", automation_id=None)
    after = facts_of(draft)

    assert read == ["stock.low"]
    assert before.lacking == {(("trigger", "triggers", 1), "site"): 1.0}
    assert after.lacking == {(("trigger", "triggers", 1), "prefect.resource.id"): 0.0}
