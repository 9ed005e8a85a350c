"""Plain `copier update`, as a process, where git or a file keeps it from carrying a person's words over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.commands import host
from support.rendering import COPIER, commit, git
from support.small_template import LINES, feature, template_of

PLAN = "feature-plan.md"
ANSWERS = "docs/plan_docs/orders/.copier-answers.yml"
WORDS = "Own words, with a blank behind them. \n"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small template. Do not write into it."""
    return template_of(tmp_path_factory.mktemp("small") / "template")


def shop_with(template: Path, folder: Path, *edits: Callable[[Path], None]) -> Path:
    """Make a repository with one feature, edited and committed; return its plan folder."""
    shop = host(folder / "shop", {"README.md": "Shop\n"})
    plan_folder = feature(shop, template, "orders")
    for edit in (tick, *edits):
        edit(plan_folder)
    commit(shop)
    return plan_folder


def tick(folder: Path) -> None:
    """Tick a task that the next version rewords, and write a section."""
    text = (folder / PLAN).read_text("utf-8").replace("- [ ] Be quick", "- [x] Be quick")
    (folder / PLAN).write_text(text.replace("## Risks", f"## Ours\n\n{WORDS}\n## Risks"), "utf-8")


def update(plan_folder: Path, settings: str = "", attributes: str = "") -> subprocess.CompletedProcess[str]:
    """Update as a person does who has set something for git; return how it ended."""
    root = plan_folder.parents[2]
    for name, text in (("attributes", attributes), ("settings", settings)):
        (root.parent / name).write_text(text, "utf-8")
    configuration = f"{settings}\n[core]\n\tattributesFile = {root.parent / 'attributes'}\n"
    (root.parent / "settings").write_text(configuration, "utf-8")
    return subprocess.run(
        [COPIER, "update", "--trust", "--defaults", "--quiet", "--answers-file", ANSWERS, root],
        env={**os.environ, "GIT_CONFIG_GLOBAL": str(root.parent / "settings")},
        capture_output=True,
        text=True,
        check=False,
    )


def as_it_was_merged(folder: Path, encoding: str = "utf-8") -> None:
    """Check that the words are there, the template's new ones too, and that no rejected patch is left."""
    text = (folder / PLAN).read_text(encoding)
    assert "- [x] Be quick" in text
    assert WORDS in text
    assert "| Risk | Owned by |" in text
    assert "<<<<<<<" not in text
    assert not [path for path in folder.rglob("*.rej") if path.is_file() and path.read_bytes().startswith(b"diff")]


@pytest.mark.parametrize(
    ("settings", "attributes"),
    [
        ("[status]\n\tshowUntrackedFiles = no", ""),
        ("[apply]\n\twhitespace = error", ""),
        ("[core]\n\tautocrlf = true", ""),
        ("[merge]\n\tconflictStyle = zdiff3\n[color]\n\tui = always\n[diff]\n\tnoprefix = true", ""),
        ("", "*.md binary"),
        ("", "* -diff"),
    ],
)
def test_what_a_person_has_set_for_git_loses_no_words(
    template: Path, tmp_path: Path, settings: str, attributes: str
) -> None:
    folder = shop_with(template, tmp_path)
    ended = update(folder, settings, attributes)
    assert ended.returncode == 0, ended.stderr
    as_it_was_merged(folder)
    assert not (folder / "dropped.md").exists()
    assert git("-C", folder, "ls-files", "--unmerged") == ""


def test_plan_in_utf_16_is_merged_and_stays_so(template: Path, tmp_path: Path) -> None:
    def save(folder: Path) -> None:
        (folder / PLAN).write_bytes((folder / PLAN).read_text("utf-8").encode("utf-16"))

    folder = shop_with(template, tmp_path, save)
    assert update(folder).returncode == 0
    as_it_was_merged(folder, "utf-16")


def test_bytes_that_are_not_utf_8_stay(template: Path, tmp_path: Path) -> None:
    def save(folder: Path) -> None:
        (folder / "data.txt").write_bytes(LINES.replace("line 15", "Zeile fünfzehn").encode("latin-1"))

    folder = shop_with(template, tmp_path, save)
    assert update(folder).returncode == 0
    as_it_was_merged(folder)
    assert "Zeile fünfzehn\n" in (folder / "data.txt").read_text("latin-1")
    assert "line three\n" in (folder / "data.txt").read_text("latin-1")


def test_files_with_the_names_of_rejected_patches_stay(template: Path, tmp_path: Path) -> None:
    def save(folder: Path) -> None:
        (folder / "feature-plan.md.rej").write_text("mine\n", "utf-8")
        (folder / "data.txt.rej").mkdir()
        (folder / "data.txt.rej" / "mine.txt").write_text("mine\n", "utf-8")
        (folder / "data.txt").write_text(LINES.replace("line 3\n", "line III\n"), "utf-8")

    folder = shop_with(template, tmp_path, save)
    assert update(folder).returncode == 0
    as_it_was_merged(folder)
    assert (folder / "feature-plan.md.rej").read_text("utf-8") == "mine\n"
    assert (folder / "data.txt.rej" / "mine.txt").read_text("utf-8") == "mine\n"
    assert "line III\n" in (folder / "data.txt").read_text("utf-8")


def test_edited_document_that_the_template_dropped_comes_back_in_conflict(template: Path, tmp_path: Path) -> None:
    def save(folder: Path) -> None:
        (folder / "dropped.md").write_text("Mine.\n", "utf-8")

    folder = shop_with(template, tmp_path, save)
    assert update(folder).returncode == 0
    assert (folder / "dropped.md").read_text("utf-8") == "Mine.\n"
    stages = git("-C", folder, "ls-files", "--unmerged", "--", "dropped.md").splitlines()
    assert [line.split()[2] for line in stages] == ["1", "2"]


def test_update_ends_with_an_error_where_the_old_version_cannot_be_rendered_again(
    template: Path, tmp_path: Path
) -> None:
    folder = shop_with(template, tmp_path)
    (folder / PLAN).write_text("# The update's\n", "utf-8")
    answers = (folder / ".copier-answers.yml").read_text("utf-8").replace("v1.0.0", "v0.0.1")
    (folder / ".copier-answers.yml").write_text(answers, "utf-8")
    git("-C", folder, "add", ".copier-answers.yml")
    command = [sys.executable, str(template / "extensions/settle.py"), ANSWERS]
    ended = subprocess.run(command, cwd=folder.parents[2], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "git checkout HEAD -- docs/plan_docs/orders" in ended.stderr
