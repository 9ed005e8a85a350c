"""Markdown as lossless blocks.

`parse` cuts a text into a tree of blocks that know their lines. Nothing is normalised: blocks tile their parent line
by line, so the pieces put together are the text again, byte for byte, whatever its line endings.

markdown-it-py decides what the blocks are (CommonMark and GitHub's tables). Only its block rules run: inline markup is
parsed where somebody asks for it, by `inline_tokens`, since it would take more than half of the time.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, cast

from markdown_it import MarkdownIt
from markdown_it.token import Token

from groundplan.text.blocks import (
    Blank,
    Block,
    Code,
    Definition,
    Document,
    Fence,
    FrontMatter,
    Heading,
    Html,
    Inline,
    Item,
    List,
    Paragraph,
    Quote,
    Reference,
    Row,
    Rule,
    Section,
    Table,
    is_blank,
    split_cells,
    split_lines,
)

# Each nested list takes two of markdown-it's levels, and each of its levels up to two Python frames. What is nested
# deeper becomes one opaque paragraph.
_MAX_NESTING = 210
# Nobody writes more brackets into one paragraph, and parsing them takes time that grows with their square.
MOST_BRACKETS = 500
# What there must be for some of markdown-it's rules, and for a heading's underline (CommonMark, section 4.3).
_MARKS = {"blockquote": ">", "html_block": "<", "reference": "]:", "table": "|"}
_UNDERLINE = re.compile(r"(?<![^\s>])[=-]+[ \t]*(?:[\r\n]|\Z)")
_TICK = re.compile(r"\[([ xX])\](?:[ \t\n]+|$)")


def parse(text: str) -> Document:
    """Cut a Markdown text into blocks.

    Args:
        text: Any text; a byte order mark, any line endings and broken Markdown are fine.

    Returns:
        The document. Joining `document.lines` gives `text` back.
    """
    lines, blocks, tokens, env = _read(text)
    matter = blocks[0] if blocks and isinstance(blocks[0], FrontMatter) else None
    offset = matter.stop if matter else 0
    sections = _section_tree(blocks[1:] if matter else blocks)
    inlines, html = tuple(_inlines(tokens, offset)), tuple(_html(tokens, offset))
    return Document(lines, blocks, sections, inlines, html, dict(_definitions(env, offset)))


def parse_blocks(text: str) -> tuple[Block, ...]:
    """Cut a Markdown text into its outermost blocks alone, where nobody asks for more: as `parse(text).blocks`."""
    return _read(text)[1]


def _read(text: str) -> tuple[Sequence[str], tuple[Block, ...], Sequence[Token], dict[str, object]]:
    """Return a text's lines, its blocks, and what markdown-it made of it."""
    lines = split_lines(text)
    matter = _front_matter(lines)
    offset = matter.stop if matter else 0
    env: dict[str, object] = {}
    body = "".join(lines[offset:]) if matter else text.removeprefix("\ufeff")
    tokens = _block_parser(*_idle_rules(body)).parse(body, env)
    blocks = _Reader(lines, offset, tokens, _reference_ends(env, offset)).document()
    if matter:
        blocks = (matter, *blocks)
    elif blocks and blocks[0].start > 0:
        first = blocks[0].start
        blocks = (Blank(source=lines, start=0, stop=0, end=first), *blocks)
    elif lines and not blocks:
        blocks = (Blank(source=lines, start=0, stop=0, end=len(lines)),)
    return lines, blocks, tokens, env


def inline_tokens(content: str, definitions: Mapping[str, Definition] | None = None) -> Sequence[Token]:
    """Parse inline markup.

    Args:
        content: The Markdown of an `Inline`.
        definitions: Those of the document.

    Returns:
        markdown-it's tokens. What a backslash escapes and what stands for a character are tokens `text_special`.
    """
    if definitions and "[" in content:
        return _parse_inline(content, definitions)
    return _known_inline(content)


# Plans of one template have many texts in common.
@lru_cache(maxsize=2048)
def _known_inline(content: str) -> Sequence[Token]:
    return _parse_inline(content, {})


