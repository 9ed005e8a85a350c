"""What a merge compares of a document."""

import re

from groundplan.merging.nodes import MARK, words_in
from hypothesis import given
from hypothesis import strategies as st

PIECES = st.sampled_from(["1.", "12)", "-", "#", ">", " ", "\t", "\n", "[x]", "[ ]", "word", "2", "Größe"])


@given(st.lists(PIECES).map("".join))
def test_words_are_those_left_once_all_marks_are_cut_away(text: str) -> None:
    assert words_in(text) == re.findall(r"\w+", MARK.sub("", text).casefold())
