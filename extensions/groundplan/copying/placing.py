"""Files put into a repository and taken out of it, each whole or not at all, and none of somebody else's."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from groundplan.copying.journal import NO_FILE

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


def digest(path: Path) -> str | None:
    """Return the SHA-256 of a file's content; of a link, where it points to; None where there is nothing.

    Args:
        path: Any path; folders, devices and pipes are told from all files, and never opened.

    Raises:
        OSError: It cannot be read.
    """
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return hashlib.sha256(os.fsencode(path.readlink())).hexdigest()
        if not stat.S_ISREG(mode):
            return NO_FILE
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return NO_FILE


def missing_folders(root: Path, paths: Sequence[str]) -> list[str]:
    """Return the folders that paths need and that are not there, each after the one above it."""
    missing: dict[str, None] = {}
    for path in paths:
        for folder in reversed(Path(path).parents):
            if not (root / folder).is_dir():
                missing[folder.as_posix()] = None
    return list(missing)


def place_file(staged: Path, target: Path, path: str) -> None:
    """Put a file where there is none, whole or not at all, never over another."""
    try:
        target.hardlink_to(staged)
    except FileExistsError as error:
        raise InTheWayError(path) from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        replace_file(staged, target)


def replace_file(staged: Path, target: Path) -> None:
    """Put a file in another's place, whole or not at all."""
    try:
        staged.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        near = target.with_name(f".{target.name}.groundplan")
        shutil.copy2(staged, near)
        near.replace(target)


def drop_empty(root: Path, paths: Sequence[str]) -> None:
    """Remove the folders that deletions left empty."""
    folders = {folder for path in paths for folder in Path(path).parents if folder != Path()}
    for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
        with suppress(OSError):
            (root / folder).rmdir()
