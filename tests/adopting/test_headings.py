"""The table of headings, and how headings are looked up in it."""

from __future__ import annotations

import pytest
from groundplan.adopting.headings import key_of, normal, topic_of, topics
from groundplan.plan.outline import OUTLINES, known
from groundplan.rendering.shapes import SHAPES, ListOf, Record, Text

# What is answered by a list that has a form of its own, and is no answer of a brief.
OWN = {"acceptance", "branch", "dependencies.internal", "dependencies.external", "dependencies.library"}
KEYS = {key for topic in topics() for key in (topic.key, *topic.labels)} - {""}


def test_every_place_is_a_heading_of_a_plan() -> None:
    assert {topic.place for topic in topics()} <= set(known(OUTLINES[max(OUTLINES)]))


def test_every_heading_of_a_plan_stands_for_its_own_place() -> None:
    for path in known(OUTLINES[max(OUTLINES)]):
        match = topic_of(path[-1])
        assert match and match.is_renamed and match.topic.place == path


@pytest.mark.parametrize("key", sorted(KEYS - OWN))
def test_every_key_is_one_of_a_brief(key: str) -> None:
    name, _, field = key.partition(".")
    shape = Text("") if name == "summary" else SHAPES[name]
    assert isinstance(shape, Text | ListOf | Record)
    assert not field or (isinstance(shape, Record) and field in shape.fields)


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("3. Goals and objectives", "goals"),
        ("GOALS & OBJECTIVES", "goals"),
        ("🎯 Goals", "goals"),
        ("**Goals** (draft)", "goals"),
        ("2.1) Non-Goals", "out_of_scope"),
        ("Phase 3: User Story 1 - Book after midnight (Priority: P1) 🎯 MVP", "tasks.phase_2"),
        ("Phase 2: Foundational (Blocking Prerequisites)", "tasks.phase_1"),
        ("Phase N: Polish & Cross-Cutting Concerns", "tasks.phase_4"),
        ("Phase 5 – Rollout", "tasks.phase_5"),
        ("Phase 3", "tasks.phase_3"),
    ],
)
def test_case_numbers_emoji_and_asides_do_not_matter(heading: str, key: str) -> None:
    match = topic_of(heading)
    assert match and match.topic.key == key


def test_a_heading_of_ones_own_stands_for_nothing() -> None:
    assert topic_of("Weather days") is None
    assert topic_of("🎁") is None


def test_a_label_answers_what_its_section_asks() -> None:
    match = topic_of("Rollout Plan")
    assert match
    assert key_of("Rollback strategy and automation", match.topic) == "rollout.rollback"
    assert key_of("Weather", match.topic) is None


def test_a_name_of_signs_alone_has_no_words() -> None:
    assert normal("🎁 (—)") == ""
