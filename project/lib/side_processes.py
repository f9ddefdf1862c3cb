"""Processes beside this one for what keeps a core busy: started when needed, gone with it.

A thread would share the interpreter with every page and every event.
"""

import contextlib
import gc
import multiprocessing
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module

import django
from django.conf import settings
from django.db import connections


def side_processes(most: int, *, needs: str) -> ProcessPoolExecutor:
    """Up to `most` processes with Django and this one's database, but without its addresses.

    `needs`: the module whose functions are to run there.
    """
    database = connections["default"].settings_dict["NAME"]
    # Spawned, not forked: a fork would inherit the locks and sockets of the web's threads.
    return ProcessPoolExecutor(
        most,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(os.getpid(), os.environ["DJANGO_SETTINGS_MODULE"], database, needs),
    )


def _prepare(parent: int, settings_module: str, database: str, needs: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = settings_module
    with contextlib.suppress(OSError):
        os.nice(5)  # pages and events come first
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    settings.DATABASES["default"]["NAME"] = database
    django.setup(set_prefix=False)
    import_module(needs)
    # What is loaded stays: the collector would look through all of it again and again.
    gc.collect()
    gc.freeze()


def _leave_with(parent: int) -> None:
    """Nobody else ends this process when the parent is killed: it holds its own end of the pipe."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
