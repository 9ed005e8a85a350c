"""What of a document is the text of the template that it was copied from, and nobody's answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files

from groundplan.plan.placeholders import is_all_placeholder
from groundplan.text.blocks import Block, Document, Heading, Item, List, Row, Section, Table
from groundplan.text.markdown import parse

# So many of its headings tell that a document was copied from the first template.
_TELLING = 3


class TemplateText:
    """The text of a template, block by block."""

    def __init__(self, text: str) -> None:
        """Read it.

        Args:
            text: The template; empty where none is known.
        """
        document = parse(text)
        self._texts = {_flat(block.text) for block in _deep(document.blocks)}
        self._lines = {_flat(line) for line in document.lines} - {""}
        self._titles = {_flat(section.title) for section in document.root.walk()}

    def has_title(self, section: Section) -> bool:
        """Return whether a section's heading is one of the template's."""
        return _flat(section.title) in self._titles

    def has_line(self, line: str) -> bool:
        """Return whether a line is one of the template's."""
        return _flat(line) in self._lines

    def has(self, block: Block) -> bool:
        """Return whether a block is the template's as it is, or nothing but a placeholder."""
        if isinstance(block, List):
            return all(map(self.has, block.items))
        if isinstance(block, Table):
            return _flat(block.text) in self._texts or (bool(block.rows) and all(map(self.has, block.rows)))
        if _flat(block.text) in self._texts:
            return True
        if isinstance(block, Row):
            said = [cell for cell in block.cells if cell]
            return bool(said) and all(map(is_all_placeholder, said))
        if isinstance(block, Item):
            below = block.blocks[1:] if block.content else block.blocks
            is_open = not block.is_done and is_all_placeholder(block.content)
            return is_open and all(map(self.has, below))
        return is_all_placeholder(block.text)


def template_of(document: Document, base: str = "") -> TemplateText:
    """Return the text of the template that a document was copied from.

    Args:
        document: The document.
        base: The template, where a person gave it.
    """
    if base:
        return TemplateText(base)
    first = files("groundplan.adopting").joinpath("first-template.md").read_text("utf-8")
    known = {section.title for section in parse(first).root.walk() if section.level == 2}
    found = {section.title for section in document.root.walk()} & known
    return TemplateText(first if len(found) >= _TELLING else "")


def _flat(text: str) -> str:
    return " ".join(text.split())


def _deep(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if not isinstance(block, Heading):
            yield block
        if isinstance(block, List):
            yield from _deep(block.items)
        elif isinstance(block, Item):
            yield from _deep(block.blocks)
        elif isinstance(block, Table):
            yield from block.rows
