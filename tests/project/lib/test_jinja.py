"""Sentences as pages show them."""

import pytest
from django.template import engines

NIGHTLY = "طلبات (الليلية)!"


@pytest.mark.parametrize(("text", "html"), [
    ("run nightly / prod", "run nightly / prod"),
    (f"{NIGHTLY} / {NIGHTLY}, 3", f"<bdi>{NIGHTLY}</bdi> / <bdi>{NIGHTLY}</bdi>, 3"),
    (f"Switch off {NIGHTLY}?", f"Switch off <bdi>{NIGHTLY}</bdi>?"),
    ("<b> הזמנות 7", "&lt;b&gt; <bdi>הזמנות</bdi> 7"),
], ids=["left to right", "two names and a number", "a question", "markup"])  # fmt: skip
def test_name_from_right_to_left_is_kept_apart(text: str, html: str) -> None:
    shown = engines["jinja2"].from_string("{{ text | isolated }}").render({"text": text})

    assert shown == html
