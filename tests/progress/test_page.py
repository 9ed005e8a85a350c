"""The portfolio as a page that people read on GitHub."""

from __future__ import annotations

import datetime
import re
import shutil
from pathlib import Path

import pytest
from groundplan.progress.history import History, Point
from groundplan.progress.page import BEGIN, END, PageError, portfolio, write_page
from groundplan.progress.status import Due, OpenRisk, Progress
from groundplan.text.blocks import Fence
from groundplan.text.markdown import parse
from plumbum import local
from support.commands import groundplan
from support.finished_plans import edit
from support.rendering import ROOT, repository
from support.statuses import feature

TODAY = datetime.date(2026, 3, 2)
SLUG = "user-profile-2fa"
NODE = ROOT / ".tools/node"
PAGE = "docs/plan_docs/README.md"
WRITE = ("status", "--format", "markdown", "--output", PAGE)


def test_the_page_is_made_and_then_changes_only_between_its_markers(project: Path) -> None:
    page = project / PAGE
    write = (*WRITE, "--today", "2026-03-02")

    assert groundplan(project, *write).status == 0
    made = page.read_text("utf-8")
    assert made.startswith(f"# Feature Plans\n\n{BEGIN}\n")
    page.write_text(made.replace("# Feature Plans\n", "# Our plans\r\n\r\nRead me.\r\n") + "\r\nThe end.", newline="")
    before = page.read_bytes()
    assert groundplan(project, *write).status == 0
    assert page.read_bytes().replace(b"\r\n", b"\n") == before.replace(b"\r\n", b"\n")

    edit(project, "- [ ] Review the flows", "- [x] Review the flows")
    groundplan(project, *write)
    after = page.read_bytes().decode()
    assert after.startswith("# Our plans\r\n\r\nRead me.\r\n\n" + BEGIN) and after.endswith(f"{END}\n\r\nThe end.")
    assert "1/6" in after


def test_the_pages_links_lead_to_the_plans(project: Path) -> None:
    page = project / "docs/plan_docs/README.md"
    groundplan(project, *WRITE, "--today", "2026-03-02")

    links = re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))

    assert [link.split("/")[0] for link in links] == [SLUG] * 4
    assert all((page.parent / link).is_file() for link in links)
    assert groundplan(project, "check").status == 0


