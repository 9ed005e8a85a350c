"""What goes wrong between a plan and its issue: each call may fail, and each plan may be the wrong one."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from groundplan.plan.files import plan_slugs
from groundplan.tracker import github
from groundplan.tracker.forge import ForgeError, LoginError
from groundplan.tracker.github import GitHub
from groundplan.tracker.publish import Published, publish
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plumbum import local
from support.finished_plans import PLAN, copy_of, edit
from support.forge import HOST, REPOSITORY, Call, FakeGitHub, Reply
from support.rendering import commit, git, repository

from .conftest import SLUG, Tracked

TODAY = datetime.date(2026, 3, 2)


class Direct(GitHub):
    """Our GitHub without `gh` in between: hundreds of runs need no thousands of processes."""

    def __init__(self, forge: FakeGitHub) -> None:
        super().__init__(HOST, REPOSITORY, lambda _: None)
        self.forge = forge

    def _ask(self, method: str, path: str, values: Mapping[str, Any] | None) -> Any:
        reply = self.forge.answer(method, path, json.loads(json.dumps(values)))
        if not reply.status:
            raise ForgeError("unexpected EOF. Run the command again; it goes on where it stopped.")
        return github._Answer(reply.status, reply.headers, json.loads(json.dumps(reply.body)))


@pytest.fixture
def root(project: Path) -> Path:
    """A project whose one plan counts as pushed."""
    return pushed(repository(project))


def pushed(root: Path) -> Path:
    commit(root)
    git("-C", root, "update-ref", "refs/remotes/origin/main", "HEAD")
    return root


def run(root: Path, forge: FakeGitHub, *, tasks: str = "phases", is_pull: bool = False) -> Published:
    (result,) = publish(root, plan_slugs(root), Direct(forge), tasks=tasks, is_pull=is_pull, today=TODAY)
    return result


CUT = Reply(0)
CUT_AFTERWARDS = Reply(0, after=True)
FAULTS = {
    "cut": CUT,
    "cut afterwards": CUT_AFTERWARDS,
    "server error": Reply(500, {"message": "Server Error"}),
    "forbidden": Reply(403, {"message": "Resource not accessible by integration"}, {"x-ratelimit-remaining": "9"}),
    "refused": Reply(422, {"message": "Validation Failed", "errors": [{"field": "x", "code": "invalid"}]}),
}


def _fail_at(number: int, reply: Reply, call: Call) -> Reply | None:
    return reply if call.number == number else None


@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_that_fails_at_any_call_is_finished_by_the_next(root: Path, tmp_path: Path, fault: str) -> None:
    edit(root, "- [ ] Review the flows", "- [x] Review the flows")
    pushed(root)
    whole = FakeGitHub()
    assert run(copy_of(root, tmp_path / "whole"), whole).status == "published"

    for number in range(1, len(whole.calls) + 1):
        forge, place = FakeGitHub(), copy_of(root, tmp_path / f"{number}")
        forge.fault = partial(_fail_at, number, FAULTS[fault])
        first = run(place, forge)
        forge.fault = None
        second = run(place, forge)

        assert first.status in ("failed", "published")
        assert second.is_fine, f"call {number}: {second}"
        assert run(place, forge).status == "current"
        assert [issue["state"] for issue in forge.issues] == [issue["state"] for issue in whole.issues]
        assert forge.state()[:2] == whole.state()[:2]
        assert sorted(forge.children[1]) == sorted(whole.children[1])


def test_who_is_not_logged_in_is_told_so_and_nothing_is_written(root: Path) -> None:
    forge = FakeGitHub(fault=lambda _: Reply(401, {"message": "Bad credentials"}))

    with pytest.raises(LoginError, match="gh auth login"):
        run(root, forge)

    assert 'issue: ""\n' in (root / PLAN).read_text("utf-8")


@pytest.mark.parametrize(
    "headers",
    [{"retry-after": "7"}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "107"}],
    ids=["after", "reset"],
)
def test_a_limit_is_waited_for_with_a_word(
    root: Path, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    waited: list[float] = []
    told: list[str] = []
    monkeypatch.setattr("time.sleep", waited.append)
    monkeypatch.setattr("time.time", lambda: 100.0)
    forge = FakeGitHub()
    forge.fault = lambda call: Reply(403, {"message": "rate limit"}, headers) if call.number == 3 else None
    direct = Direct(forge)
    direct._tell = told.append

    (result,) = publish(root, [SLUG], direct, today=TODAY)

    assert result.status == "published"
    assert waited == [7]
    assert "waiting 7 seconds" in told[0]


def test_where_one_may_not_label_there_is_one_issue_all_the_same(root: Path) -> None:
    forge = FakeGitHub(may_label=False, labels={name: {"name": name} for name in ("plan", "feature", "documentation")})

    assert run(root, forge).status == "published"
    edit(root, f'issue: "https://{HOST}/{REPOSITORY}/issues/1"\n', "")
    run(root, forge)

    assert len(forge.issues) == 7


def test_somebody_unknown_is_a_warning(root: Path) -> None:
    result = run(root, FakeGitHub(people=set()))

    assert result.status == "published"
    assert result.warnings == ("jane cannot be assigned to issues here.",)


MANY = [f"a{number}" for number in range(101)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda root: edit(root, '"documentation"]', f'"{"x" * 51}"]'), "longer than the 50 characters"),
        (
            lambda root: edit(root, 'assignees: ["jane"]', f"assignees: {[f'a{n}' for n in range(101)]}"),
            "101 assignees",
        ),
        (
            lambda root: edit(root, 'issue: ""', "issue: https://elsewhere.example/1"),
            "not an issue of this repo",
        ),
        (lambda root: edit(root, 'issue: ""', f"issue: https://{HOST}/{REPOSITORY}/issues/9"), "gone"),
        (lambda root: edit(root, 'title: "Acme', 'title: "' + "x" * 256), "longer than the 256"),
    ],
    ids=["label", "assignees", "elsewhere", "deleted", "title"],
)
def test_what_the_forge_would_refuse_is_told_before(root: Path, change: Callable[[Path], None], said: str) -> None:
    change(root)
    forge = FakeGitHub()

    result = run(pushed(root), forge)

    assert result.status == "failed"
    assert said in result.reason and "\n" not in result.reason
    assert not [call for call in forge.calls if call.changes]


def test_an_issue_that_was_moved_is_told_with_its_new_address(root: Path) -> None:
    forge = FakeGitHub()
    run(root, forge)
    forge.issues[0]["html_url"] = f"https://{HOST}/acme/other/issues/3"

    assert "was moved to https://github.com/acme/other/issues/3" in run(root, forge).reason


@pytest.mark.parametrize("status", [404, 410])
def test_an_issue_that_was_deleted_is_told(root: Path, status: int) -> None:
    forge = FakeGitHub()
    run(root, forge)
    forge.fault = lambda call: Reply(status, {"message": "Gone"}) if call.path.endswith("/issues/1") else None

    assert "is gone" in run(root, forge).reason


def test_what_is_not_committed_is_not_published(root: Path) -> None:
    edit(root, "Add the flag", "Add the kill switch")

    result = run(root, FakeGitHub())

    assert "not committed" in result.reason


def test_what_is_not_pushed_is_not_published(root: Path) -> None:
    edit(root, "Add the flag", "Add the kill switch")
    commit(root)

    assert "git push" in run(root, FakeGitHub()).reason


def test_a_shallow_clone_without_the_published_version_says_how_to_get_it(root: Path, tmp_path: Path) -> None:
    forge = FakeGitHub()
    run(root, forge)
    pushed(root)
    edit(root, "Add the flag", "Add the kill switch")
    pushed(root)
    clone = tmp_path / "clone"
    git("clone", "-q", "--depth", "1", root.as_uri(), clone)
    forge.issues[0]["body"] = forge.issues[0]["body"].replace("- [ ] Review", "- [x] Review")

    assert "git fetch --unshallow" in run(clone, forge, is_pull=True).reason


def test_a_body_without_its_last_line_is_never_overwritten(root: Path) -> None:
    forge = FakeGitHub()
    run(root, forge)
    forge.issues[0]["body"] = "Rewritten by somebody."

    assert run(root, forge).status == "edited"
    assert forge.issues[0]["body"] == "Rewritten by somebody."


@pytest.mark.parametrize(
    ("remotes", "said"),
    [
        ({}, "There is no remote"),
        ({"a": "https://github.com/a/b", "b": "https://github.com/c/d"}, "several remotes (a, b)"),
        ({"origin": "/srv/git/shop"}, "is on no forge"),
        ({"origin": "https://code.example.com/acme/shop.git"}, "neither a GitHub"),
    ],
    ids=["none", "several", "a folder", "neither"],
)
def test_a_place_that_nobody_knows_is_told(tracked: Tracked, remotes: dict[str, str], said: str) -> None:
    git("-C", tracked.root, "remote", "remove", "origin")
    for name, address in remotes.items():
        git("-C", tracked.root, "remote", "add", name, address)

    ended = tracked.publish()

    assert ended.status == 2
    assert said in ended.errors and len(ended.errors.splitlines()) == 1


def test_without_gh_it_says_how_to_get_it(tracked: Tracked, tmp_path: Path) -> None:
    (tmp_path / "git").symlink_to(str(local.which("git")))
    tracked.environment["PATH"] = str(tmp_path)

    ended = tracked.publish()

    assert ended.status == 2
    assert "gh is missing" in ended.errors


TASKS = (
    "Review the flows with design @jane",
    "Add the flag @jane",
    "Verify codes (G1) @jane",
    "Draw the page (G1, G2) @li",
)
edits = st.dictionaries(st.sampled_from(TASKS), st.sampled_from(["tick", "reword"]), max_size=4)


@given(mine=edits, theirs=edits)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_lost_on_a_round_trip(
    project: Path, tmp_path_factory: pytest.TempPathFactory, mine: dict[str, str], theirs: dict[str, str]
) -> None:
    root, forge = pushed(repository(copy_of(project, tmp_path_factory.mktemp("trip") / "shop"))), FakeGitHub()
    run(root, forge, tasks="none")
    for task, how in mine.items():
        edit(root, f"- [ ] {task}", f"- [x] {task}" if how == "tick" else f"- [ ] Quietly, {task}")
    body = forge.issues[0]["body"]
    for task, how in theirs.items():
        body = body.replace(f"- [ ] {task}", f"- [x] {task}" if how == "tick" else f"- [ ] {task} on Monday")
    forge.issues[0]["body"] = body
    pushed(root)

    pulled = run(root, forge, is_pull=True)
    text = (root / PLAN).read_text("utf-8")
    published = run(pushed(root), forge, tasks="none")

    assert pulled.is_fine and published.is_fine
    for task in TASKS:
        ways = {mine.get(task), theirs.get(task)}
        wanted = "- [x] " if "tick" in ways else "- [ ] "
        wanted += "Quietly, " if mine.get(task) == "reword" else ""
        wanted += task + (" on Monday" if theirs.get(task) == "reword" else "")
        assert text.count(f"{wanted}\n") == 1
        assert forge.issues[0]["body"].count(f"{wanted}\n") == 1
