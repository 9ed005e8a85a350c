"""What runs on GitHub: files that fit their schemas, and actions that nobody can exchange under their names."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.rendering import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FILES = [(file, "github-workflows") for file in WORKFLOWS] + [
    (ROOT / "action.yml", "github-actions"),
    (ROOT / ".github/renovate.json", "renovate"),
]


@pytest.mark.parametrize(("file", "schema"), FILES, ids=[file.name for file, _ in FILES])
def test_file_fits_its_published_schema(file: Path, schema: str) -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    ended = subprocess.run(
        [check, "--builtin-schema", f"vendor.{schema}", file], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("file", WORKFLOWS, ids=[file.name for file in WORKFLOWS])
def test_actions_are_pinned_by_commit_with_their_version_beside_it(file: Path) -> None:
    uses = re.findall(r"uses: (.+)", file.read_text("utf-8"))

    assert uses
    assert [use for use in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


def test_ci_builds_every_stack() -> None:
    (stacks,) = re.findall(r"stack: \[(.+)\]", (ROOT / ".github/workflows/ci.yml").read_text("utf-8"))

    assert set(stacks.split(", ")) == {folder.name for folder in (ROOT / "stacks").iterdir()}
