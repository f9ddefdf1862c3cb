"""Blocks with the real client: what its commands list, register and delete, what flows load."""

import pytest

from tests.prefect_client.client import PrefectClient

LINES = (
    "loads {'a': [1]}",
    "taken True",
    "aload {'a': [1]}",
    "nested s3cr3t",
    "changed changed",
    "in place place",
    "slack 0/x",
    "result {'rows': 3} 1",
    "gone True",
)


@pytest.fixture(scope="module")
def saved(prefect: PrefectClient) -> str:
    """What the script says that saves and loads blocks of all kinds."""
    folder = prefect.folder / "results"
    folder.mkdir()
    done = prefect.script(prefect.folder / "blocks.py", str(folder))
    assert done.code == 0, done.output
    return done.output


def test_blocks_are_saved_loaded_nested_and_keep_results(saved: str) -> None:
    assert [line for line in LINES if line not in saved] == []


def test_commands_list_blocks_of_client_and_server_alike(
    prefect: PrefectClient, saved: str
) -> None:
    data = {"url": "https://hooks.example.org/s3cr3t"}
    body = {"name": "blocks-flint", "block_type_slug": "slack-webhook", "data": data}
    prefect.post("/block_documents/", body)

    listed = prefect.good("block", "ls", "--output", "json")
    inspected = prefect.good("block", "inspect", "login/blocks-login")

    assert '"blocks-flint"' in listed and '"blocks-warehouse"' in listed
    assert "me" in inspected and "changed" not in inspected


@pytest.mark.slow
def test_types_are_registered_inspected_and_deleted(prefect: PrefectClient, saved: str) -> None:
    assert "Warehouse" in prefect.good("block", "register", "--file", "blocks.py")
    assert "Secret" in prefect.good("block", "register", "--module", "prefect.blocks.system")
    listed = prefect.good("block", "type", "ls")
    assert "login" in listed and "pager-duty-webhook" in listed
    assert "/blocks/catalog/secret/create" in prefect.good("block", "create", "secret")
    assert prefect.cli("block", "create", "no-such-type").code == 1
    assert "password" in prefect.good("block", "type", "inspect", "login")

    prefect.good("--no-prompt", "block", "delete", "warehouse/blocks-warehouse")
    assert prefect.cli("block", "inspect", "warehouse/blocks-warehouse").code == 1
    prefect.good("--no-prompt", "block", "type", "delete", "warehouse")
    assert prefect.cli("block", "type", "inspect", "warehouse").code == 1
    assert prefect.cli("--no-prompt", "block", "type", "delete", "secret").code == 1
