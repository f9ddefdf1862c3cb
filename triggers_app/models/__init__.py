from triggers_app.models.automations import Automation, AutomationVersion
from triggers_app.models.evaluation import Bucket, ClosedBucket
from triggers_app.models.firings import ActionRun, Firing

__all__ = ["ActionRun", "Automation", "AutomationVersion", "Bucket", "ClosedBucket", "Firing"]
