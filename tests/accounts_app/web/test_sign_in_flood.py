"""Many attempts to sign in at once, at the real web process with its real hash."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.system import Product

pytestmark = pytest.mark.system

AT_ONCE = 24
# Not the admin: other tests sign in as that one, from the same address.
MAKE_USERS = """
from django.contrib.auth.models import User
User.objects.filter(username__in=["bob", "eve"]).delete()
User.objects.create_user("bob", password="a long enough password")
User.objects.create_user("eve", password="a long enough password")
"""


def form_of(http: httpx.Client) -> dict[str, str]:
    page = http.get("/sign-in/").text
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found is not None
    return {"csrfmiddlewaretoken": found[1]}


def try_to_sign_in(product: Product, name: str, password: str, start: threading.Barrier) -> int:
    with httpx.Client(base_url=product.url, timeout=60) as http:
        form = form_of(http) | {"username": name, "password": password}
        start.wait(30)
        return http.post("/sign-in/", data=form).status_code


def longest_answer(product: Product, over: threading.Event) -> float:
    """The longest that the API took for an answer that needs the database, in seconds."""
    longest = 0.0
    with product.client() as http:
        while not over.is_set():
            began = time.monotonic()
            assert http.post("/flows/filter", json={}).status_code == 200
            longest = max(longest, time.monotonic() - began)
    return longest


def test_a_flood_of_attempts_disturbs_nobody_else(product: Product) -> None:
    product.manage("shell", "-c", MAKE_USERS)
    said_before = len(product.output)
    start, over = threading.Barrier(AT_ONCE + 1), threading.Event()
    with ThreadPoolExecutor(AT_ONCE + 2) as pool:
        api = pool.submit(longest_answer, product, over)
        wrong = [
            pool.submit(try_to_sign_in, product, "eve", "wrong", start) for _ in range(AT_ONCE)
        ]
        bob = pool.submit(try_to_sign_in, product, "bob", "a long enough password", start)
        statuses = [each.result() for each in wrong]
        signed_in = bob.result()
        over.set()

    assert signed_in == 302
    assert set(statuses) <= {422, 429, 503}
    assert 1 <= statuses.count(422) <= 10  # counted before any of them was hashed
    assert api.result() < 5
    assert "ERROR" not in "".join(product.output[said_before:])
