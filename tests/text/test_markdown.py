"""Blocks are lossless and say what they are, whatever the text."""

from collections.abc import Sequence
from unittest.mock import patch

import pytest
from groundplan.text.blocks import (
    Blank,
    Block,
    Document,
    Fence,
    Heading,
    Html,
    Item,
    List,
    Paragraph,
    Reference,
    Table,
    is_blank,
    split_lines,
)
from groundplan.text.markdown import parse
from hypothesis import given
from hypothesis import strategies as st

PLAN = """\
---
title: "Acme – Orders"
---

# Acme – Orders

<!-- Guidance
over two lines. -->

## Scope

Text
of a paragraph.

### In Scope

- [ ] open (G1) @ada
- [x] ticked
  - [X] nested

    more of nested
- plain

1. first
2) other list

## Risks

| Risk | Impact |
|------|--------|
| a \\| b | high |
| `c` |

```text
- [ ] not a task
```

[docs]: https://example.org
[more]: <https://example.org>
  "title"
"""

# Lines that touch each other in as many ways as Markdown has.
VISIBLE_LINES = """\
# A;## B;---;===;- a;- [ ] t;- [x];  - n;1. o;> q;>;```;~~~ x;| a | b |;|---|---|;| 1 | 2 |;<!-- c;-->;<div>;[r]: /u
[r]:;text;    code;  ;- - x;- > q;-;***;\\;a  ;[x;é;- ```;"""
LINES = [*VISIBLE_LINES.replace("\n", ";").split(";"), "\tcode", "-\ttab", "\u2028", "\x0c", "\x00", "\ufeff"]
ENDINGS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", ""])
TEXTS = st.lists(st.tuples(st.sampled_from(LINES), ENDINGS)).map(lambda pairs: "".join(map("".join, pairs)))


def children(block: Block) -> Sequence[Block]:
    match block:
        case List():
            return block.items
        case Item():
            return block.blocks
        case _:
            return ()


def assert_tiles(blocks: Sequence[Block], start: int, end: int) -> None:
    """The blocks cover the lines from start to end without hole or overlap, at every level."""
    for block in blocks:
        assert block.start == start
        assert block.start <= block.stop <= block.end
        assert all(is_blank(line) for line in block.source[block.stop : block.end])
        inner = children(block)
        if inner:
            # An item's first block starts on the marker's line or below it.
            assert_tiles(inner, max(inner[0].start, start) if isinstance(block, Item) else start, block.end)
        start = block.end
    assert start == end


def assert_lossless(text: str) -> Document:
    document = parse(text)
    assert "".join(document.lines) == text
    assert_tiles(document.blocks, 0, len(document.lines))
    matter = [document.front_matter] if document.front_matter else []
    assert [*matter, *document.root.all_blocks()] == list(document.blocks)
    return document


@given(TEXTS)
def test_blocks_tile_any_text(text: str) -> None:
    assert_lossless(text)


@given(st.text(alphabet="-*#>|` \t\n\r[]x1.\\<!a:"))
def test_blocks_tile_broken_markdown(text: str) -> None:
    assert_lossless(text)


@given(st.one_of(TEXTS, st.text(alphabet="-=#>|` \t\n\r\f[]x1.\\<!a:\ufeff")))
def test_rules_that_are_left_out_would_have_met_nothing(text: str) -> None:
    with patch("groundplan.text.markdown._idle_rules", return_value=()):
        complete = parse(text)
    assert parse(text) == complete


@given(TEXTS)
def test_lines_are_the_ones_markdown_it_counts(text: str) -> None:
    rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [line.rstrip("\r\n") for line in split_lines(text)] == (rest if rest[-1] else rest[:-1])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_plan_has_the_same_structure_whatever_its_line_endings(ending: str) -> None:
    document = assert_lossless(PLAN.replace("\n", ending))
    assert [section.path for section in document.root.walk()] == [
        (),
        ("Acme – Orders",),
        ("Acme – Orders", "Scope"),
        ("Acme – Orders", "Scope", "In Scope"),
        ("Acme – Orders", "Risks"),
    ]
    assert [(item.tick, item.content.split("\n")[0], item.nesting, item.line) for item in document.root.items()] == [
        (" ", "open (G1) @ada", 0, 17),
        ("x", "ticked", 0, 18),
        ("X", "nested", 1, 19),
        (None, "plain", 0, 22),
        (None, "first", 0, 24),
        (None, "other list", 0, 25),
    ]


