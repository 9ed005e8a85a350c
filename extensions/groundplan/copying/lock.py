"""A lock between processes, so that two runs in one repository go one after the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def locked(path: Path, notify: Callable[[str], None]) -> Iterator[None]:
    """Hold a file's lock.

    The system drops it with the process, however that ends, so there are no stale ones.

    Args:
        path: The file; it and its folder are made where they are missing.
        notify: Told when another process holds the lock, before this one waits.

    Raises:
        OSError: The file cannot be made.
    """
    with _lock_file(path, notify) as file:
        try:
            yield
        finally:
            _unlock(file)


def _lock_file(path: Path, notify: Callable[[str], None]) -> IO[bytes]:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
        if not _try_lock(file):
            notify("Waiting for another groundplan run in this repository to end.")
            _lock(file)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        # The other run has removed the file it had locked.
        file.close()


if sys.platform == "win32":
    import msvcrt
    import time

    def _try_lock(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _lock(file: IO[bytes]) -> None:
        while not _try_lock(file):
            time.sleep(0.1)

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
