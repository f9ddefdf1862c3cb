"""Windows that an earlier version has stored: each goes on, and is decided when it was due."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.node import ceil_ms
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.engine.proactive import Silence, Watch
from triggers_app.automation.engine.windows import decode_window, encode_window
from triggers_app.automation.parsing import parse_automation

DUMPS = sorted(Path(__file__).parent.glob("*/database.sql.gz"))


def rows(dump: Path, table: str) -> Iterator[dict[str, str]]:
    """The rows of a table as COPY writes them."""
    columns: list[str] = []
    with gzip.open(dump, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(f"COPY public.{table} ("):
                columns = line.split("(")[1].split(")")[0].split(", ")
            elif columns and line == "\\.\n":
                return
            elif columns:
                texts = line.rstrip("\n").replace("\\\\", "\\").split("\t")
                yield dict(zip(columns, texts, strict=True))


def restored(dump: Path) -> tuple[Evaluator, list[Window]]:
    stored = [decode_window(bytes.fromhex(row["state"][2:])) for row in rows(dump, "bucket")]
    kept = {str(window.automation_id) for window in stored}
    versions = [
        Version(UUID(row["id"]), 1, True, parse_automation(json.loads(row["document"])).trigger)
        for row in rows(dump, "automation")
        if row["id"] in kept
    ]
    evaluator = Evaluator()
    log_ms = min(window.due_us for window in stored) // 1000 - 1
    evaluator.restore(versions, stored, log_ms=log_ms)
    return evaluator, stored


@pytest.mark.parametrize("dump", DUMPS, ids=[dump.parent.name for dump in DUMPS])
def test_every_stored_window_belongs_to_its_trigger(dump: Path) -> None:
    evaluator, stored = restored(dump)

    assert len(stored) == 133
    assert evaluator.take().deleted == []
    assert all(decode_window(encode_window(window)) == window for window in stored)


@pytest.mark.parametrize("dump", DUMPS, ids=[dump.parent.name for dump in DUMPS])
def test_stored_absences_are_decided_when_they_were_due(dump: Path) -> None:
    evaluator, stored = restored(dump)
    absences = {
        (window.trigger_id, tuple(window.key)): ceil_ms(window.due_us)
        for window in stored
        for node in evaluator.nodes_of(window.automation_id)
        if isinstance(node, Silence | Watch)
        and node.trigger_id == window.trigger_id
        and window.open
    }

    evaluator.advance(max(absences.values()))

    first: dict[tuple[UUID, tuple[str, ...]], int] = {}
    for firing in evaluator.take().firings:
        first.setdefault((firing.trigger_id, tuple(firing.labels.values())), firing.fired_ms)
    assert absences
    assert first == absences
