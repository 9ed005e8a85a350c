"""Reads a document, section by section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from groundplan.adopting.answering import read_blocks
from groundplan.adopting.headings import Match, topic_of
from groundplan.adopting.keeping import Keeper, span
from groundplan.adopting.reading import EVERYTHING, Claim, Piece, Reading
from groundplan.adopting.tasks import TaskReader
from groundplan.plan.outline import HeadingPath
from groundplan.rendering.branches import branch_problem, ticket_problem
from groundplan.text.blocks import Block, Section

_BRANCH = re.compile(r"\bbranch\W{1,6}`([^`\s]+)`", re.IGNORECASE)
_MILESTONE = re.compile(r"\bmilestone:?\s+\*\*([^*]+)\*\*\s+\((\d{4}-\d{2}-\d{2})\)", re.IGNORECASE)
_TICKET = re.compile(r"(?:^|/)([A-Z][A-Z0-9]+-\d+)(?![A-Z0-9])")


class Reader:
    """Reads the sections of one document, front to back."""

    def __init__(self, keeper: Keeper) -> None:
        """Begin.

        Args:
            keeper: Takes what is read.
        """
        self._keeper = keeper
        self._tasks = TaskReader(keeper)
        self._place: HeadingPath = ()

    def read(self, head: Sequence[Block], sections: Iterable[Section]) -> Reading:
        """Read a document.

        Args:
            head: The blocks above the first section that are not fields.
            sections: The outermost sections below the title.
        """
        units = list(self._keeper.units(head))
        if units:
            self._keeper.keep(Piece((), self._keeper.join(units), units[0].start, units[-1].stop))
        for section in sections:
            if self._keeper.skips_contents(section):
                continue
            if match := topic_of(section.title):
                self._read_known(section, match, 0)
                self._place = match.topic.place
            elif text := self._keeper.verbatim(section, 2):
                self._keeper.keep(Piece(self._place[:1], text, *span(section), is_section=True))
        self._tasks.finish()
        for unit in self._keeper.forgotten():
            self._keeper.keep(Piece((), self._keeper.join([unit]), unit.start, unit.stop))
        self._search()
        return self._keeper.reading

    def _read_known(self, section: Section, match: Match, depth: int) -> None:
        topic = match.topic
        if topic.key.startswith("tasks"):
            self._tasks.read(section, match)
            return
        left = read_blocks(self._keeper, topic, section.blocks)
        own: list[str] = []
        level = len(topic.place) + 2 + (not match.is_renamed)
        for below in section.sections:
            known = topic_of(below.title) if depth == 0 else None
            if known:
                self._read_known(below, known, depth + 1)
            elif text := self._keeper.verbatim(below, level):
                own.append(text)
        if match.is_renamed or not (left or own):
            self._keeper.claim_heading(section, topic.place)
        if not left and not own:
            return
        texts = [] if match.is_renamed else [self._keeper.keep_heading(section, level - 1)]
        texts += [self._keeper.join(left), *own] if left else own
        otherwise = EVERYTHING if match.is_renamed and not topic.key else ""
        keys = {unit.key or otherwise for unit in left if not unit.is_comment} - {""}
        if own and not left and topic.key not in self._keeper.reading.lines:
            keys = {topic.key} - {""}
        self._keeper.keep(Piece(topic.place, "\n".join(texts), *span(section), frozenset(keys)))

    def _search(self) -> None:
        """Take branch, ticket and milestones out of running text, where they stay."""
        reading = self._keeper.reading
        has_milestones = "milestones" in reading.answers
        for number, line in enumerate(self._keeper.source):
            found = _BRANCH.search(line)
            if found and not branch_problem(found[1]):
                reading.answer("branch", found[1], Claim("branch", number, number))
            for dated in () if has_milestones else _MILESTONE.finditer(line):
                reading.add("milestones", {"milestone": dated[1], "date": dated[2]}, number)
        ticket = _TICKET.search(str(reading.answers.get("branch", "")))
        if ticket and not ticket_problem(ticket[1]):
            reading.answer("ticket", ticket[1], Claim("ticket", 0, 0))
