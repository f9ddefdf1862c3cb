"""Blocks that hold an address outside, with the secrets that open it. Pure.

What types there are, stands in `block_catalog`.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from project.lib.problems import Invalid, Loc, Problem

MASK = "********"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WEBHOOK = "webhook"
# What frames the request or belongs to one connection, and what tells a second try from a first.
RESERVED_HEADERS = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "idempotency-key", "connection"),
        *("keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade"),
        *("expect", "http2-settings"),
    }
)
# Source: RFC 9110, 5.6.2.
_is_token = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
# Those whose data says itself where to: `url`, and for some `method` and `headers`.
ADDRESSED = ("webhook", "custom-webhook", "slack-webhook", "ms-teams-webhook")
DISCORD = "discord-webhook"
_placeholders = re.compile(r"\{\{.*?\}\}")


def check_data(type_slug: str, data: Mapping[str, Any]) -> None:
    """Whether a block says well where its requests go. Raises Invalid with all that is wrong."""
    problems = []
    if type_slug in ADDRESSED or (type_slug == DISCORD and data.get("url") is not None):
        problems += address_problems(data, ("data",))
        problems += header_problems(data.get("headers"), ("data", "headers"))
    elif type_slug == DISCORD and not (data.get("webhook_id") and data.get("webhook_token")):
        message = "A block of Discord needs `webhook_id` and `webhook_token`, or the `url`."
        problems.append(Problem(("data",), message))
    if problems:
        raise Invalid(problems)


def check_names(type_slug: str, data: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Whether a block has what its schema requires and nothing else. Raises Invalid."""
    known = schema.get("properties") or {}
    problems = [
        Problem(("data", name), f"A block of type {type_slug} has no `{name}`.", "extra_forbidden")
        for name in data
        if name not in known
    ]
    problems += [
        Problem(("data", name), f"`{name}` is required.", "missing")
        for name in schema.get("required") or ()
        if data.get(name) is None and name != "url"
    ]
    try:
        check_data(type_slug, data)
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(problems)


def address_problems(data: Mapping[str, Any], loc: Loc) -> list[Problem]:
    """What is wrong with a url, a method and headers."""
    problems = []
    url, method, headers = data.get("url"), data.get("method"), data.get("headers")
    if not isinstance(url, str) or not _is_http(_placeholders.sub("x", url)):
        problems.append(Problem((*loc, "url"), "`url` must be an address with http or https."))
    if method is not None and method not in METHODS:
        problems.append(Problem((*loc, "method"), f"`method` is one of {', '.join(METHODS)}."))
    if headers is not None and not _are_headers(headers):
        message = "`headers` maps names to texts, all of printable ASCII characters."
        problems.append(Problem((*loc, "headers"), message))
    return problems


def header_problems(headers: object, loc: Loc) -> list[Problem]:
    """Which headers could not be sent, or would not be the author's to set.

    Apart from `address_problems`: automations of before that have such ones can still be read.
    """
    if not _are_headers(headers):
        return []
    problems = []
    seen: set[str] = set()
    for name, value in headers.items():
        if (reason := _wrong_with_header(name, value, seen)) is not None:
            problems.append(Problem((*loc, name), reason))
        seen.add(name.lower())
    return problems


def _wrong_with_header(name: str, value: str, seen: set[str]) -> str | None:
    if not _is_token(name):
        return f"`{name}` cannot be the name of a header: letters, digits and - are usual."
    if name.lower() in RESERVED_HEADERS:
        return f"Flint sets the header `{name}` itself, or the connection does; leave it out."
    if name.lower() in seen:
        return f"The header `{name}` is there twice."
    if value != value.strip():
        return f"The value of `{name}` must neither begin nor end with a blank."
    return None


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        return False
    printable = url.isprintable() and " " not in url
    return parts.scheme in ("http", "https") and bool(parts.hostname) and printable


def _are_headers(headers: object) -> "TypeGuard[dict[str, str]]":
    return isinstance(headers, dict) and all(
        isinstance(value, str) and value.isascii() and value.isprintable()
        for pair in headers.items()
        for value in pair
    )


def masked(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as anyone may see it: of an address its server, of headers their names."""
    masked_data = dict(data)
    if isinstance(data.get("url"), str):
        parts = urlsplit(data["url"])
        masked_data["url"] = f"{parts.scheme}://{parts.hostname}/{MASK}"
    if isinstance(data.get("headers"), dict):
        masked_data["headers"] = dict.fromkeys(data["headers"], MASK)
    return masked_data


def kept_secrets_problems(former: Mapping[str, Any], new: Mapping[str, Any]) -> list[Problem]:
    """Headers go where they were written for: with another server they are given anew.

    Else whoever may change a block, but not read it, could have its secrets sent to himself.
    """
    before, after = former.get("headers"), new.get("headers")
    if _origin(former) == _origin(new) or not (_are_headers(before) and _are_headers(after)):
        return []
    kept = [name for name, value in after.items() if value and before.get(name) == value]
    message = "The address names another server now: give the value of this header anew."
    return [Problem(("data", "headers", name), message) for name in kept]


def _origin(data: Mapping[str, Any]) -> tuple[str, str | None, int | None] | None:
    try:
        parts = urlsplit(str(data.get("url")))
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return None


def merged(former: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Changed data; what was sent back as it is shown stays what it was."""
    data = {**former, **given}
    former_masked = masked(former)
    if data.get("url") == former_masked.get("url"):
        data["url"] = former.get("url")
    if isinstance(given.get("headers"), dict):
        known = former.get("headers") or {}
        data["headers"] = {
            name: known.get(name, value) if value == MASK else value
            for name, value in given["headers"].items()
        }
    return data
