"""Merging files, in the manner of `git merge-file`."""

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from groundplan.layout import SIZE_LIMIT
from groundplan.merging.merge import Conflict, Markers, Notice, merge

# The exit status counts conflicts up to here, as git-merge-file(1) says; higher ones are the shell's own.
MOST_CONFLICTS = 127
# More notices of one kind than this nobody reads; the rest is counted.
MOST_TOLD = 8
_TOLD = {
    "brought back": "brought back, for it was edited there",
    "kept": "kept, though the template dropped it",
    "left out": "left out, for it was replaced, answered or taken out here",
}
_MARKED = re.compile(rb"^(?:<{7} .*|={7}|>{7} .*)\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileMerge:
    """What came of merging three versions of a file.

    Attributes:
        content: The merged file.
        conflicts: The conflicts marked in it.
        notices: What was decided on the way.
        refusal: Why the file was left as it is for a person to merge; empty if it was merged.
    """

    content: bytes
    conflicts: tuple[Conflict, ...] = ()
    notices: tuple[Notice, ...] = ()
    refusal: str = ""

    def summary(self) -> list[str]:
        """Return a line, with its place, for each thing to look at; what is beyond reading is counted."""
        if self.refusal:
            return [f"not merged, {self.refusal}"]
        lines = [f"conflict at line {conflict.line}{_place(conflict.place)}" for conflict in self.conflicts]
        for kind, said in _TOLD.items():
            texts = [f"{_place(notice.place)}: {_short(notice.text)}" for notice in self.notices if notice.kind == kind]
            lines += [f"{said}{text}" for text in texts[:MOST_TOLD]]
            if texts[MOST_TOLD:]:
                lines.append(f"{said}: {len(texts) - MOST_TOLD} more")
        return lines

    @property
    def status(self) -> int:
        """The exit status that git expects: the number of conflicts."""
        return min(len(self.conflicts) + bool(self.refusal), MOST_CONFLICTS)


def merge_contents(base: bytes, ours: bytes, theirs: bytes, markers: Markers, *, yielding: bool = True) -> FileMerge:
    """Merge three versions of a file's content.

    What is too long, is not UTF-8 text, or holds conflict markers already is not merged: the user's version comes back
    untouched, with the reason. Where only one side changed, that side is the result whatever it holds.

    Args:
        base: The common ancestor.
        ours: The user's version.
        theirs: The template's version.
        markers: How to mark conflicts.
        yielding: As for `groundplan.merging.merge.merge`.
    """
    if ours in (base, theirs) or base == theirs:
        return FileMerge(theirs if ours == base else ours)
    if max(map(len, (base, ours, theirs))) > SIZE_LIMIT:
        return FileMerge(ours, refusal=f"longer than {SIZE_LIMIT:,} bytes")
    try:
        b, o, t = base.decode(), ours.decode(), theirs.decode()
    except UnicodeDecodeError:
        return FileMerge(ours, refusal="not text in UTF-8")
    if "\0" in b + o + t:
        return FileMerge(ours, refusal="binary")
    if any(map(has_markers, (base, ours, theirs))):
        return FileMerge(ours, refusal="holds conflict markers already")
    merged = merge(b, o, t, markers, yielding=yielding)
    return FileMerge(merged.text.encode(), merged.conflicts, merged.notices)


def _place(titles: tuple[str, ...]) -> str:
    return f" in {' / '.join(titles[-2:])!r}" if titles else ""


def _short(text: str) -> str:
    return shorten(text, 60, placeholder="…")


def has_markers(content: bytes) -> bool:
    """Return whether a content holds a marked conflict: opening, middle and end, in this order."""
    expected = [b"<", b"=", b">"]
    for marker in _MARKED.finditer(content):
        if marker[0].startswith(expected[0]):
            del expected[0]
        if not expected:
            return True
    return False


def merge_files(ours: Path, base: Path, theirs: Path, markers: Markers, *, yielding: bool = True) -> FileMerge:
    """Merge three files; none is written.

    Args:
        ours: The user's version.
        base: The common ancestor.
        theirs: The template's version.
        markers: How to mark conflicts.
        yielding: As for `groundplan.merging.merge.merge`.

    Raises:
        OSError: A file cannot be read.
    """
    b, o, t = (path.read_bytes() for path in (base, ours, theirs))
    return merge_contents(b, o, t, markers, yielding=yielding)
