"""`prefect.yaml`: what is to be deployed, and which triggers run it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, ValidationError

from project.lib.problems import Invalid, Problem
from triggers_app.codecs.placeholders import Placeholders
from triggers_app.codecs.yaml_source import InvalidSource, Loc, Located, Source, read_yaml
from triggers_app.domain.deployment_triggers import parse_deployment_triggers
from triggers_app.domain.parsing import problems_of
from triggers_app.engine.templates import Templates
from triggers_app.engine.templates_parameters import check_parameters

_TOP = {"name", "prefect-version", "deployments", "definitions", "pull", "build", "push"}
# Known to Prefect, and not carried out here (yet): said, never silently dropped.
_NOT_CARRIED_OUT = {
    "build": "build steps are not carried out",
    "push": "push steps are not carried out",
    "schedule": "schedules are not carried out yet",
    "schedules": "schedules are not carried out yet",
}


def _text(value: Any) -> Any:
    """YAML reads `version: 1.2` as a number where people mean text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_text)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="allow")


class Pool(_Entry):
    name: Text | None = None
    work_queue_name: Text | None = None
    job_variables: dict[str, Any] | None = None


class Deployment(_Entry):
    """One member of `deployments`, without its triggers."""

    name: Annotated[Text, Field(min_length=1)]
    entrypoint: str
    flow_name: Text | None = None
    description: Text | None = None
    version: Text | None = None
    tags: list[Text] | None = None
    parameters: dict[str, Any] | None = None
    work_pool: Pool | None = None
    concurrency_limit: int | None = None
    enforce_parameter_schema: StrictBool | None = None
    paused: StrictBool | None = None
    pull: list[dict[str, Any]] | None = None
    triggers: Any = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A deployment and its place in the file."""

    loc: Loc
    deployment: Deployment


@dataclass(frozen=True, slots=True)
class PrefectFile:
    """What the file says; `problems` tell what is wrong with the entries that are left out.

    `pull` are the steps for deployments that have none of their own.
    """

    source: Source
    entries: list[Entry]
    pull: list[dict[str, Any]] | None
    problems: list[Located] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parse_prefect_yaml(
    text: str, *, name: str = "prefect.yaml", environment: Mapping[str, str] | None = None
) -> PrefectFile:
    """Read a prefect.yaml. Raises InvalidSource when it is not YAML or has no deployments.

    `environment` answers placeholders such as `{{ $HOME }}`.
    """
    source = read_yaml(text, name=name)
    top = source.value
    if not isinstance(top, dict) or not isinstance(top.get("deployments"), list):
        problem = Problem(("deployments",), "The file needs a list `deployments`.", "missing")
        raise InvalidSource(source.located([problem]))
    resolving = Placeholders(environment or {})
    notes = list(_top_notes(top))
    entries: list[Entry] = []
    problems: list[Problem] = []
    for index, written in enumerate(top["deployments"]):
        loc: Loc = ("deployments", index)
        resolved = resolving.of_deployment(written, loc)
        others = _below((*loc, "triggers"), trigger_problems(resolved))
        try:
            entries.append(Entry(loc, _deployment(resolved)))
            notes += _notes(written, loc)
        except Invalid as error:
            others += _below(loc, error.problems)
        problems += unless_at(others, resolving.problems)
    problems += resolving.problems
    told = [str(Located(name, source.line(note.loc), note)) for note in [*notes, *resolving.notes]]
    pull = top.get("pull")
    steps = pull if isinstance(pull, list) else None
    return PrefectFile(source, entries, steps, source.located(problems), told)


def trigger_problems(deployment: Any) -> list[Problem]:
    """What is wrong with the `triggers` of a deployment as it is written, templates included."""
    if not isinstance(deployment, dict):
        return []
    triggers = deployment.get("triggers")
    problems: list[Problem] = []
    try:
        parse_deployment_triggers(triggers, deployment_name="", deployment_id=UUID(int=0))
    except Invalid as error:
        problems += error.problems
    for index, trigger in enumerate(triggers if isinstance(triggers, list) else []):
        if isinstance(trigger, dict):
            loc = (index, "parameters")
            parameters = trigger.get("parameters")
            problems += check_parameters(parameters, loc=loc, templates=Templates())
    return problems


def unless_at(problems: Sequence[Problem], others: Sequence[Problem]) -> list[Problem]:
    """The problems of places of which the others do not tell."""
    told = {each.loc for each in others}
    return [each for each in problems if each.loc not in told]


def _below(loc: Loc, problems: Sequence[Problem]) -> list[Problem]:
    return [Problem((*loc, *problem.loc), problem.msg, problem.type) for problem in problems]


def _deployment(entry: Any) -> Deployment:
    if not isinstance(entry, dict):
        raise Invalid([Problem((), "A deployment must be an object with keys.", "dict_type")])
    try:
        return Deployment.model_validate(entry)
    except ValidationError as error:
        raise Invalid(problems_of(error)) from None


def _top_notes(top: Mapping[str, Any]) -> Iterator[Problem]:
    for key in top:
        if key in _NOT_CARRIED_OUT and top[key]:
            yield Problem((key,), f"{_NOT_CARRIED_OUT[key]}.")
        elif key not in _TOP:
            yield Problem((key,), "this key is not known and has no effect.")


def _notes(entry: Mapping[str, Any], loc: Loc) -> Iterator[Problem]:
    for key, value in entry.items():
        if key in _NOT_CARRIED_OUT:
            if value:
                yield Problem((*loc, key), f"{_NOT_CARRIED_OUT[key]}.")
        elif key not in Deployment.model_fields:
            yield Problem((*loc, key), "this key is not known and has no effect.")
