"""The editor comes out of its package, and no more of it than pages load."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from project.lib.editor_files import EditorFinder, names


@pytest.mark.parametrize("name", names())
def test_every_file_is_found_by_its_name(name: str) -> None:
    assert Path(str(finders.find(name))).is_file()


def test_stylesheet_names_no_picture_that_is_left_out() -> None:
    css = Path(str(finders.find("django_ace/ace/css/ace.css"))).read_text()
    pictures = {f"django_ace/ace/css/{name}" for name in re.findall(r'url\("\./([^"]+)"\)', css)}

    assert pictures and pictures - set(names()) == set()


def test_what_no_page_loads_is_not_collected() -> None:
    listed = [name for name, _ in EditorFinder().list([])]

    assert listed == names()
    assert finders.find("django_ace/ace/mode-css.js") is None
    assert finders.find("django_ace/ace/ace.js", find_all=True) != []
