"""An automation as Terraform's resource `prefect_automation`, formatted as `terraform fmt` does.

The provider's schema: docs/codecs.md. What it has no attribute for is left out and said;
what it would refuse with an error, such as a group within a group, is written and said.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from project.lib.json_documents import Document
from project.lib.problems import Invalid, Loc
from triggers_app.automation.document import ACTION_LISTS
from triggers_app.automation.formats.checking import canonical
from triggers_app.automation.formats.loss import Loss, of_flint, unless_empty
from triggers_app.automation.formats.reading import Writing
from triggers_app.automation.formats.terraform.text import (
    Encoded,
    attributes,
    changed_by_terraform,
    quoted,
)
from triggers_app.automation.model_fields import DEFAULTS
from triggers_app.automation.triggers import METRIC_NAMES

RESOURCE = "prefect_automation"
ENCODED = ("match", "match_related", "parameters", "job_variables")
EVENT = (
    "posture",
    "match",
    "match_related",
    "after",
    "expect",
    "for_each",
    "threshold",
    "within",
)
METRIC = ("match", "match_related", "metric")
METRIC_QUERY = ("name", "operator", "threshold", "range", "firing_for")
GROUP = ("require", "triggers", "within")
ACTION = (
    "type",
    "source",
    "deployment_id",
    "work_pool_id",
    "work_queue_id",
    "automation_id",
    "block_document_id",
    "parameters",
    "job_variables",
    "state",
    "name",
    "message",
    "subject",
    "body",
    "payload",
)
_REFUSED_ACTIONS = ("delete-flow-run",)


def write(document: Document) -> Writing:
    with suppress(Invalid):  # A draft that is not finished is shown as far as it goes.
        document = canonical(document)
    writer = _Writer()
    body = writer.resource(document)
    label = re.sub(r"[^a-z0-9_]+", "_", str(document.get("name", "")).lower()).strip("_")
    if not re.match(r"[a-z_]", label):
        label = f"automation_{label}".rstrip("_")
    if changed_by_terraform(document):
        message = "Terraform writes texts in Unicode's form NFC; some here are in another."
        writer.losses.append(Loss((), message))
    said = [f"# {_one_line(loss.message)}" for loss in writer.losses]
    lines = [f"resource {quoted(RESOURCE)} {quoted(label)} {{", *(f"  {line}" for line in body)]
    return Writing("\n".join([*said, *lines, "}"]) + "\n", writer.losses)


class _Writer:
    def __init__(self) -> None:
        self.losses: list[Loss] = []

    def resource(self, document: Document) -> list[str]:
        for key in ("tags", "owner_resource"):
            message = f"`{key}` is lost: Prefect's Terraform provider has no attribute for it."
            self.losses += unless_empty(document, key, message)
        self.losses += of_flint(document)
        head: dict[str, Any] = {
            key: document[key] for key in ("name", "description", "enabled") if key in document
        }
        if not head.get("description"):
            head.pop("description", None)
        lists: dict[str, Any] = {}
        for key in ACTION_LISTS:
            actions = document.get(key)
            if isinstance(actions, list) and actions:
                lists[key] = [self._action((key, i), each) for i, each in enumerate(actions)]
        trigger = self._trigger(("trigger",), document.get("trigger"), nested=False)
        sections = [attributes(head), attributes({"trigger": trigger})]
        sections += [attributes({key: value}) for key, value in lists.items()]
        return "\n\n  ".join("\n  ".join(section) for section in sections if section).split("\n  ")

    def _trigger(self, loc: Loc, trigger: Any, *, nested: bool) -> dict[str, Any]:
        if not isinstance(trigger, dict):
            return {}
        kind = str(trigger.get("type", "event"))
        if kind == "event":
            return {kind: self._fields(loc, trigger, EVENT)}
        if kind == "metric":
            return {kind: self._metric(loc, trigger)}
        if nested:
            message = (
                f"`terraform plan` refuses the {kind} within a group: "
                "the provider knows events and metrics there."
            )
            self.losses.append(Loss(loc, message))
        fields = self._fields(loc, trigger, GROUP)
        children = trigger.get("triggers")
        fields["triggers"] = [
            self._trigger((*loc, "triggers", index), child, nested=True)
            for index, child in enumerate(children if isinstance(children, list) else [])
        ]
        return {kind: fields}

    def _metric(self, loc: Loc, trigger: dict[str, Any]) -> dict[str, Any]:
        fields = self._fields(loc, trigger, METRIC, besides=("posture",))
        query = trigger.get("metric")
        if isinstance(query, dict):
            fields["metric"] = self._fields((*loc, "metric"), query, METRIC_QUERY)
            if query.get("name") not in METRIC_NAMES:
                message = f"`terraform plan` refuses the metric `{query.get('name')}`."
                self.losses.append(Loss((*loc, "metric", "name"), message))
        return fields

    def _action(self, loc: Loc, action: Any) -> dict[str, Any]:
        if not isinstance(action, dict):
            return {}
        if action.get("type") in _REFUSED_ACTIONS:
            message = f"`terraform plan` refuses the action `{action['type']}`."
            self.losses.append(Loss(loc, message))
        return self._fields(loc, action, ACTION)

    def _fields(
        self, loc: Loc, value: dict[str, Any], known: tuple[str, ...], besides: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        self.losses += _unsaid(loc, value, (*known, *besides, "type", "id"))
        fields: dict[str, Any] = {}
        for key in known:
            given = value.get(key)
            # The provider takes lists and maps for empty when they are left out.
            if given is None or (given in ([], {}) and given in DEFAULTS.get(key, ())):
                continue
            fields[key] = Encoded(given) if key in ENCODED else given
        return fields


def _unsaid(loc: Loc, value: dict[str, Any], known: tuple[str, ...]) -> Iterator[Loss]:
    for key, given in value.items():
        if key not in known and given not in DEFAULTS.get(key, ()):
            message = f"`{key}` is lost: Prefect's Terraform provider has no attribute for it."
            yield Loss((*loc, key), message)


def _one_line(message: str) -> str:
    return "".join(char if char.isprintable() else " " for char in message)
