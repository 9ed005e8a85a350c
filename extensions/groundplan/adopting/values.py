"""What blocks of a document answer: texts, labelled facts and rows, each with the lines it was read from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundplan.adopting.headings import Topic, key_of, normal
from groundplan.rendering.answers import is_date, shape_problem
from groundplan.rendering.naming import summary_problem
from groundplan.rendering.quoting import plain
from groundplan.rendering.shapes import LEVELS, SHAPES, ListOf, Record, Text
from groundplan.text.blocks import Block, Fence, Item, List, Paragraph, Quote, Row, Table

_HEAD = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[(?P<tick>[ xX])\][ \t]+)?")
_GOAL_ID = re.compile(r"(?:\*\*)?(G\d+)(?:\*\*)?[ \t]*[:.–—-]?[ \t]+(?=\S)")
# As OpenSpec writes risks: `[Paper runs out] → order in August`.
_ARROW = re.compile(r"(?:\[([^\[\]]+)\]|([^\[\]→]+?))\s*(?:→|->|=>)\s*(?:Mitigation:\s*)?([^→]+)")
_DASH = re.compile(r"\s+[–—-]\s+")
_LEVEL = re.compile(r"\b(impact|severity|likelihood|probability)\b\W*(\w+)", re.IGNORECASE)
_BOTH_LEVELS = re.compile(r"(\w+)\s*/\s*(\w+)")
_DATED = re.compile(r"\s*(?:and\s+)?(?P<name>[^,;]*?[\w)*])[\s:(–—-]*(?P<date>\d{4}-\d{2}-\d{2})\)?\s*(?:[,;.]|$)")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+([A-Z][\w -]{1,40}):\s+(?=\S)")
_LEVEL_WORDS = {"med": "medium", "mid": "medium", "hi": "high", "lo": "low", **dict(zip("lmh", LEVELS, strict=True))}
# Longer texts read badly behind a label; the high-level change stands by itself.
_TEXT_LENGTH = 1500
_HIGH_LEVEL_LENGTH = 5000
_ROW_LENGTH = 1000


@dataclass(frozen=True)
class Answer:
    """An answer, or an entry of one.

    Attributes:
        value: As a brief holds it.
        start: The index of the first line it was read from.
        stop: The index after the last one.
    """

    value: Any
    start: int
    stop: int


def item_text(item: Item, source: Sequence[str]) -> str:
    """Return an item's Markdown without its marker, its box and its indentation."""
    first, *rest = source[item.start : item.stop]
    head = _HEAD.match(first)
    column = head.end() if head else 0
    lines = [first[column:], *(_outdented(line, column) for line in rest)]
    return "".join(lines).strip("\n")


def _outdented(line: str, column: int) -> str:
    indent = len(line) - len(line.lstrip(" \t"))
    return line[min(indent, column) :]


def entry_text(item: Item, source: Sequence[str]) -> str:
    """Return an item's Markdown with its box where it is ticked, so that a tick stays one."""
    return f"[x] {item_text(item, source)}" if item.is_done else item_text(item, source)


def task_text(item: Item) -> str:
    """Return a task as a brief holds it: on one line, with its box where it is ticked."""
    text = " ".join(item.content.split())
    return f"[x] {text}" if item.is_done else text


def is_listed(key: str) -> bool:
    """Return whether a key is answered by a list of texts."""
    shape = shape_of(key)
    return isinstance(shape, ListOf) and isinstance(shape.item, Text)


def shape_of(key: str) -> Any:
    """Return the shape of a key such as `testing.coverage`; None where a brief has no such key."""
    name, _, field = key.partition(".")
    shape = Text("") if name == "summary" else SHAPES.get(name)
    return shape.fields.get(field) if field and isinstance(shape, Record) else shape


def fits(value: Any, key: str) -> bool:
    """Return whether a brief may hold a value as the answer to a key."""
    name, _, field = key.partition(".")
    if name == "summary":
        # It is written as plain text, so markup would be shown rather than rendered.
        return not summary_problem(value) and "\n" not in value and plain(value) == value
    return not shape_problem({field: value} if field else value, name)


def text_value(blocks: Sequence[Block], text: str, key: str) -> str:
    """Return the text of some blocks where it is one that a key takes; else nothing."""
    kinds = (Paragraph, List, Quote, Fence) if key == "high_level" else (Paragraph, List)
    if not blocks or not all(isinstance(block, kinds) for block in blocks):
        return ""
    text = text.strip("\n")
    if key == "summary":
        text = " ".join(text.split())
    longest = _HIGH_LEVEL_LENGTH if key == "high_level" else _TEXT_LENGTH
    return text if len(text) <= longest and fits(text, key) else ""


def entries(block: Block, source: Sequence[str], key: str) -> Iterator[Answer]:
    """Yield what a block adds to a list of texts; nothing where it is neither a list nor a paragraph."""
    if isinstance(block, List):
        for item in block.items:
            text = entry_text(item, source)
            yield Answer(_GOAL_ID.sub("", text, count=1) if key == "goals" else text, item.start, item.stop)
    elif isinstance(block, Paragraph):
        yield Answer(block.text.strip("\n"), block.start, block.stop)


def goal_id(item: Item) -> str:
    """Return the id that a goal bears, such as G1; nothing where it has none."""
    found = _GOAL_ID.match(item.content)
    return found[1] if found else ""


