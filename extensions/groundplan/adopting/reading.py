"""What was read from a document: answers of a brief, and pieces of text that no answer holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from groundplan.adopting.values import fits, shape_of
from groundplan.plan.outline import HeadingPath

# Of a piece, that it answers all that its section asks.
EVERYTHING = "*"


@dataclass(frozen=True)
class Claim:
    """Lines that were understood.

    Attributes:
        key: What they answer, such as `goals`; in brackets what is not an answer, such as `(heading)`.
        start: The index of the first line.
        stop: The index after the last one.
        place: The plan's section that tells it.
    """

    key: str
    start: int
    stop: int
    place: HeadingPath = ()


@dataclass(frozen=True)
class Piece:
    """Text that stands in the plan as it stood in the document.

    Attributes:
        place: The plan's section that it stands in, or behind, where it is a section of its own; empty above the first.
        text: Its Markdown.
        start: The index of its first line in the document.
        stop: The index after the last one.
        answers: The keys that it answers, though a brief cannot hold it; `*` for all of its place.
        is_section: Whether it is a section of its own.
        replaces: Whether it stands for what the brief holds of the same, in fewer words.
        is_held: Whether the brief holds all of it, so that the plan says it already where it has the place.
    """

    place: HeadingPath
    text: str
    start: int
    stop: int
    answers: frozenset[str] = frozenset()
    is_section: bool = False
    replaces: bool = False
    is_held: bool = False

    @property
    def first_words(self) -> str:
        """How its text begins, on one line."""
        words = " ".join(self.text.lstrip("#|>- ").split())
        return words if len(words) <= 60 else f"{words[:60]}…"


@dataclass
class Reading:
    """What was read from a document.

    Attributes:
        answers: As a brief holds them.
        lines: The first line of each answer, from 1: by key, and for a list by key and number, as `goals[0]`.
        claims: What was understood, with its lines.
        pieces: What stands in the plan as it stood in the document.
        is_started: Whether a task is ticked.
        adopter: Who owns the feature for adopting it, where nobody is named.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    is_started: bool = False
    adopter: str = ""

    def answer(self, key: str, value: Any, claim: Claim) -> bool:
        """Take an answer that a brief can hold and that nothing else has answered yet; return whether it was taken."""
        name, _, below = key.partition(".")
        if shape_of(key) is not None and not fits(value, key):
            return False
        mapping = self.answers.setdefault(name, {}) if below else self.answers
        if (below or name) in mapping:
            return False
        mapping[below or name] = value
        self.lines[key] = claim.start + 1
        self.claims.append(claim)
        return True

    def add(self, key: str, entry: Any, start: int) -> bool:
        """Add an entry to a list, where a brief can hold it; return whether it was added."""
        if not fits([entry], key):
            return False
        name, _, below = key.partition(".")
        mapping = self.answers.setdefault(name, {}) if below else self.answers
        listed = mapping.setdefault(below or name, [])
        self.lines.setdefault(key, start + 1)
        self.lines[f"{key}[{len(listed)}]"] = start + 1
        listed.append(entry)
        return True

    def entries_of(self, key: str) -> list[Any]:
        """Return the entries that a list has so far."""
        name, _, below = key.partition(".")
        found = self.answers.get(name, {} if below else [])
        return list(found.get(below, []) if below else found)
