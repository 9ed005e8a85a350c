"""Reads a plan folder into the model: which block of which section is a goal, a task, a risk."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from groundplan.layout import ANSWERS_NAME, PLAN_NAME, PLAN_ROOT
from groundplan.plan.document import Page, is_silent, read_page
from groundplan.plan.drawn_tree import read_tree
from groundplan.plan.files import Unreadable, UnreadableFileError, document_files, read_text, unreadable
from groundplan.plan.front_matter import NO_FRONT_MATTER, read_front_matter
from groundplan.plan.headings import OUR_HEADINGS, Headings, headings_in
from groundplan.plan.model import (
    Answers,
    Component,
    Fact,
    Flag,
    Goal,
    GoalReference,
    Kpi,
    Milestone,
    Plan,
    PlanSection,
    Regression,
    Risk,
    ScopeItem,
    Slo,
    Task,
)
from groundplan.plan.outline import (
    ACCEPTANCE,
    BRANCH,
    COMPONENTS,
    DEPENDENCIES,
    GOALS,
    IMPLEMENTATION,
    IN_SCOPE,
    KPIS,
    OPERATIONS,
    OUT_OF_SCOPE,
    REGRESSIONS,
    RISKS,
    ROLLOUT,
    SCOPE,
    STRUCTURE,
    TESTING,
)
from groundplan.plan.stage import find_status_line
from groundplan.text.blocks import Block, Document, Fence, Html, Section, Table
from groundplan.text.markdown import parse
from groundplan.text.yaml_mapping import YamlMappingError, load_scalars

_GOAL = re.compile(r"\*\*(G\d+)\*\*[ \t:–-]*(.*)", re.DOTALL)
_NAMED_GOALS = re.compile(r"\((G\d+(?:\s*,\s*G\d+)*)\)")
_PHASE = re.compile(r"Phase (\d)\b")
_OWNER = re.compile(r"(?<!\S)(@[A-Za-z0-9][\w./+-]*)")
_FACT = re.compile(r"\*\*([^*]+?):?\*\*:?\s*(.*)", re.DOTALL)


def read_plan(root: Path, slug: str, texts: Mapping[str, str] = MappingProxyType({})) -> Plan:
    """Read a plan folder.

    Args:
        root: The folder that holds `docs/plan_docs`.
        slug: The plan folder's name.
        texts: What documents are taken to say instead of what is in their files, by path.

    Returns:
        The plan. Whatever of it is wrong stands at a default; other files that cannot be read are named in it.

    Raises:
        UnreadableFileError: There is no plan, or it is no text.
    """
    path = f"{PLAN_ROOT}/{slug}/{PLAN_NAME}"
    text = texts.get(path) or read_text(root, path)
    documents, lost = _documents(root, slug, texts)
    answers = Answers()
    try:
        answers = _answers(root, slug)
    except UnreadableFileError as error:
        lost.append(error.unreadable)
    return _plan(slug, text, path, answers=answers, documents=tuple(documents), unreadable=tuple(lost))


def read_plan_alone(slug: str, text: str, answers: str = "") -> Plan:
    """Read a plan alone, without the rest of its folder: as a commit has it, or where the rest does not matter.

    Args:
        slug: The plan folder's name.
        text: The plan.
        answers: The answers file beside it, which tells the plan's headings; empty where there is none.
    """
    path = f"{PLAN_ROOT}/{slug}/{PLAN_NAME}"
    return _plan(slug, text, path, answers=Answers(headings=past_headings(answers)), documents=(), unreadable=())


def past_headings(answers: str) -> Headings:
    """Return a team's headings as a commit has them.

    Args:
        answers: The answers file; one that is broken counts for nothing.
    """
    try:
        return headings_in(answers)
    except YamlMappingError:
        return OUR_HEADINGS


def read_document(root: Path, path: str) -> Page:
    """Read any Markdown document of a repository.

    Args:
        root: The folder that holds `docs/plan_docs`.
        path: The document, relative to it, with `/`.

    Raises:
        UnreadableFileError: There is no such document, or it is no text.
    """
    return read_page(path, parse(read_text(root, path)))


def _documents(root: Path, slug: str, texts: Mapping[str, str]) -> tuple[list[Page], list[Unreadable]]:
    pages: list[Page] = []
    lost: list[Unreadable] = []
    folder = root / PLAN_ROOT / slug
    for file in document_files(folder):
        relative = file.relative_to(folder).as_posix()
        if relative == PLAN_NAME:
            continue
        path = f"{PLAN_ROOT}/{slug}/{relative}"
        try:
            pages.append(read_page(path, parse(texts.get(path) or read_text(root, path))))
        except UnreadableFileError as error:
            lost.append(error.unreadable)
    return pages, lost


def _answers(root: Path, slug: str) -> Answers:
    path = f"{PLAN_ROOT}/{slug}/{ANSWERS_NAME}"
    try:
        text = read_text(root, path)
        values, headings = load_scalars(text), headings_in(text)
    except YamlMappingError as error:
        message = f"is {error.message}. Restore it from git; Copier needs it for updates."
        raise unreadable(path, error.line, message) from error
    except UnreadableFileError as error:
        if error.unreadable.is_missing:
            # A plan may be written by hand, without Copier.
            return Answers()
        raise
    scaffold = {"true": True, "false": False}.get(values.get("scaffold", ""))
    return Answers(values.get("_commit", ""), values.get("_src_path", ""), scaffold, headings)


def _plan(slug: str, text: str, path: str, answers: Answers, **rest: Any) -> Plan:
    document, key = parse(text), answers.headings.key
    sections = [section for section in document.root.walk() if section.level == 2]
    found = {key(section.title): section for section in reversed(sections)}
    matter = document.front_matter
    drawing = _drawing(found.get(STRUCTURE))
    goals, tasks = tuple(_goals(found.get(GOALS))), tuple(_tasks(found.get(IMPLEMENTATION), key))
    kpis = _rows(found.get(KPIS), Kpi, "KPI", "Baseline", "Target", "Source")
    folder = f"{PLAN_ROOT}/{slug}/"
    return Plan(
        slug=slug,
        answers=answers,
        front_matter=read_front_matter(matter.content) if matter else NO_FRONT_MATTER,
        page=read_page(path, document),
        titles=tuple((section.title, section.line) for section in document.root.walk() if section.level == 1),
        status_line=find_status_line(document),
        sections=tuple(_plan_sections(sections, key)),
        empty_items=tuple(_empty_items(document.root)),
        length=len(text),
        prose_lines=_prose_lines(document, drawing),
        goals=goals,
        scope=tuple(_scope(found.get(SCOPE), key)),
        tasks=tasks,
        acceptance=tuple(_tasks(found.get(ACCEPTANCE), key)),
        references=tuple(_references(found.get(IMPLEMENTATION), found.get(TESTING), found.get(KPIS))),
        components=_rows(
            _below(found, COMPONENTS, key), Component, "Component", "Current Responsibility", "Planned Change", "Notes"
        ),
        flags=_rows(found.get(DEPENDENCIES), Flag, "Flag", "Owner", "Kill switch", "Remove by"),
        slos=_rows(found.get(OPERATIONS), Slo, "SLI", "Target", "Window"),
        risks=_rows(found.get(RISKS), Risk, "Risk", "Impact", "Likelihood", "Mitigation", "Owner"),
        regressions=tuple(_regressions(found.get(REGRESSIONS))),
        rollout=tuple(_facts(found.get(ROLLOUT))),
        kpis=kpis,
        milestones=_rows(found.get(BRANCH), Milestone, "Milestone", "Date"),
        planned=tuple(
            planned
            for planned in (read_tree(drawing.content, drawing.line + 1) if drawing else ())
            if not planned.path.startswith(folder)
        ),
        **rest,
    )


# Gives the outline's name of a heading, whatever its team calls it.
_Key = Callable[[str], str]


def _plan_sections(sections: Sequence[Section], key: _Key) -> Iterator[PlanSection]:
    for section in sections:
        name = key(section.title)
        yield PlanSection((name,), section.line, is_silent(section), section.title)
        for below in section.sections:
            yield PlanSection((name, key(below.title)), below.line, is_silent(below), below.title)


def _below(found: dict[str, Section], title: str, key: _Key) -> Section | None:
    return next((below for section in found.values() for below in section.sections if key(below.title) == title), None)


def _goals(section: Section | None) -> Iterator[Goal]:
    for item in section.items() if section else ():
        if item.nesting == 0 and item.content:
            match = _GOAL.match(item.content)
            yield Goal(match[1], match[2], item.line) if match else Goal("", item.content, item.line)


def _scope(section: Section | None, key: _Key) -> Iterator[ScopeItem]:
    for below in section.sections if section else ():
        name = key(below.title)
        for item in below.items():
            if item.nesting == 0 and item.content and name in (IN_SCOPE, OUT_OF_SCOPE):
                yield ScopeItem(item.content, name == IN_SCOPE, item.line)


def _tasks(section: Section | None, key: _Key) -> Iterator[Task]:
    for part in section.walk() if section else ():
        match = _PHASE.match(key(part.title))
        phase = int(match[1]) if match else None
        for item in Section(part.heading, part.path, part.blocks, ()).items():
            if item.is_task:
                owners = _OWNER.findall(item.content)
                yield Task(phase, item.content, item.is_done, owners[-1] if owners else "", item.line)


def _references(*sections: Section | None) -> Iterator[GoalReference]:
    for section in sections:
        for block in section.all_blocks() if section else ():
            if isinstance(block, Fence | Html):
                continue
            for line, text in enumerate(block.lines, block.line):
                for match in _NAMED_GOALS.finditer(text):
                    yield from (GoalReference(name.strip(), line) for name in match[1].split(","))


_Row = TypeVar("_Row")


def _rows(section: Section | None, kind: Callable[..., _Row], *columns: str) -> tuple[_Row, ...]:
    """Read the rows of the section's table that has the first of the columns; the others may be anywhere in it."""
    for block in section.all_blocks() if section else ():
        if isinstance(block, Table) and columns[0] in block.header:
            places = [block.header.index(column) if column in block.header else -1 for column in columns]
            return tuple(
                kind(*(row.cells[place] if 0 <= place < len(row.cells) else "" for place in places), row.line)
                for row in block.rows
            )
    return ()


