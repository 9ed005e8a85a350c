"""An update by two renderings: the version that a feature has, the version it shall have, and a merge of each file.

Copier's own update compares and patches inside git repositories, so what a person has set for git decides what becomes
of their edits. Here Copier renders, by its public functions, and no repository is compared or patched.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion
from packaging.version import Version as Release
from pathspec import PathSpec

from groundplan.copying.repository import Indexed
from groundplan.git import git_bytes
from groundplan.layout import ANSWERS_NAME
from groundplan.merging.versions import LINK, Merged, Version, merge_versions
from groundplan.text.yaml_mapping import SAFE_LOADER

# Template settings with which Copier does more in an update than to render and to merge.
_MORE_THAN_FILES = {"_external_data", "_tasks"}
# What a template may ask, and sees another answer to in an update by Copier.
OPERATION = "_copier_operation"
_SETTLE = "/extensions/settle.py"
_DESCRIBED = re.compile(r"(?P<tag>.+)-(?P<count>\d+)-g[0-9a-f]+")


@dataclass(frozen=True)
class Settings:
    """What the new version's settings say about files.

    Attributes:
        exclude: Which files are not rendered.
        keep: Which files are only rendered where there are none.
    """

    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


def file_settings(old: str, new: str) -> Settings | None:
    """Read what two versions' `copier.yml` say about files.

    Returns:
        None for a template whose update takes Copier itself: it runs commands of its own, or its settings are computed.
    """
    try:
        before, after = (yaml.load(text, SAFE_LOADER) for text in (old, new))  # noqa: S506 - safe
    except yaml.YAMLError:
        # It may be of several files, which only Copier puts together.
        return None
    if not isinstance(before, dict) or not isinstance(after, dict):
        return None
    if any(settings.get(name) for settings in (before, after) for name in _MORE_THAN_FILES):
        return None
    if not all(map(_is_settling, after.get("_migrations") or ())):
        return None
    settings = Settings(tuple(after.get("_exclude") or ()), tuple(after.get("_skip_if_exists") or ()))
    is_computed = any("{" in str(pattern) for pattern in settings.keep)
    return None if is_computed else settings


def _is_settling(migration: object) -> bool:
    """Return whether a migration is this template's own, which merges by structure as is done here at once."""
    return isinstance(migration, list) and any(str(word).endswith(_SETTLE) for word in migration)


def is_upgrade(old: str, new: str) -> bool:
    """Return whether a version comes after another or is the same, as `git describe` names them; false in doubt."""
    try:
        return _release(new) >= _release(old)
    except InvalidVersion:
        return False


def _release(name: str) -> Release:
    described = _DESCRIBED.fullmatch(name)
    # Copier counts the commits after a tag, too (PEP 440, post-releases).
    return Release(f"{described['tag']}.post{described['count']}" if described else name)


def recopy(  # noqa: PLR0913
    root: Path, answers_file: str, version: str, data: Mapping[str, Any], exclude: Iterable[str] = (), *, trust: bool
) -> None:
    """Render a version over a folder that holds an answers file."""
    import copier  # noqa: PLC0415 - takes half a second

    copier.run_recopy(
        root,
        data=dict(data),
        answers_file=answers_file,
        vcs_ref=version,
        exclude=tuple(exclude),
        defaults=True,
        overwrite=True,
        unsafe=trust,
        quiet=True,
        skip_tasks=True,
    )


@dataclass(frozen=True)
class Trees:
    """Where the three versions of a feature's files are.

    Attributes:
        old: What the version that it has renders, and nothing else.
        new: What the version that it shall have renders, in a folder that holds what it looks at.
        given: What that folder held before.
        host: The repository.
        indexed: The feature's files that git tracks, by path.
        keep: Patterns of files that are only rendered where there are none.
    """

    old: Path
    new: Path
    given: Mapping[str, Version]
    host: Path
    indexed: Mapping[str, Indexed]
    keep: Sequence[str] = ()


@dataclass(frozen=True)
class _Local:
    """A file of the repository.

    Attributes:
        stored: As git stores it.
        content: As it stands there, where a filter may have changed line ends.
    """

    stored: Version
    content: bytes


@dataclass(frozen=True)
class FileUpdate:
    """What becomes of a file of the repository.

    Attributes:
        path: The file.
        version: As it shall stand there; none to delete it.
        is_changed: Whether it stands there otherwise.
        stages: Its versions by number, as git's index keeps them, where they are in conflict.
        notes: What a person may want to know, line by line.
    """

    path: str
    version: Version | None
    is_changed: bool
    stages: Mapping[int, Version]
    notes: tuple[str, ...]


