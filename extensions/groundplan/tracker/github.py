"""GitHub's REST calls, made by `gh api`: its login, its hosts and its proxies, and no token in our hands."""

from __future__ import annotations

import datetime
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from plumbum import CommandNotFound, local

from groundplan.tracker.forge import (
    ForgeError,
    ForgeMilestone,
    Issue,
    Limits,
    LoginError,
    NotThereError,
)

_PAGE = 100
# Longer than a person waits; GitHub's limits are hourly.
_PATIENCE = 900
_NOT_LOGGED_IN = 4
_BOARD = re.compile(r"https://[^/]+/(orgs|users)/([^/]+)/projects/(\d+)")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def message(self) -> str:
        """What GitHub says is wrong."""
        if not isinstance(self.body, dict):
            return ""
        details = [
            error.get("message") or f"{error.get('field')}: {error.get('code')}"
            if isinstance(error, dict)
            else str(error)
            for error in self.body.get("errors") or ()
        ]
        return " ".join([str(self.body.get("message", "")), *details]).strip()


class GitHub:
    """The issues of one repository on GitHub."""

    name = "GitHub"
    # https://docs.github.com/en/rest/issues; sub-issues count closed ones, too.
    limits = Limits(title=256, body=65_536, label=50, assignees=10, children=100)

    def __init__(self, host: str, repository: str, tell: Callable[[str], None]) -> None:
        """Take the repository's address.

        Args:
            host: Such as `github.com`.
            repository: Owner and name.
            tell: Hears why it takes a while.
        """
        self._host, self._repository, self._tell = host, repository, tell

    def file_url(self, commit: str, path: str) -> str:
        """Return the page of a file at a commit."""
        return f"https://{self._host}/{self._repository}/blob/{commit}/{quote(path)}"

    def issue_number(self, url: str) -> int | None:
        """Return the number of an issue of this repository by its page."""
        pattern = rf"https://{re.escape(self._host)}/{re.escape(self._repository)}/issues/(\d+)"
        found = re.fullmatch(pattern, url, re.IGNORECASE)
        return int(found[1]) if found else None

    def labels(self) -> set[str]:
        """Return the names of all labels."""
        return {label["name"] for label in self._pages("labels")}

    def create_label(self, name: str) -> None:
        """Make a label; GitHub chooses its colour."""
        self._call("POST", "labels", {"name": name})

    def milestones(self) -> list[ForgeMilestone]:
        """Return all milestones, closed ones too."""
        return [_milestone(data) for data in self._pages("milestones?state=all")]

    def create_milestone(self, title: str, due: datetime.date | None) -> ForgeMilestone:
        """Make a milestone."""
        return _milestone(self._call("POST", "milestones", {"title": title, **_due_on(due)}))

    def move_milestone(self, milestone: ForgeMilestone, due: datetime.date) -> None:
        """Move a milestone to another date."""
        self._call("PATCH", f"milestones/{milestone.id}", _due_on(due))

    def knows(self, handle: str) -> bool:
        """Return whether issues can be assigned to somebody."""
        try:
            self._call("GET", f"assignees/{quote(handle)}")
        except NotThereError:
            return False
        return True

    def issue(self, number: int) -> Issue:
        """Return an issue."""
        return _issue(self._call("GET", f"issues/{number}"))

    def issues_with(self, label: str) -> Iterator[Issue]:
        """Yield the issues that bear a label, or all own ones where it is empty."""
        query = f"labels={quote(label, safe='')}" if label else f"creator={quote(self._me())}"
        for data in self._pages(f"issues?state=all&{query}"):
            if "pull_request" not in data:
                yield _issue(data)

    def create_issue(self, values: Mapping[str, Any]) -> Issue:
        """Make an issue."""
        return _issue(self._call("POST", "issues", _values(values)))

    def change_issue(self, issue: Issue, values: Mapping[str, Any]) -> Issue:
        """Change values of an issue."""
        return _issue(self._call("PATCH", f"issues/{issue.number}", _values(values)))

    def children(self, issue: Issue) -> list[Issue]:
        """Return the sub-issues of an issue."""
        return [_issue(data) for data in self._pages(f"issues/{issue.number}/sub_issues")]

    def add_child(self, issue: Issue, child: Issue) -> None:
        """Make an issue a sub-issue of another."""
        self._call("POST", f"issues/{issue.number}/sub_issues", {"sub_issue_id": child.id})

    def add_to_board(self, board: str, issue: Issue) -> None:
        """Put an issue on a project board."""
        if not (found := _BOARD.match(board)):
            return
        kind, owner, number = found.groups()
        path = f"/{kind}/{owner}/projectsV2/{number}/items"
        self._send("POST", path, {"type": "Issue", "id": issue.id})

    def _me(self) -> str:
        return str(self._send("GET", "/user", None).body["login"])

    def _pages(self, path: str) -> Iterator[Any]:
        mark, page = "&" if "?" in path else "?", 1
        while True:
            found = self._call("GET", f"{path}{mark}per_page={_PAGE}&page={page}")
            yield from found
            if len(found) < _PAGE:
                return
            page += 1

    def _call(self, method: str, path: str, values: Mapping[str, Any] | None = None) -> Any:
        return self._send(method, f"/repos/{self._repository}/{path}", values).body

    def _send(self, method: str, path: str, values: Mapping[str, Any] | None) -> _Answer:
        while True:
            answer = self._ask(method, path, values)
            if not (seconds := _pause(answer)):
                break
            if seconds > _PATIENCE:
                raise ForgeError(f"GitHub's limit is reached; it takes calls again in {seconds // 60} minutes.")
            self._tell(f"GitHub's limit is reached; waiting {seconds} seconds.")
            time.sleep(seconds)
        if answer.status < 300:
            return answer
        raise self._error(answer, method, path)

    def _error(self, answer: _Answer, method: str, path: str) -> ForgeError:
        what = f"GitHub refuses {method} {path}: {answer.message or answer.status}"
        if answer.status == 401:
            return LoginError(f"gh is not logged in to {self._host}. Log in: gh auth login --hostname {self._host}")
        if answer.status in (404, 410):
            return NotThereError(f"{what}. It is not there, or you may not see it.")
        if answer.status >= 500:
            return ForgeError(f"{what}. Run the command again; it goes on where it stopped.")
        return ForgeError(what)

    def _ask(self, method: str, path: str, values: Mapping[str, Any] | None) -> _Answer:
        arguments = ["api", "--hostname", self._host, "--include", "--method", method, path]
        try:
            command: Any = local["gh"][arguments]
        except CommandNotFound as error:
            raise LoginError(
                "gh is missing. Install GitHub's command line (cli.github.com), then: gh auth login"
            ) from error
        if values is not None:
            command = command["--input", "-"] << json.dumps(values)
        status, output, said = command.run(retcode=None)
        if status == _NOT_LOGGED_IN:
            raise LoginError(f"gh is not logged in to {self._host}. Log in: gh auth login --hostname {self._host}")
        head, _, body = output.replace("\r\n", "\n").partition("\n\n")
        first, *lines = head.split("\n")
        if not (found := re.match(r"HTTP/\S+ (\d+)", first)):
            reason = said.strip().splitlines() or [f"gh exits with {status}"]
            raise ForgeError(f"{reason[-1]}. Run the command again; it goes on where it stopped.")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        try:
            return _Answer(int(found[1]), headers, json.loads(body) if body.strip() else None)
        except ValueError as error:
            raise ForgeError(f"GitHub's answer to {method} {path} was cut. Run the command again.") from error


