"""Text of the template made to fit where it goes: another indentation, another bullet."""

from collections.abc import Sequence

from groundplan.merging.nodes import ITEM_HEAD, Node
from groundplan.text.blocks import split_lines


def fit_item(item: Node, siblings: Sequence[Node]) -> str:
    """Write a list item so that it belongs to another list.

    Args:
        item: The item.
        siblings: The items of the list it comes to.

    Returns:
        Its text with all that stands in it. A number stays as it is: renderers count for themselves.
    """
    own, model = _mark(item), next((mark for sibling in siblings if (mark := _mark(sibling))), "")
    if not own or not model:
        return item.whole
    indent = model[: len(model) - len(model.lstrip())]
    mark = indent + own.lstrip() if own.strip()[-1] in ".)" or model.strip()[-1] in ".)" else model
    return mark + indent_rest(item.whole.removeprefix(own), len(own), len(mark))


def _mark(item: Node) -> str:
    """Return an item's indentation, bullet and the spaces behind it."""
    head = ITEM_HEAD.match(item.text)
    return head[1] if head else ""


def content_column(item: Node) -> int:
    """Return how far the content of an item is indented."""
    return len(_mark(item))


def indent_rest(text: str, old: int, new: int) -> str:
    """Indent all lines but the first anew; lines that are not indented that far stay as they are."""
    first, *rest = split_lines(text) or [""]
    return first + indent("".join(rest), old, new)


def indent(text: str, old: int, new: int) -> str:
    """Indent lines by `new` spaces instead of `old`; lines that are not indented that far stay as they are."""
    if old == new:
        return text
    return "".join(" " * new + line[old:] if line.startswith(" " * old) else line for line in split_lines(text))
