"""A plan on disk as a typed model: what a feature's plan folder says, each fact with its line."""

import errno
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from groundplan.layout import ANSWERS_NAME, PLAN_NAME, PLAN_ROOT
from groundplan.plan.document import Page, is_silent, read_page
from groundplan.plan.drawn_tree import PlannedPath, read_tree
from groundplan.plan.front_matter import NO_FRONT_MATTER, FrontMatter, read_front_matter
from groundplan.plan.outline import (
    BRANCH,
    COMPONENTS,
    DEPENDENCIES,
    GOALS,
    IMPLEMENTATION,
    KPIS,
    OPERATIONS,
    REGRESSIONS,
    RISKS,
    ROLLOUT,
    STRUCTURE,
    TESTING,
)
from groundplan.text.markdown import Block, Document, Fence, Html, Section, Table, parse
from groundplan.text.yaml_mapping import YamlMappingError, load_scalars

# A longer file is no plan, and its parsing would take minutes.
SIZE_LIMIT = 1_000_000

_GOAL = re.compile(r"\*\*(G\d+)\*\*[ \t:–-]*(.*)", re.DOTALL)
_NAMED_GOALS = re.compile(r"\((G\d+(?:\s*,\s*G\d+)*)\)")
_PHASE = re.compile(r"Phase (\d)\b")
_OWNER = re.compile(r"(?<!\S)(@[A-Za-z0-9][\w./+-]*)")
_FACT = re.compile(r"\*\*([^*]+?):?\*\*:?\s*(.*)", re.DOTALL)


# The facts of a plan are named tuples: there are many kinds, and a dataclass takes four times as long to import.


class Unreadable(NamedTuple):
    """A file that cannot be read as text.

    Attributes:
        path: The file, relative to the repository, with `/`.
        line: Where the trouble is, from 1.
        message: What is wrong and what to do; it follows the file's name.
        is_missing: Whether there is no such file at all.
    """

    path: str
    line: int
    message: str
    is_missing: bool = False


class UnreadableFileError(Exception):
    """A file cannot be read as text; `unreadable` says which and why."""

    def __init__(self, unreadable: Unreadable) -> None:
        """Keep what is known."""
        super().__init__(f"{unreadable.path}:{unreadable.line}: {unreadable.message}")
        self.unreadable = unreadable


class Goal(NamedTuple):
    """A goal; `id` is empty when the item has none."""

    id: str
    text: str
    line: int


class Task(NamedTuple):
    """A task. `phase` is None where tasks are one checklist, as in a plan of depth lite."""

    phase: int | None
    text: str
    is_done: bool
    owner: str
    line: int


class GoalReference(NamedTuple):
    """A goal that a task, a test or a KPI names by its id."""

    id: str
    line: int


class Flag(NamedTuple):
    """A row of the feature flags."""

    flag: str
    owner: str
    kill_switch: str
    remove_by: str
    line: int


class Component(NamedTuple):
    """A row of the components that the feature changes."""

    component: str
    responsibility: str
    change: str
    notes: str
    line: int


class Slo(NamedTuple):
    """A row of the service level objectives."""

    sli: str
    target: str
    window: str
    line: int


class Risk(NamedTuple):
    """A row of the risks."""

    risk: str
    impact: str
    likelihood: str
    mitigation: str
    owner: str
    line: int

    @property
    def is_high(self) -> bool:
        """Whether impact and likelihood are both high, or one is high and the other medium."""
        weights = {"low": 1, "medium": 2, "high": 3}
        return weights.get(self.impact.lower(), 1) * weights.get(self.likelihood.lower(), 1) >= 6


class Kpi(NamedTuple):
    """A row of the KPIs."""

    kpi: str
    baseline: str
    target: str
    source: str
    line: int


class Milestone(NamedTuple):
    """A row of the milestones."""

    milestone: str
    date: str
    line: int


class Regression(NamedTuple):
    """A line of the regression log: area — impact — mitigation or test."""

    area: str
    impact: str
    mitigation: str
    line: int


class Fact(NamedTuple):
    """A labelled item, such as `- **Rollback:** text`."""

    label: str
    text: str
    line: int


class PlanSection(NamedTuple):
    """A heading of the second or third level.

    Attributes:
        path: Its title, after that of the section it stands in.
        line: Its line.
        is_empty: Whether nothing but comments stands under it.
    """

    path: tuple[str, ...]
    line: int
    is_empty: bool


class Answers(NamedTuple):
    """What the plan folder's answers file remembers of the template; empty or None where it does not say.

    Attributes:
        version: The version of the template that the plan follows.
        source: Where the template comes from.
        scaffold: Whether the tree was generated.
    """

    version: str = ""
    source: str = ""
    scaffold: bool | None = None


