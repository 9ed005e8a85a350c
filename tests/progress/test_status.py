"""How far features are, as a table, as data, and as a page."""

from __future__ import annotations

import datetime
import io
import re
import shutil
from pathlib import Path

import groundplan as pack
import pytest
from groundplan.checks.rules import Severity
from groundplan.progress.status import Due, FeatureStatus, Progress, bar
from groundplan.progress.table import status_table
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from support.commands import groundplan
from support.finished_plans import PLAN, edit, finished_project
from support.rendering import git, snapshot
from support.statuses import feature

TODAY = datetime.date(2026, 3, 2)
SLUG = "user-profile-2fa"


def status_of(project: Path) -> FeatureStatus:
    (only,) = pack.status(None, project, today=TODAY)
    return only


def test_progress_is_counted_by_phase(project: Path) -> None:
    edit(project, "- [ ] Review the flows", "- [x] Review the flows")
    edit(project, "- [ ] Verify codes (G1) @jane", "- [ ] Verify codes (G1) @jane\n  - [X] Read the standard")

    status = status_of(project)

    assert status.progress == Progress(2, 7)
    assert status.phases == (Progress(1, 1), Progress(0, 1), Progress(1, 2), *[Progress(0, 1)] * 3)


def test_a_lite_plan_has_progress_without_phases(template: Path, tmp_path: Path) -> None:
    status = status_of(finished_project(template, tmp_path / "shop", depth="lite"))

    assert status.progress == Progress(0, 6)
    assert status.phases == ()


def test_the_next_milestone_is_the_first_that_is_not_past(project: Path) -> None:
    status = status_of(project)

    assert [due.milestone for due in status.milestones] == ["Beta", "Everyone"]
    assert status.next_milestone == Due(datetime.date(2026, 5, 1), "Everyone")


@pytest.mark.parametrize("row", ["| Beta ✓ | 2026-03-01 |", "| Beta | 2026-03-01 ✅ |", "| ✔️ Beta | 2026-03-01 |"])
def test_a_milestone_is_overdue_until_a_tick_stands_in_its_row(project: Path, row: str) -> None:
    late = status_of(project).overdue
    edit(project, "| Beta | 2026-03-01 |", row)

    assert late == (Due(datetime.date(2026, 3, 1), "Beta"),)
    assert status_of(project).overdue == ()
    assert status_of(project).milestones[0].date == datetime.date(2026, 3, 1)


def test_nothing_of_a_draft_is_overdue(project: Path) -> None:
    edit(project, '"in-progress"', '"draft"')

    assert status_of(project).overdue == ()


def test_risks_are_open_until_the_feature_is_released(project: Path) -> None:
    assert [risk.risk for risk in status_of(project).high_risks] == ["Customers lose their phone"]
    assert len(status_of(project).risks) == 2

    edit(project, '"in-progress"', '"released"')

    assert status_of(project).risks == ()
    assert status_of(project).next_milestone is None


def test_placeholders_are_neither_risks_nor_milestones(template: Path, tmp_path: Path) -> None:
    status = status_of(finished_project(template, tmp_path / "shop", risks=[], milestones=[]))

    assert (status.risks, status.milestones) == ((), ())


def test_a_plan_that_cannot_be_read_is_in_the_list(project: Path) -> None:
    (project / PLAN).write_bytes(b"\xff")

    status = status_of(project)

    assert (status.slug, status.status) == (SLUG, "unreadable")
    assert dict(status.findings)[Severity.ERROR] == 1


