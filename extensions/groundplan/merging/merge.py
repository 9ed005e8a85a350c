"""Three-way merge of Markdown documents by structure.

A line-based merge takes neighbours for one: a ticked item beside a new one is a conflict though nobody disagrees. Here
the units are what people edit: sections, list items, table cells, paragraphs. Each unit of the base is looked up in
both other versions, and only a unit that both changed can conflict. `docs/decisions/0002-merge-by-structure.md` has the
rules.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from groundplan.merging.contents import Contents
from groundplan.merging.front_matter import merge_front_matter
from groundplan.merging.indentation import content_column, fit_item, indent
from groundplan.merging.known import Known, walk
from groundplan.merging.line_endings import unwrap
from groundplan.merging.moves import bring_home, every_unit, grow
from groundplan.merging.nodes import Node, flat, section_nodes
from groundplan.merging.own_text import is_moot, merge_own_text, shifted
from groundplan.merging.placeholders import is_slot
from groundplan.merging.prose import Clash, Part, first_known, three_way
from groundplan.merging.rewrites import join_rewrites
from groundplan.merging.sections import level_shifts, path_of, sections_that_stay
from groundplan.merging.tables import merge_tables
from groundplan.merging.units import Unit, arrange, unite
from groundplan.text.blocks import Block, FrontMatter, Html, Item, List, Paragraph, Reference, Section, Table
from groundplan.text.markdown import parse_blocks

_Placed = tuple[tuple[str, ...], Part]
_Orders = tuple[int | None, int | None, int | None]

NoticeKind = Literal["kept", "left out", "brought back"]

_BLANK_LINE = "\n"


@dataclass(frozen=True, slots=True)
class Markers:
    """How conflicts are marked.

    Attributes:
        ours: The label of the user's side; the defaults are Copier's.
        base: The label of the common ancestor.
        theirs: The label of the template's side.
        show_base: Whether to show the common ancestor too, as git's `diff3` style does.
    """

    ours: str = "before updating"
    base: str = "last update"
    theirs: str = "after updating"
    show_base: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """A unit that both sides changed, differently.

    Attributes:
        line: Where its markers start in the merged text, from 1.
        place: The titles of the section it stands in, outermost first.
        base: The unit in the common ancestor; empty if both sides added it.
        ours: The unit as the user left it.
        theirs: The unit as the template has it.
    """

    line: int
    place: tuple[str, ...]
    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A decision that a person may want to know of.

    Attributes:
        place: The titles of the section it was taken in, outermost first.
        kind: `kept`: the template dropped it, but the user edited it. `left out`: the template changed it, but the user
            took it out or replaced it. `brought back`: one person took it out, but the other edited it.
        text: What it is about.
    """

    place: tuple[str, ...]
    kind: NoticeKind
    text: str


@dataclass(frozen=True, slots=True)
class Merge:
    """What came of a merge.

    Attributes:
        text: The merged document, with git's markers around each conflict.
        conflicts: The conflicts in the order of the text.
        notices: What was decided on the way.
    """

    text: str
    conflicts: tuple[Conflict, ...] = ()
    notices: tuple[Notice, ...] = ()


def merge(base: str, ours: str, theirs: str, markers: Markers | None = None, *, yielding: bool = True) -> Merge:
    """Merge what a template changed into what a user made of it.

    Args:
        base: The common ancestor: the old template's rendering.
        ours: The user's version.
        theirs: The new template's rendering.
        markers: How to mark conflicts.
        yielding: Whether the template yields where the user replaced or took out what the template merely reworded. Not
            so between two people: then all that either wrote stays or is in conflict.

    Returns:
        The merged text with its conflicts and notices. Any text gives a result.
    """
    if ours in (base, theirs) or theirs == base:
        return Merge(theirs if ours == base else ours)
    envelope, contents = unwrap(base, ours, theirs)
    merger = _Merger(yielding=yielding)
    text, conflicts = _render(merger.document(*contents), markers or Markers())
    return Merge(envelope.wrap(text), tuple(conflicts), tuple(merger.notices))


