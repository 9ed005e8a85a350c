"""GitLab's issues, by python-gitlab: its configuration file, its variables in CI."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

from groundplan.tracker.forge import ForgeError, ForgeMilestone, Issue, Limits, LoginError, NotThereError

_COLOUR = "#6699cc"


class GitLab:
    """The issues of one project on GitLab."""

    name = "GitLab"
    # https://docs.gitlab.com/administration/instance_limits; REST makes no child items.
    limits = Limits(title=255, body=1_048_576, label=255, assignees=200, children=0)

    def __init__(self, host: str, project: str, tell: Callable[[str], None]) -> None:
        """Connect.

        Args:
            host: Such as `gitlab.com`, with a port where it needs one.
            project: Its path with that of its groups.
            tell: Hears why it takes a while.

        Raises:
            LoginError: python-gitlab is missing, or knows no login for the host.
        """
        self._host, self._path, self._tell = host, project, tell
        self._gitlab = _connection(host)
        with _failures(host):
            self._project = self._gitlab.projects.get(project, lazy=True)
        self._people: dict[str, int | None] = {}

    def file_url(self, commit: str, path: str) -> str:
        """Return the page of a file at a commit."""
        return f"{self._gitlab.url}/{self._path}/-/blob/{commit}/{quote(path)}"

    def issue_number(self, url: str) -> int | None:
        """Return the number of an issue of this project by its page."""
        pattern = rf"{re.escape(f'{self._gitlab.url}/{self._path}')}/-/(?:issues|work_items)/(\d+)"
        found = re.fullmatch(pattern, url, re.IGNORECASE)
        return int(found[1]) if found else None

    def labels(self) -> set[str]:
        """Return the names of all labels, those of groups above too."""
        with _failures(self._host):
            return {label.name for label in self._project.labels.list(iterator=True)}

    def create_label(self, name: str) -> None:
        """Make a label."""
        with _failures(self._host):
            self._project.labels.create({"name": name, "color": _COLOUR})

    def milestones(self) -> list[ForgeMilestone]:
        """Return all milestones, closed ones too."""
        with _failures(self._host):
            return [_milestone(found) for found in self._project.milestones.list(iterator=True)]

    def create_milestone(self, title: str, due: datetime.date | None) -> ForgeMilestone:
        """Make a milestone."""
        with _failures(self._host):
            values = {"title": title, **({"due_date": due.isoformat()} if due else {})}
            return _milestone(self._project.milestones.create(values))

    def move_milestone(self, milestone: ForgeMilestone, due: datetime.date) -> None:
        """Move a milestone to another date."""
        with _failures(self._host):
            self._project.milestones.update(milestone.id, {"due_date": due.isoformat()})

    def knows(self, handle: str) -> bool:
        """Return whether there is somebody of this handle."""
        return self._person(handle) is not None

    def issue(self, number: int) -> Issue:
        """Return an issue."""
        with _failures(self._host):
            return _issue(self._project.issues.get(number))

    def issues_with(self, label: str) -> Iterator[Issue]:
        """Yield the issues that bear a label, or all own ones where it is empty."""
        query: dict[str, Any] = {"labels": label, "scope": "all"} if label else {"scope": "created_by_me"}
        with _failures(self._host):
            for found in self._project.issues.list(iterator=True, state="all", **query):
                yield _issue(found)

    def create_issue(self, values: Mapping[str, Any]) -> Issue:
        """Make an issue."""
        with _failures(self._host):
            return _issue(self._project.issues.create(self._values(values)))

    def change_issue(self, issue: Issue, values: Mapping[str, Any]) -> Issue:
        """Change values of an issue."""
        with _failures(self._host):
            self._project.issues.update(issue.number, self._values(values))
            return _issue(self._project.issues.get(issue.number))

    def children(self, issue: Issue) -> list[Issue]:
        """Return nothing: there are no sub-issues here."""
        return []

    def add_child(self, issue: Issue, child: Issue) -> None:
        """Refuse: there are no sub-issues here.

        Raises:
            ForgeError: Always.
        """
        raise ForgeError(f"GitLab cannot make #{child.number} a child of #{issue.number} by REST.")

    def add_to_board(self, board: str, issue: Issue) -> None:
        """Do nothing: labels put an issue on a board here."""

    def _person(self, handle: str) -> int | None:
        if handle not in self._people:
            with _failures(self._host):
                found = self._gitlab.users.list(username=handle, get_all=False)
            self._people[handle] = found[0].id if found else None
        return self._people[handle]

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        for name, value in values.items():
            if name == "body":
                sent["description"] = value
            elif name == "assignees":
                sent["assignee_ids"] = [self._person(handle) for handle in value]
            elif name == "is_open":
                sent["state_event"] = "reopen" if value else "close"
            elif name == "milestone":
                sent |= {"milestone_id": value.id} if value else {}
            else:
                sent[name] = value
        return sent


def known_host() -> str:
    """Return the host that python-gitlab is set up for; empty where it is missing or set up for none.

    Its configuration file counts, its variables, and those that GitLab sets in CI.
    """
    gitlab = _configured()
    return str(gitlab.url.partition("://")[2].rstrip("/")) if gitlab else ""


def _configured() -> Any:
    try:
        from gitlab import Gitlab  # noqa: PLC0415 - an optional extra
        from gitlab.config import GitlabConfigMissingError, GitlabIDError  # noqa: PLC0415
    except ModuleNotFoundError:
        return None
    names = {"server_url": "GITLAB_URL", "private_token": "GITLAB_PRIVATE_TOKEN"}
    given = {option: os.environ[variable] for option, variable in names.items() if os.environ.get(variable)}
    try:
        return Gitlab.merge_config(given)
    except (GitlabConfigMissingError, GitlabIDError):
        return None


def _connection(host: str) -> Any:
    if find_spec("gitlab") is None:
        raise LoginError("python-gitlab is missing. Install groundplan with its extra: groundplan[gitlab]")
    if known_host() != host:
        raise LoginError(
            f"python-gitlab is not set up for {host}. Write it into ~/.python-gitlab.cfg, or set GITLAB_URL and "
            "GITLAB_PRIVATE_TOKEN."
        )
    return _configured()


@contextmanager
def _failures(host: str) -> Iterator[None]:
    from gitlab.exceptions import GitlabAuthenticationError, GitlabError, GitlabHttpError  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    try:
        yield
    except GitlabAuthenticationError as error:
        raise LoginError(f"{host} takes no call without a login. Set GITLAB_PRIVATE_TOKEN.") from error
    except (GitlabError, GitlabHttpError) as error:
        if error.response_code == 404:
            raise NotThereError(f"{host} has nothing there, or you may not see it.") from error
        raise ForgeError(f"{host} refuses: {' '.join(str(error).split())}") from error
    except RequestException as error:
        raise ForgeError(f"{host} cannot be reached: {error}. Run the command again.") from error


def _milestone(found: Any) -> ForgeMilestone:
    due = found.attributes.get("due_date")
    return ForgeMilestone(found.id, found.title, datetime.date.fromisoformat(due) if due else None)


def _issue(found: Any) -> Issue:
    data = found.attributes
    return Issue(
        number=data["iid"],
        id=data["id"],
        title=data["title"],
        body=(data.get("description") or "").replace("\r\n", "\n"),
        is_open=data["state"] == "opened",
        labels=tuple(data.get("labels") or ()),
        assignees=tuple(person["username"] for person in data.get("assignees") or ()),
        milestone=(data.get("milestone") or {}).get("title", ""),
        url=data["web_url"],
    )
