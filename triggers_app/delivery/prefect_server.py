"""Reading a running Prefect server, page by page."""

import base64
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import httpx

from project.lib.json_documents import Document

PAGE = 200
MOST_PAGES = 500
SECONDS = 30.0


class UnreadableServer(Exception):
    """The server does not answer as a Prefect server does; the text says what it did."""


class PrefectServer:
    """`url` with or without `/api`; `auth` is `user:password` (basic) or a key (bearer)."""

    def __init__(
        self, url: str, *, auth: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        base = url.rstrip("/").removesuffix("/api")
        headers = {"authorization": _authorization(auth)} if auth else {}
        self._client = httpx.Client(
            base_url=f"{base}/api",
            headers=headers,
            timeout=SECONDS,
            transport=transport,
            follow_redirects=True,
        )

    def __enter__(self) -> "PrefectServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def version(self) -> str:
        return str(self._answer("GET", "/admin/version"))

    def all(self, path: str) -> Iterator[Document]:
        """Everything that a `…/filter` lists; nothing where the server does not know the path."""
        for number in range(MOST_PAGES):
            body = {"limit": PAGE, "offset": number * PAGE}
            page = self._answer("POST", path, body, missing=[])
            if not isinstance(page, list) or not all(isinstance(each, dict) for each in page):
                raise UnreadableServer(f"{path} is not answered with a list of objects.")
            yield from page
            if len(page) < PAGE:
                return
        raise UnreadableServer(f"{path} lists more than {MOST_PAGES * PAGE:,} objects.")

    def _answer(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, missing: Any = None
    ) -> Any:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise UnreadableServer(f"{self._client.base_url} does not answer: {error}") from None
        if answer.status_code == 404 and missing is not None:
            return missing
        if answer.status_code == 401:
            raise UnreadableServer(
                "The server wants a key: set PREFECT_API_AUTH_STRING or _API_KEY."
            )
        if answer.status_code != 200:
            raise UnreadableServer(f"{method} {path} is answered with status {answer.status_code}.")
        try:
            return answer.json()
        except ValueError:
            raise UnreadableServer(f"{method} {path} is not answered with JSON.") from None


def _authorization(auth: str) -> str:
    if ":" in auth:
        return f"Basic {base64.b64encode(auth.encode()).decode()}"
    return f"Bearer {auth}"
