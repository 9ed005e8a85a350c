"""Rules over a plan as a document: front matter, headings, links, leftovers of merges, lengths (GP1xx)."""

import html
import os
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from groundplan.checks.rules import Defect
from groundplan.plan.document import Link, Page
from groundplan.plan.files import UnreadableFileError, lies_inside
from groundplan.plan.front_matter import Fault
from groundplan.plan.model import Plan, PlanSection
from groundplan.plan.outline import OUTLINES, Outline, expected, known
from groundplan.plan.reader import read_document

BODY_LENGTH = 65_536  # GitHub refuses longer bodies of issues
LITE_LINES = 80

_CODE_OF_FAULT = {
    Fault.SYNTAX: "GP103",
    Fault.UNKNOWN_KEY: "GP104",
    Fault.VALUE: "GP105",
    Fault.TITLE_LENGTH: "GP117",
    Fault.LABEL_LENGTH: "GP118",
}
# A backslash escape, or a character reference (CommonMark 0.31, 2.4 and 2.5).
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])|&#?\w+;")
# A URL with a scheme, or one that begins with a host.
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")

Headings = tuple[str, ...]


def document_defects(plan: Plan, root: Path) -> Iterator[Defect]:
    """Find what is wrong with a plan as a document.

    Args:
        plan: The plan.
        root: The folder that holds `docs/plan_docs`; links are followed in it.
    """
    yield from _unreadable(plan)
    yield from _front_matter(plan)
    yield from section_defects(plan, OUTLINES)
    yield from _title(plan)
    yield from _conflicts(plan)
    yield from _links(plan, root)
    yield from _lengths(plan)


def _unreadable(plan: Plan) -> Iterator[Defect]:
    for file in plan.unreadable:
        yield Defect("GP102", file.line, f"{file.path.rsplit('/', 1)[-1]} {file.message}", file.path)


def _front_matter(plan: Plan) -> Iterator[Defect]:
    matter = plan.front_matter
    body = plan.titles[0][1] if plan.titles else plan.length
    is_conflict = bool(plan.page.conflicts) and plan.page.conflicts[0] < body
    for problem in matter.problems:
        # Conflict markers are no YAML either, but saying so would hide what to do.
        if not (is_conflict and problem.fault is Fault.SYNTAX):
            yield Defect(_CODE_OF_FAULT[problem.fault], problem.line, problem.message)
    if matter.slug and matter.slug != plan.slug:
        message = f"The slug is “{matter.slug}” but the folder is “{plan.slug}”. A slug never changes: make them equal."
        yield Defect("GP105", matter.lines["slug"], message)


def section_defects(plan: Plan, outlines: Mapping[int, Outline]) -> Iterator[Defect]:
    """Find what is wrong with a plan's headings.

    Args:
        plan: The plan.
        outlines: The outline of each schema that was ever published.
    """
    matter = plan.front_matter
    line = matter.lines.get("schema", 1)
    newest = max(outlines)
    if matter.schema not in outlines:
        message = f"The plan has schema {matter.schema}; this groundplan knows up to {newest}. Install a newer one."
        yield Defect("GP106", line, message)
        return
    if matter.schema < newest:
        message = (
            f"The plan has schema {matter.schema}, the newest is {newest}. It is fine; `copier update` brings it up."
        )
        yield Defect("GP107", line, message)
    outline = outlines[matter.schema]
    yield from _missing(plan, outline)
    yield from _repeated(plan, outline)
    yield from _misplaced(plan, outline)


def _missing(plan: Plan, outline: Outline) -> Iterator[Defect]:
    present = {section.path: section for section in reversed(plan.sections)}
    names = set(known(outline))
    spare = [section for section in plan.sections if section.path not in names]
    before = plan.titles[0][1] if plan.titles else 1
    for path in expected(outline, plan.front_matter.depth):
        if path in present:
            before = present[path].line
        elif path[:-1] == () or path[:-1] in present:
            if renamed := _renamed(path, spare, before):
                spare.remove(renamed)
                message = (
                    f"“{renamed.path[-1]}” should be “{path[-1]}”, by which people and programs know it. Rename it."
                )
                yield Defect("GP109", renamed.line, message)
            else:
                message = f"The section “{path[-1]}” is missing below this one. Add it, even if it says “none”."
                yield Defect("GP108", before, message)


