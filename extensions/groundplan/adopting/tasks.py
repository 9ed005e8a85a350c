"""Reads the tasks of phases, with their ticks."""

from __future__ import annotations

from dataclasses import replace

from groundplan.adopting.headings import Match, Topic, topic_at, topic_of
from groundplan.adopting.keeping import Keeper, Unit, span
from groundplan.adopting.reading import Piece
from groundplan.adopting.values import task_text
from groundplan.plan.outline import IMPLEMENTATION, PHASES
from groundplan.text.blocks import Block, List, Section


class TaskReader:
    """Reads the tasks of one document, phase by phase."""

    def __init__(self, keeper: Keeper) -> None:
        """Begin.

        Args:
            keeper: Takes the answers.
        """
        self._keeper = keeper
        # By key, what stood in the document, and whether a brief holds all of it.
        self._phases: dict[str, list[tuple[Piece, bool]]] = {}

    def read(self, section: Section, match: Match) -> None:
        """Read a section with the tasks of one phase, or of several.

        Args:
            section: The section.
            match: What its heading stands for.
        """
        if match.topic.key != "tasks":
            self._read_phase(match.topic, section, is_renamed=match.is_renamed)
            return
        core = topic_at((IMPLEMENTATION, PHASES[2]))
        self._keeper.claim_heading(section, match.topic.place)
        tasks = tuple(block for block in section.blocks if isinstance(block, List))
        self._read_phase(core, Section(None, (), tasks, ()), is_renamed=True)
        rest = list(self._keeper.units(block for block in section.blocks if block not in tasks))
        if rest:
            self._keeper.keep(Piece(match.topic.place, self._keeper.join(rest), rest[0].start, rest[-1].stop))
        for below in section.sections:
            known = topic_of(below.title)
            if known and known.topic.key.startswith("tasks."):
                self._read_phase(known.topic, below, is_renamed=known.is_renamed)
            else:
                self._read_phase(core, below, is_renamed=False)

    def finish(self) -> None:
        """Show the phases that are more than flat lists as they are, each of them whole."""
        for phase in self._phases.values():
            is_all_held = all(is_held for _, is_held in phase)
            for piece, _ in phase:
                self._keeper.keep(replace(piece, is_held=is_all_held))

    def _read_phase(self, topic: Topic, section: Section, *, is_renamed: bool) -> None:
        keeper = self._keeper
        blocks = [block for part in section.walk() for block in part.blocks]
        if is_renamed or all(map(keeper.template.has, blocks)):
            keeper.claim_heading(section, topic.place)
        if all(map(keeper.skips, blocks)):
            keeper.keep_lines(*span(section))
            return
        items = list(section.items())
        for item in items:
            keeper.reading.is_started |= item.is_done
            if item.content and keeper.reading.add(topic.key, task_text(item), item.start):
                keeper.claim(topic.key, item.start, item.stop, topic.place)
        texts = [] if is_renamed else [keeper.keep_heading(section, len(topic.place) + 2)]
        texts.append(keeper.join([unit for block in section.blocks for unit in self._units(block)]))
        level = len(topic.place) + 2 + (not is_renamed)
        texts += [keeper.verbatim(below, level) for below in section.sections]
        piece = Piece(
            topic.place, "\n".join(filter(None, texts)), *span(section), frozenset({topic.key}), replaces=True
        )
        is_flat = not section.sections and all(isinstance(block, List) for block in section.blocks)
        held = set(keeper.reading.entries_of(topic.key))
        is_held = all(len(item.blocks) == 1 and task_text(item) in held for item in items)
        self._phases.setdefault(topic.key, []).append((piece, is_flat and is_renamed and is_held))

    def _units(self, block: Block) -> list[Unit]:
        """Cut a block into what stays; a checklist that somebody worked on stays whole, with the template's tasks."""
        if isinstance(block, List):
            return [] if self._keeper.skips(block) else [Unit(block.start, block.stop)]
        return list(self._keeper.units([block]))