def _pause(answer: _Answer) -> int:
    """Return for how many seconds to wait before the next try; 0 where that would be of no use.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    if answer.status not in (403, 429):
        return 0
    if (after := answer.headers.get("retry-after", "")).isdigit():
        return max(1, int(after))
    if answer.headers.get("x-ratelimit-remaining") == "0":
        return max(1, int(answer.headers.get("x-ratelimit-reset", "0")) - int(time.time()))
    return 60 if "secondary rate limit" in answer.message else 0


def _due_on(due: datetime.date | None) -> dict[str, str]:
    # GitHub keeps the day that it is on its own coast; noon in Greenwich is the same day there.
    return {"due_on": f"{due.isoformat()}T12:00:00Z"} if due else {}


def _milestone(data: Mapping[str, Any]) -> ForgeMilestone:
    due = data.get("due_on")
    return ForgeMilestone(data["number"], data["title"], datetime.date.fromisoformat(due[:10]) if due else None)


def _issue(data: Mapping[str, Any]) -> Issue:
    return Issue(
        number=data["number"],
        id=data["id"],
        title=data["title"],
        body=(data.get("body") or "").replace("\r\n", "\n"),
        is_open=data["state"] == "open",
        labels=tuple(label["name"] for label in data.get("labels") or ()),
        assignees=tuple(person["login"] for person in data.get("assignees") or ()),
        milestone=(data.get("milestone") or {}).get("title", ""),
        url=data["html_url"],
    )


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    sent = {name: value for name, value in values.items() if name not in ("is_open", "milestone")}
    if "is_open" in values:
        sent["state"] = "open" if values["is_open"] else "closed"
    if values.get("milestone"):
        sent["milestone"] = values["milestone"].id
    return sent
