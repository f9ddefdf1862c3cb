"""The environment of the pages' templates (not of the parameter templates)."""

import contextlib
import functools
import itertools
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.templatetags.static import static
from django.urls import reverse
from django_htmx.jinja import htmx_script
from heroicons.jinja import heroicon_outline
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from project.lib import moments
from project.lib.clock import utcnow


class _CompiledTemplates(FileSystemBytecodeCache):
    """Compiling the templates of a page takes up to a second; so a restart keeps them.

    A template that was changed has another checksum, and is compiled anew.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # what the disk has spoiled can raise anything
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):  # a full disk, or one that is only read
            super().dump_bytecode(bucket)


def environment(**options: Any) -> Environment:
    folder = settings.FLINT_DATA_DIR / "templates"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options["bytecode_cache"] = _CompiledTemplates(str(folder))
    options["undefined"] = StrictUndefined
    options["trim_blocks"] = options["lstrip_blocks"] = True
    env = Environment(**options)
    env.globals.update(static=static, url=_url, htmx_script=htmx_script, icon=_icon, now=utcnow)
    env.globals.update(said=get_messages)
    env.filters.update(
        ago=_ago,
        absolute=_absolute,
        minute=_minute,
        iso=_iso,
        clock=_clock,
        in_words=_in_words,
        pretty=_pretty,
        counted=_counted,
        number=_number,
        bytes_in_words=_bytes_in_words,
        tidy=_tidy,
        enumerated=enumerate,
        telling_first=telling_first,
        in_a_row=_in_a_row,
        with_code=_with_code,
        isolated=_isolated,
    )
    return env


def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def _in_a_row(rows: Iterable[Any], *names: str) -> list[tuple[Any, int]]:
    """Neighbors that agree in these attributes as one: the first of them, and how many."""
    groups = itertools.groupby(rows, lambda row: [getattr(row, name) for name in names])
    listed = [list(group) for _, group in groups]
    return [(group[0], len(group)) for group in listed]


@functools.cache
def _icon(name: str, size: int = 18) -> str:
    # Decoration only: the word stands beside it.
    return heroicon_outline(name, size=size, aria_hidden="true")


def _ago(moment: datetime | str) -> str:
    return moments.relative(_read(moment), now=utcnow())


def _minute(moment: datetime | str) -> str:
    return moments.minute(_read(moment))


def _absolute(moment: datetime | str) -> str:
    return moments.absolute(_read(moment))


def _iso(moment: datetime | str) -> str:
    utc = _read(moment).astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _clock(moment: datetime | str) -> str:
    return moments.clock(_read(moment))


def _read(moment: datetime | str) -> datetime:
    """Documents carry their times as RFC 3339 text."""
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment


def _in_words(length: timedelta | float) -> str:
    """A duration; a bare number is in seconds."""
    return moments.in_words(
        length if isinstance(length, timedelta) else timedelta(seconds=float(length))
    )


def _with_code(text: str) -> Markup:
    """What stands between backticks in a sentence, as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(_isolated(text))))


def _isolated(text: str) -> Markup:
    """A sentence in which a name from right to left turns no word or number beside it."""
    return Markup(_RIGHT_TO_LEFT.sub(r"<bdi>\g<0></bdi>", str(escape(text))))


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _counted(number: int, one: str, many: str | None = None) -> str:
    """`1 event`, `1 204 events` (with a thin space, so that a number never breaks)."""
    return f"{_number(number)} {one if number == 1 else many or one + 's'}"


def _number(number: float) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _bytes_in_words(size: int) -> str:
    return f"{_number(size)} B" if size < 1024 else f"{size / 1024:,.1f} KiB"


def _tidy(number: float) -> str:
    """A coordinate of a drawing: two decimals, none where there are none."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


_CODE = re.compile("`([^`\n]+)`")
# Hebrew, Arabic and their neighbors, with the spaces and brackets between and after them.
_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_RIGHT_TO_LEFT = re.compile(f"{_LETTER}(?:[^A-Za-z0-9,;\u2013\u2014·/“”`<>&\n]*{_LETTER})?[)!]*")
_TELLING = ("prefect.resource.id", "prefect.resource.role", "prefect.resource.name")


def telling_first(labels: dict[str, Any]) -> list[tuple[str, Any]]:
    """The labels that say what a resource is, then the others by name."""
    names = [*(name for name in _TELLING if name in labels), *sorted(labels.keys() - {*_TELLING})]
    return [(name, labels[name]) for name in names]
