"""Each bench can be started as its README says; what it measures is `make bench`'s business."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
# By its path and from another folder: the names of the project are on no path then.
BY_PATH = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='bench')"


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_engine_is_loaded_by_its_path(tmp_path: Path) -> None:
    done = python(BY_PATH, str(ROOT / "bench" / "engine.py"), cwd=tmp_path)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_every_bench_is_loaded_by_its_name(module: str) -> None:
    done = python(f"import bench.{module}", cwd=ROOT)

    assert done.returncode == 0, done.stderr
