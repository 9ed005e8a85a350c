"""The sections of the documents, and what a team makes of them: names of its own, sections of its own, some left out.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, Undefined, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark")
PLAN = "feature-plan"
# The word that numbers the phases, which is a part of all their headings.
PHASE = "Phase"
PHASES = (
    "Discovery & Alignment",
    "Foundation & Enablers",
    "Core Feature Development",
    "Experience & Integration",
    "Validation & Hardening",
    "Rollout & Monitoring",
)

# By document its headings of the second level, in order; by heading the answers of a brief that its section shows.
SECTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    PLAN: {
        "Overview": ("problem", "outcome"),
        "Current State Assessment": ("current_state",),
        "Feature Goals & Objectives": ("goals",),
        "Scope Definition": ("in_scope", "out_of_scope"),
        "Dependencies & Integration Points": ("dependencies", "flags"),
        "Architecture & Design Deltas": (
            *("high_level", "components", "data_model", "api_changes", "events", "compatibility"),
        ),
        "Project Structure Impact (Planned)": (),
        "Implementation Plan": ("tasks",),
        "Testing & Quality Strategy": ("testing",),
        "Documentation & Communication": ("documentation",),
        "Operational Readiness": ("operations", "slos"),
        "Risk Management": ("risks",),
        "Regression Impact Log": ("regressions",),
        "Rollout Plan": ("rollout",),
        "Success Metrics & KPIs": ("kpis",),
        "Supporting Artifacts": ("artifacts",),
        "Repository Branch & Milestones": ("projects", "milestones"),
        "Acceptance Checklist": (),
        "Implementation Notes": ("notes",),
    },
    "feature-brief": {
        "Summary": ("summary",),
        "Problem": ("problem",),
        "Users": ("users",),
        "Outcome": ("outcome",),
        "Constraints": ("constraints",),
    },
    "tech-stack": {"Choices": ("stack_choices",)},
    "architecture": {
        "Context": ("high_level",),
        "Components": ("components",),
        "Data Flow": ("data_model", "events"),
        "Decisions": ("notes",),
    },
    "adr": {
        "Context and Problem Statement": ("problem",),
        "Decision Drivers": ("constraints",),
        "Considered Options": (),
        "Decision Outcome": (),
        "Pros and Cons of the Options": (),
        "More Information": ("notes",),
    },
    "ux-flows": {"People": ("users",), "Main Flow": (), "Other Flows": (), "Accessibility": ()},
    "runbook": {
        "Switch It Off": ("flags",),
        "Roll It Back": ("rollout",),
        "Where to Look": ("operations", "slos"),
        "What May Be Wrong": (),
        "Whom to Call": ("operations",),
    },
}
# The same of the headings of the third level, by the section that they stand in; phases aside.
BELOW: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Scope Definition": {"In Scope": ("in_scope",), "Out of Scope / Deferred": ("out_of_scope",)},
    "Architecture & Design Deltas": {
        "High-Level Changes": ("high_level",),
        "Component & Service Impact": ("components",),
        "Data Model & Storage Updates": ("data_model",),
        "Communication & Contracts": ("api_changes", "events", "compatibility"),
    },
    "Decision Outcome": {"Consequences": (), "Confirmation": ()},
    "Pros and Cons of the Options": {"First option": ()},
}
# Without these there is nothing to agree on, to build, to count or to approve.
NEEDED = (
    *("Overview", "Feature Goals & Objectives", "Scope Definition", "In Scope", "Out of Scope / Deferred"),
    *("Project Structure Impact (Planned)", "Implementation Plan", "Acceptance Checklist"),
)


def headings_of(document: str) -> Iterator[str]:
    """Yield a document's headings of the second and third level in order, phases aside."""
    for heading in SECTIONS[document]:
        yield heading
        yield from BELOW.get(heading, ())


ANSWERS_OF: Mapping[str, tuple[str, ...]] = {
    heading: answers for sections in [*SECTIONS.values(), *BELOW.values()] for heading, answers in sections.items()
}


def phase_headings(word: str = PHASE, names: Sequence[str] = PHASES) -> list[str]:
    """Return the headings of the six phases.

    Args:
        word: What numbers them.
        names: What they are called.
    """
    return [f"{word} {number}: {name}" for number, name in enumerate(names)]


def team_names(headings: Mapping[str, str], phases: Sequence[str]) -> dict[str, str]:
    """Return the team's names of headings by the template's, where they differ.

    Args:
        headings: Names of sections, as answered.
        phases: Names of all phases, as answered; none where they keep theirs.
    """
    shown = phase_headings(headings.get(PHASE, PHASE), phases or PHASES)
    return {**headings, **dict(zip(phase_headings(), shown, strict=True))}


@dataclass(frozen=True)
class _Part:
    """A heading with the lines up to the next one."""

    level: int
    title: str
    text: str


