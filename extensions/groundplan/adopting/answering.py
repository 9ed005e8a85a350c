"""Reads the blocks of a section whose topic is known into answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from groundplan.adopting.headings import Topic, key_of, topic_at
from groundplan.adopting.keeping import Keeper, Unit
from groundplan.adopting.reading import Claim, Piece
from groundplan.adopting.values import (
    columns_of,
    entries,
    entry_text,
    goal_id,
    is_listed,
    item_text,
    label_and_rest,
    labelled_sentences,
    record_of_item,
    record_of_row,
    shape_of,
    text_value,
)
from groundplan.rendering.branches import branch_problem
from groundplan.rendering.shapes import ListOf, Text
from groundplan.text.blocks import Block, Html, Item, List, Paragraph, Table

# Of paragraphs that are to become a list's entries, the longest.
_ENTRY_LENGTH = 600
_ASIDE = re.compile(r"\(([^()]{3,})\)\s*$")


def read_blocks(keeper: Keeper, topic: Topic, blocks: Sequence[Block]) -> list[Unit]:
    """Read a section's own blocks.

    Args:
        keeper: Takes the answers.
        topic: What the section tells.
        blocks: The blocks.

    Returns:
        What no answer holds, in the order of the document.
    """
    return sorted(_Answerer(keeper, topic).read(blocks), key=lambda unit: unit.start)


class _Answerer:
    """Reads blocks under one topic."""

    def __init__(self, keeper: Keeper, topic: Topic) -> None:
        self._keeper = keeper
        self._reading = keeper.reading
        self._topic = topic

    def read(self, blocks: Sequence[Block]) -> list[Unit]:
        left: list[Unit] = []
        key = self._topic.key
        waiting: list[Block] = []
        for block in self._keeper.own_blocks(blocks):
            labelled = self._label_alone(block)
            if self._keeper.skips(block) or (isinstance(block, Paragraph) and self._read_fact(block)):
                continue
            if isinstance(block, Html) and block.is_comment:
                left += self._keeper.units([block])
                continue
            has_labels = isinstance(block, List) and any(self._item_key(item) is not None for item in block.items)
            if labelled is None and not has_labels:
                waiting.append(block)
                continue
            left += self._read_waiting(key, waiting)
            waiting = []
            if labelled is not None:
                key = labelled
                self._keeper.claim("(label)", block.start, block.stop, self._topic.place)
            elif isinstance(block, List):
                left += self._read_items(key, block)
        return left + self._read_waiting(key, waiting)

    def _label_alone(self, block: Block) -> str | None:
        """Return what a paragraph asks that is nothing but a label, such as `**In scope**`."""
        text = block.text.strip()
        label = label_and_rest(text) if isinstance(block, Paragraph) and "\n" not in text else None
        return key_of(label[0], self._topic) if label and not label[1] else None

    def _item_key(self, item: Item) -> str | None:
        label = label_and_rest(item.content)
        key = key_of(label[0], self._topic) if label else None
        return key if key is not None else key_of(item.content, self._topic)

    def _read_fact(self, block: Paragraph) -> bool:
        """Read a paragraph such as `Branch: feature/x`."""
        label = label_and_rest(block.text.strip())
        key = key_of(label[0], self._topic) if label else None
        return bool(label and key and label[1]) and self._take(key or "", label[1] if label else "", block)

    def _read_items(self, key: str, block: List) -> list[Unit]:
        """Read a list of which some items have labels."""
        left: list[Unit] = []
        for item in block.items:
            if self._keeper.skips(item):
                continue
            labelled = self._item_key(item)
            if labelled is not None:
                left += self._read_labelled(labelled, item)
            elif item.is_done or not self._take(key, item_text(item, self._keeper.source), item):
                left.append(Unit(item.start, item.stop, True, "" if isinstance(shape_of(key), Text) else key))
        return left

    def _read_labelled(self, key: str, item: Item) -> list[Unit]:
        whole = item_text(item, self._keeper.source)
        label = label_and_rest(item.content)
        rest = label[1] if label and key_of(label[0], self._topic) is not None else ""
        value = whole[len(item.content) - len(rest) :].strip()
        if not value and (aside := _ASIDE.search(item.content)):
            # Many a form has examples in brackets, and people write over them.
            value = aside[1]
        inner = item.blocks[1:]
        if not value:
            # A question that nobody answered.
            self._keeper.claim("(label)", item.start, item.stop, self._topic.place)
            return []
        left = Unit(item.start, item.stop, True, key)
        if not rest and not isinstance(shape_of(key), Text) and all(isinstance(block, List) for block in inner):
            entries_ = [entry for block in inner if isinstance(block, List) for entry in block.items]
            self._keeper.claim("(label)", item.start, item.start + 1, self._topic.place)
            taken = [self._keeper.skips(entry) or self._take_item(key, entry) for entry in entries_]
            return [] if all(taken) else [left]
        return [] if not item.is_done and self._take(key, value, item) else [left]

    def _take_item(self, key: str, item: Item) -> bool:
        return self._take(key, entry_text(item, self._keeper.source), item)

    def _take(self, key: str, text: str, block: Block) -> bool:
        """Take a text as an answer, or as an entry of one; return whether it was taken."""
        reading, claim = self._reading, Claim(key, block.start, block.stop, self._topic.place)
        if not key or not text or self._keeper.needs_definition(text):
            return False
        if key == "branch":
            branch = text.strip().strip("`")
            return not branch_problem(branch) and reading.answer(key, branch, claim)
        if key.startswith("dependencies."):
            taken = reading.add("dependencies", {"name": text, "kind": key.partition(".")[2]}, block.start)
        elif is_listed(key):
            taken = reading.add(key, text, block.start)
        elif isinstance(shape_of(key), ListOf):
            taken = self._take_rows(key, record_of_item(text, key), block)
        else:
            return reading.answer(key, text, claim)
        if taken:
            reading.claims.append(claim)
        return taken

    def _take_rows(self, key: str, rows: Sequence[Mapping[str, str]], block: Block) -> bool:
        count = len(self._reading.entries_of(key))
        taken = bool(rows) and all(self._reading.add(key, row, block.start) for row in rows)
        return taken or len(self._reading.entries_of(key)) > count

    def _read_waiting(self, key: str, blocks: Sequence[Block]) -> list[Unit]:
        """Read blocks without a label."""
        rest = [block for block in blocks if not (isinstance(block, Table) and self._read_table(block))]
        shape = shape_of(key)
        if not rest or (key == "goals" and self._read_goals(rest)):
            return []
        if key == "acceptance":
            return self._read_acceptance(rest)
        if isinstance(shape, ListOf):
            return [unit for block in rest for unit in self._read_entries(key, block, rest)]
        if isinstance(shape, Text) and self._read_text(key, rest):
            return []
        return list(self._keeper.units(rest, key))

    def _read_text(self, key: str, blocks: Sequence[Block]) -> bool:
        text = text_value(blocks, self._keeper.text_of(list(self._keeper.units(blocks))), key)
        if not text or any(item.is_done for block in blocks if isinstance(block, List) for item in block.items):
            return False
        whole = (
            blocks[0]
            if len(blocks) == 1
            else Block(source=self._keeper.source, start=blocks[0].start, stop=blocks[-1].stop, end=blocks[-1].end)
        )
        labelled = labelled_sentences(text, self._topic) if isinstance(whole, Paragraph) else []
        taken = self._take(key, labelled[0][1] if labelled else text, whole)
        return taken and all(self._take(name, sentence, whole) for name, sentence in labelled[1:])

    def _read_entries(self, key: str, block: Block, blocks: Sequence[Block]) -> list[Unit]:
        has_list = any(isinstance(other, List) for other in blocks)
        is_prose = has_list or len(block.text) > _ENTRY_LENGTH or not is_listed(key)
        if not isinstance(block, List) and not (isinstance(block, Paragraph) and not is_prose):
            return list(self._keeper.units([block], "" if has_list else key))
        if isinstance(block, List):
            items = [item for item in block.items if not self._keeper.skips(item)]
            texts = {entry.start: entry.value for entry in entries(block, self._keeper.source, key)}
            return [
                Unit(item.start, item.stop, True, key) for item in items if not self._take(key, texts[item.start], item)
            ]
        return [] if self._take(key, block.text.strip(), block) else [Unit(block.start, block.stop, False, key)]

    def _read_table(self, table: Table) -> bool:
        """Read a table's rows; where a brief cannot hold all of them, the plan shows the table as it is."""
        place = self._topic.place
        for key, fields in topic_at(place).columns.items():
            columns = columns_of(table, fields)
            rows = [row for row in table.rows if not self._keeper.skips(row)]
            if not columns or any(self._keeper.needs_definition(row.text) for row in rows):
                continue
            before = len(self._reading.entries_of(key))
            is_held = len(columns) == len(table.header)
            for row in rows:
                is_held &= len(row.cells) <= len(table.header)
                is_held &= self._reading.add(key, record_of_row(row, columns), row.start)
            self._keeper.claim(key, table.start, table.start + 2, place)
            for row in rows:
                self._keeper.claim(key, row.start, row.stop, place)
            if not is_held:
                self._show_table(key, table, columns, replaces=not before)
            return True
        return False

    def _show_table(self, key: str, table: Table, columns: Mapping[int, str], *, replaces: bool) -> None:
        """Show a table with the plan's column names, so that checks read it."""
        names = topic_at(self._topic.place).columns[key]
        header = [names[columns[n]][0] if n in columns else name for n, name in enumerate(table.header)]
        rows = [row.text for row in table.rows if not self._keeper.skips(row)]
        lines = [f"| {' | '.join(header)} |\n", f"|{' --- |' * len(header)}\n", *rows]
        self._keeper.keep(
            Piece(self._topic.place, "".join(lines), table.start, table.stop, frozenset({key}), replaces=replaces)
        )

    def _read_goals(self, blocks: Sequence[Block]) -> bool:
        """Read goals that have ids of their own, or ticks: the plan shows them as they are."""
        lists = [block for block in blocks if isinstance(block, List)]
        items = [item for block in lists for item in block.items if not self._keeper.skips(item)]
        ids = [goal_id(item) for item in items]
        in_order = [f"G{number}" for number in range(1, len(items) + 1)]
        if (ids == in_order or not any(ids)) and not any(item.is_done for item in items):
            return False
        if len(lists) < len(blocks) or len(set(filter(None, ids))) < len(list(filter(None, ids))):
            return False
        free = (name for number in range(1, 1000) if (name := f"G{number}") not in ids)
        texts = {entry.start: entry.value for block in lists for entry in entries(block, self._keeper.source, "goals")}
        lines = []
        for item, name in zip(items, ids, strict=True):
            text = texts[item.start].removeprefix("[x] ")
            if not self._take("goals", text, item):
                return False
            box = "[x] " if item.is_done else ""
            lines.append(f"- {box}**{name or next(free)}** " + text.replace("\n", "\n  ") + "\n")
        self._show("goals", "".join(lines), items)
        return True

    def _read_acceptance(self, blocks: Sequence[Block]) -> list[Unit]:
        """Let a person's checklist stand for the plan's own."""
        lists = [block for block in blocks if isinstance(block, List)]
        if lists:
            text = self._keeper.join([Unit(block.start, block.stop) for block in lists])
            self._show("acceptance", text, lists)
        return list(self._keeper.units([block for block in blocks if block not in lists]))

    def _show(self, key: str, text: str, blocks: Sequence[Block]) -> None:
        """Let the plan show an answer as it stands in the document, since a brief holds it in fewer words."""
        lines = (blocks[0].start, blocks[-1].stop)
        self._keeper.keep(Piece(self._topic.place, text, *lines, frozenset({key}), replaces=True))
