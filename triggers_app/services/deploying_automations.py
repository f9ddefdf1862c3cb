"""Deploying Prefect's own file of automations: each is made, or changed where it exists."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from project.lib.problems import Invalid, Loc, Problem
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.formats.automation_list import (
    automations_in,
    completed,
    list_of_automations_problem,
)
from triggers_app.automation.formats.checking import without_server_made
from triggers_app.automation.formats.yaml.source import InvalidSource, Located, YamlSource
from triggers_app.automation.parsing import parse_posted
from triggers_app.automation.unknown_keys import UnknownKey
from triggers_app.automation.unknown_values import name_of
from triggers_app.models import Automation
from triggers_app.services import authoring, cycle_guard, save_warnings
from triggers_app.services.deploy_report import Report
from triggers_app.services.soundness import require_sound
from triggers_app.storage import automations as storage


@dataclass(frozen=True, slots=True)
class _DesiredAutomation:
    loc: Loc
    automation: AutomationDocument


@dataclass(slots=True)
class _Writing:
    source: YamlSource
    report: Report
    problems: list[Located] = field(default_factory=list)
    new: list[Automation] = field(default_factory=list)
    changed: list[Automation] = field(default_factory=list)
    saved: list[tuple[AutomationDocument, Automation]] = field(default_factory=list)

    def refuse(self, loc: Loc, problems: Sequence[Problem]) -> None:
        self.problems += self.source.located([each.below(loc) for each in problems])

    def put(self, automation: AutomationDocument, row: Automation | None) -> None:
        """Make it, or let the row say it. What it does not say of a switch or of Flint's options
        stays. Raises Invalid."""
        if row is None:
            require_sound(automation)
            row, verb = authoring.new_row(automation), "created"
            self.new.append(row)
        else:
            if "enabled" not in automation.model_fields_set:
                automation = automation.model_copy(update={"enabled": row.enabled})
            automation = authoring.with_options_of(row, automation)
            require_sound(automation)
            verb = "changed" if authoring.revise(row, automation) else "unchanged"
            if verb == "changed":
                self.changed.append(row)
        self.saved.append((automation, row))
        self.report.add(verb, "automation", automation.name)


def deploy(
    source: YamlSource,
    *,
    names: Set[str] | None,
    trigger_options: Sequence[str],
    author: str,
    now: datetime,
) -> Report:
    """Deploy the named automations of the file, all of them with None.

    One that has the name of an automation of the same owner changes that one. Raises
    InvalidSource with every problem; then nothing was written.
    """
    writing = _Writing(source, Report())
    desired = _desired(source, names, trigger_options, writing)
    effective_after = authoring.point_in_log()
    with transaction.atomic():
        cycle_guard.lock()
        _write(desired, writing)
        if writing.problems:
            raise InvalidSource(writing.problems)
        authoring.save_deployed(
            writing.new, writing.changed, effective_after, author=author, now=now
        )
    for automation, row in writing.saved:
        warnings = save_warnings.of_switch(automation, row)
        writing.report.warnings += [f"automation `{row.name}`: {warning}" for warning in warnings]
    return writing.report


def _desired(
    source: YamlSource, names: Set[str] | None, trigger_options: Sequence[str], writing: _Writing
) -> list[_DesiredAutomation]:
    """The automations that are chosen, read. Problems of what is not chosen do not matter."""
    if trigger_options:
        message = "--trigger goes with a deployment; this is a file of automations."
        writing.refuse((), [Problem((), message)])
    if wrong := list_of_automations_problem(source.value):
        writing.refuse((), [wrong])
    listed = list(automations_in(source.value))
    known = [name_of(each) if isinstance(each, dict) else "" for _, each in listed]
    for name in sorted((names or set()) - set(known)):
        there = ", ".join(filter(None, known)) or "none"
        writing.refuse((), [Problem((), f"There is no automation `{name}`; there is: {there}.")])
    if not listed and not writing.problems:
        writing.refuse((), [Problem((), "There are no automations in this file.")])
    chosen = [
        (loc, each)
        for (loc, each), name in zip(listed, known, strict=True)
        if names is None or name in names
    ]
    return [
        automation for loc, each in chosen if (automation := _read(loc, each, writing)) is not None
    ]


def _read(loc: Loc, written: Any, writing: _Writing) -> _DesiredAutomation | None:
    if not isinstance(written, dict):
        message = "An automation is an object with keys."
        writing.refuse(loc, [Problem((), message, "dict_type")])
        return None
    document, _ = without_server_made(written)
    try:
        return _DesiredAutomation(loc, parse_posted(completed(document)))
    except Invalid as error:
        writing.refuse(loc, error.problems)
        return None


def _write(desired: Sequence[_DesiredAutomation], writing: _Writing) -> None:
    rows = storage.locked_named({each.automation.name for each in desired})
    seen: set[tuple[str, str | None]] = set()
    for each in desired:
        automation = each.automation
        who = (automation.name, automation.owner_resource)
        same = [row for row in rows if (row.name, row.owner_resource) == who]
        if who in seen:
            message = f"`{automation.name}` stands here twice."
            writing.refuse((*each.loc, "name"), [Problem((), message)])
            continue
        seen.add(who)
        if len(same) > 1:
            message = f"There are {len(same)} automations called `{automation.name}`; rename one."
            writing.refuse((*each.loc, "name"), [Problem((), message)])
            continue
        _tell_unknown(each, save_warnings.unknown_of(automation), writing)
        try:
            writing.put(automation, same[0] if same else None)
        except Invalid as error:
            writing.refuse(each.loc, error.problems)


def _tell_unknown(
    desired: _DesiredAutomation, unknown: Sequence[UnknownKey], writing: _Writing
) -> None:
    for each in unknown:
        problem = Problem(each.loc, each.sentence, "unknown_key")
        if each.meant is not None:
            writing.refuse(desired.loc, [problem])
        else:
            placed = Problem((*desired.loc, *each.loc), each.sentence)
            writing.report.notes += map(str, writing.source.located([placed]))
