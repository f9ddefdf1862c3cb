"""`do-nothing`: the firing is recorded, and that is all."""

from typing import Literal

from triggers_app.automation.actions.base import BaseAction


class DoNothing(BaseAction):
    title = "Do nothing"
    group = "Nothing"

    type: Literal["do-nothing"] = "do-nothing"
