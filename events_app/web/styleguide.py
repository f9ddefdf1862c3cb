"""The living style page: every component, in every state, as the pages use it."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render

from accounts_app.web.guards import admins_page
from events_app.web.event_chart import ChartBar
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest
from project.lib.paging import Page


@admins_page
def styleguide(request: HtmxRequest) -> HttpResponse:
    counts = [0, 3, 8, 2, 0, 0, 13, 21, 5, 1, 0, 4]
    context = {
        "bars": [ChartBar(f"{hour:02}:00", count) for hour, count in enumerate(counts)],
        "counts": counts,
        "moment_now": utcnow(),
        "moment_old": utcnow() - timedelta(days=80),
        "paged": Page(rows=[], seen="", next="cursor", first=False),
        "value": {
            "order": "A-7",
            "rows": [{"sku": "x", "count": 3}, {"sku": "y", "count": 1}],
            "total": 12.5,
            "paid": True,
            "note": None,
        },
    }
    return render(request, "ui/styleguide.html", context)
