"""The one way in which the pack runs git: alike on every machine, whoever starts it and whatever they have set.

A hook, an alias and `pre-commit` hand down variables that point at their own repository, and people have settings that
change what git prints and does. Neither reaches the git that runs here.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from plumbum import CommandNotFound, local

from groundplan.environment import variables_set
from groundplan.errors import UserError

# More paths do not fit on every system's command line.
MOST_PLACES = 100
# `git rev-parse --local-env-vars`, but for the two that carry settings: git keeps those, too, when it enters another
# repository (git's environment.c and run-command.c, `prepare_other_repo_env`).
_OF_A_REPOSITORY = """
    GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR GIT_CONFIG GIT_DIR GIT_GRAFT_FILE GIT_IMPLICIT_WORK_TREE
    GIT_INDEX_FILE GIT_INTERNAL_SUPER_PREFIX GIT_NO_REPLACE_OBJECTS GIT_OBJECT_DIRECTORY GIT_PREFIX
    GIT_REPLACE_REF_BASE GIT_SHALLOW_FILE GIT_WORK_TREE
""".split()
# What else changes what git reads, prints or writes (git(1), “Environment Variables”).
_OF_A_PERSON = """
    GIT_ATTR_SOURCE GIT_AUTHOR_DATE GIT_COMMITTER_DATE GIT_DEFAULT_HASH GIT_DIFF_OPTS GIT_EXTERNAL_DIFF
    GIT_GLOB_PATHSPECS GIT_ICASE_PATHSPECS GIT_LITERAL_PATHSPECS GIT_NAMESPACE GIT_NOGLOB_PATHSPECS GIT_QUARANTINE_PATH
    GIT_REFLOG_ACTION GIT_TEMPLATE_DIR
""".split()
# git-config(1); what decides how files are written, such as core.autocrlf, is the repository's and stays.
_SETTINGS = {
    "clone.defaultRemoteName": "origin",
    "color.ui": "false",
    "commit.gpgSign": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "diff.mnemonicPrefix": "false",
    "diff.noprefix": "false",
    "diff.relative": "false",
    "diff.renames": "true",
    "init.defaultBranch": "main",
    "init.templateDir": "",
    "log.follow": "false",
    "log.showSignature": "false",
    "maintenance.auto": "false",
    "status.branch": "false",
    "status.showStash": "false",
    "status.showUntrackedFiles": "normal",
    "status.submoduleSummary": "false",
    "submodule.recurse": "false",
    "tag.gpgSign": "false",
}
# What may use the network; for anything else git does not fetch what a partial clone lacks (git-clone(1), --filter).
_ASKS_REMOTES = frozenset({"clone", "ls-remote"})
_NO_REPOSITORY = re.compile(r"^fatal: not a git repository \(or any ", re.MULTILINE)
_REASON = re.compile(r"^(?:fatal|error): (.*)", re.MULTILINE)


class GitError(UserError):
    """git could not do it; the message is git's own last word.

    Attributes:
        returncode: git's exit status; None where it did not run at all.
    """

    status = 1

    def __init__(self, message: str, returncode: int | None = None) -> None:
        """Keep the exit status beside the message."""
        super().__init__(message)
        self.returncode = returncode


class GitMissingError(GitError):
    """There is no git on this machine."""


class NoRepositoryError(GitError):
    """A folder is in no git repository: the one answer of git's that means there is none."""


def named_or(places: Collection[str], above: str) -> list[str]:
    """Return how to ask git about places: by their names, or if they are many by what they all lie in.

    Systems limit how long a command line is. git tells of more then, which is for its reader to leave out.

    Args:
        places: The places.
        above: What they all lie in.
    """
    return sorted(places) if len(places) <= MOST_PLACES else [above]


def git(folder: Path, *arguments: str, text: str = "", fine: Container[int] = (0,)) -> str:
    """Run git in a folder.

    Args:
        folder: Where.
        arguments: What.
        text: What git reads from its standard input.
        fine: The exit statuses that are no failure.

    Returns:
        Its standard output. What is not UTF-8, such as a path, is kept as Python keeps it in paths.

    Raises:
        GitMissingError: There is no git.
        NoRepositoryError: The folder is in no repository.
        GitError: It failed otherwise.
    """
    return git_bytes(folder, *arguments, content=text.encode("utf-8", "surrogateescape"), fine=fine).decode(
        "utf-8", "surrogateescape"
    )


