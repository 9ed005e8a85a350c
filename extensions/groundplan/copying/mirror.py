"""Which files of a repository the questionnaire looks at, so that a scratch folder can show it the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path, PurePath

from groundplan.copying.repository import Repository
from groundplan.copying.tasks import Host
from groundplan.git import git
from groundplan.rendering.host import LOOKED_AT, LOOKED_AT_ABOVE

# Most questions only ask whether there is one such file or more. Of tsconfig*.json and .NET projects all are read, but
# these are few, or a Directory.Build.props speaks for them.
_ENOUGH = 100
# What decides how git writes a file (git-config(1)); a scratch repository must do the same.
_GIT_SETTINGS = r"^core\.(autocrlf|eol|filemode|ignorecase|precomposeunicode|safecrlf|symlinks)$"


def look_at(repository: Repository) -> Host:
    """Look at a repository as the questionnaire does.

    Args:
        repository: Where features are made or updated.

    Returns:
        The files that tell its stack, its names and its team's defaults.
    """
    return Host(
        repository.root,
        files=tuple(dict.fromkeys(_files(repository.root, LOOKED_AT))),
        prefix=repository.prefix,
        above=tuple(_above(repository)),
        git_config=_git_settings(repository),
    )


def _files(folder: Path, marks: Iterable[str]) -> Iterator[str]:
    for mark in marks:
        for path in islice(sorted(folder.glob(mark)), _ENOUGH):
            if path.is_file():
                yield path.relative_to(folder).as_posix()


def _above(repository: Repository) -> Iterator[str]:
    depth = len(PurePath(repository.prefix).parts)
    for number, folder in enumerate(repository.root.parents[:depth], start=1):
        above = PurePath(*PurePath(repository.prefix).parts[: depth - number])
        yield from ((above / name).as_posix() for name in dict.fromkeys(_files(folder, LOOKED_AT_ABOVE)))


def _git_settings(repository: Repository) -> tuple[tuple[str, str], ...]:
    if not repository.is_git:
        return ()
    # It exits with 1 where there is none of them.
    output = git(repository.root, "config", "--local", "-z", "--get-regexp", _GIT_SETTINGS, fine=(0, 1))
    entries = (entry.partition("\n") for entry in output.split("\0") if entry)
    return tuple((name, value) for name, _, value in entries)
