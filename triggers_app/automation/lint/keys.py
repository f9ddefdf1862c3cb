"""Lint of keys that nobody knows: L23. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from project.lib.problems import Loc
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Edit, Finding, Fix, removing, warning
from triggers_app.automation.lint.places import triggers
from triggers_app.automation.lint.rule import rule
from triggers_app.automation.triggers import MetricTrigger
from triggers_app.automation.unknown_keys import UnknownKey, unknown_keys_of


@rule(
    "L23",
    "A key that nobody knows",
    "It is kept as it is and has no effect: what it was to ask for is not asked.",
)
def unknown_key(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L23: a key that has no effect; perhaps another one is meant."""
    unknown = unknown_keys_of(document)
    holders = dict(_holders(document)) if unknown else {}
    for each in unknown:
        yield warning("L23", each.loc, each.sentence, _fix(each, holders.get(each.holder)))


def _holders(document: AutomationDocument) -> Iterator[tuple[Loc, BaseModel]]:
    yield from document.placed_actions
    for loc, trigger in triggers(document):
        yield loc, trigger
        if isinstance(trigger, MetricTrigger):
            yield (*loc, "metric"), trigger.metric


def _fix(unknown: UnknownKey, holder: BaseModel | None) -> Fix:
    left_out = removing(f"Leave out `{unknown.key}`", unknown.loc)
    extra: Mapping[str, Any] = (holder.model_extra if holder is not None else None) or {}
    meant = unknown.meant
    if meant is None or unknown.key not in extra or _is_said(holder, meant):
        return left_out
    renamed = Edit("set", (*unknown.holder, meant), extra[unknown.key])
    return Fix(f"Rename it to `{meant}`", (*left_out.edits, renamed))


def _is_said(holder: BaseModel | None, key: str) -> bool:
    """Whether a rename would write over something."""
    return holder is not None and key in holder.model_fields_set and bool(getattr(holder, key))
