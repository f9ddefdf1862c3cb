"""A real HTTP server on loopback that notes what it is sent and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Server:
    url: str = ""
    received: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    # Answers in order, the last one again and again: status, headers, body.
    answers: list[tuple[int, dict[str, str], str]] = field(
        default_factory=lambda: [(200, {}, "ok")]
    )

    @property
    def keys(self) -> list[str | None]:
        return [headers.get("idempotency-key") for _, headers, _ in self.received]


@contextmanager
def serving() -> Iterator[Server]:
    noted = Server()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            noted.received.append((self.path, headers, body))
            status, given, text = noted.answers[0]
            if len(noted.answers) > 1:
                noted.answers.pop(0)
            self.send_response(status)
            for name, value in given.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    noted.url = f"http://127.0.0.1:{server.server_port}/hook/s3cr3t"
    try:
        yield noted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
