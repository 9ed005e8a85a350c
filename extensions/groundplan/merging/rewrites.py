"""Units of the base in whose place both sides wrote something else."""

from collections import defaultdict
from collections.abc import Sequence

from groundplan.merging.placeholders import has_placeholder
from groundplan.merging.units import Unit


def join_rewrites(units: Sequence[Unit]) -> list[Unit]:
    """Make one unit of what both sides wrote in the place of the same one: between two people that is a disagreement.

    Args:
        units: Siblings of all versions, brought together.

    Returns:
        The units, without those that were joined with another.
    """
    dropped, ours, theirs = (_by_place(units, side) for side in range(3))
    joined: set[int] = set()
    for place, old in dropped.items():
        for unit in old:
            own, other = (_first(side.get(place, ()), unit, joined) for side in (ours, theirs))
            if own and other:
                own.base, own.theirs = unit.base, other.theirs
                joined |= {id(unit), id(other)}
    return [unit for unit in units if id(unit) not in joined]


def join_lone_rewrites(items: Sequence[Unit]) -> list[Unit]:
    """Make one contested unit of two items that a user and a template wrote in the place of the same one.

    Only what both wrote wholly anew can be meant, with nothing else taken out or added there: what the one added beside
    an item that the other dropped is no disagreement, and neither is an answer where the template asks anew.

    Args:
        items: The items of a list of all versions, brought together.

    Returns:
        The items, without those that were joined with another.
    """
    sides = [_by_place(items, side) for side in range(3)]
    joined: set[int] = set()
    for place in sides[0]:
        found = [side.get(place, []) for side in sides]
        if any(len(units) != 1 or units[0].children for units in found):
            continue
        old, own, other = (units[0] for units in found)
        if not has_placeholder(old.shown.text) and not has_placeholder(other.shown.text):
            own.base, own.theirs, own.is_contested = old.base, other.theirs, True
            joined |= {id(old), id(other)}
    return [unit for unit in items if id(unit) not in joined]


def _by_place(units: Sequence[Unit], side: int) -> dict[int, list[Unit]]:
    """Group what only one version has, in its order, by the last unit before it that all three have."""
    places: dict[int, list[Unit]] = defaultdict(list)
    before = 0
    for _, unit in sorted(((order, unit) for unit in units if (order := unit.orders[side]) is not None), key=_order):
        if None not in unit.orders:
            before = id(unit)
        elif unit.nodes.count(None) == 2:
            places[before].append(unit)
    return places


def _order(placed: tuple[int, Unit]) -> int:
    return placed[0]


def _first(units: Sequence[Unit], like: Unit, joined: set[int]) -> Unit | None:
    """Return the first unit of a kind that was not joined with another yet."""
    free = (unit for unit in units if id(unit) not in joined and unit.nodes.count(None) == 2)
    return next((unit for unit in free if unit.shown.kind is like.shown.kind), None)