@dataclass(frozen=True)
class Plan:
    """A feature's plan folder.

    Attributes:
        slug: The folder's name.
        front_matter: What the plan says about itself.
        answers: What the answers file remembers.
        page: The plan's links, placeholders and leftovers.
        documents: Those of the supporting documents.
        unreadable: Files of the folder, other than the plan, that cannot be read.
        titles: The headings of the first level, with their lines.
        sections: The headings of the second and third level, in order.
        empty_items: The lines of list items and labels that say nothing.
        length: The number of the plan's characters.
        prose_lines: The number of its lines without front matter, the planned tree and blank lines at the end.
        goals: The goals.
        tasks: The tasks, with their phase.
        references: Where goals are named.
        rollout: The labelled items of the rollout plan.
        planned: The paths of the planned tree, the plan folder's documents aside.
    """

    slug: str
    front_matter: FrontMatter
    answers: Answers
    page: Page
    documents: tuple[Page, ...]
    unreadable: tuple[Unreadable, ...]
    titles: tuple[tuple[str, int], ...]
    sections: tuple[PlanSection, ...]
    empty_items: tuple[int, ...]
    length: int
    prose_lines: int
    goals: tuple[Goal, ...]
    tasks: tuple[Task, ...]
    references: tuple[GoalReference, ...]
    components: tuple[Component, ...]
    flags: tuple[Flag, ...]
    slos: tuple[Slo, ...]
    risks: tuple[Risk, ...]
    regressions: tuple[Regression, ...]
    rollout: tuple[Fact, ...]
    kpis: tuple[Kpi, ...]
    milestones: tuple[Milestone, ...]
    planned: tuple[PlannedPath, ...]

    @property
    def folder(self) -> str:
        """The plan folder, relative to the repository."""
        return f"{PLAN_ROOT}/{self.slug}"

    def section_line(self, title: str) -> int | None:
        """Give the line of a section's heading, or None when there is no such section."""
        return next((section.line for section in self.sections if section.path[-1] == title), None)


def repository_root(folder: Path) -> Path:
    """Find the top of the git repository that a folder stands in; without one the folder is its own top."""
    place = folder.absolute()
    return next((above for above in (place, *place.parents) if (above / ".git").exists()), place)


def slug_of(argument: str, root: Path) -> str:
    """Read what names a plan on a command line: its slug, its folder, or any file in that.

    Args:
        argument: A slug, or a path relative to the working directory.
        root: The folder that holds `docs/plan_docs`.
    """
    # Links are left alone: a plan folder may be one.
    path, plans = Path(os.path.abspath(argument)), Path(os.path.abspath(root / PLAN_ROOT))  # noqa: PTH100
    return path.relative_to(plans).parts[0] if plans in path.parents else argument


