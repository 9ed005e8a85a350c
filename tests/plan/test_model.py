"""A plan on disk is read as a typed model, each fact with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.plan.document import read_page
from groundplan.plan.files import UnreadableFileError, plan_slugs
from groundplan.plan.model import (
    Answers,
    Fact,
    Flag,
    Goal,
    Kpi,
    Milestone,
    Plan,
    Regression,
    Slo,
)
from groundplan.plan.reader import read_plan
from groundplan.text.markdown import parse
from support.finished_plans import PLAN, edit

SLUG = "user-profile-2fa"


@pytest.fixture
def plan(finished: Path) -> Plan:
    return read_plan(finished, SLUG)


def line_of(project: Path, needle: str) -> int:
    lines = (project / PLAN).read_text("utf-8").splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if needle in line]
    return number


def test_goals_have_ids(plan: Plan, finished: Path) -> None:
    line = line_of(finished, "**G1**")

    assert plan.goals == (
        Goal("G1", "Half of all customers use a second factor.", line),
        Goal("G2", "Signing in takes at most 5 seconds longer.", line + 1),
    )


def test_tasks_have_phase_tick_and_owner(project: Path) -> None:
    edit(project, "- [ ] Verify codes (G1) @jane", "- [x] Verify codes (G1) @acme/identity")

    task = read_plan(project, SLUG).tasks[2]

    assert (task.phase, task.is_done, task.owner) == (2, True, "@acme/identity")
    assert task.line == line_of(project, "Verify codes")


def test_goals_are_named_by_tasks_tests_and_kpis(plan: Plan, finished: Path) -> None:
    named = [(reference.id, reference.line) for reference in plan.references]

    assert ("G2", line_of(finished, "Draw the page (G1, G2)")) in named
    assert ("G1", line_of(finished, "A stolen password (G1)")) in named
    assert ("G1", line_of(finished, "| Second factors in use (G1)")) in named


def test_tables_are_read_by_their_columns(plan: Plan, finished: Path) -> None:
    line = line_of(finished, "| second_factor")

    assert plan.flags == (Flag("second_factor", "jane", "Set it to off", "2099-12-31", line),)
    assert plan.slos == (Slo("Sign-ins that succeed", "99.9 %", "30 days", line_of(finished, "Sign-ins that")),)
    assert plan.kpis == (Kpi("Second factors in use (G1)", "0 %", "50 %", "Warehouse", line_of(finished, "Warehouse")),)
    assert plan.milestones[0] == Milestone("Beta", "2026-03-01", line_of(finished, "| Beta"))
    assert [risk.is_high for risk in plan.risks] == [True, False]
    assert [component.component for component in plan.components] == ["Sign-in service"]


def test_a_tables_columns_may_move_and_grow(project: Path) -> None:
    edit(project, "| SLI | Target | Window |\n| --- | --- | --- |", "| Note | Window | SLI |\n| --- | --- | --- |")

    assert read_plan(project, SLUG).slos[0][:3] == ("30 days", "", "99.9 %")


def test_regressions_and_the_rollout_are_read(plan: Plan, finished: Path) -> None:
    line = line_of(finished, "Sessions break")

    assert plan.regressions == (Regression("Sign-in", "Sessions break", "End-to-end test", line),)
    rollback = Fact("Rollback", "Switch the flag off; rehearsed in January.", line_of(finished, "**Rollback:**"))
    assert plan.rollout[2] == rollback


def test_the_planned_tree_is_read_without_the_plan_folder(plan: Plan, finished: Path) -> None:
    assert len(plan.planned) > 10
    assert all((finished / planned.path).is_file() for planned in plan.planned)
    (page,) = [planned for planned in plan.planned if planned.path.endswith("ui/page.py")]
    assert page.line == line_of(finished, "─ page.py")


def test_the_answers_file_is_read(plan: Plan, project: Path) -> None:
    assert (plan.answers.version, plan.answers.scaffold) == ("v1.0.0", True)

    (project / f"docs/plan_docs/{SLUG}/.copier-answers.yml").unlink()

    assert read_plan(project, SLUG).answers == Answers()
    assert read_plan(project, SLUG).unreadable == ()


def test_line_ends_and_a_byte_order_mark_do_not_matter(plan: Plan, project: Path) -> None:
    text = (project / PLAN).read_text("utf-8")

    (project / PLAN).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    read = read_plan(project, SLUG)
    assert (read.goals, read.tasks, read.planned, read.front_matter) == (
        plan.goals,
        plan.tasks,
        plan.planned,
        plan.front_matter,
    )
    assert read.page == plan.page


def test_a_missing_plan_says_where(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as raised:
        read_plan(tmp_path, "orders")

    assert raised.value.unreadable.path == "docs/plan_docs/orders/feature-plan.md"
    assert raised.value.unreadable.is_missing


def test_plan_folders_are_listed_without_files_and_hidden_ones(project: Path) -> None:
    plans = project / "docs/plan_docs"
    (plans / ".groundplan").mkdir()
    (plans / "defaults.yml").write_text("{}\n")
    (plans / "another").mkdir()

    assert plan_slugs(project) == ["another", SLUG]


def test_equal_headings_get_numbered_anchors_and_html_has_its_own() -> None:
    page = read_page("a.md", parse('# A\n\n## B\n\n## B\n\n<a id="own"></a>\n'))

    assert page.anchors == {"a", "b", "b-1", "own"}


def test_a_directive_to_a_program_is_no_guidance() -> None:
    page = read_page(
        "a.md", parse("<!-- markdownlint-disable -->\n\n<!-- Say why. -->\n\n- a\n\n  <!--\n  List it.\n  -->\n")
    )

    assert page.guidance == (3, 7)


def test_code_and_comments_hold_no_placeholders() -> None:
    page = read_page(
        "a.md", parse("`[Goal]` ``[Risk] ` x`` <!-- [KPI] --> [Step]\n\n```text\n[Owner]\n```\n\n    [Note]\n")
    )

    assert [placeholder.text for placeholder in page.placeholders] == ["Step"]
