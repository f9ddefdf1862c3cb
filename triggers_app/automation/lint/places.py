"""Where things stand in a document: its triggers, their conditions, its actions. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from project.lib.problems import Loc
from triggers_app.automation.actions import RunDeployment
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import DeploymentFacts, LintContext
from triggers_app.automation.triggers import (
    Composite,
    EventTrigger,
    Leaf,
    Matching,
    Specification,
    Trigger,
    Values,
)

ROLE = "prefect.resource.role"
Conditions = tuple[Loc, Specification]


def triggers(document: AutomationDocument) -> Iterator[tuple[Loc, Trigger]]:
    """Every trigger with its path, parents first."""
    return _below(document.trigger, ("trigger",))


def _below(trigger: Trigger, loc: Loc) -> Iterator[tuple[Loc, Trigger]]:
    yield loc, trigger
    if isinstance(trigger, Composite):
        for index, child in enumerate(trigger.children):
            yield from _below(child, (*loc, "triggers", index))


def event_triggers(document: AutomationDocument) -> Iterator[tuple[Loc, EventTrigger]]:
    for loc, trigger in triggers(document):
        if isinstance(trigger, EventTrigger):
            yield loc, trigger


def selecting_triggers(document: AutomationDocument) -> Iterator[tuple[Loc, Leaf]]:
    """The triggers that have `match` and `match_related`."""
    for loc, trigger in triggers(document):
        if isinstance(trigger, Matching):
            yield loc, trigger


def related_maps(loc: Loc, trigger: Leaf) -> list[Conditions]:
    """Each map of `match_related` with its path."""
    related = trigger.match_related
    if isinstance(related, list):
        return [((*loc, "match_related", index), one) for index, one in enumerate(related)]
    return [((*loc, "match_related"), related)]


def values_of_labels(document: AutomationDocument) -> Iterator[tuple[Loc, str, Values, str]]:
    """Every condition on a label: its path, the label, its values, and the label's full name.

    The full name is the one that `for_each` uses: `related:<role>:<label>` for related ones,
    empty where the role is not one plain text.
    """
    for loc, trigger in selecting_triggers(document):
        for label, values in trigger.match.items():
            yield (*loc, "match", label), label, values, label
        for where, specification in related_maps(loc, trigger):
            role = one_role(specification)
            for label, values in specification.items():
                full = f"related:{role}:{label}" if role is not None else ""
                yield (*where, label), label, values, full


def one_role(specification: Specification) -> str | None:
    """The role that a map of `match_related` asks for, if it is one plain text."""
    role = specification.get(ROLE)
    if isinstance(role, list) and len(role) == 1:
        role = role[0]
    plain = isinstance(role, str) and not role.startswith("!") and not set("*?[") & set(role)
    return role if plain and isinstance(role, str) else None


def needed_keys(document: AutomationDocument, loc: Loc) -> frozenset[str]:
    """The labels that the composites around the trigger at `loc` need in its `for_each`."""
    around = [
        trigger.for_each
        for where, trigger in triggers(document)
        if isinstance(trigger, Composite) and len(where) < len(loc) and loc[: len(where)] == where
    ]
    return frozenset(label for labels in around for label in labels)


def runs_of_known(
    document: AutomationDocument, facts: LintContext
) -> Iterator[tuple[Loc, RunDeployment, DeploymentFacts]]:
    """The actions that run a deployment which is known and exists."""
    for loc, action in document.placed_actions:
        if isinstance(action, RunDeployment) and action.deployment_id is not None:
            deployment = facts.deployments.get(action.deployment_id)
            if deployment is not None and deployment.exists:
                yield loc, action, deployment


def properties_of(schema: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The parameters that a schema describes; empty where it describes none."""
    properties = (schema or {}).get("properties")
    return properties if isinstance(properties, dict) else {}
