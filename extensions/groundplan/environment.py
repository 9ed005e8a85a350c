"""This process and those that it starts: their variables, and whether it can be forked."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from plumbum import local

SAFE_PATH = "PYTHONSAFEPATH"


def can_fork() -> bool:
    """Return whether a fork of this process can go on with its work.

    It cannot where other threads may hold a lock, nor on macOS, whose own libraries count on none.
    """
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1


@contextmanager
def safe_interpreters() -> Iterator[None]:
    """Let Python processes that are started here not import from the working directory (PYTHONSAFEPATH).

    The helpers of `multiprocessing` are started by `python -c`, which puts that first: a repository's own
    `queue.py` would run in each of them.
    """
    with variables_set({SAFE_PATH: "1"}):
        yield


@contextmanager
def variables_set(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables for a while, for this process and for those that plumbum starts, which keeps its own.

    Args:
        variables: Their values; None for one that shall not be set.
    """
    before = {name: os.environ.get(name) for name in variables}
    with local.env():
        _set(variables)
        try:
            yield
        finally:
            _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        for environment in (os.environ, local.env):
            if value is not None:
                environment[name] = value
            elif name in environment:
                del environment[name]
