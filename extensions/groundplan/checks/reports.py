"""A check's report as text, as JSON, as SARIF for code scanning, and as commands of a GitHub workflow."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from groundplan.checks.catalogue import CODES
from groundplan.checks.check import CheckReport
from groundplan.checks.rules import Code, Finding, Severity
from groundplan.plan.model import Plan
from groundplan.text.visible import as_json as dump
from groundplan.text.visible import percent_encoded, visible

# What says that something is still open, and how several are called.
OPEN = {"GP201": "placeholders are left", "GP202": "comments of guidance are left", "GP203": "places say nothing"}
_GITHUB_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_text(report: CheckReport) -> str:
    """Write one line a finding, but one for all that is open in a section, and a line that counts the findings."""
    return _as_lines(list(_by_section(report)), report)


def as_lines(report: CheckReport) -> str:
    """Write one line a finding, `path:line: severity code message`, and a line that counts them."""
    return _as_lines(report.findings, report)


def _as_lines(findings: Iterable[Finding], report: CheckReport) -> str:
    return "\n".join([*map(as_line, findings), summary(report)]) + "\n"


def as_line(finding: Finding) -> str:
    """Write a finding as a line: `path:line: severity code message`."""
    return visible(f"{finding.path}:{finding.line}: {finding.severity.value} {finding.code} {finding.message}")


def _by_section(report: CheckReport) -> Iterator[Finding]:
    """Yield the findings; those of a kind that say what is open are put together where a section has several."""
    plans = {plan.page.path: plan for plan in report.plans}
    groups: dict[tuple[str, str, str, object], list[Finding]] = {}
    for finding in report.findings:
        title = section_title(plans[finding.path], finding.line) if finding.path in plans else ""
        alone = None if finding.code in OPEN else finding
        groups.setdefault((finding.path, finding.code, title, alone), []).append(finding)
    for (_, code, title, _), found in groups.items():
        first, *others = found
        where = f"“{title}”" if title else "this document"
        message = f"{len(found)} {OPEN.get(code, '')} in {where}, lines {first.line} to {found[-1].line} (--all)."
        yield replace(first, message=message) if others else first


def section_title(plan: Plan, line: int) -> str:
    """Return the title of the section of the second level that a line stands in; empty above the first."""
    above = [section.path[0] for section in plan.sections if section.line <= line]
    return above[-1] if above else ""


def summary(report: CheckReport) -> str:
    """Return a line with how many plans were checked and what was found."""
    counts = [counted(report.count(severity), severity.value) for severity in Severity]
    hidden = " (--notes shows them)" if report.hidden_notes else ""
    return f"{counted(len(report.slugs), 'plan')} checked: {', '.join(counts)}{hidden}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it asks for that."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def as_json(report: CheckReport) -> str:
    """Write one JSON document: the plans, the findings, their counts, and what could not be judged."""
    return _dump(
        {
            "plans": list(report.slugs),
            "findings": [finding_data(finding) for finding in report.findings],
            "counts": {severity.value: report.count(severity) for severity in Severity},
            "notices": list(report.notices),
        }
    )


def finding_data(finding: Finding) -> dict[str, object]:
    """Return a finding as JSON data: code, severity, path, line, message."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "path": finding.path,
        "line": finding.line,
        "message": finding.message,
    }


def as_sarif(report: CheckReport) -> str:
    """Write a log in the Static Analysis Results Interchange Format 2.1.0 (OASIS), as code scanning takes it."""
    driver = {"name": "groundplan", "rules": [_rule(code) for code in CODES.values()]}
    notifications = [{"level": "note", "message": {"text": notice}} for notice in report.notices]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "results": [_result(finding) for finding in report.findings],
    }
    return _dump({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _rule(code: Code) -> dict[str, object]:
    severity = code.later or code.draft
    text = f"{code.title}. See docs/reference/checks.md#{code.id.lower()} in groundplan's repository."
    return {
        "id": code.id,
        "name": code.name,
        "shortDescription": {"text": code.title},
        "help": {"text": text},
        "defaultConfiguration": {"level": severity.value if severity else "none"},
    }


def _result(finding: Finding) -> dict[str, object]:
    place = {
        "artifactLocation": {"uri": quote(finding.path, errors="surrogateescape"), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": finding.line},
    }
    return {
        "ruleId": finding.code,
        "ruleIndex": list(CODES).index(finding.code),
        "level": finding.severity.value,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
    }


def as_github(report: CheckReport) -> str:
    """Write a workflow command for each finding, so that GitHub shows it beside its line.

    The grammar is that of “Workflow commands for GitHub Actions”, the escaping that of the toolkit's `command.ts`.
    """
    return "".join(f"{_command(finding)}\n" for finding in report.findings)


def _command(finding: Finding) -> str:
    title = f"{finding.code} {CODES[finding.code].title}"
    properties = {"file": finding.path, "line": str(finding.line), "title": title}
    written = ",".join(f"{key}={_escape_property(value)}" for key, value in properties.items())
    return f"::{_GITHUB_COMMANDS[finding.severity]} {written}::{percent_encoded(finding.message)}"


def _escape_property(text: str) -> str:
    return percent_encoded(text).replace(":", "%3A").replace(",", "%2C")


def _dump(data: object) -> str:
    return dump(data) + "\n"


FORMATS: Mapping[str, Callable[[CheckReport], str]] = {
    "text": as_text,
    "lines": as_lines,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
