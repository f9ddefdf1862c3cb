"""Terraform's HCL as a text format."""

from triggers_app.automation.formats.terraform.read import read
from triggers_app.automation.formats.terraform.write import write
from triggers_app.automation.formats.text_format import Sign, TextFormat

FORMAT = TextFormat(
    word="Terraform",
    tab="HCL",
    editor_mode="terraform",
    read=read,
    write=write,
    signs=(
        Sign(
            50,
            # Blanks within a line only: those over lines would be tried anew at each of them.
            r"^[ \t]*(?:resource|data|locals|variable|module|terraform|provider)"
            r'[ \t]*(?:"[^"\n]*"[ \t]*)*\{',
            "It has a block of Terraform's, such as `resource`.",
        ),
        Sign(60, r"=\s*jsonencode\(", "It calls Terraform's `jsonencode`."),
        Sign(
            90,
            r"^[ \t]*trigger[ \t]*=[ \t]*\{",
            "It assigns `trigger` an object, as Terraform does.",
        ),
    ),
)
