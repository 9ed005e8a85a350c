"""What git has of a plan: what is published must exist for others, too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from groundplan.errors import UserError
from groundplan.git import GitError, git, git_bytes
from groundplan.layout import PLAN_NAME, PLAN_ROOT
from groundplan.plan.files import read_bytes
from groundplan.plan.stage import FRONT_MATTER

_ISSUE = re.compile(r"^issue:.*\r?\n", re.MULTILINE)
_TICKET = re.compile(r"^ticket:.*\r?\n", re.MULTILINE)


class CommittedError(UserError):
    """git does not have what is needed of a plan; the message says how to get it."""

    status = 1


@dataclass(frozen=True, slots=True)
class Committed:
    """A plan that git has.

    Attributes:
        path: The plan, relative to the folder that holds `docs/plan_docs`.
        commit: The commit that changed it last.
        blob: Its git blob.
        text: The file as it stands, line ends and all.
        issue: The issue's address in its front matter; empty where there is none.
    """

    path: str
    commit: str
    blob: str
    text: str
    issue: str

    @property
    def text_of_plan(self) -> str:
        """The text with line feeds as line ends, as it is merged and published."""
        return self.text.replace("\r\n", "\n")

    def with_plan(self, text: str) -> bytes:
        """Return another text with the line ends that the file has."""
        return (text.replace("\n", "\r\n") if "\r\n" in self.text else text).encode()


def committed_plan(root: Path, slug: str) -> Committed:
    """Find out what git has of a plan.

    Args:
        root: The folder that holds `docs/plan_docs`.
        slug: The plan folder's name.

    Raises:
        CommittedError: It is not committed, or has changed since; the line `issue:` alone may be new.
        UnreadableFileError: It cannot be read.
    """
    path = f"{PLAN_ROOT}/{slug}/{PLAN_NAME}"
    text = read_bytes(root, path).decode("utf-8", "replace")
    try:
        blob = git(root, "rev-parse", "--verify", "--quiet", f"HEAD:./{path}").strip()
        known = git_bytes(root, "cat-file", "blob", blob).decode("utf-8", "replace")
        commit = git(root, "log", "-1", "--format=%H", "--", path).strip()
    except GitError as error:
        raise CommittedError(f"{path} is not committed. Commit and push it: an issue links to it.") from error
    if _without_issue(text) != _without_issue(known):
        raise CommittedError(f"{path} has changes that are not committed. Commit and push them: an issue links to it.")
    matter = FRONT_MATTER.match(text)
    issue = re.search(r"^issue:[ \t]*[\"']?([^\"'\r\n]*?)[\"']?[ \t]*\r?$", matter[1] if matter else "", re.MULTILINE)
    return Committed(path, commit, blob, text, issue[1] if issue else "")


def require_pushed(root: Path, commit: str, remote: str) -> None:
    """Refuse a commit that no branch of a remote has, as far as is known here.

    Args:
        root: The folder that holds `docs/plan_docs`.
        commit: The commit.
        remote: The remote; any where it is empty.

    Raises:
        CommittedError: It is not there.
    """
    if not git(root, "for-each-ref", "--count=1", "--contains", commit, f"refs/remotes/{remote}").strip():
        raise CommittedError("It is not pushed yet: git push, then publish.")


def text_of_blob(root: Path, blob: str) -> str:
    """Return a text that git has, with line feeds as line ends.

    Args:
        root: The repository.
        blob: The text's object name.

    Raises:
        CommittedError: git has it no more, or does not have it here.
    """
    try:
        return git_bytes(root, "cat-file", "blob", blob).decode("utf-8", "replace").replace("\r\n", "\n")
    except GitError as error:
        raise CommittedError(
            f"git does not have the version that was published ({blob[:12]}). In a shallow clone: "
            "git fetch --unshallow. Otherwise fetch the branch that it was published from."
        ) from error


def with_issue(text: str, address: str) -> bytes:
    """Return a plan that names its issue in the front matter; all else stays byte for byte.

    Args:
        text: The plan.
        address: The issue's page.
    """
    matter = FRONT_MATTER.match(text)
    if not matter:
        return text.encode()
    end = "\r\n" if "\r\n" in matter[0] else "\n"
    line = f'issue: "{address}"{end}'
    head = matter[1]
    if _ISSUE.search(head):
        head = _ISSUE.sub(lambda _: line, head, count=1)
    elif ticket := _TICKET.search(head):
        head = head[: ticket.end()] + line + head[ticket.end() :]
    else:
        head = line + head
    return (text[: matter.start(1)] + head + text[matter.end(1) :]).encode()


def _without_issue(text: str) -> str:
    text = text.replace("\r\n", "\n")
    matter = FRONT_MATTER.match(text)
    return text[: matter.start(1)] + _ISSUE.sub("", matter[1], count=1) + text[matter.end(1) :] if matter else text
