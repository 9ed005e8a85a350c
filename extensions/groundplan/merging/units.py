"""Units of a merge: what each version has of them, which stay, and in which order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, cast

from groundplan.merging.matching import match_additions, match_versions, unmistakable
from groundplan.merging.nodes import Node
from groundplan.merging.prose import is_shortened, same_words
from groundplan.text.blocks import Item, List, Section

_Found = dict[int, int]


@dataclass(eq=False, slots=True)
class Unit:
    """A unit of the result, with the nodes that the three versions have of it.

    Attributes:
        base: What the common ancestor has of it.
        ours: What the user has.
        theirs: What the template has.
        children: The units that stand in it, in no order.
        placed_by: Whose order it follows, where only one side has it in this place; None where both have.
        home: What it stood in, where the template moved it away from there.
        is_contested: Whether both sides wrote it anew, in the place of the same item.
    """

    base: Node | None
    ours: Node | None
    theirs: Node | None
    children: list["Unit"] = field(default_factory=list)
    placed_by: Literal["ours", "theirs"] | None = None
    home: "Unit | None" = None
    is_contested: bool = False

    @property
    def nodes(self) -> tuple[Node | None, Node | None, Node | None]:
        """The node of the base, of the user and of the template."""
        return self.base, self.ours, self.theirs

    @property
    def orders(self) -> tuple[int | None, int | None, int | None]:
        """Its place among its siblings in each version that has it there."""
        return (
            self.base.order if self.base else None,
            self.ours.order if self.ours and self.placed_by != "theirs" else None,
            self.theirs.order if self.theirs and self.placed_by != "ours" else None,
        )

    @property
    def is_complete(self) -> bool:
        """Whether all that stands in either side's node still does: nothing was moved away from there."""
        if not self.children and len({node and node.whole for node in self.nodes}) == 1:
            return True
        in_place = [[child.nodes[side] for child in self.children] for side in (1, 2)]
        return all(
            not node or len(node.children) == len(children) - children.count(None)
            for node, children in zip(self.nodes[1:], in_place, strict=True)
        )

    @property
    def shown(self) -> Node:
        """The node to speak of: the user's, else the template's."""
        return self.ours or self.theirs or cast("Node", self.base)

    @property
    def is_edited(self) -> bool:
        """Whether the user wrote into it, added or moved it; a tick is an edit, a shorter text is none."""
        if self.ours is None or self.base is None or self.placed_by == "ours":
            return self.ours is not None
        is_renamed = self.ours.kind is Section and not same_words(self.base.text, self.ours.text)
        return is_renamed or not is_shortened(self.base.whole, self.ours.whole)

    @property
    def is_reworded(self) -> bool:
        """Whether the template changed or added it."""
        return self.theirs is not None and (self.base is None or not same_words(self.base.whole, self.theirs.whole))

    def stays(self, *, yielding: bool) -> bool:
        """Return whether it stays: what the template dropped stays if the user edited it, and the other way round.

        Args:
            yielding: Whether the template yields: then what the user took out stays out, however it was reworded.
        """
        if self.theirs is None and (self.shown.kind is List or (self.children and self.shown.kind is Item)):
            own = self.shown.kind is Item and not is_shortened(self.base.text if self.base else "", self.shown.text)
            return own or any(child.stays(yielding=yielding) for child in self.children)
        if self.is_edited or (self.is_reworded and not yielding):
            return True
        return self.theirs is not None and (self.ours is not None or self.base is None)


def unite(base: Sequence[Node], ours: Sequence[Node], theirs: Sequence[Node]) -> list[Unit]:
    """Bring together the nodes of three versions, those of the base first, in no further order."""
    if not base and not (ours and theirs):
        return [*(Unit(None, node, None) for node in ours), *(Unit(None, None, node) for node in theirs)]
    in_ours, in_theirs = match_versions(base, ours), match_versions(base, theirs)
    _hear_witnesses(base, ours, theirs, in_ours, in_theirs)
    units = [
        Unit(
            node,
            ours[in_ours[number]] if number in in_ours else None,
            theirs[in_theirs[number]] if number in in_theirs else None,
        )
        for number, node in enumerate(base)
    ]
    our_additions = _without(ours, in_ours.values())
    their_additions = _without(theirs, in_theirs.values())
    both = match_additions(our_additions, their_additions)
    units += [
        Unit(None, node, their_additions[both[number]] if number in both else None)
        for number, node in enumerate(our_additions)
    ]
    units += [Unit(None, None, node) for node in _without(their_additions, both.values())]
    return _join_lists(units, ours, theirs)


