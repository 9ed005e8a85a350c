"""The last step of a Copier update: settle what Copier left in conflict, by structure.

Copier runs this from the new version's own clone (`_migrations` in `copier.yml`), in the updated project, as
`python …/extensions/settle.py <answers file>`. Copier has merged by lines then; each path in conflict stands in the
index with three stages: the old rendering, the user's file, the new rendering. Those under the answers file's folder
are merged anew. Settled ones end as ordinary modified files; true conflicts stay unmerged, with markers around just
what disagrees.

Then what a person had committed is looked for, for Copier's update may lose it without a word. What lacks it is merged
anew; where that cannot be, and only then, the update ends with an error that says what to do.
"""

from __future__ import annotations

import filecmp
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path, PurePosixPath

_HERE = Path(__file__).parent
_REGULAR = {"100644", "100755"}
_MARKER = re.compile(rb"^([<|>]{7})(?: ([^\r\n]*))?(?=\r?$)", re.MULTILINE)


@dataclass
class Unmerged:
    """A path in conflict.

    Attributes:
        path: The path from the top of the repository.
        blobs: What each stage holds: 1 the old rendering, 2 the user's file, 3 the new rendering.
        modes: The modes of the stages.
    """

    path: str
    blobs: dict[int, str] = field(default_factory=dict)
    modes: dict[int, str] = field(default_factory=dict)

    @property
    def is_mergeable(self) -> bool:
        """Whether all stages are ordinary Markdown files; a side that is deleted or a link is for a person to judge."""
        is_markdown = PurePosixPath(self.path).suffix.lower() == ".md"
        return is_markdown and set(self.blobs) == {1, 2, 3} and _REGULAR.issuperset(self.modes.values())


def main(answers_file: str) -> None:
    """Settle what is in conflict in a plan folder.

    Args:
        answers_file: The plan's answers file, from the working directory.
    """
    folder = PurePosixPath(answers_file).parent
    if not is_changed(folder.as_posix()):
        return
    find_merge()
    unmerged = find_unmerged(folder.as_posix())
    tell_of_lone_markers(Path(folder), unmerged)
    settle_all([entry for entry in unmerged if entry.is_mergeable])
    try:
        from groundplan.copying.lost_work import bring_back  # noqa: PLC0415 (of the code that was found)

        for line in bring_back(Path.cwd(), answers_file):
            tell(line)
    except ModuleNotFoundError:
        return  # where Copier ran there is all that this needs
    except Exception as error:  # whatever it is, a person must hear of it
        tell(f"{folder} may lack what was committed there: {type(error).__name__}: {error}")
        tell(f"Take this update back, git checkout HEAD -- {folder}, and run another: groundplan update {folder.name}")
        sys.exit(1)


def is_changed(folder: str) -> bool:
    """Return whether a file of a folder is not as the index has it; not so without git or outside a repository."""
    try:
        return bool(git("--literal-pathspecs", "diff-files", "--name-only", "-z", "--", folder))
    except (OSError, subprocess.CalledProcessError):
        return False


def settle_all(unmerged: list[Unmerged]) -> None:
    """Settle paths in conflict."""
    if not unmerged:
        return
    try:
        import markdown_it  # noqa: F401, PLC0415
    except ModuleNotFoundError:
        tell(
            f"{len(unmerged)} plan documents are in conflict line by line. To merge them by structure, install "
            "markdown-it-py beside Copier (`pipx inject copier markdown-it-py`), undo this update and run it again."
        )
        return
    top = Path(os.fsdecode(git("rev-parse", "--show-toplevel").removesuffix(b"\n")))
    for entry in unmerged:
        try:
            settle(entry, top)
        except Exception as error:  # The update itself has succeeded: a fault here must not make it fail.
            tell(f"{entry.path}: left as Copier merged it, {type(error).__name__}: {error}")


def find_merge() -> None:
    """Let the merge be imported from beside this file, or from where the very same code is installed.

    Nobody has compiled the code of a fresh clone, and to do so takes as long as the merge itself.
    """
    # Python puts this folder there itself, but not under PYTHONSAFEPATH.
    sys.path[:] = [folder for folder in sys.path if folder != str(_HERE)]
    installed = PathFinder.find_spec("groundplan")
    own = _HERE / "groundplan"
    names = [file.relative_to(own).as_posix() for file in own.rglob("*.py")]
    for folder in (installed and installed.submodule_search_locations) or ():
        if filecmp.cmpfiles(own, folder, names, shallow=False)[0] == names:
            return
    sys.path.insert(0, str(_HERE))


