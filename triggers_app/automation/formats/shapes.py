"""A list, a map or a text where another of them belongs: what it is, and what would be right."""

from collections.abc import Iterator, Mapping
from typing import Any

from project.lib.problems import Loc, Problem

_MOST_NAMED = 3


def list_problem(loc: Loc, value: Any, *, of: str, keys: "frozenset[str] | set[str]") -> Problem:
    """About a value that must be a list `of` something that has some of these keys."""
    key = loc[-1]
    if isinstance(value, Mapping):
        if keys & value.keys():
            remedy = f"this is one {of}: begin it with `- `"
        else:
            named = ", ".join(f"`{name}:`" for name in list(value)[:_MOST_NAMED])
            instead = f", not with {named}" if named else ""
            remedy = f"this is a map: begin each {of} with `- `{instead}"
    else:
        remedy = f"this is {_word(value)}: write each {of} below `{key}:`, beginning with `- `"
    return Problem(loc, f"`{key}` must be a list, and {remedy}.", "list_type")


def texts_problem(loc: Loc, value: Any) -> Problem:
    """About a value that must be a list of texts."""
    hint = f" Write `{loc[-1]}: [{value}]`." if isinstance(value, str) else ""
    return Problem(
        loc, f"`{loc[-1]}` must be a list, and this is {_word(value)}.{hint}", "list_type"
    )


def map_problem(loc: Loc, value: Any, *, such_as: str) -> Problem:
    """About a value that must be a map."""
    message = f"`{loc[-1]}` must be a map such as `{such_as}`, and this is {_word(value)}."
    return Problem(loc, message, "dict_type")


def whole_automation(loc: Loc, trigger: Any) -> Problem | None:
    """About an automation that stands where a deployment's trigger belongs."""
    if not isinstance(trigger, Mapping):
        return None
    if not isinstance(trigger.get("trigger"), Mapping) and not isinstance(
        trigger.get("actions"), list
    ):
        return None
    message = (
        "This is an automation with actions of its own. A deployment's trigger has the keys of "
        "the trigger itself (`expect`, `match` …) and runs that deployment."
    )
    return Problem(loc, message)


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return "a text"
    return "true or false" if isinstance(value, bool) else "a number"


def wrong_shapes(entry: Mapping[str, Any], loc: Loc) -> Iterator[Problem]:
    """Of a deployment's entry in prefect.yaml; null stands for nothing everywhere."""
    given = {key: value for key, value in entry.items() if value is not None}
    for key, (of, keys) in _LISTS.items():
        if key in given and not isinstance(given[key], list):
            yield list_problem((*loc, key), given[key], of=of, keys=keys)
    if "tags" in given and not isinstance(given["tags"], list):
        yield texts_problem((*loc, "tags"), given["tags"])
    for key, such_as in _MAPS.items():
        if key in given and not isinstance(given[key], Mapping):
            yield map_problem((*loc, key), given[key], such_as=such_as)
    pool = given.get("work_pool")
    if pool is not None and not isinstance(pool, str | Mapping):
        yield map_problem((*loc, "work_pool"), pool, such_as="{name: default}")
    variables = pool.get("job_variables") if isinstance(pool, Mapping) else None
    if variables is not None and not isinstance(variables, Mapping):
        yield map_problem(
            (*loc, "work_pool", "job_variables"), variables, such_as="{env: {NAME: value}}"
        )


TRIGGER_KEYS = frozenset(
    ("type", "expect", "match", "match_related", "posture", "triggers", "metric", "parameters")
)
DEPLOYMENT_KEYS = frozenset(("name", "entrypoint", "triggers", "work_pool", "flow_name"))
SCHEDULE_KEYS = frozenset(("cron", "interval", "rrule", "schedule", "timezone"))
_LISTS = {"triggers": ("trigger", TRIGGER_KEYS), "schedules": ("schedule", SCHEDULE_KEYS)}
_MAPS = {"parameters": "{name: value}", "schedule": '{cron: "0 6 * * *"}'}
