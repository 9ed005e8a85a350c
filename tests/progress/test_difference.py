"""`groundplan diff` tells what changed in a plan by what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.plan.changes import changes
from groundplan.plan.reader import read_plan_alone
from groundplan.progress.difference import diff
from support.commands import groundplan
from support.finished_plans import PLAN, edit
from support.rendering import commit, git, repository

SLUG = "user-profile-2fa"
CODE = "src/acme_shop/user_profile_2fa/domain/model.py"


@pytest.fixture
def shop(project: Path) -> Path:
    return repository(project)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("5 seconds longer.", "9 seconds longer.", ("Goals", "reworded")),
        ("- **G2** Signing in takes at most 5 seconds longer.\n", "", ("Goals", "dropped")),
        ("- Time-based codes", "- Time-based codes\n- Keys", ("In scope", "added")),
        ("- Time-based codes", "- Time-based codes of six digits", ("In scope", "reworded")),
        ("- Hardware keys: in the next release", "- Voice calls", ("Out of scope", "added")),
        ("| Asks for a code |", "| Asks for two codes |", ("Components", "reworded")),
        ("| low | low |", "| low | high |", ("Risks", "reworded")),
        ("| Beta | 2026-03-01 |", "| Beta | 2026-04-01 |", ("Milestones", "moved")),
        ("| Beta | 2026-03-01 |\n", "", ("Milestones", "dropped")),
        ("- [ ] Add the flag @jane\n", "", ("Tasks", "dropped")),
        ("- [ ] Add the flag @jane", "- [ ] Add the flag at last @jane", ("Tasks", "reworded")),
    ],
)
def test_each_kind_of_change_is_told_once(shop: Path, old: str, new: str, told: tuple[str, str]) -> None:
    before = read_plan_alone(SLUG, (shop / PLAN).read_text("utf-8"))
    edit(shop, old, new)
    after = read_plan_alone(SLUG, (shop / PLAN).read_text("utf-8"))

    found = [(change.part, change.kind) for change in changes(before, after)]

    assert told in found and len(found) == 1 + (told == ("Out of scope", "added"))


def test_ticks_and_moved_lines_are_no_changes(shop: Path) -> None:
    before = read_plan_alone(SLUG, (shop / PLAN).read_text("utf-8"))
    edit(shop, "| Beta | 2026-03-01 |\n| Everyone | 2026-05-01 |", "| Everyone | 2026-05-01 |\n| Beta ✓ | 2026-03-01 |")
    edit(shop, "- [ ] Add the flag @jane", "- [x] Add the flag @jane")

    assert changes(before, read_plan_alone(SLUG, (shop / PLAN).read_text("utf-8"))) == []


def test_an_approval_is_compared_with_wherever_its_commit_went(shop: Path) -> None:
    edit(shop, "- Time-based codes", "- Codes")
    assert groundplan(shop, "mark", SLUG, "approved", "--today", "2026-02-01").status == 0
    # What was approved was not committed before; it was squashed, and the commit that it names is gone.
    git("-C", shop, "add", "-A")
    git("-C", shop, "commit", "-q", "--amend", "-m", "Squashed")
    git("-C", shop, "reflog", "expire", "--expire=now", "--all")
    git("-C", shop, "gc", "-q", "--prune=now")
    edit(shop, "- Codes\n", "- Codes\n- Keys\n")
    commit(shop)

    assert [change.told() for change in diff(SLUG, shop).changes] == ["added: Keys"]


def test_the_status_counts_what_changed_since_the_approval_but_no_ticks(shop: Path) -> None:
    def told() -> object:
        return groundplan(shop, "status", "--json").document["features"][0]["changes"]

    never = told()
    edit(shop, 'status: "in-progress"', 'status: "draft"')
    assert groundplan(shop, "mark", SLUG, "approved", "--anyway", "--today", "2026-02-01").output
    commit(shop)
    approved = told()
    edit(shop, "- [ ] Add the flag @jane", "- [x] Add the flag @jane")
    ticked = told()
    edit(shop, "- Time-based codes", "- Time-based codes\n- Keys")
    edit(shop, "| Beta | 2026-03-01 |", "| Beta | 2026-04-01 |")

    assert (never, approved, ticked, told()) == (None, 0, 0, 2)


def test_planned_paths_that_commits_changed_are_told(shop: Path) -> None:
    assert groundplan(shop, "mark", SLUG, "approved", "--today", "2026-02-01").status == 0
    commit(shop)
    for text in ("# One\n", "# Two\n"):
        (shop / CODE).write_text(text)
        (shop / "README.md").write_text(text)
        commit(shop)

    data = groundplan(shop, "diff", PLAN, "--json").document

    assert data["touched"] == [{"path": CODE, "commits": 2}]
    assert data["changes"] == []


def test_a_commit_may_be_named(shop: Path) -> None:
    edit(shop, "- Time-based codes", "- Time-based codes\n- Keys")
    commit(shop)

    (change,) = groundplan(shop, "diff", SLUG, "--since", "HEAD~1", "--json").document["changes"]

    line = (shop / PLAN).read_text("utf-8").splitlines().index("- Keys") + 1
    assert change == {"part": "In scope", "kind": "added", "text": "Keys", "before": "", "line": line}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [((), 2), (("unknown",), 2), ((SLUG,), 1), ((SLUG, "--since", "no-such"), 1), ((SLUG, "--since", "--all"), 1)],
)
def test_where_there_is_nothing_to_compare_one_line_says_so(
    shop: Path, arguments: tuple[str, ...], status: int
) -> None:
    ended = groundplan(shop, "diff", *arguments)

    assert (ended.status, ended.output, ended.errors.count("\n")) == (status, "", 1), ended.errors


def test_without_git_there_is_nothing_to_compare(project: Path) -> None:
    edit(project, "accepted: []", 'approved: {date: "2026-02-01", by: "Jane"}\naccepted: []')

    ended = groundplan(project, "diff", SLUG)

    assert (ended.status, ended.errors.count("\n")) == (1, 1)
