"""Imported by flows beside it."""


def helper(n: int) -> str:
    return f"helped {n}"
