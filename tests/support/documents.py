"""How tests read rendered documents: independently of the code that writes or checks them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

FRONT_MATTER = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
PLACEHOLDER = re.compile(r"(?<!\\)\[[A-Z][^\]\n]*\](?!\()")
TREE_ROW = re.compile(r"^((?:│   |    )*)(?:├── |└── )(.*)$")

_markdown = MarkdownIt("commonmark").enable("table")


def front_matter(text: str) -> dict[str, Any]:
    """Read a document's front matter; it must stand first and be a YAML mapping."""
    match = FRONT_MATTER.match(text)
    assert match, "no front matter"
    loaded = yaml.safe_load(match[1])
    assert isinstance(loaded, dict)
    return loaded


def body(text: str) -> str:
    """Return a document without its front matter."""
    return FRONT_MATTER.sub("", text, count=1)


def tokens(text: str) -> list[Token]:
    """Parse a document's body as Markdown with tables."""
    return _markdown.parse(body(text))


def headings(text: str) -> list[str]:
    """List a document's headings in their order, as `## Overview`."""
    pairs = pairwise(tokens(text))
    return [f"{token.markup} {inline.content}" for token, inline in pairs if token.type == "heading_open"]


def section(text: str, heading: str) -> str:
    """Return the lines from one heading to the next of the same level or above; `#` in a fence is no heading."""
    lines = body(text).splitlines(keepends=True)
    starts = [token.map[0] for token in tokens(text) if token.type == "heading_open" and token.map]
    start = next(number for number in starts if lines[number] == f"{heading}\n")
    level = heading.index(" ")
    ends = (number for number in starts if number > start and lines[number].index(" ") <= level)
    return "".join(lines[start : next(ends, len(lines))])


def tables(text: str) -> list[list[list[str]]]:
    """List a document's tables as rows of cells, the header's row first."""
    found: list[list[list[str]]] = []
    for token, following in pairwise(tokens(text)):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in {"th_open", "td_open"}:
            found[-1][-1].append(following.content)
    return found


def fence(text: str, language: str) -> str:
    """Return the content of a document's first fence of a language."""
    return next(token.content for token in tokens(text) if token.type == "fence" and token.info == language)


def links(text: str) -> Iterator[str]:
    """List the targets of a document's links."""
    for token in tokens(text):
        for child in token.children or ():
            if child.type == "link_open":
                yield str(child.attrs["href"])


def drawn_paths(plan: str) -> list[str]:
    """List the files that a plan's tree draws, as sorted paths; the line of existing code is none of them."""
    _, *rows = fence(section(plan, "## Project Structure Impact (Planned)"), "text").splitlines()
    place: list[str] = []
    paths = []
    for row in rows:
        match = TREE_ROW.match(row)
        assert match, row
        place[len(match[1]) // 4 :] = [match[2].rstrip("/")]
        if not match[2].endswith("/") and match[2] != "…":
            paths.append("/".join(place))
    return sorted(paths)


def placeholders(text: str) -> list[str]:
    """List the bracketed texts that stand for an answer nobody gave."""
    return PLACEHOLDER.findall(body(text))


def broken_links(document: Path) -> list[str]:
    """List a document's relative links that lead nowhere."""
    relative = (link.partition("#")[0] for link in links(document.read_text("utf-8")) if "://" not in link)
    return [link for link in relative if link and not (document.parent / link).is_file()]