def _renamed(path: Headings, spare: list[PlanSection], before: int) -> PlanSection | None:
    """Take the heading, of those that no outline has, to which a missing one was most probably renamed."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - costs time, and few plans need it

    def likeness(section: PlanSection) -> float:
        ratio = SequenceMatcher(None, path[-1].lower(), section.path[-1].lower()).ratio()
        # One that stands where the missing one should needs less likeness.
        return ratio + (0.2 if section is following else 0)

    beside = [section for section in spare if section.path[:-1] == path[:-1]]
    following = next((section for section in beside if section.line > before), None)
    best = max(beside, key=likeness, default=None)
    return best if best and likeness(best) >= 0.55 else None


def _repeated(plan: Plan, outline: Outline) -> Iterator[Defect]:
    names, seen = set(known(outline)), set[Headings]()
    for section in plan.sections:
        if section.path in names and section.path in seen:
            message = f"The section “{section.path[-1]}” stands here again. Put both together."
            yield Defect("GP110", section.line, message)
        seen.add(section.path)


def _misplaced(plan: Plan, outline: Outline) -> Iterator[Defect]:
    order = {path: place for place, path in enumerate(known(outline))}
    first = {section.path: section for section in reversed(plan.sections) if section.path in order}
    by_parent: dict[Headings, list[PlanSection]] = {}
    for section in sorted(first.values(), key=lambda section: section.line):
        by_parent.setdefault(section.path[:-1], []).append(section)
    for siblings in by_parent.values():
        places = [order[section.path] for section in siblings]
        for number in _out_of_order(places):
            before = [path[-1] for path in order if path[:-1] == siblings[number].path[:-1]]
            rank = before.index(siblings[number].path[-1])
            place = f"after “{before[rank - 1]}”" if rank else "first"
            message = f"The section “{before[rank]}” stands out of order. It comes {place}."
            yield Defect("GP111", siblings[number].line, message)


def _out_of_order(places: Sequence[int]) -> list[int]:
    """Give the positions outside the longest rising run: the fewest to move so that all are in order."""
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


def _title(plan: Plan) -> Iterator[Defect]:
    title = " ".join(plan.front_matter.title.split())
    if not title:
        return
    if not plan.titles:
        yield Defect("GP112", 1, f"The heading “# {title}” is missing below the front matter.")
        return
    heading, line = plan.titles[0]
    if " ".join(_ESCAPE.sub(lambda match: match[1] or html.unescape(match[0]), heading).split()) != title:
        yield Defect(
            "GP112", line, f"The heading differs from the title in the front matter, “{title}”. Make them equal."
        )
    for heading, line in plan.titles[1:]:
        yield Defect(
            "GP112", line, f"“{heading}” is a second heading of the first level. Make it a section: “## {heading}”."
        )


def _conflicts(plan: Plan) -> Iterator[Defect]:
    for page in (plan.page, *plan.documents):
        for line in page.conflicts:
            yield Defect(
                "GP115", line, "A merge left a conflict here. Choose one side and remove the markers.", page.path
            )


def _links(plan: Plan, root: Path) -> Iterator[Defect]:
    pages: dict[str, Page | None] = {page.path: page for page in (plan.page, *plan.documents)}
    for page in (plan.page, *plan.documents):
        for link in page.links:
            if defect := _broken(link, page, root, pages):
                yield defect


def _broken(link: Link, page: Page, root: Path, pages: dict[str, Page | None]) -> Defect | None:
    if _ELSEWHERE.match(link.target):
        return None
    file, _, anchor = link.target.partition("#")
    file = unquote(file.partition("?")[0])
    # GitHub takes a leading slash for the repository's root.
    base = "" if file.startswith("/") else page.path.rpartition("/")[0]
    path = os.path.normpath(f"{base}/{file}").replace(os.sep, "/").lstrip("/") if file else page.path
    if file and not lies_inside(root, path):
        # Whether there is something is nobody's business: a plan may come from anybody.
        message = "The link leads out of the repository. Link to a file in it, or to a web address."
        return Defect("GP113", link.line, message, page.path)
    if file and not os.path.exists(root / path):  # noqa: PTH110 - pathlib's raises where a name is too long
        return Defect(
            "GP113", link.line, f"The link leads to {path}, which does not exist. Correct it or remove it.", page.path
        )
    if not anchor or not path.endswith(".md"):
        return None
    if path not in pages:
        pages[path] = _page(root, path)
    target = pages[path]
    if target is None or unquote(anchor) in target.anchors:
        return None
    return Defect("GP114", link.line, f"{path} has no heading for the anchor #{anchor}. Correct it.", page.path)


def _page(root: Path, path: str) -> Page | None:
    try:
        return read_document(root, path)
    except UnreadableFileError:
        return None


def _lengths(plan: Plan) -> Iterator[Defect]:
    if plan.length > BODY_LENGTH:
        message = (
            f"The plan has {plan.length:,} characters, GitHub takes {BODY_LENGTH:,}. Move details to other documents."
        )
        yield Defect("GP116", 1, message)
    if plan.front_matter.depth == "lite" and plan.prose_lines > LITE_LINES:
        message = f"The plan has {plan.prose_lines} lines; lite means at most {LITE_LINES}. Shorten it, or go deeper."
        yield Defect("GP119", plan.front_matter.lines.get("depth", 1), message)
