"""Adopting real proposals, and plans filled by hand: no line is lost.

They are not ours to publish. GROUNDPLAN_DOCUMENTS names a folder with some, such as a clone of kubernetes/enhancements.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from groundplan.adopting.adopt import read_document
from groundplan.adopting.sources import read_sources
from groundplan.adopting.template_text import template_of
from groundplan.errors import UserError
from groundplan.text.markdown import parse
from support.rendering import copy_project

PLACE = Path(os.environ.get("GROUNDPLAN_DOCUMENTS", "documents-that-are-not-there"))
WORD = re.compile(r"\w+")


@pytest.mark.skipif(not PLACE.is_dir(), reason="GROUNDPLAN_DOCUMENTS names no folder of real documents")
def test_real_documents_lose_no_line(template: Path, tmp_path: Path) -> None:
    rendered = (copy_project(template, tmp_path / "plain") / "feature-plan.md").read_text("utf-8")
    lost = [line for path in sorted(PLACE.rglob("*.md")) for line in lost_lines(path, rendered)]
    assert not lost


def lost_lines(path: Path, rendered: str) -> list[str]:
    """Return the lines of a document that stand neither in its plan nor in its brief nor in a field."""
    try:
        (source,) = read_sources(str(path))
    except UserError:
        return []
    adoption = read_document(source)
    lines = source.text.split("\n")
    # What the report lists is told in other words, such as “Med” for medium.
    fields = [line for claim in adoption.reading.claims for line in lines[claim.start : claim.stop]]
    known = set(WORD.findall("\n".join([adoption.plan(rendered), *fields])))
    template = template_of(parse(source.text))
    lost = [line for line in lines if not set(WORD.findall(line)) <= known and not template.has_line(line)]
    return [f"{path.name}: {line}" for line in lost]
