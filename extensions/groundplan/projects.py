"""Where plans are: the folder that holds `docs/plan_docs`, found from where one stands, and all such folders."""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path

from groundplan.git import git
from groundplan.layout import PLAN_NAME, PLAN_ROOT


def find_root(folder: Path) -> Path:
    """Find the project that a folder belongs to.

    Args:
        folder: Any folder.

    Returns:
        The nearest folder upwards that holds `docs/plan_docs`, so that each module of a monorepo may have its own; else
        git's top; else the folder itself. It is never outside the git repository, nor, without one, in a folder of
        somebody else's.
    """
    place = Path(os.path.abspath(folder))  # noqa: PTH100 - links stay, as a shell shows them
    upwards = (place, *place.parents)
    top = next((above for above in upwards if os.path.lexists(above / ".git")), None)
    searched = takewhile(lambda above: _is_of_same_owner(above, place), upwards) if top is None else upwards
    for above in searched:
        if (above / PLAN_ROOT).is_dir():
            return above
        if above == top:
            return top
    return place


def _is_of_same_owner(above: Path, place: Path) -> bool:
    try:
        return above.stat().st_uid == place.stat().st_uid
    except OSError:
        return False


def all_roots(folder: Path) -> list[Path]:
    """List the projects of the git repository that a folder belongs to.

    Args:
        folder: Any folder in it.

    Returns:
        Every folder of whose plans git tracks one, sorted by path.

    Raises:
        GitError: There is no git repository.
    """
    top = Path(git(folder, "rev-parse", "--show-toplevel").removesuffix("\n"))
    tracked = git(top, "ls-files", "-z", "--", f":(glob)**/{PLAN_ROOT}/*/{PLAN_NAME}").split("\0")
    roots = {top / path[: path.rindex(f"{PLAN_ROOT}/")] for path in tracked if path}
    # Where a folder above is a link, git knows the plans by another name.
    return sorted(roots | ({top} if (top / PLAN_ROOT).is_dir() else set()))
