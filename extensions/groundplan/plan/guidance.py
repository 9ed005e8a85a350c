"""What only helps to write a plan: comments for whoever writes, and answers that nobody needs to give."""

from collections.abc import Iterator

from groundplan.plan.document import is_guidance
from groundplan.plan.placeholders import is_all_placeholder
from groundplan.text.blocks import Block, Heading, Html, Item, List, Section, Table
from groundplan.text.markdown import parse


def without_guidance(text: str) -> str:
    """Return a document without guidance, and without placeholders beside which something was answered.

    Args:
        text: The document. A section of which nothing was answered keeps its placeholders: it waits for an answer.
    """
    document = parse(text)
    gone: set[int] = set()
    for section in document.root.walk():
        for start, stop in _superfluous(section):
            gone.update(range(start, stop))
    return "".join(line for number, line in enumerate(document.lines) if number not in gone)


def _superfluous(section: Section) -> Iterator[tuple[int, int]]:
    """Yield the lines to take out, from one to before another."""
    parts = [part for block in section.blocks for part in _parts(block)]
    answers = [part for part in parts if not _is_open(part)]
    for block in section.blocks:
        if is_guidance(block):
            yield block.start, block.end
        elif answers:
            optional = [part for part in _parts(block) if _is_open(part) and not _is_needed(part)]
            if optional and len(optional) == len(_parts(block)):
                yield block.start, block.end
            else:
                # The blank lines below the last one are the whole block's.
                yield from ((part.start, part.stop) for part in optional)


def _parts(block: Block) -> tuple[Block, ...]:
    """Return what of a block may go by itself: items, rows; nothing of what is not an answer."""
    if isinstance(block, List):
        return block.items
    if isinstance(block, Table):
        return block.rows
    return () if isinstance(block, Heading | Html) else (block,)


def _is_open(part: Block) -> bool:
    """Return whether nothing but placeholders stands there."""
    if isinstance(part, Item):
        below = [inner for block in part.blocks for inner in _parts(block) if isinstance(inner, Item)]
        own = is_all_placeholder(part.content)
        return own if not below else all(map(_is_open, below))
    return is_all_placeholder(part.text)


def _is_needed(part: Block) -> bool:
    """Return whether a plan must have it, answered: a way back."""
    return isinstance(part, Item) and part.content.lower().startswith("**rollback")
