"""Markdown as lossless blocks.

`parse` cuts a text into a tree of blocks that know their lines. Nothing is normalised: blocks tile their parent line
by line, so the pieces put together are the text again, byte for byte, whatever its line endings.

markdown-it-py decides what the blocks are (CommonMark and GitHub's tables). Only its block rules run: inline markup is
parsed where somebody asks for it, by `inline_tokens`, since it would take more than half of the time.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, TypedDict, cast

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Each nested list takes two of markdown-it's levels, and each of its levels up to two Python frames. What is nested
# deeper becomes one opaque paragraph.
_MAX_NESTING = 210

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_TICK = re.compile(r"\[([ xX])\](?:[ \t\n]+|$)")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


def split_lines(text: str) -> list[str]:
    r"""Cut a text into lines with their endings: `\n`, `\r\n` or `\r`, as CommonMark (section 2.1) counts lines."""
    return _LINE.findall(text)


def is_blank(line: str) -> bool:
    """Return whether a line is blank in CommonMark's sense: empty, or spaces and tabs only."""
    return not line.strip(" \t\r\n")


def split_cells(line: str) -> tuple[str, ...]:
    r"""Cut a table's line into its cells, trimmed but otherwise as written: `\|` stays `\|`."""
    inner = line.strip().removeprefix("|")
    cells = [cell.strip() for cell in _CELL_BORDER.split(inner)]
    if len(cells) > 1 and not cells[-1]:
        del cells[-1]
    return tuple(cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some lines of a document.

    Attributes:
        source: All lines of the document, with their endings.
        start: Index of the first line, from 0.
        stop: Index after the last line that is not blank.
        end: Index after the blank lines that follow; here the next block of the same parent starts.
    """

    source: Sequence[str] = field(repr=False, compare=False)
    start: int
    stop: int
    end: int

    @property
    def line(self) -> int:
        """The first line's number as editors count, from 1."""
        return self.start + 1

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their endings, without the blank ones that follow."""
        return self.source[self.start : self.stop]

    @property
    def text(self) -> str:
        """The lines as one text, without the blank ones that follow."""
        return "".join(self.lines)

    @property
    def gap(self) -> str:
        """The blank lines that follow."""
        return "".join(self.source[self.stop : self.end])


class Blank(Block):
    """Blank lines before the first block of a document; all other blank lines belong to the block before them."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter(Block):
    """Metadata between two `---` lines at the very start of a document."""

    @property
    def content(self) -> str:
        """The text between the two fences."""
        return "".join(self.lines[1:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading(Block):
    """A heading, `# ATX` or underlined.

    Attributes:
        level: 1 to 6.
        title: The heading's Markdown, without marks.
    """

    level: int
    title: str


class Paragraph(Block):
    """Running text; also the remains of what is nested too deep to be told apart."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence(Block):
    """A fenced code block.

    Attributes:
        info: What stands after the opening fence, for example a language.
        content: The code, its line endings normalised, without a list item's indentation.
    """

    info: str
    content: str


class Code(Block):
    """An indented code block."""

    __slots__ = ()


class Html(Block):
    """An HTML block (CommonMark section 4.6)."""

    __slots__ = ()

    @property
    def is_comment(self) -> bool:
        """Whether the block starts with an HTML comment."""
        return self.source[self.start].lstrip().startswith("<!--")


class Quote(Block):
    """A block quotation, not looked into."""

    __slots__ = ()


class Rule(Block):
    """A thematic break."""

    __slots__ = ()


class Reference(Block):
    """One link reference definition."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Block):
    """A table's row: one line.

    Attributes:
        cells: The cells as written, trimmed; there may be more or fewer than the header has.
    """

    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Block):
    """A table (GitHub Flavored Markdown section 4.10).

    Attributes:
        header: The column names.
        rows: The rows below the line of dashes.
    """

    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Block):
    """A list item.

    Attributes:
        marker: `-`, `*`, `+`, or a number with `.` or `)`.
        tick: What a task's box holds: a space, `x` or `X`; None when the item is not a task.
        content: The item's first paragraph, without marker and box; empty when it starts with anything else.
        nesting: How many items it stands in.
        blocks: What the item holds, its first paragraph included. The first block may share its line with the marker.
    """

    marker: str
    tick: str | None
    content: str
    nesting: int
    blocks: tuple[Block, ...]

    @property
    def is_task(self) -> bool:
        """Whether the item has a box."""
        return self.tick is not None

    @property
    def is_done(self) -> bool:
        """Whether the item has a ticked box."""
        return self.tick in ("x", "X")


@dataclass(frozen=True, slots=True, kw_only=True)
class List(Block):
    """A list.

    Attributes:
        ordered: Whether its items are numbered.
        items: Its items, which tile it.
    """

    ordered: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it, or the whole document as the root of its sections.

    Attributes:
        heading: The heading; None for the root.
        path: The titles from the outermost section to this one; empty for the root.
        blocks: The blocks between the heading and the first subsection.
        sections: The subsections.
    """

    heading: Heading | None
    path: tuple[str, ...]
    blocks: tuple[Block, ...]
    sections: tuple["Section", ...]

    @property
    def level(self) -> int:
        """The heading's level; 0 for the root."""
        return self.heading.level if self.heading else 0

    @property
    def title(self) -> str:
        """The heading's title; empty for the root."""
        return self.heading.title if self.heading else ""

    @property
    def line(self) -> int:
        """The heading's line number, from 1."""
        return self.heading.line if self.heading else 1

    def walk(self) -> Iterator["Section"]:
        """Yield this section and all below it, in the document's order."""
        yield self
        for section in self.sections:
            yield from section.walk()

    def items(self) -> Iterator[Item]:
        """Yield the list items of this section and of all below it, nested ones after the item they stand in."""
        for section in self.walk():
            yield from _items(section.blocks)

    def all_blocks(self) -> Iterator[Block]:
        """Yield the outermost blocks of this section and of all below it, headings included, in order."""
        for section in self.walk():
            if section.heading:
                yield section.heading
            yield from section.blocks


class Inline(NamedTuple):
    """Text with inline markup, wherever it stands: a paragraph, a heading, a table's cell, in lists and quotations too.

    Attributes:
        line: The number of its first line, from 1.
        content: The Markdown, without the marks of the blocks that it stands in.
        is_heading: Whether it is a heading's.
    """

    line: int
    content: str
    is_heading: bool


class Definition(NamedTuple):
    """A link reference definition's target and line."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed text.

    Attributes:
        lines: All lines with their endings.
        blocks: The outermost blocks, front matter and headings included; they tile the document.
        root: The same blocks, without front matter, as a tree of sections.
        inlines: All text with inline markup, in order.
        html: The HTML blocks, in order, with their lines; those in lists and quotations too.
        definitions: The link reference definitions by label, in markdown-it's normal form; no footnotes.
    """

    lines: Sequence[str]
    blocks: tuple[Block, ...]
    root: Section
    inlines: tuple[Inline, ...]
    html: tuple[Inline, ...]
    definitions: Mapping[str, Definition]

    @property
    def front_matter(self) -> FrontMatter | None:
        """The front matter, if there is any."""
        first = self.blocks[0] if self.blocks else None
        return first if isinstance(first, FrontMatter) else None


def parse(text: str) -> Document:
    """Cut a Markdown text into blocks.

    Args:
        text: Any text; a byte order mark, any line endings and broken Markdown are fine.

    Returns:
        The document. Joining `document.lines` gives `text` back.
    """
    lines = split_lines(text)
    matter = _front_matter(lines)
    offset = matter.stop if matter else 0
    env: dict[str, object] = {}
    body = "".join(lines[offset:]) if matter else text.removeprefix("\ufeff")
    tokens = _block_parser().parse(body, env)
    blocks = _Reader(lines, offset, tokens, _reference_ends(env, offset)).document()
    if matter:
        blocks = (matter, *blocks)
    elif blocks and blocks[0].start > 0:
        first = blocks[0].start
        blocks = (Blank(source=lines, start=0, stop=0, end=first), *blocks)
    elif lines and not blocks:
        blocks = (Blank(source=lines, start=0, stop=0, end=len(lines)),)
    sections = _section_tree(blocks[1:] if matter else blocks)
    inlines, html = tuple(_inlines(tokens, offset)), tuple(_html(tokens, offset))
    return Document(lines, blocks, sections, inlines, html, dict(_definitions(env, offset)))


def inline_tokens(content: str, definitions: Mapping[str, Definition] | None = None) -> Sequence[Token]:
    """Parse inline markup.

    Args:
        content: The Markdown of an `Inline`.
        definitions: Those of the document.

    Returns:
        markdown-it's tokens. What a backslash escapes and what stands for a character are tokens `text_special`.
    """
    references = {label: {"href": target, "title": ""} for label, (target, _) in (definitions or {}).items()}
    tokens: list[Token] = []
    parser = _inline_parser()
    parser.inline.parse(content, parser, {"references": references}, tokens)
    return tokens


@cache
def _block_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
    return parser.disable(["inline", "text_join"])


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


class _Place(TypedDict):
    source: Sequence[str]
    start: int
    stop: int
    end: int


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
            blocks += self._without_tokens(start, place["start"])
            blocks.append(self._block(place, nesting))
            start = place["end"]
        self._next += 1
        blocks += self._without_tokens(start, end)
        return tuple(blocks)

    def _place(self, token: Token, end: int) -> _Place:
        first, stop = cast("list[int]", token.map)
        first += self._offset
        stop = min(stop + self._offset, end)
        while stop > first + 1 and is_blank(self._lines[stop - 1]):
            stop -= 1
        return {"source": self._lines, "start": first, "stop": stop, "end": _skip_blank(self._lines, stop, end)}

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
            return Fence(**place, info=token.info.strip(), content=token.content)
        if token.type == "heading_open":
            title = self._tokens[self._next].content
            self._skip_to_level(token.level)
            return Heading(**place, level=int(token.tag[1]), title=title)
        if token.nesting > 0:
            self._skip_to_level(token.level)
        return _table(place) if token.type == "table_open" else _PLAIN[token.type](**place)

    def _skip_to_level(self, level: int) -> None:
        while self._tokens[self._next].level > level:
            self._next += 1
        self._next += 1

    def _list(self, place: _Place, nesting: int) -> List:
        is_ordered = self._tokens[self._next].type == "ordered_list_open"
        self._next += 1
        items: list[Item] = []
        while self._tokens[self._next].type == "list_item_open":
            items.append(self._item(place["end"], nesting))
        self._next += 1
        return List(**place, ordered=is_ordered, items=tuple(items))

    def _item(self, list_end: int, nesting: int) -> Item:
        token = self._tokens[self._next]
        place = self._place(token, list_end)
        first = self._tokens[self._next + 1]
        content = self._tokens[self._next + 2].content if first.type == "paragraph_open" else ""
        self._next += 1
        blocks = self._blocks(place["start"] + 1, place["end"], nesting + 1)
        tick = _TICK.match(content)
        return Item(
            **place,
            marker=token.info + token.markup,
            tick=tick[1] if tick else None,
            content=content[tick.end() :] if tick else content,
            nesting=nesting,
            blocks=blocks,
        )


def _table(place: _Place) -> Table:
    lines, start, stop, end = place["source"], place["start"], place["stop"], place["end"]
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
    return Table(**place, header=split_cells(lines[start]), rows=tuple(rows))


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


def _items(blocks: Sequence[Block]) -> Iterator[Item]:
    for block in blocks:
        if isinstance(block, List):
            for item in block.items:
                yield item
                yield from _items(item.blocks)
