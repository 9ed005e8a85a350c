"""What a team may make of the documents' sections, refused before a file is written where it would not work.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from .guards import kept, refuse
from .quoting import shown
from .sections import BELOW, PHASE, PLAN, SECTIONS, headings_of, phase_headings, team_names

KEYS = ("headings", "phases", "leave_out", "extra_sections")


@pass_context
def guard_sections(context: Context) -> str:
    """Refuse names and sections of a team that could not be told apart, or have no place.

    Args:
        context: The render context, with all answers of `KEYS` that there are.

    Raises:
        UserMessageError: The reason, and what to do.
    """
    answers = {key: answer for key in KEYS if (answer := context.get(key))}
    if not all(kept(context, key, answer) for key, answer in answers.items()):
        for problem in section_problems(answers):
            refuse(problem)
    return ""


def section_problems(answers: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a team's wishes for sections, taken together.

    Args:
        answers: The answers of `KEYS`, each of its shape; others are passed over.
    """
    names = team_names(answers.get("headings") or {}, answers.get("phases") or [])
    extra = answers.get("extra_sections") or []
    if not names.get(PHASE, PHASE).isalpha():
        yield f"Choose one word for {PHASE}: {shown(names[PHASE])} is not one. A number follows it."
    for document in SECTIONS:
        own = [section for section in extra if section.get("document", PLAN) == document]
        yield from _name_problems(document, names)
        yield from _extra_problems(document, names, own)
    left_out = set(answers.get("leave_out") or ())
    for heading, below in BELOW.items():
        if left_out.issuperset(below) and heading not in left_out:
            yield f"Leave “{heading}” out itself (leave_out): without {', '.join(below)} nothing stands below it."


def _name_problems(document: str, names: Mapping[str, str]) -> Iterator[str]:
    headings = [*headings_of(document), *(phase_headings() if document == PLAN else ())]
    # A section's own first name stays known, so that a document that does not follow yet is understood.
    bearers = {anchor_of(heading): heading for heading in headings}
    for heading in headings:
        name = names.get(heading, heading)
        if not anchor_of(name).strip("-_"):
            yield f"Choose another name for “{heading}” (headings): {shown(name)} has neither letters nor digits."
        bearer = bearers.setdefault(anchor_of(name), heading)
        if bearer != heading:
            yield (
                f"Choose another name for “{heading}” (headings): {shown(name)} is too like the heading of another "
                f"section of {document}.md, “{bearer}”."
            )


def _extra_problems(document: str, names: Mapping[str, str], extra: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    headings = [*headings_of(document), *(phase_headings() if document == PLAN else ())]
    ours = {anchor_of(name): heading for heading in headings for name in (heading, names.get(heading, heading))}
    places = {name: heading for heading in SECTIONS[document] for name in (heading, names.get(heading, heading))}
    seen: set[str] = set()
    for section in extra:
        heading, after = section["heading"], section.get("after")
        anchor = anchor_of(heading)
        if not anchor.strip("-_"):
            yield f"Choose another heading (extra_sections): {shown(heading)} has neither letters nor digits."
        if anchor in ours:
            yield (
                f"Choose another heading (extra_sections): {shown(heading)} is called like a section of ours in "
                f"{document}.md, “{ours[anchor]}”. To rename that one, use headings."
            )
        if anchor in seen:
            yield f"Choose another heading (extra_sections): {shown(heading)} stands there twice for {document}.md."
        if after and after not in places:
            yield _place_problem(document, section, after, list(places), names)
        if section.get("items") and section.get("text"):
            yield f"Give {shown(heading)} (extra_sections) items or a text, not both."
        seen.add(anchor)
        places[heading] = heading


def _place_problem(
    document: str, section: Mapping[str, Any], after: str, places: Sequence[str], names: Mapping[str, str]
) -> str:
    place = f"Put {shown(section['heading'])} (extra_sections) after another section"
    for above, below in BELOW.items():
        if after in {name for heading in below for name in (heading, names.get(heading, heading))}:
            return f"{place}: {shown(after)} stands within “{above}”. Name that one."
    nearest = get_close_matches(after, places, n=1)
    advice = f"Did you mean “{nearest[0]}”?" if nearest else "Name one of its headings, or an extra section above."
    return f"{place}: {document}.md has none called {shown(after)}. {advice}"


def anchor_of(heading: str) -> str:
    """Return the anchor that GitHub gives a heading of plain words (html-pipeline, TableOfContentsFilter)."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


class TeamExtension(Extension):
    """Registers the guard of sections as a Jinja global."""

    def __init__(self, environment: Environment) -> None:
        """Add the guard to an environment."""
        super().__init__(environment)
        environment.globals["guard_sections"] = guard_sections
