"""Which sections stay in a merge."""

from collections.abc import Iterator, Sequence

from groundplan.merging.nodes import Node
from groundplan.merging.units import Unit


def path_of(section: Node, sections: Sequence[Node]) -> tuple[str, ...]:
    """Return the titles from the outermost section to this one."""
    titles: list[str] = []
    while section.level:
        titles.append(section.identity)
        section = sections[section.parent]
    return tuple(reversed(titles))


def sections_that_stay(
    units: Sequence[Unit], base: Sequence[Node], ours: Sequence[Node], theirs: Sequence[Node], *, yielding: bool
) -> set[Unit]:
    """Choose the sections that stay.

    The user's stay, but those that the template dropped and in which the user changed nothing. The template's new ones
    are added, but those in a section that the user took out with all its subsections.

    Args:
        units: The sections of all versions, brought together.
        base: The base's sections, in its order.
        ours: The user's.
        theirs: The template's.
        yielding: Whether the template yields where the user took a section out; if not, both sides' stay alike.
    """
    unit_of = {id(node): unit for unit in units for node in unit.nodes if node}
    kept = set(_wanted(ours, unit_of))
    if not yielding:
        return kept | set(_wanted(theirs, unit_of))
    alive = _alive(base, unit_of)
    for section in theirs:
        unit, parent = unit_of[id(section)], unit_of[id(theirs[section.parent])]
        if not unit.base and (parent in kept or id(parent.base) in alive):
            kept.add(unit)
    return kept


def _wanted(side: Sequence[Node], unit_of: dict[int, Unit]) -> Iterator[Unit]:
    """Yield what one side changed or both have, and what has to stay for the sake of that."""
    needed: set[int] = set()
    for number in reversed(range(len(side))):
        unit = unit_of[id(side[number])]
        is_shared = unit.ours is not None and unit.theirs is not None
        if is_shared or unit.is_edited or unit.is_reworded or number in needed:
            yield unit
            if not is_shared:
                needed.add(side[number].parent)


def _alive(base: Sequence[Node], unit_of: dict[int, Unit]) -> set[int]:
    """Name the base's sections that the user still has, or has subsections of."""
    alive: set[int] = set()
    for section in reversed(base):
        if unit_of[id(section)].ours or id(section) in alive:
            alive |= {id(section), id(base[section.parent])}
    return alive


def level_shifts(theirs: Sequence[Node], units: Sequence[Unit]) -> dict[int, int]:
    """Return by how many levels the template's new sections are to be shifted, as the user shifted what they stand in.

    Args:
        theirs: The template's sections, in its order.
        units: The sections of all versions, brought together.

    Returns:
        Levels by the identity of the template's node.
    """
    ours_of = {id(unit.theirs): unit.ours for unit in units if unit.theirs}
    shifts: dict[int, int] = {}
    for node in theirs:
        own = ours_of[id(node)]
        shifts[id(node)] = own.level - node.level if own else shifts.get(id(theirs[node.parent]), 0)
    return shifts
