"""What became of a document's text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from groundplan.adopting.links import Unresolved
from groundplan.adopting.reading import Piece, Reading
from groundplan.adopting.sources import Source
from groundplan.features.report import Outcome, Status
from groundplan.layout import PLAN_NAME
from groundplan.plan.document import Page, read_page
from groundplan.text.markdown import parse

# Of the placeholders that are left, how many people are told by name.
_SHOWN = 8
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Taken:
    """An answer that was found.

    Attributes:
        key: The brief's key.
        places: Where it stood, as `file:line`.
    """

    key: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Understood:
    """A line that stands in the plan in another form, such as a date or a heading.

    Attributes:
        key: What it was understood as.
        place: Where it stood, as `file:line`.
        text: The line.
    """

    key: str
    place: str
    text: str


@dataclass(frozen=True)
class Left:
    """Text that stands as it stood, since no answer holds it.

    Attributes:
        place: Where it stood, as `file:line`.
        section: The plan's section that it stands in, or behind.
        text: How it begins.
    """

    place: str
    section: str
    text: str


@dataclass(frozen=True)
class Link:
    """A relative link that could not follow the document, and stands as it stood.

    Attributes:
        place: Where it stood, as `file:line`.
        target: Where it leads.
        reason: Why it stays.
    """

    place: str
    target: str
    reason: str


@dataclass(frozen=True)
class Adopted(Outcome):
    """What became of one document.

    Attributes:
        taken: The answers that were found.
        understood: The lines that stand in another form.
        left: The text that stands as it stood.
        links: The relative links that could not follow it.
        open: The placeholders that are left in the plan.
    """

    taken: tuple[Taken, ...] = ()
    understood: tuple[Understood, ...] = ()
    left: tuple[Left, ...] = ()
    links: tuple[Link, ...] = ()
    open: tuple[str, ...] = ()


def adopted(source: Source, reading: Reading, links: Sequence[Unresolved], folder: Path) -> Adopted:
    """Report what became of a document.

    Args:
        source: The document.
        reading: What was read from it.
        links: The relative links that could not follow it.
        folder: The plan folder as it will be.
    """
    texts = [path.read_text("utf-8") for path in sorted(folder.rglob("*.md"))]
    taken = tuple(_taken(reading, source))
    understood = tuple(_understood(source, reading, texts))
    left = tuple(_left(piece, source) for piece in reading.pieces if not piece.replaces)
    page = read_page(PLAN_NAME, parse((folder / PLAN_NAME).read_text("utf-8")))
    still_open = tuple(placeholder.text for placeholder in page.placeholders)
    told = Adopted(
        "",
        Status.MADE,
        taken=taken,
        understood=understood,
        left=left,
        links=tuple(Link(source.place(link.line), link.target, link.reason) for link in links),
        open=still_open,
    )
    notes = [*_notes(told, source, page)]
    if reading.adopter:
        notes.append(f"owner: {reading.adopter}, who adopts it by git's user.email, since nobody else is named")
    return replace(told, notes=tuple(notes))


def _taken(reading: Reading, source: Source) -> Iterator[Taken]:
    places: dict[str, list[str]] = {}
    for key, line in reading.lines.items():
        places.setdefault(key.partition("[")[0], []).append(source.place(line))
    yield from (Taken(key, tuple(dict.fromkeys(found))) for key, found in places.items())


def _understood(source: Source, reading: Reading, texts: Iterable[str]) -> Iterator[Understood]:
    result = f" {' '.join(word for text in texts for word in _words(text))} "
    lines = source.text.split("\n")
    seen: set[int] = set()
    for claim in sorted(reading.claims, key=lambda claim: (claim.start, claim.stop)):
        for number in range(claim.start, claim.stop):
            words = " ".join(_words(lines[number]))
            if words and number not in seen and f" {words} " not in result:
                seen.add(number)
                yield Understood(claim.key.strip("()"), source.place(number + 1), lines[number].strip())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _left(piece: Piece, source: Source) -> Left:
    section = piece.place[-1] if piece.place else "the title"
    return Left(source.place(piece.start + 1), section, piece.first_words)


def _notes(told: Adopted, source: Source, page: Page) -> Iterator[str]:
    """Yield for people what became of the document, its lines by number where it is one file."""
    name = f"{source.parts[0].path}:"

    def shown(place: str) -> str:
        return f"line {place.removeprefix(name)}" if len(source.parts) == 1 else place

    if told.taken:
        yield f"answers: {', '.join(dict.fromkeys(answer.key for answer in told.taken))}"
    contents = [line for line in told.understood if line.key == "contents"]
    if contents:
        yield f"{shown(contents[0].place)}, a table of contents of {len(contents)} lines: left out, for headings moved"
    for line in told.understood:
        if line.key != "contents":
            yield f"{shown(line.place)}, understood as {line.key}: {line.text}"
    for piece in told.left:
        yield f"{shown(piece.place)}, as it stood, now in “{piece.section}”: {piece.text}"
    for link in told.links:
        yield f"{shown(link.place)}, a link that stays as it is, for {link.reason}: {link.target}"
    if told.open:
        asked = list(dict.fromkeys(told.open))
        more = f" and {len(asked) - _SHOWN} more; groundplan check names their lines" if len(asked) > _SHOWN else ""
        yield f"still to answer: {', '.join(asked[:_SHOWN])}{more}"
    if source.folder:
        document = os.path.commonpath([part.path for part in source.parts])
        ends = tuple("/" + "/".join(Path(part.path).absolute().parts[-2:]) for part in source.parts)
        leads = any(unquote(target.partition("#")[0]).endswith(ends) for target, _ in page.links)
        once = ", once the plan's links to it are gone" if leads else ""
        yield f"may be deleted now{once}, since all of it stands in the plan or above: {document}"
