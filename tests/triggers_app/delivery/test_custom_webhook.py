"""Requests in a form of their author's own."""

import json
from typing import Any

import pytest

from triggers_app.delivery.calls import Call
from triggers_app.delivery.custom_webhook import NotFilled, custom_call

URL = "https://hooks.example.org/x"


def call(**data: Any) -> Call:
    return custom_call({"url": URL, **data}, subject="Late", body='say "hi"')


def test_without_a_form_subject_and_body_are_sent_as_json() -> None:
    made = call()

    assert (made.method, json.loads(made.body)) == ("POST", {"subject": "Late", "body": 'say "hi"'})
    assert made.headers == {"Content-Type": "application/json"}


def test_values_stand_where_their_names_are() -> None:
    made = call(
        name="hook",
        json_data={"text": "{{subject}}: {{ body }}", "by": ["{{name}}"], "token": "{{token}}"},
        params={"q": "{{subject}}&x"},
        headers={"X-Token": "{{token}}"},
        cookies={"c": "{{token}}"},
        secrets={"token": "s3cr3t"},
        method="PUT",
    )

    assert (made.method, made.url) == ("PUT", f"{URL}?q=Late%26x")
    assert json.loads(made.body) == {"text": 'Late: say "hi"', "by": ["hook"], "token": "s3cr3t"}
    assert made.headers["X-Token"] == "s3cr3t"
    assert made.headers["Cookie"] == "c=s3cr3t"
    assert {"s3cr3t", made.url} <= set(made.secrets)


def test_a_value_is_not_looked_into_again() -> None:
    made = custom_call(
        {"url": URL, "json_data": {"a": "{{body}}"}, "secrets": {"token": "s3cr3t"}},
        subject="",
        body="{{token}}",
    )

    assert json.loads(made.body) == {"a": "{{token}}"}


@pytest.mark.parametrize(
    ("form", "body", "kind"),
    [
        ({"a": "{{subject}}", "b": "x y"}, "a=Late&b=x+y", "application/x-www-form-urlencoded"),
        ("raw {{subject}}", "raw Late", None),
        (None, "", None),
    ],
    ids=str,
)
def test_forms_are_sent_as_prefect_sends_them(form: Any, body: str, kind: str | None) -> None:
    made = call(form_data=form, json_data=None)

    assert (made.body, made.headers.get("Content-Type")) == (body, kind)


@pytest.mark.parametrize(
    "data",
    [
        {"json_data": {"a": "{{nobody}}"}},
        {"url": "{{subject}}"},
        {"headers": {"X-A": "{{body}}\n"}},
        {"headers": {"{{subject}}:": "x"}},
    ],
    ids=str,
)
def test_what_cannot_be_filled_in_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(NotFilled):
        call(**data)
