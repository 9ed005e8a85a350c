"""Checks plans: every rule over every plan that was asked for, with worker processes where there are many."""

import datetime
import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from groundplan.checks.approval import Approvals, Approved
from groundplan.checks.catalogue import PLAN_RULES, PORTFOLIO_RULES, codes_like
from groundplan.checks.document import conflict_markers, plan_missing, unreadable
from groundplan.checks.history import changed_since
from groundplan.checks.neighbours import neighbours
from groundplan.checks.portfolio import STALE_DAYS, Portfolio, is_in_progress
from groundplan.checks.rules import Case, Finding, Severity
from groundplan.checks.side_by_side import side_by_side
from groundplan.checks.stage import changed_since_approval
from groundplan.environment import can_fork
from groundplan.errors import UserError
from groundplan.git import GitError
from groundplan.layout import PLAN_NAME, PLAN_ROOT
from groundplan.plan.files import Unreadable, UnreadableFileError, no_plan_in, plan_slugs, read_text
from groundplan.plan.model import Plan
from groundplan.plan.reader import read_plan
from groundplan.plan.stage import says_archived
from groundplan.projects import find_root

# What a worker process must have to do, or it takes longer than it saves.
_FEW = 12


class UnknownPlanError(UserError):
    """There is no plan folder of a name that was asked for."""


class Inspection(NamedTuple):
    """One plan folder, looked at by itself.

    Attributes:
        slug: The folder's name.
        plan: The plan; None when it cannot be read.
        findings: What is wrong.
    """

    slug: str
    plan: Plan | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class CheckReport:
    """The outcome of a check.

    Attributes:
        slugs: The plan folders that were checked.
        plans: Those of their plans that could be read.
        findings: What is wrong, sorted by place.
        notices: What could not be judged, and why.
        hidden_notes: How many notes were left out.
        approved: The plans as they were approved, by slug, as `approved_states` returns them.
    """

    slugs: tuple[str, ...]
    plans: tuple[Plan, ...]
    findings: tuple[Finding, ...]
    notices: tuple[str, ...]
    hidden_notes: int = 0
    approved: Mapping[str, Approved] = field(default_factory=dict)

    def without_notes(self) -> "CheckReport":
        """Return the report without its notes, which are counted still."""
        kept = tuple(finding for finding in self.findings if finding.severity is not Severity.NOTE)
        return replace(self, findings=kept, hidden_notes=len(self.findings) - len(kept))

    def count(self, severity: Severity) -> int:
        """Count the findings of a severity."""
        hidden = self.hidden_notes if severity is Severity.NOTE else 0
        return sum(finding.severity is severity for finding in self.findings) + hidden

    def fails(self, *, strict: bool) -> bool:
        """Return whether the check fails: an error does, and where one is strict a warning too."""
        return bool(self.count(Severity.ERROR) or (strict and self.count(Severity.WARNING)))

    def below(self, prefix: str) -> "CheckReport":
        """Return the same with paths and names that begin further up, where several projects are told apart.

        Args:
            prefix: The project's path with `/` at its end; empty for the top.
        """
        if not prefix:
            return self
        findings = (replace(finding, path=f"{prefix}{finding.path}") for finding in self.findings)
        plans = (replace(plan, page=replace(plan.page, path=f"{prefix}{plan.page.path}")) for plan in self.plans)
        slugs = (f"{prefix}{slug}" for slug in self.slugs)
        return replace(self, slugs=tuple(slugs), plans=tuple(plans), findings=tuple(findings))


def joined(reports: Sequence[CheckReport]) -> CheckReport:
    """Return several projects' reports as one."""
    return CheckReport(
        tuple(chain.from_iterable(report.slugs for report in reports)),
        tuple(chain.from_iterable(report.plans for report in reports)),
        tuple(chain.from_iterable(report.findings for report in reports)),
        tuple(chain.from_iterable(report.notices for report in reports)),
    )


def inspect_plan(root: Path, slug: str, today: datetime.date, *, archived: bool = True) -> Inspection | None:
    """Check one plan folder by itself.

    Args:
        root: The folder that holds `docs/plan_docs`.
        slug: The plan folder's name.
        today: The day that decides what is late.
        archived: Whether to look at it if it is archived.

    Returns:
        What was found; None where it is archived and that does not count.
    """
    try:
        path = f"{PLAN_ROOT}/{slug}/{PLAN_NAME}"
        text = read_text(root, path)
        if not archived and says_archived(text):
            return None
        case = Case(read_plan(root, slug, {path: text}), root, today)
        return Inspection(slug, case.plan, tuple(_heeded(judge(case), case.plan)))
    except UnreadableFileError as error:
        file = error.unreadable
        rule = plan_missing if file.is_missing else unreadable
        return Inspection(slug, None, tuple(rule.findings(file.path, "approved", file)))
    except Exception as error:
        # An error of ours must not hide what the other plans say.
        reason = f"cannot be judged, by an error in groundplan ({type(error).__name__}: {error}). Report it."
        file = Unreadable(f"{PLAN_ROOT}/{slug}/{PLAN_NAME}", 1, " ".join(reason.split()))
        return Inspection(slug, None, tuple(unreadable.findings(file.path, "approved", file)))


def judge(case: Case) -> Iterator[Finding]:
    """Yield what the rules over one plan find.

    Args:
        case: The plan and what it is judged by.
    """
    plan, status = case.plan, case.plan.front_matter.status
    for file in plan.unreadable:
        yield from unreadable.findings(plan.page.path, status, file)
    for rule in PLAN_RULES:
        yield from rule.findings(plan.page.path, status, case)


