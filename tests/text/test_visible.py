"""Texts of anybody's, shown: none of them steers a terminal, forges a line or breaks a document."""

from __future__ import annotations

import json
import re

import pytest
from groundplan.text.visible import as_json, visible
from hypothesis import given
from hypothesis import strategies as st

HARMFUL = {
    "\x1b]0;title\x07": r"\x1b]0;title\x07",
    "a\x1b[2J": r"a\x1b[2J",
    "\x9b31m": r"\x9b31m",
    "a\n::error::b": r"a\n::error::b",
    "::error file=a::b": r"\::error file=a::b",
    "  ::stop-commands::x": r"  \::stop-commands::x",
    "x ##[error]y": r"x ##\[error]y",
    "a\u202eb\u2066c\u200f": r"a\u202eb\u2066c\u200f",
    "a\u2028b\r\tc": r"a\u2028b\r\tc",
    "\udcff": r"\xff",
    chr(0xD800): r"\ud800",
    "\x7f\x00": r"\x7f\x00",
    "Ünïcödé 商店 🚀 – “a”: b::c": "Ünïcödé 商店 🚀 – “a”: b::c",
}


@pytest.mark.parametrize(("text", "shown"), HARMFUL.items(), ids=map(ascii, HARMFUL))
def test_controls_and_commands_are_shown_not_obeyed(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters() | st.sampled_from("\x1b\x9b\n\r\u202e\u2066:#[\udcff"), max_size=40))
def test_shown_text_is_one_line_that_any_terminal_can_write(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert len(shown.splitlines()) <= 1
    assert not shown.lstrip().startswith("::")
    assert "##[" not in shown
    shown.encode("utf-8")


@given(st.recursive(st.text(st.characters(), max_size=20) | st.integers(), lambda inner: st.lists(inner, max_size=3)))
def test_json_holds_the_same_data_without_controls(data: object) -> None:
    document = as_json(data)
    assert json.loads(document) == data
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", document)
