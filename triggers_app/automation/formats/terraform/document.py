"""A resource's values as an automation's document, and where its parts came from."""

from typing import Any

from project.lib.json_documents import Document
from project.lib.problems import Loc
from triggers_app.automation.formats.reading import Diagnostic, Places
from triggers_app.automation.formats.terraform.values import HclValues, Referred
from triggers_app.automation.formats.terraform.write import ENCODED
from triggers_app.automation.triggers import GROUPS, KINDS
from triggers_app.automation.unknown_values import holds_unknown, is_unknown


class Making:
    def __init__(self, values: HclValues) -> None:
        self._values = values
        self._moves: dict[Loc, Loc] = {}

    def document(self, written: dict[str, Any]) -> Document:
        document: Document = {"actions": []}
        for key, value in written.items():
            if value is None:
                continue
            if key == "trigger":
                document[key] = self._trigger(value, (key,), (key,))
            elif key.startswith("actions") and isinstance(value, list):
                document[key] = [self._known(each, (key, i)) for i, each in enumerate(value)]
            else:
                document[key] = value
        return document

    def _trigger(self, value: Any, loc: Loc, to: Loc) -> Any:
        """`{event = {…}}` as `{"type": "event", …}`."""
        given = self._known(value, loc)
        if not isinstance(given, dict) or is_unknown(given):
            return given
        kinds = [kind for kind in KINDS if isinstance(given.get(kind), dict)]
        if len(kinds) != 1 or holds_unknown(given):
            message = f"A trigger has exactly one of {', '.join(KINDS)}."
            place = self._values.places.of(loc)
            self._values.said.append(Diagnostic(place, "trigger_kind", message, loc=loc))
            return given
        [kind] = kinds
        inner: Loc = (*loc, kind)
        self._moves[inner] = to
        fields = self._known(given[kind], inner)
        trigger = {"type": kind, **fields}
        if kind == "metric":
            trigger.setdefault("posture", "Metric")
        if kind in GROUPS:
            trigger.setdefault("within", None)
        if isinstance(trigger.get("triggers"), list):
            trigger["triggers"] = [
                self._trigger(child, (*inner, "triggers", i), (*to, "triggers", i))
                for i, child in enumerate(trigger["triggers"])
            ]
        return trigger

    def _known(self, value: Any, loc: Loc) -> Any:
        """Without what is null, which is to leave it out, and with JSON decoded."""
        if not isinstance(value, dict):
            return value
        known: dict[str, Any] = {}
        for key, each in value.items():
            given = self._values.decoded(each, (*loc, key)) if key in ENCODED else each
            if not isinstance(given, Referred) and given is not None:
                known[key] = given
        return known

    def moved(self, loc: Loc) -> Loc:
        """A path in the resource as the path in the document."""
        for end in range(len(loc), 0, -1):
            if loc[:end] in self._moves:
                return (*self._moves[loc[:end]], *loc[end:])
        return loc

    def places(self) -> Places:
        value_places = self._values.places
        return Places(
            {self.moved(loc): span for loc, span in value_places.values.items()},
            {self.moved(loc): span for loc, span in value_places.keys.items()},
        )
