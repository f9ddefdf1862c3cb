import pytest
from django.test import Client
from django.urls import reverse

from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.models import ActionRun


@pytest.fixture
def refused(db: None) -> ActionRun:
    firing = scene.firing(scene.automation(), scene.event())
    return scene.action(firing, state="rejected", reason="Parameter `limit` is missing.")


def retry_of(action: ActionRun, index: int = 0) -> str:
    return reverse("firings:retry", args=[action.firing_id, index])


def test_editor_has_a_refused_action_tried_again(editor: Client, refused: ActionRun) -> None:
    response = editor.post(retry_of(refused), headers=HTMX)

    refused.refresh_from_db()
    html = response.content.decode()
    assert (response.status_code, refused.state, refused.author) == (200, "pending", "eda")
    assert ("Waiting" in html, "It is tried again." in html, "Refused" in html) == (
        True,
        True,
        False,
    )


def test_without_a_script_retrying_leads_back_to_the_firing(
    editor: Client, refused: ActionRun
) -> None:
    response = editor.post(retry_of(refused), follow=True)

    assert "It is tried again." in response.content.decode()


def test_action_that_did_not_fail_is_not_tried_again(editor: Client, refused: ActionRun) -> None:
    ActionRun.objects.update(state="done")

    response = editor.post(retry_of(refused), headers=HTMX)

    assert response.status_code == 422
    assert "Not tried again." in response.content.decode()


@pytest.mark.parametrize("index", [1, 40_000, 10**30], ids=["absent", "too-large", "huge"])
def test_unknown_action_is_not_found(index: int, editor: Client, refused: ActionRun) -> None:
    assert editor.post(retry_of(refused, index)).status_code == 404


def test_viewer_neither_sees_the_button_nor_may_retry(viewer: Client, refused: ActionRun) -> None:
    page = viewer.get(reverse("firings:one", args=[refused.firing_id])).content.decode()

    assert (viewer.post(retry_of(refused)).status_code, "Try again" in page) == (403, False)


WORDS = {
    "pending": "Waiting",
    "sending": "Sending",
    "held": "Held",
    "rejected": "Refused",
    "discarded": "Discarded",
}


@pytest.mark.parametrize(("state", "word"), WORDS.items(), ids=WORDS)
def test_state_of_an_action_has_a_sign_and_a_word_and_only_failed_ones_a_button(
    state: str, word: str, editor: Client, refused: ActionRun
) -> None:
    ActionRun.objects.update(state=state, held_for="stopped" if state == "held" else None)

    page = editor.get(reverse("firings:one", args=[refused.firing_id])).content.decode()
    listed = editor.get("/firings/").content.decode()

    assert (f"</svg>{word}</span>" in page, f"</svg>{word}</span>" in listed) == (True, True)
    assert ("Try again" in page) is (state in ("rejected", "discarded"))
