"""What a kind of action is stands on its class; whoever lists kinds reads them from there."""

import pytest

from triggers_app.automation.actions import ACTION_KINDS, ACTIONS, MENU, TARGETS, Selecting
from triggers_app.automation.editing import blanks, forms
from triggers_app.automation.editing.retyping import retyped
from triggers_app.delivery import registry
from triggers_app.services import switching


def test_the_menu_offers_every_kind_once() -> None:
    offered = [kind for _, entries in MENU for kind, _ in entries]

    assert sorted(offered) == sorted(ACTION_KINDS)
    assert all(title for _, entries in MENU for _, title in entries)


def test_every_kind_is_carried_out_by_one_module() -> None:
    assert sorted([*registry.KINDS, *switching.KINDS]) == sorted(ACTION_KINDS)


@pytest.mark.parametrize("kind", ACTION_KINDS)
def test_a_form_shows_every_plain_field_and_a_new_one_can_be_changed(kind: str) -> None:
    model = ACTIONS[kind]
    templates = {*model.texts, "parameters", "job_variables"}

    shown = {path[0] for path, _ in forms.of_action(kind).values()}

    assert shown == {*model.model_fields, *model.extra_keys} - templates
    assert retyped(blanks.action(kind), "do-nothing").keys() <= {"type"}


@pytest.mark.parametrize("kind", ACTION_KINDS)
def test_what_is_selected_is_a_field(kind: str) -> None:
    model = ACTIONS[kind]

    if issubclass(model, Selecting):
        assert model.target_key() in model.model_fields
        assert TARGETS[kind] == model.about


def test_of_an_unknown_kind_only_its_type_is_shown() -> None:
    assert forms.of_action("fly") == forms.TYPE