def _parse_inline(content: str, definitions: Mapping[str, Definition]) -> Sequence[Token]:
    references = {label: {"href": target, "title": ""} for label, (target, _) in definitions.items()}
    tokens: list[Token] = []
    parser = _inline_parser()
    parser.inline.parse(content, parser, {"references": references}, tokens)
    return tokens


@cache
def _block_parser(*idle: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
    return parser.disable(["inline", "text_join", *idle])


def _idle_rules(text: str) -> Iterator[str]:
    """Yield the rules that nothing in a text can meet: all are tried at nearly every line."""
    yield from (rule for rule, mark in _MARKS.items() if mark not in text)
    if not _UNDERLINE.search(text):
        yield "lheading"


@cache
def _inline_parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("strikethrough").disable("text_join")


def _inlines(tokens: Sequence[Token], offset: int) -> Iterator[Inline]:
    opening = ""
    for token in tokens:
        if token.type == "inline":
            yield Inline(_line(token, offset), token.content, opening == "heading_open")
        opening = token.type


def _html(tokens: Sequence[Token], offset: int) -> Iterator[Inline]:
    for token in tokens:
        if token.type == "html_block":
            yield Inline(_line(token, offset), token.content, is_heading=False)


def _line(token: Token, offset: int) -> int:
    return cast("list[int]", token.map)[0] + offset + 1


def _definitions(env: Mapping[str, object], offset: int) -> Iterator[tuple[str, Definition]]:
    for label, entry in cast("dict[str, dict[str, Any]]", env.get("references", {})).items():
        # To GitHub this is a footnote.
        if not label.startswith("^"):
            yield label, Definition(entry["href"], entry["map"][0] + offset + 1)


def _front_matter(lines: Sequence[str]) -> FrontMatter | None:
    if not lines or lines[0].removeprefix("\ufeff").rstrip() != "---":
        return None
    stop = next((number for number, line in enumerate(lines[1:], 2) if line.rstrip() == "---"), None)
    if stop is None:
        return None
    return FrontMatter(source=lines, start=0, stop=stop, end=_skip_blank(lines, stop, len(lines)))


def _skip_blank(lines: Sequence[str], start: int, limit: int) -> int:
    while start < limit and is_blank(lines[start]):
        start += 1
    return start


def _reference_ends(env: dict[str, object], offset: int) -> dict[int, int]:
    """Map the first line of each reference definition to the line after it; markdown-it makes no tokens for them."""
    first = cast("dict[str, dict[str, list[int]]]", env.get("references", {}))
    again = cast("list[dict[str, list[int]]]", env.get("duplicate_refs", []))
    spans = [entry["map"] for entry in [*first.values(), *again]]
    return {start + offset: stop + offset for start, stop in spans}


_PLAIN = {
    "blockquote_open": Quote,
    "code_block": Code,
    "hr": Rule,
    "html_block": Html,
    "paragraph_open": Paragraph,
}


# A block's source, start, stop and end.
_Place = tuple[Sequence[str], int, int, int]


class _Reader:
    """Turns markdown-it's flat tokens into blocks, front to back."""

    def __init__(self, lines: Sequence[str], offset: int, tokens: Sequence[Token], references: dict[int, int]) -> None:
        self._lines = lines
        self._offset = offset
        self._tokens = tokens
        self._references = references
        self._next = 0

    def document(self) -> tuple[Block, ...]:
        end = len(self._lines)
        return self._blocks(_skip_blank(self._lines, self._offset, end), end, 0)

    def _blocks(self, start: int, end: int, nesting: int) -> tuple[Block, ...]:
        """Read blocks up to the closing token of their parent, so that they tile the lines from start to end."""
        blocks: list[Block] = []
        while self._next < len(self._tokens) and self._tokens[self._next].nesting >= 0:
            place = self._place(self._tokens[self._next], end)
            _, first, _, after = place
            if start < first:
                blocks += self._without_tokens(start, first)
            blocks.append(self._block(place, nesting))
            start = after
        self._next += 1
        blocks += self._without_tokens(start, end)
        return tuple(blocks)

    def _place(self, token: Token, end: int) -> _Place:
        first, stop = cast("list[int]", token.map)
        first += self._offset
        stop = min(stop + self._offset, end)
        while stop > first + 1 and is_blank(self._lines[stop - 1]):
            stop -= 1
        return self._lines, first, stop, _skip_blank(self._lines, stop, end)

    def _without_tokens(self, start: int, end: int) -> Iterator[Block]:
        """Yield the lines that have no token: reference definitions, and what is nested too deep."""
        while start < end:
            stop = min(self._references.get(start, end), end)
            kind = Reference if start in self._references else Paragraph
            while stop > start + 1 and is_blank(self._lines[stop - 1]):
                stop -= 1
            following = _skip_blank(self._lines, stop, end)
            yield kind(source=self._lines, start=start, stop=stop, end=following)
            start = following

    def _block(self, place: _Place, nesting: int) -> Block:
        """Make the block that starts at the next token and step behind its last token."""
        token = self._tokens[self._next]
        if token.type in ("bullet_list_open", "ordered_list_open"):
            return self._list(place, nesting)
        self._next += 1
        if token.type == "fence":
            return Fence(*place, token.info.strip(), token.content)
        if token.type == "heading_open":
            title = self._tokens[self._next].content
            self._skip_to_level(token.level)
            return Heading(*place, int(token.tag[1]), title)
        if token.nesting > 0:
            self._skip_to_level(token.level)
        return _table(place) if token.type == "table_open" else _PLAIN[token.type](*place)

    def _skip_to_level(self, level: int) -> None:
        while self._tokens[self._next].level > level:
            self._next += 1
        self._next += 1

    def _list(self, place: _Place, nesting: int) -> List:
        is_ordered = self._tokens[self._next].type == "ordered_list_open"
        self._next += 1
        items: list[Item] = []
        while self._tokens[self._next].type == "list_item_open":
            items.append(self._item(place[-1], nesting))
        self._next += 1
        return List(*place, is_ordered, tuple(items))

    def _item(self, list_end: int, nesting: int) -> Item:
        token = self._tokens[self._next]
        place = self._place(token, list_end)
        first = self._tokens[self._next + 1]
        content = self._tokens[self._next + 2].content if first.type == "paragraph_open" else ""
        self._next += 1
        blocks = self._blocks(place[1] + 1, place[-1], nesting + 1)
        tick = _TICK.match(content)
        return Item(
            *place,
            marker=token.info + token.markup,
            tick=tick[1] if tick else None,
            content=content[tick.end() :] if tick else content,
            nesting=nesting,
            blocks=blocks,
        )


def _table(place: _Place) -> Table:
    lines, start, stop, end = place
    rows = [
        Row(
            source=lines,
            start=number,
            stop=number + 1,
            end=end if number + 1 == stop else number + 1,
            cells=split_cells(lines[number]),
        )
        for number in range(start + 2, stop)
    ]
    return Table(*place, split_cells(lines[start]), tuple(rows))


def _section_tree(blocks: Sequence[Block]) -> Section:
    """Nest the blocks by their headings; a heading stands in the nearest one before it that has a lower level."""
    heads = [number for number, block in enumerate(blocks) if isinstance(block, Heading)]
    first = heads[0] if heads else len(blocks)
    sections = _subsections(blocks, heads, 0, len(heads), ())
    return Section(None, (), tuple(blocks[:first]), sections)


def _subsections(
    blocks: Sequence[Block], heads: Sequence[int], start: int, stop: int, path: tuple[str, ...]
) -> tuple[Section, ...]:
    sections: list[Section] = []
    while start < stop:
        heading = cast("Heading", blocks[heads[start]])
        after = start + 1
        while after < stop and cast("Heading", blocks[heads[after]]).level > heading.level:
            after += 1
        body_end = heads[start + 1] if start + 1 < len(heads) else len(blocks)
        here = (*path, heading.title)
        below = _subsections(blocks, heads, start + 1, after, here)
        sections.append(Section(heading, here, tuple(blocks[heads[start] + 1 : body_end]), below))
        start = after
    return tuple(sections)
