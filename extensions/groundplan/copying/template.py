"""Where a template comes from: its address, its versions, and a copy that a run can read without the network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import InvalidVersion, Version

from groundplan.errors import UserError
from groundplan.git import GitError, GitMissingError, git

WORKING_TREE = "HEAD"
# What Copier takes for an address of git (https://copier.readthedocs.io/en/stable/generating/).
_ADDRESS = re.compile(r"(?:gh:|gl:|git@|git://|git\+|https://git(?:hub|lab)\.com/).*|.*\.git")


class TemplateError(UserError):
    """A template that cannot be used; the message says why and what to do."""

    status = 1


@dataclass(frozen=True)
class TemplateSource:
    """A template's address.

    Attributes:
        url: As Copier stores it with a feature.
        origin: What git is asked for it.
        is_local: Whether it is a folder on this machine.
    """

    url: str
    origin: str
    is_local: bool

    def newest(self) -> str:
        """Name the version that Copier takes when none is asked for: the newest tag that is not a pre-release.

        Returns:
            A tag, or `HEAD` where there is none
            (https://copier.readthedocs.io/en/stable/generating/#templates-versions).

        Raises:
            TemplateError: The template cannot be reached.
        """
        output = _ask(self, Path.cwd(), "ls-remote", "--tags", "--refs", "--", self.origin)
        tags = [line.partition("refs/tags/")[2] for line in output.splitlines()]
        versions = {tag: version for tag in tags if (version := _version(tag)) and not version.is_prerelease}
        return max(versions, key=versions.__getitem__, default=WORKING_TREE)

    def fetch(self, folder: Path) -> LocalTemplate:
        """Bring the template's history onto this machine, once for a whole run.

        Args:
            folder: Where to put it; not used for a template that is here already.

        Raises:
            TemplateError: The template cannot be reached.
        """
        if self.is_local:
            return LocalTemplate(self, Path(self.origin))
        mirror = folder / "template.git"
        _ask(self, folder, "clone", "--quiet", "--mirror", "--", self.origin, str(mirror))
        return LocalTemplate(self, mirror)


@dataclass(frozen=True)
class LocalTemplate:
    """A template whose whole history is on this machine.

    Attributes:
        source: Where it comes from.
        path: A git repository.
    """

    source: TemplateSource
    path: Path
    # What git said already: it stays the same for a run.
    _commits: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _told: dict[tuple[str, ...], str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def describe(self, version: str) -> str:
        """Name a version as Copier stores it.

        Raises:
            TemplateError: There is no such version.
        """
        return self._git("describe", "--tags", "--always", f"{self._commit(version)}").strip()

    def tree(self, version: str) -> str:
        """Name the content of a version, as git does: the same name stands for the same files.

        Raises:
            TemplateError: There is no such version.
        """
        return self._git("rev-parse", f"{self._commit(version)}^{{tree}}").strip()

    def questionnaire(self, version: str) -> str:
        """Read a version's `copier.yml`.

        Raises:
            TemplateError: There is no such version, or it is no template of Copier.
        """
        if version == WORKING_TREE and (self.path / "copier.yml").is_file():
            # Copier takes what is not committed yet, too.
            return (self.path / "copier.yml").read_text("utf-8")
        return self._git("show", f"{self._commit(version)}:copier.yml")

    def mentions(self, version: str, word: str) -> bool:
        """Return whether a word stands in a version's files, this pack's own code aside, which a template may bring.

        Raises:
            TemplateError: There is no such version.
        """
        is_here = version == WORKING_TREE and (self.path / "copier.yml").is_file()
        # Copier takes what is not committed yet, too.
        where = ["--untracked"] if is_here else [self._commit(version)]
        words = ["-l", "-I", "-F", "-e", word, *where, "--", ":(top,exclude)extensions/groundplan"]
        return bool(git(self.path, "grep", *words, fine=(0, 1)))

    def git_config(self) -> Mapping[str, str]:
        """Return the settings with which git takes this copy for the original.

        Copier asks for the original with every render, which would be a hundred connections for a hundred features.
        Git's own `url.<base>.insteadOf` answers them from here, and the address that is stored stays the original's.
        """
        return {} if self.source.is_local else {f"url.{self.path}.insteadOf": self.source.origin}

    def _commit(self, version: str) -> str:
        if version not in self._commits:
            self._commits[version] = self._find_commit(version)
        return self._commits[version]

    def _find_commit(self, version: str) -> str:
        # A branch that was only fetched is known by its remote name, as `git checkout` would find it.
        for name in (version, f"refs/remotes/origin/{version}"):
            try:
                return git(
                    self.path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
                ).strip()
            except GitError:
                continue
        raise TemplateError(f"The template {self.source.url} has no version “{version}”.")

    def _git(self, *arguments: str) -> str:
        if arguments not in self._told:
            self._told[arguments] = _ask(self.source, self.path, *arguments)
        return self._told[arguments]


def find_template(url: str) -> TemplateSource:
    """Find out what an address means, as Copier does.

    Args:
        url: What a person typed or an answers file holds: a path, an address of git, or `gh:owner/name`.

    Returns:
        The template; a relative path becomes absolute, since a stored one could not be found again.

    Raises:
        TemplateError: It is a folder without git, whose features could never be updated, or nothing that Copier knows.
    """
    path = Path(url).expanduser()
    if not path.exists():
        if not _ADDRESS.fullmatch(url):
            raise TemplateError(f"There is no folder {url}, and Copier takes an address for git's if it ends in .git.")
        return TemplateSource(url, _expanded(url), is_local=False)
    place = path.resolve()
    if place.is_dir() and not (place / ".git").exists() and not (place / "HEAD").exists():
        raise TemplateError(f"{place} is not a git repository. Commit the template there and tag it.")
    return TemplateSource(url if path.is_absolute() else str(place), str(place), is_local=place.is_dir())


def trusted_by_name() -> frozenset[str]:
    """Return the addresses that the user's settings of Copier trust.

    Raises:
        TemplateError: The settings cannot be read.
    """
    from copier import load_settings  # noqa: PLC0415 - takes half a second
    from copier.errors import SettingsError  # noqa: PLC0415

    try:
        return frozenset(load_settings().trust)
    except SettingsError as error:
        raise TemplateError(f"Copier's settings cannot be read: {' '.join(str(error).split())}") from error


def _expanded(url: str) -> str:
    """Write out Copier's short forms (https://copier.readthedocs.io/en/stable/generating/)."""
    for short, host in (("gh:", "https://github.com/"), ("gl:", "https://gitlab.com/")):
        if url.startswith(short):
            url = host + url.removeprefix(short).lstrip("/")
    url = url.removeprefix("git+")
    needs_suffix = re.match(r"https://(github|gitlab)\.com/", url) and not url.endswith(".git")
    return f"{url}.git" if needs_suffix else url


def _version(tag: str) -> Version | None:
    try:
        return Version(tag)
    except InvalidVersion:
        return None


def _ask(template: TemplateSource, folder: Path, *arguments: str) -> str:
    try:
        return git(folder, *arguments)
    except GitMissingError:
        raise
    except GitError as error:
        raise TemplateError(
            f"The template {template.url} cannot be read: {str(error).removeprefix('git: ')}"
        ) from error
