"""Notifications as requests: Apprise writes what each service takes, Flint sends it.

Apprise would send by itself, to whatever address, with redirects, as long as it takes. Its plugins
do so through the module `requests`; here they find something in its place that notes what they
ask for. So all that is promised of requests (checked addresses, a deadline, a key, tries) holds
for notifications too, and no thread waits for one.
"""

import html
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from triggers_app.delivery.calls import Call

MOST_RECIPIENTS = 50
BODY_OF_AN_INCIDENT = "Prefect Notification Body"  # under this name receivers know it
Data = Mapping[str, Any]
_noted: ContextVar[list[Any]] = ContextVar("noted")


class NotWritten(Exception):
    """Apprise refuses the values of a block; the message may hold them."""


def requests_for(type_slug: str, data: Data, *, subject: str, body: str) -> list[Call] | None:
    """What the service of a block is to be sent; None where Apprise does not know the address.

    Raises NotWritten.
    """
    plugin = _PLUGINS[type_slug](data, subject, body)
    if plugin is None:
        return None
    if type_slug == "pager-duty-webhook" and subject:
        subject, body = "", subject
    if plugin.notify_format == "html":
        body = html.escape(body).replace("\n", "<br/>")
    token = _noted.set([])
    try:
        plugin.notify(body=body, title=subject, notify_type=data.get("notify_type") or "info")
        noted = _noted.get()
    finally:
        _noted.reset(token)
    if not noted:
        raise NotWritten("There is nobody to send it to.")
    if len(noted) > MOST_RECIPIENTS:
        raise NotWritten(f"It may go to at most {MOST_RECIPIENTS} recipients.")
    return [_call(each) for each in noted]


def known_host(type_slug: str, data: Data) -> str:
    """Whom a block without an address of its own goes to, as `host:port`."""
    if type_slug == "mattermost-webhook":
        return f"{data.get('hostname')}:{data.get('port') or 8065}"
    host = _HOSTS.get(type_slug, "")
    return f"{host}:443" if host else ""


_HOSTS = {
    "discord-webhook": "discord.com",
    "pager-duty-webhook": "events.pagerduty.com",
    "opsgenie-webhook": "api.opsgenie.com",
    "twilio-sms": "api.twilio.com",
    "sendgrid-email": "api.sendgrid.com",
}


def _call(prepared: Any) -> Call:
    headers = {n: v for n, v in prepared.headers.items() if n.lower() != "content-length"}
    text = prepared.body or ""
    text = text.decode() if isinstance(text, bytes) else text
    return Call(prepared.url, prepared.method, headers, text)


class _Answer:
    """That all went well, in the form of every service."""

    status_code = 200
    reason = "OK"
    content = b"ok"
    text = "ok"

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def json(self) -> dict[str, str]:
        return {"requestId": "noted"}


class _Noting:
    """In the place of the module `requests`: notes requests instead of sending them."""

    def __init__(self, requests: Any) -> None:
        self._requests = requests

    def __getattr__(self, name: str) -> Any:
        return getattr(self._requests, name)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        data: Any = None,
        json: Any = None,
        headers: Any = None,
        auth: Any = None,
        **_: Any,
    ) -> _Answer:
        made = self._requests.Request(
            method, url, params=params, data=data, json=json, headers=headers, auth=auth
        )
        _noted.get().append(made.prepare())
        return _Answer()

    def post(self, url: str, **options: Any) -> _Answer:
        return self.request("POST", url, **options)

    def get(self, url: str, **options: Any) -> _Answer:
        return self.request("GET", url, **options)


@cache
def _plugin_class(module: str, name: str) -> Any:
    """Imported when the first notification needs it: it costs 25 MB.

    What Apprise logs holds secrets.
    """
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    plugins: Any = import_module(f"apprise.plugins.{module}")
    if not isinstance(plugins.requests, _Noting):
        plugins.requests = _Noting(plugins.requests)
    return getattr(plugins, name)


@cache
def _asset() -> Any:
    return import_module("apprise").AppriseAsset(app_id="Flint", app_desc="Flint", app_url="")


def _made(module: str, name: str, **values: Any) -> Any:
    """A plugin with those of the values that are given. Raises NotWritten."""
    given = {key: value for key, value in values.items() if value is not None}
    plugin_class = _plugin_class(module, name)
    try:
        plugin = plugin_class(asset=_asset(), **given)
    except (TypeError, ValueError) as error:
        raise NotWritten(str(error)) from None
    plugin.request_rate_per_sec = 0  # nothing is sent here, so nothing has to wait
    return plugin


