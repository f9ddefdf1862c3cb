"""Where an installation keeps its secrets and its sockets."""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from project.lib import datadir


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory, whose sockets lie in the test's own folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("secret", [datadir.secret_key, datadir.postgres_password])
def test_a_secret_is_made_once_and_for_its_owner_only(
    tmp_path: Path, secret: Callable[[Path], str]
) -> None:
    made = secret(tmp_path / "var")

    (file,) = (tmp_path / "var").iterdir()
    assert secret(tmp_path / "var") == made == file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_folder_of_the_sockets_is_fresh_and_for_this_user_only(installation: Path) -> None:
    folder = datadir.socket_dir(installation)
    folder.mkdir(mode=0o777)
    (folder / "left").touch()

    datadir.make_socket_dir(installation)

    assert list(folder.iterdir()) == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_somebody_else_made_is_not_trusted(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = datadir.socket_dir(installation)
    folder.mkdir()
    monkeypatch.setattr(datadir, "_trusted", lambda _: {os.geteuid() + 1})

    for use in (datadir.socket_dir, datadir.redis_url, datadir.make_socket_dir):
        with pytest.raises(datadir.Untrusted, match=f"{folder} was made by another user"):
            use(installation)


def test_root_and_whose_installation_it_is_are_trusted(installation: Path) -> None:
    assert datadir._trusted(installation) == {0, os.geteuid(), installation.stat().st_uid}
