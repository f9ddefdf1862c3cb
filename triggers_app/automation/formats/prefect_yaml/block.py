"""The `triggers` of a deployment in prefect.yaml: what runs that very deployment.

A block says a trigger, its name, description and switch, and with what the deployment is
run; nothing else of an automation. Two-way, it is read on the base of the document that it
shows, which keeps all that the block cannot say.
"""

from collections.abc import Iterator
from typing import Any

from project.lib.json_documents import Document
from project.lib.problems import Loc, Problem
from triggers_app.automation.deployment_triggers import ACTION, OWN, automation_of
from triggers_app.automation.document import METRIC_LISTS
from triggers_app.automation.formats.checking import checked
from triggers_app.automation.formats.loss import Loss, of_flint, unless_empty
from triggers_app.automation.formats.prefect_yaml.placeholders import (
    NOTED_OF_TRIGGER,
    TEMPLATES,
    placeholders_in,
)
from triggers_app.automation.formats.reading import (
    Diagnostic,
    ParsedAutomation,
    Places,
    Reading,
    Reference,
    TextSpan,
    Writing,
    refused,
)
from triggers_app.automation.formats.shapes import (
    DEPLOYMENT_KEYS,
    TRIGGER_KEYS,
    list_problem,
    whole_automation,
)
from triggers_app.automation.formats.yaml.automation import load, written
from triggers_app.automation.unknown_values import name_of, unknown

_TARGET: Loc = ("actions", 0, "deployment_id")


def read(text: str, *, base: Document | None = None) -> Reading:
    """The triggers of a prefect.yaml, of a list `triggers`, or a single one; JSON, too.

    With `base` the first trigger is read into that document: what a block cannot say stays.
    """
    source = load(text)
    if isinstance(source, Reading):
        return source
    value, places = source.value, source.places()
    automations: list[ParsedAutomation] = []
    said: list[Diagnostic] = []
    for wrong in _misshapen(value):
        said.append(Diagnostic(places.of(wrong.loc), wrong.type, wrong.msg))
    listed = list(triggers_in(value))
    parts = places.split(loc for loc, _, _ in listed)
    for loc, deployment, trigger in listed:
        if not isinstance(trigger, dict):
            message = "A trigger must be an object with keys."
            said.append(Diagnostic(places.of(loc), "dict_type", message))
            continue
        if base is None and (whole := whole_automation(loc, trigger)):
            said.append(Diagnostic(places.of(loc), whole.type, whole.msg))
            continue
        if base is None:
            trigger, unfilled = _unfilled(trigger, ())
            said += [
                Diagnostic(parts[loc].of(at), "not_literal", message, loc=moved_to(at))
                for at, message in unfilled
            ]
        automations.append(_automation(trigger, parts[loc], deployment, loc, base))
        if base is not None:
            break
    if not automations and not said:
        return refused("There are no triggers here.", code="nothing_found")
    return checked(automations, said=said)


def _unfilled(value: Any, loc: Loc) -> tuple[Any, list[tuple[Loc, str]]]:
    """The value without what `prefect deploy` would fill in: that is not known here."""
    if loc and loc[0] in (TEMPLATES, *NOTED_OF_TRIGGER):
        return value, []
    said: list[tuple[Loc, str]] = []
    if isinstance(value, dict | list):
        listed = value.items() if isinstance(value, dict) else enumerate(value)
        parts = {key: _unfilled(each, (*loc, key)) for key, each in listed}
        said = [one for _, notes in parts.values() for one in notes]
        known = {key: each for key, (each, _) in parts.items()}
        return (known if isinstance(value, dict) else list(known.values())), said
    placeholders = placeholders_in(value) if isinstance(value, str) else []
    if not placeholders:
        return value, []
    message = f"Only `prefect deploy` knows `{{{{ {placeholders[0]} }}}}`; write the value itself."
    return unknown(value), [(loc, message)]


def write(document: Document) -> Writing:
    """A list `triggers` with one member, for a deployment in prefect.yaml."""
    return Writing(written({"triggers": [trigger_of(document)]}), losses(document))


def trigger_of(document: Document) -> dict[str, Any]:
    """The document as a deployment's trigger; what a trigger cannot say is left out."""
    trigger = _without_ids(document.get("trigger"))
    own = {key: document[key] for key in OWN if key in document}
    if not own.get("description"):
        own.pop("description", None)
    action = _run(document)
    given = {key: action[key] for key in ACTION if action.get(key) not in (None, 0)}
    fields = {key: value for key, value in trigger.items() if key not in (*OWN, *ACTION)}
    return {**own, **fields, **given}


