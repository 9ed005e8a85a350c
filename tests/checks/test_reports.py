"""A report in each of its forms, by the rules of those who read it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from groundplan.checks.catalogue import CODES
from groundplan.checks.check import CheckReport
from groundplan.checks.reports import as_github, as_json, as_sarif, as_text
from groundplan.checks.rules import Finding, Severity
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from plumbum import local
from support.commands import groundplan
from support.finished_plans import PLAN, edit
from support.rendering import ROOT

SARIF_SCHEMA = ROOT / ".tools/node/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
PATHS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
REPORTS = st.builds(
    CheckReport,
    slugs=st.just(("sign-in",)),
    plans=st.just(()),
    findings=st.lists(
        st.builds(
            Finding,
            path=PATHS,
            line=st.integers(1, 99),
            code=st.sampled_from(sorted(CODES)),
            message=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
            severity=st.sampled_from(Severity),
        )
    ).map(tuple),
    notices=st.lists(st.text(min_size=1)).map(tuple),
)
# “Workflow commands for GitHub Actions”: ::name key=value,key=value::message, each command on a line of its own.
COMMAND = re.compile(r"::(error|warning|notice) file=([^:,]+),line=(\d+),title=([^:,]+)::(.*)")


@pytest.fixture(scope="module")
def sarif() -> Draft7Validator:
    if not SARIF_SCHEMA.exists():
        pytest.skip("the schema of SARIF is missing: run make setup with npm")
    return Draft7Validator(json.loads(SARIF_SCHEMA.read_text("utf-8")))


@given(report=REPORTS)
def test_sarif_keeps_to_its_schema(sarif: Draft7Validator, report: CheckReport) -> None:
    log = json.loads(as_sarif(report))

    assert [error.message for error in sarif.iter_errors(log)] == []
    (run,) = log["runs"]
    for result, finding in zip(run["results"], report.findings, strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == finding.path
        assert place["region"]["startLine"] == finding.line
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == finding.code


@given(report=REPORTS)
def test_github_commands_keep_to_their_grammar_whatever_they_hold(report: CheckReport) -> None:
    lines = re.split(r"[\r\n]", as_github(report))[:-1]

    assert len(lines) == len(report.findings)
    for line, finding in zip(lines, report.findings, strict=True):
        command = COMMAND.fullmatch(line)
        assert command
        assert {"error": "error", "warning": "warning", "notice": "note"}[command[1]] == finding.severity.value
        assert (unquote(command[2]), int(command[3])) == (finding.path, finding.line)
        assert unquote(command[5]) == finding.message


@given(report=REPORTS)
def test_json_holds_every_finding(report: CheckReport) -> None:
    document = json.loads(as_json(report))

    assert [tuple(finding) for finding in document["findings"]] == [
        ("code", "severity", "path", "line", "message") for _ in report.findings
    ]
    assert sum(document["counts"].values()) == len(report.findings)


def test_text_is_a_line_for_each_finding_and_one_that_counts() -> None:
    finding = Finding("docs/a.md", 7, "GP113", "The link leads nowhere.", Severity.ERROR)

    assert as_text(CheckReport(("a", "b"), (), (finding,), ())) == (
        "docs/a.md:7: error GP113 The link leads nowhere.\n2 plans checked: 1 error, 0 warnings, 0 notes\n"
    )


@pytest.mark.parametrize(
    ("severity", "strict", "fails"),
    [
        (Severity.ERROR, False, True),
        (Severity.WARNING, False, False),
        (Severity.WARNING, True, True),
        (Severity.NOTE, True, False),
    ],
)
def test_errors_fail_and_where_one_is_strict_warnings_too(severity: Severity, strict: bool, fails: bool) -> None:
    report = CheckReport(("a",), (), (Finding("a.md", 1, "GP113", "x", severity),), ())

    assert report.fails(strict=strict) is fails


def test_the_command_reports_findings_and_exits_with_1(project: Path) -> None:
    edit(project, "## Risk Management", "## Risks")

    ended = groundplan(project, "check", "--today", "2026-02-01")

    assert ended.status == 1
    assert re.match(rf"{PLAN}:\d+: error GP109 ", ended.output)
    assert ended.output.endswith("1 plan checked: 1 error, 0 warnings, 0 notes\n")


def test_a_warning_passes_but_for_strict(project: Path) -> None:
    edit(project, "| Accept two steps |", "| – |")

    assert groundplan(project, "check").status == 0
    assert groundplan(project, "check", "--strict").status == 1
    assert groundplan(project, "check", "--strict", "--ignore", "GP204,GP606").status == 0
    assert groundplan(project, "check", "--strict", "--select", "GP1", "--select", "GP3").status == 0


@pytest.mark.parametrize("name", ["user-profile-2fa", "docs/plan_docs/user-profile-2fa", PLAN])
def test_a_plan_is_named_by_slug_folder_or_file(project: Path, name: str) -> None:
    (project / "docs/plan_docs/empty").mkdir()

    assert groundplan(project, "check", "--json").status == 1
    assert groundplan(project, "check", "--json", name).document["plans"] == ["user-profile-2fa"]


def test_a_path_is_taken_from_where_the_command_runs(project: Path) -> None:
    (project / ".git").mkdir()

    ended = groundplan(project / "docs", "check", "--json", "plan_docs/user-profile-2fa/architecture.md")

    assert ended.document["plans"] == ["user-profile-2fa"]
    assert ended.status == 0


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("--today", "soon"), ("--select", "GP9"), ("--select", ""), ("--format", "xml"), ("--fast",)],
)
def test_wrong_use_is_one_line_and_exits_with_2(project: Path, arguments: tuple[str, ...]) -> None:
    ended = groundplan(project, "check", *arguments)

    assert ended.status == 2
    assert ended.output == ""
    assert re.fullmatch(r"groundplan: .+\n", ended.errors)


def test_json_has_a_short_form(project: Path) -> None:
    assert groundplan(project, "check", "--json").output == groundplan(project, "check", "--format", "json").output


def test_a_reader_who_leaves_early_causes_no_traceback(project: Path) -> None:
    edit(project, "- Codes before keys", "- [gone](gone.md)\n" * 3000)
    command = f"{Path(sys.executable).with_name('groundplan')} check --format sarif | head -c 10"

    _, _, errors = local["sh"]["-c", command].with_cwd(project).run(retcode=None)

    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "modules",
    ["groundplan.plan.reader", "groundplan.checks.check, groundplan.checks.reports", "groundplan.progress.status"],
)
def test_what_must_be_quick_imports_neither_copier_nor_pydantic(modules: str) -> None:
    program = f"import sys, {modules}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"

    loaded = local[sys.executable]("-c", program).split()

    assert not {"copier", "pydantic", "jinja2", "rich", "multiprocessing"} & set(loaded)


def test_the_check_command_imports_neither_copier_nor_pydantic(project: Path) -> None:
    program = (
        "import sys; from groundplan.cli.app import main\n"
        "sys.argv = ['groundplan', 'check']\n"
        "try: main()\n"
        "finally: print(*sorted(sys.modules), file=sys.stderr)\n"
    )

    _, _, errors = local[sys.executable]["-c", program].with_cwd(project).run()

    assert not {"copier", "pydantic", "jinja2", "rich"} & set(errors.split())


def test_notes_are_counted_and_shown_where_they_are_asked_for(project: Path) -> None:
    (project / "src/acme_shop/user_profile_2fa/domain/clock.py").write_text("")

    hidden, shown = (groundplan(project, "check", "--today", "2026-02-01", *more) for more in ((), ("--notes",)))

    assert hidden.output == "1 plan checked: 0 errors, 0 warnings, 1 note (--notes shows them)\n"
    assert "note GP403" in shown.output and shown.output.endswith("0 warnings, 1 note\n")
    for more, count in (((), 0), (("--notes",), 1)):
        report = groundplan(project, "check", "--json", "--today", "2026-02-01", *more).document
        assert (len(report["findings"]), report["counts"]["note"]) == (count, 1)


def test_what_is_open_is_summed_up_by_section_but_for_all(project: Path) -> None:
    edit(project, "- Codes before keys", "- [Decision reference]\n- [Another one]\n-")
    edit(project, "**Usage:** 12,000 sign-ins a day.", "**Usage:** [Usage figure]")
    arguments = ("check", "--select", "GP2")

    summed, every = groundplan(project, *arguments), groundplan(project, *arguments, "--all")

    codes = [re.findall(r": error (GP\d+) ", ended.output) for ended in (summed, every)]
    assert codes == [["GP201", "GP201", "GP203"], ["GP201", "GP201", "GP201", "GP203"]]
    assert re.search(
        r"2 placeholders are left in “Implementation Notes”, lines \d+ to \d+ \(--all\)\.\n", summed.output
    )
    assert summed.output.splitlines()[-1] == every.output.splitlines()[-1]


def test_archived_plans_are_left_out_but_where_they_are_named(project: Path) -> None:
    edit(project, 'status: "in-progress"', 'status: "archived"')

    def checked(*more: str) -> str:
        return groundplan(project, "check", "--notes", *more).output.splitlines()[-1].partition(" checked")[0]

    assert [checked(), checked("--archived"), checked(PLAN)] == ["0 plans", "1 plan", "1 plan"]
    told = [groundplan(project, "status", "--json", *more).document["features"] for more in ((), ("--archived",))]
    assert [len(features) for features in told] == [0, 1]
    assert "User profile" in groundplan(project, "status", "--format", "markdown").output


def test_nothing_that_a_plan_says_steers_a_terminal(project: Path) -> None:
    edit(project, "| Clocks drift |", "| Clocks \x1b]0;owned\x07\u202edrift |")
    edit(project, "| Accept two steps |", "| – |")

    ended = groundplan(project, "check", "--select", "GP204")

    assert r"Clocks \x1b]0;owned\x07\u202edrift" in ended.output
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", ended.output)
