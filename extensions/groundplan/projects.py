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


def top_of(folder: Path) -> Path:
    """Return the nearest folder upwards that git tracks as a whole; without git the folder itself."""
    place = Path(os.path.abspath(folder))  # noqa: PTH100
    return next((above for above in (place, *place.parents) if os.path.lexists(above / ".git")), place)


def plan_at(argument: str, root: Path) -> tuple[Path, str]:
    """Read what names a plan on a command line.

    Args:
        argument: A slug, or the path of a plan folder or of anything in one, relative to the working directory.
        root: The project that slugs are of.

    Returns:
        The project and the plan's slug.
    """
    # Links are left alone: a plan folder may be one.
    path = Path(os.path.abspath(argument))  # noqa: PTH100
    is_path = "/" in argument or os.sep in argument or os.path.lexists(path)
    below = next((above for above in path.parents if above.match(PLAN_ROOT)), None) if is_path else None
    return (below.parents[1], path.relative_to(below).parts[0]) if below else (root, argument)
