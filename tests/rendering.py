"""How tests render the template: with real Copier, from a tagged snapshot of the working tree."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import copier
import yaml
from plumbum import local

ROOT = Path(__file__).parent.parent
TEMPLATE_PARTS = ("copier.yml", "template", "extensions")
ANSWERS = {
    "project_name": "Acme Shop",
    "feature_name": "User profile 2FA",
    "owner": "jane",
    "stack": "none",
    "created": "2026-01-15",
}

git = local["git"]["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]


def snapshot(destination: Path, tag: str = "v1.0.0") -> Path:
    """Put the template as it stands in the working tree into a git repository of its own, tagged."""
    for part in TEMPLATE_PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, destination / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            destination.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, destination / part)
    repository(destination)
    git("-C", destination, "tag", tag)
    return destination


def repository(folder: Path) -> Path:
    """Make a folder a git repository with everything in it committed."""
    folder.mkdir(parents=True, exist_ok=True)
    git("-C", folder, "init", "-q", "-b", "main")
    commit(folder)
    return folder


def commit(folder: Path, message: str = "State") -> None:
    """Commit everything in a repository."""
    git("-C", folder, "add", "-A")
    git("-C", folder, "commit", "-q", "--allow-empty", "-m", message)


def copy_project(template: Path, destination: Path, **overrides: Any) -> Path:
    """Add a feature to a folder with the example answers but for the overrides; return its plan folder."""
    before = set(plan_folders(destination))
    copier.run_copy(
        str(template),
        destination,
        data={**ANSWERS, **overrides},
        defaults=True,
        unsafe=True,
        quiet=True,
        overwrite=False,
    )
    (made,) = set(plan_folders(destination)) - before
    return made


def plan_folders(root: Path) -> list[Path]:
    """List the plan folders of a repository."""
    return sorted(path.parent for path in root.glob("docs/plan_docs/*/.copier-answers.yml"))


def answers_of(plan_folder: Path) -> dict[str, Any]:
    """Read what a feature's answers file remembers."""
    answers: dict[str, Any] = yaml.safe_load((plan_folder / ".copier-answers.yml").read_text("utf-8"))
    return answers


def files_of(root: Path) -> list[str]:
    """List a folder's files, git's own aside, as sorted paths with slashes."""
    paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if path.parts[0] != ".git")