def _render(parts: Iterable[_Placed], markers: Markers) -> tuple[str, list[Conflict]]:
    """Put the parts together, conflicts between git's markers."""
    texts: list[str] = []
    conflicts: list[Conflict] = []
    line = 1
    for place, part in parts:
        text = str(part)
        if isinstance(part, Clash):
            conflicts.append(Conflict(line, place, *part))
            shown_base = f"||||||| {markers.base}\n{part.base}" if markers.show_base else ""
            text = f"<<<<<<< {markers.ours}\n{part.ours}{shown_base}=======\n{part.theirs}>>>>>>> {markers.theirs}\n"
        texts.append(text)
        line += text.count("\n")
    return "".join(texts), conflicts


class _Merger:
    """One merge, and what it has to tell."""

    def __init__(self, *, yielding: bool) -> None:
        self._yielding = yielding
        self.notices: list[Notice] = []
        self._place: tuple[str, ...] = ()
        self._no_news: dict[int, bool] = {}

    def document(self, base: str, ours: str, theirs: str) -> Iterator[_Placed]:
        """Merge three contents into parts, each with the section it stands in."""
        documents = [parse_blocks(text) for text in (base, ours, theirs)]
        gap = ""
        for part in merge_front_matter(*map(_front_matter, documents), yielding=self._yielding):
            yield (), part
            gap = _BLANK_LINE
        b, o, t = map(section_nodes, documents)
        previous = Unit(b[0], o[0], t[0]).orders
        for unit, parts in self._blocks(b, o, t):
            yield self._place, _gap(previous, unit, gap)
            for part in parts:
                yield self._place, part
            previous, gap = unit.orders, _BLANK_LINE

    def _blocks(
        self, base: Sequence[Node], ours: Sequence[Node], theirs: Sequence[Node]
    ) -> Iterator[tuple[Unit, Iterable[Part]]]:
        """Choose and order the headings and blocks of a document."""
        sections = unite(base, ours, theirs)
        if not self._yielding:
            sections = join_rewrites(sections)
        grow(sections, yielding=self._yielding)
        kept = sections_that_stay(sections, base, ours, theirs, yielding=self._yielding)
        leaving = {id(node) for section in sections for node in self._leaving(section, stays=section in kept)}
        everything = list(walk(ours))
        self._known = Known(
            walk(base),
            (node for node in everything if id(node) not in leaving),
            (node for node in everything if id(node) in leaving),
            walk(theirs),
        )
        self._shifts = level_shifts(theirs, sections)
        kept = self._without_known(kept, theirs, sections)
        self._contents = Contents(sections, kept)
        for section in sections:
            if any(unit.home for unit in every_unit([section])):
                self._leave_moved(section, stays=section in kept)
        for section in sections:
            self._place = _path(section, base, ours, theirs)
            self._tell(section, stays=section in kept)
        for section in arrange([section for section in sections if section in kept]):
            self._place = _path(section, base, ours, theirs)
            if section.shown.level:
                yield section, [self._own_text(section)]
            for unit in self._children(section):
                yield unit, self._parts(unit)

    def _leaving(self, unit: Unit, *, stays: bool) -> Iterator[Node]:
        """Yield the user's nodes that go: the template dropped them, and the user wrote nothing into them."""
        if unit.ours and not stays:
            yield unit.ours
        for child in unit.children:
            yield from self._leaving(child, stays=self._has_place(child, unit))

    def _has_place(self, unit: Unit, parent: Unit) -> bool:
        """Return whether a unit stays: in a section that only one side still has, all that this side has there does."""
        if parent.shown.kind is Section and (parent.theirs is None or (parent.base and parent.ours is None)):
            return (unit.ours if parent.theirs is None else unit.theirs) is not None
        return unit.stays(yielding=self._yielding)

    def _leave_moved(self, unit: Unit, *, stays: bool) -> None:
        """Let the user's units stay where they were, if what the template moved them into is left out."""
        if not stays or self._is_known(unit):
            bring_home(unit)
        for child in unit.children:
            self._leave_moved(child, stays=self._has_place(child, unit))

    def _without_known(self, kept: set[Unit], theirs: Sequence[Node], sections: Sequence[Unit]) -> set[Unit]:
        """Leave out the template's new sections that are no news, with the new ones in them."""
        unit_of = {id(section.theirs): section for section in sections if section.theirs}
        left_out: set[int] = set()
        for node in theirs:
            unit = unit_of[id(node)]
            is_new = unit in kept and not unit.base and not unit.ours
            if is_new and (id(theirs[node.parent]) in left_out or self._is_known(unit)):
                left_out.add(id(node))
        return {unit for unit in kept if id(unit.theirs) not in left_out}

    def _is_known(self, unit: Unit) -> bool:
        """Return whether what only the template has is no news to the user."""
        if unit.base or unit.ours or not unit.theirs:
            return False
        if id(unit.theirs) not in self._no_news:
            self._no_news[id(unit.theirs)] = self._has_no_news(unit, unit.theirs)
        return self._no_news[id(unit.theirs)]

    def _has_no_news(self, unit: Unit, theirs: Node) -> bool:
        if not self._yielding:
            return self._known.has_as_often(theirs)
        if unit.shown.kind is not List and self._known.has(theirs):
            return True
        is_container = unit.shown.kind in (List, Section)
        return is_container and bool(unit.children) and all(map(self._is_known, unit.children))

    def _children(self, parent: Unit) -> list[Unit]:
        """Choose and order what stands in a unit."""
        is_answered = self._yielding and _is_answered(parent)
        return arrange([unit for unit in parent.children if self._stays(unit, parent, is_answered=is_answered)])

    def _stays(self, unit: Unit, parent: Unit, *, is_answered: bool) -> bool:
        """Keep what the user edited though the template dropped it; leave out what the user took out or answered."""
        stays = self._has_place(unit, parent) and not self._is_known(unit)
        stays = stays or (unit.ours is not None and unit.ours.kind is Reference and self._known.refers_to(unit.ours))
        follows = self._contents.stays(unit) if self._yielding else None
        if follows is not None:
            stays = stays or follows if unit.ours else stays and follows
        stays = stays and not (is_answered and _is_guidance(unit))
        self._tell(unit, stays=stays)
        return stays

    def _tell(self, unit: Unit, *, stays: bool) -> None:
        if stays and unit.base and not unit.theirs:
            self._note("kept", unit.shown)
        elif not stays and not unit.ours and unit.is_reworded:
            self._note("left out", unit.shown)
        elif stays and unit.base and not unit.ours:
            self._note("brought back", unit.shown)

    def _note(self, kind: NoticeKind, node: Node) -> None:
        self.notices.append(Notice(self._place, kind, node.whole.strip()))

    def _parts(self, unit: Unit) -> Iterator[Part]:
        """Merge a unit with all that stands in it."""
        if self._yielding and unit.shown.kind in (Html, Paragraph):
            self._leave_out_old(unit)
        base, ours, theirs = unit.nodes
        whole: str | None = unit.shown.whole
        if ours and theirs:
            whole = three_way(base.whole if base else None, ours.whole, theirs.whole)
        if whole is not None and self._is_as_written(unit):
            yield whole
        elif unit.shown.kind is List:
            items = self._children(unit)
            siblings = (ours or unit.shown).children
            yield from self._joined(items, lambda added: fit_item(added, siblings), None, _usual_gap(items))
        elif ours and theirs and ours.kind is Table:
            yield from merge_tables(base.text if base else "", ours.text, theirs.text, yielding=self._yielding)
        else:
            yield self._own_text(unit)
            if unit.shown.kind is Item:
                columns = content_column(theirs or unit.shown), content_column(ours or unit.shown)
                yield from self._joined(
                    self._children(unit), lambda added: indent(added.whole, *columns), (-1, -1, -1), _BLANK_LINE
                )

    def _leave_out_old(self, unit: Unit) -> None:
        """Take out of the template's text what the person knows from elsewhere or took out there."""
        base, ours, theirs = unit.nodes
        if theirs and not (base and base.text == theirs.text) and not (ours and ours.text == theirs.text):
            beside = "\n\n".join(node.text for node in (base, ours) if node)
            news = self._known.news_in(theirs.text, beside)
            if news != theirs.text:
                unit.theirs = Node(theirs.kind, news, theirs.before, theirs.order, flat(news))

    def _is_as_written(self, unit: Unit) -> bool:
        """Return whether all that stands in a unit goes with it as one side has it."""
        return unit.is_complete and all(
            not child.placed_by
            and not self._is_known(child)
            and (child.stays(yielding=self._yielding) or (child.theirs is None and unit.theirs is not None))
            and self._is_as_written(child)
            for child in unit.children
        )

    def _joined(
        self, units: Iterable[Unit], fit: Callable[[Node], str], previous: _Orders | None, gap: str
    ) -> Iterator[Part]:
        """Merge what stands in a list or item; what only the template has there is made to fit."""
        for unit in units:
            if previous:
                yield _gap(previous, unit, gap)
            parts: list[Part] = list(self._parts(unit))
            if unit.orders[1] is None and all(isinstance(part, str) for part in parts):
                shown = unit.shown
                parts = [fit(Node(shown.kind, "".join(map(str, parts)), "", shown.order, shown.identity))]
            yield from parts
            previous = unit.orders

    def _own_text(self, unit: Unit) -> Part:
        """Merge a unit without what stands in it."""
        base, ours, theirs = unit.nodes
        entry = self._contents.text(unit)
        if entry is not None:
            return entry
        if not ours and theirs and unit.base is None and theirs.kind is Section:
            return shifted(theirs.text, self._shifts.get(id(theirs), 0))
        if not ours or not theirs:
            return unit.shown.text
        merged = None if unit.is_contested else merge_own_text(base, ours, theirs, yielding=self._yielding)
        if merged is not None:
            return merged
        is_due = unit.is_contested or not self._yielding
        if is_due or (base and not unit.placed_by and not is_moot(base, ours)):
            return Clash(base.text if base else "", ours.text, theirs.text)
        self._note("left out", theirs)
        return ours.text


