"""Rules between plans: overlaps, dependencies, staleness (GP5xx)."""

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from groundplan.checks.rules import Defect, E, N, W, rule
from groundplan.layout import PLAN_NAME, PLAN_ROOT
from groundplan.plan.files import UnreadableFileError, read_text
from groundplan.plan.model import Plan
from groundplan.plan.placeholders import is_placeholder, is_unanswered

STALE_DAYS = 60
_CLOSED = ("released", "archived")
_MARKUP = re.compile(r"[`*_\\]|\[|\]\([^)]*\)")


class Portfolio:
    """All plans of a repository that matter to the ones that are judged.

    Attributes:
        slugs: All plan folders, those included whose plan cannot be read.
        active: The slugs of the plan folders that changed lately.
    """

    def __init__(self, plans: Iterable[Plan], slugs: Iterable[str], active: Collection[str]) -> None:
        """Collect what the open plans change.

        Args:
            plans: The plans.
            slugs: All plan folders.
            active: Those that changed lately.
        """
        self._plans = {plan.slug: plan for plan in plans}
        self.slugs = frozenset(slugs)
        self.active = active
        self._users: dict[str, set[str]] = {}
        for plan in self._plans.values():
            for key, _, _ in _changes(plan):
                self._users.setdefault(key, set()).add(plan.slug)

    def others(self, key: str, slug: str) -> set[str]:
        """Return the open plans, but for one, that change what a key stands for."""
        return self._users[key] - {slug}

    def status(self, slug: str) -> str:
        """Return a plan's status; empty where it was not read."""
        return self._plans[slug].front_matter.status if slug in self._plans else ""

    def circle(self, start: str) -> list[str]:
        """Find the shortest way along the dependencies from a plan back to itself; empty when there is none."""
        ways = deque([[start]])
        seen: set[str] = set()
        while ways:
            way = ways.popleft()
            for slug in self._plans[way[-1]].front_matter.depends_on if way[-1] in self._plans else ():
                if slug == start:
                    return [*way, start]
                if slug not in seen:
                    seen.add(slug)
                    ways.append([*way, slug])
        return []


@rule("GP501", draft=N, later=W)
def overlap(plan: Plan, portfolio: Portfolio) -> Iterator[Defect]:
    """Two open plans change the same component or path.

    Why: Two teams that change one component at the same time should know of each other. Plans that are released or
    archived do not count.

    ```text
    | Checkout | … | …       in saved-carts and in gift-cards
    ```

    Way out: Agree on who goes first, and write it down: `depends_on` in the later plan, a risk in both.
    """
    for key, what, line in _changes(plan):
        if others := portfolio.others(key, plan.slug):
            message = f"{what} is changed by open plans besides: {', '.join(sorted(others))}. Agree who goes first."
            yield Defect(line, message)


@rule("GP502", draft=E, later=E)
def dependency_cycle(plan: Plan, portfolio: Portfolio) -> Iterator[Defect]:
    """Plans depend on each other in a circle.

    Why: Nobody can start.

    ```yaml
    depends_on: ["gift-cards"]     # which depends on this one
    ```

    Way out: Take one of the dependencies out.
    """
    if circle := portfolio.circle(plan.slug):
        message = f"The plans depend on each other in a circle: {' → '.join(circle)}. Take one dependency out."
        yield Defect(_dependency_line(plan), message)


@rule("GP503", draft=None, later=E)
def released_on_draft(plan: Plan, portfolio: Portfolio) -> Iterator[Defect]:
    """A released plan depends on a draft.

    Why: Either the draft is built already, or the released feature does not need it.

    ```yaml
    status: released
    depends_on: ["gift-cards"]     # which is a draft
    ```

    Way out: Correct the status of one, or remove the dependency.
    """
    for slug in plan.front_matter.depends_on:
        if plan.front_matter.status == "released" and portfolio.status(slug) == "draft":
            message = f"The plan is released, but it depends on “{slug}”, which is a draft. Correct one of the two."
            yield Defect(_dependency_line(plan), message)


@rule("GP504", draft=W, later=E)
def dependency_unknown(plan: Plan, portfolio: Portfolio) -> Iterator[Defect]:
    """A plan depends on a feature that has no plan.

    Why: A dependency is named by its plan folder's name, and there is none of that name.

    ```yaml
    depends_on: ["giftcards"]
    ```

    Way out: Correct the slug, or add the plan.
    """
    for slug in plan.front_matter.depends_on:
        if slug not in portfolio.slugs:
            message = f"There is no plan “{slug}” to depend on. Correct the slug, or add the plan with that slug."
            yield Defect(_dependency_line(plan), message)


def _dependency_line(plan: Plan) -> int:
    return plan.front_matter.lines.get("depends_on", 1)


@rule("GP505", draft=None, later=W)
def stale(plan: Plan, portfolio: Portfolio) -> Iterator[Defect]:
    """Nothing of a plan changed for 60 days while it is in progress.

    Why: A plan that nobody touches while its feature is being built no longer says what is being built. Commits to
    the plan folder count, and changes that are not committed yet. git must know the last 60 days: in continuous
    integration fetch the whole history.

    ```yaml
    status: in-progress     # last changed in spring
    ```

    Way out: Tick what is done, and adjust the rest; or set the status to what is true.
    """
    if is_in_progress(plan) and plan.slug not in portfolio.active:
        message = f"The plan is in progress, but nothing of it changed for {STALE_DAYS} days. Update it or its status."
        yield Defect(plan.front_matter.lines.get("status", 1), message)


def is_in_progress(plan: Plan) -> bool:
    """Say whether work on a plan's feature goes on."""
    return plan.front_matter.status == "in-progress"


def _changes(plan: Plan) -> Iterator[tuple[str, str, int]]:
    """Yield what an open plan changes: a key to compare by, its name, its line."""
    if plan.front_matter.status in _CLOSED:
        return
    for component in plan.components:
        name = " ".join(_MARKUP.sub("", component.component).split())
        if not is_placeholder(component.component) and not is_unanswered(name):
            yield f"component {name.casefold()}", f"The component “{name}”", component.line
    for planned in plan.planned:
        yield f"path {planned.path}", planned.path, planned.line


RULES = (overlap, dependency_cycle, released_on_draft, dependency_unknown, stale)


def may_concern(root: Path, plans: Sequence[Plan], slugs: Iterable[str]) -> list[str]:
    """List the plan folders that must be read so as to judge some plans against the rest.

    Reading a text for words takes a small part of the time that parsing it takes.

    Args:
        root: The folder that holds `docs/plan_docs`.
        plans: The plans to judge.
        slugs: The folders that were not read yet.

    Returns:
        Those that name a component or a path which one of the plans changes, or that one of the plans depends on.
    """
    needed = {slug for plan in plans for slug in plan.front_matter.depends_on}
    changes = [key.partition(" ")[2] for plan in plans for key, _, _ in _changes(plan)]
    needles = {tuple(word for word in change.casefold().split("/") if word) for change in changes}
    return [slug for slug in slugs if slug in needed or _mentions(root, slug, needles)]


def _mentions(root: Path, slug: str, needles: Collection[tuple[str, ...]]) -> bool:
    try:
        text = read_text(root, f"{PLAN_ROOT}/{slug}/{PLAN_NAME}").casefold()
    except UnreadableFileError:
        return False
    # Markup may stand within a component's name.
    bare = _MARKUP.sub("", text)
    return any(all(word in text or word in bare for word in needle) for needle in needles)