def losses(document: Document) -> list[Loss]:
    """What the deployment's trigger does not say of the document."""
    return [*of_actions(document, "a trigger in prefect.yaml"), *_of_block(document)]


def of_actions(document: Document, format_name: str) -> Iterator[Loss]:
    """What every form of a deployment's trigger cannot say."""
    yield from unless_empty(document, "tags", f"The tags are lost: {format_name} has none.")
    actions = document.get("actions")
    actions = actions if isinstance(actions, list) else []
    run = _run(document)
    for index, action in enumerate(actions):
        if action is run:
            continue
        kind = action.get("type") if isinstance(action, dict) else None
        message = f"The action `{kind}` is lost: {format_name} only runs its own deployment."
        yield Loss(("actions", index), message)
    if not run:
        message = f"A run of the deployment is added: {format_name} does nothing else."
        yield Loss(("actions",), message)
    elif run.get("source") == "inferred":
        message = f"It would run its own deployment, not the inferred one: so does {format_name}."
        yield Loss(("actions", actions.index(run), "source"), message)
        yield Loss(("actions", actions.index(run), "deployment_id"), message)
    else:
        message = f"The deployment is not named: {format_name} runs the one that it belongs to."
        yield Loss(("actions", actions.index(run), "deployment_id"), message)
    for key in run:
        if key not in ("type", "source", "deployment_id", *ACTION):
            message = f"`{key}` of the action is lost: {format_name} does not have it."
            yield Loss(("actions", actions.index(run), key), message)
    for key in METRIC_LISTS:
        yield from unless_empty(document, key, f"`{key}` is lost: {format_name} has none.")
    owner = "The owner is lost: it becomes the deployment itself."
    yield from unless_empty(document, "owner_resource", owner)
    yield from of_flint(document)
    trigger = document.get("trigger")
    for key in trigger if isinstance(trigger, dict) else ():
        if key in (*OWN, *ACTION):
            message = f"`{key}` of the trigger is lost: there, it is a key of the automation."
            yield Loss(("trigger", key), message)
    if not document.get("name"):
        yield Loss(("name",), "Without a name it is called after its deployment.")


def _of_block(document: Document) -> Iterator[Loss]:
    """`prefect deploy` fills `{{ … }}` in with the outputs of steps, but for parameters."""
    block = trigger_of(document)
    for key, value in block.items():
        if key != "parameters" and _has_placeholder(value):
            message = f"`prefect deploy` takes the {{{{ … }}}} in `{key}` out of a trigger."
            loc = (
                (key,)
                if key in OWN
                else (*(("actions", 0) if key in ACTION else ("trigger",)), key)
            )
            yield Loss(loc, message)


def _has_placeholder(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_placeholder, (*value, *value.values())))
    if isinstance(value, list):
        return any(map(_has_placeholder, value))
    return isinstance(value, str) and "{{" in value


def _run(document: Document) -> dict[str, Any]:
    """The first action that runs a deployment; empty where there is none."""
    actions = document.get("actions")
    for action in actions if isinstance(actions, list) else []:
        if isinstance(action, dict) and action.get("type") == "run-deployment":
            return action
    return {}


def _without_ids(trigger: Any) -> dict[str, Any]:
    if not isinstance(trigger, dict):
        return {}
    plain = {key: value for key, value in trigger.items() if key != "id"}
    if isinstance(plain.get("triggers"), list):
        plain["triggers"] = [_without_ids(child) for child in plain["triggers"]]
    return plain


def _misshapen(value: Any) -> Iterator[Problem]:
    """Where a list of triggers or deployments is something else."""
    if not isinstance(value, dict):
        return
    if "deployments" not in value:
        if _stands_for_a_list(value):
            yield from _unless_list(value, "triggers", (), "trigger", TRIGGER_KEYS)
        return
    yield from _unless_list(value, "deployments", (), "deployment", DEPLOYMENT_KEYS)
    listed = value["deployments"]
    for index, each in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(each, dict):
            loc = ("deployments", index)
            yield from _unless_list(each, "triggers", loc, "trigger", TRIGGER_KEYS)


