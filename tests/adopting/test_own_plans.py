"""Adopting a plan of ours gives it back byte for byte, and understands what it answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import groundplan
import pytest
from groundplan.adopting.adopt import read_document
from groundplan.adopting.sources import read_sources
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rendering import copy_project, repository
from support.renders import AVERAGE, DEPTHS, SUPPORTED

PLAN = "feature-plan.md"


def adopt(template: Path, document: Path, root: Path) -> str:
    """Adopt a document in a repository of its own; return the plan that comes of it."""
    (outcome,) = groundplan.adopt([document], repository(root), template=str(template)).outcomes
    assert outcome.status is groundplan.Status.MADE, outcome.reason
    return (root / "docs/plan_docs" / outcome.slug / PLAN).read_bytes().decode()


@pytest.mark.parametrize("name", ["full-example", "lite-example", "standard-markdown", "markup", "unicode", "python"])
def test_a_rendered_plan_comes_back_byte_for_byte(template: Path, tmp_path: Path, name: str) -> None:
    document = copy_project(template, tmp_path / "there", **SUPPORTED[name]) / PLAN
    assert adopt(template, document, tmp_path / "here") == document.read_bytes().decode()


words = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)
sentences = st.lists(words, min_size=1, max_size=6).map(lambda parts: f"A {' '.join(parts)}")
answers = st.fixed_dictionaries(
    {"depth": st.sampled_from(DEPTHS), "supporting_docs": st.just([])},
    optional={
        "goals": st.lists(sentences, min_size=1, max_size=3),
        "in_scope": st.lists(sentences, min_size=1, max_size=3),
        "rollout": st.fixed_dictionaries({"phases": sentences, "rollback": sentences}),
        "tasks": st.fixed_dictionaries({"phase_2": st.lists(sentences, min_size=1, max_size=2)}),
        "risks": st.lists(
            st.fixed_dictionaries({"risk": sentences, "impact": st.sampled_from(["low", "high"])}), max_size=2
        ),
        "milestones": st.lists(
            st.fixed_dictionaries({"milestone": sentences, "date": st.dates().map(str)}), min_size=1, max_size=2
        ),
        "kpis": st.lists(st.fixed_dictionaries({"kpi": sentences, "target": sentences}), min_size=1, max_size=2),
    },
)


@settings(max_examples=5)
@given(answers)
def test_whatever_was_answered(
    template: Path, tmp_path_factory: pytest.TempPathFactory, answers: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("own")
    document = copy_project(template, folder / "there", **answers) / PLAN
    assert adopt(template, document, folder / "here") == document.read_bytes().decode()


@pytest.mark.parametrize("depth", ["full", "lite"])
def test_its_answers_are_understood_so_that_they_render_the_same(template: Path, tmp_path: Path, depth: str) -> None:
    document = copy_project(template, tmp_path / "there", **{**AVERAGE, "depth": depth}) / PLAN
    (source,) = read_sources(str(document))
    brief = read_document(source).brief
    (outcome,) = groundplan.new([brief], repository(tmp_path / "here"), template=str(template)).outcomes
    plan = tmp_path / "here/docs/plan_docs" / outcome.slug / PLAN
    assert plan.read_text("utf-8") == document.read_text("utf-8")
