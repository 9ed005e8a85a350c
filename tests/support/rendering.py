"""How tests render the template: with real Copier, from a tagged snapshot of the working tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import copier
import yaml
from plumbum import local
from support.in_process import run_in_process

ROOT = Path(__file__).parent.parent.parent
TEMPLATE_PARTS = ("copier.yml", "template", "partials", "stacks", "extensions")
COPIER = Path(sys.executable).with_name("copier")
ANSWERS = {
    "project_name": "Acme Shop",
    "feature_name": "User profile 2FA",
    "owner": "jane",
    "stack": "none",
    "created": "2026-01-15",
}

# What a second version of the template says otherwise, in a line of every plan.
REWORDED = {"partials/18-acceptance.jinja": {"Stakeholders approved": "Reviewers approved"}}

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


def copy_project(template: Path, destination: Path, vcs_ref: str | None = None, **overrides: Any) -> Path:
    """Add a feature to a folder with the example answers but for the overrides; return its plan folder.

    Args:
        template: The template.
        destination: The repository.
        vcs_ref: The template's version, if not the newest.
        overrides: Answers.
    """
    before = set(plan_folders(destination))
    copier.run_copy(
        str(template),
        destination,
        data={**ANSWERS, **overrides},
        vcs_ref=vcs_ref,
        defaults=True,
        unsafe=True,
        quiet=True,
        overwrite=False,
    )
    (made,) = set(plan_folders(destination)) - before
    return made


def run_copier(*arguments: str | Path, through: Sequence[str] = ()) -> CompletedProcess[str]:
    """Run the installed command from a neutral directory.

    Args:
        arguments: The command's words.
        through: A command that runs it as a process of its own, with its own words.
    """
    if not through:
        return CompletedProcess(arguments, *run_in_process("copier", Path("/"), *map(str, arguments)))
    return subprocess.run(
        [*through, COPIER, *arguments],
        cwd="/",
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def copy_by_command(
    template: Path, destination: Path, scratch: Path, through: Sequence[str] = (), **overrides: Any
) -> CompletedProcess[str]:
    """Run `copier copy` with the example answers but for the overrides, in a data file.

    Args:
        template: The template.
        destination: The repository.
        scratch: A folder for the data file.
        through: A command that runs it.
        overrides: Answers.
    """
    brief = scratch / "brief.yml"
    brief.write_text(yaml.safe_dump({**ANSWERS, **overrides}, allow_unicode=True), "utf-8")
    options = ("--trust", "--defaults", "--quiet", "--data-file", brief)
    return run_copier("copy", *options, template, destination, through=through)


def update_by_command(root: Path, slug: str, *options: str) -> CompletedProcess[str]:
    """Run `copier update` for one feature of a repository."""
    answers_file = f"docs/plan_docs/{slug}/.copier-answers.yml"
    return run_copier("update", "--trust", "--defaults", "--quiet", "-a", answers_file, *options, root)


def update_project(plan_folder: Path, vcs_ref: str | copier.VcsRef | None = None, **data: Any) -> None:
    """Update one feature through Copier's API, to the newest version unless another is named."""
    root = plan_folder.parents[2]
    copier.run_update(
        root,
        answers_file=(plan_folder / ".copier-answers.yml").relative_to(root),
        data=data,
        vcs_ref=vcs_ref,
        defaults=True,
        overwrite=True,
        unsafe=True,
        quiet=True,
    )


def release(template: Path, tag: str, edits: Mapping[str, Mapping[str, str]]) -> None:
    """Edit files of a template's repository and tag the result as a version.

    Args:
        template: A repository as `snapshot` makes it.
        tag: The version.
        edits: By path, new texts by the old ones that they replace.
    """
    for path, replacements in edits.items():
        text = (template / path).read_text("utf-8")
        for old, new in replacements.items():
            assert old in text, f"{path} does not hold {old}"
            text = text.replace(old, new)
        (template / path).write_text(text, "utf-8")
    commit(template, tag)
    git("-C", template, "tag", tag)


def plan_folders(root: Path) -> list[Path]:
    """List the plan folders of a repository."""
    return sorted(path.parent for path in root.glob("docs/plan_docs/*/.copier-answers.yml"))


def answers_of(plan_folder: Path) -> dict[str, Any]:
    """Read what a feature's answers file remembers."""
    answers: dict[str, Any] = yaml.safe_load((plan_folder / ".copier-answers.yml").read_text("utf-8"))
    return answers


def contents_of(root: Path) -> dict[str, bytes]:
    """Read a folder's files, git's own aside, by their paths with slashes."""
    return {path: (root / path).read_bytes() for path in files_of(root)}


def entries_of(root: Path) -> dict[str, bytes | None]:
    """Read everything in a folder, git's own aside: what each file holds, and None for each folder."""
    paths = (path for path in root.rglob("*") if ".git" not in path.relative_to(root).parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None for path in paths}


def files_of(root: Path) -> list[str]:
    """List a folder's files, git's own aside, as sorted paths with slashes."""
    paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if path.parts[0] != ".git")
