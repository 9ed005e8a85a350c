"""What git knows about plans: which plan folders changed lately."""

import datetime
import os
from collections.abc import Collection
from pathlib import Path

from groundplan.git import git, named_or
from groundplan.layout import PLAN_ROOT


def changed_since(root: Path, day: datetime.date, slugs: Collection[str]) -> frozenset[str]:
    """Find the plan folders that changed since a day, by one `git log` for all of them.

    Args:
        root: The folder that holds `docs/plan_docs`.
        day: The first day that counts, by the committer's date.
        slugs: The plan folders that are asked about.

    Returns:
        The slugs of those that a commit changed, or that hold changes that are not committed yet.

    Raises:
        GitError: git cannot say: it is missing, or there is no repository or no commit.
    """
    # Where a folder above is a link, git knows the plans by their real place alone.
    plans = Path(os.path.realpath(root / PLAN_ROOT))
    places = named_or([f":(literal){slug}" for slug in slugs], ".")
    since = f"--since={day.isoformat()}T00:00:00Z"
    log = git(plans, "log", since, "--format=", "-z", "--name-only", "--relative", "--", *places)
    status = git(plans, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", *places)
    prefix = git(plans, "rev-parse", "--show-prefix").removesuffix("\n")
    changed = (entry[3:].removeprefix(prefix) for entry in status.split("\0"))
    return frozenset(path.partition("/")[0] for path in (*log.split("\0"), *changed) if "/" in path).intersection(slugs)
