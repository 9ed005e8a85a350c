"""Three versions of one piece of text made one: by words for prose, by lines for code."""

import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Literal, NamedTuple, TypeVar

from groundplan.merging.placeholders import is_filled_in
from groundplan.text.alignment import align

Value = TypeVar("Value")

_BREAK = re.compile(r"\n[ \t]*\n")
_WORD = re.compile(r"(\S+)(\s*)")
# Marks at a word's edges that say nothing of their own in prose: quotation, emphasis, and the end of a clause.
_OPENING = "\"'(*_`\u2018\u201c"
_CLOSING = "\"')*_`\u2019\u201d.,;:!?"
_DIGIT_AT_EDGE = re.compile(r"^\W*\d|\d\W*$")


class _Token(NamedTuple):
    """A word or a line, with the white space that follows it."""

    text: str
    space: str


class Clash(NamedTuple):
    """A unit, in whole lines, that both sides changed and no rule settles."""

    base: str
    ours: str
    theirs: str


Part = str | Clash

_Tokens = Sequence[_Token]
_Texts = Sequence[str]
_Side = Literal["ours", "theirs", "both"]
_Settle = Callable[[_Texts, _Texts, _Texts], _Side | None]


def three_way(base: Value, ours: Value, theirs: Value) -> Value | None:
    """Take the side that changed; None when both did, differently."""
    if ours in (theirs, base):
        return theirs
    return ours if theirs == base else None


def first_known(value: Value | None, otherwise: Value) -> Value:
    """Take a value, or another where there is none."""
    return otherwise if value is None else value


def same_words(left: str, right: str) -> bool:
    """Return whether two texts differ in nothing but white space and line breaks."""
    return left == right or left.split() == right.split()


def is_shortened(base: str, ours: str) -> bool:
    """Return whether a text holds nothing that the base has not, in the base's order."""
    return ours == base or _is_within(ours.split(), base.split())


def merge_words(base: str, ours: str, theirs: str, *, yielding: bool = True) -> str | None:
    """Merge three versions of some prose by words.

    Args:
        base: The common ancestor.
        ours: The user's version.
        theirs: The template's version.
        yielding: Whether the template yields where the user took words out or filled placeholders in.

    Returns:
        The merged text, or None where both changed the same words and mean different things.
    """
    spaced = three_way(base.split(), ours.split(), theirs.split())
    has_breaks = any(_BREAK.search(text.strip()) for text in (base, ours, theirs))
    if spaced is not None and not has_breaks:
        return ours if spaced == ours.split() else theirs
    sides = [[_Token(*word) for word in _WORD.findall(text.rstrip())] for text in (base, ours, theirs)]
    merged = _merge(sides, _settle_yielding if yielding else _settle_words)
    if merged is None:
        return None
    start, end = len(ours) - len(ours.lstrip()), len(ours.rstrip())
    return ours[:start] + _join(merged, " ") + ours[end:]


def merge_lines(base: str, ours: str, theirs: str) -> str | None:
    """Merge three versions of some code by lines; as `merge_words`, but all white space counts."""
    sides = [[_Token(line, "\n") for line in text.split("\n")] for text in (base, ours, theirs)]
    merged = _merge(sides, _settle_containment)
    return None if merged is None else _join(merged, "\n")


def _merge(sides: Sequence[_Tokens], settle: _Settle) -> _Tokens | None:
    """Merge what lies between the tokens that stand in all three."""
    base, ours, theirs = sides
    texts = [[token.text for token in side] for side in sides]
    in_ours, in_theirs = dict(align(texts[0], texts[1])), dict(align(texts[0], texts[2]))
    stable = [(number, in_ours[number], in_theirs[number]) for number in in_ours if number in in_theirs]
    merged: list[_Token] = []
    b = o = t = 0
    for b_end, o_end, t_end in [*stable, (len(base), len(ours), len(theirs))]:
        chunk = _merge_chunk(base[b:b_end], ours[o:o_end], theirs[t:t_end], settle)
        if chunk is None:
            return None
        merged += chunk
        if b_end < len(base):
            spaces = base[b_end].space, ours[o_end].space, theirs[t_end].space
            merged.append(_Token(base[b_end].text, first_known(three_way(*spaces), spaces[1])))
        b, o, t = b_end + 1, o_end + 1, t_end + 1
    return merged


