"""Words of texts, and which texts are alike."""

import re
from collections import Counter

import pytest
from groundplan.text.alignment import Bag, Elements, likeness, word_list
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), min_size=13, max_size=20)


@given(st.text() | st.text(st.characters(max_codepoint=127)))
def test_plain_text_has_the_words_that_the_pattern_finds(text: str) -> None:
    assert word_list(text) == re.findall(r"\w+", text.casefold())


@given(TEXTS, st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8), st.sampled_from([0.3, 0.5, 0.7, 0.8]))
def test_at_most_twelve_alike_texts_are_all_found_among_many(
    texts: list[list[str]], words: list[str], least: float
) -> None:
    bags = [Bag(text) for text in texts]
    scores = [likeness(Counter(words), Counter(text)) for text in texts]
    alike = [(number, score) for number, score in enumerate(scores) if score >= least]

    found = sorted(Elements(bags, [Bag(words)], least).alike(Bag(words)))

    assert set(found) <= set(alike)
    if sum(bool({*words} & {*text}) for text in texts) <= 12:
        assert found == alike


@pytest.mark.parametrize("count", [3, 300])
def test_an_edited_text_is_found_among_few_and_many(count: int) -> None:
    texts = [f"the text {number} tells of thing{number} and of use{number}".split() for number in range(count)]
    edited = "the text 2 tells of thing2 and its use2".split()

    elements = Elements([Bag(text) for text in texts], [Bag(edited)], 0.8)

    assert [number for number, _ in elements.alike(Bag(edited))] == [2]
