"""`{{ … }}` in prefect.yaml, outside of templates: the environment, and outputs of steps.

Steps and Prefect's variables and blocks have no values here. As in Prefect what has none is
left out; that may only be where it changes neither what fires nor what is run, and is noted.
Anywhere else it is a problem: a condition that is left out matches everything.
"""

import re
from collections.abc import Mapping
from typing import Any

from project.lib.problems import Loc, Problem

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_DROPPED = object()
# Where a missing value is noted; within a deployment's entry, and within a trigger.
_NOTED = (
    "description",
    "version",
    "tags",
    "build",
    "push",
    "schedule",
    "schedules",
)
_NOTED_OF_POOL = ("work_pool", "job_variables")
NOTED_OF_TRIGGER = ("name", "description")
TEMPLATES = "parameters"
"""The key of a trigger whose `{{ … }}` are for the templates of its action; but for `{{ $… }}`."""
_OF_WORKERS = "ctx."
"""What Prefect's workers fill in when a run begins, so it is left as it is."""


def placeholders_in(text: str) -> list[str]:
    """The expressions of a text."""
    # Without an end behind it a beginning is none; each would be looked for to the last letter.
    return [expression.strip() for expression in _PLACEHOLDER.findall(text[: text.rfind("}}") + 2])]


class Placeholders:
    """Fills in; `notes` and `problems` tell of what has no value, `problems` of what needs one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.notes: list[Problem] = []
        self.problems: list[Problem] = []

    def of_deployment(self, entry: Any, loc: Loc) -> Any:
        if not isinstance(entry, dict):
            return entry
        kept = {key: entry[key] for key in ("triggers", "pull") if key in entry}
        resolved = {
            **self._of_entries(
                {key: value for key, value in entry.items() if key not in kept}, loc, loc
            ),
            **kept,
        }
        if isinstance(entry.get("triggers"), list):
            resolved["triggers"] = self.of_triggers(entry["triggers"], (*loc, "triggers"))
        return resolved

    def of_triggers(self, triggers: list[Any], loc: Loc) -> list[Any]:
        return [self._of_trigger(each, (*loc, index)) for index, each in enumerate(triggers)]

    def _of_trigger(self, trigger: Any, loc: Loc) -> Any:
        if not isinstance(trigger, dict):
            return trigger
        rest = {key: value for key, value in trigger.items() if key != TEMPLATES}
        kept = {}
        if TEMPLATES in trigger:
            kept[TEMPLATES] = self._of_templates(trigger[TEMPLATES], (*loc, TEMPLATES))
        return {**self._of_entries(rest, loc, loc, of_trigger=True), **kept}

    def _of_templates(self, value: Any, loc: Loc) -> Any:
        """Only the environment is filled in; what has no value is left for its problem."""
        if isinstance(value, dict):
            return {key: self._of_templates(each, (*loc, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [self._of_templates(each, (*loc, n)) for n, each in enumerate(value)]
        if not isinstance(value, str) or "$" not in value:
            return value

        def filled(match: re.Match[str]) -> str:
            expression = match[1].strip()
            resolved = self._look_up(expression, loc, False) if expression.startswith("$") else None
            return match[0] if resolved is None else resolved

        end = value.rfind("}}") + 2
        return _PLACEHOLDER.sub(filled, value[:end]) + value[end:]

    def _of_entries(
        self, entries: dict[str, Any], loc: Loc, base: Loc, *, of_trigger: bool = False
    ) -> dict[str, Any]:
        resolved = {}
        for key, item in entries.items():
            if of_trigger:
                self._refuse_in_key(key, (*loc, key))
            entry = self._of(item, (*loc, key), base, of_trigger)
            if entry is not _DROPPED:
                resolved[key] = entry
        return resolved

    def _of(self, value: Any, loc: Loc, base: Loc, of_trigger: bool) -> Any:
        if isinstance(value, dict):
            return self._of_entries(value, loc, base, of_trigger=of_trigger)
        if isinstance(value, list):
            items = [self._of(each, (*loc, n), base, of_trigger) for n, each in enumerate(value)]
            return [item for item in items if item is not _DROPPED]
        if not isinstance(value, str) or not placeholders_in(value):
            return value
        return self._of_text(value, loc, self._is_noted(loc[len(base) :], of_trigger))

    def _is_noted(self, loc: Loc, of_trigger: bool) -> bool:
        if of_trigger:
            return loc[0] in NOTED_OF_TRIGGER
        return loc[0] in _NOTED or loc[:2] == _NOTED_OF_POOL

    def _of_text(self, text: str, loc: Loc, noted: bool) -> Any:
        lone = _PLACEHOLDER.fullmatch(text.strip())
        if lone is not None and "{{" not in lone[1]:
            resolved = self._look_up(lone[1].strip(), loc, noted)
            return _DROPPED if resolved is None else resolved
        end = text.rfind("}}") + 2
        filled = _PLACEHOLDER.sub(
            lambda match: self._look_up(match[1].strip(), loc, noted) or "", text[:end]
        )
        return filled + text[end:]

    def _look_up(self, expression: str, loc: Loc, noted: bool) -> str | None:
        value = None
        if expression.startswith("$"):
            value = self._environment.get(expression[1:])
        if value is None:
            quoted = f"`{{{{ {expression} }}}}`"
            if expression.startswith(_OF_WORKERS) and TEMPLATES in loc:
                self.notes.append(Problem(loc, f"{quoted} is not filled in here and stays."))
                return quoted.strip("`")
            if noted:
                self.notes.append(Problem(loc, f"{quoted} has no value here and is left out."))
            else:
                self.problems.append(Problem(loc, f"{quoted} has no value. {_remedy(expression)}"))
        return value

    def _refuse_in_key(self, key: str, loc: Loc) -> None:
        for expression in placeholders_in(key):
            message = f"`{{{{ {expression} }}}}` stands in a key, where nothing is filled in."
            self.problems.append(Problem(loc, message))


def _remedy(expression: str) -> str:
    if expression.startswith("$"):
        return f"Set the environment variable `{expression[1:]}`, or write the value itself."
    return "Only environment variables, as `{{ $NAME }}`, are known here; write the value itself."
