"""What any Markdown document of a plan folder holds that can be checked: links, anchors, placeholders, leftovers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from groundplan.plan.placeholders import placeholders_in
from groundplan.text.markdown import Block, Code, Document, Fence, FrontMatter, Heading, Html, Item, List, Section

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_COMMENT = re.compile(r"<!--.*?-->")
# An inline link's or image's destination and title (CommonMark 0.31, 6.3).
_LINK = re.compile(
    r"(?<!\\)\]\(\s*(?:<([^<>\n]*)>|([^\s()<][^\s()]*(?:\([^\s()]*\)[^\s()]*)*))"
    r"""(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)"""
)
# A link reference definition (CommonMark 0.31, 4.7).
_DEFINITION = re.compile(r" {0,3}\[([^\]\n]+)\]:\s*(?:<([^<>\n]*)>|(\S+))")
_MARKED_ANCHOR = re.compile(r"""<[a-z][^>]*\b(?:id|name)=["']([^"'>]+)""", re.IGNORECASE)
_CONFLICT = re.compile(r"<<<<<<<(?: |$)|>>>>>>>(?: |$)|\|\|\|\|\|\|\|(?: |$)")
_LINK_TEXT = re.compile(r"!?\[([^]]*)\](?:\([^)]*\)|\[[^]]*\])")
# Programs that read Markdown are told what to do in one line that begins in lower case: markdownlint-disable.
_DIRECTIVE = re.compile(r"<!--\s*[a-z].*-->\s*")


class Link(NamedTuple):
    """A link's or an image's target, as written, and its line."""

    target: str
    line: int


class Placeholder(NamedTuple):
    """A placeholder, without brackets, and its line."""

    text: str
    line: int


# Blocks that hold no Markdown of their own.
_UNREAD = (Fence, Code, FrontMatter, Html)


@dataclass(frozen=True)
class Page:
    """A Markdown document.

    Attributes:
        path: Where it is, relative to the repository, with `/`.
        anchors: What a link can point to after `#`.
        links: Targets of links and images, in order.
        placeholders: Placeholders that are left, in order.
        guidance: The lines where comments begin that are no directives to a program.
        conflicts: The lines where conflicts of a merge begin.
    """

    path: str
    anchors: frozenset[str]
    links: tuple[Link, ...]
    placeholders: tuple[Placeholder, ...]
    guidance: tuple[int, ...]
    conflicts: tuple[int, ...]


def read_page(path: str, document: Document) -> Page:
    """Collect what can be checked in a document.

    Args:
        path: Where it is, relative to the repository.
        document: The parsed document.
    """
    unread = [block for block in _deep(document.blocks) if isinstance(block, _UNREAD)]
    prose = list(_prose(document, unread))
    definitions = {
        match[1].lower(): Link(match[2] or match[3], line) for line, text in prose if (match := _DEFINITION.match(text))
    }
    links = [Link(match[1] or match[2] or "", line) for line, text in prose for match in _LINK.finditer(text)]
    return Page(
        path,
        frozenset(_anchors(document)),
        tuple(sorted([*links, *definitions.values()], key=lambda link: link.line)),
        tuple(
            Placeholder(name, line)
            for line, text in prose
            if not _DEFINITION.match(text)
            for name in placeholders_in(text, definitions)
        ),
        tuple(block.line for block in unread if _is_guidance(block)),
        tuple(_conflicts(document.lines)),
    )


def _prose(document: Document, unread: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """Yield the lines with brackets outside code and comments, numbered from 1, inline code and comments blanked."""
    hidden: set[int] = set()
    for block in unread:
        if not isinstance(block, Html) or block.is_comment:
            hidden.update(range(block.start, block.stop))
    for index, line in enumerate(document.lines):
        if "[" in line and index not in hidden:
            yield index + 1, _COMMENT.sub(_blank, _CODE_SPAN.sub(_blank, line))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _deep(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, List):
            yield from _deep(block.items)
        elif isinstance(block, Item):
            yield from _deep(block.blocks)


def _is_guidance(block: Block) -> bool:
    return isinstance(block, Html) and block.is_comment and not _DIRECTIVE.fullmatch(block.text)


def _conflicts(lines: Sequence[str]) -> Iterator[int]:
    inside = False
    for number, line in enumerate(lines, 1):
        if line[0] not in "<>|" or not (match := _CONFLICT.match(line)):
            continue
        if not inside:
            yield number
        inside = not match[0].startswith(">")


def _anchors(document: Document) -> Iterator[str]:
    """Yield a document's anchors: GitHub's for the headings, and those of HTML elements."""
    seen: dict[str, int] = {}
    for section in document.root.walk():
        if section.heading:
            name = heading_anchor(section.title)
            count = seen.get(name, 0)
            seen[name] = count + 1
            yield f"{name}-{count}" if count else name
    for line in document.lines:
        if "<" in line:
            yield from _MARKED_ANCHOR.findall(line)


def heading_anchor(title: str) -> str:
    """Give the anchor that GitHub makes of a heading: lower case, punctuation dropped, spaces as hyphens.

    Args:
        title: The heading's Markdown. The rule is that of GitHub's html-pipeline, TableOfContentsFilter.
    """
    text = _LINK_TEXT.sub(r"\1", title).replace("\\", "")
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def is_silent(section: Section) -> bool:
    """Say whether a section and those below it hold nothing but headings and comments."""
    return all(
        isinstance(block, Heading) or (isinstance(block, Html) and block.is_comment) for block in section.all_blocks()
    )