def _merge_chunk(base: _Tokens, ours: _Tokens, theirs: _Tokens, settle: _Settle) -> _Tokens | None:
    b, o, t = ([token.text for token in side] for side in (base, ours, theirs))
    if t in (b, o):
        return ours
    if b == o:
        return theirs
    side = settle(b, o, t)
    if b and not _settle_containment(b, o, t) and not (settle is _settle_yielding and _is_answered(b, o)):
        beside = _put_beside(base, ours, theirs) or _put_beside(base, theirs, ours)
        if beside:
            return beside
    if side == "both":
        return [*theirs[:-1], theirs[-1]._replace(space=theirs[-1].space or " "), *ours]
    return {"ours": ours, "theirs": theirs, None: None}[side]


def _put_beside(base: _Tokens, changed: _Tokens, extended: _Tokens) -> _Tokens | None:
    """Change words that the other side wrote something before or behind."""
    before, behind = (len(_common(base[::step], extended[::step])) == len(base) for step in (-1, 1))
    if not changed or len(extended) <= len(base) or not (before or behind):
        return None
    if behind:
        return [*changed[:-1], changed[-1]._replace(space=base[-1].space or " "), *extended[len(base) :]]
    return [*extended[: len(extended) - len(base)], *changed]


def _common(left: _Tokens, right: _Tokens) -> _Tokens:
    """Return what two sequences begin with alike."""
    same = takewhile(lambda pair: pair[0].text == pair[1].text, zip(left, right, strict=False))
    return [token for token, _ in same]


def _settle_containment(base: _Texts, ours: _Texts, theirs: _Texts) -> _Side | None:
    """Take the side that did all the other did and more."""
    if _is_within(theirs, ours):
        return "ours"
    return "theirs" if _is_within(ours, theirs) else None


def _settle_words(base: _Texts, ours: _Texts, theirs: _Texts) -> _Side | None:
    b, o, t = (" ".join(side) for side in (base, ours, theirs))
    # What one side dropped stays as the other has it, though it be in a mark.
    meant = _by_meaning(b, o, t) if ours and theirs else None
    if meant is not None:
        return "ours" if meant == o else "theirs"
    return _settle_containment(base, ours, theirs)


def _settle_yielding(base: _Texts, ours: _Texts, theirs: _Texts) -> _Side | None:
    if _is_answered(base, ours):
        return "ours"
    settled = _settle_words(base, ours, theirs)
    return settled if settled or base else "both"


def _is_answered(base: _Texts, ours: _Texts) -> bool:
    return not ours or is_filled_in(" ".join(base), " ".join(ours))


def _by_meaning(base: str, ours: str, theirs: str) -> str | None:
    """Take the side that changed more than white space, or else more than case and punctuation."""
    for meaning in (str.split, _bare_words):
        b, o, t = meaning(base), meaning(ours), meaning(theirs)
        if o in (b, t) or b == t:
            return theirs if o == b != t else ours
    return None


def _bare_words(text: str) -> list[str]:
    """Return a text's words without case and punctuation, but with all that touches a digit: 15% is not 1.5%."""
    return [_bare(word) for word in text.split()]


def _bare(word: str) -> str:
    if _DIGIT_AT_EDGE.search(word):
        return word
    return word.lstrip(_OPENING).rstrip(_CLOSING).casefold() or word


def _is_within(part: _Texts, whole: _Texts) -> bool:
    """Return whether the whole holds all of the part, in order."""
    rest = iter(whole)
    return all(text in rest for text in part)


def _join(tokens: _Tokens, between: str) -> str:
    *first, last = tokens or [_Token("", "")]
    return "".join(token.text + (token.space or between) for token in first) + last.text
