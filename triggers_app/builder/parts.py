"""What stands on the builder's page, and which function answers what its template wants.

A part is a function of (request, draft, reading) that returns the context of its template
`triggers_app/builder/_<name>.html`; the page includes it where it stands in `page.html`.
"""

from collections.abc import Callable
from typing import Any

from project.lib.htmx import HtmxRequest
from triggers_app.builder.backtest import view as backtest
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis
from triggers_app.builder.explain import view as explain
from triggers_app.builder.lint import view as findings
from triggers_app.builder.numbers import view as numbers
from triggers_app.builder.saved_tests import view as tests
from triggers_app.builder.source import view as panes
from triggers_app.builder.try_it import view as trying
from triggers_app.models import Draft

Part = Callable[[HtmxRequest, Draft, DraftAnalysis], dict[str, Any]]

# One line for each part.
PARTS: dict[str, Part] = {
    "numbers": numbers.part,
    "panes": panes.part,
    "findings": findings.part,
    "backtest": backtest.part,
}
# The tabs of the dock. Those without a function are parts that always stand there; of the others
# only the one that is asked for is worked out.
TABS: dict[str, tuple[str, Part | None]] = {
    "timeline": ("Timeline", None),
    "explain": ("Explain", explain.part),
    "problems": ("Problems", None),
    "tests": ("Tests", tests.part),
    "try": ("Try it", trying.part),
}
