"""Backtests that run beside the web: in processes of their own, told about in Redis.

A job is one key, so every web process can tell how far it is, whoever runs it:

1. `ask` writes "waiting" and hands the job to one of two processes (small ones run at once).
2. Whoever runs it writes "running" with its progress five times a second. Each write lets the
   key live for a few seconds only: a runner that dies leaves nothing, and is asked again.
3. "done" stays for ten minutes, with the results.
4. What a draft is compared with is the same after every edit: its result is kept by what was
   asked (`flint:backtest:of:`), so that an edit costs one backtest and not two.
5. `newest` names the job that a draft wants now. A runner that finds another one there stops.

A backtest keeps a core busy. In a thread of the web process it would make every page and every
event wait for the interpreter: with one of them, a page took five times as long
(30 ms for 6; beside a process on two busy cores 13).
"""

import hashlib
import threading
import time
import zlib
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any
from uuid import UUID

import msgspec
import redis

from project.lib import redis_client
from project.lib.clock import utcnow
from project.lib.process_memory import process_memory
from project.lib.side_processes import side_processes
from project.lib.ttl_cache import TtlCache
from triggers_app.automation.parsing import parse_trigger
from triggers_app.services.backtest_questions import start_of
from triggers_app.services.backtest_result import BacktestResult
from triggers_app.services.backtesting import Backtest, BacktestProgress, Question

KEPT_SECONDS = 600
ALIVE_SECONDS = 5
WAITING_SECONDS = 30
AT_ONCE = 2
MOST_WAITING = 8
MOST_LISTED = 1_000
MOST_COUNTED = 10  # of the events that a firing or a window counted; their number is kept
_PREFIX = "flint:backtest:"
_OF = f"{_PREFIX}of:"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One backtest as it is sent to another process. The trigger is a document with ids.

    `goes_on`: it is the saved trigger of `automation_id`, so it may begin with its windows.
    `guarded`: that one ignores the events that it has caused itself.
    """

    trigger: dict[str, Any]
    since_ms: int
    until_ms: int
    resolves: bool
    seconds: float
    automation_id: UUID | None = None
    goes_on: bool = False
    guarded: bool = False

    @property
    def content(self) -> str:
        """Of two with the same, the results are the same: both ends lie in what was recorded."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:32]

    @property
    def question(self) -> Question:
        trigger = parse_trigger(self.trigger)
        start = None
        if self.goes_on and self.automation_id is not None:
            start = start_of(self.automation_id, trigger, self.since_ms)
        return Question(
            trigger=trigger,
            since_ms=self.since_ms,
            until_ms=self.until_ms,
            resolves=self.resolves,
            guarded=self.guarded,
            automation_id=self.automation_id,
            start=start,
            seconds=self.seconds,
            most=MOST_LISTED,
            most_counted=MOST_COUNTED,
        )