def _slack(data: Data, subject: str, body: str) -> Any:
    parts = urlsplit(str(data.get("url"))).path.strip("/").split("/")
    if len(parts) != 4 or parts[0] != "services":
        return None
    with suppress(NotWritten):
        return _made(
            "slack",
            "NotifySlack",
            token_a=parts[1],
            token_b=parts[2],
            token_c=parts[3],
            include_image=False,
            include_footer=False,
            include_timestamp=False,
        )
    return None


def _teams(data: Data, subject: str, body: str) -> Any:
    plugin_class = _plugin_class("workflows", "NotifyWorkflows")
    native = plugin_class.parse_native_url(str(data.get("url")))
    if not native:
        return None
    return _made(
        "workflows",
        "NotifyWorkflows",
        **{
            **{name: value for name, value in native.items() if name != "schema"},
            "include_image": bool(data.get("include_image")),
            "wrap": data.get("wrap", True),
        },
    )


def _discord(data: Data, subject: str, body: str) -> Any:
    native: Data = {}
    if data.get("url"):
        plugin_class = _plugin_class("discord", "NotifyDiscord")
        native = plugin_class.parse_native_url(str(data["url"])) or {}
        if not native:
            return None
    return _made(
        "discord",
        "NotifyDiscord",
        webhook_id=native.get("webhook_id") or data.get("webhook_id"),
        webhook_token=native.get("webhook_token") or data.get("webhook_token"),
        botname=data.get("botname"),
        tts=bool(data.get("tts")),
        include_image=bool(data.get("include_image")),
        avatar=bool(data.get("avatar")),
        avatar_url=data.get("avatar_url"),
        user=data.get("botname"),
    )


def _mattermost(data: Data, subject: str, body: str) -> Any:
    return _made(
        "mattermost",
        "NotifyMattermost",
        token=data.get("token"),
        fullpath=data.get("path"),
        host=data.get("hostname"),
        user=data.get("botname"),
        targets=data.get("channels"),
        include_image=bool(data.get("include_image")),
        port=data.get("port") or 8065,
        secure=bool(data.get("secure")),
    )


def _pager_duty(data: Data, subject: str, body: str) -> Any:
    details = dict(data.get("custom_details") or {})
    if subject:
        details[BODY_OF_AN_INCIDENT] = body
    return _made(
        "pagerduty",
        "NotifyPagerDuty",
        apikey=data.get("api_key"),
        integrationkey=data.get("integration_key"),
        source=data.get("source") or "Prefect",
        component=data.get("component") or "Notification",
        group=data.get("group"),
        class_id=data.get("class_id"),
        region_name=data.get("region_name"),
        click=data.get("clickable_url"),
        include_image=bool(data.get("include_image")),
        details=details,
    )


_TARGETS = {
    "target_user": "@",
    "target_team": "#",
    "target_schedule": "*",
    "target_escalation": "^",
}


def _opsgenie(data: Data, subject: str, body: str) -> Any:
    targets = [
        f"{mark}{target}" for name, mark in _TARGETS.items() for target in data.get(name) or ()
    ]
    return _made(
        "opsgenie",
        "NotifyOpsgenie",
        apikey=data.get("apikey"),
        targets=targets,
        region_name=data.get("region_name"),
        details=data.get("details"),
        priority=data.get("priority"),
        alias=data.get("alias"),
        entity=data.get("entity"),
        batch=bool(data.get("batch")),
        tags=data.get("tags"),
        action="new",
    )


def _twilio(data: Data, subject: str, body: str) -> Any:
    plugin = _made(
        "twilio",
        "NotifyTwilio",
        account_sid=data.get("account_sid"),
        auth_token=data.get("auth_token"),
        source=data.get("from_phone_number"),
        targets=_listed(data.get("to_phone_numbers")),
    )
    if not plugin.targets:  # Apprise would send to the sender
        raise NotWritten("None of the numbers that it goes to is a number of a telephone.")
    return plugin


def _sendgrid(data: Data, subject: str, body: str) -> Any:
    return _made(
        "sendgrid",
        "NotifySendGrid",
        apikey=data.get("api_key"),
        from_email=data.get("sender_email"),
        targets=_listed(data.get("to_emails")),
    )


def _listed(value: object) -> Sequence[str]:
    """Without any, Apprise would send to the sender."""
    if not isinstance(value, list) or not value:
        raise NotWritten("There is nobody to send it to.")
    return [str(each) for each in value]


_PLUGINS: Mapping[str, Callable[[Data, str, str], Any]] = {
    "slack-webhook": _slack,
    "ms-teams-webhook": _teams,
    "discord-webhook": _discord,
    "mattermost-webhook": _mattermost,
    "pager-duty-webhook": _pager_duty,
    "opsgenie-webhook": _opsgenie,
    "twilio-sms": _twilio,
    "sendgrid-email": _sendgrid,
}