def git_bytes(folder: Path, *arguments: str, content: bytes = b"", fine: Container[int] = (0,)) -> bytes:
    """Run git as `git` does, for contents of files: bytes go in and come out."""
    with _failures(folder):
        done = subprocess.run(  # noqa: S603
            _command(arguments),
            input=content,
            capture_output=True,
            cwd=folder,
            env=_environment(arguments),
            check=False,
        )
    if done.returncode in fine:
        return done.stdout
    raise _error(done.stderr.decode("utf-8", "replace"), done.returncode, folder)


@contextmanager
def git_stream(folder: Path, *arguments: str, content: bytes) -> Iterator[IO[bytes]]:
    """Run git and read its standard output as it comes, for output that should not be in memory at once.

    Args:
        folder: Where.
        arguments: What.
        content: What git reads from its standard input.

    Yields:
        Its standard output.

    Raises:
        GitMissingError: There is no git.
        GitError: It failed, which is told once all is read.
    """
    # From a file: who writes into a pipe while git waits for its output to be read waits for ever.
    with TemporaryFile() as given, TemporaryFile() as said:
        given.write(content)
        given.seek(0)
        with _failures(folder):
            process = subprocess.Popen(  # noqa: S603
                _command(arguments),
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=said,
                cwd=folder,
                env=_environment(arguments),
            )
        with process:
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            yield process.stdout
        if process.returncode:
            said.seek(0)
            raise _error(said.read().decode("utf-8", "replace"), process.returncode, folder)


@contextmanager
def _failures(folder: Path) -> Iterator[None]:
    try:
        yield
    except CommandNotFound as error:
        raise GitMissingError("git is missing. Install it, or put it on the PATH.") from error
    except OSError as error:
        raise GitError(f"git cannot run in {folder}: {error.strerror}.") from error


def _command(arguments: Sequence[str]) -> list[str]:
    # plumbum looks for it on PATH alone; Windows itself would take one that lies in the working directory.
    return [str(local.which("git")), *_options(), *arguments]


def _options() -> Iterator[str]:
    for name, value in _SETTINGS.items():
        yield from ("-c", f"{name}={value}")


def _environment(arguments: Sequence[str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in (*_OF_A_REPOSITORY, *_OF_A_PERSON)}
    # Some of its words are read, so they must be English. To look is not a reason to hold the index's lock.
    alone = {} if arguments[0] in _ASKS_REMOTES else {"GIT_ALLOW_PROTOCOL": ""}
    return {**kept, **alone, "LC_ALL": "C", "LANGUAGE": "C", "GIT_OPTIONAL_LOCKS": "0"}


def _error(said: str, status: int, folder: Path) -> GitError:
    if _NO_REPOSITORY.search(said):
        return NoRepositoryError(f"{folder} is not in a git repository.", status)
    if "dubious ownership" in said:
        advice = f"If you trust it: git config --global --add safe.directory {_named_in(said) or folder}"
        return GitError(f"git refuses the repository of {folder}, since it belongs to somebody else. {advice}", status)
    if "from promisor remote" in said:
        return GitError("This partial clone lacks a part. Fetch the rest: git fetch --refetch --no-filter", status)
    reasons = _REASON.findall(said) or said.strip().splitlines() or [f"git exits with {status}"]
    return GitError(f"git: {' '.join(reasons[-1].split())}", status)


def _named_in(said: str) -> str:
    match = re.search(r"--add safe\.directory (.+)", said)
    return match[1].strip() if match else ""


@contextmanager
def plain_git(more: Mapping[str, str]) -> Iterator[None]:
    """Let the git that others start from this process, such as Copier, run as `git` does.

    Args:
        more: Further settings.
    """
    with variables_set(dict.fromkeys((*_OF_A_REPOSITORY, *_OF_A_PERSON)) | _as_variables({**_SETTINGS, **more})):
        yield


def _as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that add settings to those that others have set (git-config(1), GIT_CONFIG_COUNT)."""
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    count = int(given) if given.isdecimal() else 0
    variables = {"GIT_CONFIG_COUNT": str(count + len(settings))}
    for number, (name, value) in enumerate(settings.items(), start=count):
        variables |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return variables
