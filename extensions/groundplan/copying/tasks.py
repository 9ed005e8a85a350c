"""What happens in a worker process: one run of Copier for one feature, in a scratch folder of its own.

Only Copier's public functions are used. The scratch folder holds what the questionnaire looks at in the host
repository, so defaults, guards and root manifests come out as they would there.

Copier takes half a second to import, so only what runs imports it; a process that hands out tasks does not.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from plumbum import ProcessExecutionError

from groundplan.git import git
from groundplan.layout import ANSWERS_NAME, PLAN_ROOT

Result = TypeVar("Result")

_IDENTITY = ("-c", "user.name=Groundplan", "-c", "user.email=groundplan@localhost")


@dataclass(frozen=True)
class Host:
    """What the questionnaire looks at in a repository.

    Attributes:
        root: The repository.
        files: Files that tell its stack, its names, its team's defaults; relative paths.
        plans: The names in its folder of plans.
        git_config: Settings of the repository that decide how git writes a file, as name and value.
    """

    root: Path
    files: tuple[str, ...]
    plans: tuple[str, ...]
    git_config: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CopyTask:
    """One feature to be rendered.

    Attributes:
        place: A scratch folder that does not exist yet.
        url: The template.
        version: Its version.
        answers: The brief's answers.
        host: Where the feature will go.
    """

    place: Path
    url: str
    version: str
    answers: Mapping[str, Any]
    host: Host


@dataclass(frozen=True)
class UpdateTask:
    """One feature to be updated.

    Attributes:
        place: A scratch folder that does not exist yet.
        slug: The feature.
        version: The version to go to.
        answers: Answers that are to change.
        files: The files of its plan folder that git tracks, and the attributes that apply to them.
        host: Where it lives.
    """

    place: Path
    slug: str
    version: str
    answers: Mapping[str, Any]
    files: tuple[str, ...]
    host: Host


@dataclass(frozen=True)
class Rendered:
    """A rendered feature.

    Attributes:
        root: The folder that it was rendered into.
        slug: Its slug.
        files: Its files, relative to that folder.
    """

    root: Path
    slug: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Updated:
    """An updated feature.

    Attributes:
        root: The scratch repository.
        slug: Its slug.
        written: Files that are new or different, relative paths.
        deleted: Files that are gone.
        unmerged: The index's stages of paths in conflict, as ``git ls-files --unmerged`` writes them.
        notes: What Copier and the template's migration had to say, line by line.
    """

    root: Path
    slug: str
    written: tuple[str, ...]
    deleted: tuple[str, ...]
    unmerged: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    """Why a run of Copier gave nothing."""

    reason: str


def copy_feature(task: CopyTask) -> Rendered | Failed:
    """Render a feature as ``copier copy`` would."""
    root = task.place / task.host.root.name
    given = _mirror_host(task.host, root)
    for name in task.host.plans:
        (root / PLAN_ROOT / name).mkdir(parents=True, exist_ok=True)

    def run() -> Rendered:
        import copier  # noqa: PLC0415

        copier.run_copy(
            task.url,
            root,
            data=dict(task.answers),
            vcs_ref=task.version,
            defaults=True,
            unsafe=True,
            quiet=True,
        )
        files = tuple(path for path in _files(root) if path not in given)
        stored = next(path for path in files if path.endswith(f"/{ANSWERS_NAME}"))
        return Rendered(root, Path(stored).parent.name, files)

    return _attempt(run)


def update_feature(task: UpdateTask) -> Updated | Failed:
    """Update a feature as ``copier update`` would, in a git repository that holds nothing but its plan folder."""
    root = task.place / task.host.root.name

    def run() -> Updated:
        import copier  # noqa: PLC0415

        _scratch_repository(task, root)
        before = _states(root)
        with _heard(task.place / "said") as said:
            copier.run_update(
                root,
                data=dict(task.answers),
                answers_file=f"{PLAN_ROOT}/{task.slug}/{ANSWERS_NAME}",
                vcs_ref=task.version,
                defaults=True,
                overwrite=True,
                unsafe=True,
                quiet=True,
            )
        after = _states(root)
        return Updated(
            root,
            task.slug,
            written=tuple(path for path, state in after.items() if before.get(path) != state),
            deleted=tuple(path for path in before if path not in after),
            unmerged=tuple(filter(None, git(root, "ls-files", "--unmerged", "-z").split("\0"))),
            notes=tuple(said.read_text("utf-8", "replace").splitlines()),
        )

    return _attempt(run)


@contextmanager
def _heard(log: Path) -> Iterator[Path]:
    """Send what this process and its children print into a file. Only for a process that does nothing else."""
    before = os.dup(1), os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield log
    finally:
        sys.stderr.flush()
        for number, kept in zip((1, 2), before, strict=True):
            os.dup2(kept, number)
            os.close(kept)


def _attempt(run: Callable[[], Result]) -> Result | Failed:
    try:
        return run()
    except Exception as error:  # whatever a template's own code raises ends this feature alone
        return Failed(_reason(error))


def _reason(error: Exception) -> str:
    from copier.errors import UserMessageError  # noqa: PLC0415

    text = " ".join(str(error).split())
    if question := re.fullmatch(r'Question "(\w+)" is required', text):
        return f"Nothing answers {question[1]}. Answer it in the brief, with --data, or in the team's defaults."
    if isinstance(error, UserMessageError | ValueError):
        return re.sub(r"^Validation error for question '(\w+)':", r"\1:", text)
    if isinstance(error, ProcessExecutionError):
        return " ".join(error.stderr.split()[-40:]) or f"{error.argv[0]} exits with {error.retcode}"
    return f"{type(error).__name__}: {text}"


def _mirror_host(host: Host, root: Path) -> set[str]:
    root.mkdir(parents=True)
    for path in host.files:
        _copy(host.root / path, root / path)
    return set(host.files)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # A file that vanishes meanwhile was not there.
    with suppress(FileNotFoundError):
        shutil.copy2(source, target, follow_symlinks=False)


def _scratch_repository(task: UpdateTask, root: Path) -> None:
    _mirror_host(task.host, root)
    for path in task.files:
        _copy(task.host.root / path, root / path)
    git(root, "init", "--quiet", "--template=")
    for name, value in task.host.git_config:
        git(root, "config", name, value)
    git(root, "add", "--force", "--all")
    git(root, *_IDENTITY, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", "As it is")


def _files(root: Path) -> Iterator[str]:
    for folder, below, names in os.walk(root):
        if Path(folder) == root and ".git" in below:
            below.remove(".git")
        below.sort()
        for name in sorted(names):
            yield Path(folder, name).relative_to(root).as_posix()


def _states(root: Path) -> dict[str, tuple[int, bytes]]:
    """Give every file's kind, executable bits and content."""
    states = {}
    for path in _files(root):
        file = root / path
        mode = file.lstat().st_mode & 0o170111
        states[path] = (mode, os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes())
    return states