def _unless_list(
    value: dict[str, Any], key: str, loc: Loc, of: str, keys: frozenset[str]
) -> Iterator[Problem]:
    if value.get(key) is not None and not isinstance(value[key], list):
        yield list_problem((*loc, key), value[key], of=of, keys=keys)


def _stands_for_a_list(value: dict[str, Any]) -> bool:
    """Whether `triggers` is that of a deployment, and not the parts of one trigger."""
    return "trigger" not in value and not {"type", "require", "within"} & value.keys()


def triggers_in(value: Any) -> Iterator[tuple[Loc, dict[str, Any], Any]]:
    """Each trigger with its path and the deployment that it stands on."""
    if isinstance(value, list):
        yield from (((index,), {}, each) for index, each in enumerate(value))
    elif isinstance(value, dict) and "deployments" in value:
        deployments = value["deployments"]
        for index, deployment in enumerate(deployments if isinstance(deployments, list) else []):
            listed = deployment.get("triggers") if isinstance(deployment, dict) else None
            for number, each in enumerate(listed if isinstance(listed, list) else []):
                yield ("deployments", index, "triggers", number), deployment, each
    elif isinstance(value, dict) and "triggers" in value and _stands_for_a_list(value):
        triggers = value["triggers"]
        for number, each in enumerate(triggers if isinstance(triggers, list) else []):
            yield ("triggers", number), value, each
    elif isinstance(value, dict) and value:
        yield (), {}, value


def _automation(
    trigger: dict[str, Any],
    places: Places,
    deployment: dict[str, Any],
    loc: Loc,
    base: Document | None,
) -> ParsedAutomation:
    """The document of one trigger, with the places of its parts where the block has them."""
    number = loc[-1] + 1 if loc and isinstance(loc[-1], int) else 1
    name = deployment.get("name")
    named = name if isinstance(name, str) else None
    document, references = document_of(trigger, deployment=named, number=number, base=base)
    return ParsedAutomation(document, places_in_document(places), name_of(document), references)


def document_of(
    trigger: dict[str, Any], *, deployment: str | None, number: int, base: Document | None = None
) -> tuple[Document, list[Reference]]:
    """The automation that a deployment's trigger stands for; `number` counts from 1.

    The deployment's id is not known here: it comes from `base`, or is a reference.
    """
    whole = automation_of(trigger, deployment_name=deployment or "deployment", position=number)
    if base is not None:
        return _on_base(base, whole, trigger), []
    text = deployment or "the deployment that it belongs to"
    return whole, [Reference(_TARGET, "deployment", text, deployment)]


def _on_base(base: Document, whole: Document, block: dict[str, Any]) -> Document:
    """The base with what the block says; whatever it leaves out stays as the base has it."""
    name = block.get("name")
    own = {key: whole[key] for key in OWN}
    own["name"] = base.get("name", whole["name"]) if name is None else name
    trigger, given = whole["trigger"], {key: block[key] for key in ACTION if key in block}
    run = _run(base)
    kept = {key: value for key, value in run.items() if key not in ACTION}
    # What was left out because it says nothing stays as the document has it.
    quiet = {key: run[key] for key in ACTION if key in run and run[key] in (None, 0)}
    actions = base.get("actions")
    actions = actions if isinstance(actions, list) else []
    if run:
        changed = {**kept, **quiet, **given}
        actions = [changed if action is run else action for action in actions]
    before = base.get("trigger")
    hidden = {
        key: value
        for key, value in (before.items() if isinstance(before, dict) else ())
        if key in (*OWN, *ACTION)
    }
    if isinstance(trigger, dict):
        trigger = {**trigger, **hidden}
    owned = {key: value for key, value in own.items() if key in base or value not in ("", True)}
    return {**base, **owned, "trigger": trigger, "actions": actions}


def places_in_document(places: Places) -> Places:
    """Places in a trigger's block as places in the automation's document."""

    def moved(spans: dict[Loc, TextSpan]) -> dict[Loc, TextSpan]:
        moved_spans = {moved_to(loc): span for loc, span in spans.items()}
        return {**moved_spans, (): spans[()]} if () in spans else moved_spans

    return Places(moved(places.values), moved(places.keys))


def moved_to(loc: Loc) -> Loc:
    """A path in a trigger's block as the path in the automation's document."""
    if loc and loc[0] in OWN:
        return loc
    return ("actions", 0, *loc) if loc and loc[0] in ACTION else ("trigger", *loc)
