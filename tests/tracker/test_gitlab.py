"""Plans on GitLab, by python-gitlab and a fake on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.commands import Ended, groundplan
from support.finished_plans import PLAN, edit
from support.gitlab import FakeGitLab, serve_gitlab
from support.rendering import commit, git, repository

SLUG = "user-profile-2fa"


@pytest.fixture
def forge() -> Iterator[FakeGitLab]:
    forge = FakeGitLab()
    with serve_gitlab(forge):
        yield forge


@pytest.fixture
def root(project: Path) -> Path:
    repository(project)
    return pushed(project)


def pushed(root: Path) -> Path:
    commit(root)
    git("-C", root, "update-ref", "refs/remotes/origin/main", "HEAD")
    return root


def publish(root: Path, forge: FakeGitLab, *arguments: str, token: str = "nobody") -> Ended:
    place = f"{forge.url.removeprefix('http://')}/acme/shop"
    variables = {"GITLAB_URL": forge.url, "GITLAB_PRIVATE_TOKEN": token, "HOME": str(root.parent)}
    return groundplan(root, "publish", SLUG, "--repo", place, *arguments, **variables)


def test_a_plan_becomes_an_issue_and_stays_one(root: Path, forge: FakeGitLab) -> None:
    first = publish(root, forge)
    changes = len(forge.changes)
    second = publish(root, forge)

    assert first.status == 0, first.errors + first.output
    (issue,) = forge.issues
    assert issue["title"] == "Acme Shop – User profile 2FA Feature Plan"
    assert issue["labels"] == ["plan", "feature", "documentation"]
    assert issue["milestone"]["due_date"] == "2026-05-01"
    assert f"{forge.url}/acme/shop/-/blob/" in issue["description"]
    assert f'issue: "{issue["web_url"]}"' in (root / PLAN).read_text("utf-8")
    assert second.output.startswith("current")
    assert len(forge.changes) == changes


def test_a_tick_in_the_issue_comes_back(root: Path, forge: FakeGitLab) -> None:
    publish(root, forge)
    forge.issues[0]["description"] = forge.issues[0]["description"].replace("- [ ] Review", "- [x] Review")
    edit(root, "Add the flag", "Add the kill switch")
    pushed(root)

    pulled = publish(root, forge, "--pull")
    published = publish(pushed(root), forge)

    assert (pulled.status, published.status) == (0, 0)
    assert "- [x] Review the flows" in (root / PLAN).read_text("utf-8")
    assert "kill switch" in forge.issues[0]["description"]


def test_sub_issues_are_checklists_there_and_that_is_said(root: Path, forge: FakeGitLab) -> None:
    ended = publish(root, forge, "--tasks", "phases")

    assert len(forge.issues) == 1
    assert "the checklists stand in the issue" in ended.output


def test_who_is_not_logged_in_is_told_so(root: Path, forge: FakeGitLab) -> None:
    ended = publish(root, forge, token="wrong")

    assert ended.status == 2
    assert "GITLAB_PRIVATE_TOKEN" in ended.errors and len(ended.errors.splitlines()) <= 2
