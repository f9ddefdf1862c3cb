"""One stylesheet out of its parts, for collectstatic and in DEBUG alike.

Pages load one file; people edit its parts. The parts stand in the order of their layers.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NAME = "css/flint.css"
PARTS = (
    "tokens",
    "base",
    "components",
    "pages",
    "feed",
    "event_page",
    "builder",
    "panes",
    "choices",
    "timeline",
    "prose",
    "parameters",
    "compare",
    "findings",
    "starts",
)
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_INDENT = re.compile(r"\n\s+")


def stylesheet(folder: Path) -> str:
    """The parts in `folder`, one after the other, without comments and indentation."""
    text = "\n".join((folder / f"{part}.css").read_text(encoding="utf-8") for part in PARTS)
    return _INDENT.sub("\n", _COMMENT.sub("", text))


class StylesheetFinder(BaseFinder):
    """Finds `css/flint.css`, which it writes into the data folder when its parts have changed."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self._storage = FileSystemStorage(location=Path(settings.FLINT_DATA_DIR) / "built")

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != NAME:
            return []
        file = str(self._build())
        return [file] if find_all else file

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        self._build()
        yield NAME, self._storage

    def _build(self) -> Path:
        built = Path(self._storage.path(NAME))
        text = stylesheet(Path(settings.BASE_DIR) / "static" / "css")
        if not built.exists() or built.read_text(encoding="utf-8") != text:
            built.parent.mkdir(parents=True, exist_ok=True)
            fresh = built.with_suffix(".new")
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(built)  # nobody reads half a file
        return built