def find_unmerged(folder: str) -> list[Unmerged]:
    """List the paths of a folder that the index has in several stages; none without git or outside a repository."""
    try:
        listed = git("--literal-pathspecs", "ls-files", "--unmerged", "--full-name", "-z", "--", folder)
    except (OSError, subprocess.CalledProcessError):
        return []
    entries: dict[str, Unmerged] = {}
    for line in os.fsdecode(listed).split("\0")[:-1]:
        facts, _, path = line.partition("\t")
        mode, blob, stage = facts.split(" ")
        entry = entries.setdefault(path, Unmerged(path))
        entry.blobs[int(stage)], entry.modes[int(stage)] = blob, mode
    return list(entries.values())


def tell_of_lone_markers(folder: Path, unmerged: list[Unmerged]) -> None:
    """Name the documents that hold conflict markers though git has no versions of them to merge anew.

    Args:
        folder: The plan's folder, from the working directory.
        unmerged: The paths that git has several versions of.
    """
    try:
        top = Path(os.fsdecode(git("rev-parse", "--show-toplevel").removesuffix(b"\n")))
    except (OSError, subprocess.CalledProcessError):
        return
    known = {(top / entry.path).resolve() for entry in unmerged}
    for file in sorted(folder.rglob("*.md")):
        if file.is_symlink() or not file.is_file() or file.resolve() in known:
            continue
        if {mark for mark, _ in _MARKER.findall(file.read_bytes())} >= {b"<" * 7, b">" * 7}:
            tell(f"{file.as_posix()}: holds conflict markers, but git has no versions to merge; settle them by hand")


def settle(entry: Unmerged, top: Path) -> None:
    """Merge a path by structure, unless someone has been at work on its conflict already.

    Args:
        entry: The path with its stages.
        top: The top of the repository.
    """
    from groundplan.merging.files import merge_contents  # noqa: PLC0415
    from groundplan.merging.merge import Markers  # noqa: PLC0415 (only here is it known that markdown-it-py is there)

    file = top / entry.path
    base, ours, theirs = (git("cat-file", "blob", entry.blobs[stage]) for stage in (1, 2, 3))
    current = file.read_bytes()
    merged = merge_contents(base, ours, theirs, Markers(*labels_in(current)))
    if merged.refusal:
        tell(f"{entry.path}: left as Copier merged it, {merged.refusal}")
        return
    result = with_state(merged.content)
    has_other_endings = b"\r\n" in current and b"\r\n" not in ours
    content = result.replace(b"\n", b"\r\n") if has_other_endings else result
    if content != current:
        if not has_other_endings and unlabelled(current) != unlabelled(merged_by_lines(base, ours, theirs)):
            tell(f"{entry.path}: left alone, it was edited since Copier merged it")
            return
        file.write_bytes(content)
    elif merged.conflicts:
        return
    if not merged.conflicts:
        mark_as_modified(entry, top)
    count = len(merged.conflicts)
    tell(f"{entry.path}: " + (f"{count} conflict{'s' * (count > 1)} left" if count else "merged"))
    for line in merged.summary():
        tell(f"  {line}")


def with_state(content: bytes) -> bytes:
    """Let the line below a plan's title show the plan's status: a newer template brings that line for a draft."""
    from groundplan.plan.stage import with_status_line  # noqa: PLC0415

    return with_status_line(content.decode()).encode()


def labels_in(content: bytes) -> tuple[str, str, str]:
    """Read what is written behind the markers of ours, base and theirs, to write the same."""
    written = {mark[:1]: label.decode("utf-8", "replace") for mark, label in _MARKER.findall(content)}
    return (
        written.get(b"<", "before updating"),
        written.get(b"|", "last update"),
        written.get(b">", "after updating"),
    )


def unlabelled(content: bytes) -> bytes:
    """Take away what stands behind conflict markers: which version of Copier wrote them does not matter."""
    return _MARKER.sub(rb"\1", content)


def merged_by_lines(base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """Merge three contents as Copier does, but for what it writes behind the markers."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for file, content in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(content)
        # The exit status is the number of conflicts.
        command = ["git", "merge-file", "-p", "--", *map(str, files)]
        return subprocess.run(command, capture_output=True, check=False).stdout  # noqa: S603 (git, on files named here)


def mark_as_modified(entry: Unmerged, top: Path) -> None:
    """Return the index back the entry it had before the update, so that the path shows as modified like all others."""
    nothing = "0" * len(entry.blobs[2])
    entries = f"0 {nothing}\t{entry.path}\0{entry.modes[2]} {entry.blobs[2]} 0\t{entry.path}\0"
    git("update-index", "-z", "--index-info", stdin=os.fsencode(entries), folder=top)


def git(*arguments: str, stdin: bytes = b"", folder: Path | None = None) -> bytes:
    """Run git and return what it prints.

    Raises:
        OSError: There is no git.
        subprocess.CalledProcessError: It failed.
    """
    command = ["git", *arguments]
    return subprocess.run(command, input=stdin, cwd=folder, capture_output=True, check=True).stdout  # noqa: S603


def tell(message: str) -> None:
    """Write a line beside Copier's own; what would steer a terminal, such as in a path, is shown instead."""
    shown = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in message)
    print(shown, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