def _heeded(findings: Iterable[Finding], plan: Plan) -> Iterator[Finding]:
    """Leave out what a person accepted, and what nobody can judge before the conflicts of a merge are settled."""
    in_conflict = {page.path for page in plan.pages if page.conflicts}
    accepted = {accepted.rule for accepted in plan.front_matter.accepted}
    for finding in findings:
        is_settled = finding.path not in in_conflict or finding.code == conflict_markers.code.id
        if is_settled and finding.code not in accepted:
            yield finding


def check(  # noqa: PLR0913 - each is a keyword
    slugs: Sequence[str] | None = None,
    repository: Path | str = ".",
    *,
    today: datetime.date | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    archived: bool = False,
) -> CheckReport:
    """Check plans by themselves and against each other.

    Args:
        slugs: The plan folders to check; all of them where it is None.
        repository: A folder in the repository.
        today: The day by which staleness is judged; today where it is None.
        select: Codes, or how they begin; only findings of these are reported, when there are any.
        ignore: Codes, or how they begin; findings of these are not reported.
        archived: Whether archived plans count, too, where none is named.

    Returns:
        What was found. Nothing is written, and no network is used.

    Raises:
        UnknownPlanError: There is no plan folder of one of the names.
        UnknownCodeError: No code begins like one of those to select or to ignore.
        OSError: The folder of plans cannot be read.
    """
    is_wanted = _code_filter(select, ignore)
    root, today = find_root(Path(repository)), today or datetime.date.today()
    everything = plan_slugs(root)
    wanted = everything if slugs is None else known_slugs(slugs, everything)
    takes_archived = archived or slugs is not None
    inspections = _inspect(partial(inspect_plan, root, today=today, archived=takes_archived), wanted)
    wanted = [inspection.slug for inspection in inspections]
    checked = [inspection.plan for inspection in inspections if inspection.plan]
    active, notices = _active(root, checked, today)
    portfolio = Portfolio([*checked, *neighbours(root, checked, set(everything) - set(wanted))], everything, active)
    if not everything:
        notices = (no_plan_in(root),)
    approvals = Approvals(root, checked)
    findings: list[Finding] = []
    for plan, own in ((inspection.plan, inspection.findings) for inspection in inspections):
        findings += own if plan is None else approvals.lenient(own, plan)
        findings += _heeded(_judge_beside(plan, portfolio, approvals), plan) if plan else ()
    reported = sorted({finding for finding in findings if is_wanted(finding.code)})
    return CheckReport(tuple(wanted), tuple(checked), tuple(reported), notices, approved=approvals.states)


def known_slugs(slugs: Iterable[str], everything: Sequence[str]) -> list[str]:
    """Return slugs that were asked for, sorted.

    Args:
        slugs: The slugs.
        everything: Those that there are.

    Raises:
        UnknownPlanError: There is no plan folder of one of the names.
    """
    if unknown := next((slug for slug in slugs if slug not in everything), None):
        raise UnknownPlanError(f"There is no plan “{unknown}” in {PLAN_ROOT}.{_nearest(unknown, everything)}")
    return sorted(set(slugs))


def check_as_if(root: Path, plan: Plan, today: datetime.date) -> list[Finding]:
    """Return what would be found in one plan if it were what is given here.

    Args:
        root: The folder that holds `docs/plan_docs`.
        plan: The plan as it would be.
        today: The day that decides what is late.
    """
    everything = plan_slugs(root)
    # Whoever changes a plan today does not let it stand still.
    portfolio = Portfolio([plan, *neighbours(root, [plan], set(everything) - {plan.slug})], everything, {plan.slug})
    findings = [*judge(Case(plan, root, today)), *_judge_beside(plan, portfolio, Approvals(root, ()))]
    return sorted(set(_heeded(findings, plan)))


def _judge_beside(plan: Plan, portfolio: Portfolio, approvals: Approvals) -> Iterator[Finding]:
    path, status = plan.page.path, plan.front_matter.status
    for rule in PORTFOLIO_RULES:
        yield from rule.findings(path, status, plan, portfolio)
    yield from changed_since_approval.findings(path, status, approvals.changes_of_purpose(plan))


def _code_filter(select: Sequence[str], ignore: Sequence[str]) -> Callable[[str], bool]:
    wanted, left_out = ({code.id for start in starts for code in codes_like(start)} for starts in (select, ignore))
    return lambda code: (not select or code in wanted) and code not in left_out


def _nearest(slug: str, slugs: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - costs time, and is needed for one message

    near = get_close_matches(slug, slugs, 3)
    return f" Is it {' or '.join(near)}?" if near else ""


def _inspect(inspect: Callable[[str], Inspection | None], slugs: Sequence[str]) -> list[Inspection]:
    """Check plans by themselves: few one after the other, many side by side where processes can be forked."""
    count = max(1, min(_processors(), len(slugs) // _FEW)) if can_fork() else 1
    with _without_collections():
        found = side_by_side(inspect, slugs, count) if count > 1 else map(inspect, slugs)
        return [inspection for inspection in found if inspection]


@contextmanager
def _without_collections() -> Iterator[None]:
    """Reading a plan leaves no cycles behind, and looking for them takes a tenth of the time."""
    is_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_enabled:
            gc.enable()


def _processors() -> int:
    # Containers and schedulers often allow fewer than there are.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _active(root: Path, checked: Sequence[Plan], today: datetime.date) -> tuple[frozenset[str], tuple[str, ...]]:
    """Find the plans in progress that changed lately; where nobody can say, all of them count as such."""
    in_progress = frozenset(plan.slug for plan in checked if is_in_progress(plan))
    if not in_progress:
        return in_progress, ()
    try:
        return changed_since(root, today - datetime.timedelta(days=STALE_DAYS), in_progress), ()
    except GitError as error:
        return in_progress, (f"Nobody can say which plans stand still (GP505): {error}",)
