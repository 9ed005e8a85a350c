"""The repository that holds the features: where it is, which features it has, what git says of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from groundplan.errors import UserError, told
from groundplan.git import NoRepositoryError, git
from groundplan.layout import ANSWERS_NAME, PLAN_ROOT

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class RepositoryError(UserError):
    """A repository that cannot be worked in; the message says why and what to do."""


class AnswersError(RepositoryError):
    """An answers file that cannot be read."""

    status = 1


@dataclass(frozen=True)
class Feature:
    """A feature that a repository has.

    Attributes:
        slug: Its slug.
        root: The repository.
    """

    slug: str
    root: Path

    @property
    def plan_dir(self) -> str:
        """The plan folder, relative to the repository."""
        return f"{PLAN_ROOT}/{self.slug}"

    @property
    def answers_file(self) -> str:
        """The answers file, relative to the repository."""
        return f"{self.plan_dir}/{ANSWERS_NAME}"

    @cached_property
    def source(self) -> tuple[str, str]:
        """The template's address and its version, as Copier stored them; empty where it stored none."""
        # Copier sorts the keys, so both stand above the answers: no need to read those.
        head = []
        for line in self._text.splitlines():
            if line[:1].isalpha():
                break
            head.append(line)
        stored = self._mapping("\n".join(head))
        return str(stored.get("_src_path", "")), str(stored.get("_commit", ""))

    @cached_property
    def answers(self) -> Mapping[str, Any]:
        """Everything that Copier stored.

        Raises:
            AnswersError: The file is no YAML mapping.
        """
        return self._mapping(self._text)

    @cached_property
    def _text(self) -> str:
        try:
            return (self.root / self.answers_file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise AnswersError(f"{self.answers_file} cannot be read: {told(error)}") from error

    def _mapping(self, text: str) -> Mapping[str, Any]:
        try:
            stored = yaml.load(text, _LOADER) or {}  # noqa: S506 - a safe loader
        except (yaml.YAMLError, ValueError) as error:
            raise AnswersError(f"{self.answers_file} is no YAML: {' '.join(str(error).split())}") from error
        if not isinstance(stored, dict):
            raise AnswersError(f"{self.answers_file} is no mapping of answers. Take it back from git.")
        return stored


@dataclass(frozen=True)
class Indexed:
    """A file as git's index has it.

    Attributes:
        mode: Its mode, as git writes it.
        blob: The name of its content.
    """

    mode: str
    blob: str


@dataclass(frozen=True)
class Repository:
    """A folder that holds features, most often a git repository.

    Attributes:
        root: Its top.
        state: Where runs keep what the next one must know; never among the files that git tracks.
        is_git: Whether git tracks it.
    """

    root: Path
    state: Path
    is_git: bool

    def features(self) -> list[Feature]:
        """List the features that are complete, by slug."""
        stored = sorted((self.root / PLAN_ROOT).glob(f"*/{ANSWERS_NAME}"))
        return [Feature(path.parent.name, self.root) for path in stored]

    def feature(self, slug: str) -> Feature:
        """Find a feature.

        Raises:
            RepositoryError: There is none of that slug.
        """
        for feature in self.features():
            if feature.slug == slug:
                return feature
        if (self.root / PLAN_ROOT / slug).is_dir() and slug:
            raise RepositoryError(
                f"{PLAN_ROOT}/{slug} has no {ANSWERS_NAME}, so Copier knows nothing of it. Take it back from git."
            )
        known = ", ".join(feature.slug for feature in self.features()) or "none yet"
        raise RepositoryError(f"There is no feature “{slug}” here. The features are: {known}.")

    def changed(self, folders: Iterable[str]) -> dict[str, list[str]]:
        """Say what is not committed below some folders, untracked files too.

        Args:
            folders: Paths relative to the root.

        Returns:
            For each folder that has any, the paths that differ from the last commit.
        """
        places = list(folders)
        output = git(self.root, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", *places)
        return _by_folder(places, (entry[3:] for entry in filter(None, output.split("\0"))))

    def unmerged(self, folders: Iterable[str]) -> dict[str, list[str]]:
        """Say what an update or a merge left in conflict below some folders.

        Args:
            folders: Paths relative to the root.

        Returns:
            For each folder that has any, the paths with several stages in the index.
        """
        places = list(folders)
        output = git(self.root, "ls-files", "--unmerged", "-z", "--", *places) if places else ""
        # A path has an entry for each of its stages.
        return _by_folder(places, dict.fromkeys(entry.partition("\t")[2] for entry in filter(None, output.split("\0"))))

    def indexed(self, folders: Iterable[str]) -> dict[str, Indexed]:
        """Return the files that git tracks below some folders, by path relative to the root."""
        listed = git(self.root, "ls-files", "--stage", "-z", "--", *folders).split("\0")
        entries = (line.partition("\t") for line in listed if line)
        return {path: Indexed(*facts.split(" ")[:2]) for facts, _, path in entries}

    def ignored(self, paths: Iterable[str]) -> set[str]:
        """Say which new files git would not see, because a rule of the repository or of the person ignores them.

        Args:
            paths: Paths relative to the root.
        """
        if not self.is_git:
            return set()
        # It exits with 1 where it finds none (git-check-ignore(1), exit status).
        output = git(self.root, "check-ignore", "-z", "--stdin", text="\0".join(paths), fine=(0, 1))
        return set(filter(None, output.split("\0")))

    def path_problems(self, paths: Iterable[str]) -> Iterator[str]:
        """Say which new files cannot take their place: something is there, or the way leads out of the repository.

        Args:
            paths: Paths relative to the root.
        """
        top = self.root.resolve()
        for path in paths:
            target = self.root / path
            if os.path.lexists(target):
                yield f"{path} is in the way. Move it, or choose another name."
            elif not target.parent.resolve().is_relative_to(top):
                yield f"{path} would lie outside the repository: a folder above it is a link."
            elif blocked := next((folder for folder in target.parents if folder.is_file()), None):
                yield f"{blocked.relative_to(self.root)} is in the way: {path} needs a folder there."


def _by_folder(folders: Sequence[str], paths: Iterable[str]) -> dict[str, list[str]]:
    """Put paths to the folders that they lie below; folders without any are left out."""
    found: dict[str, list[str]] = {}
    for path in paths:
        for folder in folders:
            if path.startswith(f"{folder}/"):
                found.setdefault(folder, []).append(path)
    return found


def find_repository(folder: Path | str) -> Repository:
    """Find the repository that a folder belongs to, as git does.

    Args:
        folder: Any folder in it; one without git is taken for its own root.

    Raises:
        RepositoryError: There is no such folder.
    """
    place = Path(folder).absolute()
    if not place.is_dir():
        raise RepositoryError(f"{place} is no folder.")
    try:
        output = git(place, "rev-parse", "--show-toplevel", "--git-path", "groundplan")
    except NoRepositoryError:
        return Repository(place, place / PLAN_ROOT / ".groundplan", is_git=False)
    top, state = output.splitlines()
    return Repository(Path(top), (place / state).resolve(), is_git=True)
