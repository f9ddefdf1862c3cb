"""A real SMTP server on loopback that notes what it is sent and answers as it is told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """`answers` are those to commands by their first word; everything else is fine."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@contextmanager
def mail_serving() -> Iterator[MailServer]:
    noted = MailServer()

    class Answering(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 ready")
            while line := self.rfile.readline().decode().strip():
                noted.commands.append(line)
                word = line.split()[0].upper()
                if word in noted.answers:
                    self.say(noted.answers[word])
                elif word == "EHLO":
                    self.say("250-here")
                    self.say("250 AUTH PLAIN")
                elif word == "AUTH":
                    self.say("235 welcome")
                elif word == "DATA":
                    self.say("354 go on")
                    self.message()
                elif word == "QUIT":
                    return self.say("221 bye")
                else:
                    self.say("250 fine")

        def message(self) -> None:
            lines = []
            while (line := self.rfile.readline().decode()) != ".\r\n":
                lines.append(line)
            noted.messages.append("".join(lines))
            self.say("250 taken")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    noted.port = server.server_address[1]
    try:
        yield noted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
