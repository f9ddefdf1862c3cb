"""Sending a request outside, bounded in time and size, to checked addresses only."""

import random
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import httpcore
import httpx

from triggers_app.delivery.addresses import CheckedNetwork, PrivateAddress
from triggers_app.delivery.calls import Call
from triggers_app.delivery.results import Delivered, Rejected, TryAgain
from triggers_app.domain.backoff import MAX_TRIES, parse_retry_after, wait_before
from triggers_app.domain.blocks import MASK

TIMEOUT = httpx.Timeout(10, connect=5)  # seconds for each step
LONGEST_SECONDS = 20.0  # for the whole answer, however slowly it drips
MAX_BODY_BYTES = 64 * 1024
SHOWN_CHARACTERS = 1000
_SECRET_WORDS = ("auth", "cookie", "credential", "key", "password", "secret", "session", "token")
_AGAIN = {408, 425, 429}
Ending = Delivered | TryAgain | Rejected


class Outside:
    """A client for effects outside; threads may share it."""

    def __init__(self, *, allow_private: bool, jitter: Callable[[], float] = random.random) -> None:
        # No redirect is followed: it could lead to where the check would not let it.
        self._client = httpx.Client(
            transport=_Transport(allow_private),
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )
        self._jitter = jitter

    def send(self, call: Call, *, key: str, tries: int, now: datetime) -> Ending:
        """Send it, for the `tries`th time. What the answer holds of secrets is masked."""
        try:
            response, text = self._answer(call, key)
        except PrivateAddress as error:
            return Rejected(str(error))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            return Rejected(_masked(f"It cannot be sent: {error}", call))
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
            return self._again(f"No answer: {_masked(why, call)}", tries, {}, None)
        result = _result(response, text, call)
        status = response.status_code
        if response.is_success:
            return Delivered(result=result)
        if response.is_redirect:
            return Rejected(
                f"The answer {status} leads elsewhere, and Flint follows no redirects. Set the "
                "address that it leads to.",
                result,
            )
        reason = f"The answer was {status} {response.reason_phrase}.".replace(" .", ".")
        if status in _AGAIN or status >= 500:
            asked = parse_retry_after(response.headers.get("Retry-After"), now=now)
            return self._again(reason, tries, result, asked)
        return Rejected(reason, result)

    def _answer(self, call: Call, key: str) -> tuple[httpx.Response, str]:
        ends = time.monotonic() + LONGEST_SECONDS
        headers = {"User-Agent": "Flint", "Idempotency-Key": key, **call.headers}
        with self._client.stream(
            call.method, call.url, headers=headers, content=call.body.encode()
        ) as response:
            body = b""
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > MAX_BODY_BYTES or time.monotonic() > ends:
                    break
        return response, body[:MAX_BODY_BYTES].decode(errors="replace")

    def _again(
        self,
        reason: str,
        tries: int,
        result: Mapping[str, object],
        asked: timedelta | None,
    ) -> Ending:
        if tries >= MAX_TRIES:
            return Rejected(f"{reason} It was tried {tries} times.", dict(result))
        after = wait_before(tries + 1, jitter=self._jitter(), retry_after=asked)
        return TryAgain(after, reason, dict(result))


class _Transport(httpx.HTTPTransport):
    """httpx lets nobody choose how connections are opened; its pool does."""

    def __init__(self, allow_private: bool) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=100,
            max_keepalive_connections=0,
            network_backend=CheckedNetwork(allow_private=allow_private),
        )


def _result(response: httpx.Response, text: str, call: Call) -> dict[str, object]:
    return {
        "status_code": response.status_code,
        "response_body": _masked(text.replace("\x00", ""), call)[:SHOWN_CHARACTERS],
        "response_headers": {
            name: MASK if _is_secret(name) else _masked(value, call)
            for name, value in response.headers.items()
        },
    }


def _is_secret(header: str) -> bool:
    return any(word in header.lower() for word in _SECRET_WORDS)


def _masked(text: str, call: Call) -> str:
    for secret in sorted(call.secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
