"""Each kind of defect is found at its line, and the same plan without it is clean."""

from __future__ import annotations

import datetime
import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from groundplan.checks.catalogue import CODES, UnknownCodeError
from groundplan.checks.check import CheckReport, UnknownPlanError, check
from groundplan.checks.rules import Severity
from groundplan.plan.outline import OUTLINES, known
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.finished_plans import PLAN, edit
from support.rendering import ROOT, commit, copy_project, git, repository

TODAY = datetime.date(2026, 2, 1)
SLUG = "user-profile-2fa"
FOLDER = f"docs/plan_docs/{SLUG}"
BRIEF = f"{FOLDER}/feature-brief.md"
ANSWERS = f"{FOLDER}/.copier-answers.yml"
OTHER = "docs/plan_docs/other/feature-plan.md"
RISK = "| Customers lose their phone | high | medium | Recovery codes | jane |"
KPI = "| Second factors in use (G1) | 0 % | 50 % | Warehouse |"
FLAG = "| second_factor | jane | Set it to off | 2099-12-31 |"


def found(project: Path, *slugs: str) -> CheckReport:
    return check(slugs or None, project, today=TODAY)


def places(report: CheckReport) -> list[tuple[str, str, int]]:
    return [(finding.code, finding.path, finding.line) for finding in report.findings]


def text_at(project: Path, path: str, line: int, needle: str) -> str:
    """Return as many lines from a line on as a needle has."""
    lines = (project / path).read_text("latin-1" if needle in ("\xff", "\0") else "utf-8").split("\n")
    return "\n".join(lines[line - 1 : line + needle.count("\n")])


