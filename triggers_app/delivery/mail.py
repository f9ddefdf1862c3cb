"""E-mail by SMTP, to checked addresses only."""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from typing import Any

import aiosmtplib
import httpcore

from triggers_app.delivery.addresses import CheckedNetwork
from triggers_app.delivery.calls import Call

PORTS = {"SSL": 465, "STARTTLS": 587, "INSECURE": 25}
MOST_RECIPIENTS = 100


class NoMail(Exception):
    """There is nothing that could be sent; the message says why and holds no secret."""


class MailFailed(Exception):
    """The server did not take it. `again`: it may later."""

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


@dataclass(frozen=True, slots=True)
class Mail:
    """`security` is a key of PORTS. Without a user nobody is signed in."""

    host: str
    port: int
    security: str
    sender: str
    recipients: Sequence[str]
    subject: str
    text: str
    user: str = ""
    password: str = field(default="", repr=False)


def mail_call(data: Mapping[str, Any], *, subject: str, body: str) -> Call:
    """Raises NoMail."""
    security = str(data.get("smtp_type") or "SSL").upper()
    recipients = data.get("to_emails")
    port = data.get("smtp_port") or PORTS.get(security)
    if security not in PORTS:
        raise NoMail(f"`smtp_type` is one of {', '.join(PORTS)}.")
    if not isinstance(port, int) or not 0 < port < 65536:
        raise NoMail("`smtp_port` is the number of a port.")
    if not isinstance(recipients, list) or not 0 < len(recipients) <= MOST_RECIPIENTS:
        raise NoMail(f"It goes to at least one and at most {MOST_RECIPIENTS} addresses.")
    mail = Mail(
        host=str(data.get("smtp_server") or ""),
        port=port,
        security=security,
        sender=str(data.get("sender_email") or ""),
        recipients=[str(each) for each in recipients],
        subject=" ".join(subject.split()),
        text=body,
        user=str(data.get("username") or ""),
        password=str(data.get("password") or ""),
    )
    message_of(mail, key="")
    headers = {"From": mail.sender, "To": ", ".join(mail.recipients), "Subject": mail.subject}
    return Call(f"smtp://{mail.host}:{mail.port}", "MAIL", headers, body, mail=mail)


def message_of(mail: Mail, *, key: str) -> EmailMessage:
    """The message; its id is the same each time it is tried. Raises NoMail."""
    message = EmailMessage(policy=MAIL_POLICY)
    try:
        message["From"], message["To"] = mail.sender, ", ".join(mail.recipients)
        message["Subject"] = mail.subject
        addresses = [*message["From"].addresses, *message["To"].addresses]
    except (ValueError, HeaderParseError):
        addresses = []
    if len(addresses) != 1 + len(mail.recipients) or not all(each.domain for each in addresses):
        raise NoMail("The sender or a recipient is no address of e-mail.")
    if key:
        message["Message-ID"] = f"<{key.replace(':', '.')}@flint>"
    message.set_content(mail.text)
    return message


async def send_mail(mail: Mail, *, key: str, network: CheckedNetwork) -> str:
    """What the server said to it. Raises MailFailed and PrivateAddress."""
    message = message_of(mail, key=key)
    client = aiosmtplib.SMTP(
        hostname=mail.host,
        sock=await _connected(mail, network),
        use_tls=mail.security == "SSL",
        start_tls=mail.security == "STARTTLS",
        tls_context=ssl.create_default_context(),
        local_hostname="flint",
        timeout=None,
    )
    try:
        await client.connect()
        if mail.user:
            await client.login(mail.user, mail.password)
        _, said = await client.send_message(message)
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [each.code for each in error.recipients]
        raise _failed(f"No recipient was taken: {error.recipients[0].message}", codes) from None
    except aiosmtplib.SMTPResponseException as error:
        message_text = f"The server answered {error.code} {error.message}."
        raise _failed(message_text, [error.code]) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        again = isinstance(error, OSError)  # a connection that broke is one
        raise MailFailed(f"It could not be sent: {error}", again=again) from None
    finally:
        client.close()
    return said


def _failed(text: str, codes: Sequence[int]) -> MailFailed:
    """Source: RFC 5321, 4.2.1: 4xx may be tried again."""
    return MailFailed(text, again=all(400 <= code < 500 for code in codes))


async def _connected(mail: Mail, network: CheckedNetwork) -> socket.socket:
    """Raises MailFailed and PrivateAddress."""
    loop = asyncio.get_running_loop()
    failure: object = "it has no address"
    try:
        addresses = await network.resolved(mail.host, mail.port)
    except httpcore.ConnectError as error:
        raise MailFailed(str(error), again=True) from None
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, (address, mail.port))
        except BaseException as error:
            with suppress(OSError):
                connection.close()
            if not isinstance(error, OSError):
                raise
            failure = error
            continue
        return connection
    raise MailFailed(f"`{mail.host}` cannot be reached: {failure}", again=True)
