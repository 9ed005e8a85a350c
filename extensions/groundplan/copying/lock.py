"""A lock between processes, so that two runs in one repository go one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path, notify: Callable[[str], None]) -> Iterator[None]:
    """Hold a file's lock.

    The system drops it with the process, however that ends, so there are no stale ones; the file stays.

    Args:
        path: The file; it and its folder are made where they are missing.
        notify: Told when another process holds the lock, before this one waits.

    Raises:
        OSError: The file cannot be made.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - a command that only reads locks nothing

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        notify("Waiting for another groundplan run in this repository to end.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
