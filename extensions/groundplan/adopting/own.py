"""What the front matter of a plan of ours answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundplan.adopting.reading import Reading
from groundplan.plan.front_matter import read_front_matter
from groundplan.text.blocks import Document

_ANSWERS: Mapping[str, str] = {
    "owner": "owner",
    "ticket": "ticket",
    "branch": "branch",
    "labels": "labels",
    "assignees": "assignees",
    "depends_on": "depends_on",
    "feature": "feature_name",
    "slug": "feature_slug",
    "created": "created",
    "depth": "depth",
    "stack": "stack",
    "layers": "layers",
}
_TITLE_END = " Feature Plan"
# As the template's list of supporting documents links them.
_DOCUMENTS = {
    "feature-brief.md": "feature-brief",
    "tech-stack.md": "tech-stack",
    "architecture.md": "architecture",
    "ux-flows.md": "ux-flows",
    "runbook.md": "runbook",
}


def read_own(document: Document, reading: Reading) -> None:
    """Take the answers of identity and shape out of a plan's front matter.

    Args:
        document: A plan of ours.
        reading: Takes the answers.
    """
    if not document.front_matter:
        return
    matter = read_front_matter(document.front_matter.content)
    for key, name in _ANSWERS.items():
        value: Any = getattr(matter, key)
        if value not in ("", (), None):
            reading.answers[name] = list(value) if isinstance(value, tuple) else value
            reading.lines[name] = matter.lines.get(key, 1)
    end = f" – {matter.feature}{_TITLE_END}"
    if matter.title.endswith(end) and (project := matter.title.removesuffix(end)):
        reading.answers["project_name"] = project
        reading.lines["project_name"] = matter.lines.get("title", 1)
    text = "".join(document.lines)
    reading.answers["supporting_docs"] = [name for file, name in _DOCUMENTS.items() if f"]({file})" in text]
    if "](adr/0001-" in text:
        reading.answers["supporting_docs"].append("adr")
