"""Answers are data: what is quoted reads back as what was given."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
import yaml
from groundplan.rendering.quoting import (
    after_label,
    block,
    cell,
    fence,
    mermaid_label,
    one_line,
    plain,
    shell_quote,
    sorted_imports,
    yaml_list,
    yaml_mapping,
    yaml_string,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

COMMONMARK = MarkdownIt("commonmark")
GFM = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
# What names are made of once they are judged: any character but controls, and above all those that mean something.
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff")
MARKS = st.sampled_from(
    [*"`*_[]()<>#+-.!|~\\&;:/@\"'{}%= 1aé", "&amp;", "https://a.b", "www.a.b", "a@b.c", "1. ", "  "]
)
TEXTS = st.text(CHARACTERS, max_size=60) | st.lists(MARKS, max_size=20).map("".join)


def shown(markdown: str) -> str:
    """Return the plain text that a paragraph shows; fail where it is anything else than text."""
    opening, inline, _ = GFM.parse(markdown)
    assert opening.type == "paragraph_open"
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
    return "".join(child.content for child in inline.children or ())


@given(TEXTS)
@example("# a")
@example("1) a")
@example("+ a")
@example("--- ")
@example("=== ")
@example("- [ ] a")
@example("[a]: b")
@example("a\\")
@settings(max_examples=500)
def test_plain_text_reads_literally_as_markdown(text: str) -> None:
    if one_line(text):
        assert shown(plain(text)) == one_line(text)


@given(TEXTS)
def test_plain_text_reads_literally_in_a_cell_and_after_a_label(text: str) -> None:
    if one_line(text):
        table = GFM.parse(f"| A | B |\n| --- | --- |\n| {cell(plain(text))} | b |")
        cells = [token for token in table if token.type == "inline"]
        assert len(cells) == 4
        assert "".join(child.content for child in cells[2].children or ()) == one_line(text)
        item = GFM.parse(f"- **Label:** {plain(text)}")
        assert [token.type for token in item].count("list_item_open") == 1


@pytest.mark.parametrize("text", ["- a\n- b", "1. a", "```\na\n```", "> a", "# a", "| A |\n| --- |\n| a |"])
def test_what_is_no_sentence_stands_below_its_label(text: str) -> None:
    label, *below = COMMONMARK.enable("table").parse(f"- **Label:**{after_label(text)}\n- **Next:** b")[2:]
    assert label.type == "paragraph_open"
    assert below[0].content == "**Label:**"
    assert below[2].type != "list_item_close"
    assert [token.type for token in below if token.level == 1].count("list_item_open") == 1


@pytest.mark.parametrize("text", ["A sentence.\nAnother.", "-5 degrees", "*Soon*, they say", "#1 in the list", "1.5 s"])
def test_a_sentence_stands_behind_its_label(text: str) -> None:
    assert after_label(text) == f" {block(text, 2)}"


def test_addresses_are_no_links_for_github() -> None:
    # GFM 6.9 links these without brackets; a backslash before the mark stops it.
    assert plain("https://a.b www.a.b jane@a.b") == "https\\://a.b www\\.a.b jane\\@a.b"


@given(TEXTS | st.text(max_size=40))
@settings(max_examples=500)
def test_a_cell_is_one_line_of_one_cell(text: str) -> None:
    table = GFM.parse(f"| A |\n| --- |\n| x {cell(text)} |")
    assert [token.type for token in table].count("td_open") == 1
    assert [token.type for token in table].count("tr_open") == 2


@given(TEXTS)
def test_a_cell_is_not_escaped_twice(text: str) -> None:
    assert cell(cell(text)) == cell(text)


@given(st.text(CHARACTERS | st.sampled_from(["\n", "\t", "\x85", "\u2028", "\x7f", "\ufeff"])))
@settings(max_examples=500)
def test_a_yaml_string_reads_back(text: str) -> None:
    quoted = yaml_string(text)
    assert yaml.safe_load(f"a: {quoted}\nb: 1\n") == {"a": text, "b": 1}
    assert len(quoted.splitlines()) == 1


@given(st.lists(TEXTS, max_size=4))
def test_a_yaml_list_reads_back(texts: list[str]) -> None:
    assert yaml.safe_load(f"a: {yaml_list(texts)}\n") == {"a": texts}


@pytest.mark.parametrize(
    "text", ["yes", "null", "1", "2026-01-15", "~", "- a", "a: b", "# a", "", "@x", "%x", "*x", "&x"]
)
def test_a_yaml_string_stays_text(text: str) -> None:
    assert yaml.safe_load(yaml_string(text)) == text


SCALARS = TEXTS | st.integers() | st.booleans() | st.none() | st.dates()


@given(st.dictionaries(TEXTS.filter(bool), st.lists(SCALARS, max_size=3) | SCALARS, max_size=4))
@example({"name": "Carts 🛒"})
def test_a_yaml_mapping_reads_back_and_can_be_read(values: dict[str, object]) -> None:
    written = yaml_mapping(values)
    assert yaml.safe_load(written) == values
    assert "\\U" not in written or "\\U" in str(values)


@given(TEXTS)
def test_a_mermaid_label_cannot_end_itself(text: str) -> None:
    label = mermaid_label(text)
    assert not set('"<>`\\\n') & set(label)
    # The only # and ; are those of Mermaid's entity codes, and those read back.
    assert re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label) == one_line(text)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_shell_words_read_back(texts: list[str]) -> None:
    assert shlex.split(" ".join(map(shell_quote, texts))) == texts


@pytest.mark.parametrize("text", ["$(touch x)", "`id`", "a'b", '"', "\\", "-n", "a b", "!x", "$HOME", "é 🚀"])
def test_a_real_shell_reads_the_word_back(text: str) -> None:
    run = subprocess.run(["sh", "-c", f"printf %s {shell_quote(text)}"], capture_output=True, text=True, check=True)
    assert run.stdout == text


@given(st.text(st.sampled_from(list("`~a\n")), max_size=30))
def test_a_fence_is_longer_than_what_it_holds(text: str) -> None:
    content = one_line(text)
    first, *rest = COMMONMARK.parse(f"{fence(content)}text\n{content}\n{fence(content)}\n\nafter\n")
    assert (first.type, first.content) == ("fence", f"{content}\n")
    assert [token.content for token in rest if token.type == "inline"] == ["after"]


def test_blocks_are_trimmed_and_indented_below_their_item() -> None:
    assert block("\n one\r\n\r\n- two  \n  - three\n\n", 2) == "one\n\n  - two\n    - three"


def test_white_space_folds_into_single_spaces() -> None:
    assert one_line(" a \n\n b\t c ") == "a b c"


def test_imports_are_sorted_by_name_and_not_by_case() -> None:
    lines = "using Zebra.A;\nusing B.C.D;\nusing eShop;\nusing B.C;\n"
    assert sorted_imports(lines) == "using B.C;\nusing B.C.D;\nusing eShop;\nusing Zebra.A;\n"
