"""What `--trigger` may be: a JSON object, or the path of a YAML or JSON file."""

from pathlib import Path
from typing import Any

from project.lib.problems import Problem
from triggers_app.codecs.yaml_source import InvalidSource, Loc, Source, read_yaml

FILES = (".yaml", ".yml", ".json")


def is_path(option: str) -> bool:
    return Path(option.strip()).suffix.lower() in FILES and not option.lstrip().startswith("{")


def read_triggers(text: str, *, name: str) -> tuple[Source, Loc, list[Any]]:
    """The triggers in a file or an option, and the place where their list stands.

    A list, an object with `triggers`, or one trigger. Raises InvalidSource.
    """
    source = read_yaml(text, name=name)
    value = source.value
    if isinstance(value, list):
        return source, (), value
    if not isinstance(value, dict):
        problem = Problem((), "A trigger must be an object with keys.", "dict_type")
        raise InvalidSource(source.located([problem]))
    if _is_list_of_triggers(value):
        return source, ("triggers",), value["triggers"]
    return source, (), [value]


def _is_list_of_triggers(value: dict[str, Any]) -> bool:
    """`{"triggers": […]}` and nothing else; with `require`, `within` … it is a composite."""
    return set(value) == {"triggers"} and isinstance(value["triggers"], list)
