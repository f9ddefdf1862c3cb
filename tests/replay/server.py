"""The API in this process, with a log and a recorder."""

import asyncio
import base64

import httpx
import redis
from django.test import Client

from accounts_app.models import Role
from accounts_app.services import access
from events_app.services import recording
from project.asgi import application
from tests.web import scene


class Server:
    """Events go through the ASGI front, everything else through Django."""

    def __init__(self, runner: asyncio.Runner, log: redis.Redis) -> None:
        key = access.create_key("replay", Role.ADMIN, scene.NOW)
        basic = base64.b64encode(f"admin:{key}".encode()).decode()
        self._headers = {"authorization": f"Basic {basic}"}
        self._client = Client(headers=self._headers)
        self._runner = runner
        self._log = log

    def send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if (method, path.rstrip("/")) == ("POST", "/api/events"):
            return self._runner.run(self._post(path, body))
        if path.startswith("/api/events/"):
            self._record()
        answer = self._client.generic(method, path, body, content_type="application/json")
        return answer.status_code, answer.content

    async def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.post(path, content=body, headers=self._headers)
            return answer.status_code, answer.content

    def _record(self) -> None:
        turns = iter([0.001, 0.001, 0.0])
        recording.record(self._log, seconds_left=lambda: next(turns, 0.0))
