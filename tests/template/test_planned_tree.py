"""The tree that a plan draws is the tree that is generated: no file more, no file less."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import copier
import pytest
from groundplan.rendering.tree import tree_text
from support import documents
from support.planting import LAYER_CHOICES
from support.rendering import commit, copy_project, files_of, repository, update_project
from support.renders import DOCUMENTS, STACKS

ROOT_MANIFESTS = {"pyproject.toml", "package.json", "tsconfig.json", "go.mod", "pom.xml", "Cargo.toml"}
PROMISE = "Source and tests are intended changes here: writing this plan creates none of them."
every_choice = pytest.mark.parametrize(
    ("stack", "layers"),
    [pytest.param(stack, layers, id=f"{stack}-{'-'.join(layers)}") for stack in STACKS for layers in LAYER_CHOICES],
)


def drawn(folder: Path) -> list[str]:
    return documents.drawn_paths((folder / "feature-plan.md").read_text("utf-8"))


def generated(root: Path) -> list[str]:
    """List a repository's files without what a plan does not draw: root manifests and the answers file."""
    return [path for path in files_of(root) if path not in ROOT_MANIFESTS and not path.endswith(".copier-answers.yml")]


@every_choice
def test_the_drawn_tree_is_generated_at_once_or_later(
    template: Path, tmp_path: Path, stack: str, layers: tuple[str, ...]
) -> None:
    answers: dict[str, Any] = {"stack": stack, "layers": list(layers), "depth": "lite", "supporting_docs": ["runbook"]}
    at_once = copy_project(template, tmp_path / "at-once", **answers)
    assert drawn(at_once) == generated(tmp_path / "at-once")

    later = copy_project(template, tmp_path / "later", scaffold=False, **answers)
    assert drawn(later) == drawn(at_once)
    assert generated(tmp_path / "later") == [path for path in drawn(later) if path.startswith("docs/")]


@pytest.mark.parametrize(("stack", "layers"), [*zip(STACKS, LAYER_CHOICES, strict=True)])
def test_the_tree_that_comes_later_is_the_one_that_was_drawn(
    template: Path, tmp_path: Path, stack: str, layers: tuple[str, ...]
) -> None:
    # Which layers there are changes nothing about how a tree comes later, so each stack tries another choice.
    root = repository(tmp_path / "acme")
    folder = copy_project(template, root, stack=stack, layers=list(layers), depth="lite", scaffold=False)
    before = drawn(folder)
    commit(root)
    update_project(folder, copier.VcsRef.CURRENT, scaffold=True)
    assert drawn(folder) == generated(root) == before
    assert PROMISE not in (folder / "feature-plan.md").read_text("utf-8")


def test_a_plan_without_a_stack_draws_its_documents(template: Path, tmp_path: Path) -> None:
    folder = copy_project(template, tmp_path / "acme", supporting_docs=[*DOCUMENTS])
    assert drawn(folder) == generated(tmp_path / "acme")


def test_root_manifests_hold_nothing_of_a_feature(template: Path, tmp_path: Path) -> None:
    for stack in STACKS:
        for feature in ("Saved carts", "User profile"):
            copy_project(template, tmp_path / feature / stack, stack=stack, feature_name=feature, depth="lite")
        for path in ROOT_MANIFESTS & set(files_of(tmp_path / "Saved carts" / stack)):
            one, other = (tmp_path / feature / stack / path for feature in ("Saved carts", "User profile"))
            assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(("name", "has_tree_to_come"), [("tree-later", True), ("full", False)])
def test_a_plan_whose_tree_is_to_come_says_that_it_creates_none(
    rendered: Callable[[str], Path], name: str, has_tree_to_come: bool
) -> None:
    # Without a stack there is no tree to speak of.
    assert (PROMISE in (rendered(name) / "feature-plan.md").read_text("utf-8")) == has_tree_to_come


def test_a_file_and_a_folder_draw_as_branches() -> None:
    assert tree_text(["src/b/c.py", "src/a.py", "README.md"], "Acme").splitlines() == [
        "Acme",
        "├── …",
        "├── README.md",
        "└── src/",
        "    ├── a.py",
        "    └── b/",
        "        └── c.py",
    ]
