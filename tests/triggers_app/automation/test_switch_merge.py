"""Row 22 of docs/semantics.md: what a person switched off stays off when it is deployed again."""

import pytest

from triggers_app.automation.switch_merge import Switch, merged, owned_by_deployment


@pytest.mark.parametrize(
    ("base", "chosen", "posted", "expected"),
    [
        (True, None, True, Switch(True, None)),
        (True, False, True, Switch(False, False)),
        (False, True, False, Switch(True, True)),
        (True, True, True, Switch(True, None)),
        (True, False, False, Switch(False, None)),
        (False, True, True, Switch(True, None)),
        (False, False, True, Switch(True, None)),
        (True, True, False, Switch(False, None)),
        (None, None, True, Switch(True, None)),
        (None, False, True, Switch(False, False)),
        (None, True, False, Switch(True, True)),
    ],
)
def test_a_persons_choice_stays_unless_the_owner_changes_its_mind(
    base: bool | None, chosen: bool | None, posted: bool, expected: Switch
) -> None:
    found = merged(base=base, chosen=chosen, posted=posted)

    assert found == expected
    assert found.kept is (expected.chosen is not None)


@pytest.mark.parametrize(
    ("owner", "is_deployment"),
    [("prefect.deployment.x", True), ("team.1", False), (None, False)],
)
def test_only_deployments_own_what_is_merged(owner: str | None, is_deployment: bool) -> None:
    assert owned_by_deployment(owner) is is_deployment