def test_front_matter_is_told_from_a_rule() -> None:
    matter = parse(PLAN).front_matter
    assert matter is not None
    assert matter.content == 'title: "Acme – Orders"\n'
    assert parse("---\n\ntext\n").front_matter is None
    assert parse("\n---\na: b\n---\n").front_matter is None


def test_a_byte_order_mark_hides_neither_front_matter_nor_heading() -> None:
    assert parse("\ufeff---\na: b\n---\n").front_matter is not None
    assert [section.title for section in assert_lossless("\ufeff# Title\n").root.sections] == ["Title"]


def test_a_table_knows_its_columns_and_the_lines_of_its_rows() -> None:
    table = next(block for block in parse(PLAN).blocks if isinstance(block, Table))
    assert table.header == ("Risk", "Impact")
    assert [(row.cells, row.line) for row in table.rows] == [(("a \\| b", "high"), 31), (("`c`",), 32)]


def test_a_fence_hides_what_looks_like_a_task() -> None:
    fence = next(block for block in parse(PLAN).blocks if isinstance(block, Fence))
    assert (fence.info, fence.content, fence.line) == ("text", "- [ ] not a task\n", 34)


def test_each_reference_definition_is_one_block() -> None:
    references = [block for block in parse(PLAN).blocks if isinstance(block, Reference)]
    assert [(block.line, len(block.lines)) for block in references] == [(38, 1), (39, 2)]
    again = "[a]: /1\n[a]: /2\n"
    assert [block.text for block in parse(again).blocks] == ["[a]: /1\n", "[a]: /2\n"]


def test_an_html_comment_is_known_as_one() -> None:
    comments = [block.is_comment for block in parse("<!-- a -->\n\n<div>\n").blocks if isinstance(block, Html)]
    assert comments == [True, False]


def test_an_underlined_heading_opens_a_section() -> None:
    section = parse("Title\n=====\n\nPart\n----\ntext\n").root.sections[0]
    assert (section.title, section.level) == ("Title", 1)
    assert (section.sections[0].title, section.sections[0].line) == ("Part", 4)


def test_a_section_stands_in_the_nearest_higher_one_though_levels_are_skipped() -> None:
    titles = [section.path for section in parse("# a\n#### b\n## c\n### d\n# e\n").root.walk()]
    assert titles == [(), ("a",), ("a", "b"), ("a", "c"), ("a", "c", "d"), ("e",)]


def test_headings_in_lists_and_quotations_open_no_section() -> None:
    assert parse("- # a\n\n> # b\n").root.sections == ()


@pytest.mark.parametrize(
    ("text", "tick", "content"),
    [
        ("- [ ] a", " ", "a"),
        ("- [x] a", "x", "a"),
        ("- [x]", "x", ""),
        ("- [x](u)", None, "[x](u)"),
        ("- [y] a", None, "[y] a"),
        ("1. [X]\ta", "X", "a"),
        ("- \\[ ] a", None, "\\[ ] a"),
    ],
)
def test_a_tick_is_read_as_github_reads_it(text: str, tick: str | None, content: str) -> None:
    (item,) = parse(text).root.items()
    assert (item.tick, item.content) == (tick, content)


def test_an_item_may_start_with_something_else_than_a_paragraph() -> None:
    outer, inner = parse("- - [ ] a\n").root.items()
    assert (outer.content, outer.tick) == ("", None)
    assert (inner.content, inner.tick, inner.nesting) == ("a", " ", 1)


def test_a_hundred_nested_items_are_told_apart() -> None:
    text = "".join("  " * depth + f"- [ ] level {depth}\n" for depth in range(100))
    assert [item.nesting for item in assert_lossless(text).root.items()] == list(range(100))


@pytest.mark.parametrize("opening", ["- ", "> ", "1. "])
def test_nesting_without_end_becomes_opaque(opening: str) -> None:
    document = assert_lossless(opening * 3000 + "a\n\nb\n")
    assert document.blocks


def test_an_empty_text_has_no_blocks_and_blank_lines_are_one() -> None:
    assert parse("").blocks == ()
    assert [type(block).__name__ for block in assert_lossless("\n \n").blocks] == ["Blank"]
    assert [type(block) for block in assert_lossless("\n\n# a\n").blocks] == [Blank, Heading]


def test_text_and_gap_of_a_block_are_its_lines() -> None:
    first = parse("a\nb\n\n\nc\n").blocks[0]
    assert isinstance(first, Paragraph)
    assert (first.text, first.gap, first.line) == ("a\nb\n", "\n\n", 1)
