"""Texts compared as SQL's LIKE does, whatever the case, anywhere within."""

import re

_WILD = {"%": ".*", "_": "."}


def like(pattern: str) -> str:
    """The regular expression for a pattern with `%` and `_`."""
    return "".join(_WILD.get(char) or re.escape(char) for char in pattern)
