"""Sets into a rendered plan what a brief could not hold of a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from groundplan.adopting.headings import Topic, key_of, topic_at
from groundplan.adopting.reading import EVERYTHING, Claim, Piece, Reading
from groundplan.adopting.values import columns_of, label_and_rest
from groundplan.plan.headings import OUR_HEADINGS, Headings
from groundplan.plan.outline import IMPLEMENTATION, OUTLINES, HeadingPath, known
from groundplan.plan.placeholders import is_all_placeholder
from groundplan.plan.stage import with_status
from groundplan.text.blocks import Block, Document, Item, List, Paragraph, Section, Table
from groundplan.text.markdown import parse

# A plan needs a way back, so its place stays until somebody fills it.
_NEEDED = "rollout.rollback"
_ORDER = {path: number for number, path in enumerate(known(OUTLINES[max(OUTLINES)]))}


def compose(plan: str, reading: Reading, source: Sequence[str], headings: Headings = OUR_HEADINGS) -> str:
    """Set the pieces of a document into the plan that was rendered from its brief.

    Args:
        plan: The rendered plan.
        reading: What was read from the document.
        source: The document's lines.
        headings: What the team calls the plan's sections.

    Returns:
        The plan: the pieces stand at the ends of their sections, sections of a person's own behind the one that they
        followed, and placeholders that a piece answers are gone.
    """
    composer = _Composer(parse(plan), headings, reading.answers.get("tasks", {}))
    lost: list[Piece] = []
    for piece in _with_one_checklist(reading.pieces, composer):
        if piece.place and not composer.has(piece.place):
            lost.append(piece)
        elif not piece.is_held:
            composer.set_in(piece)
    claims = [claim for claim in reading.claims if claim.place and not composer.has(claim.place)]
    claims = [claim for claim in claims if claim.place[0] != IMPLEMENTATION]
    for path, text in _lost_sections(lost, claims, source):
        composer.add_section(path, text)
    text = composer.text()
    return with_status(text, "in-progress") if reading.is_started else text


def _with_one_checklist(pieces: Sequence[Piece], composer: _Composer) -> Iterator[Piece]:
    """Yield the pieces; those of phases as one where the plan has one checklist for all of them."""
    phases = [piece for piece in pieces if piece.place[:1] == (IMPLEMENTATION,) and piece.place[1:]]
    if not phases or composer.has(phases[0].place):
        yield from pieces
        return
    yield from (piece for piece in pieces if piece not in phases)
    if not all(piece.is_held for piece in phases):
        text = "\n".join(piece.text for piece in phases)
        yield Piece((IMPLEMENTATION,), text, phases[0].start, phases[-1].stop, replaces=True)


def _lost_sections(
    pieces: Sequence[Piece], claims: Sequence[Claim], source: Sequence[str]
) -> Iterator[tuple[HeadingPath, str]]:
    """Yield what belongs to sections that a plan of this depth lacks, as it stood."""
    places = [*(claim.place for claim in claims), *(piece.place for piece in pieces)]
    for place in dict.fromkeys(places):
        here = [piece for piece in pieces if piece.place == place]
        shown = {line for piece in here if piece.replaces for line in range(piece.start, piece.stop)}
        claimed = [claim for claim in claims if claim.place == place and claim.key != "(heading)"]
        lines = {line for claim in claimed for line in range(claim.start, claim.stop)} - shown
        texts = {piece.start: piece.text for piece in here} | dict(_runs(sorted(lines), source))
        if texts:
            yield place, "\n".join(text for _, text in sorted(texts.items()))


def _runs(lines: Sequence[int], source: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Put lines together that only blank ones part."""
    start = 0
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else len(source)
        if number + 1 == len(lines) or any(text.strip() for text in source[line + 1 : after]):
            yield lines[start], "".join(source[lines[start] : line + 1])
            start = number + 1


