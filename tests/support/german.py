"""A team that writes its plans in German: every heading has another name, two sections are its own, one is left out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from groundplan.plan.outline import PHASE
from groundplan.rendering.sections import team_names

DEFAULTS = Path(__file__).with_name("german.yml")
GERMAN: Mapping[str, Any] = yaml.safe_load(DEFAULTS.read_text("utf-8"))
# What the team calls each heading, by what the template calls it.
NAMES: Mapping[str, str] = team_names(GERMAN["headings"], GERMAN["phases"])


def in_german(text: str) -> str:
    """Rename the headings of a document, as a team's defaults would have them."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        marks, _, title = line.partition(" ")
        if marks in {"##", "###"}:
            lines[number] = f"{marks} {NAMES.get(title.rstrip(), title)}"
    return "\n".join(lines)


def translate(project: Path, **answers: object) -> None:
    """Give every plan of a project the team's headings, in its text and in its answers; no line moves."""
    for folder in (project / "docs/plan_docs").iterdir():
        plan, stored = folder / "feature-plan.md", folder / ".copier-answers.yml"
        if plan.exists():
            text = plan.read_bytes().decode("latin-1" if b"\xff" in plan.read_bytes() else "utf-8")
            words = in_german(text).replace(f"### {PHASE} ", f"### {NAMES[PHASE]} ")
            plan.write_bytes(words.encode("latin-1" if "\xff" in text else "utf-8"))
        with stored.open("a", encoding="utf-8") as file:
            headings = {key: GERMAN[key] for key in ("headings", "phases")}
            yaml.safe_dump({**headings, **answers}, file, allow_unicode=True)


def give_defaults(root: Path, **changes: Any) -> None:
    """Give a repository the team's defaults, with changes."""
    place = root / "docs/plan_docs/defaults.yml"
    place.parent.mkdir(parents=True, exist_ok=True)
    if changes:
        place.write_text(yaml.safe_dump({**GERMAN, **changes}, allow_unicode=True, sort_keys=False), "utf-8")
    else:
        shutil.copy(DEFAULTS, place)
