"""Sending requests outside, bounded in time and size, to checked addresses only.

All of them wait in one event loop: a slow answer costs a connection and no thread. One
deadline holds for the whole exchange, so that it does not matter where the other side is slow.
"""

import asyncio
import random
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime, timedelta

import httpcore
import httpx

from triggers_app.automation.backoff import MAX_TRIES, parse_retry_after, wait_before
from triggers_app.automation.blocks import MASK
from triggers_app.delivery.addresses import CheckedNetwork, PrivateAddress, closing_what_is_opened
from triggers_app.delivery.calls import Call
from triggers_app.delivery.mail import Mail, MailFailed, send_mail
from triggers_app.delivery.results import Delivered, Rejected, TryAgain

# From looking up the name to the last byte of the answer, however slowly it drips.
DEADLINE_SECONDS = 20.0
# After which no further recipient of a message is begun with: a lease outlasts all of it.
ALL_SECONDS = 60.0
CONNECT_SECONDS = 5.0
MAX_BODY_BYTES = 64 * 1024
KEPT_CHARACTERS = 1000
_SECRET_WORDS = ("auth", "cookie", "credential", "key", "password", "secret", "session", "token")
_AGAIN = {408, 425, 429}
Ending = Delivered | TryAgain | Rejected


class OutgoingClient:
    """A client for effects outside; threads may share it. `close` ends it."""

    def __init__(
        self,
        *,
        allow_private: bool,
        jitter: Callable[[], float] = random.random,
        deadline_seconds: float = DEADLINE_SECONDS,
        all_seconds: float = ALL_SECONDS,
    ) -> None:
        self._allow_private = allow_private
        self._network = CheckedNetwork(allow_private=allow_private)
        self._jitter = jitter
        self._deadline_seconds = deadline_seconds
        self._all_seconds = all_seconds
        self._loop = asyncio.new_event_loop()
        self._client = self._loop.run_until_complete(self._make_client())
        self._thread = threading.Thread(target=self._loop.run_forever, name="send", daemon=True)
        self._thread.start()

    def submit(self, call: Call, *, key: str, tries: int, now: datetime) -> "Future[Ending]":
        """Begin to send it, for the `tries`th time; answers within the deadline.

        What the answer holds of secrets is masked. What follows a request has a deadline and
        a key of its own.
        """
        coroutine = self._send_all(call, key=key, tries=tries, now=now)
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def send(self, call: Call, *, key: str, tries: int, now: datetime) -> Ending:
        """The same, waited for."""
        return self.submit(call, key=key, tries=tries, now=now).result()

    def close(self) -> None:
        """Drop what is under way."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._client.aclose()
        await asyncio.sleep(0)  # transports close themselves a round later

    async def _make_client(self) -> httpx.AsyncClient:
        # No redirect is followed: it could lead to where the check would not let it.
        return httpx.AsyncClient(
            transport=_Transport(self._allow_private),
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )

    async def _send_all(self, call: Call, *, key: str, tries: int, now: datetime) -> Ending:
        """How the first ended that was not delivered, else the last. What can be sent is sent."""
        ending = await self._send(call, key=key, tries=tries, now=now)
        if not call.following:
            return ending
        rejected = ending if isinstance(ending, Rejected) else None
        ends = self._loop.time() + self._all_seconds
        for place, following in enumerate(call.following, 1):
            if isinstance(ending, TryAgain):
                return ending
            if self._loop.time() > ends:
                reason = f"Not all recipients were reached within {self._all_seconds:g} s."
                return self._again(reason, tries, {}, None)
            ending = await self._send(following, key=f"{key}:{place}", tries=tries, now=now)
            rejected = rejected or (ending if isinstance(ending, Rejected) else None)
        return rejected or ending

    async def _send(self, call: Call, *, key: str, tries: int, now: datetime) -> Ending:
        if call.mail is not None:
            return await self._send_mail(call, call.mail, key=key, tries=tries)
        try:
            async with closing_what_is_opened():
                response, text = await self._answer(call, key)
        except PrivateAddress as error:
            return Rejected(str(error))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            return Rejected(_masked(f"It cannot be sent: {error}", call))
        except TimeoutError:
            return self._again(f"No answer within {self._deadline_seconds:g} s.", tries, {}, None)
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
            return self._again(f"No answer: {_masked(why, call)}", tries, {}, None)
        return self._judged(response, _result(response, text, call), tries, now)

    async def _send_mail(self, call: Call, mail: Mail, *, key: str, tries: int) -> Ending:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                said = await send_mail(mail, key=key, network=self._network)
        except PrivateAddress as error:
            return Rejected(str(error))
        except TimeoutError:
            return self._again(f"No answer within {self._deadline_seconds:g} s.", tries, {}, None)
        except MailFailed as error:
            reason = _masked(str(error), call)
            return self._again(reason, tries, {}, None) if error.again else Rejected(reason)
        return Delivered(result={"response_body": _masked(said, call)[:KEPT_CHARACTERS]})

    def _judged(
        self, response: httpx.Response, result: dict[str, object], tries: int, now: datetime
    ) -> Ending:
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
            retry_after = parse_retry_after(response.headers.get("Retry-After"), now=now)
            return self._again(reason, tries, result, retry_after)
        return Rejected(reason, result)

    async def _answer(self, call: Call, key: str) -> tuple[httpx.Response, str]:
        """The answer and the beginning of its text. Raises TimeoutError, and what httpx raises.

        A status that came in time counts, however long its text takes.
        """
        response = None
        body = b""
        request = self._client.stream(
            call.method, call.url, headers=_headers(call, key), content=call.body.encode()
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(self._deadline_seconds), request as response:
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > MAX_BODY_BYTES:
                        break
        if response is None:
            raise TimeoutError
        return response, body[:MAX_BODY_BYTES].decode(errors="replace")

    def _again(
        self,
        reason: str,
        tries: int,
        result: Mapping[str, object],
        retry_after: timedelta | None,
    ) -> Ending:
        if tries >= MAX_TRIES:
            return Rejected(f"{reason} It was tried {tries} times.", dict(result))
        after = wait_before(tries + 1, jitter=self._jitter(), retry_after=retry_after)
        return TryAgain(after, reason, dict(result))


class _Transport(httpx.AsyncHTTPTransport):
    """httpx lets nobody choose how connections are opened; its pool does."""

    def __init__(self, allow_private: bool) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=None,  # who claims deliveries bounds them
            max_keepalive_connections=0,
            network_backend=CheckedNetwork(allow_private=allow_private),
        )


def _headers(call: Call, key: str) -> dict[str, str]:
    own = {"Idempotency-Key": key}
    if not any(name.lower() == "user-agent" for name in call.headers):
        own["User-Agent"] = "Flint"
    return {**own, **call.headers}


def _result(response: httpx.Response, text: str, call: Call) -> dict[str, object]:
    return {
        "status_code": response.status_code,
        "response_body": _masked(text.replace("\x00", ""), call)[:KEPT_CHARACTERS],
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
