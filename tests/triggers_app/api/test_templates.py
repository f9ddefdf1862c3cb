"""Whether a template can be used."""

import json
from typing import Any

import pytest

from tests.triggers_app.api.conftest import Call

LOOPS = "{% for a in [1] %}" * 3 + "{% endfor %}" * 3


@pytest.mark.parametrize("path", ["/templates/validate", "/automations/templates/validate"])
@pytest.mark.parametrize(
    ("template", "line"),
    [("", None), ("{{ event.id }}", None), ("a\n{{ x", 2), ("\n{% include 'x' %}", 2), (LOOPS, 0)],
    ids=["empty", "good", "syntax", "include", "loops"],
)
def test_a_template_is_good_or_its_line_is_told(
    api: Call, path: str, template: str, line: int | None
) -> None:
    answer = api("POST", path, json.dumps(template))

    if line is None:
        assert (answer.status_code, answer.content) == (204, b"")
    else:
        error = answer.json()["error"]
        assert (answer.status_code, error["line"], error["source"]) == (422, line, template)
        assert error["message"]


@pytest.mark.parametrize("body", [b"[1]", b"{", b'{"template": "x"}'])
def test_what_is_no_text_is_refused(api: Call, body: Any) -> None:
    assert api("POST", "/templates/validate", body).status_code == 422


def test_no_body_is_an_empty_template(api: Call) -> None:
    assert api("POST", "/templates/validate").status_code == 204
