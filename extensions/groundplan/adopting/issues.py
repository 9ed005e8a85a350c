"""An issue as `gh issue view N --json title,body,labels,assignees,milestone` prints it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COMMAND = "gh issue view N --json title,body,labels,assignees,milestone"


class NoIssueError(Exception):
    """A JSON document that is not an issue; the message says why and what to do."""


@dataclass(frozen=True)
class Fields:
    """What is known of a feature beside its text, such as an issue's title; empty where nothing is."""

    title: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str = ""
    milestone_date: str = ""


NO_FIELDS = Fields()


@dataclass(frozen=True)
class Issue:
    """An issue.

    Attributes:
        body: Its Markdown.
        fields: What is known beside.
    """

    body: str
    fields: Fields


def read_issue(text: str) -> Issue:
    """Read an issue.

    Args:
        text: What gh prints. Keys that are missing are empty, and more keys are fine.

    Raises:
        NoIssueError: It is not JSON, or not an issue's.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoIssueError("It is neither Markdown nor whole JSON.") from error
    title, body = (document.get("title"), document.get("body")) if isinstance(document, dict) else (None, None)
    if not isinstance(title, str) or not isinstance(body, str | None):
        raise NoIssueError(f"It is JSON, but not one issue with title and body. Ask for it so: {COMMAND}")
    milestone = _mapping(document.get("milestone"))
    fields = Fields(
        title=title,
        labels=_names(document.get("labels"), "name"),
        assignees=_names(document.get("assignees"), "login"),
        milestone=_text(milestone.get("title")),
        milestone_date=_text(milestone.get("dueOn"))[:10],
    )
    return Issue(body or "", fields)


def _names(entries: object, key: str) -> tuple[str, ...]:
    """Read a list of mappings as gh has them, or of names as scripts make of them."""
    found = entries if isinstance(entries, list) else []
    names = (entry if isinstance(entry, str) else _text(_mapping(entry).get(key)) for entry in found)
    return tuple(name for name in names if name)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
