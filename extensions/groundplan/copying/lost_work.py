"""The work that a plain `copier update` lost, found and brought back.

Copier compares and patches by git in repositories of its own. What a person has set for git, attributes, encodings and
names that stand already decide whether a patch is made, whether it applies, and whether a rejected one is found again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from groundplan.copying.repository import Indexed
from groundplan.copying.two_renderings import blob_name, checked_out, read_tree, read_version, recopy, write_version
from groundplan.git import GitMissingError, NoRepositoryError, git, git_bytes, plain_git
from groundplan.merging.versions import Version, as_text, is_same, merge_versions

_REJECTED = b"diff a/"


@dataclass(frozen=True)
class _Changed:
    """A file that git tracks and that an update changed.

    Attributes:
        ours: As it was committed.
        there: As it stands there now; none where it is gone.
    """

    ours: Version
    there: Version | None

    def lacks_words_beside(self, base: Version | None) -> bool:
        """Return whether it lacks what a person committed, beside what the template had rendered."""
        if self.there is None:
            return not is_same(self.ours, base)
        return bool(_words(self.ours) - _words(base) - _words(self.there))


def bring_back(root: Path, answers_file: str) -> Iterator[str]:
    """Merge anew what lacks words that a person had committed, of what Copier renders from the committed answers.

    Args:
        root: The project.
        answers_file: The feature's answers file, relative to it.

    Yields:
        What was done, line by line.

    Raises:
        Exception: The versions cannot be rendered, or a file cannot be written.
    """
    folder = answers_file.rpartition("/")[0]
    try:
        indexed = _indexed(root, folder)
    except (GitMissingError, NoRepositoryError):
        return
    rejected = [path for path in _rejected(root / folder) if path.relative_to(root).as_posix() not in indexed]
    changed = {path: file for path, file in _changed(root, indexed) if path != answers_file}
    in_doubt = [file for file in changed.values() if file.lacks_words_beside(None)]
    if answers_file not in indexed or not (in_doubt or rejected):
        return
    with TemporaryDirectory() as scratch:
        base = _render(Path(scratch, "old", root.name), answers_file, _stored(root, indexed[answers_file]))
        lost = any(file.lacks_words_beside(base.get(path)) for path, file in changed.items() if file in in_doubt)
        if not (lost or rejected):
            return
        now = (root / answers_file).read_bytes()
        theirs = _render(Path(scratch, "new", root.name), answers_file, now, indexed)
        # A patch may have been refused as a whole, so whatever a person edited is merged.
        for path, file in changed.items():
            if not is_same(file.ours, base.get(path)):
                yield from _merge_anew(root, path, file, (base.get(path), theirs.get(path)))
    for patch in rejected:
        patch.unlink()


def _indexed(root: Path, folder: str) -> dict[str, Indexed]:
    listed = git(root, "--literal-pathspecs", "ls-files", "--stage", "-z", "--", folder).split("\0")
    entries = [(*facts.split(" "), path) for facts, _, path in (line.partition("\t") for line in listed if line)]
    return {path: Indexed(mode, blob) for mode, blob, stage, path in entries if stage == "0"}


def _changed(root: Path, indexed: Mapping[str, Indexed]) -> Iterator[tuple[str, _Changed]]:
    for path, entry in indexed.items():
        try:
            there = read_version(root / path)
        except OSError:
            there = None
        if not there or blob_name(there.content, len(entry.blob)) != entry.blob:
            yield path, _Changed(Version(entry.mode, _stored(root, entry)), there)


def _stored(root: Path, entry: Indexed) -> bytes:
    return git_bytes(root, "cat-file", "blob", entry.blob)


def _rejected(folder: Path) -> Iterator[Path]:
    """Find the patches that git refused to apply."""
    for path in folder.rglob("*.rej"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(len(_REJECTED)) == _REJECTED:
                    yield path


def _words(version: Version | None) -> Counter[bytes]:
    return Counter(as_text(version.content).split() if version else ())


def _render(root: Path, answers_file: str, answers: bytes, there: Collection[str] = ()) -> dict[str, Version]:
    """Render a feature from its answers, where a template that asks which documents exist finds them."""
    held = Version("100644", b"held")
    for path in there:
        write_version(root / path, held)
    (root / answers_file).parent.mkdir(parents=True, exist_ok=True)
    (root / answers_file).write_bytes(answers)
    with plain_git({}):
        # It is a step of the template's own that runs here: who let it run has said that they trust it.
        recopy(root, answers_file, str(yaml.safe_load(answers)["_commit"]), {}, trust=True)
    return {path: version for path, version in read_tree(root) if version != held}


def _merge_anew(
    root: Path, path: str, file: _Changed, renderings: tuple[Version | None, Version | None]
) -> Iterator[str]:
    base, theirs = renderings
    merged = merge_versions(path, base, file.ours, theirs)
    if not merged.version:
        return
    shall = replace(merged.version, content=checked_out(root, path, merged.version.content))
    if shall == file.there and not merged.is_conflict:
        return
    (root / path).unlink(missing_ok=True)
    write_version(root / path, shall)
    if merged.is_conflict:
        _leave_unmerged(root, path, file.ours.mode, {1: base, 2: file.ours, 3: theirs})
    yield f"{path}: merged anew, since the update had lost what was committed there"
    yield from merged.notes


def _leave_unmerged(root: Path, path: str, mode: str, stages: Mapping[int, Version | None]) -> None:
    """Put the versions into git's index, as a merge does that needs a person."""
    known = {number: version for number, version in stages.items() if version}
    blobs = {number: _hash(root, version.content) for number, version in known.items()}
    nothing = "0" * len(blobs[2])
    lines = [f"0 {nothing}\t{path}", *(f"{mode} {blob} {number}\t{path}" for number, blob in blobs.items())]
    # git-update-index(1) reads paths from the top of the repository.
    prefix = git(root, "rev-parse", "--show-prefix").strip()
    text = "".join(line.replace("\t", f"\t{prefix}", 1) + "\0" for line in lines)
    git(root, "update-index", "-z", "--index-info", text=text)


def _hash(root: Path, content: bytes) -> str:
    return git_bytes(root, "hash-object", "-w", "--no-filters", "--stdin", content=content).decode().strip()
