"""The tree of units of a merge, with what moved: units that one side has in another section or list than the base."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from groundplan.merging.matching import match_moved
from groundplan.merging.nodes import Node
from groundplan.merging.paragraphs import regroup
from groundplan.merging.rewrites import join_lone_rewrites, join_rewrites
from groundplan.merging.units import Unit, unite
from groundplan.text.blocks import Item, List, Section

# The parent in the base and what stood in it, and the same where one side moved it.
_Move = tuple[Unit, Unit, Unit, Unit]
# Only hostile input nests what moved deeper than this.
_DEEPEST = 10


def grow(sections: Sequence[Unit], *, yielding: bool) -> None:
    """Find the units in each section, and bring together across sections what one side moved.

    Args:
        sections: The sections of all versions, brought together; they get their children.
        yielding: Whether the template yields: then only an item that both sides wrote anew in the place of the same one
            is contested; if not, whatever both wrote in one place is one unit.
    """
    for section in sections:
        _branch(section)
    _follow(sections, lambda node: node.kind is not Item)
    for section in sections:
        for unit in section.children:
            _grow_below(unit)
    _follow(sections, lambda node: node.kind is Item)
    for parent in _parents(sections):
        if not yielding:
            parent.children = join_rewrites(parent.children)
            for unit in parent.children:
                if not unit.children:
                    _grow_below(unit)
        elif parent.shown.kind is List:
            parent.children = join_lone_rewrites(parent.children)


def _branch(parent: Unit) -> None:
    base, ours, theirs = (node.children if node else () for node in parent.nodes)
    if parent.shown.kind is Section:
        base, ours, theirs = regroup(base, ours, theirs)
    keys = [[node.key for node in side] for side in (base, ours, theirs)]
    if keys[0] == keys[1] == keys[2]:
        parent.children = [Unit(*nodes) for nodes in zip(base, ours, theirs, strict=True)]
    else:
        parent.children = unite(base, ours, theirs)


def _grow_below(unit: Unit) -> None:
    """Find the units in a list or item, and in those, where the versions differ."""
    if not any(node and node.children for node in unit.nodes):
        return
    texts = [node.whole for node in unit.nodes if node]
    if len(texts) == 3 and texts[0] == texts[1] == texts[2]:
        return
    _branch(unit)
    for child in unit.children:
        _grow_below(child)


def _parents(units: Iterable[Unit]) -> Iterator[Unit]:
    for unit in units:
        if unit.children:
            yield unit
            yield from _parents(unit.children)


def _follow(sections: Sequence[Unit], is_meant: Callable[[Node], bool]) -> None:
    """Bring together what is without a counterpart in its own place, but has one elsewhere."""
    for side in ("ours", "theirs"):
        for _ in range(_DEEPEST):
            pairs = _moved(sections, side, is_meant)
            # What stands in a moved unit is found anew when that is brought together: it has to wait.
            below = {id(unit) for _, old, _, new in pairs for unit in every_unit([*old.children, *new.children])}
            outermost = [pair for pair in pairs if id(pair[1]) not in below and id(pair[3]) not in below]
            for pair in outermost:
                _join(*pair)
            if not outermost or len(outermost) == len(pairs):
                break


def _moved(sections: Sequence[Unit], side: str, is_meant: Callable[[Node], bool]) -> list[_Move]:
    lost: list[tuple[Unit, Unit]] = []
    found: list[tuple[Unit, Unit]] = []
    for parent in _parents(sections):
        for unit in parent.children:
            node = unit.ours if side == "ours" else unit.theirs
            if unit.base and not node and is_meant(unit.base):
                lost.append((parent, unit))
            elif node and not unit.base and is_meant(node):
                found.append((parent, unit))
    pairs = match_moved([unit.base or unit.shown for _, unit in lost], [unit.shown for _, unit in found])
    moves = [(*lost[number], *found[other]) for number, other in pairs.items()]
    return [move for move in moves if not _is_in_both(move[1], move[3])]


def _is_in_both(old: Unit, new: Unit) -> bool:
    """Return whether one side has a unit in either place."""
    return bool((old.ours and new.ours) or (old.theirs and new.theirs))


def _join(old_parent: Unit, old: Unit, new_parent: Unit, new: Unit) -> None:
    """Make one unit of two: in the new place, unless the user has moved it to the old one."""
    was_moved_here = old.ours is not None and old.base is not None and old.placed_by == "ours"
    kept, gone, parent = (old, new, new_parent) if was_moved_here else (new, old, old_parent)
    if new.ours or old.ours is None:
        kept.placed_by = "ours" if new.ours and not new.theirs else None
    else:
        kept.placed_by = "ours" if was_moved_here else "theirs"
    kept.base = old.base
    kept.ours, kept.theirs = old.ours or new.ours, old.theirs or new.theirs
    kept.home = old_parent if kept.placed_by == "theirs" else None
    parent.children.remove(gone)
    if kept.children or gone.children:
        _grow_below(kept)


def every_unit(units: Iterable[Unit]) -> Iterator[Unit]:
    """Yield units with all that stand in them."""
    for unit in units:
        yield unit
        yield from every_unit(unit.children)


def bring_home(parent: Unit) -> None:
    """Let the user's units stay where they were, as the place that the template moved them to is left out."""
    for unit in list(parent.children):
        if unit.home:
            parent.children.remove(unit)
            unit.home.children.append(unit)
            unit.theirs, unit.placed_by, unit.home = None, None, None
        else:
            bring_home(unit)
