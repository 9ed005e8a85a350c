"""Reads a document into answers of a brief, and into pieces of text that no answer holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from groundplan.adopting.headings import Match, Topic, key_of, topic_at, topic_of
from groundplan.adopting.template_text import TemplateText
from groundplan.adopting.values import (
    columns_of,
    entries,
    fits,
    goal_id,
    is_listed,
    item_text,
    label_and_rest,
    record_of_item,
    record_of_row,
    shape_of,
    task_text,
    text_value,
)
from groundplan.plan.outline import IMPLEMENTATION, PHASES, HeadingPath
from groundplan.rendering.branches import branch_problem
from groundplan.rendering.shapes import ListOf, Text
from groundplan.text.blocks import Block, Document, Heading, Item, List, Paragraph, Rule, Section, Table

# Of a section's paragraphs that are to become a list's entries, the longest.
_ENTRY_LENGTH = 600
EVERYTHING = "*"


@dataclass(frozen=True)
class Claim:
    """Lines that were understood.

    Attributes:
        key: What they answer, such as ``goals``; in brackets what is not an answer, such as ``(heading)``.
        start: The index of the first line.
        stop: The index after the last one.
        place: The plan's section that tells it.
    """

    key: str
    start: int
    stop: int
    place: HeadingPath = ()


@dataclass(frozen=True)
class Piece:
    """Text that stands in the plan as it stood in the document.

    Attributes:
        place: The plan's section that it stands in, or behind, where it is a section of its own; empty above the first.
        text: Its Markdown.
        start: The index of its first line in the document.
        stop: The index after the last one.
        answers: The keys that it answers, though a brief cannot hold it; ``*`` for all of its place.
        is_section: Whether it is a section of its own.
        replaces: Whether it stands for what the brief holds of the same, in fewer words.
    """

    place: HeadingPath
    text: str
    start: int
    stop: int
    answers: frozenset[str] = frozenset()
    is_section: bool = False
    replaces: bool = False


@dataclass
class Reading:
    """What was read from a document.

    Attributes:
        answers: As a brief holds them.
        lines: The first line of each answer, from 1: by key, and for a list by key and number, as ``goals[0]``.
        claims: What was understood, with its lines.
        pieces: What stands in the plan as it stood in the document.
        is_started: Whether a task is ticked.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    is_started: bool = False

    def answer(self, key: str, value: Any, start: int, stop: int, place: HeadingPath = ()) -> bool:
        """Take an answer that a brief can hold and that nothing else has answered yet; return whether it was taken."""
        name, _, below = key.partition(".")
        if shape_of(key) is not None and not fits(value, key):
            return False
        mapping = self.answers.setdefault(name, {}) if below else self.answers
        if (below or name) in mapping:
            return False
        mapping[below or name] = value
        self.lines.setdefault(key, start + 1)
        self.claims.append(Claim(key, start, stop, place))
        return True

    def add(self, key: str, entry: Any, start: int) -> bool:
        """Add an entry to a list, where a brief can hold it; return whether it was added."""
        if not fits([entry], key):
            return False
        name, _, below = key.partition(".")
        mapping = self.answers.setdefault(name, {}) if below else self.answers
        listed = mapping.setdefault(below or name, [])
        self.lines.setdefault(key, start + 1)
        self.lines[f"{key}[{len(listed)}]"] = start + 1
        listed.append(entry)
        return True


@dataclass(frozen=True)
class _Unit:
    """Lines that no answer holds: a block, or an item of a list."""

    start: int
    stop: int
    is_item: bool = False
    key: str = ""


