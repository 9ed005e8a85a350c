"""Which headings a plan has: one outline for every `schema` number that was ever published.

An outline is never changed once published. A template that needs other headings gets the next number, so that plans
which have not followed it yet stay right.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

OVERVIEW = "Overview"
GOALS = "Feature Goals & Objectives"
SCOPE = "Scope Definition"
IN_SCOPE = "In Scope"
OUT_OF_SCOPE = "Out of Scope / Deferred"
DEPENDENCIES = "Dependencies & Integration Points"
COMPONENTS = "Component & Service Impact"
STRUCTURE = "Project Structure Impact (Planned)"
IMPLEMENTATION = "Implementation Plan"
TESTING = "Testing & Quality Strategy"
OPERATIONS = "Operational Readiness"
RISKS = "Risk Management"
REGRESSIONS = "Regression Impact Log"
ROLLOUT = "Rollout Plan"
KPIS = "Success Metrics & KPIs"
BRANCH = "Repository Branch & Milestones"
ACCEPTANCE = "Acceptance Checklist"

# The word that numbers them, which is a part of all their headings.
PHASE = "Phase"
PHASES = (
    "Phase 0: Discovery & Alignment",
    "Phase 1: Foundation & Enablers",
    "Phase 2: Core Feature Development",
    "Phase 3: Experience & Integration",
    "Phase 4: Validation & Hardening",
    "Phase 5: Rollout & Monitoring",
)


class OutlineSection(NamedTuple):
    """A heading of the second level.

    Attributes:
        title: The heading.
        below: The headings of the third level under it.
        lite: Whether a plan of depth lite has it.
        standard: Whether a plan of depth standard always has it; otherwise only when something was answered for it.
    """

    title: str
    below: tuple[str, ...] = ()
    lite: bool = False
    standard: bool = True


Outline = tuple[OutlineSection, ...]

_FIRST: Outline = (
    OutlineSection(OVERVIEW, lite=True),
    OutlineSection("Current State Assessment", standard=False),
    OutlineSection(GOALS, lite=True),
    OutlineSection(SCOPE, (IN_SCOPE, OUT_OF_SCOPE), lite=True),
    OutlineSection(DEPENDENCIES),
    OutlineSection(
        "Architecture & Design Deltas",
        ("High-Level Changes", COMPONENTS, "Data Model & Storage Updates", "Communication & Contracts"),
    ),
    OutlineSection(STRUCTURE, lite=True),
    OutlineSection(IMPLEMENTATION, PHASES, lite=True),
    OutlineSection(TESTING),
    OutlineSection("Documentation & Communication", standard=False),
    OutlineSection(OPERATIONS),
    OutlineSection(RISKS, lite=True),
    OutlineSection(REGRESSIONS, standard=False),
    OutlineSection(ROLLOUT, lite=True),
    OutlineSection(KPIS),
    OutlineSection("Supporting Artifacts"),
    OutlineSection(BRANCH, lite=True),
    OutlineSection(ACCEPTANCE, lite=True),
    OutlineSection("Implementation Notes"),
)

# Schema 2 orders the front matter anew; its headings are those of the first.
OUTLINES: Mapping[int, Outline] = {1: _FIRST, 2: _FIRST}

HeadingPath = tuple[str, ...]


def expected(outline: Outline, depth: str) -> list[HeadingPath]:
    """List the headings that a plan of a depth must have, as paths from the second level on, in order.

    Args:
        outline: The outline of the plan's schema.
        depth: full, standard or lite.
    """
    return list(_expected(outline, depth))


def known(outline: Outline) -> list[HeadingPath]:
    """List all headings of an outline as paths from the second level on, in order."""
    return list(_expected(outline, "full"))


def _expected(outline: Outline, depth: str) -> Iterator[HeadingPath]:
    for section in outline:
        if (depth == "lite" and not section.lite) or (depth == "standard" and not section.standard):
            continue
        yield (section.title,)
        # The tasks of a lite plan are one checklist, without phases.
        if not (depth == "lite" and section.title == IMPLEMENTATION):
            yield from ((section.title, title) for title in section.below)
