"""What happens in a worker process: one run of Copier for one feature, in a scratch folder of its own.

Only Copier's public functions are used. The scratch folder holds what the questionnaire looks at in the host
repository, so defaults, guards and root manifests come out as they would there.

Copier takes half a second to import, so only what runs imports it; a process that hands out tasks does not.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from plumbum import ProcessExecutionError

from groundplan.copying.hearing import Said, heard_in
from groundplan.copying.repository import Indexed
from groundplan.copying.two_renderings import (
    Settings,
    Trees,
    merge_trees,
    read_tree,
    read_version,
    recopy,
    write_version,
)
from groundplan.git import git, git_bytes
from groundplan.layout import ANSWERS_NAME, PLAN_ROOT
from groundplan.merging.versions import Version
from groundplan.text.yaml_mapping import load_mapping

Result = TypeVar("Result")

# Whose attributes apply to a plan folder's files.
_ATTRIBUTES = tuple(f"{folder}.gitattributes" for folder in ("", "docs/", f"{PLAN_ROOT}/"))
NOT_TRUSTED = (
    "The template runs code of its own. If you trust it: --trust, or for good under `trust:` in Copier's settings,"
    " https://copier.readthedocs.io/en/stable/settings/"
)
_IDENTITY = ("-c", "user.name=Groundplan", "-c", "user.email=groundplan@localhost")


@dataclass(frozen=True)
class Host:
    """What the questionnaire looks at in a repository.

    Attributes:
        root: The repository.
        files: Files that tell its stack, its names, its team's defaults; relative paths.
        git_config: Settings of the repository that decide how git writes a file, as name and value.
        prefix: Where it lies below git's top, with a final slash; empty at the top.
        above: Files of the folders above, up to git's top, which count for it too; relative to that top.
    """

    root: Path
    files: tuple[str, ...]
    git_config: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    above: tuple[str, ...] = ()

    @property
    def top(self) -> Path:
        """Git's top."""
        return self.root.parents[len(Path(self.prefix).parts) - 1] if self.prefix else self.root


@dataclass(frozen=True)
class CopyTask:
    """One feature to be rendered.

    Attributes:
        place: A scratch folder that does not exist yet.
        url: The template.
        version: Its version.
        answers: The brief's answers.
        host: Where the feature will go.
        like: The plan folders that stand there and are called like it, but for hyphens, which a template may refuse.
        trust: Whether the template's code may run although Copier's settings do not name it.
        runs_tasks: Whether its tasks run, too.
        asks: Whether a person at the terminal is asked what the answers leave open.
        tells: Whether what the template says at the end is wanted.
    """

    place: Path
    url: str
    version: str
    answers: Mapping[str, Any]
    host: Host
    trust: bool
    runs_tasks: bool = True
    like: tuple[str, ...] = ()
    asks: bool = False
    tells: bool = False


@dataclass(frozen=True)
class UpdateTask:
    """One feature to be updated.

    Attributes:
        place: A scratch folder that does not exist yet.
        slug: The feature.
        since: The version that it has.
        version: The version to go to.
        url: The address that its template has from now on; empty where it keeps its own.
        answers: Answers that are to change.
        dropped: Stored answers that are to be forgotten, so that the template's own defaults count.
        indexed: The files of its plan folder that git tracks, by path.
        settings: What the template says about files; none where the update takes Copier itself.
        host: Where it lives.
        trust: Whether the template's code may run although Copier's settings do not name it.
    """

    place: Path
    slug: str
    since: str
    version: str
    url: str
    answers: Mapping[str, Any]
    dropped: frozenset[str]
    indexed: Mapping[str, Indexed]
    settings: Settings | None
    host: Host
    trust: bool

    @property
    def answers_file(self) -> str:
        """The feature's answers file."""
        return f"{PLAN_ROOT}/{self.slug}/{ANSWERS_NAME}"


