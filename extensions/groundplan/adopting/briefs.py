"""Writes what was read from a document as a brief, each answer with the line that it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from groundplan.adopting.reading import Reading
from groundplan.text.visible import is_visible, visible

Place = Callable[[int], str]


def write_brief(reading: Reading, place: Place) -> str:
    """Write a brief that `groundplan new` takes.

    Args:
        reading: What was read.
        place: Names a line of the document, as `file:line`.

    Returns:
        YAML with a comment above each answer; comments at the end name what no answer holds.
    """
    lines = [line for key, value in reading.answers.items() for line in _answer(key, value, reading.lines, place)]
    left = [piece for piece in reading.pieces if not piece.replaces]
    if left:
        lines.append("\n# No answer holds these lines of the document; `groundplan adopt` keeps them in the plan:\n")
        lines += [f"#   {place(piece.start + 1)}: {visible(piece.first_words)}\n" for piece in left]
    return "".join(lines)


def _answer(key: str, value: Any, lines: Mapping[str, int], place: Place) -> Iterator[str]:
    if key in lines:
        yield f"# {place(lines[key])}\n"
    if isinstance(value, dict):
        yield f"{key}:\n"
        for name, below in value.items():
            if f"{key}.{name}" in lines:
                yield f"  # {place(lines[f'{key}.{name}'])}\n"
            yield from _indented(_dump({name: below}))
    elif isinstance(value, list) and f"{key}[0]" in lines:
        yield f"{key}:\n"
        for number, entry in enumerate(value):
            yield f"  # {place(lines[f'{key}[{number}]'])}\n"
            yield from _indented(_dump([entry]))
    else:
        yield _dump({key: value})


def _indented(text: str) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        yield f"  {line}" if line.strip() else line


def _dump(value: Any) -> str:
    written = str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=110))
    # It may be printed: what would reorder a terminal's line is escaped, and with it all that is not ASCII.
    return written if is_visible(written) else str(yaml.safe_dump(value, sort_keys=False, width=110))
