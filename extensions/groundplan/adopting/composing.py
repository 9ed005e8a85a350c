"""Sets into a rendered plan what a brief could not hold of a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from groundplan.adopting.headings import Topic, key_of, topic_at
from groundplan.adopting.reading import EVERYTHING, Claim, Piece, Reading
from groundplan.adopting.values import columns_of, label_and_rest
from groundplan.plan.outline import OUTLINES, HeadingPath, known
from groundplan.plan.placeholders import is_all_placeholder
from groundplan.plan.stage import with_status
from groundplan.text.blocks import Block, Document, Item, List, Paragraph, Section, Table
from groundplan.text.markdown import parse

# A plan needs a way back, so its place stays until somebody fills it.
_NEEDED = "rollout.rollback"
_ORDER = {path: number for number, path in enumerate(known(OUTLINES[max(OUTLINES)]))}


def compose(plan: str, reading: Reading, source: Sequence[str]) -> str:
    """Set the pieces of a document into the plan that was rendered from its brief.

    Args:
        plan: The rendered plan.
        reading: What was read from the document.
        source: The document's lines.

    Returns:
        The plan: the pieces stand at the ends of their sections, sections of a person's own behind the one that they
        followed, and placeholders that a piece answers are gone.
    """
    composer = _Composer(parse(plan))
    there = [piece for piece in reading.pieces if not piece.place or composer.has(piece.place)]
    for piece in there:
        composer.set_in(piece)
    gone = [piece for piece in reading.pieces if piece.place and not composer.has(piece.place)]
    claims = [claim for claim in reading.claims if claim.place and not composer.has(claim.place)]
    for path, text in _lost_sections(gone, claims, source):
        composer.add_section(path, text)
    text = composer.text()
    return with_status(text, "in-progress") if reading.is_started else text


def _lost_sections(
    pieces: Iterable[Piece], claims: Iterable[Claim], source: Sequence[str]
) -> Iterator[tuple[HeadingPath, str]]:
    """Yield what belongs to sections that a plan of this depth lacks, as it stood."""
    shown: dict[HeadingPath, dict[int, str]] = {}
    for piece in pieces:
        shown.setdefault(piece.place, {})[piece.start] = piece.text
    for claim in claims:
        if claim.key not in ("(heading)", "(label)"):
            shown.setdefault(claim.place, {}).setdefault(claim.start, "".join(source[claim.start : claim.stop]))
    for path, texts in shown.items():
        yield path, "\n".join(text for _, text in sorted(texts.items()))


class _Composer:
    """Gathers cuts and insertions by line, so that all lines keep their numbers meanwhile."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._sections = {section.path[1:]: section for section in document.root.walk() if section.level > 0}
        self._cut: set[int] = set()
        self._inserted: dict[int, list[str]] = {}
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
            self._cut.update(range(block.start, block.stop))
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
        headings = "".join(f"{'#' * (len(part) + 1)} {part[-1]}\n\n" for part in new)
        self._insert(_stop(self._sections[anchor], deep=True), headings + text)

    def _text_of(self, section: Section) -> str:
        return "".join(line for block in section.blocks for line in block.lines)

    def _insert(self, line: int, text: str) -> None:
        self._inserted.setdefault(line, []).append(text.strip("\n") + "\n")

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
        lines: list[str] = []
        is_seam = False
        for number, line in enumerate([*self._document.lines, ""]):
            for text in self._inserted.get(number, ()):
                if lines and lines[-1].strip():
                    lines.append("\n")
                lines.append(text)
                is_seam = True
            if number in self._cut:
                is_seam = True
            elif line:
                is_blank = not line.strip()
                if is_seam and is_blank and lines and not lines[-1].strip():
                    continue
                if is_seam and not is_blank and lines and lines[-1].strip() and number in self._inserted:
                    lines.append("\n")
                is_seam = is_seam and is_blank
                lines.append(line)
        return "".join(lines).rstrip("\n") + "\n"


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
