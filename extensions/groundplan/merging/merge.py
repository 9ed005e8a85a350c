"""Three-way merge of Markdown documents by structure.

A line-based merge takes neighbours for one: a ticked item beside a new one is a conflict though nobody disagrees. Here
the units are what people edit: sections, list items, table cells, paragraphs. Each unit of the base is looked up in
both other versions, and only a unit that both changed can conflict. `docs/decisions/0002-merge-by-structure.md` has the
rules.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from groundplan.merging.front_matter import merge_front_matter
from groundplan.merging.indentation import content_column, fit_item, indent
from groundplan.merging.line_endings import unwrap
from groundplan.merging.nodes import ITEM_HEAD, Node, section_nodes
from groundplan.merging.placeholders import is_filled_in, is_replaced, is_struck_out
from groundplan.merging.prose import (
    Clash,
    Part,
    first_known,
    merge_lines,
    merge_words,
    same_words,
    three_way,
)
from groundplan.merging.sections import path_of, sections_that_stay
from groundplan.merging.tables import merge_tables
from groundplan.merging.units import Unit, arrange, unite
from groundplan.text.markdown import Code, Fence, Item, List, Section, Table, parse

_Placed = tuple[tuple[str, ...], Part]
_Orders = tuple[int | None, int | None, int | None]

NoticeKind = Literal["kept", "left out", "brought back"]

_BLANK_LINE = "\n"
_HEADING = re.compile(r"( {0,3}#{1,6}[ \t]+)(.*?)(\s*)", re.DOTALL)


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

    def document(self, base: str, ours: str, theirs: str) -> Iterator[_Placed]:
        """Merge three contents into parts, each with the section it stands in."""
        documents = [parse(text) for text in (base, ours, theirs)]
        gap = ""
        for part in merge_front_matter(*(document.front_matter for document in documents), yielding=self._yielding):
            yield (), part
            gap = _BLANK_LINE
        b, o, t = (section_nodes(document) for document in documents)
        previous = _orders(Unit(b[0], o[0], t[0]))
        for unit, parts in self._blocks(b, o, t):
            yield self._place, _gap(previous, unit, gap)
            for part in parts:
                yield self._place, part
            previous, gap = _orders(unit), _BLANK_LINE

    def _blocks(
        self, base: Sequence[Node], ours: Sequence[Node], theirs: Sequence[Node]
    ) -> Iterator[tuple[Unit, Iterable[Part]]]:
        """Choose and order the headings and blocks of a document."""
        sections = unite(base, ours, theirs)
        kept = sections_that_stay(sections, base, ours, theirs, yielding=self._yielding)
        for section in sections:
            self._place = _path(section, base, ours, theirs)
            self._tell(section, stays=section in kept)
        for section in arrange([section for section in sections if section in kept]):
            self._place = _path(section, base, ours, theirs)
            if section.shown.level:
                yield section, [self._own_text(section)]
            for unit in self._children(section):
                yield unit, self._parts(unit)

    def _children(self, parent: Unit) -> list[Unit]:
        """Choose and order what stands in a unit."""
        base, ours, theirs = (node.children if node else () for node in parent.nodes)
        if not parent.theirs:
            return [Unit(None, node, None) for node in ours]
        if not parent.ours:
            return [Unit(None, None, node) for node in theirs]
        return arrange([unit for unit in unite(base, ours, theirs) if self._stays(unit)])

    def _stays(self, unit: Unit) -> bool:
        """Keep what the user edited though the template dropped it; leave out what the user took out."""
        stays = unit.stays(yielding=self._yielding)
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
        base, ours, theirs = unit.nodes
        whole = three_way(base and base.whole, ours and ours.whole, theirs and theirs.whole)
        if not ours or not theirs or whole is not None:
            yield whole or unit.shown.whole
        elif ours.kind is Table:
            yield from merge_tables(base.text if base else "", ours.text, theirs.text, yielding=self._yielding)
        elif ours.kind is List:
            items = self._children(unit)
            yield from self._joined(items, lambda added: fit_item(added, ours.children), None, _usual_gap(items))
        else:
            yield self._own_text(unit)
            if ours.kind is not Item:
                return
            columns = content_column(theirs), content_column(ours)
            yield from self._joined(
                self._children(unit), lambda added: indent(added.whole, *columns), (-1, -1, -1), _BLANK_LINE
            )

    def _joined(
        self, units: Iterable[Unit], fit: Callable[[Node], str], previous: _Orders | None, gap: str
    ) -> Iterator[Part]:
        """Merge what stands in a list or item; what only the template has is made to fit there."""
        for unit in units:
            if previous:
                yield _gap(previous, unit, gap)
            if unit.theirs and not unit.ours:
                yield fit(unit.theirs)
            else:
                yield from self._parts(unit)
            previous = _orders(unit)

    def _own_text(self, unit: Unit) -> Part:
        """Merge a unit without what stands in it."""
        base, ours, theirs = unit.nodes
        if not ours or not theirs:
            return unit.shown.text
        merged = _merge_own_text(base, ours, theirs, yielding=self._yielding)
        if merged is not None:
            return merged
        if not self._yielding or (base and not _is_moot(base, ours)):
            return Clash(base.text if base else "", ours.text, theirs.text)
        self._note("left out", theirs)
        return ours.text


def _is_moot(base: Node, ours: Node) -> bool:
    """Say whether it does not matter to the user how the template rewords a text."""
    return (
        ours.is_guidance
        or ours.is_toc_entry
        or ours.kind is Section
        or any(holds(base.text, ours.text) for holds in (is_filled_in, is_struck_out, is_replaced))
    )


def _merge_own_text(base: Node | None, ours: Node, theirs: Node, *, yielding: bool) -> str | None:
    if not base or ours.text == theirs.text:
        return ours.text if same_words(ours.text, theirs.text) else None
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
    merged = merge_words(*texts, yielding=yielding)
    if merged is None:
        return None
    mark, box = (first_known(three_way(*fields), fields[1]) for fields in (marks, boxes))
    return f"{mark}{box or ''}{merged}"


def _merge_headings(base: str, ours: str, theirs: str) -> str | None:
    """Merge level and title of a heading, each as a whole: words of two titles put together name nothing."""
    heads = [match.groups() for text in (base, ours, theirs) if (match := _HEADING.fullmatch(text))]
    if len(heads) < 3:
        return None
    marks, titles, ends = zip(*heads, strict=True)
    title = three_way(*titles)
    return None if title is None else f"{first_known(three_way(*marks), marks[1])}{title}{ends[1]}"


def _path(unit: Unit, base: Sequence[Node], ours: Sequence[Node], theirs: Sequence[Node]) -> tuple[str, ...]:
    if unit.ours:
        return path_of(unit.ours, ours)
    return path_of(unit.theirs, theirs) if unit.theirs else path_of(unit.shown, base)


def _usual_gap(items: Sequence[Unit]) -> str:
    """Give the blank lines between a list's items."""
    return next((unit.shown.before for unit in items if unit.shown.order), "")


def _orders(unit: Unit) -> _Orders:
    b, o, t = (node.order if node else None for node in unit.nodes)
    return b, o, t


def _gap(previous: _Orders, unit: Unit, otherwise: str) -> str:
    """Give the blank lines between two neighbours: as where they are neighbours already, else as usual."""
    b, o, t = (
        node.before if node and order is not None and node.order == order + 1 else None
        for order, node in zip(previous, unit.nodes, strict=True)
    )
    if o is None or t is None:
        known = t if o is None else o
        return otherwise if known is None else known
    return o if b is None else first_known(three_way(b, o, t), o)
