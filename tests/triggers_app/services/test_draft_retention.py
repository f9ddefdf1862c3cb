from datetime import timedelta

import pytest

from tests.triggers_app.delivery.examples import NOW
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft, DraftRevision
from triggers_app.services import draft_retention

pytestmark = pytest.mark.django_db


def test_drafts_that_nobody_touched_for_30_days_go_with_their_revisions() -> None:
    drafts.open_new({}, author="me", now=NOW)

    assert draft_retention.delete_old(now=NOW + timedelta(days=29)) == 0
    assert draft_retention.delete_old(now=NOW + timedelta(days=31)) == 1
    assert (Draft.objects.count(), DraftRevision.objects.count()) == (0, 0)
