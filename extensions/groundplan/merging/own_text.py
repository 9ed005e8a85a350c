"""Merge of a unit's own text, without what stands in it: by fields for headings and items, by lines for code."""

import re
from collections import Counter

from groundplan.merging.known import title_of
from groundplan.merging.nodes import ITEM_HEAD, Node, flat, words_in
from groundplan.merging.placeholders import is_filled_in, is_rewritten
from groundplan.merging.prose import first_known, is_shortened, merge_lines, merge_words, same_words, three_way
from groundplan.text.blocks import Code, Fence, Item, Section

# Words of fewer letters than this are marks, or hold others together.
_TELLING = 3
_HEADING = re.compile(r"( {0,3}#{1,6}[ \t]+)(.*?)(\s*)", re.DOTALL)


def is_moot(base: Node, ours: Node) -> bool:
    """Return whether it does not matter to the user how the template rewords a text."""
    return (
        ours.is_guidance
        or ours.is_toc_entry
        or ours.kind is Section
        or is_filled_in(base.text, ours.text)
        or _is_answer(base, ours)
    )


def _is_answer(base: Node, ours: Node) -> bool:
    """Return whether the user left the question of an item or a paragraph as it was and wrote something below it."""
    question = title_of(base)
    return ours.kind is not Section and bool(question) and flat(question) == flat(title_of(ours))


def merge_own_text(base: Node | None, ours: Node, theirs: Node, *, yielding: bool) -> str | None:
    """Merge a unit's own text.

    Args:
        base: The unit in the common ancestor; None if both sides added it.
        ours: The unit as the user left it.
        theirs: The unit as the template has it.
        yielding: Whether the template yields where the user wrote something else.

    Returns:
        The merged text, or None where both sides changed the same words.
    """
    if not base or ours.text == theirs.text:
        return ours.text if same_words(ours.text, theirs.text) else None
    if yielding and theirs.text != base.text and is_rewritten(base.text, ours.text):
        return ours.text
    if ours.kind is Section:
        return _merge_headings(base.text, ours.text, theirs.text)
    if ours.kind is Item:
        return _merge_item_heads(base.text, ours.text, theirs.text, yielding=yielding)
    if ours.kind in (Fence, Code):
        return merge_lines(base.text, ours.text, theirs.text)
    return merge_words(base.text, ours.text, theirs.text, yielding=yielding)


def _merge_item_heads(base: str, ours: str, theirs: str, *, yielding: bool) -> str | None:
    """Merge marker, box and text of an item, each for itself."""
    heads = [match.groups() for text in (base, ours, theirs) if (match := ITEM_HEAD.fullmatch(text))]
    if len(heads) < 3:
        return merge_words(base, ours, theirs, yielding=yielding)
    marks, boxes, texts = zip(*heads, strict=True)
    takes_ours = yielding and three_way(*texts) is None and _is_own(*texts)
    merged = texts[1] if takes_ours else merge_words(*texts, yielding=yielding)
    if merged is None:
        return None
    mark, box = (first_known(three_way(*fields), fields[1]) for fields in (marks, boxes))
    return f"{mark}{box or ''}{merged}"


def _is_own(base: str, ours: str, theirs: str) -> bool:
    """Return whether an item is the user's whatever the template made of it.

    So it is where the user only shortened it, or reworded what the template gave a mark such as `(R)` or a word such as
    `is`, which says nothing of the user's words.
    """
    b, t = (Counter(words_in(text)) for text in (base, theirs))
    return is_shortened(base, ours) or all(len(word) < _TELLING for word in [*(b - t), *(t - b)])


def _merge_headings(base: str, ours: str, theirs: str) -> str | None:
    """Merge level and title of a heading, each as a whole: words of two titles put together name nothing."""
    heads = [match.groups() for text in (base, ours, theirs) if (match := _HEADING.fullmatch(text))]
    if len(heads) < 3:
        return None
    marks, titles, ends = zip(*heads, strict=True)
    title = three_way(*titles)
    return None if title is None else f"{first_known(three_way(*marks), marks[1])}{title}{ends[1]}"


def shifted(heading: str, levels: int) -> str:
    """Write a heading some levels deeper, or higher for a negative number, where Markdown has such a level."""
    marks = heading[: len(heading) - len(heading.lstrip("#"))]
    level = min(6, max(1, len(marks) + levels))
    return "#" * level + heading[len(marks) :] if marks and levels else heading
