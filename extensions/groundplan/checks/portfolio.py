"""Rules between plans: overlaps, dependencies, staleness (GP5xx)."""

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from groundplan.checks.rules import Defect, E, N, W, rule
from groundplan.plan.front_matter import CLOSED
from groundplan.plan.model import Plan
from groundplan.plan.placeholders import is_placeholder, is_unanswered

STALE_DAYS = 60
# A finding names this many plans; all that share a component would make its messages grow with their square.
MOST_NAMED = 5
_LONG = 12
_LARGE = 100
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
        self._users: dict[str, list[str]] = {}
        for slug in sorted(self._plans):
            for key in dict.fromkeys(key for key, _, _ in changes(self._plans[slug])):
                self._users.setdefault(key, []).append(slug)
        self._knots = _knots({slug: self._needs(slug) for slug in self._plans})

    def _needs(self, slug: str) -> list[str]:
        return [other for other in self._plans[slug].front_matter.depends_on if other in self._plans]

    def others(self, key: str, slug: str) -> list[str]:
        """Return the first open plans, but for one, that change what a key stands for: one more than are named.

        Args:
            key: A component or a path, as the plans' changes have it.
            slug: The plan to leave out.
        """
        return [other for other in self._users[key][: MOST_NAMED + 2] if other != slug][: MOST_NAMED + 1]

    def status(self, slug: str) -> str:
        """Return a plan's status; empty where it was not read."""
        return self._plans[slug].front_matter.status if slug in self._plans else ""

    def circle(self, start: str) -> list[str]:
        """Find a short way along the dependencies from a plan back to itself; empty when there is none."""
        knot = self._knots.get(start, frozenset())
        if len(knot) > _LARGE:
            # Looked for from each plan, ways through all of them would take a time that grows with their square.
            return [start, next(slug for slug in self._needs(start) if slug in knot), "…", start]
        before: dict[str, str] = {}
        queue = deque([start] if knot else ())
        while queue:
            slug = queue.popleft()
            for other in self._needs(slug):
                if other == start:
                    return [*_way(before, start, slug), start]
                if other in knot and other not in before:
                    before[other] = slug
                    queue.append(other)
        return []


def _way(before: Mapping[str, str], start: str, end: str) -> list[str]:
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _knots(needs: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Find the plans from which a way leads back to themselves, each with all that lie on such ways.

    They are the strongly connected components, found as by Kosaraju in two walks, each over every dependency once.
    """
    needed_by: dict[str, list[str]] = {slug: [] for slug in needs}
    for slug, others in needs.items():
        for other in others:
            needed_by[other].append(slug)
    left: list[str] = []
    seen: set[str] = set()
    for slug in needs:
        left += _walk(slug, needs, seen)
    knots: dict[str, frozenset[str]] = {}
    seen = set()
    for slug in reversed(left):
        knot = frozenset(_walk(slug, needed_by, seen))
        if len(knot) > 1 or slug in needs[slug]:
            knots |= dict.fromkeys(knot, knot)
    return knots


def _walk(start: str, ways: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    """List the plans that are reached for the first time, in the order in which they are left."""
    left: list[str] = []
    if start not in seen:
        seen.add(start)
        path = [(start, iter(ways[start]))]
        while path:
            slug, ahead = path[-1]
            new = next((other for other in ahead if other not in seen), None)
            if new is None:
                left.append(slug)
                path.pop()
            else:
                seen.add(new)
                path.append((new, iter(ways[new])))
    return left


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
    for key, what, line in changes(plan):
        if others := portfolio.others(key, plan.slug):
            more = " and more" if len(others) > MOST_NAMED else ""
            named = ", ".join(others[:MOST_NAMED])
            message = f"{what} is changed by open plans besides: {named}{more}. Agree who goes first."
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
        shown = circle if len(circle) <= _LONG else [*circle[: _LONG - 2], "…", circle[-1]]
        message = f"The plans depend on each other in a circle: {' → '.join(shown)}. Take one dependency out."
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
    """Return whether work on a plan's feature goes on."""
    return plan.front_matter.status == "in-progress"


def changes(plan: Plan) -> Iterator[tuple[str, str, int]]:
    """Yield what an open plan changes: a key to compare by (a kind, a space, a name), its name as shown, its line."""
    if plan.front_matter.status in CLOSED:
        return
    for component in plan.components:
        name = " ".join(_MARKUP.sub("", component.component).split())
        if not is_placeholder(component.component) and not is_unanswered(name):
            yield f"component {name.casefold()}", f"The component “{name}”", component.line
    for planned in plan.planned:
        yield f"path {planned.path}", planned.path, planned.line


RULES = (overlap, dependency_cycle, released_on_draft, dependency_unknown, stale)
