"""docs/example is what the template makes of the example brief; `make example` renders it anew."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from support.rendering import ROOT, copy_project, files_of

EXAMPLE = ROOT / "docs" / "example"


@pytest.fixture(scope="module")
def plan_folder(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan folder that the example brief gives today."""
    brief = yaml.safe_load((ROOT / "example-brief.yml").read_text("utf-8"))
    folder = copy_project(template, tmp_path_factory.mktemp("example"), **brief)
    (folder / ".copier-answers.yml").unlink()
    return folder


def test_example_is_fresh(plan_folder: Path) -> None:
    assert files_of(EXAMPLE) == files_of(plan_folder)
    for path in files_of(EXAMPLE):
        assert (EXAMPLE / path).read_text("utf-8") == (plan_folder / path).read_text("utf-8"), "run `make example`"
