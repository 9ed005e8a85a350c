"""What Copier loads by path imports its neighbours of the same version of the template."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from groundplan.copying.speed_ups import load_once
from jinja2 import Environment, FileSystemLoader
from support.rendering import ROOT, snapshot

FOLDER = "extensions/groundplan/rendering"
EXTENSIONS = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))["_jinja_extensions"]
LISTED = [Path(entry.partition(":")[0]).stem for entry in EXTENSIONS if entry.startswith(FOLDER)]


def neighbours(module: str) -> set[str]:
    tree = ast.parse((ROOT / FOLDER / f"{module}.py").read_text("utf-8"))
    return {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level}


def test_every_module_is_loaded_by_copier() -> None:
    assert sorted(LISTED) == sorted(path.stem for path in (ROOT / FOLDER).glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("module", LISTED)
def test_module_imports_only_neighbours_that_are_listed_above_it(module: str) -> None:
    assert neighbours(module) <= {*LISTED[: LISTED.index(module)]}


@pytest.mark.parametrize("prepare", [lambda: lambda: None, load_once], ids=["plain Copier", "loaded once"])
def test_module_finds_the_neighbour_of_its_own_version(
    tmp_path: Path, prepare: Callable[[], Callable[[], None]]
) -> None:
    old, new = snapshot(tmp_path / "old"), snapshot(tmp_path / "new")
    naming = new / FOLDER / "naming.py"
    naming.write_text(naming.read_text("utf-8").replace('.replace("-", "")', '.replace("-", "0")'), "utf-8")

    def package(version: Path) -> str:
        environment = Environment(loader=FileSystemLoader(version), extensions=EXTENSIONS)
        return str(environment.filters["java_package_name"]("com.acme", "my-shop"))

    undo = prepare()
    packages = [package(version) for version in (old, new, old, new)]
    undo()

    assert packages == ["com.acme.myshop", "com.acme.my0shop"] * 2