def add_other(project: Path, **values: str) -> None:
    """Put a second plan beside the first, with neither its components nor its tree, and with other front matter."""
    shutil.copytree(project / FOLDER, project / "docs/plan_docs/other")
    edit(project, "| Sign-in service |", "| Other service |", OTHER)
    edit(project, "src/\n", "source/\n", OTHER)
    edit(project, "tests/\n", "checks/\n", OTHER)
    file = project / OTHER
    for key, value in {"slug": "other", **values}.items():
        file.write_text(re.sub(f"^{key}: .*", f"{key}: {value}", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")


def replaced(old: str, new: str, path: str = PLAN) -> Callable[[Path], None]:
    return lambda project: edit(project, old, new, path)


def written(content: bytes, path: str = PLAN) -> Callable[[Path], None]:
    def write(project: Path) -> None:
        (project / path).write_bytes(content)

    return write


@dataclass(frozen=True)
class Seed:
    """A defect: how it gets into the finished plan, and a text of the line it is found at."""

    code: str
    sow: Callable[[Path], None]
    needle: str
    path: str = PLAN
    name: str = ""


def _to_lite(project: Path) -> None:
    edit(project, 'depth: "full"', 'depth: "lite"')


def _lengthen(project: Path) -> None:
    edit(project, "- Codes before keys", "- Codes before keys " + "x" * 65_536)


def _lengthen_title(project: Path) -> None:
    text = (project / PLAN).read_text("utf-8")
    (project / PLAN).write_text(text.replace("User profile 2FA Feature Plan", f"{'Long ' * 60}Plan"), "utf-8")


def _leave_conflict(project: Path) -> None:
    edit(project, "- Time-based codes", "<<<<<<< before\n- Time-based codes\n=======\n- Codes\n>>>>>>> after")


def _leave_conflict_in_front_matter(project: Path) -> None:
    edit(project, 'owner: "jane"', '<<<<<<< before\nowner: "jane"\n=======\nowner: "li"\n>>>>>>> after')


def _repeat_scope(project: Path) -> None:
    edit(project, "## Dependencies &", "## Scope Definition\n\nAgain.\n\n## Dependencies &")


def _move_kpis(project: Path) -> None:
    text = (project / PLAN).read_text("utf-8")
    start, end = text.index("## Success Metrics"), text.index("## Supporting Artifacts")
    moved = text[:start] + text[end:]
    (project / PLAN).write_text(moved.replace("## Risk Management", text[start:end] + "## Risk Management"), "utf-8")


def _tick(phase: int) -> Callable[[Path], None]:
    def tick(project: Path) -> None:
        text = (project / PLAN).read_text("utf-8")
        before, heading, after = text.partition(f"### Phase {phase}")
        (project / PLAN).write_text(before + heading + after.replace("- [ ]", "- [x]", 1), "utf-8")

    return tick


def _tick_what_is_not_there(project: Path) -> None:
    for phase in range(4):
        _tick(phase)(project)
    (project / "src/acme_shop/user_profile_2fa/ui/page.py").unlink()


def _build_early(project: Path) -> None:
    set_status(project, "draft")
    edit(project, "scaffold: true", "scaffold: false", ANSWERS)
    tree = sorted((project / "src").rglob("*.py")) + sorted((project / "tests").rglob("*.py"))
    for path in tree:
        if path.name != "service.py":
            path.unlink()


def _add_unplanned(project: Path) -> None:
    (project / "src/acme_shop/user_profile_2fa/domain/clock.py").write_text("")


def _share_component(project: Path) -> None:
    add_other(project)
    edit(project, "| Other service |", "| **Sign-in** service |", OTHER)


def _circle(project: Path) -> None:
    add_other(project, depends_on=f"[{SLUG}]")
    edit(project, "depends_on: []", "depends_on: [other]")


def _release_on_draft(project: Path) -> None:
    add_other(project, status="draft")
    edit(project, "**In progress**", "**Draft**", OTHER)
    _release(project)
    edit(project, "depends_on: []", "depends_on: [other]")


def _grow_stale(project: Path) -> None:
    repository(project)
    past = ["2025-11-01T00:00:00Z"] * 2
    git.with_env(GIT_COMMITTER_DATE=past[0], GIT_AUTHOR_DATE=past[1])(
        "-C", project, "commit", "-q", "--amend", "--no-edit"
    )


def set_status(project: Path, status: str) -> None:
    edit(project, 'status: "in-progress"', f'status: "{status}"')
    edit(project, "**In progress**", f"**{status.capitalize()}**")


def _release(project: Path) -> None:
    """Release the plan as it should be: all tasks done, the high risk made smaller, what it builds there."""
    set_status(project, "released")
    edit(project, RISK, RISK.replace("medium", "low"))
    file = project / PLAN
    file.write_text(file.read_text("utf-8").replace("- [ ]", "- [x]"), "utf-8")


def _release_unfinished(project: Path) -> None:
    _release(project)
    edit(project, "- [x] Roll out to", "- [ ] Roll out to")


def _release_at_risk(project: Path) -> None:
    _release(project)
    edit(project, RISK.replace("medium", "low"), RISK)


def _change_goals_after_approval(project: Path) -> None:
    edit(project, "accepted: []", 'approved: {date: "2026-02-01", by: "Jane"}\naccepted: []')
    repository(project)
    edit(project, "at most 5 seconds longer", "at most 9 seconds longer")


def _break_answers(project: Path) -> None:
    edit(project, "locked: true", "locked: @", ANSWERS)


SEEDS = (
    Seed("GP101", lambda project: (project / PLAN).unlink(), ""),
    Seed("GP102", written(b"# Plan\n\n\xff\xfe\n"), "\xff", name="not UTF-8"),
    Seed("GP102", written(b"# Plan\n\0\n"), "\0", name="binary"),
    Seed("GP102", written(b"\n"), "", name="empty"),
    Seed("GP102", written(b"x\n" * 5_000_000), "", name="ten megabytes"),
    Seed("GP102", written(b"", BRIEF), "", BRIEF, name="empty document"),
    Seed("GP102", _break_answers, "locked:", ANSWERS, name="answers that are no YAML"),
    Seed("GP103", replaced('ticket: ""', "ticket: ["), "ticket:", name="no YAML"),
    Seed("GP104", replaced('ticket: ""', 'tickets: ""'), "tickets:"),
    Seed("GP105", replaced('"in-progress"', '"started"'), "status:", name="bad value"),
    Seed("GP105", replaced('owner: "jane"\n', ""), "status:", name="missing key"),
    Seed("GP105", replaced('ticket: ""', 'ticket: ""\nticket: "X-1"'), 'ticket: "X-1"', name="repeated key"),
    Seed("GP105", replaced(f'slug: "{SLUG}"', 'slug: "other"'), "slug:", name="another folder's slug"),
    Seed("GP106", replaced("schema: 2", "schema: 99"), "schema:"),
    Seed("GP107", replaced("schema: 2", "schema: 1"), "schema:"),
    Seed("GP108", replaced("## Current State Assessment\n", ""), "## Overview"),
    Seed("GP109", replaced("## Risk Management", "## Risks"), "## Risks"),
    Seed("GP109", replaced("### Phase 4: Validation &", "### Phase 4: Testing &"), "### Phase 4", name="phase"),
    Seed("GP110", _repeat_scope, "## Scope Definition\n\nAgain."),
    Seed("GP111", _move_kpis, "## Success Metrics"),
    Seed("GP112", replaced("# Acme Shop – User", "# Acme – User"), "# Acme – User", name="another title"),
    Seed("GP112", replaced("## Implementation Notes", "# More\n\n## Implementation Notes"), "# More", name="a second"),
    Seed("GP113", replaced("- [Tech stack](tech-stack.md)", "- [Tech stack](tech.md)"), "(tech.md)"),
    Seed("GP113", replaced("(feature-plan.md)", "(../feature-plan.md)", BRIEF), "(../", BRIEF, name="document"),
    Seed("GP114", replaced("- Codes before keys", "- [Codes](#codes)"), "(#codes)", name="own heading"),
    Seed("GP114", replaced("- Codes before keys", "- [Why](feature-brief.md#why)"), "#why", name="another's heading"),
    Seed("GP115", _leave_conflict, "<<<<<<<"),
    Seed("GP115", _leave_conflict_in_front_matter, "<<<<<<<", name="front matter"),
    Seed("GP116", _lengthen, "---", name="too long"),
    Seed("GP117", _lengthen_title, "title:"),
    Seed("GP118", replaced('"documentation"]', f'"{"x" * 51}"]'), "labels:"),
    Seed("GP119", _to_lite, "depth:"),
    Seed("GP120", replaced("**In progress**", "**Draft**"), "**Draft**"),
    Seed("GP201", replaced("Support resets 40 accounts a week.", "[Limitation]"), "[Limitation]"),
    Seed("GP201", replaced("No text messages", "[Constraint]", BRIEF), "[Constraint]", BRIEF, name="document"),
    Seed("GP202", replaced("## Risk Management\n", "## Risk Management\n\n<!-- List what may go wrong. -->\n"), "<!--"),
    Seed("GP203", replaced("- Time-based codes", "<!-- prettier-ignore -->"), "### In Scope", name="section"),
    Seed("GP203", replaced("- Time-based codes", "- Time-based codes\n-"), "-\n\n### Out", name="item"),
    Seed("GP203", replaced("- [ ] Add the flag @jane", "- [ ]"), "- [ ]\n\n### Phase 2", name="task"),
    Seed("GP203", replaced("**Usage:** 12,000 sign-ins a day.", "**Usage:**"), "**Usage:**", name="label"),
    Seed("GP204", replaced("| Accept two steps | li |", "| – | li |"), "Clocks drift", name="mitigation"),
    Seed("GP204", replaced("| Accept two steps | li |", "| Accept two steps | TBD |"), "Clocks drift", name="owner"),
    Seed("GP205", replaced(RISK, RISK.replace("Recovery codes", "None")), "lose their phone"),
    Seed("GP206", replaced(KPI, KPI.replace("50 %", "many")), "Warehouse", name="number"),
    Seed("GP206", replaced(KPI, KPI.replace("Warehouse", "")), "50 %", name="source"),
    Seed("GP207", replaced("- **Rollback:** Switch the flag off; rehearsed in January.\n", ""), "## Rollout Plan"),
    Seed("GP207", replaced(" Switch the flag off; rehearsed in January.", ""), "**Rollback:**", name="nothing said"),
    Seed("GP208", replaced(FLAG, FLAG.replace("jane", "–")), "| second_factor", name="owner"),
    Seed("GP208", replaced(FLAG, FLAG.replace("Set it to off", "?")), "| second_factor", name="kill switch"),
    Seed("GP208", replaced(FLAG, FLAG.replace("2099-12-31", "soon")), "| second_factor", name="removal date"),
    Seed("GP209", replaced("| 99.9 % |", "| – |"), "30 days"),
    Seed("GP210", replaced(RISK, RISK.replace("high", "critical")), "lose their phone", name="impact"),
    Seed("GP210", replaced("| low | low |", "| low | – |"), "Clocks drift", name="likelihood"),
    Seed("GP211", replaced("| Beta | 2026-03-01 |", "| Beta | July 2026 |"), "| Beta", name="words"),
    Seed("GP211", replaced("| Beta | 2026-03-01 |", "| Beta | |"), "| Beta", name="nothing"),
    Seed("GP301", replaced("5 seconds longer.", "5 seconds longer.\n- **G3** Nobody is locked out."), "**G3**"),
    Seed("GP302", replaced("- [ ] Verify codes (G1)", "- [ ] Verify codes (G1, G7)"), "G7"),
    Seed("GP303", replaced("5 seconds longer.", "5 seconds longer.\n- **G2** Nobody waits."), "Nobody waits"),
    Seed("GP304", _tick(4), "### Phase 4"),
    Seed("GP305", replaced("5 seconds longer.", "5 seconds longer.\n- Nobody is locked out."), "Nobody is locked out"),
    Seed("GP401", _tick_what_is_not_there, "page.py"),
    Seed("GP402", _build_early, "service.py"),
    Seed("GP403", _add_unplanned, "__init__.py\n│           ├── api/"),
    Seed("GP501", _share_component, "| Sign-in service |"),
    Seed("GP502", _circle, "depends_on:"),
    Seed("GP503", _release_on_draft, "depends_on:"),
    Seed("GP504", replaced("depends_on: []", "depends_on: [billing]"), "depends_on:"),
    Seed("GP505", _grow_stale, "status:"),
    Seed("GP601", replaced("- [x] Stakeholders", "- [ ] Stakeholders"), "- [ ] Stakeholders"),
    Seed("GP602", _release_unfinished, "### Phase 5"),
    Seed("GP603", _release_at_risk, "lose their phone"),
    Seed("GP604", replaced(FLAG, FLAG.replace("2099-12-31", "2026-01-31")), "| second_factor"),
    Seed("GP604", replaced(FLAG, FLAG.replace("2099-12-31", "2026-01-02")), "| second_factor", name="last day"),
    Seed("GP605", replaced(FLAG, FLAG.replace("2099-12-31", "2026-01-01")), "| second_factor"),
    Seed("GP606", replaced("| Beta | 2026-03-01 |", "| Beta | 2026-01-31 |"), "| Beta"),
    Seed("GP608", _change_goals_after_approval, "**G2**"),
    Seed("GP607", replaced("schema: 2", 'schema: 2\nmilestones: ["Beta"]'), "milestones:"),
)


def _name(seed: Seed) -> str:
    return f"{seed.code} {seed.name}".strip()


@pytest.mark.parametrize("seed", SEEDS, ids=_name)
def test_a_defect_is_found_at_its_line_and_nothing_else(seed: Seed, project: Path) -> None:
    assert found(project).findings == ()

    seed.sow(project)

    (finding,) = found(project, SLUG).findings
    assert (finding.code, finding.path) == (seed.code, seed.path)
    if seed.needle:
        assert seed.needle in text_at(project, seed.path, finding.line, seed.needle)
    else:
        assert finding.line == 1


def test_every_code_has_a_seed() -> None:
    assert {seed.code for seed in SEEDS} == set(CODES)


def test_a_released_plan_as_it_should_be_is_clean(project: Path) -> None:
    _release(project)

    assert found(project).findings == ()


@pytest.mark.parametrize("row", ["Accepted: beta only, says the board", "**accepted** by jane"])
def test_a_risk_that_somebody_accepts_may_stay_high(project: Path, row: str) -> None:
    _release_at_risk(project)
    edit(project, "| Recovery codes |", f"| {row} |")

    assert found(project).findings == ()


def test_a_rule_that_somebody_accepts_is_silent(project: Path) -> None:
    _release_at_risk(project)
    edit(project, "accepted: []", 'accepted: [{rule: GP603, commit: "0a1b2c3", reason: Beta only}]')

    assert found(project).findings == ()


def test_what_makes_a_document_cannot_be_accepted(project: Path) -> None:
    edit(project, "accepted: []", 'accepted: [{rule: GP115, commit: "0a1b2c3", reason: Later}]')

    assert [finding.code for finding in found(project).findings] == ["GP105"]


@pytest.mark.parametrize("level", ["High", "**high**", "HIGH", "`high`"])
def test_a_level_may_be_set_in_any_type(project: Path, level: str) -> None:
    edit(project, RISK, RISK.replace("high", level).replace("Recovery codes", "–"))

    assert [finding.code for finding in found(project).findings] == ["GP205"]


@pytest.mark.parametrize("day", ["2026-01-31 ✓", "~~2026-01-31~~ ✅"])
def test_a_flag_that_is_gone_is_not_late(project: Path, day: str) -> None:
    edit(project, FLAG, FLAG.replace("2099-12-31", day))

    assert found(project).findings == ()


def test_a_milestone_that_is_reached_is_not_late(project: Path) -> None:
    edit(project, "| Beta | 2026-03-01 |", "| Beta ✓ | 2026-01-31 |")

    assert found(project).findings == ()


@pytest.mark.parametrize("schema", [1, 2])
def test_a_schema_is_as_it_was_published(schema: int) -> None:
    headings = ["/".join(path) for path in known(OUTLINES[schema])]

    assert hashlib.sha256("\n".join(headings).encode()).hexdigest().startswith("7df16e49")


def test_two_fresh_plans_on_one_component_get_notes_only(template: Path, tmp_path: Path) -> None:
    for name in ("First", "Second"):
        copy_project(template, tmp_path, feature_name=name, components=[{"component": "Sign-in"}])

    report = found(tmp_path)

    assert [finding.code for finding in report.findings] == ["GP501", "GP501"]
    assert not report.fails(strict=True)


def test_the_rendered_example_has_neither_errors_nor_warnings(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs/example", tmp_path / "docs/plan_docs/saved-carts")

    report = found(tmp_path)

    assert [finding for finding in report.findings if finding.severity is not Severity.NOTE] == []


def test_guidance_and_placeholders_are_no_findings_until_a_plan_is_approved(template: Path, tmp_path: Path) -> None:
    folder = copy_project(template, tmp_path)
    plan = folder / "feature-plan.md"
    text = plan.read_text("utf-8").replace('status: "draft"', 'status: "approved"')
    plan.write_text(text.replace("**Draft**", "**Approved**"), "utf-8")

    report = found(tmp_path)

    assert {finding.code for finding in report.findings} == {"GP201", "GP202", "GP601"}
    assert report.fails(strict=False)


def test_an_archived_plan_gets_notes_only(project: Path) -> None:
    set_status(project, "archived")
    edit(project, "## Risk Management", "## Risks")
    edit(project, "Support resets 40 accounts a week.", "[Limitation]")

    report = found(project, SLUG)

    assert [finding.code for finding in report.findings] == ["GP201", "GP109"]
    assert {finding.severity for finding in report.findings} == {Severity.NOTE}


@pytest.mark.parametrize("path", ["src/acme_shop/user_profile_2fa/ui/page.py", "src/acme_shop/user_profile_2fa/ui/"])
def test_an_accepted_deviation_is_silent(project: Path, path: str) -> None:
    _tick_what_is_not_there(project)
    accepted = f'accepted: [{{path: {path}, commit: "0a1b2c3", reason: Server renders it}}]'
    edit(project, "accepted: []", accepted)

    assert found(project).findings == ()


def test_brackets_of_peoples_own_are_no_placeholders(project: Path) -> None:
    own = "- [Goal](#overview), [Risk][risk], `[KPI]`, \\[Step], ![Note](feature-brief.md), [sic], [Source]"
    edit(project, "- Codes before keys", f"{own}\n\n[Source]: feature-brief.md\n[risk]: feature-brief.md")

    assert found(project).findings == ()


def test_links_elsewhere_are_not_followed(project: Path) -> None:
    edit(project, "- Codes before keys", "- [a](https://x.invalid/#y), [b](mailto:x@y), [c](//z), `[d](gone.md)`")

    assert found(project).findings == ()


def test_a_link_from_the_root_and_one_with_escapes_are_found(project: Path) -> None:
    (project / "a (b) c.md").write_text("# Über uns\n")
    edit(project, "- Codes before keys", "- [a](/a%20(b)%20c.md#%C3%BCber-uns), [b](<../../../a (b) c.md> 'T')")

    assert found(project).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        # GitHub's documentation, “Basic writing and formatting syntax”: footnotes, alerts, comments, relative links.
        "A note.[^1]\n\n[^1]: Goal of one line",
        "A note.[^1]\n\n[^1]: See [the brief](feature-brief.md).",
        "[^note]: Reference",
        "> ```text\n> [Goal] [link](gone.md)\n> ```",
        "> - quoted\n>\n>   ```text\n>   - **Risk:** [Risk]\n>   ```",
        ">     [Goal] indented code",
        "> [!NOTE]\n> Useful information.",
        "Text <!-- a comment\nwith [Goal] and [link](gone.md)\nover lines --> goes on",
        "Text `code over\nlines [Goal]` goes on",
        "[up](#top), [up](#), [up](feature-brief.md#TOP), [line](feature-brief.md?plain=1#L3-L9)",
        "[a](#user-content-overview)",
        # CommonMark 0.31, examples 14 and 521: an escape, and a bracket within a link's text.
        "\\[Goal\\] and [a [Risk] b](feature-brief.md)",
        # A table's row of empty cells is no mark of a conflict, nor is an underline.
        "| a | b | c | d | e | f |\n|---|---|---|---|---|---|\n|||||||",
        "> Quoted\n> =======\n> below",
        "Text and <kbd>Ctrl</kbd>, <https://example.com/gone.md>, a@example.com, ![Goal](feature-brief.md)",
        # Whatever looks like an answer and is none: a reference, a remark, a box.
        "- [ADR-12]\n- [sic]\n- [x] [Done](feature-brief.md)",
    ],
)
def test_what_github_renders_as_something_else_is_no_finding(project: Path, text: str) -> None:
    edit(project, "- Codes before keys", f"- Codes before keys\n\n{text}")

    assert found(project).findings == ()


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("The _whole_ **picture**", "the-whole-picture"),
        ("Press <kbd>Ctrl</kbd> now", "press-ctrl-now"),
        ('<a name="own"></a>Title', "title"),
        ('<a name="own"></a>Title', "own"),
        ("`snake_case` name", "snake_case-name"),
        ("Read [the brief](feature-brief.md)", "read-the-brief"),
        ("~~Old~~ &amp; new", "old--new"),
        ("C\\* and D", "c-and-d"),
    ],
)
def test_a_headings_anchor_is_made_of_its_text_as_rendered(project: Path, heading: str, anchor: str) -> None:
    edit(project, "- Codes before keys", f"- [there](#{anchor})\n\n### {heading}\n\nText.")

    assert found(project).findings == ()


