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
from groundplan.plan.headings import OUR_HEADINGS, Headings

LEVELS = ("low", "medium", "high")
# What people put behind a milestone that is reached, or a flag that is gone.
_TICK = re.compile("[✓✔✅☑]\ufe0f?")
_ACCEPTED = re.compile(r"\W*accepted\b\W*\w", re.IGNORECASE)

# The facts of a plan are named tuples: there are many kinds, and a dataclass takes four times as long to import.


class Goal(NamedTuple):
    """A goal; `id` is empty when the item has none."""

    id: str
    text: str
    line: int


class ScopeItem(NamedTuple):
    """What the feature includes, or leaves out."""

    text: str
    is_in: bool
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

    @property
    def day(self) -> datetime.date | None:
        """The day on which it should be gone; None where none is named."""
        return _day_in(self.remove_by)

    @property
    def is_removed(self) -> bool:
        """Whether a tick stands behind its name or its day."""
        return bool(_TICK.search(self.flag) or _TICK.search(self.remove_by))


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
        levels = (self.level_of(self.impact) or 1) * (self.level_of(self.likelihood) or 1)
        return levels >= 6

    @property
    def is_accepted(self) -> bool:
        """Whether the mitigation says that somebody accepts the risk, and why: `Accepted: …`."""
        return bool(_ACCEPTED.match(self.mitigation))

    @staticmethod
    def level_of(text: str) -> int | None:
        """Return 1 for low, 2 for medium, 3 for high, however it is set; None for anything else."""
        word = text.strip(" *_`~").lower()
        return LEVELS.index(word) + 1 if word in LEVELS else None


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
    def name(self) -> str:
        """What it is called, without a tick."""
        return _TICK.sub("", self.milestone).strip()

    @property
    def day(self) -> datetime.date | None:
        """The day; None where there are words for one, or it is still to come."""
        return _day_in(self.date)

    @property
    def is_reached(self) -> bool:
        """Whether a tick stands in its row, as in `| Beta ✓ | 2026-03-01 |`."""
        return bool(_TICK.search(self.milestone) or _TICK.search(self.date))


def _day_in(text: str) -> datetime.date | None:
    day = _TICK.sub("", text).strip(" *_`~")
    try:
        # Python takes more forms than people read as a date.
        return datetime.date.fromisoformat(day) if len(day) == len("2026-01-31") else None
    except ValueError:
        return None


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
        path: Its key, after that of the section it stands in: what the outline calls it, whatever its team does.
        line: Its line.
        is_empty: Whether nothing but comments stands under it.
        title: The heading as it is written.
    """

    path: tuple[str, ...]
    line: int
    is_empty: bool
    title: str


class StatusLine(NamedTuple):
    """The line of state below the title, such as `**In progress** · jane · …`: the status it shows, and its line."""

    status: str
    line: int


class Answers(NamedTuple):
    """What the plan folder's answers file remembers of the template; empty or None where it does not say.

    Attributes:
        version: The version of the template that the plan follows.
        source: Where the template comes from.
        scaffold: Whether the tree was generated.
        headings: What the team made of the plan's headings.
    """

    version: str = ""
    source: str = ""
    scaffold: bool | None = None
    headings: Headings = OUR_HEADINGS


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
        status_line: The line of state below the title, if there is one.
        sections: The headings of the second and third level, in order.
        empty_items: The lines of list items and labels that say nothing.
        length: The number of the plan's characters.
        prose_lines: The number of its lines without front matter, the planned tree and blank lines at the end.
        goals: The goals.
        scope: What is in scope, and what is not.
        tasks: The tasks, with their phase.
        acceptance: The lines of the acceptance checklist.
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
    status_line: StatusLine | None
    sections: tuple[PlanSection, ...]
    empty_items: tuple[int, ...]
    length: int
    prose_lines: int
    goals: tuple[Goal, ...]
    scope: tuple[ScopeItem, ...]
    tasks: tuple[Task, ...]
    acceptance: tuple[Task, ...]
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

    @property
    def pages(self) -> tuple[Page, ...]:
        """The plan and its supporting documents."""
        return (self.page, *self.documents)

    def section_line(self, title: str) -> int | None:
        """Return the line of a section's heading, or None when there is no such section.

        Args:
            title: What the outline calls it.
        """
        return next((section.line for section in self.sections if section.path[-1] == title), None)
