"""Paragraphs that one side split or joined: taken as one text, so that each sentence is merged with its own kind."""

from collections.abc import Callable, Sequence
from itertools import compress
from operator import and_

from groundplan.merging.nodes import Node, flat
from groundplan.text.alignment import Bag, Elements
from groundplan.text.blocks import Paragraph

# What was split or joined keeps nearly all of its words; nobody cuts a paragraph into more pieces than this at once.
_SAME = 0.8
_MOST_PIECES = 4

Blocks = Sequence[Node]


def regroup(base: Blocks, ours: Blocks, theirs: Blocks) -> tuple[Blocks, Blocks, Blocks]:
    """Put paragraphs together that stand as one in another version.

    Args:
        base: The blocks of a section in the common ancestor.
        ours: The user's.
        theirs: The template's.

    Returns:
        The same blocks; where one version has a single paragraph for several, these are one node.
    """
    base = _put_together(_put_together(base, ours), theirs)
    return base, _put_together(ours, base), _put_together(theirs, base)


def _put_together(blocks: Blocks, other: Blocks) -> Blocks:
    """Join the runs of paragraphs that are a single one on the other side."""
    is_paragraph = [node.kind is Paragraph for node in blocks]
    if not other or not any(map(and_, is_paragraph, is_paragraph[1:])):
        return blocks
    known = {node.key for node in other}
    is_loose = [node.kind is Paragraph and node.key not in known for node in blocks]
    if not any(map(and_, is_loose, is_loose[1:])):
        return blocks
    wanted = {node.key for node in blocks}
    singles = [node for node in other if node.kind is Paragraph and node.key not in wanted]
    if not singles:
        return blocks
    bags = [single.bag for single in singles]
    elements = Elements(bags, (node.bag for node in compress(blocks, is_loose)), _SAME)

    def most_alike(words: Sequence[str]) -> float:
        return max((score for _, score in elements.alike(Bag(words))), default=0)

    joined: list[Node] = []
    number = 0
    while number < len(blocks):
        pieces = blocks[number : number + _MOST_PIECES]
        length = 1 if blocks[number].kind is not Paragraph else _run(pieces, most_alike, known)
        joined.append(_as_one(blocks[number : number + length]))
        number += length
    return joined


def _run(blocks: Blocks, most_alike: Callable[[Sequence[str]], float], known: set[tuple[type[object], str]]) -> int:
    """Return how many paragraphs from the first one are one on the other side."""
    words: list[str] = []
    best, length = _SAME, 1
    for count, node in enumerate(blocks, 1):
        if node.kind is not Paragraph or node.key in known:
            break
        words += node.bag.words
        alike = most_alike(words)
        if count == 1:
            best = max(best, alike)
        elif alike > best:
            best, length = alike, count
    return length


def _as_one(run: Blocks) -> Node:
    first, *rest = run
    if not rest:
        return first
    text = first.text + "".join(node.before + node.text for node in rest)
    return Node(Paragraph, text, first.before, first.order, flat(text))
