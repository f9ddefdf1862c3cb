"""Keeping what the door refused where the sender does not read the answer."""

import logging
from collections.abc import Sequence

from django.db import DatabaseError

from events_app.storage import rejected

logger = logging.getLogger(__name__)

# What is kept of a refused frame, and how many of one helping: refusals must not cost
# more than events do.
MAX_BODY_BYTES = 64 << 10
MAX_NOTED = 200


def note(frames: Sequence[tuple[bytes, str]]) -> int:
    """List refused frames among the rejected, with their reasons; how many were listed."""
    noted = [(body[:MAX_BODY_BYTES], reason[:4000]) for body, reason in frames[:MAX_NOTED]]
    try:
        rejected.add(noted)
    except DatabaseError:
        logger.exception("Could not list %d refused events", len(frames))
        return 0
    if len(frames) > len(noted):
        logger.warning("Refused %d events at once; listed %d", len(frames), len(noted))
    return len(noted)
