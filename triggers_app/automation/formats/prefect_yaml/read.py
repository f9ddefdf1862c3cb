"""`prefect.yaml`: what is to be deployed, and which triggers run it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from project.lib.problems import Invalid, Loc, Problem
from triggers_app.automation.deployment_triggers import parse_deployment_triggers
from triggers_app.automation.formats.deployment_entry import (
    NOT_CARRIED_OUT,
    DeploymentEntry,
    parse_entry,
    unknown_in_triggers,
    unknown_keys,
)
from triggers_app.automation.formats.prefect_yaml.placeholders import Placeholders
from triggers_app.automation.formats.shapes import DEPLOYMENT_KEYS, list_problem, whole_automation
from triggers_app.automation.formats.yaml.source import (
    InvalidSource,
    Located,
    YamlSource,
    read_yaml,
)
from triggers_app.automation.near_keys import near_key
from triggers_app.automation.templating.parameters import check_parameters
from triggers_app.automation.templating.templates import Templates

_TOP = (
    "name",
    "prefect-version",
    "prefect_version",
    "deployments",
    "definitions",
    "pull",
    "build",
    "push",
)


@dataclass(frozen=True, slots=True)
class EntryReading:
    """A deployment and its place in the file."""

    loc: Loc
    deployment: DeploymentEntry


@dataclass(frozen=True, slots=True)
class PrefectFile:
    """What the file says; `problems` tell what is wrong with the entries that are left out.

    `pull` are the steps for deployments that have none of their own.
    """

    source: YamlSource
    entries: list[EntryReading]
    pull: list[dict[str, Any]] | None
    problems: list[Located] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parse_prefect_yaml(
    text: str, *, name: str = "prefect.yaml", environment: Mapping[str, str] | None = None
) -> PrefectFile:
    """Read a prefect.yaml. Raises InvalidSource when it is not YAML or has no deployments.

    `environment` answers placeholders such as `{{ $HOME }}`.
    """
    return prefect_file(read_yaml(text, name=name), environment=environment or {})


def prefect_file(source: YamlSource, *, environment: Mapping[str, str]) -> PrefectFile:
    """The same of a text that was read. Raises InvalidSource when it has no deployments."""
    top = source.value
    if not isinstance(top, dict) or not isinstance(top.get("deployments"), list):
        raise InvalidSource(source.located([_without_deployments(top)]))
    resolving = Placeholders(environment)
    notes = list(_top_notes(top))
    entries: list[EntryReading] = []
    problems: list[Problem] = list(_top_near_misses(top))
    for index, written in enumerate(top["deployments"]):
        loc: Loc = ("deployments", index)
        resolved = resolving.of_deployment(written, loc)
        others = [each.below((*loc, "triggers")) for each in trigger_problems(resolved)]
        try:
            entries.append(EntryReading(loc, parse_entry(resolved)))
            notes += _notes(written, loc)
        except Invalid as error:
            others += error.below(loc).problems
        problems += unless_at(others, resolving.problems)
    problems += resolving.problems
    note_texts = [str(each) for each in source.located([*notes, *resolving.notes])]
    pull = top.get("pull")
    steps = pull if isinstance(pull, list) else None
    return PrefectFile(source, entries, steps, source.located(problems), note_texts)


def trigger_problems(deployment: Any) -> list[Problem]:
    """What is wrong with the `triggers` of a deployment as it is written, templates included."""
    if not isinstance(deployment, dict):
        return []
    triggers = deployment.get("triggers")
    if triggers is not None and not isinstance(triggers, list):
        return []  # told with the other keys of the entry
    problems: list[Problem] = []
    try:
        parse_deployment_triggers(triggers, deployment_name="", deployment_id=UUID(int=0))
    except Invalid as error:
        problems += error.problems
    for index, trigger in enumerate(triggers if isinstance(triggers, list) else []):
        if whole := whole_automation((index,), trigger):
            problems = [whole, *(each for each in problems if each.loc[:1] != (index,))]
        elif isinstance(trigger, dict):
            loc = (index, "parameters")
            parameters = trigger.get("parameters")
            problems += check_parameters(parameters, loc=loc, templates=Templates())
    return problems


def unless_at(problems: Sequence[Problem], others: Sequence[Problem]) -> list[Problem]:
    """The problems of places of which the others do not tell."""
    places = {each.loc for each in others}
    return [each for each in problems if each.loc not in places]


def _without_deployments(top: Any) -> Problem:
    """What is said of a file that has no list of deployments: what it is, as far as it shows."""
    loc: Loc = ("deployments",)
    needed = "The file needs a list `deployments`."
    if not isinstance(top, dict):
        return Problem(loc, needed, "missing")
    if top.get("deployments") is not None:
        problem = list_problem(loc, top["deployments"], of="deployment", keys=set(DEPLOYMENT_KEYS))
        return Problem(loc, f"{needed} {problem.msg}", problem.type)
    meant = [key for key in top if near_key(key, ["deployments"])]
    if meant:
        hint = f"Did you mean `deployments` instead of `{meant[0]}`?"
        return Problem((meant[0],), f"{needed} {hint}", "missing")
    if "triggers" in top:
        hint = "A file of triggers goes with a deployment: `-n NAME --trigger PATH`."
        return Problem(loc, f"{needed} {hint}", "missing")
    if "entrypoint" in top:
        hint = "This is one deployment: put it below `deployments:`, beginning with `- `."
        return Problem(loc, f"{needed} {hint}", "missing")
    return Problem(loc, needed, "missing")


def _top_near_misses(top: Mapping[str, Any]) -> Iterator[Problem]:
    for key in top:
        meant = near_key(key, _TOP)
        if meant is not None:
            message = f"`{key}` is not a key of a prefect.yaml. Did you mean `{meant}`?"
            yield Problem((key,), message, "unknown_key")


def _top_notes(top: Mapping[str, Any]) -> Iterator[Problem]:
    for key in top:
        if key in NOT_CARRIED_OUT and top[key]:
            yield Problem((key,), f"{NOT_CARRIED_OUT[key]}.")
        elif key not in _TOP and near_key(key, _TOP) is None:
            yield Problem((key,), _NO_EFFECT)


def _notes(entry: Mapping[str, Any], loc: Loc) -> Iterator[Problem]:
    for key, why in NOT_CARRIED_OUT.items():
        if entry.get(key):
            yield Problem((*loc, key), f"{why}.")
    yield from (Problem((*loc, *each.loc), _NO_EFFECT) for each in unknown_keys(entry))


_NO_EFFECT = "this key is not known and has no effect."


def unknown_of_triggers(triggers: Any, loc: Loc) -> tuple[list[Problem], list[Problem]]:
    """Keys that nobody knows: those that look like known ones, and notes about the others."""
    unknown = list(unknown_in_triggers(triggers, loc))
    return (
        [Problem(each.loc, each.sentence, "unknown_key") for each in unknown if each.meant],
        [Problem(each.loc, _NO_EFFECT) for each in unknown if not each.meant],
    )
