"""Sentences as pages show them."""

from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from jinja2 import DictLoader, Environment

from project.lib.jinja import environment

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


def pages_of(data: Path, settings: Any) -> Environment:
    settings.FLINT_DATA_DIR = data
    return environment(loader=DictLoader({"a.html": "{{ 1 + 1 }}"}))


def test_compiled_templates_outlive_the_process(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pages_of(tmp_path, settings).get_template("a.html").render() == "2"
    again = pages_of(tmp_path, settings)
    monkeypatch.setattr(Environment, "compile", lambda *_, **__: pytest.fail("compiled again"))

    assert again.get_template("a.html").render() == "2"
    assert (tmp_path / "templates").stat().st_mode & 0o077 == 0


def test_spoiled_template_is_compiled_anew(tmp_path: Path, settings: Any) -> None:
    pages_of(tmp_path, settings).get_template("a.html")
    (compiled,) = (tmp_path / "templates").iterdir()
    whole = compiled.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        compiled.write_bytes(whole[:length])

        assert pages_of(tmp_path, settings).get_template("a.html").render() == "2"
        assert compiled.read_bytes() == whole


def test_without_room_for_compiled_templates_pages_are_there_all_the_same(
    tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "file").write_text("")

    assert pages_of(tmp_path / "file", settings).get_template("a.html").render() == "2"
