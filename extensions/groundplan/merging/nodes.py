"""A document as the tree of nodes that a merge compares: sections, blocks, lists and their items."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from groundplan.text.alignment import Bag, word_list
from groundplan.text.blocks import (
    Blank,
    Block,
    FrontMatter,
    Heading,
    Html,
    Item,
    List,
    Paragraph,
    Reference,
    Section,
)

# Items that are nested deeper than this are merged as plain text: nobody reads them, and recursion has its limit.
_DEEPEST = 30
MARK = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)]|#{1,6})[ \t]+(?:\[[ xX]\](?=\s))?", re.MULTILINE)
_NUMBER = re.compile(r"\n[ \t>]*\d+[.)]")
_LABEL = re.compile(r" {0,3}\[([^\]]+)\]:")
_TOC_ENTRY = re.compile(r"\[.+\]\(#\S*\)")
ITEM_HEAD = re.compile(r"(\s*(?:[-+*]|[0-9]{1,9}[.)])(?:[ \t]+|$)?)(\[[ xX]\](?:[ \t]+|$))?(.*)", re.DOTALL)


@dataclass(eq=False)
class Node:
    """A unit of a document and what stands in it.

    Attributes:
        kind: The class of its block.
        text: Its own text: all of a leaf, the first lines of an item, nothing for a list.
        before: The blank lines before it.
        order: Its place among its siblings; for sections and outermost blocks, in the whole document.
        identity: What makes it the same unit in another version, whatever else changed.
        children: The units in it.
        level: A section's level, 0 for all else.
        parent: A section's parent, as an index into the document's sections.
        key: The identity among units of all kinds.
    """

    kind: type[object]
    text: str
    before: str
    order: int
    identity: str
    children: Sequence["Node"] = ()
    level: int = 0
    parent: int = 0
    key: tuple[type[object], str] = field(init=False)

    def __post_init__(self) -> None:
        """Make what is looked up many times; a section gets its children later."""
        self.key = self.kind, self.identity
        if not self.children and self.kind is not Section:
            self.whole = self.text

    @cached_property
    def whole(self) -> str:
        """The text with all that stands in it."""
        return self.text + "".join(child.before + child.whole for child in self.children)

    @cached_property
    def bag(self) -> Bag:
        """The words it is recognised by: an item's own, else all."""
        return Bag(words_in(self.text if self.kind is Item else self.whole))

    @property
    def said(self) -> Sequence[str]:
        """The words of its own text, in order."""
        return words_in(self.text) if self.kind in (List, Section) else self.bag.words

    @property
    def is_guidance(self) -> bool:
        """Whether it is an HTML comment."""
        return self.kind is Html and self.text.lstrip().startswith("<!--")

    @property
    def is_toc_entry(self) -> bool:
        """Whether it is an entry of a table of contents, which follows the headings."""
        return self.kind is Item and _TOC_ENTRY.fullmatch(self.identity) is not None


def section_nodes(blocks: Iterable[Block]) -> list[Node]:
    """Return a document's sections in order, the part before the first heading first, with their blocks as children.

    A section's own text is its heading. Front matter is left out.
    """
    sections = [Node(Section, "", "", -1, "")]
    children: list[Node] = []
    sections[0].children = children
    before = ""
    for order, block in enumerate(blocks):
        if isinstance(block, Heading):
            parent = len(sections) - 1
            while sections[parent].level >= block.level:
                parent = sections[parent].parent
            children = []
            sections.append(Node(Section, block.text, before, order, flat(block.title), children, block.level, parent))
        elif type(block) not in (Blank, FrontMatter):
            children.append(_node(block, before, order))
        else:
            sections[0].order = order
        before = block.gap
    return sections


def _node(block: Block, before: str, order: int) -> Node:
    if isinstance(block, List):
        items = _siblings(block.items)
        return Node(List, "", before, order, flat(block.text), items)
    if isinstance(block, Item):
        return _item_node(block, before, order)
    text = block.text
    label = _LABEL.match(text) if isinstance(block, Reference) else None
    return Node(type(block), text, before, order, flat(label[1] if label else text))


def _siblings(blocks: Sequence[Block], before: str = "") -> list[Node]:
    gaps = [before, *(block.gap for block in blocks)]
    return [_node(block, gaps[order], order) for order, block in enumerate(blocks)]


def _item_node(item: Item, before: str, order: int) -> Node:
    first = item.blocks[0] if item.blocks else item
    below = item.blocks[1:]
    stop = first.stop
    if first.start > item.start:
        below, stop = item.blocks, item.start + 1
    elif not isinstance(first, Paragraph) or item.nesting > _DEEPEST:
        below, stop = (), item.stop
    text = "".join(item.source[item.start : stop])
    gap = "".join(item.source[stop : below[0].start]) if below else ""
    head = ITEM_HEAD.match(text)
    return Node(Item, text, before, order, flat(head[3] if head else text), _siblings(below, gap))


def words_in(text: str) -> list[str]:
    """Return a text's words, without case, punctuation and the marks of lists, boxes, headings and quotations."""
    # Of all marks, only numbers and ticks look like words.
    if "[x]" in text or "[X]" in text or _NUMBER.search(f"\n{text}"):
        text = MARK.sub("", text)
    return word_list(text)


def flat(text: str) -> str:
    """Return a text on one line, with single spaces."""
    return " ".join(text.split())
