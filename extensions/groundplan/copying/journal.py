"""The journal of a transaction: what is about to change, as it is written down first and read after a kill.

Nothing that is read here is believed: a journal decides what is deleted and written, so it may name only files of its
own repository and contents of its own folder.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from groundplan.plan.files import UnreadableFileError, read_text

SUFFIX = ".json"
# What stands where a file should, in place of its checksum.
NO_FILE = "not a file"

_STAGED = re.compile(r"[0-9a-f]{16}-\d{1,6}")
_DIGEST = re.compile(rf"[0-9a-f]{{64}}|{NO_FILE}")
# An entry as `git update-index --index-info` reads it, but for its path; names are longer with SHA-256.
_ENTRY = re.compile(r"(?:0|100644|100755|120000) (?:[0-9a-f]{40}|[0-9a-f]{64})(?: [0-3])?")
_SIZE_LIMIT = 10_000_000


class JournalError(Exception):
    """A journal is damaged, or no run of this command wrote it."""


@dataclass(frozen=True)
class Change:
    """One file's way from what is there to what shall be.

    Attributes:
        path: Where, relative to the repository.
        before: The SHA-256 of its content; none where there is no file.
        after: The same once it is done; none where there shall be no file.
        staged: Where the new content waits, and the old one is kept, below the run's folder.
    """

    path: str
    before: str | None
    after: str | None
    staged: str


@dataclass(frozen=True)
class Entry:
    """All changes of one feature.

    Attributes:
        slug: The feature.
        changes: In the order in which they are made.
        commit_point: The path whose change settles the feature.
        folders: Folders that are made on the way, outermost first.
        index_before: What git's index holds for paths that become unmerged, as `git update-index --index-info` reads.
        index_after: The same once it is done: their three stages.
    """

    slug: str
    changes: tuple[Change, ...]
    commit_point: str
    folders: tuple[str, ...] = ()
    index_before: tuple[str, ...] = ()
    index_after: tuple[str, ...] = ()


def write_journal(entry: Entry, file: Path) -> None:
    """Write a journal, whole or not at all."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(entry)), "utf-8")
    draft.replace(file)


def read_journal(file: Path, root: Path) -> Entry:
    """Read a journal.

    Args:
        file: The journal.
        root: The folder that its paths are relative to; it may name nothing outside.

    Raises:
        JournalError: It is damaged, or names what a run would not.
    """
    try:
        content: dict[str, Any] = json.loads(read_text(file.parent, file.name, _SIZE_LIMIT))
        changes = tuple(Change(**change) for change in content.pop("changes"))
        lists: dict[str, Any] = {name: tuple(content.pop(name)) for name in ("folders", "index_before", "index_after")}
        entry = Entry(changes=changes, **lists, **content)
        problem = next(_problems(entry, root), "")
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError, UnreadableFileError) as error:
        raise JournalError(f"{file.name} is damaged: {error}") from error
    if problem:
        raise JournalError(f"{file.name} {problem}")
    return entry


def _problems(entry: Entry, root: Path) -> Iterator[str]:
    if not isinstance(entry.slug, str) or entry.commit_point not in [change.path for change in entry.changes]:
        yield "does not say what it is about"
    for change in entry.changes:
        if not _STAGED.fullmatch(change.staged):
            yield f"names contents outside its folder: {change.staged!r}"
        if not all(digest is None or _DIGEST.fullmatch(digest) for digest in (change.before, change.after)):
            yield "holds a wrong checksum"
    for path in (*(change.path for change in entry.changes), *entry.folders):
        if not _is_own(path, root):
            yield f"names a path outside the repository: {path!r}"
    for line in (*entry.index_before, *entry.index_after):
        facts, _, path = line.partition("\t")
        if not _ENTRY.fullmatch(facts) or not _is_own(path, root):
            yield f"holds a wrong entry of git's index: {line!r}"


def _is_own(path: str, root: Path) -> bool:
    """Return whether a path names a file of the repository, on any system, and stays inside it, links followed."""
    parts = PureWindowsPath(path).parts
    if not parts or PureWindowsPath(path).anchor or ".." in parts or any(part.lower() == ".git" for part in parts):
        return False
    return Path(os.path.realpath((root / path).parent)).is_relative_to(os.path.realpath(root))
