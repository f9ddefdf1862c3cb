"""The reason why an operation changes nothing, as a sentence. Pure."""


class EditRefused(Exception):
    """Raised and caught within `domain.drafting`; its text is for people."""


def number(text: str) -> int:
    """An index in an operation. Raises Refused."""
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise EditRefused("This page is older than Flint. Reload it and try again.")
    return int(text)
