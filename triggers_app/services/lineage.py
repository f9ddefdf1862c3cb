"""What leads to what around one event, automation or deployment: a picture in layers.

An event fires automations, an automation runs deployments, and the events of their runs fire
automations again. What leads back into what is drawn already is a loop.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from runs_app.reads import deployments
from triggers_app.automation.loops.cycles import find_cycles
from triggers_app.automation.loops.links import Others
from triggers_app.automation.triggers import event_names_of
from triggers_app.models import Automation
from triggers_app.reads import stored_documents
from triggers_app.reads.lineage_counts import lineage_counts
from triggers_app.services import cycle_guard
from triggers_app.services.fates import listeners_of

EVENT, AUTOMATION, DEPLOYMENT = "event", "automation", "deployment"
MOST_IN_LAYER = 10
MOST_LOOKED_AT = 200
AHEAD = 4
DAYS = 7


class Spot(NamedTuple):
    """An event by its name, or an automation or deployment by its id."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Arrow:
    start: Spot
    end: Spot
    loops: bool = False


@dataclass(slots=True)
class Lineage:
    """`layers` from left to right. `more`: so many of a layer are left out.

    `counts`: events, firings or runs of seven days. `ways`: how often an arrow was gone in that
    time (an event took part in a firing, a firing made a run, an event of a run took part in a
    firing); `rough` are those of which that is scaled. `loops` are paths in words.
    """

    focus: Spot
    layers: list[list[Spot]] = field(default_factory=list)
    more: list[int] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    names: dict[Spot, str] = field(default_factory=dict)
    counts: dict[Spot, int] = field(default_factory=dict)
    ways: dict[Arrow, int] = field(default_factory=dict)
    rough: set[Arrow] = field(default_factory=set)
    loops: list[str] = field(default_factory=list)


def lineage(focus: Spot, *, now: datetime) -> Lineage | None:
    """Up to four steps ahead and two back; at most ten in a layer. None for what is not there.

    Eight queries at most, however much there is.
    """
    picture = Lineage(focus)
    others = cycle_guard.others()
    layers = [[focus]]
    placed = {focus: 0}
    _ahead(picture, layers, placed, others)
    _back(picture, layers, placed)
    picture.layers = layers
    _name(picture)
    if focus not in picture.names:
        return None
    _count(picture, placed, since=now - timedelta(days=DAYS))
    if focus.kind == AUTOMATION:
        picture.loops = _loops(UUID(focus.key), others)
    return picture


def _ahead(
    picture: Lineage, layers: list[list[Spot]], placed: dict[Spot, int], others: Others
) -> None:
    picture.more = [0]
    for step in range(AHEAD):
        fresh: list[Spot] = []
        left_out = 0
        for start, end in _followers(layers[-1], others):
            if end in placed and placed[end] <= step:
                picture.arrows.append(Arrow(start, end, loops=True))
            elif end in fresh or len(fresh) < MOST_IN_LAYER:
                if end not in fresh:
                    fresh.append(end)
                    placed[end] = step + 1
                picture.arrows.append(Arrow(start, end))
            else:
                left_out += 1
        if not fresh:
            return
        layers.append(fresh)
        picture.more.append(left_out)


def _followers(spots: Iterable[Spot], others: Others) -> list[tuple[Spot, Spot]]:
    """What each leads to: one query for events, one for automations."""
    listed = list(spots)
    arrows: list[tuple[Spot, Spot]] = []
    names = [one.key for one in listed if one.kind == EVENT]
    heard = listeners_of(names) if names else {}
    for name, ids in heard.items():
        arrows += [(Spot(EVENT, name), Spot(AUTOMATION, str(pk))) for pk in ids[:MOST_LOOKED_AT]]
    automations = [one.key for one in listed if one.kind == AUTOMATION]
    rows = Automation.objects.filter(pk__in=automations, deleted=None)
    for pk, resources in rows.order_by("name", "id").values_list("id", "related_resources"):
        arrows += [
            (Spot(AUTOMATION, str(pk)), Spot(DEPLOYMENT, str(run)))
            for run in stored_documents.deployments_in(resources)
        ]
    for one in listed:
        if one.kind == DEPLOYMENT:
            place = UUID(one.key)
            fired = [*others.by_deployment.get(place, ()), *others.open][:MOST_LOOKED_AT]
            arrows += [
                (one, Spot(AUTOMATION, str(other.id)))
                for other, reach in fired
                if reach.takes(place)
            ]
    return list(dict.fromkeys(arrows))


