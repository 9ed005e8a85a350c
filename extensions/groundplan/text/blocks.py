"""The blocks of a Markdown document, and its sections: each knows its lines, and nothing of them is normalised.

Nobody changes a block. They are not frozen all the same: a check makes hundreds for each plan, and to make one that is
frozen takes three times as long.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_CELL_BORDER = re.compile(r"(?<!\\)\|")


def split_lines(text: str) -> list[str]:
    r"""Cut a text into lines with their endings: `\n`, `\r\n` or `\r`, as CommonMark (section 2.1) counts lines."""
    return list(io.StringIO(text, newline=""))


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


@dataclass(slots=True, unsafe_hash=True)
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


@dataclass(slots=True, unsafe_hash=True)
class FrontMatter(Block):
    """Metadata between two `---` lines at the very start of a document."""

    @property
    def content(self) -> str:
        """The text between the two fences."""
        return "".join(self.lines[1:-1])


@dataclass(slots=True, unsafe_hash=True)
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


@dataclass(slots=True, unsafe_hash=True)
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


@dataclass(slots=True, unsafe_hash=True)
class Row(Block):
    """A table's row: one line.

    Attributes:
        cells: The cells as written, trimmed; there may be more or fewer than the header has.
    """

    cells: tuple[str, ...]


@dataclass(slots=True, unsafe_hash=True)
class Table(Block):
    """A table (GitHub Flavored Markdown section 4.10).

    Attributes:
        header: The column names.
        rows: The rows below the line of dashes.
    """

    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(slots=True, unsafe_hash=True)
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


@dataclass(slots=True, unsafe_hash=True)
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


def _items(blocks: Sequence[Block]) -> Iterator[Item]:
    for block in blocks:
        if isinstance(block, List):
            for item in block.items:
                yield item
                yield from _items(item.blocks)
