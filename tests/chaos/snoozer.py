"""A person who snoozes automations and keys in the middle of a storm, and ends it again."""

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Self

import httpx

from tests.chaos.automations import RESOURCE
from tests.chaos.senders import insist
from tests.chaos.storm import Storm
from tests.system import Product

SIGN_IN = "/sign-in/"
WHOLE = ("immediate", "sequence", "silent", "unanswered", "chained")
BY_KEY = ("counted", "chaos.host", 20)  # automation, resources, how many there are
VICTIMS = ("evaluator", "evaluator", "evaluator", "web", "postgres", "redis")


class Snoozer:
    """Signed in as a person is; the session outlives every process."""

    def __init__(self, product: Product) -> None:
        self.client = httpx.Client(base_url=product.url, timeout=10)
        insist(lambda: self.client.get(SIGN_IN).status_code == 200)
        form = {"username": product.user, "password": product.password}
        insist(lambda: self._post(SIGN_IN, form))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def snooze(self, automation: str, labels: dict[str, str], seconds: float) -> None:
        def said() -> bool:
            until = datetime.now(UTC) + timedelta(seconds=seconds)
            return self._post("/watch/snooze/", _form(automation, labels, until=until.isoformat()))

        insist(said)

    def end(self, automation: str, labels: dict[str, str]) -> None:
        insist(lambda: self._post("/watch/end-snooze/", _form(automation, labels)))

    def _post(self, path: str, form: dict[str, str]) -> bool:
        token = {"csrfmiddlewaretoken": self.client.cookies["csrftoken"]}
        return self.client.post(path, data=form | token).status_code == 302


def _form(automation: str, labels: dict[str, str], **more: str) -> dict[str, str]:
    return {"automation": automation, "labels": json.dumps(labels), **more}


def while_snoozing(seconds: float) -> Callable[[Storm], None]:
    """Start and end snoozes, and kill the evaluator between and beside them."""

    def hurt(storm: Storm) -> None:
        assert storm.setting is not None
        automations = storm.setting.automations
        dice = random.Random(storm.seed)
        ends = time.monotonic() + seconds
        with Snoozer(storm.product) as person:
            while time.monotonic() < ends:
                name, labels = dice.choice(WHOLE), dict[str, str]()
                if dice.random() < 0.4:
                    name, resource, many = BY_KEY
                    labels = {RESOURCE: f"{resource}.{dice.randrange(many)}"}
                if dice.random() < 0.7:
                    person.snooze(automations[name], labels, dice.uniform(0.5, 5))
                else:
                    person.end(automations[name], labels)
                if dice.random() < 0.5:
                    storm.kill(dice.choice(VICTIMS))
                time.sleep(dice.uniform(0, 0.6))

    return hurt