def test_a_heading_in_a_quotation_has_an_anchor_too(project: Path) -> None:
    edit(project, "- Codes before keys", "- [there](#quoted)\n\n> ### Quoted\n>\n> Text.")

    assert found(project).findings == ()


def test_nothing_but_the_conflict_is_found_in_a_document_in_conflict(project: Path) -> None:
    _leave_conflict(project)
    edit(project, "## Risk Management", "## Risks")
    edit(project, "No text messages\n", "[Constraint]\n", BRIEF)

    assert [(finding.code, finding.path) for finding in found(project).findings] == [("GP201", BRIEF), ("GP115", PLAN)]


@pytest.mark.parametrize(
    "text",
    [
        "- **Cost centre:** [Cost centre]",
        "- [Who pays]",
        "- [ ] [Task of ours]",
        "[What else]",
        "- Shop — [Their impact] — test",
        "| Budget | Owner |\n| --- | --- |\n| [Amount of money] | li |",
        "> [Quoted question]",
        "- ordered\n  1. [Ergebnis für Kunden]",
    ],
)
def test_the_placeholders_of_another_template_are_found_where_templates_write_them(project: Path, text: str) -> None:
    edit(project, "- Codes before keys", f"- Codes before keys\n\nMore:\n\n{text}")

    (finding,) = found(project).findings
    line = (project / PLAN).read_text("utf-8").splitlines()[finding.line - 1]
    assert (finding.code, line) == ("GP201", text.splitlines()[-1])


