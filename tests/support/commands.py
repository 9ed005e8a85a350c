"""How tests run the real `groundplan` command, and what a repository holds before and after."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from plumbum import local
from support.in_process import run_in_process
from support.rendering import REWORDED, commit, files_of, git, release, repository, snapshot

COMMAND = Path(sys.executable).with_name("groundplan")
# Enough for a feature; short documents render quickly.
SMALL = {
    "project_name": "Acme Shop",
    "owner": "jane",
    "stack": "none",
    "depth": "lite",
    "supporting_docs": [],
    "created": "2026-01-15",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    output: str
    errors: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document on its standard output."""
        content: dict[str, Any] = json.loads(self.output)
        return content

    def statuses(self) -> dict[str, str]:
        """What became of each feature."""
        return {feature["slug"]: feature["status"] for feature in self.document["features"]}


def groundplan(folder: Path, *arguments: str | Path, text: str = "", **environment: str) -> Ended:
    """Run the command in a folder: here, or in a process of its own where variables are given."""
    if not environment:
        return Ended(*run_in_process("groundplan", folder, *map(str, arguments), text=text))
    command = local[str(COMMAND)]["-C", str(folder)][[str(argument) for argument in arguments]]
    status, output, errors = (command.with_env(**environment) << text).run(retcode=None)
    return Ended(status, output, errors)


def host(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """Make a git repository with some files, all committed."""
    for path, content in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf-8")
    return repository(folder)


def brief(path: Path, **answers: Any) -> Path:
    """Write a brief for a small feature."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({**SMALL, **answers}, allow_unicode=True), "utf-8")
    return path


def outdated(folder: Path, *names: str) -> None:
    """Make features of the first of two versions of a template.

    Args:
        folder: Gets the repository as `shop`, the template as `template`, and the briefs as `briefs`.
        names: The features' names.
    """
    template, shop = snapshot(folder / "template"), host(folder / "shop")
    for name in names:
        brief(folder / "briefs" / f"{name}.yml", feature_name=name)
    made = groundplan(shop, "new", folder / "briefs", "--template", template)
    assert made.status == 0, made.errors
    commit(shop)
    release(template, "v2.0.0", REWORDED)


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    """Return every file's permission bits and content, git's own files aside."""
    return {path: ((root / path).lstat().st_mode & 0o777, (root / path).read_bytes()) for path in files_of(root)}


def index_of(root: Path) -> str:
    """Return git's index, with the stages of unmerged paths."""
    return str(git("-C", root, "ls-files", "--stage"))