def _front_matter(blocks: Sequence[Block]) -> FrontMatter | None:
    return blocks[0] if blocks and isinstance(blocks[0], FrontMatter) else None


def _is_answered(section: Unit) -> bool:
    """Return whether the user wrote into a section and left none of the template's guidance in it."""
    if not section.ours or not section.theirs or section.shown.kind is not Section:
        return False
    own = [unit for unit in section.children if unit.ours]
    was_guided = section.base is not None and any(node.is_guidance for node in section.base.children)
    has_guidance = any(unit.shown.is_guidance for unit in own)
    return not has_guidance and (was_guided or any(unit.is_edited for unit in own))


def _is_guidance(unit: Unit) -> bool:
    """Return whether a unit is only there to tell what to write, and only the template has it."""
    return unit.ours is None and (unit.shown.is_guidance or is_slot(unit.shown.whole))


def _path(unit: Unit, base: Sequence[Node], ours: Sequence[Node], theirs: Sequence[Node]) -> tuple[str, ...]:
    if unit.ours:
        return path_of(unit.ours, ours)
    return path_of(unit.theirs, theirs) if unit.theirs else path_of(unit.shown, base)


def _usual_gap(items: Sequence[Unit]) -> str:
    """Return the blank lines between a list's items."""
    return next((unit.shown.before for unit in items if unit.shown.order and not unit.placed_by), "")


def _gap(previous: _Orders, unit: Unit, otherwise: str) -> str:
    """Return the blank lines between two neighbours: as where they are neighbours already, else as usual."""
    b, o, t = (
        node.before if node and order is not None and node.order == order + 1 else None
        for order, node in zip(previous, _here(unit), strict=True)
    )
    if o is None or t is None:
        known = t if o is None else o
        return otherwise if known is None else known
    return o if b is None else first_known(three_way(b, o, t), o)


def _here(unit: Unit) -> Iterator[Node | None]:
    """Return what each version has of a unit in the place it goes to."""
    for node, order in zip(unit.nodes, unit.orders, strict=True):
        yield None if order is None else node
