"""How tasks were ticked over time, read from real commits."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from groundplan.git import GitError
from groundplan.progress.history import History, Point, histories, sampled, sparkline, tasks_in
from groundplan.progress.status import FeatureStatus, Progress
from hypothesis import given
from hypothesis import strategies as st
from plumbum import local
from support.commands import groundplan
from support.rendering import git, repository

TODAY = datetime.date(2026, 6, 1)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def feature(slug: str = "sign-in", done: int = 0, total: int = 0) -> FeatureStatus:
    path = f"docs/plan_docs/{slug}/feature-plan.md"
    return FeatureStatus(slug, slug, path, "in-progress", progress=Progress(done, total))


def write_plan(root: Path, done: int, total: int) -> None:
    file = root / "docs/plan_docs/sign-in/feature-plan.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    tasks = "".join(f"- [{'x' if number < done else ' '}] Task {number}\n" for number in range(total))
    file.write_text(f"---\nstatus: in-progress\n---\n\n# Sign-in\n\n## Implementation Plan\n\n{tasks}", "utf-8")


def commit_on(root: Path, date: str) -> None:
    git("-C", root, "add", "-A")
    with local.env(GIT_COMMITTER_DATE=f"{date}T12:00:00Z", GIT_AUTHOR_DATE=f"{date}T12:00:00Z"):
        git("-C", root, "commit", "-q", "--allow-empty", "-m", date)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = repository(tmp_path / "shop")
    for date, done in (("2026-05-04", 0), ("2026-05-11", 2), ("2026-05-11", 3), ("2026-05-25", 6)):
        write_plan(root, done, 12)
        commit_on(root, date)
    return root


def history_of(root: Path, *, done: int, total: int = 12) -> History:
    return histories(root, [feature(done=done, total=total)], TODAY)["sign-in"]


def test_each_day_has_the_last_count_of_that_day_and_today_is_the_working_tree(project: Path) -> None:
    assert history_of(project, done=8).points == (
        Point(day("2026-05-04"), Progress(0, 12)),
        Point(day("2026-05-11"), Progress(3, 12)),
        Point(day("2026-05-25"), Progress(6, 12)),
        Point(TODAY, Progress(8, 12)),
    )


def test_what_was_done_in_the_last_four_weeks_tells_the_day_of_the_last_task(project: Path) -> None:
    history = history_of(project, done=8)

    assert history.pace == pytest.approx(8 / 28)
    assert history.finish() == day("2026-06-15")


@pytest.mark.parametrize(
    "points",
    [
        (),
        (Point(TODAY, Progress(3, 9)),),
        (Point(day("2026-05-20"), Progress(0, 9)), Point(TODAY, Progress(3, 9))),
        (Point(day("2026-01-01"), Progress(3, 9)), Point(TODAY, Progress(3, 9))),
        (Point(day("2026-01-01"), Progress(0, 9)), Point(TODAY, Progress(9, 9))),
        (Point(day("2026-05-01"), Progress(5, 9)), Point(TODAY, Progress(3, 9))),
        (Point(day("2026-05-04"), Progress(0, 10_000)), Point(TODAY, Progress(1, 10_000))),
    ],
    ids=["nothing", "one day", "too short", "stands still", "done", "unticked", "in a thousand years"],
)
def test_no_day_is_promised_where_no_pace_shows(points: tuple[Point, ...]) -> None:
    assert History(points).finish() is None


def test_a_branch_counts_from_the_day_it_was_merged(project: Path) -> None:
    git("-C", project, "switch", "-q", "-c", "work", "HEAD~1")
    write_plan(project, 12, 12)
    commit_on(project, "2026-05-20")
    git("-C", project, "switch", "-q", "main")
    with local.env(GIT_COMMITTER_DATE="2026-05-28T12:00:00Z"):
        git("-C", project, "merge", "-q", "-X", "theirs", "--no-edit", "work")

    assert [point.day for point in history_of(project, done=12).points] == [
        *map(day, ("2026-05-04", "2026-05-11", "2026-05-25", "2026-05-28")),
        TODAY,
    ]


def test_a_plan_that_git_does_not_know_has_today_alone(project: Path) -> None:
    assert histories(project, [feature("new", 1, 2)], TODAY)["new"].points == (Point(TODAY, Progress(1, 2)),)


def test_a_repository_below_another_folder_has_a_history_too(project: Path) -> None:
    write_plan(project / "services/api", 1, 4)
    commit_on(project, "2026-05-26")

    (first, _) = histories(project / "services/api", [feature(done=2, total=4)], TODAY)["sign-in"].points

    assert first == Point(day("2026-05-26"), Progress(1, 4))


def test_a_shallow_clone_says_that_history_is_cut(project: Path, tmp_path: Path) -> None:
    git("clone", "-q", "--depth", "1", project.as_uri(), tmp_path / "clone")

    history = history_of(tmp_path / "clone", done=6)

    assert history.is_cut
    assert history.points == (Point(day("2026-05-25"), Progress(6, 12)), Point(TODAY, Progress(6, 12)))


def test_without_git_there_is_no_history(tmp_path: Path) -> None:
    with pytest.raises(GitError):
        histories(tmp_path, [feature()], TODAY)


def test_only_the_implementation_plan_has_tasks() -> None:
    tasks = b"### Phase 0: x\n\n- [x] a\n  - [X] b\n* [ ] c\n- [o] no\n-[ ] no\n"
    text = b"- [ ] no\n\n## Implementation Plan\n\n" + tasks + b"\n## Acceptance Checklist\n\n- [x] no\n"

    assert tasks_in(text) == Progress(2, 3)
    assert tasks_in(text.replace(b"\n", b"\r\n")) == Progress(2, 3)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9)), min_size=1, max_size=9), st.integers(1, 20))
def test_samples_begin_and_end_where_history_does_and_stay_in_order(days: list[tuple[int, int]], most: int) -> None:
    points = [
        Point(TODAY + datetime.timedelta(days=number), Progress(done, 9)) for number, done in dict(sorted(days)).items()
    ]

    steps = sampled(points, most)

    assert len(steps) <= most
    assert steps[0] == (points[0].day, points[0].progress)
    assert most == 1 or steps[-1] == (points[-1].day, points[-1].progress)
    assert [step for step, _ in steps] == sorted({step for step, _ in steps})
    assert len(sparkline(points, most)) == len(steps)


def test_the_command_tells_the_history(project: Path) -> None:
    told = groundplan(project, "status", "--history", "--today", "2026-06-01")
    (data,) = groundplan(project, "status", "--history", "--json", "--today", "2026-06-01").document["features"]

    assert told.output.splitlines()[1].split() == "sign-in 2026-05-04 ▁▁▁▃▃▃▃▃▃▅▅▅ 6/12 1.5 2026-06-29".split()
    assert data["history"]["finish"] == "2026-06-29"
    assert data["history"]["points"][0] == {"date": "2026-05-04", "done": 0, "total": 12}
