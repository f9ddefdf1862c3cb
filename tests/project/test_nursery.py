"""The nursery: forks what `python -m …` would be, tells of ends, and is not needed.

Each test starts `python -c` with a nursery of its own, as that must be forked by a process
without threads, which pytest's is not.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="The nursery is Linux's; elsewhere there is none."
)

_HEAD = """
import json, os, signal, sys, time
import django
django.setup()
from project import nursery as module
module.PRELOADED = ("json", "project.celery")
nursery = module.Nursery.open()
read, write = os.pipe()
def start(*arguments, environment=None, **options):
    environment = dict(os.environ) if environment is None else environment
    return nursery.start(arguments, environment=environment, output=write, **options)
def output():
    os.close(write)
    with os.fdopen(read) as file:
        return file.read()
def tell(**values):
    print("TOLD" + json.dumps(values), flush=True)
"""


def told(body: str, tmp_path: Path, **environment: str) -> dict[str, Any]:
    """What the script tells. It may run the modules of `tmp_path`."""
    script = tmp_path / "script.py"
    script.write_text(_HEAD + body)
    inherited = {name: value for name, value in os.environ.items() if name != "CELERY_SKIP_CHECKS"}
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=settings.BASE_DIR,
        env={
            **inherited,
            "PYTHONPATH": f"{settings.BASE_DIR}{os.pathsep}{tmp_path}",
            "DJANGO_SETTINGS_MODULE": "project.settings",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    [line] = [each for each in done.stdout.splitlines() if each.startswith("TOLD")]
    found: dict[str, Any] = json.loads(line.removeprefix("TOLD"))
    return found


def a_module(tmp_path: Path, text: str) -> None:
    (tmp_path / "forked_program.py").write_text(text)


def test_a_forked_program_is_what_python_m_would_be(tmp_path: Path) -> None:
    a_module(
        tmp_path,
        "import json, os, sys\n"
        "print(json.dumps([__name__, sys.argv[1:], os.environ.get('A'), 'B' in os.environ,\n"
        "                  os.getsid(0) == os.getpid()]))\n"
        "sys.stderr.write('to the same place\\n')\n"
        "sys.exit(3)\n",
    )
    found = told(
        """
child = start("-m", "forked_program", "x", "y", environment={"A": "1"})
code = child.wait(20)
tell(code=code, output=output())
""",
        tmp_path,
        B="secret",
    )

    assert found["code"] == 3
    first, second = sorted(found["output"].splitlines())
    assert json.loads(first) == ["__main__", ["x", "y"], "1", False, True]
    assert second == "to the same place"


def test_what_the_modules_set_while_imported_is_there(tmp_path: Path) -> None:
    a_module(tmp_path, "import os; print(os.environ['CELERY_SKIP_CHECKS'])")
    found = told(
        """
start("-m", "forked_program", environment={}).wait(20)
tell(output=output())
""",
        tmp_path,
    )

    assert found["output"] == "1\n"


def test_a_descriptor_is_passed_under_its_new_number(tmp_path: Path) -> None:
    a_module(tmp_path, "import os, sys; os.write(int(sys.argv[1]), b'through the pipe')")
    found = told(
        """
end, other = os.pipe()
start("-m", "forked_program", str(other), pass_fds=[other]).wait(20)
tell(received=os.read(end, 100).decode())
""",
        tmp_path,
    )

    assert found["received"] == "through the pipe"


def test_a_child_that_is_killed_is_told_of_by_its_signal(tmp_path: Path) -> None:
    a_module(tmp_path, "import time; time.sleep(60)")
    found = told(
        """
child = start("-m", "forked_program")
before = child.poll()
child.send_signal(signal.SIGKILL)
tell(before=before, code=child.wait(20), again=child.poll())
""",
        tmp_path,
    )

    assert found == {"before": None, "code": -signal.SIGKILL, "again": -signal.SIGKILL}


def test_children_die_with_the_nursery_and_the_next_start_says_that_it_is_gone(
    tmp_path: Path,
) -> None:
    a_module(tmp_path, "import time; time.sleep(60)")
    found = told(
        """
child = start("-m", "forked_program")
os.kill(nursery._pid, signal.SIGKILL)
code = child.wait(20)
try:
    start("-m", "forked_program")
    gone = False
except module.Gone:
    gone = True
time.sleep(0.2)
alive = os.path.exists(f"/proc/{child.pid}") and "Z" not in open(f"/proc/{child.pid}/stat").read()
tell(code=code, gone=gone, alive=alive)
""",
        tmp_path,
    )

    assert found == {"code": -signal.SIGKILL, "gone": True, "alive": False}


def test_the_nursery_leaves_when_the_supervisor_closes_it(tmp_path: Path) -> None:
    found = told(
        """
nursery.close()
tell(alive=os.path.exists(f"/proc/{nursery._pid}"))
""",
        tmp_path,
    )

    assert found == {"alive": False}


def test_many_children_each_have_their_own_end(tmp_path: Path) -> None:
    a_module(tmp_path, "import sys; sys.exit(int(sys.argv[1]))")
    found = told(
        """
children = [start("-m", "forked_program", str(n)) for n in range(12)]
tell(codes=[child.wait(20) for child in children], pids=len({c.pid for c in children}))
""",
        tmp_path,
    )

    assert found == {"codes": list(range(12)), "pids": 12}
