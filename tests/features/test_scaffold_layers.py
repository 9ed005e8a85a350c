"""Layers that a feature gets later, by the command and by Copier alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import contents, groundplan
from support.documents import drawn_paths
from support.rendering import answers_of, commit, copy_project, repository, run_copier

PLAN_DIR = "docs/plan_docs/user-profile-2fa"


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    """A repository whose one feature has its domain and application, in Go."""
    root = repository(tmp_path / "acme")
    (root / "go.mod").write_text("module example.com/acme/shop\n\ngo 1.24\n")
    copy_project(template, root, stack="go", layers=["domain", "application"])
    commit(root)
    return root


def whole(template: Path, place: Path) -> dict[str, tuple[int, bytes]]:
    root = repository(place / "acme")
    (root / "go.mod").write_text("module example.com/acme/shop\n\ngo 1.24\n")
    copy_project(template, root, stack="go")
    return contents(root)


def test_a_feature_gets_further_layers_as_if_it_had_had_them(template: Path, root: Path, tmp_path: Path) -> None:
    ended = groundplan(root, "scaffold", "user-profile-2fa", "--layers", "api,ui")

    assert ended.status == 0, ended.output + ended.errors
    assert contents(root) == whole(template, tmp_path / "whole")


def test_copier_alone_does_the_same(template: Path, root: Path, tmp_path: Path) -> None:
    layers = "layers=[domain, application, api, ui]"
    options = ("--trust", "--defaults", "-r", ":current:", "-a", f"{PLAN_DIR}/.copier-answers.yml", "-d", layers)

    run = run_copier("update", *options, root)

    assert run.returncode == 0, run.stderr
    assert contents(root) == whole(template, tmp_path / "whole")


def test_code_that_was_written_meanwhile_is_left(root: Path) -> None:
    service = root / "internal/userprofile2fa/app/service.go"
    handler = root / "internal/userprofile2fa/httpapi/handler.go"
    service.write_text("package app\n")
    handler.parent.mkdir()
    handler.write_text("package httpapi\n")
    commit(root)

    ended = groundplan(root, "scaffold", "user-profile-2fa", "--layers", "api")

    assert ended.status == 0, ended.output + ended.errors
    assert f"kept as it is: {handler.relative_to(root).as_posix()}" in ended.output
    assert (service.read_text(), handler.read_text()) == ("package app\n", "package httpapi\n")
    assert (root / "internal/userprofile2fa/httpapi/flag.go").is_file()
    assert answers_of(root / PLAN_DIR)["layers"] == ["domain", "application", "api"]
    paths = drawn_paths((root / PLAN_DIR / "feature-plan.md").read_text("utf-8"))
    assert "internal/userprofile2fa/httpapi/handler.go" in paths


def test_asking_for_what_it_has_changes_nothing(root: Path) -> None:
    before = contents(root)

    ended = groundplan(root, "scaffold", "user-profile-2fa", "--layers", "application")

    assert (ended.status, contents(root)) == (0, before)
    assert "skipped" in ended.output


@pytest.mark.parametrize("layers", ["api,data", "everything"])
def test_a_layer_that_does_not_exist_is_refused(root: Path, layers: str) -> None:
    before = contents(root)

    ended = groundplan(root, "scaffold", "user-profile-2fa", "--layers", layers)

    assert ended.status in (1, 2)
    assert "layers" in ended.output + ended.errors
    assert contents(root) == before


def test_a_layer_is_never_taken_away(root: Path) -> None:
    options = ("--trust", "--defaults", "-r", ":current:", "-a", f"{PLAN_DIR}/.copier-answers.yml")

    run = run_copier("update", *options, "-d", "layers=[domain]", root)

    assert run.returncode == 1
    assert "Leave layers as it is" in run.stderr
