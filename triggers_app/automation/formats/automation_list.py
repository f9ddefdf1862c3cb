"""The automations of a text: Prefect's own file with `automations:`, a list, or a single one.

Source: `prefect automation create --from-file`.
"""

from collections.abc import Iterator
from typing import Any

from project.lib.problems import Loc, Problem
from triggers_app.automation.deployment_triggers import with_defaults
from triggers_app.automation.document import ACTION_LISTS
from triggers_app.automation.formats.shapes import list_problem
from triggers_app.automation.near_keys import near_key

KEY = "automations"
AUTOMATION_KEYS = frozenset(("trigger", *ACTION_LISTS))


def is_file_of_automations(value: Any) -> bool:
    """Whether this is Prefect's file, or automations as such, and not a prefect.yaml."""
    if isinstance(value, list):
        return any(isinstance(each, dict) and AUTOMATION_KEYS & each.keys() for each in value)
    if not isinstance(value, dict) or "deployments" in value:
        return False
    known = KEY in value or bool(AUTOMATION_KEYS & value.keys())
    return known or _slip(value) is not None


def automations_in(value: Any) -> Iterator[tuple[Loc, Any]]:
    """Each automation with its path. Those below `automations:` have the defaults of Prefect's
    client, as there."""
    if isinstance(value, list):
        yield from (((index,), each) for index, each in enumerate(value))
    elif isinstance(value, dict) and KEY in value and not AUTOMATION_KEYS & value.keys():
        listed = value[KEY]
        for index, each in enumerate(listed if isinstance(listed, list) else []):
            yield (KEY, index), completed(each)
    else:
        yield (), value


def list_of_automations_problem(value: Any) -> Problem | None:
    """What is wrong where `automations:` is no list, or spelled otherwise."""
    if not isinstance(value, dict) or AUTOMATION_KEYS & value.keys():
        return None
    if slip := _slip(value):
        message = f"`{slip}` is not known here. Did you mean `{KEY}`?"
        return Problem((slip,), message, "unknown_key")
    if KEY not in value:
        return None
    listed = value[KEY]
    if listed is None or isinstance(listed, list):
        return None
    keys = AUTOMATION_KEYS | {"name"}
    return list_problem((KEY,), listed, of="automation", keys=keys)


def _slip(value: dict[str, Any]) -> str | None:
    """The only key of a text that is nearly `automations`."""
    keys = list(value)
    return keys[0] if len(keys) == 1 and near_key(keys[0], [KEY]) else None


def completed(automation: Any) -> Any:
    """With what Prefect's client fills in, and its API does not."""
    if not isinstance(automation, dict) or "trigger" not in automation:
        return automation
    return {**automation, "trigger": with_defaults(automation["trigger"])}
