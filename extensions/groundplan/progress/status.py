"""How far each feature is: what its plan says of progress, risks, dates and the template."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from groundplan.checks.check import check
from groundplan.checks.rules import Finding, Severity
from groundplan.plan.front_matter import CLOSED
from groundplan.plan.headings import OUR_HEADINGS, Headings
from groundplan.plan.model import Milestone, Plan
from groundplan.plan.placeholders import is_placeholder, is_unanswered
from groundplan.progress.difference import changes_since_approval
from groundplan.projects import find_root

PHASES = 6
UNREADABLE = "unreadable"
# The order in which a portfolio is read: what is being done first, what is over last.
ORDER = ("in-progress", "approved", "draft", UNREADABLE, *CLOSED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many tasks there are and how many are done."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class OpenRisk:
    """A risk of a feature that is not released yet."""

    risk: str
    mitigation: str
    owner: str
    is_high: bool


@dataclass(frozen=True, slots=True)
class Due:
    """A milestone with a date."""

    date: datetime.date
    milestone: str


@dataclass(frozen=True, slots=True)
class FeatureStatus:
    """How far one feature is.

    Attributes:
        slug: The plan folder's name.
        feature: The feature's name; the slug where the plan does not say.
        path: The plan, relative to the repository.
        status: What the plan says, or `unreadable`.
        owner: Who owns it.
        progress: All its tasks.
        phases: Those of phases 0 to 5; empty where the tasks are one checklist.
        risks: The risks, as long as the feature is not released.
        milestones: Those that have a date, in order.
        next_milestone: The first that is neither past nor reached, as long as the feature is not released.
        overdue: Those that are past and not reached while there is work to do, in order.
        template: Where the template comes from.
        version: The version of the template that the plan follows.
        newest: The template's newest version; empty unless it was asked for.
        findings: How many there are of each severity.
        changes: How much people changed in the plan since it was approved; None where it never was.
        headings: What its team made of the plan's headings.
    """

    slug: str
    feature: str
    path: str
    status: str
    owner: str = ""
    progress: Progress = Progress(0, 0)
    phases: tuple[Progress, ...] = ()
    risks: tuple[OpenRisk, ...] = ()
    milestones: tuple[Due, ...] = ()
    next_milestone: Due | None = None
    overdue: tuple[Due, ...] = ()
    template: str = ""
    version: str = ""
    newest: str = ""
    findings: tuple[tuple[Severity, int], ...] = ()
    changes: int | None = None
    headings: Headings = OUR_HEADINGS

    @property
    def is_open(self) -> bool:
        """Whether the feature is neither released nor archived."""
        return self.status not in CLOSED

    @property
    def high_risks(self) -> tuple[OpenRisk, ...]:
        """The high ones among the risks."""
        return tuple(risk for risk in self.risks if risk.is_high)

    @property
    def is_behind(self) -> bool | None:
        """Whether the template has a newer version; None when that was not asked for."""
        return self.version != self.newest if self.newest else None

    def below(self, prefix: str) -> "FeatureStatus":
        """Return the same with a slug and a path that begin further up, where several projects are told apart."""
        return replace(self, slug=f"{prefix}{self.slug}", path=f"{prefix}{self.path}")

    def as_data(self) -> dict[str, Any]:
        """Return the status as data for a JSON document; every key is always there."""
        data = asdict(self)
        del data["headings"]
        data["milestones"] = [_due_data(due) for due in self.milestones]
        data["overdue"] = [_due_data(due) for due in self.overdue]
        data["next_milestone"] = _due_data(self.next_milestone) if self.next_milestone else None
        data["findings"] = {severity.value: count for severity, count in self.findings}
        data["behind"] = self.is_behind
        return data


def _due_data(due: Due) -> dict[str, str]:
    return {"date": due.date.isoformat(), "milestone": due.milestone}


def status(
    slugs: Sequence[str] | None = None,
    repository: Path | str = ".",
    *,
    today: datetime.date | None = None,
    archived: bool = False,
) -> list[FeatureStatus]:
    """Return how far features are.

    Args:
        slugs: The plan folders; all of them where it is None.
        repository: A folder in the repository.
        today: The day that decides what is next and what stands still; today where it is None.
        archived: Whether archived plans count, too, where none is named.

    Returns:
        One status for each folder: work in progress first, what is over last.

    Raises:
        UnknownPlanError: There is no plan folder of one of the names.
    """
    today = today or datetime.date.today()
    report = check(slugs, repository, today=today, archived=archived)
    plans = {plan.slug: plan for plan in report.plans}
    found: dict[str, list[Finding]] = {slug: [] for slug in report.slugs}
    for finding in report.findings:
        found[finding.path.split("/")[2]].append(finding)
    changed = changes_since_approval(find_root(Path(repository)), report.plans, report.approved)
    features = []
    for slug, own in found.items():
        numbers = Counter(finding.severity for finding in own)
        counts = tuple((severity, numbers[severity]) for severity in Severity)
        feature = _status(plans[slug], today) if slug in plans else _unreadable(slug, own[0].path)
        features.append(replace(feature, findings=counts, changes=changed.get(slug)))
    return in_order(features)


def in_order(features: Sequence[FeatureStatus]) -> list[FeatureStatus]:
    """Sort features as people read them: work in progress first, what is over last."""
    return sorted(features, key=lambda feature: (ORDER.index(feature.status), feature.slug))


def _unreadable(slug: str, path: str) -> FeatureStatus:
    return FeatureStatus(slug, slug, path, UNREADABLE)


def _status(plan: Plan, today: datetime.date) -> FeatureStatus:
    matter = plan.front_matter
    is_open = matter.status not in CLOSED
    ahead = _milestones(milestone for milestone in plan.milestones if is_open and not milestone.is_reached)
    return FeatureStatus(
        slug=plan.slug,
        feature=matter.feature or plan.slug,
        path=plan.page.path,
        status=matter.status,
        owner=matter.owner,
        progress=Progress(sum(task.is_done for task in plan.tasks), len(plan.tasks)),
        phases=tuple(_phases(plan)) if any(task.phase is not None for task in plan.tasks) else (),
        risks=tuple(_risks(plan)) if is_open else (),
        milestones=_milestones(plan.milestones),
        next_milestone=next((due for due in ahead if due.date >= today), None),
        # Nobody works at a draft yet, so nobody is late with it.
        overdue=tuple(due for due in ahead if due.date < today and matter.status != "draft"),
        template=plan.answers.source,
        version=plan.answers.version,
        headings=plan.answers.headings,
    )


def _phases(plan: Plan) -> Iterator[Progress]:
    for phase in range(PHASES):
        done = [task.is_done for task in plan.tasks if task.phase == phase]
        yield Progress(sum(done), len(done))


def _risks(plan: Plan) -> Iterator[OpenRisk]:
    for risk in plan.risks:
        if not is_placeholder(risk.risk) and not is_unanswered(risk.risk):
            yield OpenRisk(risk.risk, risk.mitigation, risk.owner, risk.is_high)


def _milestones(milestones: Iterable[Milestone]) -> tuple[Due, ...]:
    """Return those that have a day, in order: words for a day give nothing to sort by."""
    dues = (Due(milestone.day, milestone.milestone) for milestone in milestones if milestone.day)
    return tuple(sorted(dues, key=lambda due: due.date))


def bar(progress: Progress, width: int) -> str:
    """Draw progress as text; full only when everything is done, empty only when nothing is.

    Args:
        progress: What to draw; nothing to do is drawn as dots.
        width: The number of characters.
    """
    if not progress.total:
        return "·" * width
    full = progress.done * width // progress.total
    if progress.done and not full:
        full = 1
    return "█" * full + "░" * (width - full)
