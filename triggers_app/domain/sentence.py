"""An automation's document as one sentence. Pure.

It takes the document as stored, so that one with keys or kinds nobody knows is told too.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from project.lib.moments import in_words

_RESOURCE = "prefect.resource.id"
_VERBS = {
    "run-deployment": "run",
    "pause-deployment": "pause",
    "resume-deployment": "resume",
    "pause-automation": "switch off",
    "resume-automation": "switch on",
    "pause-work-pool": "pause",
    "resume-work-pool": "resume",
    "pause-work-queue": "pause",
    "resume-work-queue": "resume",
}
_PLAIN = {
    "do-nothing": "do nothing",
    "cancel-flow-run": "cancel the flow run",
    "suspend-flow-run": "suspend the flow run",
    "resume-flow-run": "resume the flow run",
    "delete-flow-run": "delete the flow run",
    "change-flow-run-state": "change the state of the flow run",
    "send-notification": "send a notification",
    "call-webhook": "call a webhook",
}


def sentence(document: Mapping[str, Any], *, names: Mapping[UUID, str]) -> str:
    """`When …, run flow / deployment.` `names` are those of what its actions select."""
    trigger = document.get("trigger") or {}
    actions = [*_list(document, "actions"), *_list(document, "actions_on_trigger")]
    told = _listed([_action(action, names) for action in actions], "and") or "do nothing"
    each = _listed([_label(name) for name in _list(trigger, "for_each")], "and")
    start = f"When, for each {each}, " if each else "When "
    text = f"{start}{_condition(trigger)}, {told}."
    if resolve := _list(document, "actions_on_resolve"):
        text += f" When that is over, {_listed([_action(a, names) for a in resolve], 'and')}."
    return text


def targets(document: Mapping[str, Any]) -> list[UUID]:
    """The deployments that its actions select, without repeats."""
    keys = ("actions", "actions_on_trigger", "actions_on_resolve")
    found = [action.get("deployment_id") for key in keys for action in _list(document, key)]
    return list(dict.fromkeys(UUID(str(text)) for text in found if text))


def _condition(trigger: Mapping[str, Any]) -> str:
    kind = trigger.get("type", "event")
    if kind in ("compound", "sequence"):
        return _composite(trigger, kind)
    if kind == "metric":
        return _metric(trigger)
    return _event(trigger)


def _event(trigger: Mapping[str, Any]) -> str:
    within = _within(trigger)
    threshold = trigger.get("threshold", 1)
    after = _listed(_list(trigger, "after"), "or")
    what = _listed(_list(trigger, "expect"), "or") or "any event"
    where = _where(trigger)
    if trigger.get("posture") == "Proactive":
        short = f"fewer than {threshold} times" if threshold > 1 else ""
        verb = f"happens {short}" if short else "does not happen"
        since = f" after {after}" if after else ""
        return f"{what}{where} {verb}{within}{since}"
    times = f" at least {threshold} times" if threshold > 1 else ""
    return f"{what} happens{where}{times}{within}" + (f", after {after}" if after else "")


def _composite(trigger: Mapping[str, Any], kind: str) -> str:
    parts = [_condition(child) for child in _list(trigger, "triggers")]
    within = _within(trigger)
    if kind == "sequence":
        return "; then ".join(parts) + (f", in this order{within}" if parts else within)
    require = trigger.get("require", "all")
    if require == "all":
        return _listed(parts, "and") + f", in any order{within}"
    if require == "any":
        return _listed(parts, "or") + within
    return f"{require} of these happen{within}: {_listed(parts, 'or')}"


def _metric(trigger: Mapping[str, Any]) -> str:
    metric = trigger.get("metric") or {}
    return (
        f"{metric.get('name')} of the runs{_where(trigger)} is {metric.get('operator')} "
        f"{metric.get('threshold')} for {_duration(metric.get('firing_for', 300))}"
    )


def _where(trigger: Mapping[str, Any]) -> str:
    """The labels of `match` and `match_related`, shortened to what a person scans for."""
    parts = []
    for name, values in (trigger.get("match") or {}).items():
        told = _listed(_texts(values), "or")
        parts.append(f"on {told}" if name == _RESOURCE else f"where {_label(name)} is {told}")
    related = trigger.get("match_related") or []
    for wanted in related if isinstance(related, list) else [related]:
        values = [_listed(_texts(v), "or") for name, v in wanted.items() if name == _RESOURCE]
        if wanted:
            parts.append(f"related to {_listed(values, 'and') or 'certain resources'}")
    return "".join(f" {part}" for part in parts)


def _action(action: Mapping[str, Any], names: Mapping[UUID, str]) -> str:
    kind = str(action.get("type"))
    if kind not in _VERBS:
        return _PLAIN.get(kind, kind.replace("-", " "))
    key = kind.split("-", 1)[1].replace("-", "_")
    selected = action.get(f"{key}_id")
    noun = key.replace("_", " ")
    if not selected:
        return f"{_VERBS[kind]} the event's {noun}"
    return f"{_VERBS[kind]} {names.get(UUID(str(selected)), f'a {noun} that is gone')}"


def _within(trigger: Mapping[str, Any]) -> str:
    within = trigger.get("within")
    return f" within {_duration(within)}" if within else ""


def _duration(seconds: Any) -> str:
    return in_words(timedelta(seconds=float(seconds)))


def _label(name: str) -> str:
    return "resource" if name == _RESOURCE else name.removeprefix("prefect.resource.")


def _texts(values: Any) -> Sequence[str]:
    return [str(value) for value in values] if isinstance(values, list) else [str(values)]


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    return document.get(key) or []


def _listed(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
