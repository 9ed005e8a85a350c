"""What became of a plan since it was approved, or since a commit: did we build what we agreed to?"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from groundplan.checks.approval import Approved, approved_states, read_objects
from groundplan.checks.check import known_slugs
from groundplan.errors import UserError
from groundplan.git import git
from groundplan.layout import ANSWERS_NAME, PLAN_ROOT
from groundplan.plan.changes import Change, changes
from groundplan.plan.files import UnreadableFileError, plan_slugs, read_text
from groundplan.plan.model import Plan
from groundplan.plan.reader import read_plan, read_plan_alone
from groundplan.projects import find_root

APPROVED = "approved"
_TICK = re.compile(r"\[[xX]\]")


class NothingToCompareError(UserError):
    """There is no earlier state of a plan; the message says why and what to do."""

    status = 1


@dataclass(frozen=True)
class Difference:
    """What changed in a plan.

    Attributes:
        slug: The plan folder's name.
        commit: The commit that has the earlier state.
        changes: What changed, but for what updates of the template brought.
        touched: Planned paths that commits changed since, with the number of those commits.
    """

    slug: str
    commit: str
    changes: tuple[Change, ...]
    touched: tuple[tuple[str, int], ...]


def diff(slug: str, repository: Path | str = ".", *, since: str = APPROVED) -> Difference:
    """Compare a plan with what it was.

    Args:
        slug: The plan folder's name.
        repository: A folder in the repository.
        since: A commit; or `approved`, for the plan as it was approved.

    Returns:
        What changed in goals, scope, components, risks, milestones and tasks. Ticks are no changes.

    Raises:
        UnknownPlanError: There is no such plan folder.
        NothingToCompareError: The plan cannot be read, or there is no earlier state.
        GitError: git cannot tell.
    """
    root = find_root(Path(repository))
    known_slugs([slug], plan_slugs(root))
    try:
        plan = read_plan(root, slug)
    except UnreadableFileError as error:
        raise NothingToCompareError(str(error)) from error
    commit, past = _earlier(root, plan, since)
    return Difference(slug, commit, _by_people(root, plan, commit, past), tuple(_touched(root, plan, commit)))


def changes_since_approval(root: Path, plans: Iterable[Plan], states: Mapping[str, Approved]) -> dict[str, int]:
    """Count what people changed in plans since those were approved; ticks do not count.

    Args:
        root: The folder that holds `docs/plan_docs`.
        plans: The plans.
        states: The plans as they were approved, by slug.

    Returns:
        By slug; without plans that were never approved, or that git does not have as they were then.
    """
    counts = {}
    for plan in plans:
        if approved := states.get(plan.slug):
            # To parse what was approved takes as long as to read the plan itself.
            is_same = _without_ticks(approved.text) == _without_ticks(read_text(root, plan.page.path))
            counts[plan.slug] = 0 if is_same else _count_since(root, plan, approved)
    return counts


def _count_since(root: Path, plan: Plan, approved: Approved) -> int:
    past = read_plan_alone(plan.slug, approved.text, approved.answers)
    return len(_by_people(root, plan, approved.commit, past))


def _without_ticks(text: str) -> str:
    """Return a plan without what the work at it changes: ticks, and what stands above its first section."""
    return _TICK.sub("[ ]", text[max(0, text.find("\n## ")) :])


def _by_people(root: Path, plan: Plan, commit: str, past: Plan) -> tuple[Change, ...]:
    """Return what changed since a commit, but for what updates of the template brought."""
    by_template = set(_of_template(root, plan, commit))
    found = changes(past, plan)
    return tuple(change for change in found if change._replace(line=0) not in by_template)


def _earlier(root: Path, plan: Plan, since: str) -> tuple[str, Plan]:
    if since == APPROVED:
        if not plan.front_matter.approved:
            raise NothingToCompareError(f"{plan.slug} was never approved. Name a commit: --since COMMIT")
        if state := approved_states(root, [plan]).get(plan.slug):
            return state.commit, read_plan_alone(plan.slug, state.text, state.answers)
        raise NothingToCompareError(f"git does not have {plan.slug} as it was approved. Name a commit: --since COMMIT")
    commit = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{since}^{{commit}}").strip()
    if past := _past_plans(root, plan, [commit])[0]:
        return commit, past
    raise NothingToCompareError(f"There was no {plan.page.path} at {since}. Name a later commit.")


def _past_plans(root: Path, plan: Plan, commits: Sequence[str]) -> list[Plan | None]:
    """Read a plan as commits have it; None for those that have none."""
    names = [(f"{commit}:./{plan.page.path}", f"{commit}:./{plan.folder}/{ANSWERS_NAME}") for commit in commits]
    texts = read_objects(root, [name for pair in names for name in pair])
    return [
        read_plan_alone(plan.slug, texts[name], texts.get(answers, "")) if name in texts else None
        for name, answers in names
    ]


def _of_template(root: Path, plan: Plan, commit: str) -> Iterator[Change]:
    """Yield what changed in the commits since another that brought the plan to another version of its template.

    A commit of its team's new wishes is one of them.
    """
    answers = f"{plan.folder}/{ANSWERS_NAME}"
    commits = git(root, "log", "--format=%H", f"{commit}..HEAD", "--", answers).split()
    states = _past_plans(root, plan, [state for update in commits for state in (f"{update}^", update)])
    for old, new in zip(states[::2], states[1::2], strict=True):
        if old and new:
            yield from (change._replace(line=0) for change in changes(old, new))


def _touched(root: Path, plan: Plan, commit: str) -> Iterator[tuple[str, int]]:
    paths = [planned.path for planned in plan.planned if not planned.path.startswith(f"{PLAN_ROOT}/")]
    if not paths:
        return
    log = git(root, "log", "--format=", "--name-only", "-z", "--relative", f"{commit}..HEAD", "--", *paths)
    changed = [name.strip("\n") for name in log.split("\0")]
    for path in paths:
        # A planned folder stands for what is in it.
        if count := sum(name == path or name.startswith(f"{path}/") for name in changed):
            yield path, count
