"""Briefs: how they are read, what is refused, and their JSON Schema."""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from groundplan.features.brief import (
    Brief,
    BriefError,
    Questionnaire,
    load_questionnaire,
    read_briefs,
    settle,
)
from groundplan.features.schema import brief_schema
from groundplan.rendering.answers import shape_problem
from groundplan.rendering.shapes import SHAPES
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from support.rendering import ROOT

EXAMPLE = ROOT / "example-brief.yml"
SCHEMA = ROOT / "docs/reference/brief.schema.json"
QUESTIONNAIRE: Questionnaire = load_questionnaire((ROOT / "copier.yml").read_text("utf-8"))
QUESTIONS = QUESTIONNAIRE.questions
# What a Python feature has no use for, or what follows from other answers unless someone knows better.
# What a team answers once for all, and what nobody answers without need.
NOT_IN_EXAMPLE = set(
    "default_assignees extra_acceptance extra_labels extra_sections extra_tasks headings leave_out phases "
    "adr_slug branch feature_slug root_manifest".split()
)


def problems_of(data: dict[str, Any] | None = None, **answers: Any) -> str:
    try:
        settle(Brief(answers), QUESTIONS, data or {})
    except BriefError as error:
        return str(error)
    return ""


def reading_problem(path: Path) -> str:
    with pytest.raises(BriefError) as raised:
        read_briefs([path])
    return str(raised.value)


def test_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    assert problems_of(featur_name="Orders") == (
        "brief: featur_name is not a question of this template. Did you mean feature_name?"
    )


def test_key_like_no_other_is_refused_with_where_to_look() -> None:
    assert "`groundplan schema` lists the keys" in problems_of(zzz=1)


def test_all_unknown_keys_are_named_at_once() -> None:
    problems = problems_of({"stak": "go"}, gaols=[], onwer="jane")
    assert all(name in problems for name in ("stack?", "goals?", "owner?"))


@pytest.mark.parametrize("name", ["plan_dir", "tree", "locked", "feature_snake", "place_guard"])
def test_answer_that_follows_from_others_is_refused(name: str) -> None:
    answer: dict[str, Any] = {name: "x"}
    assert problems_of(**answer) == f"brief: {name} follows from the other answers. Leave it out."


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"stack": "pyhton"}, "stack has no choice “pyhton”. Did you mean python?"),
        ({"layers": ["domian"]}, "layers has no choice “domian”. Did you mean domain?"),
        ({"layers": "domain"}, "layers must be a list of domain, application, api, ui."),
        ({"scaffold": "perhaps"}, "scaffold must be true or false, not “perhaps”."),
        ({"ticket": 142}, "ticket must be text. Put it in quotes."),
        ({"goals": "Faster"}, "goals must be a list, not text."),
        ({"risks": [{"impact": "high"}]}, "risks[1] lacks risk"),
        ({"flags": [{"flag": "X", "remove_by": "soon"}]}, "must be a date written as YYYY-MM-DD"),
    ],
)
def test_answer_that_its_question_does_not_take_is_refused(answers: dict[str, Any], problem: str) -> None:
    assert problem in problems_of(**answers)


def test_problem_names_the_line_of_its_key(tmp_path: Path) -> None:
    path = tmp_path / "brief.yml"
    path.write_text("feature_name: Orders\n\n# Why\ngaols: [x]\n", "utf-8")
    (read,) = read_briefs([path])
    with pytest.raises(BriefError) as raised:
        settle(read, QUESTIONS, {})
    assert [problem.place for problem in raised.value.problems] == [f"{path}:4"]


def test_file_may_hold_several_briefs_each_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "briefs.yml"
    path.write_text("# Two\n---\nfeature_name: Orders\n---\nsummary: x\nfeature_name: Carts\n", "utf-8")
    first, second = read_briefs([path])
    assert (first.answers, first.lines) == ({"feature_name": "Orders"}, {"feature_name": 3})
    assert (second.answers["feature_name"], second.lines["feature_name"], second.line) == ("Carts", 6, 5)


def test_folder_gives_its_briefs_by_name(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "note.md"):
        (tmp_path / name).write_text(f"feature_name: {name}\n", "utf-8")
    assert [read.answers["feature_name"] for read in read_briefs([tmp_path])] == ["a.yaml", "b.yml"]


