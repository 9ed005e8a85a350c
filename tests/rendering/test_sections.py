"""What a team may make of the documents' sections, and that the lists of headings say the same."""

from __future__ import annotations

from typing import Any

import pytest
from groundplan.plan.headings import headings_in
from groundplan.plan.outline import OUTLINES, PHASE, known
from groundplan.rendering import sections
from groundplan.rendering.answers import shape_problem
from groundplan.rendering.guards import DOCUMENTS
from groundplan.rendering.sections import NEEDED, PLAN, SECTIONS, headings_of, phase_headings
from groundplan.rendering.shapes import SHAPES
from groundplan.rendering.team import section_problems
from support.german import DEFAULTS, GERMAN, NAMES


def test_the_plans_headings_are_those_of_the_newest_outline() -> None:
    ours = [path[-1] for path in known(OUTLINES[max(OUTLINES)])]

    assert [heading for heading in ours if heading not in phase_headings()] == [*headings_of(PLAN)]
    assert [heading for heading in ours if heading in phase_headings()] == phase_headings()
    assert sections.PHASE == PHASE


def test_each_document_has_its_sections_and_each_answer_is_one_of_a_brief() -> None:
    assert {PLAN, *DOCUMENTS} == set(SECTIONS)
    answers = {key for keys in sections.ANSWERS_OF.values() for key in keys}
    assert answers <= {*SHAPES, "summary"}


def test_the_template_and_the_reader_give_headings_the_same_names() -> None:
    assert headings_in(DEFAULTS.read_text("utf-8")).names == NAMES


def test_what_a_german_team_wants_is_fine() -> None:
    assert [key for key, answer in GERMAN.items() if shape_problem(answer, key)] == []
    assert [*section_problems(GERMAN)] == []


@pytest.mark.parametrize("text", ["Ziele & Zweck", "C#", "1. Überblick", "{{ x }}", "Was? – “Das”", "目的", "R&D"])
def test_plain_words_are_a_heading(text: str) -> None:
    assert shape_problem({"Overview": text}, "headings") == ""


@pytest.mark.parametrize(
    "text",
    [
        "a\nb",
        "a\tb",
        " a",
        "a ",
        "*a*",
        "_a_",
        "`a`",
        "[a](b)",
        "<b>",
        "a | b",
        "a\\b",
        "~~a~~",
        "a #",
        "&amp;",
        "a\x07",
        "",
        "a" * 81,
        "\u202ea",
        "---",
        3,
        ["a"],
    ],
)
@pytest.mark.parametrize("key", ["headings", "phases", "extra_sections"])
def test_what_markdown_reads_as_more_than_words_is_no_heading(key: str, text: Any) -> None:
    answers = {"headings": {"Overview": text}, "phases": [text] * 6, "extra_sections": [{"heading": text}]}

    assert shape_problem(answers[key], key).startswith(key)


@pytest.mark.parametrize(
    ("key", "answer", "reason"),
    [
        ("headings", {"Risk Managment": "Risiken"}, "Did you mean “Risk Management”?"),
        ("phases", ["a", "b"], "phases must have 6 entries, not 2."),
        ("leave_out", ["Risiken"], "leave_out[1] must be a heading that documents can do without"),
        ("leave_out", ["Rollout plan"], "Did you mean “Rollout Plan”?"),
        ("extra_sections", [{"after": "Overview"}], "extra_sections[1] lacks heading"),
        ("extra_sections", [{"heading": "A", "document": "notes"}], "must be one of feature-plan, feature-brief"),
        ("extra_sections", [{"heading": "A", "guidance": "Was -->"}], "not hold “-->”"),
        ("extra_sections", [{"heading": "A", "guidance": "was"}], "must begin with a capital letter"),
        ("extra_sections", [{"heading": "A", "items": ["## B"]}], "would break the plan's sections"),
        ("extra_tasks", {"phase_6": ["A"]}, "extra_tasks has the unknown key “phase_6”"),
    ],
)
def test_an_answer_of_another_shape_is_refused_with_the_reason(key: str, answer: Any, reason: str) -> None:
    assert reason in shape_problem(answer, key)


@pytest.mark.parametrize("heading", NEEDED)
def test_what_rules_cannot_do_without_is_not_left_out(heading: str) -> None:
    assert "can do without" in shape_problem([heading], "leave_out")


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"headings": {"Overview": "Risk Management"}}, "too like the heading of another section of feature-plan.md"),
        ({"headings": {"Overview": "risk management!"}}, "another section of feature-plan.md, “Risk Management”"),
        ({"headings": {"Overview": "Ziel", "Rollout Plan": "Ziel."}}, "Choose another name for “Rollout Plan”"),
        ({"headings": {"In Scope": "Overview"}}, "another section of feature-plan.md, “Overview”"),
        ({"headings": {"Context": "Decisions"}}, "another section of architecture.md, “Decisions”"),
        ({"headings": {"Overview": "Phase 0: Los"}, "phases": ["Los", *"bcdef"]}, "Choose another name for “Phase 0"),
        ({"headings": {"Overview": "…!"}}, "has neither letters nor digits"),
        ({"headings": {"Phase": "Phase 1"}}, "Choose one word for Phase"),
        ({"extra_sections": [{"heading": "Risk management"}]}, "is called like a section of ours in feature-plan.md"),
        ({"headings": {"Overview": "Kern"}, "extra_sections": [{"heading": "Kern"}]}, "ours in feature-plan.md, “Over"),
        ({"extra_sections": [{"heading": "A"}, {"heading": "a."}]}, "stands there twice for feature-plan.md"),
        ({"extra_sections": [{"heading": "A", "after": "Overviews"}]}, "Did you mean “Overview”?"),
        ({"extra_sections": [{"heading": "A", "after": "In Scope"}]}, "stands within “Scope Definition”"),
        ({"extra_sections": [{"heading": "A", "after": "B"}, {"heading": "B"}]}, "has none called “B”"),
        ({"extra_sections": [{"heading": "A", "after": "A"}]}, "has none called “A”"),
        ({"extra_sections": [{"heading": "A", "document": "adr", "after": "Overview"}]}, "adr.md has none called"),
        ({"extra_sections": [{"heading": "A", "items": ["b"], "text": "c"}]}, "items or a text, not both"),
        (
            {"leave_out": [*sections.BELOW["Architecture & Design Deltas"]]},
            "Leave “Architecture & Design Deltas” out itself",
        ),
    ],
)
def test_wishes_that_do_not_go_together_are_refused_with_the_reason(answers: dict[str, Any], reason: str) -> None:
    problems = [*section_problems(answers)]

    assert any(reason in problem for problem in problems), problems
    assert all(problem.startswith(("Choose", "Put", "Give", "Leave")) for problem in problems)


def test_a_heading_may_be_free_in_another_document() -> None:
    answers = {"headings": {"Summary": "Overview"}, "extra_sections": [{"heading": "Risks", "document": "runbook"}]}

    assert [*section_problems(answers)] == []
