"""How tests run an installed command without a process of its own, which takes longer to start than to do its work."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, chdir, contextmanager
from functools import cache
from importlib.metadata import entry_points
from multiprocessing import forkserver
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

# What changes with every test, and that no command looks at.
_PYTESTS_OWN = "PYTEST_CURRENT_TEST"
_seen: dict[str, str] = {}


def run_in_process(name: str, folder: Path, *arguments: str, text: str = "") -> tuple[int, str, str]:
    """Run a command in a folder; with files for its streams, as a shell would redirect them.

    Args:
        name: An installed command.
        folder: Its working directory.
        arguments: Its words.
        text: What it reads from its standard input.

    Returns:
        Its exit status, standard output and standard error.
    """
    _forget_workers_of_another_environment()
    with ExitStack() as undone:
        streams = [undone.enter_context(TemporaryFile()) for _ in range(3)]
        streams[0].write(text.encode())
        streams[0].seek(0)
        with _streams(streams), chdir(folder), _words([name, *arguments]):
            status = _status_of(_entry_point(name))
        return status, _content(streams[1]), _content(streams[2])


@cache
def _entry_point(name: str) -> Any:
    (found,) = entry_points(group="console_scripts", name=name)
    return found.load()


def _status_of(main: Any) -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def _content(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8").replace(os.linesep, "\n")


@contextmanager
def _streams(files: Sequence[IO[bytes]]) -> Iterator[None]:
    """Let files be this process's standard streams, and those of the processes that it starts."""
    before = sys.stdin, sys.stdout, sys.stderr
    for stream in before[1:]:
        stream.flush()
    kept = [os.dup(number) for number in range(3)]
    for number, file in enumerate(files):
        os.dup2(file.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - put back and closed below
        for number, mode in enumerate(("r", "w", "w"))
    )
    try:
        yield
    finally:
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            stream.close()
        sys.stdin, sys.stdout, sys.stderr = before
        for number, copy in enumerate(kept):
            os.dup2(copy, number)
            os.close(copy)


@contextmanager
def _words(words: list[str]) -> Iterator[None]:
    before = sys.argv
    sys.argv = words
    try:
        yield
    finally:
        sys.argv = before


def _forget_workers_of_another_environment() -> None:
    """Stop the process that worker processes are forked from, if it was started with other variables than there are."""
    now = _environment()
    if now != _seen:
        _seen.clear()
        _seen.update(now)
        forkserver._forkserver._stop()  # type: ignore[attr-defined]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != _PYTESTS_OWN}
