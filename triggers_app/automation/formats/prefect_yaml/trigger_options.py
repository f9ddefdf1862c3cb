"""What `--trigger` may be: a JSON object, or the path of a YAML or JSON file."""

from pathlib import Path
from typing import Any

from project.lib.problems import Loc, Problem
from triggers_app.automation.formats.automation_list import automations_in, is_file_of_automations
from triggers_app.automation.formats.shapes import TRIGGER_KEYS, list_problem
from triggers_app.automation.formats.yaml.source import InvalidSource, YamlSource, read_yaml
from triggers_app.automation.unknown_values import name_of

OPTION = "--trigger"
FILES = (".yaml", ".yml", ".json")


def is_path(option: str) -> bool:
    return Path(option.strip()).suffix.lower() in FILES and not option.lstrip().startswith("{")


def read_triggers(text: str, *, name: str) -> tuple[YamlSource, Loc, list[Any]]:
    """The triggers in a file or an option, and the place where their list stands.

    A list, an object with `triggers`, or one trigger. Raises InvalidSource, also for another
    kind of file, with what to do with it.
    """
    source = read_yaml(text, name=name)
    value = source.value
    if wrong := _of_another_kind(value, name):
        raise InvalidSource(source.located([wrong]))
    if isinstance(value, list):
        return source, (), value
    if not isinstance(value, dict):
        message = "A trigger must be an object with keys."
        if name == OPTION and isinstance(value, str):
            message = f"A trigger is a JSON object or a file; there is no file `{value}`."
        problem = Problem((), message, "dict_type")
        raise InvalidSource(source.located([problem]))
    if _is_list_of_triggers(value):
        return source, ("triggers",), value["triggers"]
    return source, (), [value]


def _of_another_kind(value: Any, name: str) -> Problem | None:
    if is_file_of_automations(value):
        named = [name_of(each) for _, each in automations_in(value) if isinstance(each, dict)]
        names = ", ".join(f"`{each}`" for each in named[:_MOST_NAMED] if each)
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        what = f"automations ({names}{more})" if names else "automations"
        path = "PATH" if name == OPTION else name
        return Problem(
            (),
            f"These are {what}, not triggers of a deployment: they have actions of their own. "
            f"Deploy them from a file: `--prefect-file {path}` and `--all`, or `-n NAME` for one.",
        )
    if isinstance(value, dict) and "deployments" in value:
        message = "This is a prefect.yaml: deploy it with `--prefect-file PATH`."
        return Problem(("deployments",), message)
    triggers = value.get("triggers") if isinstance(value, dict) else None
    if triggers is not None and not isinstance(triggers, list):
        return list_problem(("triggers",), triggers, of="trigger", keys=TRIGGER_KEYS)
    return None


_MOST_NAMED = 5


def _is_list_of_triggers(value: dict[str, Any]) -> bool:
    """`{"triggers": […]}` and nothing else; with `require`, `within` … it is a composite."""
    return set(value) == {"triggers"} and isinstance(value["triggers"], list)
