"""Which plans some plans must be judged beside, so that checking one plan does not take reading all of them."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from groundplan.checks.portfolio import MOST_NAMED, changes
from groundplan.layout import ANSWERS_NAME, PLAN_NAME, PLAN_ROOT
from groundplan.plan.files import UnreadableFileError, read_bytes, read_text
from groundplan.plan.model import Plan
from groundplan.plan.reader import read_plan_alone

_LINK_TARGET = re.compile(rb"\]\([^)\n]*\)")
_WORD = re.compile(rb"[\w-]")


def neighbours(root: Path, plans: Sequence[Plan], slugs: Iterable[str]) -> list[Plan]:
    """Read the plans that some plans can be at odds with.

    Args:
        root: The folder that holds `docs/plan_docs`.
        plans: The plans to judge.
        slugs: The folders that were not read yet.

    Returns:
        The first plans, by name, that change what one of the plans changes: one more than a finding names. And those
        that one of the plans depends on, or that such a one depends on.
    """
    left = sorted(slugs)
    read = {plan.slug: plan for plan in _rivals(root, plans, left)}
    needed = {slug for plan in plans for slug in plan.front_matter.depends_on}.intersection(left)
    seen: set[str] = set()
    while needed:
        seen |= needed
        further = [plan for slug in sorted(needed) if (plan := read.get(slug) or _readable(root, slug))]
        read |= {plan.slug: plan for plan in further}
        needed = {slug for plan in further for slug in plan.front_matter.depends_on}.intersection(left) - seen
    return list(read.values())


def _rivals(root: Path, plans: Sequence[Plan], slugs: Iterable[str]) -> Iterator[Plan]:
    """Read those that change the same, by what they change: its words are looked for before a plan is parsed."""
    sought = {key: _Name(key.partition(" ")[2]) for plan in plans for key, _, _ in changes(plan)}
    count = dict.fromkeys(sought, 0)
    for slug in slugs:
        if sought and _mentions(root, slug, sought.values()) and (plan := _readable(root, slug)):
            yield plan
            for key in {key for key, _, _ in changes(plan)} & sought.keys():
                count[key] += 1
                if count[key] > MOST_NAMED:
                    del sought[key]


def _readable(root: Path, slug: str) -> Plan | None:
    folder = f"{PLAN_ROOT}/{slug}"
    try:
        answers = read_bytes(root, f"{folder}/{ANSWERS_NAME}") if (root / folder / ANSWERS_NAME).exists() else b""
        return read_plan_alone(slug, read_text(root, f"{folder}/{PLAN_NAME}"), answers.decode("utf-8", "replace"))
    except Exception:
        # Whatever is wrong with it is for those to hear who check it.
        return None


def _mentions(root: Path, slug: str, sought: Collection["_Name"]) -> bool:
    try:
        text = _Text(read_bytes(root, f"{PLAN_ROOT}/{slug}/{PLAN_NAME}"))
    except UnreadableFileError:
        return False
    return any(name.stands_in(text) for name in sought)


class _Name:
    """What a plan changes: a component's name, or a path, whose parts a drawn tree has in many lines."""

    def __init__(self, name: str) -> None:
        parts = {_plain(part.encode()) for part in name.casefold().split("/")}
        # The longest is the rarest.
        phrases = sorted((b" ".join(part.split()) for part in parts), key=len, reverse=True)
        self._phrases = [_phrase(phrase) for phrase in phrases if phrase]

    def stands_in(self, text: "_Text") -> bool:
        """Return whether a text has each part of it."""
        return all(map(text.has, self._phrases))


@dataclass(frozen=True, slots=True, eq=False)
class _Phrase:
    """Words in a row, to be looked for in bytes: what they begin with is found much quicker than a pattern is."""

    start: bytes
    pattern: re.Pattern[bytes]
    is_ascii: bool


@cache
def _phrase(phrase: bytes) -> _Phrase:
    words = phrase.split()
    # “feature-3” is not “feature-30”.
    pattern = re.compile(rb"\s+".join(map(re.escape, words)) + rb"(?![\w-])")
    return _Phrase(words[0], pattern, phrase.isascii())


class _Text:
    """A plan's text in lower case, without what Markdown puts around and between words."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._ascii = _plain(content.lower())
        self._has: dict[_Phrase, bool] = {}

    def has(self, phrase: _Phrase) -> bool:
        """Return whether a phrase stands in the text; paths have many of their parts in common."""
        if phrase not in self._has:
            self._has[phrase] = _stands(phrase, self._ascii if phrase.is_ascii else self._folded)
        return self._has[phrase]

    @cached_property
    def _folded(self) -> bytes:
        """The text with all letters in lower case, which takes ten times as long as those of ASCII."""
        return _plain(self._content.decode("utf-8", "replace").casefold().encode())


def _stands(phrase: _Phrase, text: bytes) -> bool:
    place = text.find(phrase.start)
    while place >= 0:
        if not _WORD.match(text, max(place - 1, 0), place) and phrase.pattern.match(text, place):
            return True
        place = text.find(phrase.start, place + 1)
    return False


def _plain(text: bytes) -> bytes:
    return _LINK_TARGET.sub(b"", text).translate(None, b"`*_\\[]")