def test_hyphen_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"feature_name: Orders\n")))
    (read,) = read_briefs(["-"])
    assert (read.answers, read.path) == ({"feature_name": "Orders"}, "standard input")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "The brief is empty"),
        ("- a list\n", "not a mapping"),
        ("feature_name: [\n", "not valid YAML"),
        ("feature_name: A\nowner: x\nfeature_name: B\n", ":3: feature_name is answered twice"),
        ("created: 2026-13-45\n", "not valid YAML"),
        ("a: !!python/object:os.system x\n", "not valid YAML"),
        ("a: " + "[" * 3000 + "]" * 3000, "not valid YAML"),
    ],
)
def test_file_that_is_no_brief_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "brief.yml"
    path.write_text(text, "utf-8")
    assert problem in reading_problem(path)


def test_missing_file_and_empty_folder_are_refused(tmp_path: Path) -> None:
    assert "No such file" in reading_problem(tmp_path / "none.yml")
    assert "holds no .yml" in reading_problem(tmp_path)


def test_unanswered_key_counts_as_left_out() -> None:
    assert settle(Brief({"feature_name": "Orders", "ticket": None}), QUESTIONS, {}) == {"feature_name": "Orders"}


def test_unquoted_date_is_text_where_text_is_wanted() -> None:
    assert settle(Brief({"created": datetime.date(2026, 3, 2)}), QUESTIONS, {}) == {"created": "2026-03-02"}


def test_data_overrides_the_brief_and_is_read_as_its_question_wants() -> None:
    data = {"owner": "tom", "scaffold": "no", "layers": "[domain]", "goals": "[Faster]", "feature_name": "3.10"}
    assert settle(Brief({"owner": "jane"}), QUESTIONS, data) == {
        "owner": "tom",
        "scaffold": False,
        "layers": ["domain"],
        "goals": ["Faster"],
        "feature_name": "3.10",
    }


def test_example_brief_answers_everything() -> None:
    (example,) = read_briefs([EXAMPLE])
    asked = {name for name, question in QUESTIONS.items() if question.is_for_briefs}
    other_stacks = {name for name in asked if QUESTIONS[name].conditional} - set(example.answers)
    assert asked - set(example.answers) - other_stacks == NOT_IN_EXAMPLE
    assert settle(example, QUESTIONS, {}) == example.answers


def test_example_brief_names_the_schema_for_editors() -> None:
    assert EXAMPLE.read_text("utf-8").startswith(f"# yaml-language-server: $schema={SCHEMA.relative_to(ROOT)}\n")


def test_published_schema_is_fresh() -> None:
    published = json.loads(SCHEMA.read_text("utf-8"))
    assert published == brief_schema(QUESTIONS), "make schema"


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def test_example_brief_fits_the_schema() -> None:
    Draft7Validator.check_schema(brief_schema(QUESTIONS))
    Draft7Validator(brief_schema(QUESTIONS)).validate(as_json(yaml.safe_load(EXAMPLE.read_text("utf-8"))))


@pytest.mark.parametrize(
    "answers",
    [
        {"stack": "cobol"},
        {"gaols": []},
        {"scaffold": "x"},
        {"goals": "x"},
        {"risks": [{"impact": "high"}]},
        {"tree": 1},
    ],
)
def test_schema_refuses_what_the_command_refuses(answers: dict[str, Any]) -> None:
    assert problems_of(**answers)
    assert not Draft7Validator(brief_schema(QUESTIONS)).is_valid({"feature_name": "Orders", **answers})


_TEXTS = st.text("abc -|#", min_size=1, max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.dates() | _TEXTS | st.sampled_from(["low", "domain", "internal"]),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(_TEXTS | st.sampled_from(list(SHAPES)), below, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(QUESTIONS)) | _TEXTS, _VALUES, max_size=4))
def test_any_mapping_gives_answers_or_problems(answers: dict[str, Any]) -> None:
    assert isinstance(problems_of(**answers), str)


@given(st.sampled_from(list(SHAPES)), _VALUES)
def test_schema_takes_whatever_the_validators_take(key: str, value: Any) -> None:
    if value is not None and not shape_problem(value, key) and None not in _leaves(value):
        Draft7Validator(brief_schema(QUESTIONS)).validate({"feature_name": "Orders", key: as_json(value)})


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for entry in value for leaf in _leaves(entry)] if isinstance(value, list) else [value]
