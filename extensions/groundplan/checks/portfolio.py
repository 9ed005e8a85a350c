"""Rules between plans: overlaps, dependencies, staleness (GP5xx)."""

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from groundplan.checks.rules import Defect
from groundplan.layout import PLAN_NAME, PLAN_ROOT
from groundplan.plan.files import UnreadableFileError, read_text
from groundplan.plan.model import Plan
from groundplan.plan.placeholders import is_placeholder, is_unanswered

STALE_DAYS = 60
_CLOSED = ("released", "archived")
_MARKUP = re.compile(r"[`*_\\]|\[|\]\([^)]*\)")


def stale_defects(plan: Plan, active: Collection[str]) -> Iterator[Defect]:
    """Find that a plan in progress stands still.

    Args:
        plan: The plan.
        active: The slugs of the plan folders that changed lately.
    """
    if is_in_progress(plan) and plan.slug not in active:
        message = f"The plan is in progress, but nothing of it changed for {STALE_DAYS} days. Update it or its status."
        yield Defect("GP505", plan.front_matter.lines.get("status", 1), message)


def is_in_progress(plan: Plan) -> bool:
    """Say whether work on a plan's feature goes on."""
    return plan.front_matter.status == "in-progress"


class Portfolio:
    """All plans of a repository that matter to the ones that are judged."""

    def __init__(self, plans: Iterable[Plan], slugs: Iterable[str]) -> None:
        """Collect what the open plans change.

        Args:
            plans: The plans.
            slugs: All plan folders, those included whose plan cannot be read.
        """
        self._plans = {plan.slug: plan for plan in plans}
        self._slugs = frozenset(slugs)
        self._users: dict[str, set[str]] = {}
        for plan in self._plans.values():
            for key, _, _ in _changes(plan):
                self._users.setdefault(key, set()).add(plan.slug)

    def defects(self, plan: Plan) -> Iterator[Defect]:
        """Find where a plan is at odds with the others."""
        yield from self._overlaps(plan)
        yield from self._dependencies(plan)

    def _overlaps(self, plan: Plan) -> Iterator[Defect]:
        for key, what, line in _changes(plan):
            if others := self._users[key] - {plan.slug}:
                message = f"{what} is changed by open plans besides: {', '.join(sorted(others))}. Agree who goes first."
                yield Defect("GP501", line, message)

    def _dependencies(self, plan: Plan) -> Iterator[Defect]:
        line = plan.front_matter.lines.get("depends_on", 1)
        for slug in plan.front_matter.depends_on:
            if slug not in self._slugs:
                message = f"There is no plan “{slug}” to depend on. Correct the slug, or add the plan with that slug."
                yield Defect("GP504", line, message)
            elif plan.front_matter.status == "released" and self._status(slug) == "draft":
                message = f"The plan is released, but it depends on “{slug}”, which is a draft. Correct one of the two."
                yield Defect("GP503", line, message)
        if circle := self._circle(plan.slug):
            message = f"The plans depend on each other in a circle: {' → '.join(circle)}. Take one dependency out."
            yield Defect("GP502", line, message)

    def _status(self, slug: str) -> str:
        return self._plans[slug].front_matter.status if slug in self._plans else ""

    def _circle(self, start: str) -> list[str]:
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