def _back(picture: Lineage, layers: list[list[Spot]], placed: dict[Spot, int]) -> None:
    for step in (-1, -2):
        fresh: list[Spot] = []
        left_out = 0
        for start, end in _leaders(layers[0]):
            if start in placed:
                continue
            if len(fresh) < MOST_IN_LAYER:
                fresh.append(start)
                picture.arrows.append(Arrow(start, end))
            else:
                left_out += 1
        if not fresh:
            return
        placed.update(dict.fromkeys(fresh, step))
        layers.insert(0, list(dict.fromkeys(fresh)))
        picture.more.insert(0, left_out)


def _leaders(spots: Iterable[Spot]) -> list[tuple[Spot, Spot]]:
    """What leads to each: two queries at most."""
    listed = list(spots)
    arrows: list[tuple[Spot, Spot]] = []
    ids = [one.key for one in listed if one.kind == AUTOMATION]
    rows = Automation.objects.filter(pk__in=ids, deleted=None).order_by("name", "id")
    for pk, document in rows.values_list("id", "document"):
        parsed = stored_documents.document_or_none(document)
        for leaf in parsed.trigger.leaves if parsed else ():
            for name in event_names_of(leaf.model_dump(mode="json")) or ():
                arrows.append((Spot(EVENT, name), Spot(AUTOMATION, str(pk))))
    places = {f"prefect.deployment.{one.key}": one for one in listed if one.kind == DEPLOYMENT}
    if places:
        running = Automation.objects.filter(related_resources__overlap=list(places), deleted=None)
        values = running.order_by("name", "id").values_list("id", "related_resources")
        for pk, resources in values[:MOST_LOOKED_AT]:
            ends = [places[one] for one in resources if one in places]
            arrows += [(Spot(AUTOMATION, str(pk)), end) for end in ends]
    return list(dict.fromkeys(arrows))


def _name(picture: Lineage) -> None:
    """Two queries. What has no name any more is left out of the picture."""
    spots = [one for layer in picture.layers for one in layer]
    ids = _ids(spots, AUTOMATION)
    rows = Automation.objects.filter(pk__in=ids, deleted=None).values_list("id", "name")
    picture.names = {Spot(AUTOMATION, str(pk)): name for pk, name in rows}
    runs = deployments.names(_ids(spots, DEPLOYMENT))
    picture.names |= {Spot(DEPLOYMENT, str(pk)): name for pk, name in runs.items()}
    picture.names |= {one: one.key for one in spots if one.kind == EVENT}
    known = picture.names
    picture.layers = [[one for one in layer if one in known] for layer in picture.layers]
    picture.arrows = [one for one in picture.arrows if one.start in known and one.end in known]


def _count(picture: Lineage, spots: Iterable[Spot], *, since: datetime) -> None:
    """One query."""
    listed = list(spots)
    names = [one.key for one in listed if one.kind == EVENT]
    counts = lineage_counts(names, _ids(listed, AUTOMATION), _ids(listed, DEPLOYMENT), since=since)
    picture.counts = {Spot(*spot): n for spot, n in counts.spots.items()}
    picture.ways = {
        one: counts.ways.get((f"{one.start.kind}-{one.end.kind}", one.start.key, one.end.key), 0)
        for one in picture.arrows
    }
    picture.rough = {
        one for one in picture.arrows if not counts.rough.isdisjoint((one.start.key, one.end.key))
    }


def _loops(automation_id: UUID, others: Others) -> list[str]:
    """The ways back to an automation, in words. Two queries."""
    stored = Automation.objects.filter(pk=automation_id).values_list("document", flat=True).first()
    document = stored_documents.document_or_none(stored or {})
    if document is None:
        return []
    cycles = find_cycles(document, others, automation_id=automation_id)
    ids = {step.deployment_id for cycle in cycles for step in cycle.steps if step.deployment_id}
    names: Mapping[UUID, str] = deployments.names(ids)
    return [cycle.words(names.get) for cycle in cycles]


def _ids(spots: Iterable[Spot], kind: str) -> list[UUID]:
    return [UUID(one.key) for one in spots if one.kind == kind]