@dataclass(frozen=True)
class Rendered:
    """A rendered feature.

    Attributes:
        root: The folder that it was rendered into.
        slug: Its slug.
        files: Its files, relative to that folder.
        notes: What the template says at the end, line by line.
    """

    root: Path
    slug: str
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One of the versions of a path in conflict, as git's index keeps them.

    Attributes:
        path: The path.
        mode: Its mode, as git writes it.
        number: 1 for the common ancestor, 2 for the person's version, 3 for the template's.
        content: The file that holds its content.
    """

    path: str
    mode: str
    number: int
    content: Path


@dataclass(frozen=True)
class Updated:
    """An updated feature.

    Attributes:
        root: The folder that holds what was written.
        slug: Its slug.
        written: Files that are new or different, relative paths.
        deleted: Files that are gone.
        stages: The versions of paths in conflict.
        notes: What a person may want to know, line by line.
    """

    root: Path
    slug: str
    written: tuple[str, ...]
    deleted: tuple[str, ...]
    stages: tuple[Stage, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    """Why a run of Copier gave nothing."""

    reason: str


def copy_feature(task: CopyTask) -> Rendered | Failed:
    """Render a feature as `copier copy` would."""
    top = task.place / task.host.top.name
    root = top / task.host.prefix
    given = _mirror_host(task.host, root)
    _mirror_above(task.host, top)
    for name in task.like:
        (root / PLAN_ROOT / name).mkdir(parents=True, exist_ok=True)

    def run() -> Rendered:
        import copier  # noqa: PLC0415

        said = Said()
        # A person who is asked needs the terminal; Copier says what it says on standard error.
        with redirect_stderr(said), nullcontext() if task.asks else redirect_stdout(Said()):
            copier.run_copy(
                task.url,
                root,
                data=dict(task.answers),
                vcs_ref=task.version,
                defaults=not task.asks,
                unsafe=task.trust,
                skip_tasks=not task.runs_tasks,
                quiet=not task.tells,
            )
        files = tuple(path for path in _files(root) if path not in given)
        stored = next(path for path in files if path.endswith(f"/{ANSWERS_NAME}"))
        return Rendered(root, Path(stored).parent.name, files, said.last_words())

    return _attempt(run)


def update_feature(task: UpdateTask) -> Updated | Failed:
    """Update a feature as `copier update` would."""

    def run() -> Updated:
        task.place.mkdir(parents=True)
        with heard_in(task.place / "said") as said:
            updated = _update_by_renderings(task, task.settings) if task.settings else _update_by_copier(task)
        return replace(updated, notes=(*said.read_text("utf-8", "replace").splitlines(), *updated.notes))

    return _attempt(run)


def _update_by_renderings(task: UpdateTask, settings: Settings) -> Updated:
    name = task.host.root.name
    old, new, root = task.place / "old" / name, task.place / "new" / name, task.place / "merged"
    _copy_answers(task, old)
    recopy(old, task.answers_file, task.since, {}, settings.exclude, trust=task.trust)
    _mirror_host(task.host, new)
    _copy_answers(task, new, task.dropped)
    # A template may ask which documents there are. What no rendering holds tells those that were not rendered.
    held = Version("100644", secrets.token_bytes(16))
    for path in task.indexed.keys() - {task.answers_file}:
        write_version(new / path, held)
    given = dict(read_tree(new))
    del given[task.answers_file]
    recopy(new, task.answers_file, task.version, task.answers, trust=task.trust)
    trees = Trees(old, new, given, task.host.root, task.indexed, settings.keep)
    updates = list(merge_trees(trees))
    for update in updates:
        if update.version and update.is_changed:
            write_version(root / update.path, update.version)
    stages = [
        Stage(update.path, side.mode, number, _written(task.place / f"stage-{count}-{number}", side))
        for count, update in enumerate(updates)
        for number, side in update.stages.items()
    ]
    return Updated(
        root,
        task.slug,
        written=tuple(update.path for update in updates if update.version and update.is_changed),
        deleted=tuple(update.path for update in updates if not update.version),
        stages=tuple(stages),
        notes=tuple(note for update in updates for note in update.notes),
    )


def _written(file: Path, version: Version) -> Path:
    file.write_bytes(version.content)
    return file


def _update_by_copier(task: UpdateTask) -> Updated:
    """Update a feature by Copier itself, in a git repository that holds nothing but its plan folder."""
    import copier  # noqa: PLC0415

    root = task.place / task.host.root.name
    _scratch_repository(task, root)
    before = dict(read_tree(root)) | {task.answers_file: read_version(task.host.root / task.answers_file)}
    copier.run_update(
        root,
        data=dict(task.answers),
        answers_file=task.answers_file,
        vcs_ref=task.version,
        defaults=True,
        overwrite=True,
        unsafe=task.trust,
        quiet=True,
    )
    after = dict(read_tree(root))
    return Updated(
        root,
        task.slug,
        written=tuple(path for path, version in after.items() if before.get(path) != version),
        deleted=tuple(path for path in before if path not in after),
        stages=tuple(_stages(root, task.place)),
        # Copier renders with all that is stored.
        notes=tuple(f"{name} stays as it is: its template does more than write files" for name in sorted(task.dropped)),
    )


def _stages(root: Path, folder: Path) -> Iterator[Stage]:
    for line in filter(None, git(root, "ls-files", "--unmerged", "-z").split("\0")):
        facts, _, path = line.partition("\t")
        mode, blob, number = facts.split(" ")
        content = folder / f"stage-{blob}"
        content.write_bytes(git_bytes(root, "cat-file", "blob", blob))
        yield Stage(path, mode, int(number), content)


def _attempt(run: Callable[[], Result]) -> Result | Failed:
    try:
        return run()
    except KeyboardInterrupt:  # Copier's own is an exception like others, too
        raise
    except Exception as error:  # whatever a template's own code raises ends this feature alone
        return Failed(_reason(error))


def _reason(error: Exception) -> str:
    from copier.errors import UnsafeTemplateError, UserMessageError  # noqa: PLC0415

    if isinstance(error, UnsafeTemplateError):
        return NOT_TRUSTED
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
        # What a link of the repository leads to is not here.
        _copy((host.root / path).resolve(), root / path)
    return set(host.files)


def _mirror_above(host: Host, top: Path) -> None:
    for path in host.above:
        _copy(host.top / path, top / path)
    if host.prefix:
        # Where a look upwards ends.
        (top / ".git").mkdir()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # A file that vanishes meanwhile was not there.
    with suppress(FileNotFoundError):
        shutil.copy2(source, target, follow_symlinks=False)


def _copy_answers(task: UpdateTask, root: Path, without: frozenset[str] = frozenset()) -> None:
    """Put the answers file where Copier looks for it, with the address that counts now, and without some answers."""
    file = root / task.answers_file
    _copy(task.host.root / task.answers_file, file)
    if task.url or without:
        stored = load_mapping(file.read_text("utf-8-sig")).values
        moved = {"_src_path": task.url} if task.url else {}
        kept = {name: answer for name, answer in stored.items() if name not in without} | moved
        file.write_text(yaml.safe_dump(kept, allow_unicode=True), "utf-8")


def _scratch_repository(task: UpdateTask, root: Path) -> None:
    _mirror_host(task.host, root)
    for path in (*_ATTRIBUTES, *task.indexed):
        _copy(task.host.root / path, root / path)
    _copy_answers(task, root)
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
