"""What people did in the tracker, as edits of the plan: merged by structure, so that nobody's work is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from groundplan.merging.merge import Conflict, Markers, merge
from groundplan.plan.headings import Headings
from groundplan.plan.outline import IMPLEMENTATION
from groundplan.text.blocks import Document, Item, Section
from groundplan.text.markdown import parse
from groundplan.tracker.body import issue_text, read_signature
from groundplan.tracker.forge import Issue

_MARKERS = Markers("the plan", "as published", "the issue")
_TICK = re.compile(r"\[[ xX]\]")
_PHASE = re.compile(r"Phase (\d)\b")
_IN_PLAN = re.compile(r"\[Read it in the plan\]\([^)\s]+\)")


@dataclass(frozen=True, slots=True)
class PlanTask:
    """A task of a plan's text.

    Attributes:
        phase: The phase it stands in; None where the tasks are one checklist.
        text: What is to be done, on one line.
        is_done: Whether it is ticked.
        line: The index of its line.
    """

    phase: int | None
    text: str
    is_done: bool
    line: int


@dataclass(frozen=True, slots=True)
class Pulled:
    """A plan with what people did in the tracker.

    Attributes:
        text: The plan.
        conflicts: What both sides changed, differently; marked in the text.
    """

    text: str
    conflicts: tuple[Conflict, ...] = ()


def pull(  # noqa: PLR0913 - they are what the two sides have
    plan: str,
    published: str,
    issue: Issue,
    parts: Iterable[Issue],
    unlink: Callable[[str], str],
    *,
    headings: Headings,
) -> Pulled:
    """Take what people did in an issue and its sub-issues into the plan.

    Args:
        plan: The plan as it stands.
        published: The plan as it was when the issue was written.
        issue: The issue.
        parts: Its sub-issues that stand for phases or tasks.
        unlink: Writes the addresses of the repository's files as relative links again.
        headings: What the plan's team made of its headings.

    Returns:
        The plan; unchanged where nobody did anything.
    """
    base = issue_text(published, str, with_title=True)
    result = Pulled(plan)
    for theirs in (_edited_body(base, issue, unlink), *(_edited_part(base, part, unlink, headings) for part in parts)):
        if theirs != base:
            merged = merge(base, result.text, theirs, _MARKERS, yielding=False)
            result = Pulled(merged.text, (*result.conflicts, *merged.conflicts))
    return result


def _edited_body(base: str, issue: Issue, unlink: Callable[[str], str]) -> str:
    """Return what the issue's body says, as the text of a plan."""
    text, signature = read_signature(issue.body)
    if signature and signature.is_of(text):
        return base
    head = parse(base).root.sections
    title = "".join(head[0].heading.lines) + "\n" if head and head[0].heading and head[0].level == 1 else ""
    return _with_sections_of(base, title + unlink(text).strip() + "\n")


def _with_sections_of(base: str, text: str) -> str:
    """Put the sections back that the issue has only a link to."""
    document, original = parse(text), {section.title: section for section in parse(base).root.walk()}
    lines = list(document.lines)
    for section in reversed([section for section in document.root.walk() if section.level == 2]):
        start, stop = _inside(section, document)
        if _IN_PLAN.fullmatch("".join(lines[start:stop]).strip()) and (known := original.get(section.title)):
            whole = parse(base)
            lines[start:stop] = whole.lines[slice(*_inside(known, whole))]
    return "".join(lines)


def _edited_part(base: str, part: Issue, unlink: Callable[[str], str], headings: Headings) -> str:
    """Return what a sub-issue says, as the text of a plan."""
    text, signature = read_signature(part.body)
    if not signature:
        return base
    if signature.part.startswith("phase-"):
        document = parse(base)
        section = phase_section(document, int(signature.part.removeprefix("phase-")), headings)
        new_text = None if signature.is_of(text) else unlink(text)
        return _with_phase(document, section, part, new_text) if section else base
    return _with_task(base, signature.part, part, headings)


def _with_phase(document: Document, section: Section, part: Issue, text: str | None) -> str:
    start, stop = _inside(section, document)
    content = "".join(document.lines[start:stop]) if text is None else f"{text.strip()}\n\n"
    if not part.is_open:
        content = _ticked(content)
    return "".join([*document.lines[:start], content, *document.lines[stop:]])


