"""How far features are, as a table, as data, and as a page."""

from __future__ import annotations

import datetime
import re
import shutil
from pathlib import Path

import pytest
from groundplan.checks.rules import Severity
from groundplan.progress.page import BEGIN, END, PageError, portfolio, write_page
from groundplan.progress.status import Due, FeatureStatus, OpenRisk, Progress, bar, feature_statuses
from groundplan.text.markdown import Fence, parse
from hypothesis import given
from hypothesis import strategies as st
from plumbum import local
from support.commands import groundplan
from support.finished_plans import PLAN, edit, finished_project
from support.rendering import ROOT, git, snapshot

TODAY = datetime.date(2026, 3, 2)
SLUG = "user-profile-2fa"
NODE = ROOT / ".tools/node"


def status_of(project: Path) -> FeatureStatus:
    (status,) = feature_statuses(project, (), TODAY)
    return status


def feature(slug: str = "sign-in", **values: object) -> FeatureStatus:
    given: dict[str, object] = {
        "feature": "Sign-in",
        "path": f"docs/plan_docs/{slug}/feature-plan.md",
        "status": "draft",
    }
    return FeatureStatus(slug, **{**given, **values})  # type: ignore[arg-type]


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

    assert [status.slug for status in feature_statuses(project, (), TODAY)] == [SLUG, "d", "b", "c", "a"]
    assert [status.slug for status in feature_statuses(project, ["c", "b"], TODAY)] == ["b", "c"]


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
    assert re.match(r"user-profile-2fa +in-progress +jane +0/6 +(░░░░ +){6}2, 1 high +2026-05-01 Everyone +v1.0.0", row)
    assert ended.status == 0


def test_the_status_is_data_too(project: Path) -> None:
    edit(project, "## Risk Management", "## Risks")

    (data,) = groundplan(project, "status", "--json", SLUG, "--today", "2026-03-02").document["features"]

    assert data["next_milestone"] == {"date": "2026-05-01", "milestone": "Everyone"}
    assert data["findings"] == {"error": 1, "warning": 0, "note": 0}
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


def test_the_page_is_made_and_then_changes_only_between_its_markers(project: Path) -> None:
    page = project / "docs/plan_docs/README.md"
    write = ("status", "--format", "markdown", "--output", page, "--today", "2026-03-02")

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
    groundplan(project, "status", "--format", "markdown", "--output", "docs/plan_docs/README.md")

    links = re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))

    assert [link.split("/")[0] for link in links] == [SLUG, SLUG]
    assert all((page.parent / link).is_file() for link in links)
    assert groundplan(project, "check").status == 0


@pytest.mark.parametrize("text", ["# Ours\n", f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"])
def test_a_page_without_its_markers_is_left_alone(tmp_path: Path, text: str) -> None:
    page = tmp_path / "README.md"
    page.write_text(text)

    with pytest.raises(PageError, match="groundplan:begin"):
        write_page(page, [], tmp_path)

    assert page.read_text() == text


def test_a_page_is_for_markdown_only(project: Path) -> None:
    assert groundplan(project, "status", "--output", "page.md").status == 2
    assert not (project / "page.md").exists()


def test_a_repository_without_plans_has_an_empty_page(tmp_path: Path) -> None:
    write_page(tmp_path / "docs/plan_docs/README.md", [], tmp_path)

    assert "No feature has a plan yet." in (tmp_path / "docs/plan_docs/README.md").read_text("utf-8")


NASTY = 'a | b ` <b> [x](y) # ; : %% {z} \\ "q" | section'


def test_names_are_plain_text_in_the_page_and_in_its_diagram() -> None:
    due = Due(TODAY, NASTY)
    risk = OpenRisk("r", "m", "o", is_high=True)
    page = portfolio([feature(feature=NASTY, owner=NASTY, milestones=(due,), next_milestone=due, risks=(risk,))])

    document = parse(page)
    tables = [block for block in document.blocks if type(block).__name__ == "Table"]
    assert [len(row.cells) for table in tables for row in table.rows] == [11, 4]  # type: ignore[attr-defined]
    (diagram,) = [block for block in document.blocks if isinstance(block, Fence)]
    assert diagram.content == "timeline\n    2026-03-02 : a | b b [x](y) z q | section, a | b b [x](y) z q | section\n"


@pytest.mark.parametrize("name", ["Sign-in", NASTY, "title", "section", "Ümläut – “Q”"])
def test_mermaids_own_parser_takes_the_timeline(name: str) -> None:
    if not shutil.which("node") or not (NODE / "node_modules/mermaid").exists():
        pytest.skip("mermaid is missing: run make setup with npm")
    dues = (Due(TODAY, name), Due(TODAY, "Other"), Due(datetime.date(2026, 5, 1), "Last"))
    (diagram,) = [b for b in parse(portfolio([feature(feature=name, milestones=dues)])).blocks if isinstance(b, Fence)]

    run = local["node"][ROOT / "tests/tools/parse_mermaid.mjs", NODE] << diagram.content

    assert run().strip() == "timeline"