def merge_trees(trees: Trees) -> Iterator[FileUpdate]:
    """Merge two renderings with what a person made of the feature.

    Yields:
        What is to be written or deleted, and what is in conflict; nothing for files that stay as they are.
    """
    old = dict(read_tree(trees.old))
    # What a template did not render there is as it was.
    new = {path: version for path, version in read_tree(trees.new) if trees.given.get(path) != version}
    is_kept = PathSpec.from_lines("gitwildmatch", trees.keep).match_file
    for path in sorted({*old, *new}):
        local_file = _local(trees, path)
        base = old.get(path)
        if is_kept(path):
            if local_file:
                continue
            # It comes again, though it was deleted, as with Copier.
            base = None
        update = _merge(trees.host, path, base, local_file, new.get(path))
        if update.is_changed or update.stages or update.notes:
            yield update


def _merge(root: Path, path: str, base: Version | None, ours: _Local | None, theirs: Version | None) -> FileUpdate:
    stored = ours.stored if ours else None
    # The answers are the template's own to keep.
    merged = Merged(theirs) if path.endswith(f"/{ANSWERS_NAME}") else merge_versions(path, base, stored, theirs)
    version = merged.version
    if ours and version and version is not theirs and ours.content != ours.stored.content:
        content = ours.content if version.content == ours.stored.content else checked_out(root, path, version.content)
        version = replace(version, content=content)
    there = Version(ours.stored.mode, ours.content) if ours else None
    # All have the mode of the person's, as Copier leaves them.
    stages = {1: base, 2: stored, 3: theirs} if merged.is_conflict and stored else {}
    known = {number: replace(side, mode=stored.mode) for number, side in stages.items() if side and stored}
    return FileUpdate(path, version, version != there, known, merged.notes)


def _local(trees: Trees, path: str) -> _Local | None:
    entry = trees.indexed.get(path)
    try:
        there = read_version(trees.host / path) if entry else None
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    if not there or not entry:
        return None
    if blob_name(there.content, len(entry.blob)) == entry.blob:
        return _Local(Version(entry.mode, there.content), there.content)
    return _Local(Version(entry.mode, git_bytes(trees.host, "cat-file", "blob", entry.blob)), there.content)


def checked_out(root: Path, path: str, content: bytes) -> bytes:
    """Return a content as git would write it into the working tree, whatever filters that takes.

    Args:
        root: The project.
        path: The file, relative to it.
        content: As git stores it.
    """
    blob = git_bytes(root, "hash-object", "-w", "--no-filters", "--stdin", content=content).decode().strip()
    return git_bytes(root, "cat-file", "--filters", f"--path={path}", blob)


def blob_name(content: bytes, length: int) -> str:
    """Name a content as git does.

    Args:
        content: It.
        length: How many digits the repository's names have: 40, or 64 with SHA-256.
    """
    algorithm = hashlib.sha1 if length == len(hashlib.sha1().hexdigest()) else hashlib.sha256  # noqa: S324 - git's own
    return algorithm(b"blob %d\0" % len(content) + content).hexdigest()


def read_tree(root: Path) -> Iterator[tuple[str, Version]]:
    """Yield the files below a folder, by relative path, but for git's own."""
    for folder, below, names in os.walk(root):
        if Path(folder) == root and ".git" in below:
            below.remove(".git")
        links = [name for name in below if Path(folder, name).is_symlink()]
        for name in (*names, *links):
            file = Path(folder, name)
            yield file.relative_to(root).as_posix(), read_version(file)


def read_version(file: Path) -> Version:
    """Read a file, or where a link points to.

    Raises:
        OSError: There is none, or it cannot be read.
    """
    if file.is_symlink():
        return Version(LINK, os.fsencode(file.readlink()))
    is_executable = file.stat().st_mode & 0o100
    return Version("100755" if is_executable else "100644", file.read_bytes())


def write_version(file: Path, version: Version) -> None:
    """Write a file or a link where there is none, with the rights that new files have."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if version.mode == LINK:
        file.symlink_to(os.fsdecode(version.content))
        return
    file.write_bytes(version.content)
    if version.mode == "100755":
        rights = file.stat().st_mode
        file.chmod(rights | (rights & 0o444) >> 2)
