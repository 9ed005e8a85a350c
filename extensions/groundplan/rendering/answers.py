"""What is wrong with a brief's answers, by the shape of each key.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension
from markdown_it import MarkdownIt

from .quoting import shown
from .shapes import SHAPES, Date, ListOf, Record, Shape, Text

_MARKDOWN = MarkdownIt("commonmark")
# Without one of these a text has no heading, no rule, no fence and no HTML: a line without letters may be any of them.
_MAY_BREAK_SECTIONS = re.compile(r"[#<]|```|~~~|^[\W\d_]+$", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# More names than these help nobody in a message.
_FEW = 20
# Answers that stand on one line by their nature, wherever they are used.
_ONE_LINE = frozenset({"adr_title", "branch_pattern"})


def shape_problem(value: Any, key: str) -> str:
    """Return what is wrong with a brief's answer, naming the key and the entry, or an empty string.

    Args:
        value: The answer, as YAML gave it.
        key: A key of `SHAPES`.
    """
    return next(_problems(value, SHAPES[key], key), "")


def _problems(value: Any, shape: Shape, place: str) -> Iterator[str]:
    match shape:
        case Text():
            yield from _text_problems(value, shape, place)
        case Date():
            if not is_date(value):
                yield date_problem(value, place)
        case ListOf():
            if not isinstance(value, list):
                yield f"{place} must be a list, not {_kind(value)}. Begin each entry with a hyphen."
                return
            if value and shape.size and len(value) != shape.size:
                yield f"{place} must have {shape.size} entries, not {len(value)}."
            for number, entry in enumerate(value, start=1):
                yield from _problems(entry, shape.item, f"{place}[{number}]")
        case Record():
            yield from _record_problems(value, shape, place)


def _record_problems(value: Any, shape: Record, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} must be a mapping with the keys {', '.join(shape.fields)}, not {_kind(value)}."
        return
    for key in value:
        if key not in shape.fields:
            yield f"{place} has the unknown key {shown(key)}. {_advice(str(key), shape.fields, 'Its keys are')}"
    for key in shape.required:
        if value.get(key) in (None, ""):
            yield f"{place} lacks {key}: {shape.fields[key].meaning.lower()}."
    for key, entry in value.items():
        if entry is not None:
            yield from _problems(entry, shape.fields[key], f"{place}.{key}")


def _text_problems(value: Any, shape: Text, place: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{place} must be text, not {_kind(value)}. Put it in quotes."
        return
    if not value.strip():
        yield f"{place} is empty. Write something or leave the key out."
    if found := _CONTROL.search(value):
        yield f"{place} holds the control character U+{ord(found[0]):04X}. Remove it."
    if problem := _section_problem(value):
        yield f"{place} {problem}, which would break the plan's sections. Remove it."
    if shape.length and len(value) > shape.length:
        yield f"{place} has {len(value)} characters. Use at most {shape.length}."
    if place in _ONE_LINE and "\n" in value:
        yield f"{place} must be one line."
    if shape.choices and value not in shape.choices:
        rule = shape.rule or f"must be one of {', '.join(shape.choices)}"
        advice = f" {_advice(value, shape.choices, 'They are')}" if shape.rule else ""
        yield f"{place} {rule}, not {shown(value)}.{advice}".replace("..", ".")
    if shape.pattern and not re.fullmatch(shape.pattern, value):
        yield f"{place} {shape.rule}, not {shown(value)}."


def _advice(word: str, known: Collection[str], introduction: str) -> str:
    """Name all that is known where that is little, else what is nearest."""
    if len(known) <= _FEW:
        return f"{introduction} {', '.join(known)}."
    nearest = get_close_matches(word, known, n=1)
    return f"Did you mean “{nearest[0]}”?" if nearest else "`groundplan schema` lists them."


def _section_problem(text: str) -> str:
    if not _MAY_BREAK_SECTIONS.search(text):
        return ""
    # As the plan writes it: as blocks of its own, and after a label in a list's item.
    indented = text.strip().replace("\n", "\n  ")
    for written in (text, f"- label: {indented}"):
        tokens = _MARKDOWN.parse(f"{written}\n\n## Next section")
        if [(token.type, token.level) for token in tokens[-3:-2]] != [("heading_open", 0)]:
            return "leaves a code fence or a comment open"
        if any(token.type in {"heading_open", "hr"} for token in tokens[:-3]):
            return "holds a heading or a line of --- or ==="
    return ""


def is_date(value: Any) -> bool:
    """Return whether a value is a calendar date, as text in the form YYYY-MM-DD or as YAML's own date."""
    if isinstance(value, datetime.datetime):
        return False
    if isinstance(value, datetime.date):
        return True
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)) and bool(datetime.date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def date_problem(value: Any, key: str) -> str:
    """Return that a value is not a date, or an empty string."""
    return "" if is_date(value) else f"{key} must be a date written as YYYY-MM-DD, not {shown(value)}."


def _kind(value: Any) -> str:
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "yes or no", type(None): "nothing"}
    return kinds.get(type(value), f"{shown(value)}")


class AnswersExtension(Extension):
    """Registers the shapes' checks as Jinja filters."""

    def __init__(self, environment: Environment) -> None:
        """Add the filters to an environment."""
        super().__init__(environment)
        filters: dict[str, Callable[..., Any]] = {
            "shape_problem": shape_problem,
            "date_problem": date_problem,
        }
        environment.filters.update(filters)
