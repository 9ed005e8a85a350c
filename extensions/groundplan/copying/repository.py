"""The repository that holds the features: where it is, which features it has, what git says of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from groundplan.errors import UserError
from groundplan.git import NoRepositoryError, git, named_or
from groundplan.layout import ANSWERS_NAME, PLAN_ROOT
from groundplan.plan.files import UnreadableFileError, lies_inside, plan_slugs, read_text
from groundplan.projects import find_root
from groundplan.text.yaml_mapping import YamlMappingError, load_mapping


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
        head = list(takewhile(lambda line: not line[:1].isalpha(), self._text.splitlines()))
        stored = self._mapping("\n".join(head)) if any(line.startswith("_") for line in head) else {}
        return _word(stored.get("_src_path")), _word(stored.get("_commit"))

    @cached_property
    def answers(self) -> Mapping[str, Any]:
        """Everything that Copier stored.

        Raises:
            AnswersError: The file is not a YAML mapping.
        """
        return self._mapping(self._text)

    @cached_property
    def tree_paths(self) -> tuple[str, ...]:
        """The paths of the tree as it was made; none where there is no tree.

        Raises:
            AnswersError: The file is not a YAML mapping, or what it says of the tree is not a list of paths.
        """
        tree = self.answers.get("tree")
        paths = tree.get("paths", []) if isinstance(tree, dict) else [] if tree is None else None
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise AnswersError(f"{self.answers_file}: `tree` is not what the template stores. Restore it from git.")
        return tuple(paths)

    @cached_property
    def _text(self) -> str:
        try:
            return read_text(self.root, self.answers_file)
        except UnreadableFileError as error:
            raise AnswersError(str(error)) from error

    def _mapping(self, text: str) -> Mapping[str, Any]:
        try:
            return load_mapping(text).values
        except YamlMappingError as error:
            message = f"{self.answers_file}:{error.line} is {error.message}. Restore it from git."
            raise AnswersError(message) from error


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


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
    """A folder that holds features, most often all or a part of a git repository.

    Attributes:
        root: The folder that holds `docs/plan_docs`.
        state: Where runs keep what the next one must know: in git's own folder, or in the user's where there is none.
        is_git: Whether git tracks it.
        prefix: The root's path in the git repository, with `/` at its end; empty at its top.
    """

    root: Path
    state: Path
    is_git: bool
    prefix: str = ""

    @property
    def runs(self) -> Path:
        """Where the runs in this root keep their journals: two roots of one repository share a lock, but no run."""
        return self.state / _digest(self.prefix) if self.prefix else self.state

    def features(self) -> list[Feature]:
        """List the features that are complete, by slug; a folder that leads out of the repository holds none of its."""
        stored = sorted((self.root / PLAN_ROOT).glob(f"*/{ANSWERS_NAME}"))
        features = [Feature(path.parent.name, self.root) for path in stored]
        return [feature for feature in features if lies_inside(self.root, feature.plan_dir)]

    def feature(self, slug: str) -> Feature:
        """Find a feature.

        Raises:
            RepositoryError: There is no feature of that slug.
        """
        feature = Feature(slug, self.root)
        # Some systems find a file by another case of its name, too, which git does not.
        is_there = (self.root / feature.answers_file).exists() and slug in os.listdir(self.root / PLAN_ROOT)  # noqa: PTH208
        if is_there and lies_inside(self.root, feature.plan_dir):
            return feature
        if slug in plan_slugs(self.root):
            if not lies_inside(self.root, f"{PLAN_ROOT}/{slug}"):
                raise RepositoryError(f"{PLAN_ROOT}/{slug} is a link that leads out of the repository.")
            raise RepositoryError(
                f"{PLAN_ROOT}/{slug} has no {ANSWERS_NAME}, so Copier knows nothing of it. Restore it from git."
            )
        known = ", ".join(feature.slug for feature in self.features()) or "none yet"
        raise RepositoryError(f"There is no feature “{slug}” here. The features are: {known}.")

    def changed(self, folders: Iterable[str]) -> dict[str, list[str]]:
        """Return what is not committed below some folders, untracked files too.

        Args:
            folders: Paths relative to the root.

        Returns:
            For each folder that has any, the paths that differ from the last commit.
        """
        places = self._places(folders)
        output = self._git_at("status", "--porcelain", "--untracked-files=all", "--no-renames", places=places)
        return _by_folder(places, (entry[3:].removeprefix(self.prefix) for entry in output))

    def unmerged(self, folders: Iterable[str]) -> dict[str, list[str]]:
        """Return what an update or a merge left in conflict below some folders.

        Args:
            folders: Paths relative to the root.

        Returns:
            For each folder that has any, the paths with several stages in the index.
        """
        places = self._places(folders)
        # A path has an entry for each of its stages.
        output = self._git_at("ls-files", "--unmerged", places=places)
        return _by_folder(places, dict.fromkeys(entry.partition("\t")[2] for entry in output))

    def indexed(self, places: Iterable[str]) -> dict[str, Indexed]:
        """Return the files that git tracks at or below some places, by path relative to the root."""
        named = self._places(places)
        entries = (line.partition("\t") for line in self._git_at("ls-files", "--stage", places=named))
        found = {path: Indexed(*facts.split(" ")[:2]) for facts, _, path in entries}
        above = {path: place for path in found if (place := _place_of(path, named))}
        return {f"{named[place]}{path.removeprefix(place)}": found[path] for path, place in above.items()}

    def write_index(self, lines: Iterable[str]) -> None:
        """Put entries into git's index, unless it has them already.

        Args:
            lines: As `git update-index --index-info` reads them, but with paths relative to the root.
        """
        entries = [(facts, self._place(path)) for facts, _, path in (line.partition("\t") for line in lines)]
        wanted = {f"{facts}\t{path}" for facts, path in entries if not facts.startswith("0 ")}
        there = self._git_at("ls-files", "--stage", places={path: path for _, path in entries})
        # To look takes no lock, so that what was not written is taken back while somebody else holds the index.
        if set(there) != wanted:
            text = "".join(f"{facts}\t{self.prefix}{path}\0" for facts, path in entries)
            git(self.root, "update-index", "-z", "--index-info", text=text)

    def _git_at(self, *arguments: str, places: Mapping[str, str]) -> list[str]:
        """Ask git about places, which it is never asked without any, since that would mean everywhere."""
        if not places:
            return []
        asked = named_or(places, os.path.commonpath(places) or ".")
        return list(filter(None, git(self.root, *arguments, "-z", "--", *asked).split("\0")))

    def _places(self, paths: Iterable[str]) -> dict[str, str]:
        """Return where paths really are, each with the name that it was given: git sees nothing through a link."""
        return {self._place(path): path for path in paths}

    def _place(self, path: str) -> str:
        # What is itself a link git does know.
        folder = os.path.relpath(os.path.realpath(self.root / Path(path).parent), os.path.realpath(self.root))
        return (Path(folder) / Path(path).name).as_posix()

    def ignored(self, paths: Iterable[str]) -> set[str]:
        """Return the new files that git would not see, because a rule of the repository or of the person ignores them.

        Args:
            paths: Paths relative to the root.
        """
        if not self.is_git:
            return set()
        # It exits with 1 where it finds none (git-check-ignore(1), exit status).
        places = self._places(paths)
        output = git(self.root, "check-ignore", "-z", "--stdin", text="\0".join(places), fine=(0, 1))
        return {places[path] for path in output.split("\0") if path}

    def path_problems(self, paths: Iterable[str]) -> Iterator[str]:
        """Return which new files cannot take their place: something is there, or the way leads out of the repository.

        Args:
            paths: Paths relative to the root.
        """
        top = self.root.resolve()
        for path in paths:
            target = self.root / path
            if ".git" in Path(path.lower()).parts:
                yield f"{path} would lie in git's own folder."
            elif os.path.lexists(target):
                yield f"{path} is in the way. Move it, or choose another name."
            elif not target.parent.resolve().is_relative_to(top):
                yield f"{path} would lie outside the repository: a folder above it is a link."
            elif blocked := next((folder for folder in target.parents if folder.is_file()), None):
                yield f"{blocked.relative_to(self.root)} is in the way: {path} needs a folder there."


def _digest(path: str) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


def _by_folder(places: Mapping[str, str], paths: Iterable[str]) -> dict[str, list[str]]:
    """Put paths to the folders that they lie below, by the names that were given; folders without any are left out."""
    found: dict[str, list[str]] = {}
    for path in paths:
        place = _place_of(path, places)
        if place:
            found.setdefault(places[place], []).append(f"{places[place]}{path.removeprefix(place)}")
    return found


def _place_of(path: str, places: Container[str]) -> str:
    """Return the place that a path is or lies below; empty where there is none."""
    return next((place for place in (path, *(above.as_posix() for above in Path(path).parents)) if place in places), "")


def find_repository(folder: Path | str) -> Repository:
    """Find the repository that a folder belongs to.

    Args:
        folder: Any folder in it; see `find_root`.

    Raises:
        RepositoryError: There is no such folder.
        GitError: git refuses the repository, or is missing.
    """
    place = Path(folder).absolute()
    if not place.is_dir():
        raise RepositoryError(f"{place} is not a folder.")
    root = find_root(place)
    try:
        output = git(root, "rev-parse", "--show-prefix", "--git-path", "groundplan")
    except NoRepositoryError:
        state = user_state_path("groundplan", appauthor=False) / _digest(os.path.realpath(root))
        return Repository(root, state, is_git=False)
    prefix, _, place_of_state = output.removesuffix("\n").rpartition("\n")
    return Repository(root, Path(os.path.realpath(root / place_of_state)), is_git=True, prefix=prefix)
