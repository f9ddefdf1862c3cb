"""The files of the Ace editor that pages load, out of all that django-ace ships.

The package is no app of ours: it would bring 400 files, of which a page needs ten.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import django_ace
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

FOLDER = "django_ace/ace"
SCRIPTS = ("ace", "mode-yaml", "mode-json", "mode-terraform", "mode-python", "mode-sh")
_STATIC = Path(django_ace.__file__).parent / "static"


def names() -> list[str]:
    """The scripts, the stylesheet and the pictures that it names."""
    pictures = (_STATIC / FOLDER / "css").glob("main-*")
    return [
        *(f"{FOLDER}/{script}.js" for script in (*SCRIPTS, "ext-searchbox")),
        f"{FOLDER}/css/ace.css",
        *sorted(f"{FOLDER}/css/{picture.name}" for picture in pictures),
    ]


class EditorFinder(BaseFinder):
    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self._storage = FileSystemStorage(location=_STATIC)
        self._names = names()

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in self._names:
            return []
        file = self._storage.path(path)
        return [file] if find_all else file

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        for name in self._names:
            yield name, self._storage