class _Composer:
    """Gathers cuts and insertions by line, so that all lines keep their numbers meanwhile."""

    def __init__(self, document: Document, headings: Headings, tasks: Mapping[str, Sequence[str]]) -> None:
        self._document = document
        self._headings = headings
        sections = [section for section in document.root.walk() if section.level > 0]
        self._sections = {tuple(map(headings.key, section.path[1:])): section for section in sections}
        self._cut: set[int] = set()
        self._inserted: dict[int, list[str]] = {}
        self._texts: list[str] = []
        # What the brief has of tasks, as they were rendered.
        self._tasks = {text.removeprefix("[x] ") for texts in tasks.values() for text in texts}
        self._added: dict[HeadingPath, list[str]] = {}

    def has(self, place: HeadingPath) -> bool:
        return place in self._sections

    def set_in(self, piece: Piece) -> None:
        """Set a piece into its place."""
        section = self._sections[piece.place]
        if piece.text.strip() in self._text_of(section):
            return
        if piece.is_section:
            self._insert(_stop(section, deep=True), piece.text)
            return
        if piece.replaces and (block := _answered(section, piece.text)):
            self._cut.update(set(range(block.start, block.stop)) - self._teams(block, piece))
            self._insert(block.start, piece.text)
            return
        places = [self._prune(block, piece) for block in section.blocks]
        self._insert(next((place for place in places if place is not None), _stop(section)), piece.text)

    def add_section(self, path: HeadingPath, text: str) -> None:
        """Add a section that the plan lacks, behind the one that comes before it in a plan."""
        before = [place for place in self._sections if place in _ORDER and _ORDER[place] < _ORDER[path]]
        anchor = max(before, key=_ORDER.__getitem__)
        shared = [path[: n + 1] for n in range(len(path)) if path[: n + 1] not in self._sections]
        new = [part for part in shared if part not in self._added]
        self._added.update({part: [] for part in new})
        headings = "".join(f"{'#' * (len(part) + 1)} {self._headings.shown(part[-1])}\n\n" for part in new)
        self._insert(_stop(self._sections[anchor], deep=True), headings + text)

    def _teams(self, block: Block, piece: Piece) -> set[int]:
        """Return the lines of tasks that a team adds to every plan, which no document answers."""
        if piece.place[0] != IMPLEMENTATION or not isinstance(block, List):
            return set()
        items = [item for item in block.items if item.content not in self._tasks]
        return {line for item in items for line in range(item.start, item.stop)}

    def _text_of(self, section: Section) -> str:
        return "".join(line for block in section.blocks for line in block.lines)

    def _insert(self, line: int, text: str) -> None:
        self._texts.append(text.strip("\n") + "\n")
        self._inserted.setdefault(line, []).append(self._texts[-1])

    def _prune(self, block: Block, piece: Piece) -> int | None:
        """Cut the placeholders that a piece answers; return the line to set it in, where one began the block."""
        topic = topic_at(piece.place)
        parts: Sequence[Block] = block.items if isinstance(block, List) else (block,)
        going = [part for part in parts if _is_open(part) and _is_answered(_key(part, topic), piece.answers)]
        if len(going) == len(parts):
            self._cut.update(range(block.start, block.end))
        for part in going:
            self._cut.update(range(part.start, part.stop))
        return block.start if going and going[0].start == block.start else None

    def text(self) -> str:
        """Return the plan with all cuts and insertions."""
        texts: list[str] = []
        is_seam = False
        for number, line in enumerate([*self._document.lines, ""]):
            for text in self._inserted.get(number, ()):
                texts += ["\n"] if texts and texts[-1].strip() else []
                texts.append(text)
            is_seam = is_seam or number in self._inserted or number in self._cut
            if number in self._cut or not line:
                continue
            is_double = not line.strip() and bool(texts) and not texts[-1].strip()
            if is_seam and is_double:
                continue
            is_inserted = bool(texts) and any(texts[-1] is text for text in self._texts)
            texts += ["\n"] if is_inserted and line.strip() else []
            is_seam = is_seam and not line.strip()
            texts.append(line)
        return "".join(texts).rstrip("\n") + "\n"


def _stop(section: Section, *, deep: bool = False) -> int:
    blocks = list(section.all_blocks()) if deep else [*([section.heading] if section.heading else ()), *section.blocks]
    return blocks[-1].stop


def _answered(section: Section, text: str) -> Block | None:
    """Find what the brief's answer was written as: a table where the piece is one, else a list."""
    kind = Table if text.startswith("|") else List
    return next((block for block in section.blocks if isinstance(block, kind)), None)


def _is_open(part: Block) -> bool:
    if isinstance(part, Table):
        return all(is_all_placeholder(row.text) for row in part.rows)
    if isinstance(part, Item):
        below = [inner for block in part.blocks if isinstance(block, List) for inner in block.items]
        return all(map(_is_open, below)) if below else is_all_placeholder(part.content)
    return isinstance(part, Paragraph) and is_all_placeholder(part.text)


def _key(part: Block, topic: Topic) -> str:
    if isinstance(part, Table):
        return next((key for key, fields in topic.columns.items() if columns_of(part, fields)), topic.key)
    if isinstance(part, Item):
        label = label_and_rest(part.content)
        return key_of(label[0] if label else part.content, topic) or topic.key
    return topic.key


def _is_answered(key: str, answers: frozenset[str]) -> bool:
    return key in answers or (EVERYTHING in answers and key != _NEEDED)
