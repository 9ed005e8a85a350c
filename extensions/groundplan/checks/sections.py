"""Rules over a plan's headings: which there must be, and in which order (GP106 to GP111)."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from groundplan.checks.rules import Case, Defect, E, N, W, rule
from groundplan.layout import ANSWERS_NAME
from groundplan.plan.model import Plan, PlanSection
from groundplan.plan.outline import OUTLINES, HeadingPath

NEWEST = max(OUTLINES)


@rule("GP106", draft=E, later=E)
def schema_unknown(case: Case) -> Iterator[Defect]:
    """The plan's schema is newer than this groundplan.

    Why: A newer version of the template may have other headings and keys, which this version cannot judge.

    ```yaml
    schema: 3
    ```

    Way out: Install a newer groundplan.
    """
    matter = case.plan.front_matter
    if matter.schema not in OUTLINES:
        message = f"The plan has schema {matter.schema}; this groundplan knows up to {NEWEST}. Install a newer one."
        yield Defect(matter.lines.get("schema", 1), message)


@rule("GP107", draft=N, later=N)
def schema_behind(case: Case) -> Iterator[Defect]:
    """The plan's schema is older than the newest one.

    Why: Nothing is wrong: every schema that was ever published stays accepted with its own list of sections.

    ```yaml
    schema: 1          # while the newest is 2
    ```

    Way out: `groundplan update` brings the plan up when you want it.
    """
    matter = case.plan.front_matter
    if matter.schema < NEWEST and matter.schema in OUTLINES and "schema" in matter.lines:
        message = f"The plan has schema {matter.schema}, the newest is {NEWEST}. It is fine; an update brings it up."
        yield Defect(matter.lines["schema"], message)


@rule("GP108", draft=W, later=E)
def section_missing(case: Case) -> Iterator[Defect]:
    """A section is missing.

    Why: Readers find their way by the same sections in every plan, and a section that is gone is a question nobody
    asked. Depth decides which are expected: `lite` needs nine; `standard` may leave out Current State Assessment,
    Documentation & Communication and Regression Impact Log. Sections that a team adds are expected, those that it
    leaves out are not.

    ```markdown
    ## Overview

    ## Feature Goals & Objectives
    ```

    Way out: Add the heading again. If there is nothing to say, say that and why.
    """
    for lack in _lacks(case.plan):
        if not lack.renamed:
            name = case.plan.answers.headings.shown(lack.path[-1])
            message = f"The section “{name}” is missing below this one. Add it, even if it says “none”."
            yield Defect(lack.before, message)


@rule("GP109", draft=W, later=E)
def section_renamed(case: Case) -> Iterator[Defect]:
    """A section was renamed.

    Why: Checks, status and template updates find a section by its heading.

    ```markdown
    ## Risks
    ```

    Way out: Write `## Risk Management`. Headings of your own are welcome beside the plan's; a team that wants others
    in all its plans renames them by the answer `headings`.
    """
    shown = case.plan.answers.headings.shown
    renamed = [(lack.renamed, lack.path[-1]) for lack in _lacks(case.plan) if lack.renamed]
    # Known to programs all the same, but not by the name that its team gave it.
    renamed += [(section, section.path[-1]) for section in case.plan.sections if section.path[-1] == section.title]
    for section, key in renamed:
        if section.title != (name := shown(key)):
            message = f"“{section.title}” should be “{name}”, by which people and programs know it. Rename it."
            yield Defect(section.line, message)


class _Lack(NamedTuple):
    """A heading that a plan lacks, the line of what should stand before it, and what it was probably renamed to."""

    path: HeadingPath
    before: int
    renamed: PlanSection | None


def _lacks(plan: Plan) -> Iterator[_Lack]:
    if any(file.path.endswith(ANSWERS_NAME) for file in plan.unreadable):
        # Nobody can say what its team calls the sections.
        return
    outline, headings = OUTLINES.get(plan.front_matter.schema, ()), plan.answers.headings
    present = {section.path: section for section in reversed(plan.sections)}
    names = set(headings.known(outline))
    spare = [section for section in plan.sections if section.path not in names]
    before = plan.titles[0][1] if plan.titles else 1
    for path in headings.expected(outline, plan.front_matter.depth):
        if path in present:
            before = present[path].line
        elif path[:-1] == () or path[:-1] in present:
            renamed = _renamed(path, headings.shown(path[-1]), spare, before)
            if renamed:
                spare.remove(renamed)
            yield _Lack(path, before, renamed)


def _renamed(path: HeadingPath, name: str, spare: list[PlanSection], before: int) -> PlanSection | None:
    """Find the heading, of those that no outline has, to which a missing one was most probably renamed."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - costs time, and few plans need it

    def likeness(section: PlanSection) -> float:
        ratio = SequenceMatcher(None, name.lower(), section.title.lower()).ratio()
        # One that stands where the missing one should needs less likeness.
        return ratio + (0.2 if section is following else 0)

    beside = [section for section in spare if section.path[:-1] == path[:-1]]
    following = next((section for section in beside if section.line > before), None)
    best = max(beside, key=likeness, default=None)
    return best if best and likeness(best) >= 0.55 else None


