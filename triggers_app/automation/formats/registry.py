"""All text formats, in the order of the builder's panes."""

from collections.abc import Mapping
from enum import StrEnum

from triggers_app.automation.formats import curl
from triggers_app.automation.formats.json import format as json
from triggers_app.automation.formats.prefect_yaml import format as prefect_yaml
from triggers_app.automation.formats.python import format as python
from triggers_app.automation.formats.terraform import format as terraform
from triggers_app.automation.formats.text_format import TextFormat
from triggers_app.automation.formats.yaml import format as yaml


class Format(StrEnum):
    """The names by which addresses, drafts and answers call the formats."""

    YAML = "yaml"
    JSON = "json"
    PREFECT_YAML = "prefect.yaml"
    HCL = "hcl"
    PYTHON = "python"
    CURL = "curl"

    @property
    def spec(self) -> TextFormat:
        return FORMATS[self]


FORMATS: Mapping[Format, TextFormat] = {
    Format.YAML: yaml.FORMAT,
    Format.JSON: json.FORMAT,
    Format.PREFECT_YAML: prefect_yaml.FORMAT,
    Format.HCL: terraform.FORMAT,
    Format.PYTHON: python.FORMAT,
    Format.CURL: curl.FORMAT,
}
TWO_WAY = tuple(format for format, spec in FORMATS.items() if spec.is_two_way)
"""Formats that a draft can be typed in."""
