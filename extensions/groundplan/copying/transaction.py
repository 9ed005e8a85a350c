"""What a run is about to change, written down first, so that the next command can undo what a killed run left.

A change goes through here or not at all. Every feature is one transaction: its contents are staged beside the journal,
then moved into place one file after the other. One of the changes, the one of the answers file, is the commit point: a
feature is new once its answers file stands, and gone once it is gone. After a kill the next command finds the journal
and undoes what did not get that far, or finishes what did.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import gettempdir, mkdtemp

from groundplan.copying.journal import SUFFIX, Change, Entry, JournalError, read_journal, write_journal
from groundplan.copying.lock import locked
from groundplan.copying.placing import InTheWayError, digest, drop_empty, missing_folders, place_file, replace_file
from groundplan.copying.repository import Repository, RepositoryError
from groundplan.errors import told
from groundplan.git import GitError
from groundplan.layout import RUN_PREFIX

LOCK = "lock"
_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it is private


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
        folders = tuple(missing_folders(self.repository.root, [change.path for change in planned if change.content]))
        entry = Entry(slug, changes, commit_point, folders, tuple(index[0]), tuple(index[1]))
        journal = self.folder / f"{name}{SUFFIX}"
        write_journal(entry, journal)
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
                self.repository.write_index(self.entry.index_after)
            self._make(change)
        drop_empty(self.repository.root, [change.path for change in self.entry.changes if change.after is None])

    def undo(self) -> tuple[str, ...]:
        """Take the changes back that were made.

        Returns:
            Paths that were left alone, since someone has changed them since.
        """
        kept = [change.path for change in reversed(self.entry.changes) if not self._take_back(change)]
        if self.entry.index_before:
            self.repository.write_index(self.entry.index_before)
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
        drop_empty(self.repository.root, [change.path for change in self.entry.changes if change.after is None])
        return tuple(kept)

    def _make(self, change: Change) -> None:
        target = self.repository.root / change.path
        if digest(target) != change.before:
            raise InTheWayError(change.path)
        if change.after is None:
            target.unlink()
        elif change.before is None:
            place_file(self.folder / f"{change.staged}.after", target, change.path)
        else:
            replace_file(self.folder / f"{change.staged}.after", target)

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
            replace_file(self.folder / f"{change.staged}.before", target)
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
        RepositoryError: Without git, the state would be kept where somebody else can write.
    """
    repository.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not repository.is_git and not _is_own_folder(repository.state):
        raise RepositoryError(f"{repository.state} is not a folder of yours, so nothing can be kept there. Remove it.")
    with locked(repository.state / LOCK, notify):
        _recover_all(repository, notify)
        repository.runs.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=RUN_PREFIX, dir=repository.runs))
        try:
            yield Run(repository, folder, _make_scratch(folder))
        finally:
            _recover(repository, folder, notify)


def put_in_order(repository: Repository, notify: Callable[[str], None]) -> None:
    """Put in order what a killed run left, if one did, before the features are looked at.

    Args:
        repository: Where the features are.
        notify: Told what was put in order.
    """
    if _left(repository):
        with locked(repository.state / LOCK, notify):
            _recover_all(repository, notify)


def killed_runs(repository: Repository) -> tuple[str, ...]:
    """Name the features that a killed run left half done; none while a run is at work."""
    if not _left(repository):
        return ()
    try:
        with locked(repository.state / LOCK, _refuse_to_wait):
            journals = [journal for folder in _left(repository) for journal in folder.glob(f"*{SUFFIX}")]
            return tuple(sorted({_slug_in(journal, repository) for journal in journals}))
    except (_BusyError, OSError):
        return ()


class _BusyError(Exception):
    """Another run is at work."""


def _refuse_to_wait(_: str) -> None:
    raise _BusyError


def _slug_in(journal: Path, repository: Repository) -> str:
    try:
        return read_journal(journal, repository.root).slug
    except JournalError:
        return f"an unknown feature ({journal.name})"


def _left(repository: Repository) -> list[Path]:
    """List the folders of runs; what is a link, or somebody else's, no run of this user has made."""
    return sorted(path for path in repository.runs.glob(f"{RUN_PREFIX}*") if _is_own_folder(path))


def _is_own_folder(path: Path) -> bool:
    try:
        state = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(state.st_mode) and (not hasattr(os, "geteuid") or state.st_uid == os.geteuid())


def _recover_all(repository: Repository, notify: Callable[[str], None]) -> None:
    for folder in _left(repository):
        _recover(repository, folder, notify)


def _recover(repository: Repository, folder: Path, notify: Callable[[str], None]) -> None:
    """Put in order what a run left; what cannot be is set aside, so that it stands in nobody's way."""
    for scratch in _scratch_places(folder):
        if _is_own_folder(scratch):
            shutil.rmtree(scratch, ignore_errors=True)
    try:
        for journal in sorted(folder.glob(f"*{SUFFIX}")):
            entry = read_journal(journal, repository.root)
            notify(_told(Transaction(repository, folder, journal, entry).recover()))
    except GitError as error:
        # Most often somebody else holds the index for a moment.
        notify(f"What an earlier run left cannot be put in order now; the next command tries again. {error}")
    except (InTheWayError, JournalError, OSError) as error:
        aside = folder.with_name(folder.name.replace(RUN_PREFIX, "damaged-", 1))
        folder.replace(aside)
        reason = told(error).rstrip(".")
        notify(
            f"What an earlier run left cannot be put in order: {reason}. See git status; its contents are in {aside}."
        )
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _told(recovered: Recovered) -> str:
    done = "finished" if recovered.is_done else "undone"
    kept = f" Left alone, since changed meanwhile: {', '.join(recovered.kept)}." if recovered.kept else ""
    return f"An earlier run was killed while it worked on “{recovered.slug}”; that is {done} now.{kept}"


def _make_scratch(folder: Path) -> Path:
    place = _scratch_in(_roomy_memory(), folder)
    place.mkdir(mode=0o700)
    return place


def _scratch_places(folder: Path) -> list[Path]:
    """List where a run's scratch can be: its place and its name tell whose it is, and nothing that is written down."""
    return [_scratch_in(place, folder) for place in dict.fromkeys((_MEMORY, Path(gettempdir())))]


def _scratch_in(place: Path, folder: Path) -> Path:
    return place / f"groundplan-{folder.name.removeprefix(RUN_PREFIX)}"


def _roomy_memory() -> Path:
    """Return the memory file system of Linux where it has room: Copier makes and drops thousands of files in a run."""
    with suppress(OSError):
        if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > 512 * 1024 * 1024:
            return _MEMORY
    return Path(gettempdir())