@rule("GP110", draft=W, later=E)
def section_repeated(case: Case) -> Iterator[Defect]:
    """A section stands there more than once.

    Why: Only the first of the two counts, so half of what was written is overlooked.

    ```markdown
    ## Risk Management

    …

    ## Risk Management
    ```

    Way out: Put both together under one heading.
    """
    names, seen = set(_known(case.plan)), set[HeadingPath]()
    for section in case.plan.sections:
        if section.path in names and section.path in seen:
            yield Defect(section.line, f"The section “{section.title}” stands here again. Put both together.")
        seen.add(section.path)


@rule("GP111", draft=W, later=W)
def section_misplaced(case: Case) -> Iterator[Defect]:
    """A section stands out of order.

    Why: The same order in every plan lets people compare plans, and lets updates find where a new section belongs.

    ```markdown
    ## Success Metrics & KPIs

    ## Risk Management
    ```

    Way out: Move the section to where the message says.
    """
    order = {path: place for place, path in enumerate(_known(case.plan))}
    first = {section.path: section for section in reversed(case.plan.sections) if section.path in order}
    by_parent: dict[HeadingPath, list[PlanSection]] = {}
    shown = case.plan.answers.headings.shown
    for section in sorted(first.values(), key=lambda section: section.line):
        by_parent.setdefault(section.path[:-1], []).append(section)
    for siblings in by_parent.values():
        places = [order[section.path] for section in siblings]
        for number in _out_of_order(places):
            before = [path[-1] for path in order if path[:-1] == siblings[number].path[:-1]]
            rank = before.index(siblings[number].path[-1])
            place = f"after “{shown(before[rank - 1])}”" if rank else "first"
            message = f"The section “{shown(before[rank])}” stands out of order. It comes {place}."
            yield Defect(siblings[number].line, message)


def _known(plan: Plan) -> list[HeadingPath]:
    return plan.answers.headings.known(OUTLINES.get(plan.front_matter.schema, ()))


def _out_of_order(places: Sequence[int]) -> list[int]:
    """Return the positions outside the longest rising run: the fewest to move so that all are in order."""
    tails: list[int] = []
    lengths = []
    for place in places:
        length = bisect_left(tails, place)
        tails[length : length + 1] = [place]
        lengths.append(length)
    wanted, kept = len(tails) - 1, set[int]()
    for number in range(len(places) - 1, -1, -1):
        if lengths[number] == wanted:
            kept.add(number)
            wanted -= 1
    return [number for number in range(len(places)) if number not in kept]


RULES = (schema_unknown, schema_behind, section_missing, section_renamed, section_repeated, section_misplaced)
