"""What the front matter of a plan of ours answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from groundplan.adopting.reading import Reading
from groundplan.plan.front_matter import read_front_matter
from groundplan.text.blocks import Document

# By key, the answer; most are called the same.
_ANSWERS: Mapping[str, str] = {
    **{key: key for key in ("owner", "ticket", "branch", "labels", "assignees", "depends_on")},
    **{"feature": "feature_name", "slug": "feature_slug"},
    **{key: key for key in ("created", "depth", "stack", "layers")},
}
_DOCUMENTS = ("feature-brief", "tech-stack", "architecture", "ux-flows", "runbook")
_TITLE_END = " Feature Plan"
# As the template's list of supporting documents links them.
_OWN_LINK = re.compile(rf"\[[^\]]+\]\((?:{'|'.join(_DOCUMENTS)}|adr/0001-[a-z0-9-]+)\.md\)")
_RECORD = re.compile(r"\]\(adr/0001-([a-z0-9-]+)\.md\)")
_DIAGRAM = re.compile(r"```mermaid\nflowchart TD\n    (?:subgraph )?feature\[.*?\n```\n?", re.DOTALL)


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
    reading.answers["supporting_docs"] = [name for name in _DOCUMENTS if f"]({name}.md)" in text]
    if record := _RECORD.search(text):
        reading.answers["supporting_docs"].append("adr")
        reading.answers["adr_slug"] = record[1]


def drop_drawn(reading: Reading) -> None:
    """Take out of the answers what the template writes by itself: links to its documents, the diagram of components.

    Args:
        reading: What was read from a plan of ours.
    """
    answers = reading.answers
    if "artifacts" in answers:
        answers["artifacts"] = [entry for entry in answers["artifacts"] if not _OWN_LINK.fullmatch(entry)]
    if "high_level" in answers:
        answers["high_level"] = _DIAGRAM.sub("", answers["high_level"]).strip()
    for key in ("artifacts", "high_level"):
        if key in answers and not answers[key]:
            del answers[key]
