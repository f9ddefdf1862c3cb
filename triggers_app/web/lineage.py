"""Lineage: what leads to what, drawn in layers around one of them."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts_app.web.guards import page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest
from project.lib.paging import storable
from triggers_app.services.lineage import AUTOMATION, DEPLOYMENT, EVENT, Lineage, Spot, lineage
from triggers_app.storage import seen_names

WIDE, TALL, GAP_X, GAP_Y, EDGE = 178, 46, 60, 14, 12
TOP = 32  # with the captions
PAGES = {EVENT: "catalogue:one", AUTOMATION: "automations:one", DEPLOYMENT: "deployments:one"}
CAPTIONS = {EVENT: "Events", AUTOMATION: "Automations", DEPLOYMENT: "Deployments"}
UNITS = {EVENT: "event", AUTOMATION: "firing", DEPLOYMENT: "run"}
LONGEST = 22
CHOICES = 30
ALONG = 0.24  # of the way down, where ways that cross and ways that part are apart


@dataclass(frozen=True, slots=True)
class DrawnBox:
    kind: str
    name: str
    short: str
    unit: str
    count: int
    address: str
    x: int
    y: int
    focus: bool


@dataclass(frozen=True, slots=True)
class DrawnArrow:
    """`weight`: 0 to 4, by how often it was gone in seven days; `x`, `y`: where that stands."""

    start: str
    end: str
    path: str
    loops: bool
    weight: int
    count: int
    said: str
    short: str
    x: int
    y: int


@page
def picture(request: HtmxRequest) -> HttpResponse:
    focus = _focus(request)
    if focus is None:
        today = utcnow().date()
        names = seen_names.names("", since=today.replace(day=1), limit=CHOICES)
        return render(request, "triggers_app/lineage_start.html", {"names": names})
    drawn = lineage(focus, now=utcnow())
    if drawn is None:
        raise Http404("Nothing has this name or id.")
    boxes = _boxes(drawn)
    context = {
        "title": drawn.names[focus],
        "lineage": drawn,
        "boxes": list(boxes.values()),
        "arrows": _arrows(drawn, boxes),
        "captions": [
            (EDGE + column * (WIDE + GAP_X), CAPTIONS[layer[0].kind])
            for column, layer in enumerate(drawn.layers)
            if layer
        ],
        "wide": WIDE,
        "left_out": sum(drawn.more),
        "width": len(drawn.layers) * (WIDE + GAP_X) - GAP_X + 2 * EDGE,
        "height": max(len(layer) for layer in drawn.layers) * (TALL + GAP_Y) - GAP_Y + TOP + EDGE,
    }
    return render(request, "triggers_app/lineage.html", context)


def _focus(request: HtmxRequest) -> Spot | None:
    for kind in (EVENT, AUTOMATION, DEPLOYMENT):
        text = request.GET.get(kind, "")
        if not text:
            continue
        try:
            return Spot(kind, storable(text) if kind == EVENT else str(UUID(text)))
        except ValueError as error:
            raise Http404(f"`{kind}` cannot be read.") from error
    return None


def _boxes(drawn: Lineage) -> dict[Spot, DrawnBox]:
    tallest = max(len(layer) for layer in drawn.layers)
    boxes = {}
    for column, layer in enumerate(drawn.layers):
        top = TOP + (tallest - len(layer)) * (TALL + GAP_Y) // 2
        for row, spot in enumerate(layer):
            name = drawn.names[spot]
            boxes[spot] = DrawnBox(
                kind=spot.kind,
                name=name,
                short=name if len(name) <= LONGEST else name[: LONGEST - 1] + "…",
                unit=UNITS[spot.kind],
                count=drawn.counts.get(spot, 0),
                address=_address(spot, drawn.focus),
                x=EDGE + column * (WIDE + GAP_X),
                y=top + row * (TALL + GAP_Y),
                focus=spot == drawn.focus,
            )
    return boxes


def _address(spot: Spot, focus: Spot) -> str:
    """The picture around it; of the focus its own page."""
    if spot != focus:
        from_here = {spot.kind: spot.key}
        return reverse("lineage:picture", query=from_here)
    return reverse(PAGES[spot.kind], args=[spot.key])


def _arrows(drawn: Lineage, boxes: dict[Spot, DrawnBox]) -> list[DrawnArrow]:
    arrows = []
    for one in drawn.arrows:
        start, end = boxes[one.start], boxes[one.end]
        x, y = start.x + WIDE, start.y + TALL // 2
        to_x, to_y = end.x, end.y + TALL // 2
        bend, count = GAP_X // 2, drawn.ways.get(one, 0)
        about = "≈ " if count and one in drawn.rough else ""
        arrows.append(
            DrawnArrow(
                start=start.name,
                end=end.name,
                path=f"M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}",
                loops=one.loops,
                weight=min(4, len(str(count))) if count else 0,
                count=count,
                said=f"{about}{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"),
                short=about.strip() + _short(count),
                x=x + GAP_X * 3 // 8,
                y=y - 8 if to_x < x else y + round((to_y - y) * ALONG),
            )
        )
    return arrows


def _short(count: int) -> str:
    """As it fits between two boxes: `1.2k`."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            number = count / size
            return f"{number:.1f}{letter}" if number < 10 else f"{number:.0f}{letter}"
    return str(count)