def test_a_placeholder_and_a_link_are_found_in_their_line_of_a_paragraph(project: Path) -> None:
    text = "One `code [x\ny]` two\nthree [Goal] four <!-- five\nsix -->\n[gone](gone.md) seven"
    edit(project, "- Codes before keys", f"- Codes before keys\n\n{text}")
    start = (project / PLAN).read_text("utf-8").splitlines().index("One `code [x") + 1

    assert [(finding.code, finding.line - start) for finding in found(project).findings] == [("GP201", 2), ("GP113", 4)]


def test_sections_of_peoples_own_are_welcome(project: Path) -> None:
    edit(project, "## Risk Management", "## Glossary\n\nCode: six digits.\n\n## Risk Management")

    assert found(project).findings == ()


def test_a_plan_that_changed_lately_is_not_stale(project: Path) -> None:
    _grow_stale(project)
    edit(project, "- Codes before keys", "- Codes first")

    assert found(project).findings == (), "a change that is not committed yet counts"
    commit(project)
    assert found(project).findings == ()


def test_a_plan_that_git_does_not_know_yet_is_not_stale(project: Path) -> None:
    git("-C", project, "init", "-q")
    git("-C", project, "commit", "-q", "--allow-empty", "-m", "Start")

    assert found(project).findings == ()


