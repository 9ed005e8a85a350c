"""Keeps of a document what no answer holds, and knows of each line what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from groundplan.adopting.headings import normal
from groundplan.adopting.reading import Claim, Piece, Reading
from groundplan.adopting.template_text import TemplateText
from groundplan.plan.outline import HeadingPath
from groundplan.text.blocks import Block, Document, Html, Item, List, Paragraph, Rule, Section

_ANCHOR = re.compile(r"\[.*\]\(#[^()]*\)|\[[^\]]*\]\[\]")
_CONTENTS_MARK = re.compile(r"<!--\s*/?\s*(?:toc|START doctoc|END doctoc|DON'T EDIT THIS SECTION)", re.IGNORECASE)
_CONTENTS = ("contents", "table of contents", "toc")


@dataclass(frozen=True)
class Unit:
    """Lines that no answer holds: a block, or an item of a list.

    Attributes:
        start: The index of the first line.
        stop: The index after the last one.
        is_item: Whether it is an item of a list.
        key: What it answers all the same; empty where nobody knows.
        is_comment: Whether it answers nothing.
    """

    start: int
    stop: int
    is_item: bool = False
    key: str = ""
    is_comment: bool = False


class Keeper:
    """Keeps the text of one document."""

    def __init__(self, document: Document, template: TemplateText) -> None:
        """Begin.

        Args:
            document: The document.
            template: The text of the template that it was copied from.
        """
        self.source: Sequence[str] = document.lines
        self.reading = Reading()
        self.template = template
        self._labels = [f"[{label.casefold()}]" for label in document.definitions]
        # The lines that stay, and those that are nobody's words.
        self._kept: set[int] = set()

    def skips(self, block: Block) -> bool:
        """Return whether a block says nothing of the feature: the template's text, a rule, a table of contents."""
        if isinstance(block, Rule) or self.template.has(block):
            self.keep_lines(block.start, block.stop)
            return True
        if _is_contents(block):
            self.claim("(contents)", block.start, block.stop)
            return True
        return False

    def claim(self, key: str, start: int, stop: int, place: HeadingPath = ()) -> None:
        """Note what lines were understood as."""
        self.reading.claims.append(Claim(key, start, stop, place))

    def claim_heading(self, section: Section, place: HeadingPath) -> None:
        """Note that the plan has a heading that says the same."""
        if section.heading:
            self.claim("(heading)", section.heading.start, section.heading.stop, place)

    def skips_contents(self, section: Section) -> bool:
        """Return whether a section is a table of contents, which the plan's headings make wrong."""
        blocks = list(section.all_blocks())
        is_contents = normal(section.title) in _CONTENTS and all(map(_is_contents, blocks[1:]))
        if is_contents:
            self.claim("(contents)", blocks[0].start, blocks[-1].stop)
        return is_contents

    def needs_definition(self, text: str) -> bool:
        """Return whether a text needs a footnote or a link reference definition, which stays in the document."""
        folded = text.casefold()
        return any(label in folded for label in self._labels) or "[^" in text

    def keep(self, piece: Piece) -> None:
        """Keep a piece of text."""
        self.reading.pieces.append(piece)

    def units(self, blocks: Iterable[Block], key: str = "") -> Iterator[Unit]:
        """Cut blocks into what stays, items of lists by themselves."""
        for block in blocks:
            if self.skips(block):
                continue
            if isinstance(block, List):
                items = [item for item in block.items if not self.skips(item)]
                yield from (Unit(item.start, item.stop, True, key) for item in items)
            else:
                is_comment = isinstance(block, Html) and block.is_comment
                yield Unit(block.start, block.stop, False, key, is_comment)

    def own_blocks(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Yield blocks without the template's lines in paragraphs, where people write below them."""
        for block in blocks:
            lines = range(block.start, block.stop)
            own = [line for line in lines if not self.template.has_line(self.source[line])]
            if not isinstance(block, Paragraph) or len(own) == len(lines) or not own:
                yield block
                continue
            self.keep_lines(block.start, block.stop)
            start, stop = own[0], own[-1] + 1
            yield Paragraph(source=block.source, start=start, stop=stop, end=stop)

    def text_of(self, units: Sequence[Unit]) -> str:
        """Return the units' lines, without noting that they are kept."""
        kept = set(self._kept)
        text = self.join(units)
        self._kept = kept
        return text

    def join(self, units: Sequence[Unit]) -> str:
        """Return the units' lines, with the blank lines that stood between them."""
        texts: list[str] = []
        for number, unit in enumerate(units):
            if number:
                before = units[number - 1]
                gap = self.source[before.stop : unit.start]
                is_near = all(not line.strip() for line in gap)
                texts.append("".join(gap) if is_near else "" if unit.is_item and before.is_item else "\n")
            texts.append("".join(self.source[unit.start : unit.stop]))
            self.keep_lines(unit.start, unit.stop)
        return "".join(texts)

    def verbatim(self, section: Section, level: int) -> str:
        """Return a section as it is, its headings from a level on; nothing where all of it is the template's."""
        if self.skips_contents(section):
            return ""
        units = list(self.units(section.blocks))
        below = [text for part in section.sections if (text := self.verbatim(part, level + 1))]
        if section.heading:
            self.keep_lines(section.heading.start, section.heading.stop)
        if not units and not below and self.template.has_title(section):
            return ""
        heading = f"{'#' * min(level, 6)} {section.title}\n"
        return "\n".join([heading, *([self.join(units)] if units else []), *below])

    def keep_heading(self, section: Section, level: int) -> str:
        """Return a section's heading on another level."""
        if section.heading:
            self.keep_lines(section.heading.start, section.heading.stop)
        return f"{'#' * min(level, 6)} {section.title}\n"

    def forgotten(self) -> Iterator[Unit]:
        """Yield the lines that are neither understood nor kept, so that they can be."""
        seen = {line for claim in self.reading.claims for line in range(claim.start, claim.stop)} | self._kept
        start = None
        for number, line in enumerate([*self.source, ""]):
            is_open = bool(line.strip()) and number not in seen
            if is_open and start is None:
                start = number
            if not is_open and start is not None:
                yield Unit(start, number)
                start = None

    def keep_lines(self, start: int, stop: int) -> None:
        """Note that lines are kept, or need not be."""
        self._kept.update(range(start, stop))


def span(section: Section) -> tuple[int, int]:
    """Return the indexes of a section's first line and after its last one."""
    blocks = list(section.all_blocks())
    return (blocks[0].start, blocks[-1].stop) if blocks else (0, 0)


def _is_contents(block: Block) -> bool:
    if isinstance(block, List):
        return all(map(_is_contents_entry, block.items))
    return isinstance(block, Html) and bool(_CONTENTS_MARK.match(block.text))


def _is_contents_entry(item: Item) -> bool:
    return bool(_ANCHOR.fullmatch(item.content.strip())) and all(map(_is_contents, item.blocks[1:]))
