"""How long a flow may run and how much memory it may use. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT_TIMEOUT_SECONDS = 3600.0
DEFAULT_MEMORY_MB = 2048
_LEAST_MEMORY_MB = 64  # below this not even the interpreter starts


@dataclass(frozen=True, slots=True)
class Limits:
    timeout_seconds: float
    memory_bytes: int


def limits_of(job_variables: Mapping[str, Any]) -> Limits:
    """Read `timeout_seconds` and `memory_mb`. Raises ValueError with a sentence."""
    timeout = _positive(job_variables, "timeout_seconds", DEFAULT_TIMEOUT_SECONDS)
    memory = _positive(job_variables, "memory_mb", DEFAULT_MEMORY_MB)
    return Limits(timeout, int(max(memory, _LEAST_MEMORY_MB) * 1024 * 1024))


def _positive(values: Mapping[str, Any], name: str, default: float) -> float:
    value = values.get(name)
    if value is None:
        return default
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value <= 10_000_000:
        raise ValueError(f"The job variable {name} must be a positive number, not {value!r}.")
    return float(value)