class Reader:
    """Reads the sections of one document, front to back."""

    def __init__(self, document: Document, template: TemplateText) -> None:
        """Begin.

        Args:
            document: The document.
            template: The text of the template that it was copied from.
        """
        self.reading = Reading()
        self._source = document.lines
        self._template = template
        self._labels = [f"[{label.casefold()}]" for label in document.definitions]
        self._place: HeadingPath = ()

    def read(self, sections: Iterable[Section]) -> None:
        """Read the outermost sections below the title."""
        for section in sections:
            match = topic_of(section.title)
            if match:
                self._read_known(section, match, 0)
                self._place = match.topic.place
            else:
                self._keep_section(section)

    def keep_head(self, blocks: Sequence[Block]) -> None:
        """Keep what stands above the first section."""
        units = list(self._units(blocks))
        if units:
            self.reading.pieces.append(Piece((), self._join(units), units[0].start, units[-1].stop))

    def _keep_section(self, section: Section) -> None:
        """Keep a section of a person's own beside the plan's."""
        text = self._verbatim(section, 2)
        if text:
            start, stop = _span(section)
            self.reading.pieces.append(Piece(self._place[:1], text, start, stop, is_section=True))

    def _read_known(self, section: Section, match: Match, depth: int) -> None:
        topic = match.topic
        if topic.key.startswith("tasks"):
            self._read_tasks(section, match)
            return
        left = self._read_blocks(topic, section.blocks)
        own: list[str] = []
        level = len(topic.place) + 2 + (not match.is_renamed)
        for below in section.sections:
            known = topic_of(below.title) if depth == 0 else None
            if known:
                self._read_known(below, known, depth + 1)
            elif text := self._verbatim(below, level):
                own.append(text)
        heading = section.heading
        if not left and not own:
            self._claim_heading(heading, topic.place)
            return
        texts = [self._join(left), *own] if left else own
        if match.is_renamed:
            self._claim_heading(heading, topic.place)
        else:
            texts.insert(0, f"{'#' * min(level - 1, 6)} {section.title}\n")
        keys = frozenset(unit.key or (EVERYTHING if match.is_renamed else "") for unit in left) - {""}
        if own and topic.key and not left:
            keys = frozenset({topic.key})
        start, stop = _span(section)
        self.reading.pieces.append(Piece(topic.place, "\n".join(texts), start, stop, keys))

    def _claim_heading(self, heading: Heading | None, place: HeadingPath) -> None:
        if heading:
            self.reading.claims.append(Claim("(heading)", heading.start, heading.stop, place))

    def _verbatim(self, section: Section, level: int) -> str:
        """Return a section as it is, its headings from a level on; nothing where all of it is the template's."""
        units = list(self._units(section.blocks))
        below = [text for part in section.sections if (text := self._verbatim(part, level + 1))]
        if not units and not below:
            if section.heading and any(not isinstance(block, Rule) for block in section.blocks):
                return ""
            if section.sections:
                return ""
        heading = f"{'#' * min(level, 6)} {section.title}\n"
        return "\n".join([heading, *([self._join(units)] if units else []), *below])

    def _units(self, blocks: Iterable[Block], key: str = "") -> Iterator[_Unit]:
        """Cut blocks into what stays, without the template's text and rules between sections."""
        for block in blocks:
            if isinstance(block, Rule) or self._template.has(block):
                continue
            if isinstance(block, List):
                items = [item for item in block.items if not self._template.has(item)]
                yield from (_Unit(item.start, item.stop, True, key) for item in items)
            else:
                yield _Unit(block.start, block.stop, False, key)

    def _join(self, units: Sequence[_Unit]) -> str:
        """Return the units' lines, with the blank lines that stood between them."""
        texts: list[str] = []
        for number, unit in enumerate(units):
            if number:
                before = units[number - 1]
                gap = self._source[before.stop : unit.start]
                is_near = all(not line.strip() for line in gap)
                texts.append("".join(gap) if is_near else "" if unit.is_item and before.is_item else "\n")
            texts.append("".join(self._source[unit.start : unit.stop]))
        return "".join(texts)

    def finish(self) -> Reading:
        """Return what was read, when all sections are."""
        return self.reading

    # Answers

    def _read_blocks(self, topic: Topic, blocks: Sequence[Block]) -> list[_Unit]:
        """Read a section's own blocks; return what no answer holds."""
        left: list[_Unit] = []
        key = topic.key
        waiting: list[Block] = []
        for block in blocks:
            if isinstance(block, Rule) or self._template.has(block):
                continue
            if isinstance(block, Paragraph) and (labelled := self._labelled_key(topic, block)) is not None:
                left += self._read_value(topic, key, waiting)
                waiting, key = [], labelled
                self.reading.claims.append(Claim("(label)", block.start, block.stop, topic.place))
            elif isinstance(block, List) and any(self._item_key(topic, item) is not None for item in block.items):
                left += self._read_value(topic, key, waiting)
                waiting = []
                left += self._read_items(topic, key, block)
            elif isinstance(block, Paragraph) and self._read_fact(topic, block):
                continue
            else:
                waiting.append(block)
        left += self._read_value(topic, key, waiting)
        return sorted(left, key=lambda unit: unit.start)

    def _labelled_key(self, topic: Topic, block: Paragraph) -> str | None:
        """Return what a paragraph asks that is nothing but a label, such as ``**In scope**``."""
        text = block.text.strip()
        label = label_and_rest(text)
        if "\n" in text or not label or label[1]:
            return None
        return key_of(label[0], topic)

    def _item_key(self, topic: Topic, item: Item) -> str | None:
        label = label_and_rest(item.content)
        key = key_of(label[0], topic) if label else None
        return key if key is not None else key_of(item.content, topic) if topic.labels else None

    def _read_fact(self, topic: Topic, block: Paragraph) -> bool:
        """Read a paragraph such as ``Branch: feature/x``."""
        label = label_and_rest(block.text.strip())
        key = key_of(label[0], topic) if label else None
        if not label or not key:
            return False
        return self._read_text(key, label[1], block.start, block.stop, topic.place)

    def _read_items(self, topic: Topic, key: str, block: List) -> list[_Unit]:
        """Read a list of which some items have labels."""
        left: list[_Unit] = []
        for item in block.items:
            if self._template.has(item):
                continue
            labelled = self._item_key(topic, item)
            if labelled is None:
                is_text = isinstance(shape_of(key), Text)
                taken = bool(key) and self._read_text(
                    key, item_text(item, self._source), item.start, item.stop, topic.place
                )
                if not taken:
                    left.append(_Unit(item.start, item.stop, True, "" if is_text else key))
            else:
                left += self._read_labelled(topic, labelled, item)
        return left

    def _read_labelled(self, topic: Topic, key: str, item: Item) -> list[_Unit]:
        whole = item_text(item, self._source)
        label = label_and_rest(item.content)
        has_rest = bool(label) and key_of(label[0], topic) is not None if label else False
        value = whole[len(item.content) - len(label[1]) :] if label and has_rest else whole[len(item.content) :]
        value = value.strip("\n").strip()
        nested = [inner for inner in item.blocks if isinstance(inner, List)]
        if not value:
            # A question that nobody answered.
            self.reading.claims.append(Claim("(label)", item.start, item.stop, topic.place))
            return []
        if nested and not (label and has_rest and label[1].strip()) and not isinstance(shape_of(key), Text):
            self.reading.claims.append(Claim("(label)", item.start, item.start + 1, topic.place))
            left: list[_Unit] = []
            for block in nested:
                for inner in block.items:
                    text = item_text(inner, self._source)
                    if self._template.has(inner) or self._read_text(key, text, inner.start, inner.stop, topic.place):
                        continue
                    left.append(_Unit(inner.start, inner.stop, True, key))
            return [_Unit(item.start, item.stop, True, key)] if left else []
        if self._read_text(key, value, item.start, item.stop, topic.place):
            return []
        return [_Unit(item.start, item.stop, True, key)]

    def _read_text(self, key: str, text: str, start: int, stop: int, place: HeadingPath) -> bool:
        """Read a text as an answer, or as an entry of one; return whether it was taken."""
        reading = self.reading
        if not key or self._has_reference(text):
            return False
        if key == "branch":
            branch = text.strip().strip("`")
            return not branch_problem(branch) and reading.answer("branch", branch, start, stop, place)
        if key.startswith("dependencies."):
            taken = reading.add("dependencies", {"name": text, "kind": key.partition(".")[2]}, start)
        elif is_listed(key):
            taken = reading.add(key, text, start)
        elif isinstance(shape_of(key), ListOf):
            rows = record_of_item(text, key)
            taken = bool(rows) and fits(rows, key) and all(reading.add(key, row, start) for row in rows)
        else:
            return reading.answer(key, text, start, stop, place)
        if taken:
            reading.claims.append(Claim(key, start, stop, place))
        return taken

    def _has_reference(self, text: str) -> bool:
        """Return whether a text needs a link reference definition, which stays behind in the document."""
        folded = text.casefold()
        return any(label in folded for label in self._labels) or "[^" in text

    def _read_value(self, topic: Topic, key: str, blocks: Sequence[Block]) -> list[_Unit]:
        """Read blocks without a label; return what no answer holds."""
        tables = [block for block in blocks if isinstance(block, Table) and self._read_table(topic, block)]
        rest = [block for block in blocks if block not in tables]
        shape = shape_of(key)
        if not rest or (key == "goals" and self._read_goals(topic, rest)):
            return []
        if key == "acceptance":
            return self._read_acceptance(topic, rest)
        if isinstance(shape, ListOf):
            return [unit for block in rest for unit in self._read_entries(topic, key, block, rest)]
        if isinstance(shape, Text):
            text = text_value(rest, self._source, key)
            if text and self._read_text(key, text, rest[0].start, rest[-1].stop, topic.place):
                return []
        return list(self._units(rest, key))

    def _read_entries(self, topic: Topic, key: str, block: Block, blocks: Sequence[Block]) -> list[_Unit]:
        has_list = any(isinstance(other, List) for other in blocks)
        is_prose = isinstance(block, Paragraph) and (has_list or len(block.text) > _ENTRY_LENGTH or not is_listed(key))
        if not isinstance(block, List | Paragraph) or is_prose:
            return list(self._units([block], "" if has_list else key))
        left: list[_Unit] = []
        open_ = {item.start for item in block.items if self._template.has(item)} if isinstance(block, List) else set()
        for entry in entries(block, self._source, key):
            if entry.start in open_:
                continue
            if not self._read_text(key, entry.value, entry.start, entry.stop, topic.place):
                left.append(_Unit(entry.start, entry.stop, isinstance(block, List), key))
        return left

    def _read_table(self, topic: Topic, table: Table) -> bool:
        """Read a table's rows; where a brief cannot hold all of them, the plan shows the table as it is."""
        for key, fields in topic_at(topic.place).columns.items():
            columns = columns_of(table, fields)
            if not columns:
                continue
            rows = [row for row in table.rows if not self._template.has(row)]
            is_held = len(columns) == len(table.header)
            for row in rows:
                record = record_of_row(row, columns)
                is_held &= len(row.cells) <= len(table.header)
                is_held &= self.reading.add(key, record, row.start)
            self.reading.claims.append(Claim(key, table.start, table.stop, topic.place))
            if not is_held:
                self._show_table(topic.place, key, table, columns)
            return True
        return False

    def _show_table(self, place: HeadingPath, key: str, table: Table, columns: Mapping[int, str]) -> None:
        """Show a table with the plan's column names, so that checks read it."""
        names = topic_at(place).columns[key]
        header = [names[columns[n]][0] if n in columns else name for n, name in enumerate(table.header)]
        rows = [row.text for row in table.rows if not self._template.has(row)]
        lines = [f"| {' | '.join(header)} |\n", f"|{' --- |' * len(header)}\n", *rows]
        self._show(place, key, "".join(lines), table.start, table.stop)

    def _show(self, place: HeadingPath, key: str, text: str, start: int, stop: int) -> None:
        self.reading.pieces.append(Piece(place, text, start, stop, frozenset({key}), replaces=True))

    def _read_goals(self, topic: Topic, blocks: Sequence[Block]) -> bool:
        """Read goals that have ids of their own, or ticks: the plan shows them as they are."""
        items = [item for block in blocks if isinstance(block, List) for item in block.items]
        items = [item for item in items if not self._template.has(item)]
        ids = [goal_id(item) for item in items]
        in_order = [f"G{number}" for number in range(1, len(items) + 1)]
        if (ids == in_order or not any(ids)) and not any(item.is_done for item in items):
            return False
        if not all(isinstance(block, List) for block in blocks) or len({*ids} - {""}) < len(list(filter(None, ids))):
            return False
        free = (f"G{n}" for n in range(1, 1000) if f"G{n}" not in ids)
        lines = []
        for item, name in zip(items, ids, strict=True):
            (entry,) = [e for b in blocks for e in entries(b, self._source, "goals") if e.start == item.start]
            text = entry.value.removeprefix("[x] ")
            if not self._read_text("goals", text, item.start, item.stop, topic.place):
                return False
            box = "[x] " if item.is_done else ""
            lines.append(f"- {box}**{name or next(free)}** " + text.replace("\n", "\n  ") + "\n")
        self._show(topic.place, "goals", "".join(lines), items[0].start, items[-1].stop)
        return True

    def _read_acceptance(self, topic: Topic, blocks: Sequence[Block]) -> list[_Unit]:
        """Let a person's checklist stand for the plan's own."""
        lists = [block for block in blocks if isinstance(block, List)]
        if lists:
            text = "\n".join(block.text for block in lists)
            self._show(topic.place, "acceptance", text, lists[0].start, lists[-1].stop)
        return list(self._units([block for block in blocks if block not in lists]))

    # Tasks

    def _read_tasks(self, section: Section, match: Match) -> None:
        """Read a section with the tasks of one phase, or of several."""
        topic = match.topic
        if topic.key == "tasks":
            self._claim_heading(section.heading, topic.place)
            core = topic_at((IMPLEMENTATION, PHASES[2]))
            tasks = [block for block in section.blocks if isinstance(block, List)]
            self._read_phase(core, Section(None, (), tuple(tasks), ()), is_renamed=True)
            rest = list(self._units(block for block in section.blocks if block not in tasks))
            if rest:
                self.reading.pieces.append(Piece(topic.place, self._join(rest), rest[0].start, rest[-1].stop))
            for below in section.sections:
                known = topic_of(below.title)
                if known and known.topic.key.startswith("tasks."):
                    self._read_phase(known.topic, below, is_renamed=known.is_renamed)
                else:
                    self._read_phase(core, below, is_renamed=False)
        else:
            self._read_phase(topic, section, is_renamed=match.is_renamed)

    def _read_phase(self, topic: Topic, section: Section, *, is_renamed: bool) -> None:
        """Read the tasks of a phase; what is more than a flat list the plan shows as it is."""
        items = list(section.items())
        if all(map(self._template.has, (block for part in section.walk() for block in part.blocks))):
            if section.heading and is_renamed:
                self._claim_heading(section.heading, topic.place)
            return
        blocks = [block for block in section.blocks if not isinstance(block, Rule)]
        for item in items:
            self.reading.add(topic.key, task_text(item), item.start)
            self.reading.is_started |= item.is_done
            self.reading.claims.append(Claim(topic.key, item.start, item.stop, topic.place))
        is_flat = all(isinstance(block, List) for block in blocks) and not section.sections
        is_flat = is_flat and all(len(item.blocks) == 1 and item.content for item in items)
        start, stop = _span(section)
        if is_renamed and section.heading:
            self._claim_heading(section.heading, topic.place)
        if is_flat and is_renamed:
            return
        level = len(topic.place) + 2
        texts = [self._join(list(self._units_of_tasks(blocks)))] if blocks else []
        if not is_renamed:
            texts.insert(0, f"{'#' * level} {section.title}\n")
        texts += [self._verbatim(below, level + (not is_renamed)) for below in section.sections]
        self._show(topic.place, topic.key, "\n".join(filter(None, texts)), start, stop)

    def _units_of_tasks(self, blocks: Iterable[Block]) -> Iterator[_Unit]:
        """A checklist that somebody worked on stays whole, the template's tasks in it too."""
        for block in blocks:
            if isinstance(block, List):
                yield _Unit(block.start, block.stop)
            else:
                yield from self._units([block])


def _span(section: Section) -> tuple[int, int]:
    blocks = list(section.all_blocks())
    return (blocks[0].start, blocks[-1].stop) if blocks else (0, 0)
