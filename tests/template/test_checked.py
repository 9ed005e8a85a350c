"""What the template writes is what the checks expect: fresh plans are clean, the placeholders are the known ones."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from groundplan.checks.check import check
from groundplan.checks.rules import Severity
from groundplan.plan.placeholders import PLACEHOLDERS
from support.rendering import copy_project
from support.renders import STACKS, SUPPORTED

Rendered = Callable[[str], Path]
TODAY = datetime.date(2026, 2, 1)
NO_PROSE = re.compile(r"^---\n.*?^---\n|^```.*?^```|<!--.*?-->|`[^`\n]*`", re.DOTALL | re.MULTILINE)
# Neither a link nor a task's box.
BRACKETS = re.compile(r"\[([^\]]{2,})\](?!\()")


@pytest.mark.parametrize("name", SUPPORTED)
def test_a_fresh_plan_has_neither_errors_nor_warnings(rendered: Rendered, name: str) -> None:
    report = check(None, rendered(name).parents[2], today=TODAY)

    assert [finding for finding in report.findings if finding.severity is not Severity.NOTE] == []
    assert len(report.slugs) == 1


def test_the_known_placeholders_are_those_that_the_template_writes(
    rendered: Rendered, template: Path, tmp_path: Path
) -> None:
    copy_project(template, tmp_path, stack="none", extra_sections=[{"heading": "Privacy"}])
    folders = [tmp_path, *map(rendered, (*STACKS, "full", "plan-alone"))]

    assert {text for folder in folders for text in bracketed(folder)} == PLACEHOLDERS


def bracketed(folder: Path) -> Iterator[str]:
    for document in folder.rglob("*.md"):
        yield from BRACKETS.findall(NO_PROSE.sub("", document.read_text("utf-8")))
