"""How the windows stood just before one event."""

from events_app.domain.position import Position
from tests.menagerie import ZERO_MS, entry, event, ms, named, reactive, version
from triggers_app.automation.engine.probing import Probe, ProbedState

COUNTING = reactive("e", threshold=5, within=60)


def probed(target: Position, *, loaded: bool = True) -> ProbedState | None:
    """Three events at second 1, of which the second follows one that comes at second 9."""
    probe = Probe(named("a"), target)
    if loaded:
        probe.apply(version(COUNTING), log_ms=ZERO_MS)
    waits = event("e", at=1, id="waits", follows="leader")
    probe.fold(entry(event("e", at=1), waits, event("e", at=1, id="3"), at=1))
    probe.fold(entry(event("e", at=9, id="leader"), at=9))
    return probe.state


def counts(found: ProbedState | None) -> list[int]:
    assert found
    return [window.count for window in found.windows]


def test_windows_are_those_before_the_event() -> None:
    assert counts(probed(Position(ms(1), 0, 0))) == []
    assert counts(probed(Position(ms(1), 0, 2))) == [1]


def test_a_follower_finds_them_as_they_are_when_its_leader_was_evaluated() -> None:
    found = probed(Position(ms(1), 0, 1))

    assert found
    assert (found.log_ms, found.version, counts(found)) == (ms(9), 1, [3])


def test_without_the_automation_there_is_no_version() -> None:
    assert probed(Position(ms(9), 0, 0), loaded=False) == ProbedState(ms(9), None, [])


def test_an_event_that_never_comes_is_not_found() -> None:
    assert probed(Position(ms(5), 0, 0)) is None
