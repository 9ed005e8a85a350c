"""CONTRIBUTING.md keeps its word: following “Add your own stack” to the letter adds a stack."""

from __future__ import annotations

from pathlib import Path

import pytest
from copier.errors import UserMessageError
from markdown_it import MarkdownIt
from support.rendering import ROOT, answers_of, copy_project, git, repository, snapshot


@pytest.fixture(scope="module")
def template_with_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template to which a newcomer added the stack that CONTRIBUTING.md describes."""
    clone = snapshot(tmp_path_factory.mktemp("clone") / "groundplan")
    choice, model, reserved_row = steps()
    questionnaire = clone / "copier.yml"
    text = questionnaire.read_text("utf-8").replace("    none, only documents", f"{choice}    none, only documents")
    questionnaire.write_text(text, "utf-8")
    file = clone / "stacks/toy/toys/{{ feature_snake }}/domain/model.toy.jinja"
    file.parent.mkdir(parents=True)
    file.write_text(model, "utf-8")
    reserved = clone / "extensions/groundplan/rendering/reserved.py"
    reserved.write_text(reserved.read_text("utf-8").replace('    "none": ()', f'{reserved_row}    "none": ()'), "utf-8")
    repository(clone)
    git("-C", clone, "tag", "v1.1.0")
    return clone


def steps() -> list[str]:
    """Return the code of each step, in their order."""
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add your own stack")[2].partition("\n## ")[0]
    return [token.content for token in MarkdownIt().parse(guide) if token.type == "fence"]


def test_added_stack_is_planned_and_generated(template_with_toy: Path, tmp_path: Path) -> None:
    plan_folder = copy_project(template_with_toy, tmp_path, stack="toy", layers=["domain"])
    path = "toys/user_profile_2fa/domain/model.toy"
    assert (tmp_path / path).read_text("utf-8") == "toy UserProfile2faItem\n"
    assert answers_of(plan_folder)["tree"]["paths"] == [path]
    assert "model.toy" in (plan_folder / "feature-plan.md").read_text("utf-8")


def test_each_module_of_the_pack_is_short_enough_to_read_at_once() -> None:
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in (ROOT / "extensions").rglob("*.py")}
    assert [path.name for path, number in lines.items() if number >= 400] == []


def test_added_stack_refuses_its_reserved_name(template_with_toy: Path, tmp_path: Path) -> None:
    with pytest.raises((ValueError, UserMessageError), match="cannot be built in a toy tree"):
        copy_project(template_with_toy, tmp_path, stack="toy", feature_name="Toy")
    assert not list(tmp_path.iterdir())
