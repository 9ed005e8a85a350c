"""Which forge a repository's issues are on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from plumbum import CommandNotFound, local

from groundplan.errors import UserError
from groundplan.git import git
from groundplan.tracker.forge import Forge

# https://host/owner/name, ssh://git@host:22/owner/name, git@host:owner/name.
_ADDRESS = re.compile(
    r"(?:[a-z+]+://(?:[^@/]*@)?(?P<host>[^/:]+(?::\d+)?)/|(?:[^@/]+@)?(?P<scp>[^/:]+):(?!//))(?P<path>.+?)(?:\.git)?/?"
)
_NAMED = re.compile(r"(?:(?P<host>[^/:@]+\.[^/:@]+(?::\d+)?)/)?(?P<path>[^/:@]+(?:/[^/:@]+)+)")


class RemoteError(UserError):
    """Nobody can say where the issues are; the message says why and what to do."""


class Place(NamedTuple):
    """Where a repository's issues are.

    Attributes:
        host: The forge.
        path: Owner and name, or groups and project.
        remote: The remote that it was read from; empty where somebody named it.
    """

    host: str
    path: str
    remote: str


def find_place(root: Path, named: str = "") -> Place:
    """Find out where a repository's issues are.

    Args:
        root: A folder of the repository.
        named: What somebody named: `OWNER/NAME`, `HOST/OWNER/NAME` or an address.

    Raises:
        RemoteError: There is no remote, or none of several is `origin`, or its address leads to no forge.
        GitError: There is no repository.
    """
    remotes = git(root, "remote").split()
    if not named:
        return _of(root, remotes)
    if found := _NAMED.fullmatch(named):
        host = found["host"] or (_of(root, remotes).host if remotes else "github.com")
        return Place(host, found["path"], "")
    if found := _ADDRESS.fullmatch(named):
        return Place(found["host"] or found["scp"], found["path"], "")
    raise RemoteError(f"--repo takes OWNER/NAME or HOST/OWNER/NAME, not {named!r}.")


def _of(root: Path, remotes: list[str]) -> Place:
    if not remotes:
        raise RemoteError("There is no remote that tells where the issues are: --repo OWNER/NAME.")
    if len(remotes) > 1 and "origin" not in remotes:
        raise RemoteError(f"There are several remotes ({', '.join(remotes)}) and none is origin: --repo OWNER/NAME.")
    remote = "origin" if "origin" in remotes else remotes[0]
    address = git(root, "remote", "get-url", remote).strip()
    if not (found := _ADDRESS.fullmatch(address)) or Path(address).exists():
        raise RemoteError(f"The remote {remote} ({address}) is on no forge: --repo HOST/OWNER/NAME.")
    host = found["host"] or found["scp"]
    if address.startswith("ssh://"):
        # The port is ssh's, not the forge's.
        host = host.partition(":")[0]
    return Place(host, found["path"], remote)


def connect(place: Place, tell: Callable[[str], None]) -> Forge:
    """Return the forge at a place.

    Args:
        place: Where the issues are.
        tell: Hears why a call takes a while.

    Raises:
        RemoteError: It is neither a GitHub nor a GitLab.
        LoginError: Nobody is logged in there.
    """
    # Each brings what the other does not need.
    from groundplan.tracker.github import GitHub  # noqa: PLC0415
    from groundplan.tracker.gitlab import GitLab, known_host  # noqa: PLC0415

    if "github" in place.host:
        return GitHub(place.host, place.path, tell)
    if "gitlab" in place.host or known_host() == place.host:
        return GitLab(place.host, place.path, tell)
    if _is_known_to_gh(place.host):
        return GitHub(place.host, place.path, tell)
    raise RemoteError(
        f"{place.host} is neither a GitHub that gh is logged in to nor a GitLab that python-gitlab is set up for. "
        f"gh auth login --hostname {place.host}, or name another place: --repo HOST/OWNER/NAME."
    )


def _is_known_to_gh(host: str) -> bool:
    try:
        return bool(local["gh"]["auth", "token", "--hostname", host].run(retcode=None)[0] == 0)
    except CommandNotFound:
        return False
