"""Which node of one version is which node of another."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from groundplan.merging.nodes import Node
from groundplan.merging.placeholders import has_placeholder
from groundplan.text.alignment import Bag, align, pair_alike, word_list
from groundplan.text.blocks import FrontMatter, List, Reference, Section, Table

_Words = Callable[[Node], Bag]
# The numbers of some nodes of the base, and of the other side.
_Rest = tuple[Sequence[int], Sequence[int]]

# What has a name is known by it alone.
_NAMED = {FrontMatter, Reference}
# The share of words from which two texts are versions of one text: half of them after an edit, more where no base joins
# them. A list or table stays the same one though people exchange most of what is in it; a section has to be surer.
_EDITED = 0.5
_TWINS = 0.7
_REFILLED = 0.3
_RENAMED = 0.6
# Fewer words than this do not tell a section by its body.
_TELLING = 5


def match_versions(base: Sequence[Node], side: Sequence[Node]) -> dict[int, int]:
    """Find the nodes of the base in another version.

    Args:
        base: Siblings in the base: the blocks of a section, the items of a list, or all sections.
        side: Their counterparts in the user's or in the template's version.

    Returns:
        Index in `side` by index in `base`, each at most once.
    """
    if not base or not side:
        return {}
    matching = _Matching(base, side)
    matching.add_identical()
    if matching.is_complete:
        return matching.found
    for kind, rest in matching.rests():
        if kind is Section:
            matching.add_alike(rest, _body_words, _RENAMED)
            matching.add_alike(rest, _own_words, _RENAMED)
        else:
            matching.add_alike(rest, _all_words, _REFILLED if kind in (List, Table) else _EDITED)
    matching.add_in_place()
    return matching.found


def match_additions(ours: Sequence[Node], theirs: Sequence[Node]) -> dict[int, int]:
    """Find what both sides added; the arguments are additions only, the result is as that of `match_versions`."""
    if not ours or not theirs:
        return {}
    matching = _Matching(ours, theirs)
    matching.add_identical()
    for kind, rest in matching.rests():
        if kind is not Section:
            matching.add_alike(rest, _all_words, _TWINS)
    return matching.found


def match_moved(base: Sequence[Node], side: Sequence[Node]) -> dict[int, int]:
    """Find nodes of the base in other places of another version.

    Args:
        base: Nodes of the base, from all over the document, that have no counterpart in their own place.
        side: Nodes of the other version that have none.

    Returns:
        As `match_versions`.
    """
    if not base or not side:
        return {}
    matching = _Matching(base, side)
    matching.add_unmistakable()
    for _, rest in matching.rests():
        matching.add_alike(rest, _all_words, _TWINS, _TELLING)
    return matching.found


def _all_words(node: Node) -> Bag:
    return node.bag


def _own_words(node: Node) -> Bag:
    return Bag(word_list(node.text))


def _body_words(node: Node) -> Bag:
    body = word_list("".join(child.whole for child in node.children))
    return Bag(body) if len(body) >= _TELLING else _own_words(node)


class _Matching:
    """The pairs found so far, and rules to find more among the rest."""

    def __init__(self, base: Sequence[Node], side: Sequence[Node]) -> None:
        self._base = base
        self._side = side
        self.found: dict[int, int] = {}
        self._taken: set[int] = set()

    def _add(self, pairs: Iterable[tuple[int, int]]) -> None:
        for base, side in pairs:
            self.found[base] = side
            self._taken.add(side)

    def _rest(self) -> tuple[list[int], list[int]]:
        base = [number for number in range(len(self._base)) if number not in self.found]
        return base, [number for number in range(len(self._side)) if number not in self._taken]

    @property
    def is_complete(self) -> bool:
        """Whether all of either side have found their counterparts."""
        return len(self.found) == min(len(self._base), len(self._side))

    def rests(self) -> Iterator[tuple[type[object], _Rest]]:
        """Yield the kinds without a name of which both sides have more, and the numbers of these nodes."""
        base, side = (_by_kind(nodes, rest) for nodes, rest in zip((self._base, self._side), self._rest(), strict=True))
        for kind, numbers in base.items():
            if kind in side and kind not in _NAMED:
                yield kind, (numbers, side[kind])

    def add_identical(self) -> None:
        """Match by identity: in order, then what was moved and is unmistakable."""
        self._add(align([node.key for node in self._base], [node.key for node in self._side]))
        if not self.is_complete:
            self.add_unmistakable()

    def add_unmistakable(self) -> None:
        """Match what has the same identity once on either side."""
        base, side = self._rest()
        once = unmistakable(self._side, side)
        places = unmistakable(self._base, base).items()
        self._add([(number, once[key]) for key, number in places if key in once])

    def add_alike(self, rest: _Rest, words_of: _Words, least: float, telling: int = 0) -> None:
        """Match nodes of one kind by the words they share, if they have enough of them to be told by."""
        base, side = (
            {
                number: bag
                for number in numbers
                if number not in taken and len((bag := words_of(nodes[number])).words) >= telling
            }
            for numbers, nodes, taken in zip(rest, (self._base, self._side), (self.found, self._taken), strict=True)
        )
        if base and side:
            in_base, in_side = list(base), list(side)
            pairs = pair_alike(list(base.values()), list(side.values()), least)
            self._add([(in_base[left], in_side[right]) for left, right in pairs])

    def add_in_place(self) -> None:
        """Match the only one of its kind between the same neighbours, where words are meant to be replaced."""
        base, side = self._rest()
        in_base = _by_slot(self._base, base, self.found)
        in_side = _by_slot(self._side, side, {number: number for number in self._taken})
        for slot, numbers in in_base.items():
            others = in_side.get(slot, ())
            if len(numbers) == len(others) == 1 and self._may_be_reworded(numbers[0]):
                self._add([(numbers[0], others[0])])

    def _may_be_reworded(self, number: int) -> bool:
        node = self._base[number]
        # A heading over nothing but subsections has no body to be known by; its first subsection tells it.
        is_bare = node.kind is Section and not any(child.bag.words for child in node.children)
        if is_bare and number + 1 in self.found and self._base[number + 1].level > node.level:
            return True
        return _is_replaceable(node)


def _by_kind(nodes: Sequence[Node], numbers: Iterable[int]) -> dict[type[object], list[int]]:
    kinds: dict[type[object], list[int]] = defaultdict(list)
    for number in numbers:
        kinds[nodes[number].kind].append(number)
    return kinds


def unmistakable(nodes: Sequence[Node], numbers: Sequence[int]) -> dict[object, int]:
    """Return the numbers of nodes that are told by their identity alone, by their keys."""
    counts = Counter(nodes[number].key for number in numbers)
    return {
        nodes[number].key: number for number in numbers if counts[nodes[number].key] == 1 and nodes[number].identity
    }


def _by_slot(nodes: Sequence[Node], rest: Sequence[int], found: dict[int, int]) -> dict[object, list[int]]:
    """Group the rest by kind and by the matched nodes before and after, named by their places on the other side."""
    matched = sorted(found)
    slots: dict[object, list[int]] = defaultdict(list)
    position = 0
    for number in rest:
        while position < len(matched) and matched[position] < number:
            position += 1
        before = found[matched[position - 1]] if position else None
        after = found[matched[position]] if position < len(matched) else None
        slots[nodes[number].kind, nodes[number].level, before, after].append(number)
    return slots


def _is_replaceable(node: Node) -> bool:
    if node.kind in _NAMED:
        return False
    return node.kind in (List, Table) or node.level == 1 or has_placeholder(node.text)
