"""From a rendered text and a block to a request: what is sent, and where to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from project.lib.encrypted_json import LockedData
from triggers_app.automation.actions import CallWebhook
from triggers_app.automation.block_catalog import NOTIFICATIONS
from triggers_app.automation.block_schemas import secret_values
from triggers_app.automation.blocks import MASK, WEBHOOK, header_problems
from triggers_app.delivery import apprise_requests
from triggers_app.delivery.apprise_requests import NotWritten
from triggers_app.delivery.calls import Call
from triggers_app.delivery.custom_webhook import NotFilled, custom_call
from triggers_app.delivery.mail import NoMail, mail_call
from triggers_app.delivery.results import Rejected
from triggers_app.models import BlockDocument

Document = Mapping[str, Any]
DISCORD_CHARACTERS = 2000
EMAIL = "email"


def call_for(action: Document, texts: Document, block: BlockDocument | None) -> Call | Rejected:
    """The request of a `call-webhook` or `send-notification`; or why there is none."""
    block_id = action.get("block_document_id")
    if block_id is not None and block is None:
        return Rejected(f"There is no block {block_id}. Make one with POST /api/block_documents.")
    allowed = NOTIFICATIONS if action["type"] == "send-notification" else (WEBHOOK,)
    if block is not None and block.block_type.slug not in allowed:
        return Rejected(
            f"Block `{block.name}` is of type {block.block_type.slug}; `{action['type']}` needs "
            f"{' or '.join(allowed)}."
        )
    data = action if block is None else block.data
    if isinstance(data, LockedData):
        return Rejected(f"The secrets of its block cannot be read. {data.reason}")
    if problems := header_problems(data.get("headers"), ("headers",)):
        return Rejected("It cannot be sent: " + " ".join(problem.msg for problem in problems))
    if action["type"] == "call-webhook":
        return _call(data, str(texts.get("payload", "")))
    assert block is not None  # the action requires one
    subject, body = str(texts["subject"]), str(texts["body"])
    return _notification(block, subject=subject, body=body)


def _notification(block: BlockDocument, *, subject: str, body: str) -> Call | Rejected:
    """The requests of a notification: by Apprise where it knows the service."""
    kind, data = block.block_type.slug, block.data
    hidden = secret_values(data, block.block_schema.fields.get("secret_fields"))
    try:
        if kind == "custom-webhook":
            return custom_call(data, subject=subject, body=body)
        if kind == EMAIL:
            return replace(mail_call(data, subject=subject, body=body), secrets=tuple(hidden))
        calls = apprise_requests.requests_for(kind, data, subject=subject, body=body)
    except (NotFilled, NoMail) as error:
        return Rejected(f"It cannot be sent: {error}")
    except NotWritten as error:
        return Rejected(f"It cannot be sent: {_without(hidden, str(error))}")
    if calls is None:
        return _call(data, json.dumps(_message(kind, subject, body)))
    if data.get("url"):
        calls = [replace(each, url=str(data["url"])) for each in calls]
    calls = [replace(each, secrets=(*hidden, each.url, *_authorization(each))) for each in calls]
    return replace(calls[0], following=calls[1:])


def _authorization(call: Call) -> list[str]:
    return [value for name, value in call.headers.items() if name.lower() == "authorization"]


def _without(secrets: Sequence[str], text: str) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def host_of(action: Document, block: BlockDocument | None) -> str:
    """Whom it goes to, as `host:port`; empty where that is not known."""
    data = action if block is None else block.data
    if block is not None and block.block_type.slug == EMAIL:
        return f"{data.get('smtp_server')}:{data.get('smtp_port') or ''}"
    if block is not None and not data.get("url"):
        return apprise_requests.known_host(block.block_type.slug, data)
    try:
        parts = urlsplit(str(data.get("url") or ""))
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if parts.hostname else ""


def _call(data: Document, body: str) -> Call:
    url, method, headers = (data.get(name) for name in CallWebhook.extra_keys)
    given = dict(headers or {})
    kind = "application/json" if _is_json(body) else "text/plain; charset=utf-8"
    usual = {"Content-Type": kind} if body else {}
    named = {name.lower() for name in given}
    kept = {name: value for name, value in usual.items() if name.lower() not in named}
    secrets = tuple(value for value in (url, *given.values()) if value and len(value) > 3)
    return Call(str(url), method or "POST", {**kept, **given}, body, secrets)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _message(kind: str, subject: str, body: str) -> dict[str, Any]:
    """In the form of a service whose address is none that Apprise knows."""
    text = f"{subject}\n\n{body}" if subject else body
    if kind == "slack-webhook":
        return {"text": f"*{subject}*\n\n{body}" if subject else body}
    if kind == "discord-webhook":
        return {"content": text[:DISCORD_CHARACTERS]}
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": subject, "weight": "bolder", "wrap": True},
            {"type": "TextBlock", "text": body, "wrap": True},
        ],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}
