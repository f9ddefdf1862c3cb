"""One member of `deployments` in prefect.yaml: what it says, and which of its keys mean nothing."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from project.lib.problems import Invalid, Loc, Problem
from runs_app.domain.plain_names import name_problem
from runs_app.domain.storable import unstorable
from triggers_app.automation.deployment_triggers import ACTION, OWN
from triggers_app.automation.formats.shapes import SCHEDULE_KEYS, whole_automation, wrong_shapes
from triggers_app.automation.near_keys import Comparing
from triggers_app.automation.parsing import problems_of
from triggers_app.automation.unknown_keys import ALIASES, UnknownKey, unknown_trigger_keys

# Known to Prefect, and not carried out here (yet): said, never silently dropped.
NOT_CARRIED_OUT = {
    "build": "build steps are not carried out",
    "push": "push steps are not carried out",
    "sla": "service levels are not carried out",
    "version_type": "versions have no type here",
}
_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        **ALIASES,
        **dict.fromkeys(("pool", "work_pool_name", "workpool", "worker_pool"), "work_pool"),
        **dict.fromkeys(("queue", "work_queue", "queue_name"), "work_queue_name"),
        **dict.fromkeys(("cron", "interval", "rrule"), "schedules"),
        **dict.fromkeys(("automations", "automation"), "triggers"),
        **dict.fromkeys(("concurrency", "max_concurrency"), "concurrency_limit"),
        **dict.fromkeys(("strategy", "on_collision"), "collision_strategy"),
        **dict.fromkeys(("flow", "file", "path", "function"), "entrypoint"),
        **dict.fromkeys(("params", "defaults", "default_parameters"), "parameters"),
        **dict.fromkeys(("tz", "time_zone"), "timezone"),
    }
)
_SCHEDULE = (
    *sorted(SCHEDULE_KEYS),
    *("anchor_date", "day_or", "active", "parameters", "slug", "replaces", "max_scheduled_runs"),
    *("catchup", "max_active_runs"),
)


def _text(value: Any) -> Any:
    """YAML reads `version: 1.2` as a number where people mean text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_text)]


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("This must be a whole number.")
    return value


Count = Annotated[int, BeforeValidator(_number), Field(ge=0, le=2**31 - 1)]
Grace = Annotated[int, BeforeValidator(_number), Field(ge=60, le=86_400)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="allow")


class Pool(_Entry):
    name: Text | None = None
    work_queue_name: Text | None = None
    job_variables: dict[str, Any] | None = None


class EntryLimit(_Entry):
    limit: Count | None = None
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"] | None = None
    grace_period_seconds: Grace | None = None

    @property
    def options(self) -> dict[str, Any] | None:
        """What the API calls `concurrency_options`."""
        options = {
            "collision_strategy": self.collision_strategy or "ENQUEUE",
            "grace_period_seconds": self.grace_period_seconds,
        }
        said = self.model_fields_set - {"limit"}
        return {key: value for key, value in options.items() if value is not None} if said else None