def _with_task(base: str, key: str, part: Issue, headings: Headings) -> str:
    lines = list(parse(base).lines)
    for task in tasks_in(base, headings):
        if task_key(task) == key:
            mark = "[ ]" if part.is_open else "[x]"
            line = _TICK.sub(mark, lines[task.line], count=1)
            if part.title != short_title(task.text):
                line = line.replace(task.text, part.title)
            lines[task.line] = line
    return "".join(lines)


def _ticked(text: str) -> str:
    lines = list(parse(text).lines)
    for item in parse(text).root.items():
        if item.is_task and not item.is_done:
            lines[item.start] = _TICK.sub("[x]", lines[item.start], count=1)
    return "".join(lines)


def tasks_in(text: str, headings: Headings) -> Iterator[PlanTask]:
    """Yield the tasks of a plan's text, those of its implementation plan alone.

    Args:
        text: The plan's Markdown.
        headings: What the plan's team made of its headings.
    """
    document = parse(text)
    for section in document.root.walk():
        if headings.key(section.title) == IMPLEMENTATION and section.level == 2:
            yield from _tasks(section, headings)


def _tasks(section: Section, headings: Headings) -> Iterator[PlanTask]:
    for below in section.walk():
        number = _PHASE.match(headings.key(below.title))
        for item in _own_items(below):
            if item.is_task:
                text = _TICK.split(item.lines[0], maxsplit=1)[1].strip()
                yield PlanTask(int(number[1]) if number else None, text, item.is_done, item.start)


def _own_items(section: Section) -> Iterator[Item]:
    yield from replace(section, sections=()).items()


def phase_section(document: Document, number: int, headings: Headings) -> Section | None:
    """Find the section of a phase in a plan's document.

    Args:
        document: The plan.
        number: The phase's number, from 0.
        headings: What the plan's team made of its headings.

    Returns:
        The section; None where the plan has no such phase.
    """
    for section in document.root.walk():
        found = _PHASE.match(headings.key(section.title))
        if section.level == 3 and found and int(found[1]) == number:
            return section
    return None


def _inside(section: Section, document: Document) -> tuple[int, int]:
    """Return the lines below a section's heading."""
    start = section.heading.end if section.heading else 0
    return start, max((block.end for block in section.all_blocks()), default=start)


def phases(text: str, headings: Headings) -> Iterator[tuple[int, str, str]]:
    """Yield number, title and content of each phase that an issue's text has something of.

    Args:
        text: The issue's text.
        headings: What the plan's team made of its headings.
    """
    document = parse(text)
    for section in document.root.walk():
        found = _PHASE.match(headings.key(section.title))
        content = "".join(document.lines[slice(*_inside(section, document))]).strip()
        if section.level == 3 and found and content:
            yield int(found[1]), section.title, content


def task_key(task: PlanTask) -> str:
    """Return what a task is called in the signature of its sub-issue."""
    import hashlib  # noqa: PLC0415 - only for sub-issues of tasks

    words = " ".join(re.findall(r"\w+", task.text.lower()))
    return f"task-{hashlib.sha256(f'{task.phase} {words}'.encode()).hexdigest()[:12]}"


def short_title(text: str, limit: int = 256) -> str:
    """Return a text as an issue's title, which has no more characters than forges take."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def match_tasks(before: Sequence[PlanTask], now: Sequence[PlanTask]) -> dict[str, str]:
    """Return which tasks of before are which of now, by their keys: the same words, or else words much alike.

    Args:
        before: The tasks as they were published.
        now: The tasks as they stand.
    """
    from difflib import SequenceMatcher  # noqa: PLC0415 - only where a task was reworded

    known = {task_key(task) for task in now}
    same = {key: key for key in map(task_key, before) if key in known}
    free = [task for task in now if task_key(task) not in same]
    for old in before:
        if task_key(old) in same:
            continue
        alike = [
            (SequenceMatcher(None, old.text.lower(), new.text.lower()).ratio(), index)
            for index, new in enumerate(free)
            if new.phase == old.phase
        ]
        likeness, index = max(alike, default=(0.0, -1))
        if likeness >= 0.5:
            same[task_key(old)] = task_key(free.pop(index))
    return same
