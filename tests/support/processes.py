"""What tests ask of real processes: which there are, and whether something has happened yet."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence


def wait_until(has_happened: Callable[[], object]) -> None:
    """Wait until something has happened, however long a busy machine takes."""
    while not has_happened():
        time.sleep(0.01)


def wait_until_gone(pids: Sequence[int]) -> None:
    """Wait until processes have ended."""
    wait_until(lambda: not alive(pids))


def processes_below(pid: int) -> list[int]:
    """List the processes that a process has started, and theirs."""
    found: list[int] = []
    wave = {pid}
    parents = parents_of_all()
    while wave := {child for child, parent in parents.items() if parent in wave}:
        found += wave
    return found


def workers_of(pid: int) -> list[int]:
    """List the worker processes of a command: they are forked by a server of its own."""
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, errors="replace", check=True
    ).stdout
    servers = {int(line.split()[0]) for line in listing.splitlines() if "multiprocessing.forkserver" in line}
    parents = parents_of_all()
    # The workers bear the server's name, too; what does not is a program that the server has started.
    return [child for child, parent in parents.items() if {child, parent} <= servers and parents[parent] == pid]


def parents_of_all() -> dict[int, int]:
    """Return every process with its parent."""
    listing = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return {int(line.split()[0]): int(line.split()[1]) for line in listing.splitlines()}


def alive(pids: Sequence[int]) -> list[int]:
    """List those of some processes that still run; a zombie does not."""
    command = ["ps", "-o", "pid=,stat=", "-p", ",".join(map(str, pids))]
    states = subprocess.run(command, capture_output=True, text=True, check=False)
    return [int(line.split()[0]) for line in states.stdout.splitlines() if not line.split()[1].startswith("Z")]
