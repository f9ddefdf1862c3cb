"""Texts in patterns of SQL's LIKE. Pure."""


def like_literal(text: str) -> str:
    r"""The text as LIKE and ILIKE find it itself: `%`, `_` and `\` mean nothing in it."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
