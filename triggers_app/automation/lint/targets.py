"""Lint of what actions act on and what triggers are pinned to: L13, L14. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from events_app.domain.event import RESOURCE_ID
from events_app.domain.matching import is_literal
from project.lib.problems import Loc
from triggers_app.automation.actions import ResumeDeployment, RunDeployment, Selecting
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import DeploymentFacts, LintContext
from triggers_app.automation.lint.finding import Edit, Finding, Fix, error, removing, warning
from triggers_app.automation.lint.known_names import nearest
from triggers_app.automation.lint.places import ROLE, selecting_triggers
from triggers_app.automation.lint.rule import rule
from triggers_app.automation.loops.overlap import listed


@rule(
    "L13",
    "A target that has changed",
    "What an action selects was deleted, is paused, or no longer has a parameter that the "
    "action gives.",
)
def changed_target(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L13: what an action selects is gone, paused, or takes other parameters by now."""
    resumed = {
        action.deployment_id
        for _, action in document.placed_actions
        if isinstance(action, ResumeDeployment)
    }
    for loc, action in document.placed_actions:
        if not isinstance(action, Selecting) or action.target_id is None:
            continue
        deployment = _deployment(action, facts)
        path = (*loc, action.target_key())
        if action.target_resource in facts.gone or (deployment and not deployment.exists):
            kind = str(action.about).replace("-", " ")
            message = f"The {kind} that this acts on was deleted. Choose another one."
            yield warning("L13", path, message)
        elif deployment is not None and isinstance(action, RunDeployment):
            if deployment.paused and action.deployment_id not in resumed:
                yield warning("L13", path, _paused(deployment))
            yield from _unknown_parameters(loc, action, deployment)


def _deployment(action: Selecting, facts: LintContext) -> DeploymentFacts | None:
    if action.about != "deployment" or action.target_id is None:
        return None
    return facts.deployments.get(action.target_id)


def _paused(deployment: DeploymentFacts) -> str:
    return (
        f"`{deployment.name}` is paused: its schedules rest, but this still makes runs of it. "
        "Resume it, or switch this automation off, too."
    )


def _unknown_parameters(
    loc: Loc, action: RunDeployment, deployment: DeploymentFacts
) -> Iterator[Finding]:
    schema: Mapping[str, Any] = deployment.schema or {}
    properties = schema.get("properties")
    if not isinstance(properties, dict) or schema.get("additionalProperties"):
        return
    given = action.parameters or {}
    for name in given:
        if name in properties:
            continue
        free = [str(one) for one in properties if one not in given]
        better = nearest(name, free)
        path = (*loc, "parameters", name)
        hint = f"; did you mean `{better}`?" if better else ". Leave it out."
        message = f"`{deployment.name}` has no parameter `{name}` any more{hint}"
        fix = removing(f"Leave out `{name}`", path)
        if better is not None:
            renamed = Edit("set", (*loc, "parameters", better), given[name])
            fix = Fix(f"Rename it to `{better}`", (*fix.edits, renamed))
        yield warning("L13", path, message, fix)


@rule(
    "L14",
    "A resource that has finished",
    "The trigger is pinned to one run (or another thing that ends), which has ended. It "
    "emits nothing more.",
)
def finished_resource(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L14: the trigger waits for something that has ended and will not be heard of again."""
    for loc, trigger in selecting_triggers(document):
        ids = listed(trigger.match.get(RESOURCE_ID, []))
        if not ids or not all(is_literal(one) and one in facts.finished for one in ids):
            continue
        yield error(
            "L14",
            (*loc, "match", RESOURCE_ID),
            f"`{ids[0]}` has finished and emits no more events, so this never fires again. "
            "Match all of its kind, and narrow them by what they have in common.",
            _generalized(loc, ids, facts),
        )


def _generalized(loc: Loc, ids: list[str], facts: LintContext) -> Fix | None:
    kinds = list(dict.fromkeys(one.rpartition(".")[0] for one in ids))
    if "" in kinds:
        return None
    patterns = [f"{kind}.*" for kind in kinds]
    edits = [
        Edit("set", (*loc, "match", RESOURCE_ID), patterns[0] if len(patterns) == 1 else patterns)
    ]
    deployments = {facts.finished[one] for one in ids}
    owner = deployments.pop() if len(deployments) == 1 else None
    if owner is None:
        return Fix("Match all of this kind", tuple(edits))
    same = {ROLE: "deployment", RESOURCE_ID: owner}
    edits.append(Edit("append", (*loc, "match_related"), same))
    return Fix("Match all runs of the same deployment", tuple(edits))