@pytest.mark.parametrize("text", ["# Ours\n", f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"])
def test_a_page_without_its_markers_is_left_alone(tmp_path: Path, text: str) -> None:
    page = tmp_path / "README.md"
    page.write_text(text)

    with pytest.raises(PageError, match="groundplan:begin"):
        write_page(page, [], tmp_path, TODAY, {})

    assert page.read_text() == text


def test_a_page_is_for_markdown_only(project: Path) -> None:
    assert groundplan(project, "status", "--output", "page.md").status == 2
    assert not (project / "page.md").exists()


def test_a_repository_without_plans_has_an_empty_page(tmp_path: Path) -> None:
    write_page(tmp_path / "docs/plan_docs/README.md", [], tmp_path, TODAY, {})

    assert "No feature has a plan yet." in (tmp_path / "docs/plan_docs/README.md").read_text("utf-8")


NASTY = 'a | b ` <b> [x](y) # ; : %% {z} \\ "q" | section'


def test_names_are_plain_text_in_the_page_and_in_its_diagram() -> None:
    due = Due(TODAY, NASTY)
    risk = OpenRisk("r", "m", "o", is_high=True)
    page = portfolio(
        [feature(feature=NASTY, owner=NASTY, milestones=(due,), next_milestone=due, risks=(risk,))], TODAY, {}
    )

    document = parse(page)
    tables = [block for block in document.blocks if type(block).__name__ == "Table"]
    assert [len(row.cells) for table in tables for row in table.rows] == [7, 4, 4]  # type: ignore[attr-defined]
    (diagram,) = [block for block in document.blocks if isinstance(block, Fence)]
    assert diagram.content == "timeline\n    2026-03-02 : a | b b [x](y) z q | section, a | b b [x](y) z q | section\n"


@pytest.mark.parametrize("name", ["Sign-in", NASTY, "title", "section", "Ümläut – “Q”"])
def test_mermaids_own_parser_takes_the_timeline(name: str) -> None:
    if not shutil.which("node") or not (NODE / "node_modules/mermaid").exists():
        pytest.skip("mermaid is missing: run make setup with npm")
    dues = (Due(TODAY, name), Due(TODAY, "Other"), Due(datetime.date(2026, 5, 1), "Last"))
    (diagram,) = [
        b
        for b in parse(portfolio([feature(feature=name, milestones=dues, next_milestone=dues[0])], TODAY, {})).blocks
        if isinstance(b, Fence)
    ]

    run = local["node"][ROOT / "tests/tools/parse_mermaid.mjs", NODE] << diagram.content

    assert run().strip() == "timeline"


def test_what_is_overdue_and_what_is_next_stand_in_one_table_by_date() -> None:
    late = feature("late", overdue=(Due(datetime.date(2026, 3, 1), "Alpha"),), status="in-progress")
    soon = feature("soon", next_milestone=Due(TODAY, "Beta"))
    later = feature("later", next_milestone=Due(datetime.date(2026, 3, 12), "Gamma"))

    page = portfolio([later, soon, late], TODAY, {})

    rows = page.partition("## Milestones")[2].strip().splitlines()[2:5]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == ["2026-03-01", "2026-03-02", "2026-03-12"]
    assert [row.split(" | ")[3].strip("| ") for row in rows] == ["**overdue** by 1 day", "today", "in 10 days"]


def test_the_timeline_shows_the_next_quarter_alone() -> None:
    dues = [Due(TODAY + datetime.timedelta(days=days), f"In {days}") for days in (-1, 0, 92, 93)]

    page = portfolio([feature(milestones=tuple(dues), next_milestone=dues[1])], TODAY, {})

    (diagram,) = [block for block in parse(page).blocks if isinstance(block, Fence)]
    assert re.findall(r"In -?\d+", diagram.content) == ["In 0", "In 92"]


def test_archived_features_are_folded() -> None:
    page = portfolio([feature("now"), feature("old", feature="Old", status="archived")], TODAY, {})

    before, _, folded = page.partition("<details>")
    assert "Old" not in before
    assert "Archived (1)" in folded


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (0, "0 of 10 tasks are done; no pace shows yet."),
        (5, "1.2 tasks a week) the last task is done by 2026-03-30, **late**: 18 days after the next milestone, Beta"),
        (
            9,
            "2.2 tasks a week) the last task is done by 2026-03-06, in time for the next milestone, Beta (2026-03-12).",
        ),
    ],
)
def test_what_is_late_at_its_pace_is_said_in_words(done: int, said: str) -> None:
    history = History((Point(datetime.date(2026, 2, 2), Progress(0, 10)), Point(TODAY, Progress(done, 10))))
    due = Due(datetime.date(2026, 3, 12), "Beta")
    one = feature("one", status="in-progress", progress=Progress(done, 10), next_milestone=due)

    assert said in portfolio([one], TODAY, {"one": history})


def test_a_chart_is_drawn_for_what_is_in_progress_alone() -> None:
    history = History((Point(TODAY, Progress(1, 2)),))
    features = [feature(status, status=status) for status in ("in-progress", "approved", "draft", "released")]

    page = portfolio(features, TODAY, dict.fromkeys(("in-progress", "approved", "draft", "released"), history))

    assert page.count("xychart-beta") == 1


def test_a_page_is_stale_once_a_plan_has_changed_and_not_because_time_passed(project: Path) -> None:
    groundplan(project, *WRITE, "--today", "2026-03-02")
    repository(project)

    fresh = groundplan(project, "status", "--check-page", PAGE)
    edit(project, "- [ ] Review the flows", "- [x] Review the flows")
    stale = groundplan(project, "status", "--check-page", PAGE)

    assert (fresh.status, fresh.errors) == (0, "")
    assert stale.status == 1
    assert f"groundplan status --format markdown --output {PAGE}" in stale.errors


@pytest.mark.parametrize("text", [None, "", "# Ours\n", f"{BEGIN}\nAs of 2026-02-31.\n{END}\n"])
def test_what_is_not_a_page_of_ours_cannot_be_fresh(project: Path, text: str | None) -> None:
    if text is not None:
        (project / "page.md").write_text(text)

    ended = groundplan(project, "status", "--check-page", "page.md")

    assert ended.status == 1
    assert "page.md is not a portfolio page" in ended.errors


@pytest.mark.parametrize("text", [END, BEGIN, "<!-- hidden", "a <!-- b --> c"])
def test_no_text_of_a_plan_passes_for_a_marker_or_hides_what_follows(project: Path, text: str) -> None:
    edit(project, "| Everyone | 2026-05-01 |", f"| {text} | 2026-05-01 |")
    edit(project, "Customers lose their phone", text)
    write = (*WRITE, "--today", "2026-03-02")

    assert [groundplan(project, *write).status for _ in range(2)] == [0, 0]
    page = (project / PAGE).read_text("utf-8")
    assert page.count("<!--") == 2
