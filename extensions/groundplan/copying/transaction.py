"""What a run is about to change, written down first, so that the next command can undo what a killed run left.

A change goes through here or not at all. Every feature is one transaction: its contents are staged beside the journal,
then moved into place one file after the other. One of the changes, the one of the answers file, is the commit point: a
feature is new once its answers file stands, and gone once it is gone. After a kill the next command finds the journal
and undoes what did not get that far, or finishes what did.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import gettempdir, mkdtemp
from typing import Any

from groundplan.copying.lock import locked
from groundplan.copying.repository import Repository
from groundplan.git import git

_LOCK = "lock"
_SCRATCH = "scratch"
# What a file system answers that knows no hard links, or when two folders lie on different ones.
_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}


class InTheWayError(Exception):
    """A file is not as it was when the run began, so it is left alone; nothing of the feature was changed.

    Attributes:
        path: The file, relative to the repository.
    """

    def __init__(self, path: str) -> None:
        """Keep the path beside the message."""
        super().__init__(f"{path} was changed by someone else while this ran.")
        self.path = path


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
        index_before: What git's index holds for paths that become unmerged, as ``git update-index --index-info`` reads.
        index_after: The same once it is done: their three stages.
    """

    slug: str
    changes: tuple[Change, ...]
    commit_point: str
    folders: tuple[str, ...] = ()
    index_before: tuple[str, ...] = ()
    index_after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """A change as asked for.

    Attributes:
        path: Where, relative to the repository.
        content: The file that holds the new content and mode; none to delete.
        expected: The SHA-256 of what must be there for that, none for nothing: what the new content was made from.
    """

    path: str
    content: Path | None
    expected: str | None


@dataclass(frozen=True)
class Recovered:
    """What became of a feature that a killed run left behind.

    Attributes:
        slug: The feature.
        is_done: Whether the run had got far enough for its change to count; otherwise it was undone.
        kept: Files that were left alone, since they changed after the kill.
    """

    slug: str
    is_done: bool
    kept: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """One command's run: a folder that outlives a kill.

    Attributes:
        repository: Where the features are.
        folder: Where journals and staged contents are.
        scratch: Where everything else goes that only this run needs.
    """

    repository: Repository
    folder: Path
    scratch: Path

    def begin(
        self,
        slug: str,
        planned: Sequence[Planned],
        commit_point: str,
        index: tuple[Sequence[str], Sequence[str]] = ((), ()),
    ) -> Transaction:
        """Stage a feature's changes and write its journal. Nothing of the repository is touched yet.

        Args:
            slug: The feature.
            planned: The changes, in the order in which they are to be made.
            commit_point: The path whose change settles the feature.
            index: What git's index holds for paths that become unmerged, and what it shall hold.

        Raises:
            InTheWayError: A file is not as it is expected.
            OSError: There is no room.
        """
        # Never the name of an earlier transaction: a file in place may still be a link to its staged content.
        name = token_hex(8)
        changes = tuple(self._stage(change, f"{name}-{count}") for count, change in enumerate(planned))
        folders = tuple(_missing_folders(self.repository.root, [change.path for change in planned if change.content]))
        entry = Entry(slug, changes, commit_point, folders, tuple(index[0]), tuple(index[1]))
        journal = self.folder / f"{name}.json"
        draft = journal.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(entry)), "utf-8")
        draft.replace(journal)
        return Transaction(self.repository, self.folder, journal, entry)

    def _stage(self, change: Planned, name: str) -> Change:
        target = self.repository.root / change.path
        before = digest(target)
        if before != change.expected:
            raise InTheWayError(change.path)
        if before is not None:
            shutil.copy2(target, self.folder / f"{name}.before", follow_symlinks=False)
        if change.content is None:
            return Change(change.path, before, None, name)
        shutil.copy2(change.content, self.folder / f"{name}.after", follow_symlinks=False)
        return Change(change.path, before, digest(change.content), name)