def _regressions(section: Section | None) -> Iterator[Regression]:
    for item in section.items() if section else ():
        if item.nesting == 0 and item.content:
            area, impact, mitigation = [*(part.strip() for part in item.content.split("—", 2)), "", ""][:3]
            yield Regression(area, impact, mitigation, item.line)


def _facts(section: Section | None) -> Iterator[Fact]:
    for item in section.items() if section else ():
        if match := _FACT.match(item.content):
            below = "".join(block.text for block in item.blocks[1:])
            yield Fact(match[1].rstrip(":"), f"{match[2]}{below}".strip(), item.line)


def _empty_items(root: Section) -> Iterator[int]:
    for item in root.items():
        match = _FACT.fullmatch(item.content)
        says_nothing = not match[2] if match else not item.content
        below = item.blocks[1:] if item.content or item.is_task else item.blocks
        if says_nothing and not any(block.text.strip() for block in below):
            yield item.line


def _drawing(section: Section | None) -> Fence | None:
    return next((block for block in section.all_blocks() if isinstance(block, Fence)), None) if section else None


def _prose_lines(document: Document, drawing: Fence | None) -> int:
    body: Sequence[Block] = document.blocks[1:] if document.front_matter else document.blocks
    lines = body[-1].stop - body[0].start if body else 0
    return lines - (len(drawing.lines) if drawing else 0)
