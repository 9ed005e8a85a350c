"""Plan folders and their files: where they are, and their texts, read so that no file can do harm."""

import errno
import os
from pathlib import Path
from typing import NamedTuple

from groundplan.layout import PLAN_ROOT

# A longer file is no plan, and its parsing would take minutes.
SIZE_LIMIT = 1_000_000


class Unreadable(NamedTuple):
    """A file that cannot be read as text.

    Attributes:
        path: The file, relative to the repository, with `/`.
        line: Where the trouble is, from 1.
        message: What is wrong and what to do; it follows the file's name.
        is_missing: Whether there is no such file at all.
    """

    path: str
    line: int
    message: str
    is_missing: bool = False


class UnreadableFileError(Exception):
    """A file cannot be read as text; `unreadable` says which and why."""

    def __init__(self, unreadable: Unreadable) -> None:
        """Keep what is known."""
        super().__init__(f"{unreadable.path}:{unreadable.line}: {unreadable.message}")
        self.unreadable = unreadable


def repository_root(folder: Path) -> Path:
    """Find the top of the git repository that a folder stands in; without one the folder is its own top."""
    place = folder.absolute()
    return next((above for above in (place, *place.parents) if (above / ".git").exists()), place)


def slug_of(argument: str, root: Path) -> str:
    """Read what names a plan on a command line: its slug, its folder, or any file in that.

    Args:
        argument: A slug, or a path relative to the working directory.
        root: The folder that holds `docs/plan_docs`.
    """
    # Links are left alone: a plan folder may be one.
    path, plans = Path(os.path.abspath(argument)), Path(os.path.abspath(root / PLAN_ROOT))  # noqa: PTH100
    return path.relative_to(plans).parts[0] if plans in path.parents else argument


def plan_slugs(root: Path) -> list[str]:
    """List the plan folders of a repository by their names, sorted.

    Args:
        root: The folder that holds `docs/plan_docs`.

    Returns:
        The names of all folders there, hidden ones aside, and of links that lead nowhere: whether they hold a plan is
        for `read_plan` to say. None where there is no `docs/plan_docs`.

    Raises:
        OSError: It cannot be read.
    """
    try:
        entries = list((root / PLAN_ROOT).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    folders = (entry for entry in entries if entry.is_dir() or (entry.is_symlink() and not entry.exists()))
    return sorted(entry.name for entry in folders if not entry.name.startswith("."))


def no_plan_in(root: Path) -> str:
    """Say that a repository has no plan."""
    return f"There is no plan in {root / PLAN_ROOT}."


def document_files(folder: Path) -> list[Path]:
    """List the Markdown documents of a plan folder, the plan among them, sorted."""
    return sorted(folder.rglob("*.md"))


def read_text(root: Path, path: str) -> str:
    """Read a file of a repository as UTF-8 text.

    Args:
        root: The folder that holds `docs/plan_docs`.
        path: The file, relative to it, with `/`.

    Raises:
        UnreadableFileError: There is no such file, it is too large, or it is no text.
    """
    try:
        if (size := (root / path).stat().st_size) > SIZE_LIMIT:
            raise unreadable(path, 1, f"is {size:,} bytes long, too much to be read. Split it.")
        content = (root / path).read_bytes()
    except OSError as error:
        raise UnreadableFileError(_no_file(path, error)) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise unreadable(path, line, "is not UTF-8 text. Save it as UTF-8.") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise unreadable(path, line, "holds a NUL character, so it is no text. Restore it from git.")
    if not text.strip():
        raise unreadable(path, 1, "is empty. Restore it from git.")
    return text


def unreadable(path: str, line: int, message: str) -> UnreadableFileError:
    """Make the error of a file that cannot be read."""
    return UnreadableFileError(Unreadable(path, line, message))


def _no_file(path: str, error: OSError) -> Unreadable:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Unreadable(path, 1, "is missing. Add it, restore it from git, or remove its folder.", is_missing=True)
    if error.errno == errno.ELOOP:
        return Unreadable(path, 1, "is a symbolic link that leads back to itself. Replace it by the file.")
    return Unreadable(path, 1, f"cannot be read: {error.strerror}.")
