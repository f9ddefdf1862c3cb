"""From a rendered text and a block to a request: what is sent, and where to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from project.lib.encrypted_json import LockedData
from triggers_app.automation.actions import CallWebhook
from triggers_app.automation.blocks import NOTIFICATIONS, WEBHOOK, header_problems
from triggers_app.delivery.results import Rejected
from triggers_app.models import BlockDocument

Document = Mapping[str, Any]
DISCORD_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `secrets` are the values that nothing may show."""

    url: str
    method: str
    headers: dict[str, str]
    body: str
    secrets: tuple[str, ...] = field(repr=False, default=())


def call_for(action: Document, texts: Document, block: BlockDocument | None) -> Call | Rejected:
    """The request of a `call-webhook` or `send-notification`; or why there is none."""
    wanted = action.get("block_document_id")
    if wanted is not None and block is None:
        return Rejected(f"There is no block {wanted}. Make one with POST /api/block_documents.")
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
    kind = block.block_type.slug if block is not None else NOTIFICATIONS[-1]
    return _call(data, json.dumps(_message(kind, str(texts["subject"]), str(texts["body"]))))


def host_of(action: Document, block: BlockDocument | None) -> str:
    """Whom it goes to, as `host:port`; empty where that is not known."""
    data = action if block is None else block.data
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
    text = f"{subject}\n\n{body}" if subject else body
    match kind:
        case "slack-webhook":
            return {"text": f"*{subject}*\n\n{body}" if subject else body}
        case "discord-webhook":
            return {"content": text[:DISCORD_CHARACTERS]}
        case "ms-teams-webhook":
            card = {
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [
                    {"type": "TextBlock", "text": subject, "weight": "bolder", "wrap": True},
                    {"type": "TextBlock", "text": body, "wrap": True},
                ],
            }
            attachment = {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": card,
            }
            return {"type": "message", "attachments": [attachment]}
    return {"subject": subject, "body": body}
