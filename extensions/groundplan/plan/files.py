"""Plan folders and their files: where they are, and their texts, read so that no file can do harm.

Only regular files that lie inside the repository are opened, links followed, and never more of one is read than a limit
and a byte. Everything else is an `UnreadableFileError`, which says what is wrong and what to do.
"""

import errno
import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from groundplan.layout import PLAN_ROOT, SIZE_LIMIT

# Neither waits for somebody to write into a FIFO nor becomes a terminal's process; some systems lack one of them.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


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
    folders = (entry for entry in entries if _may_be_folder(entry))
    return sorted(entry.name for entry in folders if not entry.name.startswith("."))


def _may_be_folder(entry: Path) -> bool:
    try:
        return stat.S_ISDIR(entry.stat().st_mode)
    except OSError:
        # A link into a folder that nobody may read, or to nowhere.
        return True


def no_plan_in(root: Path) -> str:
    """Return the message that a repository has no plan."""
    return f"There is no plan in {root / PLAN_ROOT}."


def document_files(folder: Path) -> list[Path]:
    """List the Markdown documents of a plan folder, the plan among them, sorted."""
    return sorted(folder.rglob("*.md"))


def read_text(root: Path, path: str, limit: int = SIZE_LIMIT) -> str:
    """Read a text file of a repository.

    Args:
        root: The folder that holds `docs/plan_docs`.
        path: The file, relative to it, with `/`.
        limit: How many bytes it may have.

    Returns:
        Its text, without a byte order mark.

    Raises:
        UnreadableFileError: It is missing, lies outside the repository, is not a regular file, is too long, is not
            UTF-8 text, or is empty.
    """
    content = read_bytes(root, path, limit)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise unreadable(path, line, "is not UTF-8 text. Save it as UTF-8.") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise unreadable(path, line, "holds a NUL character, so it is not text. Restore it from git.")
    if not text.strip():
        raise unreadable(path, 1, "is empty. Restore it from git.")
    return text


def read_bytes(root: Path, path: str, limit: int = SIZE_LIMIT) -> bytes:
    """Read a file of a repository, as `read_text` does, whatever it holds.

    Args:
        root: The repository.
        path: The file, relative to it.
        limit: How many bytes it may have.

    Raises:
        UnreadableFileError: It is missing, lies outside the repository, is not a regular file, or is too long.
    """
    file = root / path
    if not lies_inside(root, path):
        raise unreadable(path, 1, "is a link that leads out of the repository. Replace it by a file.")
    try:
        # A device may act on being opened, so it is looked at first; who replaces it meanwhile is noticed after.
        _require_regular(path, file.stat().st_mode)
        with os.fdopen(os.open(file, _FLAGS), "rb") as stream:
            found = os.fstat(stream.fileno())
            _require_regular(path, found.st_mode)
            # To ask for as much as the limit takes three times as long: so much memory is made ready.
            content = stream.read(min(limit, found.st_size) + 1)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(_no_file(path, error)) from error
    if len(content) > limit:
        raise unreadable(path, 1, f"has more than {limit:,} bytes, too much to be read. Split it.")
    return content


def write_whole(file: Path, content: bytes) -> None:
    """Put new content in a file's place, whole or not at all; a link and the file's mode stay.

    Args:
        file: The file; it is made when there is none.
        content: All that it shall hold.

    Raises:
        OSError: It cannot be written; the file is as it was.
    """
    place = Path(os.path.realpath(file))
    unfinished = place.with_name(f".{place.name}.{os.urandom(4).hex()}")
    try:
        with unfinished.open("xb") as draft:
            draft.write(content)
        if place.exists():
            unfinished.chmod(stat.S_IMODE(place.stat().st_mode))
        unfinished.replace(place)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def lies_inside(root: Path, path: str) -> bool:
    """Return whether a path, links followed, stays inside the repository that a folder belongs to.

    Args:
        root: A folder of the repository.
        path: A path relative to it.
    """
    try:
        place = os.path.realpath(root / path)
    except (OSError, ValueError):
        return False
    top = _repository_of(root)
    return place == top or place.startswith(os.path.join(top, ""))  # noqa: PTH118 - is asked for each file


def exists_inside(root: Path, path: str) -> bool:
    """Return whether there is something at a path that stays inside the repository; what lies outside is not told.

    Args:
        root: A folder of the repository.
        path: A path relative to it; an absolute one lies outside.
    """
    # A link itself is the repository's own, wherever it leads.
    return lies_inside(root, str(Path(path).parent)) and os.path.lexists(root / path)


@lru_cache(maxsize=64)
def _repository_of(root: Path) -> str:
    place = Path(os.path.realpath(root))
    return str(next((above for above in (place, *place.parents) if os.path.lexists(above / ".git")), place))


def _require_regular(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise unreadable(path, 1, "is a folder. Rename it, or put the file in its place.")
    if not stat.S_ISREG(mode):
        raise unreadable(path, 1, "is not a regular file but a device, a pipe or a socket. Replace it by a file.")


def unreadable(path: str, line: int, message: str) -> UnreadableFileError:
    """Make the error of a file that cannot be read.

    Args:
        path: The file, relative to the repository.
        line: The line, from 1.
        message: What is wrong and what to do; it follows the file's name.
    """
    return UnreadableFileError(Unreadable(path, line, message))


def _no_file(path: str, error: OSError | ValueError) -> Unreadable:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Unreadable(path, 1, "is missing. Add it, restore it from git, or remove its folder.", is_missing=True)
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return Unreadable(path, 1, "is a symbolic link that leads back to itself. Replace it by the file.")
    reason = error.strerror if isinstance(error, OSError) else error
    return Unreadable(path, 1, f"cannot be read: {reason}.")