@dataclass(frozen=True)
class Transaction:
    """One feature's staged changes."""

    repository: Repository
    folder: Path
    journal: Path
    entry: Entry

    def carry_out(self) -> None:
        """Make all changes, or none of them.

        Raises:
            InTheWayError: A file is not as it was when it was staged.
            OSError: The system refuses a change, for want of room or of rights.
        """
        try:
            self.apply()
        except BaseException:
            self.undo()
            self.close()
            raise
        self.close()

    def apply(self) -> None:
        """Make the changes, and leave it to the caller to undo them if one fails.

        Raises:
            InTheWayError: A file is not as it was when it was staged.
            OSError: The system refuses a change, for want of room or of rights.
        """
        for folder in self.entry.folders:
            with suppress(FileExistsError):
                (self.repository.root / folder).mkdir()
        for change in self.entry.changes:
            if change.path == self.entry.commit_point and self.entry.index_after:
                _write_index(self.repository, self.entry.index_after)
            self._make(change)
        _drop_empty(self.repository.root, [change.path for change in self.entry.changes if change.after is None])

    def undo(self) -> tuple[str, ...]:
        """Take the changes back that were made.

        Returns:
            Paths that were left alone, since someone has changed them since.
        """
        kept = [change.path for change in reversed(self.entry.changes) if not self._take_back(change)]
        if self.entry.index_before:
            _write_index(self.repository, self.entry.index_before)
        for folder in reversed(self.entry.folders):
            with suppress(OSError):
                (self.repository.root / folder).rmdir()
        return tuple(kept)

    def close(self) -> None:
        """Forget the journal: there is nothing to undo any more."""
        self.journal.unlink(missing_ok=True)

    def recover(self) -> Recovered:
        """Finish what passed its commit point, undo what did not."""
        paths = [change.path for change in self.entry.changes]
        point = self.entry.changes[paths.index(self.entry.commit_point)]
        is_done = digest(self.repository.root / point.path) == point.after
        kept = self._finish(self.entry.changes[paths.index(point.path) + 1 :]) if is_done else self.undo()
        self.close()
        return Recovered(self.entry.slug, is_done, kept)

    def _finish(self, rest: Sequence[Change]) -> tuple[str, ...]:
        # What stands before the commit point was done before the kill; what differs there is someone's later work.
        kept = []
        for change in rest:
            now = digest(self.repository.root / change.path)
            if now == change.before:
                self._make(change)
            elif now != change.after:
                kept.append(change.path)
        _drop_empty(self.repository.root, [change.path for change in self.entry.changes if change.after is None])
        return tuple(kept)

    def _make(self, change: Change) -> None:
        target = self.repository.root / change.path
        if digest(target) != change.before:
            raise InTheWayError(change.path)
        if change.after is None:
            target.unlink()
        elif change.before is None:
            _place(self.folder / f"{change.staged}.after", target, change.path)
        else:
            _replace(self.folder / f"{change.staged}.after", target)

    def _take_back(self, change: Change) -> bool:
        target = self.repository.root / change.path
        now = digest(target)
        if now == change.before:
            return True
        if now != change.after:
            return False
        if change.before is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(self.folder / f"{change.staged}.before", target)
        return True


@contextmanager
def open_run(repository: Repository, notify: Callable[[str], None]) -> Iterator[Run]:
    """Open a run: alone in its repository, after what a killed one left was put in order.

    Args:
        repository: Where the features are.
        notify: Told when another run must end first, and what was put in order.

    Yields:
        The run. Its folder and its scratch are gone afterwards.

    Raises:
        OSError: The state cannot be kept.
    """
    with locked(repository.state / _LOCK, notify):
        for left in sorted(repository.state.glob("run-*")):
            for recovered in _recover(repository, left):
                notify(_told(recovered))
        folder = Path(mkdtemp(prefix="run-", dir=repository.state))
        try:
            yield Run(repository, folder, _scratch(folder))
        finally:
            _recover(repository, folder)
            _leave(repository)


