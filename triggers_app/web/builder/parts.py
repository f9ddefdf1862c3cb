"""What stands on the builder's page, and which function answers what its template wants.

A part is a function of (request, draft, reading) that returns the context of its template
`triggers_app/builder/_<name>.html`; the page includes it where it stands in `page.html`.
"""

from collections.abc import Callable
from typing import Any

from project.lib.htmx import HtmxRequest
from triggers_app.models import Draft
from triggers_app.services.building.reading import DraftReading
from triggers_app.web.builder import (
    backtest,
    explain,
    findings,
    numbers,
    panes,
    parameters,
    trying,
)

Part = Callable[[HtmxRequest, Draft, DraftReading], dict[str, Any]]

# One line for each part.
PARTS: dict[str, Part] = {
    "numbers": numbers.part,
    "panes": panes.part,
    "findings": findings.part,
    "backtest": backtest.part,
}
# Only the tab that is asked for is worked out: "parameters": ("Parameters", parameters.part),
TABS: dict[str, tuple[str, Part]] = {
    "parameters": ("Parameters", parameters.part),
    "explain": ("Explain", explain.part),
    "try": ("Try it", trying.part),
}