class BacktestJob(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft wants to know: of itself first, then of what it is compared with."""

    id: str
    draft: str
    wishes: list[Wish]


class BacktestStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a job stands: waiting, running, done, or broken (with `error`)."""

    state: str
    progress: BacktestProgress | None = None
    results: list[BacktestResult] = []
    seconds: float = 0.0
    error: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(BacktestStatus).decode
_decode_result = msgspec.json.Decoder(BacktestResult).decode


def status_of(job_id: str) -> BacktestStatus | None:
    """How the job stands; None when nobody knows of it. One command.

    No command for one that was done a moment ago: every part of a page asks for the same.
    """
    now = utcnow()
    ended: BacktestStatus | None = _ended().get(job_id, now=now)
    if ended is not None:
        return ended
    stored = _get(_PREFIX + job_id)
    try:
        status = _decode(zlib.decompress(stored)) if stored else None
    except (msgspec.MsgspecError, zlib.error):
        delete(job_id)  # written by another version of Flint
        return None
    if status is not None and status.state == "done":
        _ended().ask(job_id, lambda: status, now=now, weight=_weight)
    return status


@process_memory
def _ended() -> TtlCache:
    return TtlCache(seconds=30, most=20_000)


def _weight(status: BacktestStatus) -> int:
    """How many firings are listed in its results."""
    return 1 + sum(len(result.firings) for result in status.results)


def newest(draft: str, job_id: str) -> None:
    """From now on the draft wants this job; whoever works on another one of it stops."""
    redis_client.client().set(f"{_PREFIX}newest:{draft}", job_id, ex=KEPT_SECONDS)


def delete(job_id: str) -> None:
    redis_client.client().delete(_PREFIX + job_id)


def ask(job: BacktestJob, *, here: bool) -> None:
    """Have the job run: in this thread (`here`), or in another process.

    Asking twice does no harm: only the one who finds nothing written begins.
    """
    newest(job.draft, job.id)
    if not _write(job.id, BacktestStatus(state="waiting"), WAITING_SECONDS, only_new=True):
        return
    if here:
        run(job)
    elif not _Pool.submit(job):
        delete(job.id)


def run(job: BacktestJob) -> None:
    """Run all backtests of a job, and write down how it goes."""
    began = time.monotonic()
    results: list[BacktestResult] = []
    try:
        for wish in job.wishes:
            result = _known(wish) if results else None
            if result is None:
                result = _one(job, Backtest(wish.question))
                if result is None:
                    delete(job.id)
                    return
                if results:
                    _remember(wish, result)
            results.append(result)
    except redis.RedisError:
        return  # nobody could read the result; the next who asks begins anew
    except Exception as error:
        _write(job.id, BacktestStatus(state="broken", error=f"{type(error).__name__}: {error}"), 60)
        raise
    seconds = time.monotonic() - began
    _write(job.id, BacktestStatus(state="done", results=results, seconds=seconds), KEPT_SECONDS)


def _one(job: BacktestJob, backtest: Backtest) -> BacktestResult | None:
    """The result, or None when the draft wants something else by now."""
    key = f"{_PREFIX}newest:{job.draft}"
    for progress in backtest:
        _write(job.id, BacktestStatus(state="running", progress=progress), ALIVE_SECONDS)
        if _get(key).decode() != job.id:
            return None
    return backtest.result


def _known(wish: Wish) -> BacktestResult | None:
    """The result for what a draft is compared with, if it was compared before. One command."""
    try:
        stored = _get(_OF + wish.content)
        return _decode_result(zlib.decompress(stored)) if stored else None
    except (msgspec.MsgspecError, zlib.error):
        return None  # written by another version of Flint


def is_known(wish: Wish) -> bool:
    return bool(redis_client.client().exists(_OF + wish.content))


def _remember(wish: Wish, result: BacktestResult) -> None:
    if result.finished and result.error is None:
        body = zlib.compress(_encode(result), 1)
        redis_client.client().set(_OF + wish.content, body, ex=KEPT_SECONDS)


def _get(key: str) -> bytes:
    stored = redis_client.client().get(key)
    return stored if isinstance(stored, bytes) else b""


def _write(job_id: str, status: BacktestStatus, seconds: int, *, only_new: bool = False) -> bool:
    body = zlib.compress(_encode(status), 1)
    key = _PREFIX + job_id
    return bool(redis_client.client().set(key, body, ex=seconds, nx=only_new))


class _Pool:
    """Two processes, started when they are first needed; new ones if one of them was killed."""

    _lock = threading.Lock()
    _executor: ProcessPoolExecutor | None = None
    _waiting = 0

    @classmethod
    def submit(cls, job: BacktestJob) -> bool:
        """False when too many wait already."""
        with cls._lock:
            if cls._waiting >= MOST_WAITING:
                return False
            for _ in range(2):
                if cls._executor is None:
                    cls._executor = side_processes(AT_ONCE, needs=__name__)
                try:
                    future = cls._executor.submit(_in_process, job)
                except BrokenProcessPool:
                    cls._executor = None
                    continue
                cls._waiting += 1
                future.add_done_callback(cls._done)
                return True
        return False

    @classmethod
    def _done(cls, future: "Future[None]") -> None:
        with cls._lock:
            cls._waiting -= 1

    @classmethod
    def stop(cls) -> None:
        with cls._lock:
            executor, cls._executor = cls._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)


def stop_processes() -> None:
    """For tests, whose databases come and go."""
    _Pool.stop()


def _in_process(job: BacktestJob) -> None:
    if _get(f"{_PREFIX}newest:{job.draft}").decode() != job.id:
        delete(job.id)  # it waited, and nobody wants it any more
        return
    run(job)
