"""The header that tells what was accepted and is questionable."""

import json

from django.http import HttpResponse

from project.lib.warning_header import MAX_BYTES, header_value, warn


def test_no_warnings_no_header() -> None:
    response = HttpResponse()

    warn(response, [])

    assert not response.has_header("Flint-Warning")


def test_it_is_an_ascii_json_list() -> None:
    response = HttpResponse()

    warn(response, ["It runs in a loop.", "Zoë → a\nb"])

    assert response["Flint-Warning"].isascii() and "\n" not in response["Flint-Warning"]
    assert json.loads(response["Flint-Warning"]) == ["It runs in a loop.", "Zoë → a\nb"]


def test_what_does_not_fit_is_counted() -> None:
    text = header_value([f"{number} " + "x" * 550 for number in range(20)])

    told = json.loads(text)
    assert len(text) <= MAX_BYTES
    assert [one.split()[0] for one in told] == ["0", "1", "2", "3", "4", "5", "6", "13"]
    assert told[-1] == "13 more warnings left out."


def test_one_warning_that_does_not_fit_is_counted_too() -> None:
    assert json.loads(header_value(["é" * 4000])) == ["1 more warning left out."]
