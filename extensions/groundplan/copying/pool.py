"""Worker processes for Copier's runs: ready at once, quiet, and gone when their parent is, however it ends."""

from __future__ import annotations

import atexit
import multiprocessing
import multiprocessing.resource_tracker
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

from groundplan.environment import SAFE_PATH, can_fork, safe_interpreters, variables_set
from groundplan.errors import UserError
from groundplan.git import plain_git

Task = TypeVar("Task")
Result = TypeVar("Result")

LOG = "workers.log"
_KILLED = "A worker process was killed. Run the command again."
# Copier, what it loads when it runs, and what the template's extensions need.
_PRELOADED = [
    "copier",
    "copier_template_extensions",
    "groundplan.copying.speed_ups",
    "groundplan.copying.tasks",
    "jinja2_ansible_filters",
    "jinja2_time",
    "slugify",
]


class WorkersError(UserError):
    """A worker process was killed or could not start."""

    status = 1


@dataclass(frozen=True)
class Workplace:
    """Where and how tasks are done.

    Attributes:
        scratch: Where temporary files go, and what worker processes print.
        git_config: Settings for the git that Copier runs.
        jobs: How many processes to start; one more than there are processors where it is 0. With one there is none: the
            work is done right here.
        is_apart: Start a process even for one task: for work that changes what belongs to the whole process.
    """

    scratch: Path
    git_config: Mapping[str, str]
    jobs: int = 0
    is_apart: bool = False


def do_all(work: Callable[[Task], Result], tasks: Sequence[Task], workplace: Workplace) -> Iterator[tuple[int, Result]]:
    """Do tasks, side by side if there are several.

    Args:
        work: A function that every process can import. It returns what went wrong rather than raising.
        tasks: What it gets.
        workplace: Where and how.

    Yields:
        The number of each task and its result, as they are done.

    Raises:
        WorkersError: A worker process was killed.
    """
    # One more than can run: each waits for git now and then.
    count = min(workplace.jobs or _processors() + 1, len(tasks))
    if count == 1 and workplace.is_apart and can_fork():
        yield from _in_a_fork(work, tasks, workplace)
    elif count > 1 or (workplace.is_apart and tasks):
        with _pool(count, workplace) as pool:
            yield from _side_by_side(pool, work, tasks)
    elif tasks:
        undo = settle_in(Path(mkdtemp(prefix="worker-", dir=workplace.scratch)), workplace.git_config)
        try:
            for number, task in enumerate(tasks):
                yield number, work(task)
        finally:
            undo()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _pool(jobs: int, workplace: Workplace) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
    if sys.platform != "win32":
        # One process imports Copier, which takes half a second; the workers are forked from it.
        context.set_forkserver_preload(_PRELOADED)
    # Nobody writes into this pipe: it ends when it is closed here, or when this process does, and the workers with it.
    life, line = context.Pipe(duplex=False)
    begun_with = (life, *_conditions(workplace))
    # Its queues have semaphores, whose tracker is a process of its own.
    with safe_interpreters():
        pool = ProcessPoolExecutor(jobs, context, _begin, begun_with)
    try:
        yield pool
    except BaseException:
        line.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        line.close()
        life.close()


def _conditions(workplace: Workplace) -> tuple[str, dict[str, str], dict[str, str | None]]:
    # What the template runs is started as it would be without us.
    given = {SAFE_PATH: os.environ.get(SAFE_PATH)}
    return str(workplace.scratch), dict(workplace.git_config), given


def _in_a_fork(
    work: Callable[[Task], Result], tasks: Sequence[Task], workplace: Workplace
) -> Iterator[tuple[int, Result]]:
    """Do tasks one after the other in a fork of this process, without the two interpreters that a pool starts."""
    context = multiprocessing.get_context("fork")
    life, line = context.Pipe(duplex=False)
    results, answers = context.Pipe(duplex=False)

    def work_off() -> None:
        # The copy of the parent's end would outlive the parent.
        line.close()
        _begin(life, *_conditions(workplace))
        for task in tasks:
            answers.send(work(task))

    process = context.Process(target=work_off)
    try:
        with _masked():
            process.start()
        answers.close()
        for number in range(len(tasks)):
            yield number, results.recv()
    except EOFError as error:
        raise WorkersError(_KILLED) from error
    finally:
        line.close()
        if process.pid:
            process.join()
        life.close()
        results.close()


def _side_by_side(
    pool: ProcessPoolExecutor, work: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[tuple[int, Result]]:
    try:
        # A worker may be killed while others still start.
        with safe_interpreters(), _deaf_to_interrupts():
            numbers: dict[Future[Result], int] = {pool.submit(work, task): number for number, task in enumerate(tasks)}
        for future in as_completed(numbers):
            yield numbers[future], future.result()
    except BrokenProcessPool as error:
        raise WorkersError(_KILLED) from error


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Put off Ctrl-C while processes are started, and let them inherit a mask against it.

    A terminal sends it to all processes. Here it would leave one half-started that nobody waits for; there it would
    print a traceback.
    """
    heard: list[int] = []
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number)) if is_main else None
    try:
        if sys.platform != "win32":
            # It would lift the mask, were it started later (CPython, Lib/multiprocessing/resource_tracker.py).
            multiprocessing.resource_tracker.ensure_running()
        with _masked():
            yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _masked() -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _begin(life: Connection, scratch: str, git_config: Mapping[str, str], variables: Mapping[str, str | None]) -> None:
    """Prepare a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(life,), daemon=True).start()
    _be_quiet(Path(scratch, LOG))
    undone = ExitStack()
    undone.enter_context(variables_set(variables))
    # Never undone before the end: what would be undone when nobody holds it any more is held there.
    undone.callback(settle_in(Path(mkdtemp(prefix="worker-", dir=scratch)), git_config))
    atexit.register(undone.close)


def settle_in(folder: Path, git_config: Mapping[str, str]) -> Callable[[], None]:
    """Make this process one that runs Copier many times.

    Args:
        folder: Where temporary files go: Copier clones its template for every run.
        git_config: Settings for the git that Copier runs, besides those that make it the same everywhere.

    Returns:
        A function that undoes it.
    """
    from groundplan.copying.speed_ups import speed_up  # noqa: PLC0415 - brings Jinja

    undone = ExitStack()
    undone.enter_context(plain_git(git_config))
    # A cache of its own, since two processes that refresh one clone get in each other's way.
    undone.enter_context(variables_set({"TMPDIR": str(folder), "COPIER_CACHE_DIR": str(folder / "cache")}))
    undone.callback(setattr, tempfile, "tempdir", tempfile.tempdir)
    tempfile.tempdir = str(folder)
    undone.callback(speed_up(folder.parent / "clones"))
    return undone.close


def _end_with(life: Connection) -> None:
    life.poll(None)
    os._exit(1)


def _be_quiet(log: Path) -> None:
    """Send what Copier, git and a migration print into a file: a hundred runs at once are not to be read."""
    with log.open("ab") as file, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
