"""A plan on disk as a typed model: what a feature's plan folder says, each fact with its line."""

import datetime
import re
from dataclasses import dataclass
from typing import NamedTuple

from groundplan.layout import PLAN_ROOT
from groundplan.plan.document import Page
from groundplan.plan.drawn_tree import PlannedPath
from groundplan.plan.files import Unreadable
from groundplan.plan.front_matter import FrontMatter

# What people write behind a milestone that is reached.
_REACHED = re.compile("[✓✔✅☑]\ufe0f?")

# The facts of a plan are named tuples: there are many kinds, and a dataclass takes four times as long to import.


class Goal(NamedTuple):
    """A goal; `id` is empty when the item has none."""

    id: str
    text: str
    line: int


class Task(NamedTuple):
    """A task. `phase` is None where tasks are one checklist, as in a plan of depth lite."""

    phase: int | None
    text: str
    is_done: bool
    owner: str
    line: int


class GoalReference(NamedTuple):
    """A goal that a task, a test or a KPI names by its id."""

    id: str
    line: int


class Flag(NamedTuple):
    """A row of the feature flags."""

    flag: str
    owner: str
    kill_switch: str
    remove_by: str
    line: int


class Component(NamedTuple):
    """A row of the components that the feature changes."""

    component: str
    responsibility: str
    change: str
    notes: str
    line: int


class Slo(NamedTuple):
    """A row of the service level objectives."""

    sli: str
    target: str
    window: str
    line: int


class Risk(NamedTuple):
    """A row of the risks."""

    risk: str
    impact: str
    likelihood: str
    mitigation: str
    owner: str
    line: int

    @property
    def is_high(self) -> bool:
        """Whether impact and likelihood are both high, or one is high and the other medium."""
        weights = {"low": 1, "medium": 2, "high": 3}
        return weights.get(self.impact.lower(), 1) * weights.get(self.likelihood.lower(), 1) >= 6


class Kpi(NamedTuple):
    """A row of the KPIs."""

    kpi: str
    baseline: str
    target: str
    source: str
    line: int


class Milestone(NamedTuple):
    """A row of the milestones."""

    milestone: str
    date: str
    line: int

    @property
    def day(self) -> datetime.date | None:
        """The day; None where there are words for one, or it is still to come."""
        try:
            return datetime.date.fromisoformat(_REACHED.sub("", self.date).strip())
        except ValueError:
            return None

    @property
    def is_reached(self) -> bool:
        """Whether a tick stands in its row, as in `| Beta ✓ | 2026-03-01 |`."""
        return bool(_REACHED.search(self.milestone) or _REACHED.search(self.date))


class Regression(NamedTuple):
    """A line of the regression log: area — impact — mitigation or test."""

    area: str
    impact: str
    mitigation: str
    line: int


class Fact(NamedTuple):
    """A labelled item, such as `- **Rollback:** text`."""

    label: str
    text: str
    line: int


class PlanSection(NamedTuple):
    """A heading of the second or third level.

    Attributes:
        path: Its title, after that of the section it stands in.
        line: Its line.
        is_empty: Whether nothing but comments stands under it.
    """

    path: tuple[str, ...]
    line: int
    is_empty: bool


class Answers(NamedTuple):
    """What the plan folder's answers file remembers of the template; empty or None where it does not say.

    Attributes:
        version: The version of the template that the plan follows.
        source: Where the template comes from.
        scaffold: Whether the tree was generated.
    """

    version: str = ""
    source: str = ""
    scaffold: bool | None = None


@dataclass(frozen=True)
class Plan:
    """A feature's plan folder.

    Attributes:
        slug: The folder's name.
        front_matter: What the plan says about itself.
        answers: What the answers file remembers.
        page: The plan's links, placeholders and leftovers.
        documents: Those of the supporting documents.
        unreadable: Files of the folder, other than the plan, that cannot be read.
        titles: The headings of the first level, with their lines.
        sections: The headings of the second and third level, in order.
        empty_items: The lines of list items and labels that say nothing.
        length: The number of the plan's characters.
        prose_lines: The number of its lines without front matter, the planned tree and blank lines at the end.
        goals: The goals.
        tasks: The tasks, with their phase.
        references: Where goals are named.
        rollout: The labelled items of the rollout plan.
        planned: The paths of the planned tree, the plan folder's documents aside.
    """

    slug: str
    front_matter: FrontMatter
    answers: Answers
    page: Page
    documents: tuple[Page, ...]
    unreadable: tuple[Unreadable, ...]
    titles: tuple[tuple[str, int], ...]
    sections: tuple[PlanSection, ...]
    empty_items: tuple[int, ...]
    length: int
    prose_lines: int
    goals: tuple[Goal, ...]
    tasks: tuple[Task, ...]
    references: tuple[GoalReference, ...]
    components: tuple[Component, ...]
    flags: tuple[Flag, ...]
    slos: tuple[Slo, ...]
    risks: tuple[Risk, ...]
    regressions: tuple[Regression, ...]
    rollout: tuple[Fact, ...]
    kpis: tuple[Kpi, ...]
    milestones: tuple[Milestone, ...]
    planned: tuple[PlannedPath, ...]

    @property
    def folder(self) -> str:
        """The plan folder, relative to the repository."""
        return f"{PLAN_ROOT}/{self.slug}"

    def section_line(self, title: str) -> int | None:
        """Give the line of a section's heading, or None when there is no such section."""
        return next((section.line for section in self.sections if section.path[-1] == title), None)