def test_without_git_staleness_is_said_to_be_unknown(project: Path) -> None:
    report = found(project)

    assert report.findings == ()
    assert "GP505" in "".join(report.notices)


def test_a_plan_folder_within_a_larger_repository_has_a_history(project: Path, tmp_path: Path) -> None:
    _grow_stale(project)
    shutil.rmtree(project / ".git")
    repository(tmp_path)

    assert found(project).findings == ()
    assert found(project).notices == ()


def test_codes_are_selected_and_ignored_by_how_they_begin(project: Path) -> None:
    edit(project, "## Risk Management", "## Risks")
    edit(project, "Support resets 40 accounts a week.", "[Limitation]")

    def codes(**choice: list[str]) -> list[str]:
        return [
            finding.code
            for finding in check(
                None, project, today=TODAY, select=choice.get("select", []), ignore=choice.get("ignore", [])
            ).findings
        ]

    assert codes(select=["GP1"]) == ["GP109"]
    assert codes(ignore=["GP1"]) == ["GP201"]
    assert codes(select=["GP"], ignore=["GP109"]) == ["GP201"]
    with pytest.raises(UnknownCodeError, match="GP9"):
        codes(select=["GP9"])


def test_an_unknown_plan_is_refused_with_the_nearest_name(project: Path) -> None:
    with pytest.raises(UnknownPlanError, match="Is it user-profile-2fa"):
        found(project, "user-profile")


