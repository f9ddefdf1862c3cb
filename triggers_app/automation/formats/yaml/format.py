"""YAML as a text format."""

from triggers_app.automation.formats.text_format import Sign, TextFormat
from triggers_app.automation.formats.yaml.automation import apply_edit, read, write

FORMAT = TextFormat(
    word="YAML",
    editor_mode="yaml",
    read=read,
    write=write,
    signs=(
        # A text within YAML may hold a script; its keys at the margin tell.
        Sign(20, r"^(?:trigger|actions)\s*:", "It has the keys of an automation, as YAML does."),
        Sign(
            40,
            r"^[aA]utomations?\s*:",
            "It has a list of automations, as Prefect's files do.",
        ),
        Sign(
            100,
            r"""^(?:- |  )['"]?(?:trigger|actions)['"]?\s*:""",
            "It has the keys of an automation, as YAML writes them.",
        ),
    ),
    read_on=lambda text, base: read(text),
    own_text="yaml",
    apply_edit=apply_edit,
)