def _hear_witnesses(
    base: Sequence[Node], ours: Sequence[Node], theirs: Sequence[Node], in_ours: _Found, in_theirs: _Found
) -> None:
    """Let what both sides have verbatim be one unit, even if one of the two is like something of the base."""
    sides = (ours, in_ours), (theirs, in_theirs)
    if all(base[old].key == side[new].key for side, found in sides for old, new in found.items()):
        return
    old_of = [{new: old for old, new in found.items()} for _, found in sides]
    in_both = [unmistakable(side, range(len(side))) for side, _ in sides]
    for key in in_both[0].keys() & in_both[1].keys():
        olds = [old.get(places[key]) for old, places in zip(old_of, in_both, strict=True)]
        for side, other in ((0, 1), (1, 0)):
            old, found, found_there = olds[side], sides[side][1], sides[other][1]
            if olds[0] == olds[1] or old is None or base[old].key == key:
                continue
            if olds[other] is None and old not in found_there:
                found_there[old] = in_both[other][key]
            else:
                del found[old]


def _join_lists(units: Sequence[Unit], ours: Sequence[Node], theirs: Sequence[Node]) -> list[Unit]:
    """Make one list of two that were added behind the same unit: side by side they would be one anyway."""
    added_by = [bool(unit.ours) for unit in units if unit.shown.kind is List and not unit.base]
    if len(set(added_by)) < 2:
        return list(units)
    unit_of = {id(node): unit for unit in units for node in unit.nodes if node}
    behind = {
        id(unit_of[id(before)]) if before else 0: unit_of[id(node)]
        for before, node in pairwise((None, *theirs))
        if node and node.kind is List and unit_of[id(node)].nodes == (None, None, node)
    }
    joined: set[int] = set()
    for before, node in pairwise((None, *ours)):
        added = behind.get(id(unit_of[id(before)]) if before else 0)
        if added and node and node.kind is List and unit_of[id(node)].nodes == (None, node, None):
            unit_of[id(node)].theirs = added.theirs
            joined.add(id(added))
    return [unit for unit in units if id(unit) not in joined]


def _without(nodes: Sequence[Node], numbers: Iterable[int]) -> list[Node]:
    left_out = set(numbers)
    return [node for number, node in enumerate(nodes) if number not in left_out]


def arrange(units: Sequence[Unit]) -> list[Unit]:
    """Order units: as the template has them, or as the user has them once the user moved any.

    What only the other side has follows its predecessor there. Of additions behind one predecessor the user's come
    first, unless that would carry a section of the template into one of the user's.

    Args:
        units: Units that stay; each has a node of the user, of the template, or both.
    """
    ours, theirs = ([unit for unit in units if unit.orders[side] is not None] for side in (1, 2))
    ours.sort(key=lambda unit: _order(unit.ours))
    theirs.sort(key=lambda unit: _order(unit.theirs))
    base_orders = [_order(unit.base) for unit in ours if unit.base and unit.orders[2] is not None]
    if base_orders == sorted(base_orders):
        return _insert(ours, theirs, lambda passed, unit: not passed.ours and passed.shown.level > unit.shown.level)
    return _insert(theirs, ours, lambda passed, unit: not passed.theirs and passed.shown.level >= unit.shown.level)


def _order(node: Node | None) -> int:
    return node.order if node else -1


def _insert(units: Sequence[Unit], into: Sequence[Unit], passes: Callable[[Unit, Unit], bool]) -> list[Unit]:
    """Put each of the units that is missing in a sequence behind its predecessor, past the units that let it pass."""
    following: dict[Unit | None, Unit | None] = dict(zip((None, *into), (*into, None), strict=True))
    previous = None
    for unit in units:
        if unit not in following:
            while (after := following[previous]) and passes(after, unit):
                previous = after
            following[previous], following[unit] = unit, after
        previous = unit
    arranged: list[Unit] = []
    place = following[None]
    while place:
        arranged.append(place)
        place = following[place]
    return arranged
