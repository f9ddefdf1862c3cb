from triggers_app.models.automations import Automation, AutomationVersion
from triggers_app.models.blocks import BlockDocument, BlockReference, BlockSchema, BlockType
from triggers_app.models.brakes import Acted, Brake
from triggers_app.models.drafts import Draft, DraftRevision
from triggers_app.models.evaluation import (
    Bucket,
    ClosedBucket,
    Snapshot,
    SnapshotBucket,
    SnapshotVersion,
)
from triggers_app.models.firings import ActionRun, Firing
from triggers_app.models.snoozes import Snooze

__all__ = [
    "Acted",
    "ActionRun",
    "Automation",
    "AutomationVersion",
    "BlockDocument",
    "BlockReference",
    "BlockSchema",
    "BlockType",
    "Brake",
    "Bucket",
    "ClosedBucket",
    "Draft",
    "DraftRevision",
    "Firing",
    "Snapshot",
    "SnapshotBucket",
    "SnapshotVersion",
    "Snooze",
]