def _pool(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _limit(value: Any) -> Any:
    return value if isinstance(value, dict) or value is None else {"limit": value}


def _steps(value: Any) -> Any:
    """One step, as Prefect takes it; `{}` is none."""
    return ([value] if value else None) if isinstance(value, dict) else value


class DeploymentEntry(_Entry):
    """What an entry says, without its triggers."""

    name: Annotated[Text, Field(min_length=1)]
    entrypoint: str
    flow_name: Text | None = None
    description: Text | None = None
    version: Text | None = None
    tags: list[Text] | None = None
    parameters: dict[str, Any] | None = None
    work_pool: Annotated[Pool | None, BeforeValidator(_pool)] = None
    concurrency_limit: Annotated[EntryLimit | None, BeforeValidator(_limit)] = None
    enforce_parameter_schema: bool | None = None
    paused: bool | None = None
    pull: Annotated[list[dict[str, Any]] | None, BeforeValidator(_steps)] = None
    triggers: Any = None
    schedule: dict[str, Any] | None = None
    schedules: list[dict[str, Any]] | None = None

    @property
    def all_schedules(self) -> list[dict[str, Any]]:
        """Those of the list, or the one."""
        return self.schedules or ([self.schedule] if self.schedule else [])


def parse_entry(entry: Any) -> DeploymentEntry:
    """Raises Invalid with everything that is wrong, from the entry on; triggers apart."""
    if not isinstance(entry, dict):
        raise Invalid([Problem((), "A deployment must be an object with keys.", "dict_type")])
    rest = {key: value for key, value in entry.items() if key != "triggers"}
    problems = [*wrong_shapes(entry, ()), *_bad_names(entry)]
    known_places = {each.loc for each in problems}
    problems += [each for each in unstorable(rest) if each.loc not in known_places]
    known_places = {each.loc for each in problems}
    deployment = None
    try:
        deployment = DeploymentEntry.model_validate(entry)
    except ValidationError as error:
        problems += [each for each in problems_of(error) if each.loc not in known_places]
    problems += [Problem(key.loc, key.sentence, "unknown_key") for key in near_misses(entry)]
    if problems or deployment is None:
        raise Invalid(problems)
    return deployment


def _bad_names(entry: dict[str, Any]) -> Iterator[Problem]:
    pool = entry.get("work_pool")
    named = pool.get("name") if isinstance(pool, dict) else pool
    places: list[tuple[Loc, Any]] = [(("name",), entry.get("name"))]
    places += [(("flow_name",), entry.get("flow_name"))]
    places += [(("work_pool", "name") if isinstance(pool, dict) else ("work_pool",), named)]
    for loc, name in places:
        if isinstance(name, str) and name and (problem := name_problem(name)):
            yield Problem(loc, problem)


@dataclass(frozen=True, slots=True)
class _Part:
    """A map within the entry, in words, and the keys that it knows."""

    loc: Loc
    value: Any
    words: str
    known: Collection[str]

    def unknown(self, comparing: Comparing) -> Iterator[UnknownKey]:
        for key in self.value if isinstance(self.value, Mapping) else ():
            if key not in self.known:
                meant = comparing.near(key, self.known, _ALIASES)
                yield UnknownKey((*self.loc, key), f"a key of {self.words}", meant)


def unknown_keys(entry: Mapping[str, Any]) -> Iterator[UnknownKey]:
    """Every key that means nothing here, from the entry on; those of its triggers as well."""
    comparing = Comparing()
    known = (*DeploymentEntry.model_fields, *NOT_CARRIED_OUT)
    yield from _Part((), entry, "a deployment", known).unknown(comparing)
    yield from _Part(
        ("work_pool",), entry.get("work_pool"), "a work pool", Pool.model_fields
    ).unknown(comparing)
    yield from _Part(
        ("concurrency_limit",),
        entry.get("concurrency_limit"),
        "a limit of runs",
        EntryLimit.model_fields,
    ).unknown(comparing)
    for loc, schedule in _schedules(entry):
        yield from _Part(loc, schedule, "a schedule", _SCHEDULE).unknown(comparing)
    yield from unknown_in_triggers(entry.get("triggers"), ("triggers",))


def near_misses(entry: Mapping[str, Any]) -> list[UnknownKey]:
    return [each for each in unknown_keys(entry) if each.meant is not None]


def unknown_in_triggers(triggers: Any, loc: Loc) -> Iterator[UnknownKey]:
    comparing = Comparing()
    for index, trigger in enumerate(triggers if isinstance(triggers, list) else []):
        if whole_automation((), trigger) is None:
            yield from unknown_trigger_keys(
                trigger, loc=(*loc, index), comparing=comparing, besides=(*OWN, *ACTION)
            )


def _schedules(entry: Mapping[str, Any]) -> Iterator[tuple[Loc, Any]]:
    yield ("schedule",), entry.get("schedule")
    listed = entry.get("schedules")
    for index, each in enumerate(listed if isinstance(listed, list) else []):
        yield ("schedules", index), each
