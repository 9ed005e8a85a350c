"""Which elements of two sequences belong together.

Both ways to tell stay close to linear however long or repetitive the sequences are, unlike `difflib`, whose matches and
ratios are quadratic where elements repeat.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain, pairwise

_WORD = re.compile(r"\w+")
# ASCII in lower case, with spaces for what `\w` does not match.
_FOLDED = "".join(char if char.isalnum() or char == "_" else " " for char in map(chr, range(128))).lower().encode()
_ASCII = _FOLDED.ljust(256)
# A word that stands in more elements than this says little about which of them is meant.
_COMMON = 24
# Up to this many elements are compared each with each.
_FEW = 12
# Only hostile input nests anchors deeper than this; what is left then counts as different.
_DEEPEST = 60
_ROUNDING = 1e-6


def align(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Match equal elements of two sequences in order.

    This is patience diff: common starts and ends, then anchors that occur once on both sides, then the same between the
    anchors. Where nothing occurs once, the n-th occurrence on one side stands for the n-th on the other.

    Args:
        left: The first sequence.
        right: The second sequence.

    Returns:
        Index pairs, ascending on both sides.
    """
    pairs: list[tuple[int, int]] = []
    ranges = [(0, len(left), 0, len(right), 0)]
    while ranges:
        left_start, left_stop, right_start, right_stop, depth = ranges.pop()
        while left_start < left_stop and right_start < right_stop and left[left_start] == right[right_start]:
            pairs.append((left_start, right_start))
            left_start, right_start = left_start + 1, right_start + 1
        while left_start < left_stop and right_start < right_stop and left[left_stop - 1] == right[right_stop - 1]:
            left_stop, right_stop = left_stop - 1, right_stop - 1
            pairs.append((left_stop, right_stop))
        if left_start == left_stop or right_start == right_stop or depth == _DEEPEST:
            continue
        anchors = _anchors(left, right, range(left_start, left_stop), range(right_start, right_stop))
        pairs += anchors
        if anchors:
            fenced = [(left_start - 1, right_start - 1), *anchors, (left_stop, right_stop)]
            ranges += [(a + 1, c, b + 1, d, depth + 1) for (a, b), (c, d) in pairwise(fenced)]
    return sorted(pairs)


def _anchors(
    left: Sequence[Hashable], right: Sequence[Hashable], left_range: range, right_range: range
) -> list[tuple[int, int]]:
    left_once, right_once = _single(left, left_range), _single(right, right_range)
    common = [(number, right_once[key]) for key, number in left_once.items() if key in right_once]
    if not common:
        nth_left, nth_right = _numbered(left, left_range), _numbered(right, right_range)
        common = [(number, nth_right[key]) for key, number in nth_left.items() if key in nth_right]
    return _longest_ascending(common)


def _single(elements: Sequence[Hashable], where: range) -> dict[Hashable, int]:
    counts = Counter(elements[where.start : where.stop])
    return {elements[number]: number for number in where if counts[elements[number]] == 1}


def _numbered(elements: Sequence[Hashable], where: range) -> dict[tuple[Hashable, int], int]:
    seen: Counter[Hashable] = Counter()
    places: dict[tuple[Hashable, int], int] = {}
    for number in where:
        element = elements[number]
        places[element, seen[element]] = number
        seen[element] += 1
    return places


def _longest_ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take the most pairs that ascend on the right as well; they ascend on the left already."""
    ends: list[int] = []
    end_pairs: list[int] = []
    before: list[int] = []
    for number, (_, right) in enumerate(pairs):
        place = bisect_left(ends, right)
        ends[place : place + 1] = [right]
        end_pairs[place : place + 1] = [number]
        before.append(end_pairs[place - 1] if place else -1)
    chain: list[tuple[int, int]] = []
    number = end_pairs[-1] if end_pairs else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def word_list(text: str) -> list[str]:
    """Return a text's words in order, without case and punctuation."""
    if text.isascii():
        # A quarter of the time that a regular expression takes.
        return text.encode().translate(_ASCII).decode().split()
    return _WORD.findall(text.casefold())


def likeness(left: Counter[str], right: Counter[str]) -> float:
    """Return how much two texts share, from 0 to 1: Dice's coefficient of their words."""
    total = left.total() + right.total()
    if not total:
        return 1.0
    shared = left.keys() & right.keys()
    return 2 * sum(map(min, map(left.__getitem__, shared), map(right.__getitem__, shared))) / total


class Bag:
    """A text's words, counted only when somebody asks: of most texts it is enough to know which words they have."""

    __slots__ = ("_counts", "words")

    def __init__(self, words: Sequence[str]) -> None:
        """Take the words, in order."""
        self.words = words
        self._counts: Counter[str] | None = None

    @property
    def counts(self) -> Counter[str]:
        """How often each word stands there."""
        if self._counts is None:
            self._counts = Counter(self.words)
        return self._counts


def pair_alike(left: Sequence[Bag], right: Sequence[Bag], least: float) -> Iterator[tuple[int, int]]:
    """Pair the most alike elements of two sequences, in any order.

    Args:
        left: The words of the first sequence's elements.
        right: The words of the second sequence's elements.
        least: The likeness below which elements are strangers.

    Yields:
        Index pairs, the most alike first; each element at most once.
    """
    elements = Elements(right, left, least)
    scored = [
        (-score, abs(number - other), number, other)
        for number, bag in enumerate(left)
        for other, score in elements.alike(bag)
    ]
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    for _, _, number, other in sorted(scored):
        if number not in taken_left and other not in taken_right:
            taken_left.add(number)
            taken_right.add(other)
            yield number, other


class Elements:
    """Some elements, to be asked which of them are like another one."""

    def __init__(self, bags: Sequence[Bag], askers: Iterable[Bag], least: float) -> None:
        """Note where each word stands that somebody will ask for.

        Args:
            bags: The words of the elements.
            askers: The words of all that they will be compared with.
            least: The likeness below which elements are strangers, above 0.
        """
        self._bags = bags
        self._least = least
        places: dict[str, list[int]] = defaultdict(list)
        asked = set().union(*(bag.words for bag in askers)) if len(bags) > _FEW else set()
        for number, bag in enumerate(bags if asked else ()):
            for word in asked.intersection(bag.words):
                places[word].append(number)
        self._common = {word for word, numbers in places.items() if len(numbers) > _COMMON}
        self._telling = {word: numbers for word, numbers in places.items() if word not in self._common}

    def alike(self, bag: Bag) -> Iterator[tuple[int, float]]:
        """Yield the number and the likeness of each of the few elements most like some words."""
        total = len(bag.words)
        for number in self._candidates(bag.words):
            other = self._bags[number]
            # A text cannot share more words than it has.
            if 2 * min(total, len(other.words)) >= self._least * (total + len(other.words)):
                score = likeness(bag.counts, other.counts)
                if score >= self._least:
                    yield number, score

    def _candidates(self, words: Sequence[str]) -> Iterable[int]:
        """Return the few elements that share most telling words: to compare all would take time without bound."""
        if len(self._bags) <= _FEW:
            return range(len(self._bags))
        different = dict.fromkeys(words)
        shared = Counter(chain.from_iterable(self._telling[word] for word in different if word in self._telling))
        # What is alike enough shares so many words; all but the different telling ones may be among them.
        enough = self._least * len(words) / (2 - self._least)
        others = len(words) - len(different) + len(self._common.intersection(different))
        near = [number for number, count in shared.items() if count + others > enough - _ROUNDING]
        return near if len(near) <= _FEW else [number for number, _ in shared.most_common(_FEW)]
