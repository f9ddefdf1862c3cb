"""Scripts for Prefect's client as a text format."""

from triggers_app.automation.formats.python.read import read
from triggers_app.automation.formats.python.write import write
from triggers_app.automation.formats.text_format import Sign, TextFormat

FORMAT = TextFormat(
    word="Python",
    editor_mode="python",
    read=read,
    write=write,
    signs=(
        Sign(
            70,
            r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import\s|import[ \t]+\w|@flow\b"
            r"|(?:async[ \t]+)?def[ \t]+\w+\()",
            "It imports or defines something, as Python does.",
        ),
        Sign(
            80,
            r"\b(?:Deployment)?(?:Event|Compound|Sequence|Metric)Trigger\(|\bAutomation\(",
            "It calls one of Prefect's classes.",
        ),
    ),
)