def columns_of(table: Table, fields: Mapping[str, Sequence[str]]) -> Mapping[int, str]:
    """Return which column of a table holds which field; nothing where it lacks the first of the fields."""
    known = {normal(name): field for field, names in fields.items() for name in names}
    found: dict[int, str] = {}
    for number, header in enumerate(table.header):
        field = known.get(normal(header))
        if field and field not in found.values():
            found[number] = field
    return found if next(iter(fields)) in found.values() else {}


def record_of_row(row: Row, columns: Mapping[int, str]) -> dict[str, str]:
    """Return a row's cells by field, without empty ones."""
    cells = {
        field: row.cells[number].replace(r"\|", "|") for number, field in columns.items() if number < len(row.cells)
    }
    return {field: _level(field, cell) for field, cell in cells.items() if cell.strip(" –—-")}


def _level(field: str, text: str) -> str:
    word = text.strip(" *_`").casefold()
    return _LEVEL_WORDS.get(word, word if word in LEVELS else text) if field in ("impact", "likelihood") else text


def record_of_item(text: str, key: str) -> list[dict[str, str]]:
    """Read an item as one or more rows.

    Args:
        text: The item's Markdown.
        key: `risks`, `kpis`, `components`, `milestones`, `regressions` or another key answered by rows.

    Returns:
        Its rows; none where it does not have the form that the key needs.
    """
    flat = " ".join(text.split())
    is_ticked = flat.startswith("[x] ")
    if len(flat) > _ROW_LENGTH or (is_ticked and key != "milestones"):
        # A row has no box.
        return []
    if key == "milestones":
        rows = _milestones(flat.removeprefix("[x] "))
        return [{**row, "milestone": f"{row['milestone']} ✓"} for row in rows] if is_ticked else rows
    if key == "risks":
        return [_risk(flat)]
    if key == "regressions":
        parts = _DASH.split(flat)
        return [dict(zip(("area", "impact", "mitigation"), parts, strict=True))] if len(parts) == 3 else []
    if key == "components":
        name, dash, change = flat.partition(found[0]) if (found := _DASH.search(flat)) else (flat, "", "")
        return [{"component": name, "change": change} if dash else {"component": name}]
    first = {"kpis": "kpi", "flags": "flag"}.get(key)
    return [{first: flat}] if first else []


def _milestones(text: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    end = 0
    for found in _DATED.finditer(text):
        if found.start() != end:
            return []
        rows.append({"milestone": found["name"].strip(), "date": found["date"]})
        end = found.end()
    return rows if end == len(text) and all(is_date(row["date"]) for row in rows) else []


def _risk(text: str) -> dict[str, str]:
    """Read a risk such as “**Paper runs out** – impact high, likelihood medium – order in August – Ina”."""
    if arrow := _ARROW.fullmatch(text):
        return {"risk": arrow[1] or arrow[2], "mitigation": arrow[3]}
    name, *parts = _DASH.split(text)
    row = {"risk": name}
    told: list[str] = []
    for part in parts:
        levels = _levels(part)
        if levels and "impact" not in row and "likelihood" not in row:
            row |= levels
        else:
            told.append(part)
    if not parts or len(told) > 2 or len(told) == len(parts):
        return {"risk": text}
    return row | dict(zip(("mitigation", "owner"), told, strict=False))


def _levels(text: str) -> dict[str, str]:
    """Return the levels that a text names, where it says nothing else."""
    if both := _BOTH_LEVELS.fullmatch(text.strip()):
        pairs = [("impact", both[1]), ("likelihood", both[2])]
    else:
        found = list(_LEVEL.finditer(text))
        pairs = [
            ({"severity": "impact", "probability": "likelihood"}.get(m[1].lower(), m[1].lower()), m[2]) for m in found
        ]
        if re.sub(r"[\W_]|\band\b", "", _LEVEL.sub("", text)):
            return {}
    levels = {field: _level(field, word) for field, word in pairs}
    return levels if levels and all(level in LEVELS for level in levels.values()) else {}


def label_and_rest(text: str) -> tuple[str, str] | None:
    """Split a text into a label and what stands behind it: `**Label:** text`, `Label: text`, `Label – text`."""
    bold = re.match(r"(?:\*\*|__)(.+?)(?::(?:\*\*|__)|(?:\*\*|__)\s*:?)\s*", text)
    if bold:
        return bold[1], text[bold.end() :]
    bare = re.match(r"([^\n:`\[\]]{2,90}):(?:[ \t]+|(?=\n)|$)", text) or re.match(
        r"([^\n:`\[\]]{2,90}?)[ \t]+[–—-][ \t]+(?=\S)", text
    )
    return (bare[1], text[bare.end() :]) if bare else None


def labelled_sentences(text: str, topic: Topic) -> list[tuple[str, str]]:
    """Cut a paragraph before the sentences that begin with a label, such as “All in May. Rollback: a switch”.

    Args:
        text: The paragraph.
        topic: Its topic, which knows the labels.

    Returns:
        The keys with their texts, the first without a key; nothing where no sentence has a label.
    """
    cuts = [(found.start(), found.end(), key) for found in _SENTENCE.finditer(text) if (key := key_of(found[1], topic))]
    if not cuts:
        return []
    ends = [start for start, _, _ in cuts[1:]] + [len(text)]
    return [("", text[: cuts[0][0]].strip())] + [
        (key, text[after:end].strip()) for (_, after, key), end in zip(cuts, ends, strict=True)
    ]
