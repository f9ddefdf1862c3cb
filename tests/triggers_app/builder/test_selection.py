"""What the inspector shows: one part at a time, without losing what was typed in another."""

import pytest
from django.test import Client

from tests.triggers_app.builder.forms import GROUP, NODE, SECOND, both, sheet
from tests.triggers_app.builder.test_edit import text
from tests.web.fixtures import HTMX
from triggers_app.builder.selection import ALL, SETTINGS, chosen, of_focus, owner_of


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        (f"n.{NODE}.match.0.label", f"n.{NODE}"),
        ("a.actions.1.deployment_id", "a.actions.1"),
        ("a.actions", ""),
        ("description", ""),
        ("", ""),
    ],
)
def test_a_field_belongs_to_a_part(name: str, owner: str) -> None:
    assert owner_of(name) == owner


@pytest.mark.parametrize(
    ("focus", "part"),
    [
        (f"node-{NODE}", f"n.{NODE}"),
        ("action-actions-2", "a.actions.2"),
        (f"field-n.{NODE}.match.0.label", f"n.{NODE}"),
        ("field-a.actions.0.type", "a.actions.0"),
        ("field-name", ""),
        (None, ""),
    ],
)
def test_what_has_the_focus_is_shown(focus: str | None, part: str) -> None:
    assert of_focus(focus) == part


@pytest.mark.parametrize(
    ("at", "shown"),
    [("n.1", "n.1"), (ALL, ALL), (SETTINGS, SETTINGS), ("n.gone", "n.2"), ("", "n.2")],
)
def test_what_is_gone_gives_way_to_the_first_with_a_problem(at: str, shown: str) -> None:
    assert chosen(at, ["n.1", "n.2"], ["description", "n.2.within"]) == shown


def test_without_problems_the_first_part_is_shown() -> None:
    assert (chosen("", ["n.1", "n.2"], []), chosen("", [], [])) == ("n.1", SETTINGS)


def test_labels_of_a_group_are_those_of_its_parts_on_the_page_at_once(editor: Client) -> None:
    form = sheet(editor, both())

    everything = form.type(f"n.{GROUP}.for_each", "customer")
    form = sheet(editor, both())
    alone = form.client.post(
        f"/builder/{form.draft.pk}/op/",
        {f"n.{GROUP}.for_each": "customer", "rev": "1", "at": f"n.{GROUP}"},
        headers=HTMX,
    )

    # Fields that stand on the page are sent anew; of parts that are not shown only their lines.
    assert (everything["Flint-Form"], alone["Flint-Form"]) == ("whole", "beside")
    assert text(alone).count("for each") >= 3
    assert "from the group: customer" in text(everything)


@pytest.mark.parametrize("at", [f"n.{SECOND}", "a.actions.0", "settings"])
def test_a_line_shows_its_part_and_loses_nothing_that_was_typed(editor: Client, at: str) -> None:
    form = sheet(editor, both())

    html = text(form.send(do=f"select:{at}", at=f"n.{GROUP}", name="typed before"))

    assert form.now().document["name"] == "typed before"
    assert f'name="at" id="builder-at" value="{at}"' in html
    assert f'value="select:{at}"' in html.split('aria-current="true"')[0].rsplit("<button", 1)[1]


def test_a_new_part_is_shown_and_not_red_before_it_was_left(editor: Client) -> None:
    form = sheet(editor, both())
    added = text(form.send(do="add-action:actions:run-deployment", at=f"n.{GROUP}"))
    form.draft = form.now()
    place = "a.actions.1"
    assert f'id="builder-at" value="{place}"' in added
    assert f'id="builder-fresh" value="{place}"' in added

    typed = text(form.send(at=place, fresh=place, name="other"))
    left = text(form.send(at=place, fresh=place, do=f"select:n.{GROUP}"))
    back = text(form.send(at=f"n.{GROUP}", fresh="", do=f"select:{place}"))

    assert 'class="problem"' not in added + typed + left
    assert "Choose a deployment" in back
