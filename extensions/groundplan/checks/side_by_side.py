"""Work shared with forked processes: ready at once, with all that is imported already, and for reading only."""

import os
import pickle
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import BinaryIO, Generic, NoReturn, TypeVar

from groundplan.errors import UserError

Task = TypeVar("Task")
Result = TypeVar("Result")


class HelperLostError(UserError):
    """A process that helped was killed."""

    status = 1


def side_by_side(work: Callable[[Task], Result], tasks: Sequence[Task], count: int) -> list[Result]:
    """Do tasks in this process and in others, for a process of one thread.

    Args:
        work: Returns what can be pickled, and raises nothing.
        tasks: What it gets.
        count: How many processes there shall be, this one included.

    Returns:
        The results, in the order of the tasks.

    Raises:
        HelperLostError: One of the other processes was killed.
    """
    results: list[Result | None] = [None] * len(tasks)
    with ExitStack() as ended:
        # Every so many: what takes long often stands together.
        helpers = [_Helper(work, tasks[number::count], ended) for number in range(1, count)]
        results[::count] = [work(task) for task in tasks[::count]]
        for number, helper in enumerate(helpers, 1):
            results[number::count] = helper.results()
    return results  # type: ignore[return-value]


class _Helper(Generic[Task, Result]):
    """A forked process that does some of the tasks, and ends with the block of its creator."""

    def __init__(self, work: Callable[[Task], Result], tasks: Sequence[Task], ended: ExitStack) -> None:
        reading, writing = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            _help(work, tasks, writing)
        os.close(writing)
        self._pipe: BinaryIO = ended.enter_context(os.fdopen(reading, "rb"))
        ended.callback(self._end)

    def results(self) -> list[Result]:
        try:
            results: list[Result] = pickle.load(self._pipe)  # noqa: S301 - our own
        except (EOFError, pickle.UnpicklingError) as error:
            raise HelperLostError("A process that helped was killed. Run the command again.") from error
        return results

    def _end(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _help(work: Callable[[Task], Result], tasks: Sequence[Task], writing: int) -> NoReturn:
    # Nothing that stands in a buffer of the parent is to be written twice, so this process never ends in order.
    try:
        # A terminal sends Ctrl-C to all; the parent ends the others.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump([work(task) for task in tasks], pipe, pickle.HIGHEST_PROTOCOL)
    finally:
        os._exit(0)
