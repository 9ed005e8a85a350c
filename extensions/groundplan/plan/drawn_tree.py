"""The planned tree read back: the paths that a plan draws in its section on the project's structure."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import PureWindowsPath
from typing import NamedTuple

# What `tree` draws, with and without Unicode; it puts no-break spaces after its lines.
_BRANCH = re.compile(r"((?:[│|]   |    )*)(?:├──|└──|\|--|`--|\+--) (\S.*)")
# What people note beside a name: after `#`, or after a gap.
_REMARK = re.compile(r"\s+#.*|\s{2,}.*")
_EXISTING_CODE = ("…", "...")
_WORDS = re.compile(r"[a-z0-9]+")
_LAYERS = frozenset({"domain", "application", "app", "api", "httpapi", "ui"})


class PlannedPath(NamedTuple):
    """A path that a plan promises, relative to the repository, with `/`, and its line."""

    path: str
    line: int


def read_tree(drawing: str, first_line: int) -> tuple[PlannedPath, ...]:
    """Read the paths of a drawn tree; folders count only when nothing stands below them.

    Args:
        drawing: The lines between the fences. What is not a branch is passed over, such as the root's line.
        first_line: The line of the file that the drawing starts at.
    """
    return tuple(_leaves(list(_nodes(drawing, first_line))))


def _nodes(drawing: str, first_line: int) -> Iterator[tuple[int, str, int]]:
    """Yield each branch's depth, name and line."""
    for line, text in enumerate(drawing.replace("\xa0", " ").splitlines(), first_line):
        if match := _BRANCH.match(text.rstrip()):
            yield len(match[1]) // 4, _REMARK.sub("", match[2]), line


def _leaves(nodes: list[tuple[int, str, int]]) -> Iterator[PlannedPath]:
    parents: list[str] = []
    for number, (depth, name, line) in enumerate(nodes):
        del parents[depth:]
        is_leaf = number + 1 == len(nodes) or nodes[number + 1][0] <= depth
        path = "/".join([*parents, name.rstrip("/")])
        parents.append(name.rstrip("/"))
        if is_leaf and name not in _EXISTING_CODE and not _leads_out(path):
            yield PlannedPath(path, line)


def _leads_out(path: str) -> bool:
    """Return whether a path is not one of the repository's own, on any system."""
    return bool(PureWindowsPath(path).anchor) or ".." in PureWindowsPath(path).parts


def own_roots(paths: Iterable[str], slug: str) -> dict[str, str]:
    """Find the folders that belong to a feature alone: those whose name is a form of its slug, or begins with one.

    Args:
        paths: Planned paths.
        slug: The feature's slug.

    Returns:
        Each folder of that kind with the first path below it.
    """
    roots: dict[str, str] = {}
    for path in paths:
        folders = path.split("/")[:-1]
        if depth := _own_depth(folders, slug):
            roots.setdefault("/".join(folders[:depth]), path)
    return roots


def is_named_for(path: str, slug: str) -> bool:
    """Return whether a path bears a form of a feature's slug, as all paths of its tree do.

    Args:
        path: A path of source or tests.
        slug: The feature's slug.
    """
    return bool(_forms(slug).search(path))


def phase_of(path: str, slug: str) -> int:
    """Return the phase that builds a planned path: end-to-end tests in 4, screens in 3, everything else in 2.

    Args:
        path: A planned path of source or tests.
        slug: The feature's slug, whose own words say nothing about the layer.
    """
    parts = path.split("/")
    # The feature's own folder holds its layers, or has the layer in its name: src/Orders.Api, crates/orders-api.
    own = parts[max(_own_depth(parts[:-1], slug) - 1, 0) :]
    rest = _forms(slug).sub("", "/".join(own)).lower()
    if "e2e" in rest:
        return 4
    return 3 if next(filter(_LAYERS.__contains__, _WORDS.findall(rest)), "") == "ui" else 2


def _own_depth(folders: list[str], slug: str) -> int:
    """Count the folders down to the deepest one that is the feature's own; 0 when none is."""
    words = slug.split("-")
    return max((depth for depth, folder in enumerate(folders, 1) if _is_own(folder, words)), default=0)


def _is_own(folder: str, words: list[str]) -> bool:
    """Return whether a folder's name is a form of a slug, such as UserProfile, or has one first: UserProfile.Api."""
    rest = folder.lower()
    for number, word in enumerate(words):
        if number and rest[:1] in ("-", "_"):
            rest = rest[1:]
        if not rest.startswith(word):
            return False
        rest = rest.removeprefix(word)
    following = rest.removeprefix("e2e")[:1]
    return not (following.isascii() and following.isalnum())


@cache
def _forms(slug: str) -> re.Pattern[str]:
    """Match any form of a slug: user-profile, user_profile, userprofile, UserProfile."""
    return re.compile("[-_]?".join(map(re.escape, slug.split("-"))), re.IGNORECASE)
