"""The request of a block of type `custom-webhook`: in a form of its author's own.

`{{subject}}`, `{{body}}`, `{{name}}` and the names of its secrets stand for their values in the
address, query, headers, cookies and what is sent.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from triggers_app.automation.blocks import address_problems, header_problems
from triggers_app.delivery.calls import Call

_placeholder = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_FORMS = ("json_data", "form_data")
_WITH_PLACEHOLDERS = ("url", "params", *_FORMS, "headers", "cookies")


class NotFilled(Exception):
    """The block cannot be sent as it is; the message says why and holds no secret."""


def custom_call(data: Mapping[str, Any], *, subject: str, body: str) -> Call:
    """Raises NotFilled.

    Where the block says nothing of a form, `subject` and `body` are sent as JSON.
    """
    secrets = data.get("secrets") or {}
    values = {**secrets, "subject": subject, "body": body, "name": data.get("name") or ""}
    filled = {name: _filled(data.get(name), values) for name in _WITH_PLACEHOLDERS}
    own_headers = dict(filled["headers"] or {})
    if filled["cookies"]:
        own_headers["Cookie"] = "; ".join(f"{n}={v}" for n, v in filled["cookies"].items())
    text, kind = _content(data, filled, subject=subject, body=body)
    url = str(filled["url"])
    if filled["params"]:
        url += ("&" if "?" in url else "?") + urlencode(filled["params"])
    _check({"url": url, "method": data.get("method"), "headers": own_headers or None})
    named = {name.lower() for name in own_headers}
    headers = (
        own_headers
        if kind is None or "content-type" in named
        else {"Content-Type": kind, **own_headers}
    )
    hidden = [url, *own_headers.values(), *(str(value) for value in secrets.values())]
    return Call(
        url,
        data.get("method") or "POST",
        headers,
        text,
        tuple(each for each in hidden if len(each) > 3),
    )


def _content(
    data: Mapping[str, Any], filled: Mapping[str, Any], *, subject: str, body: str
) -> tuple[str, str | None]:
    """What is sent, and its type."""
    if not any(name in data for name in _FORMS):
        return json.dumps({"subject": subject, "body": body}), "application/json"
    if filled["json_data"] is not None:
        return json.dumps(filled["json_data"]), "application/json"
    if isinstance(filled["form_data"], dict):
        return urlencode(filled["form_data"]), "application/x-www-form-urlencoded"
    return str(filled["form_data"] or ""), None


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return _placeholder.sub(lambda match: _value(match[1], values), value)
    if isinstance(value, dict):
        return {_filled(name, values): _filled(each, values) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    return value


def _value(name: str, values: Mapping[str, Any]) -> str:
    if name not in values:
        raise NotFilled(f"`{name}` is neither subject, body nor name, nor among its secrets.")
    return str(values[name])


def _check(data: Mapping[str, Any]) -> None:
    """What the values made of address and headers."""
    problems = [*address_problems(data, ()), *header_problems(data["headers"], ("headers",))]
    if problems:
        places = ", ".join(sorted({str(problem.loc[0]) for problem in problems}))
        raise NotFilled(f"With its values filled in, this cannot be sent: {places}.")
