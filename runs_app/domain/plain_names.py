"""Names of flows, deployments and work pools, as the API and `deploy` take them. Pure."""

from runs_app.domain.storable import text_problem

MAX_NAME_CHARACTERS = 500
"""Longer texts do not fit into an index."""
BANNED_IN_NAMES = "/%&><"


def name_problem(name: str) -> str | None:
    """A sentence about what is wrong with a name, or None."""
    if not name:
        return "A name cannot be empty."
    if len(name) > MAX_NAME_CHARACTERS:
        return f"A name has at most {MAX_NAME_CHARACTERS} characters."
    return banned_problem(name) or text_problem(name)


def banned_problem(name: str) -> str | None:
    if any(char in name for char in BANNED_IN_NAMES):
        return f"A name cannot contain any of {' '.join(BANNED_IN_NAMES)}."
    return None
