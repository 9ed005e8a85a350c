"""Merging the three versions of a file that an update has, whatever kind of file it is, as `copier update` does.

Lines come first, by `git merge-file`. A Markdown document that conflicts by lines is merged by structure.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from groundplan.git import GitError, git

LINK = "120000"
# What stands behind conflict markers, as Copier writes them.
_LABELS = ("-L", "before updating", "-L", "last update", "-L", "after updating")
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Version:
    """A file as one side has it.

    Attributes:
        mode: Its mode, as git writes it: `100644`, `100755`, or `120000` for a link.
        content: Its bytes; where a link points to.
    """

    mode: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of three versions of a file.

    Attributes:
        version: The file as it shall be; none to delete it.
        is_conflict: Whether a person must settle it.
        notes: What a person may want to know, line by line.
    """

    version: Version | None
    is_conflict: bool = False
    notes: tuple[str, ...] = ()


def merge_versions(path: str, base: Version | None, ours: Version | None, theirs: Version | None) -> Merged:
    """Merge three versions of a file, each of which may be missing.

    A document that a person deleted stays deleted. One that a person edited stays though the template dropped it, and
    is in conflict, as with `git merge`.

    Args:
        path: The file; its suffix tells a Markdown document.
        base: As the template rendered it then.
        ours: As the person has it.
        theirs: As the template renders it now.
    """
    if is_same(ours, base):
        return Merged(theirs)
    base, theirs = (_with_ends_of(ours, version) for version in (base, theirs))
    if theirs in (base, ours) or ours is None:
        return Merged(ours)
    if theirs is None or LINK in (ours.mode, theirs.mode, base and base.mode):
        return Merged(ours, is_conflict=True)
    is_changed = base is None or ours.mode != base.mode
    merged = _merge_contents(path, base.content if base else b"", ours, theirs.content)
    return replace(merged, version=Version(ours.mode if is_changed else theirs.mode, _content(merged)))


def is_same(ours: Version | None, rendered: Version | None) -> bool:
    """Return whether a file is as it was rendered, but for line ends that git changes where a person has set it so."""
    return ours == _with_ends_of(ours, rendered)


def _with_ends_of(ours: Version | None, rendered: Version | None) -> Version | None:
    """Return a rendering with the line ends of git's own, where the file has them (gitattributes(5), text)."""
    if not ours or not rendered or b"\r\n" in ours.content or b"\0" in rendered.content:
        return rendered
    return replace(rendered, content=rendered.content.replace(b"\r\n", b"\n"))


def _content(merged: Merged) -> bytes:
    return merged.version.content if merged.version else b""


def _merge_contents(path: str, base: bytes, ours: Version, theirs: bytes) -> Merged:
    if ours.content in (base, theirs) or base == theirs:
        return Merged(replace(ours, content=theirs if ours.content == base else ours.content))
    if ours.content[:2] in _UTF_16:
        return _merge_utf_16(path, base, ours, theirs)
    content, is_conflict = _merge_lines(base, ours.content, theirs)
    by_lines = Merged(replace(ours, content=content), is_conflict)
    if not is_conflict or PurePosixPath(path).suffix.lower() != ".md":
        return by_lines
    try:
        from groundplan.merging.files import merge_contents  # noqa: PLC0415
        from groundplan.merging.merge import Markers  # noqa: PLC0415
    except ModuleNotFoundError:
        # Copier may run where markdown-it-py is not.
        return by_lines
    merged = merge_contents(base, ours.content, theirs, Markers())
    if merged.refusal:
        return replace(by_lines, notes=(f"{path}: merged by lines, {merged.refusal}",))
    count = len(merged.conflicts)
    became = f"{count} conflict{'s' * (count > 1)} left" if count else "merged"
    notes = (f"{path}: {became}", *(f"  {line}" for line in merged.summary()))
    return Merged(replace(ours, content=merged.content), bool(count), notes)


def as_text(content: bytes) -> bytes:
    """Return what is in UTF-16 in UTF-8, and all else as it is."""
    encoding = _UTF_16.get(content[:2])
    try:
        return content[2:].decode(encoding).encode() if encoding else content
    except UnicodeError:
        return content


def _merge_utf_16(path: str, base: bytes, ours: Version, theirs: bytes) -> Merged:
    """Merge what a person saved in another encoding, and leave it in that one."""
    mark, text = ours.content[:2], as_text(ours.content)
    if text == ours.content:
        return Merged(ours, is_conflict=True, notes=(f"{path}: left as it is, not text",))
    merged = _merge_contents(path, base, replace(ours, content=text), theirs)
    content = mark + _content(merged).decode("utf-8", "replace").encode(_UTF_16[mark])
    return replace(merged, version=replace(ours, content=content))


def _merge_lines(base: bytes, ours: bytes, theirs: bytes) -> tuple[bytes, bool]:
    """Merge by lines; what git takes for binary stays as it is, in conflict."""
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for file, content in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(content)
        try:
            git(Path(folder), "merge-file", "-q", *_LABELS, "--", *map(str, files))
        except GitError:
            # Its exit status is the number of conflicts, or tells what is not text; the first file holds the result.
            return files[0].read_bytes(), True
        return files[0].read_bytes(), False
