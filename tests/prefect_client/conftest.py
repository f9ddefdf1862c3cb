"""The real client of Prefect, in an environment of its own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prefect_client import environment
from tests.prefect_client.client import FLOWS, PrefectClient
from tests.system import Product


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/prefect_client/" in item.path.as_posix() and "prefect" in getattr(
            item, "fixturenames", ()
        ):
            item.add_marker(pytest.mark.system)


@pytest.fixture(scope="session")
def prefect_python() -> Path:
    """Skipped where there is no package index, unless FLINT_TEST_PREFECT=required."""
    try:
        return environment.python()
    except environment.Unreachable as unreachable:
        if os.environ.get("FLINT_TEST_PREFECT") == "required":
            raise
        pytest.skip(f"No package index to install prefect from: {unreachable}")


@pytest.fixture(scope="session")
def prefect(prefect_python: Path, product: Product) -> Iterator[PrefectClient]:
    """One for all tests, working in a copy of the flows."""
    folder = Path(tempfile.mkdtemp(prefix="flint-prefect-"))
    shutil.copytree(FLOWS, folder, dirs_exist_ok=True)
    made = PrefectClient(prefect_python, product, folder)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