def test_work_in_progress_comes_first_and_what_is_over_last(project: Path) -> None:
    for slug, status in (("a", "archived"), ("b", "draft"), ("c", "released"), ("d", "approved")):
        shutil.copytree(project / f"docs/plan_docs/{SLUG}", project / f"docs/plan_docs/{slug}")
        edit(project, 'status: "in-progress"', f'status: "{status}"', f"docs/plan_docs/{slug}/feature-plan.md")

    features = pack.status(None, project, today=TODAY, archived=True)
    assert [status.slug for status in features] == [SLUG, "d", "b", "c", "a"]
    # What is archived is history: nobody hears of it unless they ask.
    assert [status.slug for status in pack.status(None, project, today=TODAY)] == [SLUG, "d", "b", "c"]
    assert [status.slug for status in pack.status(["c", "b"], project, today=TODAY)] == ["b", "c"]


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 20))
def test_a_bar_is_full_only_when_all_is_done_and_empty_only_when_nothing_is(done: int, rest: int, width: int) -> None:
    drawn = bar(Progress(done, done + rest), width)

    assert len(drawn) == width
    if done + rest and width > 1:
        assert ("░" not in drawn) == (rest == 0)
        assert ("█" not in drawn) == (done == 0)


def test_the_table_has_a_row_for_each_feature_and_no_colour_in_a_pipe(project: Path) -> None:
    ended = groundplan(project, "status", "--today", "2026-03-02")

    head, row = ended.output.splitlines()
    assert head.split()[:4] == ["Feature", "Status", "Owner", "Done"]
    assert re.match(
        r"user-profile-2fa +in-progress +jane +0/6 +(░░░░ +){6}2, 1 high +2026-03-01 overdue: Beta +v1.0.0", row
    )
    assert ended.status == 0


def test_on_a_narrow_terminal_the_name_stays_and_the_phases_go_first() -> None:
    due = Due(datetime.date(2026, 5, 1), "Everyone who signs in has it")
    name = "a-slug-that-is-as-long-as-slugs-may-be-x"
    facts = {"status": "in-progress", "owner": "acme/checkout", "version": "v1.0.0", "next_milestone": due}
    long = feature(name, progress=Progress(9, 22), findings=((Severity.ERROR, 3), (Severity.WARNING, 1)), **facts)

    def drawn(width: int) -> list[str]:
        console = Console(width=width, record=True, file=io.StringIO())
        console.print(status_table([long], width))
        return console.export_text().splitlines()

    for width in (80, 100, 120, 200):
        head, *rows = drawn(width)
        assert len(rows) == 1 and name in rows[0] and "3E 1W" in rows[0], f"at {width} columns"
        assert ("P0" in head) == (width == 200)
    assert drawn(80)[0].split() == ["Feature", "Status", "Done", "Next", "Check"]


def test_findings_are_counted_in_short_and_what_is_overdue_comes_before_what_is_next() -> None:
    late, soon = Due(datetime.date(2026, 3, 1), "Alpha"), Due(datetime.date(2026, 5, 1), "Beta")
    counts = ((Severity.ERROR, 3), (Severity.WARNING, 1), (Severity.NOTE, 0))
    console = Console(width=200, record=True, file=io.StringIO())

    console.print(status_table([feature(overdue=(late,), next_milestone=soon, findings=counts)], 200))

    told = console.export_text()
    assert "3E 1W" in told
    assert "2026-03-01 overdue: Alpha" in told


def test_the_status_is_data_too(project: Path) -> None:
    edit(project, "## Risk Management", "## Risks")

    (data,) = groundplan(project, "status", "--json", SLUG, "--today", "2026-03-02").document["features"]

    assert data["next_milestone"] == {"date": "2026-05-01", "milestone": "Everyone"}
    assert data["findings"] == {"error": 1, "warning": 1, "note": 0}
    assert (data["version"], data["behind"]) == ("v1.0.0", None)


def test_only_when_asked_git_says_whether_the_template_is_newer(project: Path, tmp_path: Path) -> None:
    source = snapshot(tmp_path / "template")
    answers = project / f"docs/plan_docs/{SLUG}/.copier-answers.yml"
    answers.write_text(re.sub("^_src_path: .*", f"_src_path: {source}", answers.read_text("utf-8"), flags=re.MULTILINE))

    def behind() -> object:
        return groundplan(project, "status", "--json", "--check-template").document["features"][0]["behind"]

    assert behind() is False
    git("-C", source, "tag", "v1.1.0")
    assert behind() is True
    shutil.rmtree(source)
    ended = groundplan(project, "status", "--json", "--check-template")
    assert ended.document["features"][0]["behind"] is None
    assert str(source) in ended.errors
    assert ended.status == 0
