"""What git knows about plans: which plan folders changed lately."""

import datetime
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from groundplan.layout import PLAN_ROOT


class NoHistoryError(Exception):
    """There is no git, no repository, or no commit to ask."""


def changed_since(root: Path, day: datetime.date) -> frozenset[str]:
    """Find the plan folders that changed since a day, by one `git log` for all of them.

    Args:
        root: The folder that holds `docs/plan_docs`.
        day: The first day that counts, by the committer's date.

    Returns:
        The slugs of folders that a commit changed, or that hold changes that are not committed yet.

    Raises:
        NoHistoryError: git cannot say.
    """
    # The plan folders' names hold nothing that git would quote; other names are no slugs.
    log = _git(root, "log", f"--since={day.isoformat()}T00:00:00Z", "--format=", "--name-only", "--relative", "--")
    status = _git(root, "status", "--porcelain", "--untracked-files=all", "--")
    prefix = _git(root, "rev-parse", "--show-prefix").strip()
    changed = (line[3:].strip('"').removeprefix(prefix) for line in status.splitlines())
    return frozenset(_slugs(log.splitlines())) | frozenset(_slugs(changed))


def _slugs(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if path.startswith(f"{PLAN_ROOT}/"):
            yield path.split("/")[2]


def _git(root: Path, *arguments: str) -> str:
    where = [PLAN_ROOT] if arguments[-1] == "--" else []
    command = ["git", "-C", str(root), "-c", "core.quotePath=false", *arguments, *where]
    try:
        done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8", errors="replace")  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoHistoryError(getattr(error, "stderr", "") or str(error)) from error
    return done.stdout
