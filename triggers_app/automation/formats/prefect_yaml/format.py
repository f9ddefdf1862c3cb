"""A deployment's triggers in prefect.yaml as a text format."""

from triggers_app.automation.formats.prefect_yaml.block import losses, read, write
from triggers_app.automation.formats.prefect_yaml.edit import apply_edit
from triggers_app.automation.formats.text_format import Sign, TextFormat

FORMAT = TextFormat(
    word="prefect.yaml",
    editor_mode="yaml",
    read=read,
    write=write,
    signs=(
        Sign(30, r"^(?:deployments|triggers)\s*:", "It has a list of triggers."),
        Sign(
            110,
            r"^[ \t]*-[ \t]+(?:type|name|match|expect|enabled)\s*:",
            "It lists triggers, as prefect.yaml does.",
        ),
        Sign(
            120,
            r"""^[ \t]*['"]?(?:type|match|expect|posture|require|for_each)['"]?\s*:""",
            "It has the keys of a trigger, but no actions.",
        ),
    ),
    read_on=lambda text, base: read(text, base=base),
    losses=losses,
    own_text="block",
    apply_edit=apply_edit,
)
