"""Load, and a hand that kills; then the books."""

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.chaos.automations import Setting, set_up
from tests.chaos.books import Books, balanced
from tests.chaos.senders import HttpSender, Sender, SocketSender, insist
from tests.system import Product, wait_for

VICTIMS = (
    "evaluator",
    "recorder",
    "actions",
    "web",
    "redis",
    "broker",
    "postgres",
    "runs",
    "beat",
)


@dataclass
class Storm:
    """One product under load. `say` is told what is done to it."""

    product: Product
    seed: int
    say: Callable[[str], object] = print
    pause: float = 0.05
    frame: int = 50
    edits: int = 0
    setting: Setting | None = None

    def survive(self, hurt: "Callable[[Storm], None]") -> Books:
        since = datetime.now(UTC) - timedelta(minutes=1)
        setting = self.setting = set_up(self.product)
        senders = self._senders()
        for sender in senders:
            sender.start()
        hurt(self)
        acknowledged = [event for sender in senders for event in sender.finish()]
        self.say(f"{len(acknowledged):,} events were acknowledged; balancing the books.")
        return balanced(self.product, setting, acknowledged, since=since)

    def _senders(self) -> Sequence[Sender]:
        of_this = {"pause": self.pause, "frame": self.frame}
        return [
            HttpSender(self.product, self.seed * 10, **of_this),  # type: ignore[arg-type]
            HttpSender(self.product, self.seed * 10 + 1, **of_this),  # type: ignore[arg-type]
            SocketSender(self.product, self.seed * 10 + 2, **of_this),  # type: ignore[arg-type]
        ]

    def edit(self) -> None:
        """Disable, enable: windows are closed in the middle of the load, and others begin."""
        assert self.setting is not None
        path = f"/automations/{self.setting.automations['counted']}"
        body = {"enabled": self.edits % 2 == 1}
        self.edits += 1
        with self.product.client() as client:
            insist(lambda: client.patch(path, json=body).status_code == 204)

    def kill(self, name: str) -> None:
        """As soon as it runs (it may be between two lives)."""
        wait_for(lambda: name in self.product.pids(), seconds=30)
        self.say(f"kill -9 {name}")
        self.product.kill(name)

    def freeze(self, name: str, seconds: float) -> None:
        """It hangs for a while, holding all that it has."""
        pid = self.product.pids().get(name)
        if pid is None:
            return
        self.say(f"freeze {name} for {seconds:.1f} s")
        try:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            return


def in_turn(pause: float) -> Callable[[Storm], None]:
    """Each process once, so many seconds apart."""

    def hurt(storm: Storm) -> None:
        time.sleep(pause)
        for name in VICTIMS:
            storm.kill(name)
            time.sleep(pause)
            storm.edit()

    return hurt


def at_random(seconds: float) -> Callable[[Storm], None]:
    """Each in turn, then any, some at the same time, some frozen; for so many seconds."""

    def hurt(storm: Storm) -> None:
        ends = time.monotonic() + seconds
        in_turn(2.0)(storm)
        dice = random.Random(storm.seed)
        while time.monotonic() < ends:
            for name in dice.sample(VICTIMS, dice.choice((1, 1, 1, 2, 3))):
                if dice.random() < 0.2:
                    storm.freeze(name, dice.uniform(0.5, 6))
                else:
                    storm.kill(name)
            time.sleep(dice.uniform(0.2, 5))
            if dice.random() < 0.3:
                storm.edit()

    return hurt
