"""How every process of the product logs: level and text; the supervisor adds time and name."""

import logging
import sys


def configure() -> None:
    """Ours from INFO on, everyone else's from WARNING on, to standard error."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    for name in ("project", "events_app", "runs_app", "triggers_app"):
        logging.getLogger(name).setLevel(logging.INFO)
    # A client that asks for what is not there is no news; the answer tells it.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    # An absent database is told by those who needed it, not by every attempt of the pool.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
