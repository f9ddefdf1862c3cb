"""The types of blocks that are there from the start, under Prefect's slugs. Pure.

The schemas are Flint's own: a client that saves a block brings the schema of its own class
along, which then stands beside the one here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from triggers_app.automation.block_schemas import checksum
from triggers_app.automation.blocks import METHODS

VERSION = "flint"
_NAMESPACE = UUID("7d1b3c52-6d1e-4f0a-9c38-0f8f5d1b7a64")
_FILES = ("get-directory", "put-directory", "read-path", "write-path")
_NOTIFY = ("notify",)


@dataclass(frozen=True, slots=True)
class BlockField:
    """One value of a block. `schema` is what JSON Schema says of it."""

    name: str
    title: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    description: str = ""
    required: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class CatalogType:
    slug: str
    name: str
    description: str
    values: Sequence[BlockField]
    capabilities: Sequence[str] = ()

    @property
    def id(self) -> UUID:
        return uuid5(_NAMESPACE, self.slug)

    @property
    def schema_id(self) -> UUID:
        return uuid5(_NAMESPACE, self.checksum)

    @property
    def checksum(self) -> str:
        return checksum(self.fields)

    @property
    def fields(self) -> dict[str, Any]:
        """The schema of the data, as Prefect writes those of its block classes."""
        return {
            "title": self.name.replace(" ", ""),
            "description": self.description,
            "type": "object",
            "properties": {
                each.name: _property(each, place) for place, each in enumerate(self.values)
            },
            "required": [each.name for each in self.values if each.required],
            "block_type_slug": self.slug,
            "secret_fields": [_secret_path(each) for each in self.values if each.secret],
            "block_schema_references": {},
        }


def _property(value: BlockField, place: int) -> dict[str, Any]:
    described = {"title": value.title, "position": place, **value.schema}
    if value.description:
        described["description"] = value.description
    if value.secret and described.get("type") == "string":
        described |= {"format": "password", "writeOnly": True}
    return described


def _secret_path(value: BlockField) -> str:
    return f"{value.name}.*" if value.schema.get("type") == "object" else value.name


def _choice(*choices: str, default: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(choices), "default": default}


def _flag(default: bool) -> dict[str, Any]:
    return {"type": "boolean", "default": default}


_TEXTS = {"type": "array", "items": {"type": "string"}}
_MAP = {"type": "object", "additionalProperties": {"type": "string"}}
_KIND = BlockField(
    "notify_type",
    "Kind of message",
    _choice("info", "success", "warning", "failure", default="info"),
    "Chooses the color and the picture of the message where the service has one.",
)
_URL = BlockField("url", "URL", description="Where requests go.", required=True, secret=True)
_METHOD = BlockField("method", "Method", _choice(*METHODS, default="POST"))
_IMAGE = BlockField("include_image", "Picture", _flag(False), "Send a picture with the message.")
_REGION = BlockField("region_name", "Region", _choice("us", "eu", default="us"))

_TYPES = (
    CatalogType(
        "webhook",
        "Webhook",
        "An address that actions of type call-webhook send requests to.",
        (_URL, _METHOD, BlockField("headers", "Headers", _MAP, secret=True)),
    ),
    CatalogType(
        "secret",
        "Secret",
        "One value that flows read with Secret.load and nobody sees.",
        (BlockField("value", "Value", required=True, secret=True),),
    ),
    CatalogType(
        "local-file-system",
        "Local File System",
        "A folder of the machine that a flow runs on.",
        (BlockField("basepath", "Folder", description="Where relative paths begin."),),
        _FILES,
    ),
    CatalogType(
        "remote-file-system",
        "Remote File System",
        "A folder on a file system that fsspec knows, such as s3:// or gcs://.",
        (
            BlockField(
                "basepath", "Folder", description="A URL such as s3://bucket.", required=True
            ),
            BlockField(
                "settings", "Settings", {"type": "object"}, "Passed on to fsspec.", secret=True
            ),
        ),
        _FILES,
    ),
    CatalogType(
        "smb",
        "SMB",
        "A folder that another machine shares by SMB.",
        (
            BlockField("share_path", "Share", required=True),
            BlockField("smb_host", "Host", required=True),
            BlockField("smb_port", "Port", {"type": "integer"}),
            BlockField("smb_username", "User name", secret=True),
            BlockField("smb_password", "Password", secret=True),
        ),
        _FILES,
    ),
    CatalogType(
        "slack-webhook",
        "Slack Webhook",
        "Sends messages to a channel of Slack.",
        (_URL, _KIND),
        _NOTIFY,
    ),
    CatalogType(
        "ms-teams-webhook",
        "Microsoft Teams Webhook",
        "Sends messages to a channel of Microsoft Teams by a workflow of Power Automate.",
        (_URL, _KIND, _IMAGE, BlockField("wrap", "Wrap lines", _flag(True))),
        _NOTIFY,
    ),
    CatalogType(
        "discord-webhook",
        "Discord Webhook",
        "Sends messages to a channel of Discord.",
        (
            BlockField("webhook_id", "Webhook ID", secret=True),
            BlockField("webhook_token", "Webhook token", secret=True),
            BlockField(
                "url",
                "URL",
                description="Instead of ID and token: the whole address.",
                secret=True,
            ),
            _KIND,
            BlockField("botname", "Name of the sender"),
            BlockField("tts", "Read aloud", _flag(False)),
            _IMAGE,
            BlockField("avatar", "Avatar", _flag(False)),
            BlockField("avatar_url", "URL of the avatar"),
        ),
        _NOTIFY,
    ),
    CatalogType(
        "mattermost-webhook",
        "Mattermost Webhook",
        "Sends messages to channels of a Mattermost server.",
        (
            BlockField("hostname", "Host", required=True),
            BlockField("token", "Token", required=True, secret=True),
            BlockField("port", "Port", {"type": "integer", "default": 8065}),
            BlockField("path", "Path"),
            BlockField("secure", "HTTPS", _flag(False)),
            BlockField("botname", "Name of the sender"),
            BlockField("channels", "Channels", _TEXTS),
            _IMAGE,
            _KIND,
        ),
        _NOTIFY,
    ),
    CatalogType(
        "pager-duty-webhook",
        "Pager Duty Webhook",
        "Opens incidents in PagerDuty.",
        (
            BlockField("integration_key", "Integration key", required=True, secret=True),
            BlockField("api_key", "API key", required=True, secret=True),
            BlockField("source", "Source", {"type": "string", "default": "Prefect"}),
            BlockField("component", "Component", {"type": "string", "default": "Notification"}),
            BlockField("group", "Group"),
            BlockField("class_id", "Class"),
            _REGION,
            BlockField("clickable_url", "Link"),
            _IMAGE,
            BlockField("custom_details", "Details", _MAP),
            _KIND,
        ),
        _NOTIFY,
    ),
    CatalogType(
        "opsgenie-webhook",
        "Opsgenie Webhook",
        "Opens alerts in Opsgenie.",
        (
            BlockField("apikey", "API key", required=True, secret=True),
            BlockField("target_user", "Users", _TEXTS),
            BlockField("target_team", "Teams", _TEXTS),
            BlockField("target_schedule", "Schedules", _TEXTS),
            BlockField("target_escalation", "Escalations", _TEXTS),
            _REGION,
            BlockField("batch", "One request for all", _flag(False)),
            BlockField("tags", "Tags", _TEXTS),
            BlockField("priority", "Priority", {"type": "integer", "default": 3}),
            BlockField("alias", "Alias"),
            BlockField("entity", "Entity"),
            BlockField("details", "Details", _MAP),
            _KIND,
        ),
        _NOTIFY,
    ),
    CatalogType(
        "twilio-sms",
        "Twilio SMS",
        "Sends text messages by Twilio.",
        (
            BlockField("account_sid", "Account SID", required=True),
            BlockField("auth_token", "Token", required=True, secret=True),
            BlockField("from_phone_number", "From", required=True),
            BlockField("to_phone_numbers", "To", _TEXTS, required=True),
            _KIND,
        ),
        _NOTIFY,
    ),
    CatalogType(
        "sendgrid-email",
        "Sendgrid Email",
        "Sends e-mail by SendGrid.",
        (
            BlockField("api_key", "API key", required=True, secret=True),
            BlockField("sender_email", "From", required=True),
            BlockField("to_emails", "To", _TEXTS, required=True),
            _KIND,
        ),
        _NOTIFY,
    ),
    CatalogType(
        "email",
        "Email",
        "Sends e-mail by a server of yours (SMTP).",
        (
            BlockField("smtp_server", "Server", required=True),
            BlockField(
                "smtp_type",
                "Security",
                _choice("SSL", "STARTTLS", "INSECURE", default="SSL"),
                "How the connection is encrypted.",
            ),
            BlockField(
                "smtp_port", "Port", {"type": "integer"}, "Left empty: 465, 587 or 25 by security."
            ),
            BlockField("username", "User name"),
            BlockField("password", "Password", secret=True),
            BlockField("sender_email", "From", required=True),
            BlockField("to_emails", "To", _TEXTS, required=True),
        ),
        _NOTIFY,
    ),
    CatalogType(
        "custom-webhook",
        "Custom Webhook",
        "Sends messages to any address, in a form of your own.",
        (
            _URL,
            _METHOD,
            BlockField("headers", "Headers", _MAP, secret=True),
            BlockField("params", "Query", _MAP),
            BlockField(
                "json_data", "JSON", {"type": "object"}, "May hold {{subject}} and {{body}}."
            ),
            BlockField("form_data", "Form", _MAP, "May hold {{subject}} and {{body}}."),
            BlockField("cookies", "Cookies", _MAP, secret=True),
            BlockField("timeout", "Timeout in seconds", {"type": "number", "default": 10}),
            BlockField("secrets", "Secrets", _MAP, "Their names may stand in {{…}}.", secret=True),
        ),
        _NOTIFY,
    ),
)
NOTIFICATIONS = tuple(each.slug for each in _TYPES if each.capabilities == _NOTIFY)
CATALOG: Mapping[str, CatalogType] = MappingProxyType({each.slug: each for each in _TYPES})