@pass_context
def team_sections(context: Context, text: str, document: str) -> str:
    """Write a document as its team wants it: the sections under its names, without some, and with some of its own.

    Args:
        context: The render context.
        text: The document as the template renders it, without front matter.
        document: Its name, a key of `SECTIONS`.

    Returns:
        The document; as it was where the team wants nothing else.
    """
    names = team_names(_given(context, "headings", {}), _given(context, "phases", []))
    extra = [section for section in _given(context, "extra_sections", []) if section.get("document", PLAN) == document]
    left_out = _left_out(context)
    if not (extra or left_out or any(key != name for key, name in names.items())):
        return text
    head, parts = _parts(str(text))
    kept = [part for part in parts if part.title not in left_out]
    written: dict[str, list[str]] = {}
    for part in kept:
        group = part.title if part.level == 2 else next(reversed(written))
        heading = f"{'#' * part.level} {names.get(part.title, part.title)}\n"
        written.setdefault(group, []).append(heading + part.text.partition("\n")[2])
    places = {name: key for key, name in names.items()}
    order = _with_extra(_in_order(SECTIONS[document], parts), extra, places)
    texts = [
        "".join(written.get(entry, ())) if isinstance(entry, str) else _write_extra(context, entry) for entry in order
    ]
    return "\n\n".join(text.rstrip("\n") for text in [head, *texts] if text.strip()) + "\n"


def _parts(text: str) -> tuple[str, list[_Part]]:
    """Cut a document at its headings of the second and third level; an answer holds none."""
    lines = text.split("\n")
    tokens = _MARKDOWN.parse(text)
    heads = [
        (token.map[0], int(token.tag[1]), tokens[number + 1].content)
        for number, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.tag in ("h2", "h3") and token.map
    ]
    stops = [start for start, _, _ in heads[1:]] + [len(lines)]
    first = heads[0][0] if heads else len(lines)
    parts = [
        _Part(level, title, "\n".join(lines[start:stop]) + ("\n" if stop < len(lines) else ""))
        for (start, level, title), stop in zip(heads, stops, strict=True)
    ]
    return "\n".join(lines[:first]), parts


def _in_order(known: Iterable[str], parts: Iterable[_Part]) -> list[str]:
    """Return a document's known headings in order, and what a fork has between them where the fork has it."""
    order, place = list(known), 0
    for title in (part.title for part in parts if part.level == 2):
        if title not in order:
            order.insert(place, title)
        place = order.index(title) + 1
    return order


def _with_extra(
    headings: Sequence[str], extra: Sequence[Mapping[str, Any]], places: Mapping[str, str]
) -> Iterator[str | Mapping[str, Any]]:
    """Yield sections in order, each with those that come after it."""

    def behind(heading: str) -> Iterator[Mapping[str, Any]]:
        for section in extra:
            after = section.get("after") or ""
            if places.get(after, after) == heading:
                yield section
                yield from behind(section["heading"])

    for heading in headings:
        yield heading
        yield from behind(heading)
    yield from behind("")


def _write_extra(context: Context, section: Mapping[str, Any]) -> str:
    partial = context.environment.get_template("partials/extra-section.jinja")
    whole = {key: section.get(key) or "" for key in ("heading", "guidance", "text", "items")}
    return partial.render({**context.get_all(), "section": whole})


def _left_out(context: Context) -> frozenset[str]:
    """Return the headings that a team does without, but for those of sections that the feature's own answers fill."""
    wanted = _given(context, "leave_out", [])
    bare = {heading for heading in wanted if not any(_is_given(context, key) for key in ANSWERS_OF.get(heading, ()))}
    return frozenset(bare.union(*(BELOW.get(heading, ()) for heading in bare)))


@pass_context
def wanted_sections(context: Context, partials: Sequence[str]) -> list[str]:
    """Return the partials of the plan but for those whose sections the team leaves out.

    Args:
        context: The render context.
        partials: Their names, such as `12-risks`; the number is that of the section. Other names are a fork's own.
    """
    headings = {f"{number:02}": heading for number, heading in enumerate(SECTIONS[PLAN], start=1)}
    left_out = _left_out(context)
    return [name for name in partials if headings.get(name[:2]) not in left_out]


def _given(context: Context, key: str, otherwise: Any) -> Any:
    answer = context.get(key)
    return otherwise if isinstance(answer, Undefined) or not answer else answer


def _is_given(context: Context, key: str) -> bool:
    answer = _given(context, key, ())
    return any(answer.values()) if isinstance(answer, dict) else bool(answer)


class SectionsExtension(Extension):
    """Registers what a team makes of sections as Jinja filters."""

    def __init__(self, environment: Environment) -> None:
        """Add the filters to an environment."""
        super().__init__(environment)
        environment.filters["team_sections"] = team_sections
        environment.filters["wanted_sections"] = wanted_sections
