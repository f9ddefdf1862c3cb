"""Triggers and automations in plain words, in one sentence of at most 300 characters."""

from collections.abc import Callable, Sequence

from triggers_app.automation.actions import Action, DeploymentName
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.plain_words import duration, shortened
from triggers_app.automation.triggers import (
    CompoundTrigger,
    EventTrigger,
    Leaf,
    MetricTrigger,
    Posture,
    SequenceTrigger,
    Specification,
    Trigger,
    Values,
)

MAX_LENGTH = 300
DASH = "\N{EN DASH}"

_METRICS = {
    "lateness": "the average lateness of runs",
    "duration": "the average duration of runs",
    "successes": "the share of successful runs",
}
_OPERATORS = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above"}


def automation_sentence(automation: AutomationDocument, deployment_name: DeploymentName) -> str:
    """What happens when. `deployment_name` answers None for a deployment that is gone."""
    return _fitting(
        lambda most: (
            f"When {_clause(automation.trigger, most)} {DASH} "
            f"{_actions(automation.all_actions, deployment_name, most)}."
        )
    )


def trigger_sentence(trigger: Trigger) -> str:
    return _fitting(lambda most: f"When {_clause(trigger, most)}.")


def _fitting(render: Callable[[int], str]) -> str:
    """Name three things of each kind, or fewer, until it fits."""
    text = next((text for most in (3, 2, 1) if len(text := render(most)) <= MAX_LENGTH), render(1))
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…"


def _clause(trigger: Trigger, most: int) -> str:
    match trigger:
        case EventTrigger():
            return _event(trigger, most)
        case CompoundTrigger():
            count = len(trigger.triggers)
            how_many = {
                "all": "all of these happen",
                "any": "any of these happens",
            }.get(str(trigger.require), f"at least {trigger.require} of {count} happen")
            return _composite(trigger, how_many, " · ", most)
        case SequenceTrigger():
            return _composite(trigger, "these happen in this order", ", then ", most)
        case _:
            return _metric(trigger, most)


def _composite(
    trigger: CompoundTrigger | SequenceTrigger, lead: str, separator: str, most: int
) -> str:
    parts = [
        f"({_clause(child, most)})" if child.children else _clause(child, most)
        for child in trigger.children[: most + 1]
    ]
    if len(trigger.children) > len(parts):
        parts.append(f"{len(trigger.children) - len(parts)} more")
    within = "" if trigger.within is None else f" within {duration(trigger.within)}"
    return f"{lead}{within}{_for_each(trigger.for_each, most)}: {separator.join(parts)}"


def _event(trigger: EventTrigger, most: int) -> str:
    names = _names(trigger.expect, most)
    where = _where(trigger, most)
    each = _for_each(trigger.for_each, most)
    within = duration(trigger.within)
    after = f" after {_names(trigger.after, most)}" if trigger.after else ""
    if trigger.posture is Posture.PROACTIVE:
        if trigger.threshold == 1:
            verb = "does not happen"
            limit = f"within {within}{after}" if after else f"for {within}"
        else:
            verb = f"happens fewer than {trigger.threshold} times"
            limit = f"within {within}{after}"
        return f"{names} {verb}{where} {limit}{each}"
    return f"{names} happens{where}{_how_often(trigger, within, after)}{each}"


def _how_often(trigger: EventTrigger, within: str, after: str) -> str:
    times = f", at least {trigger.threshold} times" if trigger.threshold > 1 else ""
    if not trigger.within:
        return f"{times}{after}"
    if after or times:
        return f"{times} within {within}{after}"
    return f", at most once in {within}"


def _names(patterns: Sequence[str], most: int) -> str:
    return _either([shortened(pattern) for pattern in patterns], most) if patterns else "any event"


def _either(items: Sequence[str], most: int) -> str:
    if len(items) > most + 1:
        items = [*items[:most], f"{len(items) - most} more"]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


def _where(trigger: Leaf, most: int) -> str:
    text = _resource(trigger.match, most, " for ")
    for specification in trigger.related_specifications[:most]:
        text += _resource(specification, most, " related to ")
    return text


def _resource(specification: Specification, most: int, lead: str) -> str:
    """` for orders.*, where site is north` or ` related to deployment prefect.deployment.1`."""
    rest = dict(specification)
    role = rest.pop("prefect.resource.role", None)
    resource_id = rest.pop("prefect.resource.id", None)
    parts = [] if role is None else [_values(role, most)]
    if resource_id is not None:
        parts.append(_values(resource_id, most))
    labels = [f"{label} is {_values(values, most)}" for label, values in rest.items()]
    if len(labels) > most:
        labels = [*labels[:most], f"{len(labels) - most} more labels match"]
    where = f", where {' and '.join(labels)}" if labels else ""
    if not parts:
        return where if lead == " for " or not where else f"{lead}something{where}"
    return f"{lead}{' '.join(parts)}{where}"


def _values(values: Values, most: int) -> str:
    listed = [values] if isinstance(values, str) else values
    if not listed:
        return "nothing"
    return _either(
        [f"not {shortened(v[1:])}" if v.startswith("!") else shortened(v) for v in listed], most
    )


def _for_each(labels: Sequence[str], most: int) -> str:
    if not labels:
        return ""
    named = [_label(label) for label in labels[:most]]
    if len(labels) > most:
        named.append(f"{len(labels) - most} more labels")
    return f", for each {' and '.join(named)}"


def _label(label: str) -> str:
    if label == "prefect.resource.id":
        return "resource"
    if label.startswith("related:") and label.count(":") > 1:
        role, _, name = label.removeprefix("related:").rpartition(":")
        return role if name == "prefect.resource.id" else f"{shortened(name)} of its {role}"
    return shortened(label)


def _metric(trigger: MetricTrigger, most: int) -> str:
    metric = trigger.metric
    what = _METRICS.get(metric.name, f"the metric {shortened(metric.name)}")
    return (
        f"{what}{_where(trigger, most)} over {duration(metric.range)} "
        f"is {_OPERATORS[metric.operator]} {metric.threshold:g} for {duration(metric.firing_for)}"
    )


def _actions(actions: Sequence[Action], deployment_name: DeploymentName, most: int) -> str:
    if not actions:
        return "do nothing"
    named = [action.words(deployment_name) for action in actions[:most]]
    if len(actions) > most:
        named.append(f"{len(actions) - most} more")
    return ", ".join(named)
