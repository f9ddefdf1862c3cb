"""JSON as a text format."""

from triggers_app.automation.formats.json.automation import read, write
from triggers_app.automation.formats.text_format import TextFormat

FORMAT = TextFormat(
    word="JSON",
    editor_mode="json",
    read=read,
    write=write,
    read_on=lambda text, base: read(text),
)