def plan_slugs(root: Path) -> list[str]:
    """List the plan folders of a repository by their names, sorted.

    Args:
        root: The folder that holds `docs/plan_docs`.

    Returns:
        The names of all folders there, hidden ones aside, and of links that lead nowhere: whether they hold a plan is
        for `read_plan` to say. None where there is no `docs/plan_docs`.

    Raises:
        OSError: It cannot be read.
    """
    try:
        entries = list((root / PLAN_ROOT).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    folders = (entry for entry in entries if entry.is_dir() or (entry.is_symlink() and not entry.exists()))
    return sorted(entry.name for entry in folders if not entry.name.startswith("."))


def no_plan_in(root: Path) -> str:
    """Say that a repository has no plan."""
    return f"There is no plan in {root / PLAN_ROOT}."


def read_plan(root: Path, slug: str) -> Plan:
    """Read a plan folder.

    Args:
        root: The folder that holds `docs/plan_docs`.
        slug: The plan folder's name.

    Returns:
        The plan. Whatever of it is wrong stands at a default; other files that cannot be read are named in it.

    Raises:
        UnreadableFileError: There is no plan, or it is no text.
    """
    path = f"{PLAN_ROOT}/{slug}/{PLAN_NAME}"
    text = _read_text(root, path)
    documents, unreadable = _documents(root, slug)
    answers = Answers()
    try:
        answers = _answers(root, slug)
    except UnreadableFileError as error:
        unreadable.append(error.unreadable)
    return _plan(slug, text, path, answers=answers, documents=tuple(documents), unreadable=tuple(unreadable))


def document_files(folder: Path) -> list[Path]:
    """List the Markdown documents of a plan folder, the plan among them, sorted."""
    return sorted(folder.rglob("*.md"))


def read_document(root: Path, path: str) -> Page:
    """Read any Markdown document of a repository.

    Args:
        root: The folder that holds `docs/plan_docs`.
        path: The document, relative to it, with `/`.

    Raises:
        UnreadableFileError: There is no such document, or it is no text.
    """
    return read_page(path, parse(_read_text(root, path)))


def _read_text(root: Path, path: str) -> str:
    try:
        if (size := (root / path).stat().st_size) > SIZE_LIMIT:
            raise _unreadable(path, 1, f"is {size:,} bytes long, too much to be read. Split it.")
        content = (root / path).read_bytes()
    except OSError as error:
        raise UnreadableFileError(_no_file(path, error)) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(path, line, "is not UTF-8 text. Save it as UTF-8.") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _unreadable(path, line, "holds a NUL character, so it is no text. Restore it from git.")
    if not text.strip():
        raise _unreadable(path, 1, "is empty. Restore it from git.")
    return text


def _unreadable(path: str, line: int, message: str) -> UnreadableFileError:
    return UnreadableFileError(Unreadable(path, line, message))


def _no_file(path: str, error: OSError) -> Unreadable:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Unreadable(path, 1, "is missing. Add it, restore it from git, or remove its folder.", is_missing=True)
    if error.errno == errno.ELOOP:
        return Unreadable(path, 1, "is a symbolic link that leads back to itself. Replace it by the file.")
    return Unreadable(path, 1, f"cannot be read: {error.strerror}.")


def _documents(root: Path, slug: str) -> tuple[list[Page], list[Unreadable]]:
    pages: list[Page] = []
    unreadable: list[Unreadable] = []
    folder = root / PLAN_ROOT / slug
    for file in document_files(folder):
        relative = file.relative_to(folder).as_posix()
        if relative == PLAN_NAME:
            continue
        path = f"{PLAN_ROOT}/{slug}/{relative}"
        try:
            pages.append(read_document(root, path))
        except UnreadableFileError as error:
            unreadable.append(error.unreadable)
    return pages, unreadable


def _answers(root: Path, slug: str) -> Answers:
    path = f"{PLAN_ROOT}/{slug}/{ANSWERS_NAME}"
    try:
        values = load_scalars(_read_text(root, path))
    except YamlMappingError as error:
        message = f"is {error.message}. Restore it from git; Copier needs it for updates."
        raise _unreadable(path, error.line, message) from error
    except UnreadableFileError as error:
        if error.unreadable.is_missing:
            # A plan may be written by hand, without Copier.
            return Answers()
        raise
    scaffold = {"true": True, "false": False}.get(values.get("scaffold", ""))
    return Answers(values.get("_commit", ""), values.get("_src_path", ""), scaffold)


def _plan(slug: str, text: str, path: str, **rest: Any) -> Plan:
    document = parse(text)
    sections = [section for section in document.root.walk() if section.level == 2]
    found = {section.title: section for section in reversed(sections)}
    matter = document.front_matter
    drawing = _drawing(found.get(STRUCTURE))
    goals, tasks = tuple(_goals(found.get(GOALS))), tuple(_tasks(found.get(IMPLEMENTATION)))
    kpis = _rows(found.get(KPIS), Kpi, "KPI", "Baseline", "Target", "Source")
    folder = f"{PLAN_ROOT}/{slug}/"
    return Plan(
        slug=slug,
        front_matter=read_front_matter(matter.content) if matter else NO_FRONT_MATTER,
        page=read_page(path, document),
        titles=tuple((section.title, section.line) for section in document.root.walk() if section.level == 1),
        sections=tuple(_plan_sections(sections)),
        empty_items=tuple(_empty_items(document.root)),
        length=len(text),
        prose_lines=_prose_lines(document, drawing),
        goals=goals,
        tasks=tasks,
        references=tuple(_references(found.get(IMPLEMENTATION), found.get(TESTING), found.get(KPIS))),
        components=_rows(
            _below(found, COMPONENTS), Component, "Component", "Current Responsibility", "Planned Change", "Notes"
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


def _plan_sections(sections: Sequence[Section]) -> Iterator[PlanSection]:
    for section in sections:
        yield PlanSection((section.title,), section.line, is_silent(section))
        for below in section.sections:
            yield PlanSection((section.title, below.title), below.line, is_silent(below))


def _below(found: dict[str, Section], title: str) -> Section | None:
    return next((below for section in found.values() for below in section.sections if below.title == title), None)


def _goals(section: Section | None) -> Iterator[Goal]:
    for item in section.items() if section else ():
        if item.nesting == 0 and item.content:
            match = _GOAL.match(item.content)
            yield Goal(match[1], match[2], item.line) if match else Goal("", item.content, item.line)


def _tasks(section: Section | None) -> Iterator[Task]:
    for part in section.walk() if section else ():
        match = _PHASE.match(part.title)
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
