"""What a brief's answers must look like, and that a wrong one is named by its key and entry."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from groundplan.rendering import answers as shapes
from groundplan.rendering.answers import date_problem, is_date, shape_problem
from groundplan.rendering.shapes import SHAPES, Date, ListOf, Record, Shape, Text
from hypothesis import given, settings
from hypothesis import strategies as st
from support.german import GERMAN
from support.rendering import ROOT

EXAMPLE: Mapping[str, Any] = {**yaml.safe_load((ROOT / "example-brief.yml").read_text("utf-8")), **GERMAN}
YAML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.dates() | st.floats(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=8,
)


def fitting(shape: Shape) -> Any:
    """Return the least value that a shape takes."""
    match shape:
        case Text():
            return shape.choices[0] if shape.choices else "Some-text" if "(?![a-z])" in shape.pattern else "some-text"
        case Date():
            return "2026-03-20"
        case ListOf():
            return [fitting(shape.item)] * (shape.size or 1)
        case Record():
            return {key: fitting(below) for key, below in shape.fields.items()}


@pytest.mark.parametrize("key", SHAPES)
def test_what_fits_is_taken(key: str) -> None:
    assert shape_problem(fitting(SHAPES[key]), key) == ""
    assert shape_problem(EXAMPLE[key], key) == ""


@given(st.sampled_from(sorted(SHAPES)), YAML_VALUES)
@settings(max_examples=300)
def test_any_value_is_judged_with_its_key_on_one_line(key: str, value: Any) -> None:
    problem = shape_problem(value, key)
    assert problem == "" or (problem.startswith(key) and len(problem.splitlines()) == 1)


@pytest.mark.parametrize("key", [key for key, shape in SHAPES.items() if isinstance(shape, ListOf)])
def test_an_empty_list_is_an_answer(key: str) -> None:
    assert shape_problem([], key) == ""


@pytest.mark.parametrize("key", [key for key, shape in SHAPES.items() if isinstance(shape, Record)])
def test_an_empty_mapping_and_empty_keys_are_answers(key: str) -> None:
    shape = SHAPES[key]
    assert isinstance(shape, Record)
    assert shape_problem({}, key) == ""
    assert shape_problem(dict.fromkeys(shape.fields), key) == ""


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("goals", "one", "goals must be a list, not text. Begin each entry with a hyphen."),
        ("goals", ["one", 2], "goals[2] must be text, not “2”. Put it in quotes."),
        ("goals", ["one", ""], "goals[2] is empty. Write something or leave the key out."),
        ("goals", [True], "goals[1] must be text, not yes or no. Put it in quotes."),
        ("problem", None, "problem must be text, not nothing. Put it in quotes."),
        (
            "testing",
            [],
            "testing must be a mapping with the keys coverage, scenarios, performance, security, automation",
        ),
        (
            "notes",
            {"assumption": ["a"]},
            "notes has the unknown key “assumption”. Its keys are assumptions, trade_offs",
        ),
        ("notes", {"assumptions": "a"}, "notes.assumptions must be a list, not text."),
        ("risks", [{"impact": "high"}], "risks[1] lacks risk: what may go wrong."),
        ("risks", [{"risk": "x", "impact": "High"}], "risks[1].impact must be one of low, medium, high, not “High”."),
        ("milestones", [{"milestone": "x", "date": "2026-13-01"}], "milestones[1].date must be a date written as"),
        ("depends_on", ["Saved Carts"], "depends_on[1] must be a slug, such as user-profile, not “Saved Carts”."),
        ("labels", ["a\nb"], "labels[1] must be one line without commas, not “a\\nb”."),
        ("adr_title", "a\nb", "adr_title must be one line."),
        ("adr_title", "x" * 81, "adr_title has 81 characters. Use at most 80."),
    ],
)
def test_a_wrong_answer_is_named_by_key_and_entry(key: str, value: Any, message: str) -> None:
    assert shape_problem(value, key).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "# One",
        "a\n\n## Two",
        "One\n===",
        "One\n-",
        "- # One",
        "> # One",
        "---",
        "a\n\n---\n\nb",
        "```\n# a\n```\n\n# b",
    ],
)
def test_headings_and_rules_are_refused_wherever_they_stand(text: str) -> None:
    assert "holds a heading or a line of ---" in shape_problem(text, "problem")
    assert "holds a heading or a line of ---" in shape_problem([text], "goals")


@given(st.text("#<`~=-_*>+|1a.) \n\t", max_size=24))
def test_a_text_that_is_not_parsed_holds_nothing_to_refuse(text: str) -> None:
    quickly = shape_problem(text, "problem")
    with patch.object(shapes, "_MAY_BREAK_SECTIONS", re.compile("")):
        assert shape_problem(text, "problem") == quickly


@pytest.mark.parametrize("text", ["```\nopen", "~~~", "<!-- open", "<script>", "a\n\n```text\nopen"])
def test_what_would_swallow_the_next_section_is_refused(text: str) -> None:
    assert "leaves a code fence or a comment open" in shape_problem(text, "high_level")


@pytest.mark.parametrize(
    "text",
    [
        "#hashtag",
        "`# code`",
        "Text:\n\n```sh\n# a comment\n```",
        "- a\n- b",
        "1. a\n2. b",
        "<!-- closed -->",
        "a | b",
        "a — b",
        "> quoted",
        "[a](b) **c** {{ 7*7 }}",
        "مرحبا 🚀",
    ],
)
def test_other_markdown_is_taken(text: str) -> None:
    assert shape_problem(text, "problem") == ""


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff"])
def test_control_characters_are_refused_and_named(character: str) -> None:
    assert f"U+{ord(character):04X}. Remove it" in shape_problem(f"a{character}b", "outcome")


@pytest.mark.parametrize("value", ["2026-03-20", datetime.date(2026, 3, 20)])
def test_dates(value: Any) -> None:
    assert is_date(value)
    assert date_problem(value, "created") == ""


@pytest.mark.parametrize(
    "value",
    ["2026-3-20", "20260320", "2026-02-30", "2026-03-20\n", "2026-W12-5", "", None, 5, datetime.datetime(2026, 3, 20)],
)
def test_what_is_no_date(value: Any) -> None:
    assert date_problem(value, "created").startswith("created must be a date written as YYYY-MM-DD")
