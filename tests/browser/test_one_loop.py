"""The browser belongs to the loop of the session: a fixture in a loop of its own waits for ever."""

from pathlib import Path


def test_every_fixture_that_is_awaited_lives_in_the_loop_of_the_browser() -> None:
    declared = [
        f"{file.name}: {line}"
        for file in sorted(Path(__file__).parent.glob("*.py"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.startswith("@pytest_asyncio.fixture")
    ]

    assert declared
    assert [line for line in declared if 'loop_scope="session"' not in line] == []