def test_many_plans_checked_by_workers_are_as_if_checked_alone(finished: Path, tmp_path: Path) -> None:
    for number in range(30):
        slug = f"feature-{number}"
        folder = tmp_path / "docs/plan_docs" / slug
        shutil.copytree(finished / FOLDER, folder)
        plan = folder / "feature-plan.md"
        text = plan.read_text("utf-8").replace(f'slug: "{SLUG}"', f'slug: "{slug}"')
        plan.write_text(text.replace("[Sketches](https:", "[Sketches](gone/" if number % 7 == 0 else "[S](https:"))

    together = found(tmp_path)
    few = together.slugs[:4]
    alone = [finding for slug in few for finding in found(tmp_path, slug).findings]

    assert sorted(alone) == [finding for finding in together.findings if finding.path.split("/")[2] in few]
    assert sum(finding.code == "GP113" for finding in together.findings) == 5
    assert {finding.code for finding in together.findings} == {"GP113", "GP501"}


@pytest.mark.parametrize("link", ["folder", "plan"])
def test_a_symlink_loop_is_a_finding(project: Path, link: str) -> None:
    loop = project / "docs/plan_docs/loop"
    if link == "folder":
        loop.symlink_to(loop)
    else:
        loop.mkdir()
        (loop / "feature-plan.md").symlink_to(loop / "feature-plan.md")

    (finding,) = found(project).findings

    assert (finding.code, finding.path, finding.line) == ("GP102", "docs/plan_docs/loop/feature-plan.md", 1)


