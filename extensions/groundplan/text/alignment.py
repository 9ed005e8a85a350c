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
# A word that stands in more elements than this says little about which of them is meant.
_COMMON = 24
# Up to this many elements are compared each with each.
_FEW = 12
# Only hostile input nests anchors deeper than this; what is left then counts as different.
_DEEPEST = 60


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


def words(text: str) -> Counter[str]:
    """Count a text's words, without case and punctuation, for `likeness`."""
    return Counter(_WORD.findall(text.casefold()))


def likeness(left: Counter[str], right: Counter[str]) -> float:
    """Return how much two texts share, from 0 to 1: Dice's coefficient of their words."""
    total = left.total() + right.total()
    if not total:
        return 1.0
    shared = left.keys() & right.keys()
    return 2 * sum(map(min, map(left.__getitem__, shared), map(right.__getitem__, shared))) / total


def pair_alike(left: Sequence[Counter[str]], right: Sequence[Counter[str]], least: float) -> Iterator[tuple[int, int]]:
    """Pair the most alike elements of two sequences, in any order.

    Args:
        left: The words of the first sequence's elements.
        right: The words of the second sequence's elements.
        least: The likeness below which elements are strangers.

    Yields:
        Index pairs, the most alike first; each element at most once.
    """
    scored: list[tuple[float, int, int, int]] = []
    standing_in = elements_by_word(right)
    totals = [bag.total() for bag in right]
    for number, bag in enumerate(left):
        total = bag.total()
        for candidate in candidates(bag, standing_in, len(right)):
            # A text cannot share more words than it has.
            if 2 * min(total, totals[candidate]) < least * (total + totals[candidate]):
                continue
            score = likeness(bag, right[candidate])
            if score >= least:
                scored.append((-score, abs(number - candidate), number, candidate))
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    for _, _, number, candidate in sorted(scored):
        if number not in taken_left and candidate not in taken_right:
            taken_left.add(number)
            taken_right.add(candidate)
            yield number, candidate


def elements_by_word(bags: Sequence[Counter[str]]) -> dict[str, list[int]]:
    """Return for each telling word in which of some elements it stands, for `candidates`; nothing if they are few."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, bag in enumerate(bags if len(bags) > _FEW else ()):
        for word in bag:
            places[word].append(number)
    return {word: numbers for word, numbers in places.items() if len(numbers) <= _COMMON}


def candidates(bag: Counter[str], standing_in: dict[str, list[int]], total: int) -> Iterable[int]:
    """Return the few elements that share most of the telling words: to compare all would take time without bound.

    Args:
        bag: The words of what they are compared with.
        standing_in: What `elements_by_word` says of the elements.
        total: How many elements there are.
    """
    if total <= _FEW:
        return range(total)
    shared = Counter(chain.from_iterable(standing_in[word] for word in bag if word in standing_in))
    return [number for number, _ in shared.most_common(_FEW)]