def put_in_order(repository: Repository, notify: Callable[[str], None]) -> None:
    """Put in order what a killed run left, if one did, before the features are looked at.

    Args:
        repository: Where the features are.
        notify: Told what was put in order.
    """
    if any(repository.state.glob("run-*")):
        with open_run(repository, notify):
            pass


def _recover(repository: Repository, folder: Path) -> list[Recovered]:
    journals = sorted(folder.glob("*.json"))
    recovered = [Transaction(repository, folder, journal, _entry(journal)).recover() for journal in journals]
    with suppress(OSError):
        shutil.rmtree((folder / _SCRATCH).read_text("utf-8"), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    return recovered


def _told(recovered: Recovered) -> str:
    done = "finished" if recovered.is_done else "undone"
    kept = f" Left alone, since changed meanwhile: {', '.join(recovered.kept)}." if recovered.kept else ""
    return f"An earlier run was killed while it worked on “{recovered.slug}”; that is {done} now.{kept}"


def _entry(journal: Path) -> Entry:
    content: dict[str, Any] = json.loads(journal.read_text("utf-8"))
    changes = tuple(Change(**change) for change in content.pop("changes"))
    lists = {name: tuple(value) for name, value in content.items() if isinstance(value, list)}
    return Entry(changes=changes, **{**content, **lists})


def _scratch(folder: Path) -> Path:
    place = _roomy_memory() / f"groundplan-{folder.name.removeprefix('run-')}"
    # Written down before it exists, so that a killed run's scratch is found.
    (folder / _SCRATCH).write_text(str(place), "utf-8")
    place.mkdir(mode=0o700)
    return place


def _roomy_memory() -> Path:
    """Give the memory file system of Linux where it has room: Copier makes and drops thousands of files in a run."""
    memory = Path("/dev/shm")  # noqa: S108 - what is made in it is private
    with suppress(OSError):
        if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 512 * 1024 * 1024:
            return memory
    return Path(gettempdir())


def digest(path: Path) -> str | None:
    """Give the SHA-256 of a file's content; of a link, where it points to; none where there is nothing.

    Args:
        path: Any path; a folder is told from all files.
    """
    try:
        content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
    except FileNotFoundError:
        return None
    except (IsADirectoryError, NotADirectoryError):
        return "a folder"
    return hashlib.sha256(content).hexdigest()


def _missing_folders(root: Path, paths: Sequence[str]) -> list[str]:
    missing: dict[str, None] = {}
    for path in paths:
        for folder in reversed(Path(path).parents):
            if not (root / folder).is_dir():
                missing[folder.as_posix()] = None
    return list(missing)


def _place(staged: Path, target: Path, path: str) -> None:
    """Put a file where there is none, whole or not at all, never over another."""
    try:
        target.hardlink_to(staged)
    except FileExistsError as error:
        raise InTheWayError(path) from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _replace(staged, target)


def _replace(staged: Path, target: Path) -> None:
    """Put a file in another's place, whole or not at all."""
    try:
        staged.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        near = target.with_name(f".{target.name}.groundplan")
        shutil.copy2(staged, near)
        near.replace(target)


def _drop_empty(root: Path, paths: Sequence[str]) -> None:
    """Remove the folders that deletions left empty."""
    folders = {folder for path in paths for folder in Path(path).parents if folder != Path()}
    for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
        with suppress(OSError):
            (root / folder).rmdir()


def _write_index(repository: Repository, lines: Sequence[str]) -> None:
    git(repository.root, "update-index", "-z", "--index-info", text="".join(f"{line}\0" for line in lines))


def _leave(repository: Repository) -> None:
    # Without git the state stands among the plans, so it goes again, with the folders that hold nothing else.
    if not repository.is_git:
        with suppress(OSError):
            (repository.state / _LOCK).unlink()
            for folder in (repository.state, *repository.state.relative_to(repository.root).parents[:-1]):
                (repository.root / folder).rmdir()
