"""What a tracker is asked: one protocol, whichever forge answers."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from groundplan.errors import UserError


class ForgeError(UserError):
    """The forge refused something, or could not be reached; the message says what and what to do."""

    status = 1


class NotThereError(ForgeError):
    """What was asked for is not there, or not for the one who asks."""


class LoginError(ForgeError):
    """Nobody is logged in, or the forge's program is missing."""

    status = 2


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as the forge has it.

    Attributes:
        number: What people call it by.
        id: What the forge's database calls it by.
        title: Its title.
        body: Its text, with line feeds as line ends.
        is_open: Whether it is open.
        labels: Its labels.
        assignees: Handles of people.
        milestone: Its milestone's title; empty where it has none.
        url: Its page.
    """

    number: int
    id: int
    title: str
    body: str
    is_open: bool
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    milestone: str
    url: str


@dataclass(frozen=True, slots=True)
class ForgeMilestone:
    """A milestone as the forge has it; `due` is None where it has no date."""

    id: int
    title: str
    due: datetime.date | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a forge takes at most.

    Attributes:
        title: Characters of a title.
        body: Characters of a body.
        label: Characters of a label.
        assignees: How many people.
        children: How many sub-issues; 0 where it knows none.
    """

    title: int
    body: int
    label: int
    assignees: int
    children: int


class Forge(Protocol):
    """A tracker of one repository. Every call may raise `ForgeError`."""

    name: str
    limits: Limits

    def file_url(self, commit: str, path: str) -> str:
        """Return the page of a file at a commit.

        Args:
            commit: The commit's name.
            path: The file, relative to the repository; it is quoted here.
        """

    def issue_number(self, url: str) -> int | None:
        """Return the number of an issue of this repository by its page; None where it is not one."""

    def labels(self) -> set[str]:
        """Return the names of all labels."""

    def create_label(self, name: str) -> None:
        """Make a label."""

    def milestones(self) -> list[ForgeMilestone]:
        """Return all milestones, closed ones too."""

    def create_milestone(self, title: str, due: datetime.date | None) -> ForgeMilestone:
        """Make a milestone.

        Args:
            title: What it is called.
            due: Its day; None where it has none.
        """

    def move_milestone(self, milestone: ForgeMilestone, due: datetime.date) -> None:
        """Move a milestone to another date."""

    def knows(self, handle: str) -> bool:
        """Return whether issues can be assigned to somebody."""

    def issue(self, number: int) -> Issue:
        """Return an issue. Raises `NotThereError` where there is none."""

    def issues_with(self, label: str) -> Iterator[Issue]:
        """Yield the issues that bear a label, closed ones too; all own ones where the label is empty."""

    def create_issue(self, values: Mapping[str, Any]) -> Issue:
        """Make an issue of `title`, `body`, `labels`, `assignees` and `milestone` (a `ForgeMilestone` or None)."""

    def change_issue(self, issue: Issue, values: Mapping[str, Any]) -> Issue:
        """Change values of an issue, named as for `create_issue`, and `is_open`."""

    def children(self, issue: Issue) -> list[Issue]:
        """Return its sub-issues."""

    def add_child(self, issue: Issue, child: Issue) -> None:
        """Make an issue a sub-issue of another.

        Raises:
            ForgeError: The forge has no sub-issues.
        """

    def add_to_board(self, board: str, issue: Issue) -> None:
        """Put an issue on a project board that a link leads to; it may be there already."""