def test_a_folder_that_links_to_itself_is_walked_once(project: Path) -> None:
    (project / FOLDER / "again").symlink_to(project / FOLDER)

    assert found(project).findings == ()


def test_a_folder_without_a_plan_is_a_finding_and_a_page_beside_the_folders_is_not(project: Path) -> None:
    (project / "docs/plan_docs/README.md").write_text("# Plans\n")
    (project / "docs/plan_docs/idea").mkdir()

    assert places(found(project)) == [("GP101", "docs/plan_docs/idea/feature-plan.md", 1)]


def test_a_repository_without_plans_has_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path).slugs == ()
    assert not found(tmp_path).fails(strict=True)


NASTY = (
    "---\n" + "[" * 200_000 + "\n---\n",
    "---\na: &a [" + "*a," * 50 + "]\n---\n# T\n",
    "---\n? {a: b}\n: c\n---\n",
    "---\n",
    "---\n---\n",
    "---\n- a\n---\n# T",
    "\ufeff---\nstatus: draft\n---\n",
    "# T\n" + "> " * 5_000 + "x\n",
    "- " * 20_000 + "x\n",
    "|" * 50_000 + "\n|-|\n",
    "[" * 50_000,
    "[a](" * 20_000,
    "`" * 50_001 + "[Goal]",
    "<!--" * 20_000,
    "\r\r\n\x0b\x0c\u2028## Risk Management\r| Risk |\r| --- |\r| x\r",
)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_bad_input_is_a_finding_with_file_and_line(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "docs/plan_docs/bad"
    folder.mkdir(parents=True)
    (folder / "feature-plan.md").write_bytes(text.encode())

    report = found(tmp_path)

    assert report.fails(strict=False)
    assert {finding.path for finding in report.findings} == {"docs/plan_docs/bad/feature-plan.md"}
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= finding.line <= lines for finding in report.findings)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plan_cut_and_joined_anyhow_is_checked_without_an_exception(
    finished: Path, tmp_path: Path, data: st.DataObject
) -> None:
    lines = (finished / PLAN).read_text("utf-8").splitlines(keepends=True)
    pieces = data.draw(st.lists(st.sampled_from(lines) | st.text(max_size=20), max_size=60))
    folder = tmp_path / "docs/plan_docs/bad"
    folder.mkdir(parents=True, exist_ok=True)
    start = "".join(lines[:19]) if data.draw(st.booleans()) else ""
    (folder / "feature-plan.md").write_text(start + "".join(pieces), "utf-8", newline="")

    check(None, tmp_path, today=TODAY)
