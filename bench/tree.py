"""What a running Flint uses: CPU and memory of `up` and everything below it, by /proc."""

import os
from pathlib import Path

from tests.system import children_of

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for each in found:
        found += children_of(each)
    return found


def cpu_seconds(pid: int) -> float:
    """Of all, and of their children that have ended (a connection's server process, say)."""
    return sum(_cpu_ticks(each) for each in tree(pid)) / _TICKS


def pss_bytes(pid: int) -> int:
    """Proportional set size: memory that processes share counts once."""
    return sum(_pss(each) for each in tree(pid))


def _cpu_ticks(pid: int) -> int:
    try:
        fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))


def _pss(pid: int) -> int:
    try:
        for line in (Path("/proc") / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
