"""An automation as Python for Prefect's client: a deployment's trigger, or an `Automation`."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from project.lib.json_documents import Document
from project.lib.problems import Invalid, Loc
from triggers_app.automation.actions import ACTION_KINDS, ACTIONS
from triggers_app.automation.deployment_triggers import ACTION, OWN
from triggers_app.automation.document import ACTION_LISTS
from triggers_app.automation.formats.checking import canonical
from triggers_app.automation.formats.loss import Loss, of_flint, unless_empty
from triggers_app.automation.formats.prefect_yaml.block import of_actions, trigger_of
from triggers_app.automation.formats.python.names import (
    ACTION_CLASSES,
    ACTIONS_MODULE,
    DEPLOYMENT_PREFIX,
    EVENTS_MODULE,
    METRIC_QUERY,
    TRIGGER_CLASSES,
)
from triggers_app.automation.formats.python.text import (
    PythonCall,
    Raw,
    duration,
    is_keyword_argument,
    text,
)
from triggers_app.automation.formats.reading import Writing
from triggers_app.automation.model_fields import DEFAULTS, SECONDS
from triggers_app.automation.triggers import KINDS, METRIC_NAMES

_EVENT = ("match", "match_related", "after", "expect", "for_each", "posture", "threshold", "within")
_KNOWN = {
    "event": _EVENT,
    "metric": ("match", "match_related", "metric", "posture"),
    "compound": ("require", "within", "triggers"),
    "sequence": ("within", "triggers"),
}
_METRIC = ("name", "operator", "threshold", "range", "firing_for")
_SPELLED_OUT = ("range", "firing_for", "source", "subject")
# What the classes take when nothing is written.
_DEFAULTS: dict[str, tuple[Any, ...]] = {
    **{key: values for key, values in DEFAULTS.items() if key not in _SPELLED_OUT},
    "posture": ("Reactive", "Metric"),
    "within": (0, None),
}
_NOT_IN_EVERY_RELEASE = {"delete-flow-run": "DeleteFlowRun"}


def write(document: Document) -> Writing:
    with suppress(Invalid):  # A draft that is not finished is shown as far as it goes.
        document = canonical(document)
    writer = _Writer()
    if _is_deployments(document):
        lines = writer.deployments(document)
    else:
        lines = writer.automation(document)
    return Writing("\n".join([*writer.imports(), "", *lines]) + "\n", writer.losses)


def _is_deployments(document: Document) -> bool:
    """Whether it says no more than a trigger of a deployment does, but for which that is."""
    lost = [loss.loc for loss in of_actions(document, "it")]
    return lost == [("actions", 0, "deployment_id")]


class _Writer:
    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self._names: dict[str, set[str]] = {}

    def imports(self) -> list[str]:
        standard = [each for each in ("datetime",) if each in self._names]
        others = sorted(set(self._names) - {"datetime"})
        lines = [self._import(each) for each in standard]
        lines += [""] if standard else []
        return lines + [self._import(each) for each in others]

    def _import(self, module: str) -> str:
        names = sorted(self._names[module])
        line = f"from {module} import {', '.join(names)}"
        if len(line) <= 88:
            return line
        return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])

    def deployments(self, document: Document) -> list[str]:
        self.losses += of_actions(document, "a deployment's trigger")
        block = trigger_of(document)
        fields = {key: each for key, each in block.items() if key not in (*OWN, *ACTION)}
        call = self._trigger(("trigger",), fields, prefix=DEPLOYMENT_PREFIX)
        own = self._said({key: block[key] for key in OWN if key in block}, keep=("name",))
        given = self._said({key: block[key] for key in ACTION if key in block})
        call = PythonCall(call.name, {**own, **call.arguments, **given})
        return [
            "trigger = " + text(call, before=len("trigger = ")),
            "",
            "# The deployment takes it with your_flow.serve(..., triggers=[trigger])",
            "# or your_flow.deploy(..., triggers=[trigger]).",
        ]

    def automation(self, document: Document) -> list[str]:
        self._use("prefect.automations", "Automation")
        owner = "The owner is lost: the client sets it for deployments' triggers only."
        self.losses += unless_empty(document, "owner_resource", owner)
        self.losses += of_flint(document)
        fields: dict[str, Any] = {}
        for key in ("name", "description", "enabled", "tags"):
            if key in document:
                fields[key] = document[key]
        fields = self._said(fields, keep=("name",))
        fields["trigger"] = self._trigger(("trigger",), document.get("trigger"))
        for key in ACTION_LISTS:
            actions = document.get(key)
            if isinstance(actions, list) and (actions or key == "actions"):
                fields[key] = [self._action((key, i), each) for i, each in enumerate(actions)]
        call = text(PythonCall("Automation", fields), before=len("automation = "))
        start = 'if __name__ == "__main__":\n    automation.create()'
        return [f"automation = {call}", "", start]

    def _trigger(self, loc: Loc, trigger: Any, *, prefix: str = "") -> Any:
        kind = trigger.get("type", "event") if isinstance(trigger, dict) else None
        if kind not in KINDS:
            return trigger
        known = _KNOWN[kind]
        # Other triggers than reactive ones take another `within` when nothing is written.
        reactive = kind == "event" and trigger.get("posture") != "Proactive"
        keep = () if reactive or trigger.get("within") is None else ("within",)
        fields = self._said({key: trigger[key] for key in known if key in trigger}, keep=keep)
        fields |= self._unknown(loc, trigger, known)
        if isinstance(fields.get("triggers"), list):
            fields["triggers"] = [
                self._trigger((*loc, "triggers", index), child)
                for index, child in enumerate(fields["triggers"])
            ]
        if isinstance(fields.get("metric"), dict):
            fields["metric"] = self._metric((*loc, "metric"), fields["metric"])
        name = prefix + TRIGGER_CLASSES[kind]
        self._use(EVENTS_MODULE, name)
        return PythonCall(name, fields)

    def _metric(self, loc: Loc, query: dict[str, Any]) -> Any:
        self._use(EVENTS_MODULE, METRIC_QUERY)
        if query.get("name") not in METRIC_NAMES:
            message = f"Prefect's client refuses the metric `{query.get('name')}`."
            self.losses.append(Loss((*loc, "name"), message))
        fields = {key: query[key] for key in _METRIC if key in query}
        fields = self._said(fields, keep=("name", "threshold"))
        return PythonCall(METRIC_QUERY, {**fields, **self._unknown(loc, query, _METRIC)})

    def _action(self, loc: Loc, action: Any) -> Any:
        kind = action.get("type") if isinstance(action, dict) else None
        if kind not in ACTION_KINDS:
            return action
        name = ACTION_CLASSES[kind]
        self._use(ACTIONS_MODULE, name)
        if kind in _NOT_IN_EVERY_RELEASE:
            message = f"Not every release of Prefect's client has the class `{name}`."
            self.losses.append(Loss(loc, message))
        if action.get("force"):
            message = "Not every release of Prefect's client has `force`; others ignore it."
            self.losses.append(Loss((*loc, "force"), message))
        fields_of_kind = ACTIONS[kind].model_fields
        known = tuple(key for key in action if key in fields_of_kind and key != "type")
        fields = self._said({key: action[key] for key in known if action[key] is not None})
        return PythonCall(name, {**fields, **self._unknown(loc, action, known)})

    def _said(self, fields: dict[str, Any], *, keep: tuple[str, ...] = ()) -> dict[str, Any]:
        """Without what the classes take anyway, and with durations as such."""
        said: dict[str, Any] = {}
        for key, value in fields.items():
            if key not in keep and value in _DEFAULTS.get(key, ()):
                continue
            said[key] = duration(value) if key in SECONDS else value
            if isinstance(said[key], Raw):
                self._use("datetime", "timedelta")
        return said

    def _unknown(self, loc: Loc, value: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, given in _others(value, known):
            if is_keyword_argument(key):
                kept[key] = given
                message = f"Prefect's client ignores `{key}`."
            else:
                message = f"`{key}` is lost: it cannot be the name of an argument."
            self.losses.append(Loss((*loc, key), message))
        return kept

    def _use(self, module: str, name: str) -> None:
        self._names.setdefault(module, set()).add(name)


def _others(value: dict[str, Any], known: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for key, given in value.items():
        empty = given is None or (key == "for_each" and not given)
        if key not in (*known, "type", "id") and not (empty and key in _DEFAULTS):
            yield key, given
