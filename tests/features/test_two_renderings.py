"""Updates by two renderings: byte for byte what `copier update` and settling make, over edits of every kind of file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import copier
import pytest
from support.commands import Ended, groundplan, host, index_of
from support.rendering import commit
from support.small_template import LINES, SECOND, feature, template_of

Edit = Callable[[Path], None]


def replaced(name: str, old: str, new: str) -> Edit:
    """Return an edit of a text, which must stand there."""

    def edit(folder: Path) -> None:
        content = (folder / name).read_bytes()
        assert old.encode() in content
        (folder / name).write_bytes(content.replace(old.encode(), new.encode()))

    return edit


def written(name: str, content: str | bytes) -> Edit:
    def edit(folder: Path) -> None:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    return edit


def removed(name: str) -> Edit:
    return lambda folder: (folder / name).unlink()


def linked(name: str, target: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return edit


def with_rights(name: str, rights: int) -> Edit:
    return lambda folder: (folder / name).chmod(rights)


# Files are merged one by one, so each feature has an edit of each file.
EDITS: dict[str, list[Edit]] = {
    "untouched": [],
    "far-from-the-template": [
        replaced("feature-plan.md", "- [ ] Be right", "- [x] Be right"),
        replaced("notes.md", "Nothing yet.", "Something."),
        replaced("data.txt", "line 15\n", "line fifteen\n"),
        written("kept.txt", "mine\n"),
        with_rights("run.sh", 0o644),
        written("added.md", SECOND["added.md"]),
    ],
    "near-the-template": [
        replaced("feature-plan.md", "- [ ] Be quick", "- [x] Be quick"),
        replaced("data.txt", "line 4\n", "line four\n"),
        replaced("run.sh", "#!/bin/sh\n", "#!/bin/sh\nset -e\n"),
        written("added.md", "# Added\n\nBy us.\n"),
    ],
    "against-the-template": [
        replaced("feature-plan.md", "## Goals", "## Our goals"),
        replaced("data.txt", "line 3\n", "line III\n"),
        replaced("run.sh", "one", "three"),
        written("added.md", "# Our own document\n"),
    ],
    "like-the-template": [
        replaced("feature-plan.md", "Be quick", "Be quick and small"),
        replaced("data.txt", "line 3\n", "line three\n"),
        removed("dropped.md"),
        linked("link", "feature-plan.md"),
    ],
    "own-things": [
        replaced("feature-plan.md", "## Risks", "## Ours\n\nOwn words.\n\n## Risks"),
        replaced("feature-plan.md", "| Fire | jane |", "| Fire | jane |\n| Water | tom |"),
        replaced("data.txt", "line 15\n", "line 15 \t \n\n\n"),
        written("own.bin", bytes(range(256))),
        with_rights("data.txt", 0o755),
        linked("notes.md", "feature-plan.md"),
    ],
    "fewer-things": [removed("feature-plan.md"), removed("notes.md"), removed("kept.txt"), removed("data.txt")],
    "other-ends-of-lines": [
        replaced("feature-plan.md", "\n", "\r\n"),
        written("notes.md", "# Notes"),
        written("data.txt", LINES.replace("\n", "\r\n").replace("line 15", "line fifteen")),
    ],
    "nothing-left": [written("feature-plan.md", ""), written("notes.md", ""), written("data.txt", "")],
}


def plain_update(root: Path, slug: str) -> None:
    copier.run_update(
        root,
        answers_file=f"docs/plan_docs/{slug}/.copier-answers.yml",
        defaults=True,
        overwrite=True,
        unsafe=True,
        quiet=True,
    )


def state_of(root: Path, slug: str) -> tuple[dict[str, tuple[int, bytes | str]], list[str]]:
    """Return every file of a feature with its rights and its content, and what git's index has of them."""
    folder = root / "docs/plan_docs" / slug
    files = sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    found: dict[str, tuple[int, bytes | str]] = {
        path.name: (0, str(path.readlink())) if path.is_symlink() else (path.stat().st_mode & 0o777, path.read_bytes())
        for path in files
    }
    return found, [line for line in index_of(root).splitlines() if f"/{slug}/" in line]


@pytest.fixture(scope="session")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a feature for each edit, committed. Do not write into it."""
    place = tmp_path_factory.mktemp("two-renderings")
    template = template_of(place / "template")
    shop = host(place / "shop", {"README.md": "Shop\n"})
    made = feature(shop, template, "untouched")
    for slug, edits in EDITS.items():
        folder = made.with_name(slug)
        if slug != "untouched":
            shutil.copytree(made, folder, symlinks=True)
            for name in (".copier-answers.yml", "feature-plan.md"):
                replaced(name, "untouched", slug)(folder)
        for edit in edits:
            edit(folder)
    commit(shop)
    return shop


@pytest.fixture(scope="session")
def updated(features: Path) -> tuple[Path, Ended]:
    """All of them updated by one command."""
    shop = Path(shutil.copytree(features, features.parent / "updated" / "shop", symlinks=True))
    return shop, groundplan(shop, "update", "--all", "--json")


@pytest.mark.parametrize("slug", EDITS)
def test_update_is_what_copier_makes(features: Path, updated: tuple[Path, Ended], slug: str, tmp_path: Path) -> None:
    plain = Path(shutil.copytree(features, tmp_path / "shop", symlinks=True))
    plain_update(plain, slug)
    shop, ended = updated
    assert state_of(shop, slug) == state_of(plain, slug), ended.output
    has_conflict = any(" 3\t" in line for line in state_of(plain, slug)[1])
    assert ended.statuses()[slug] == ("conflicts" if has_conflict else "updated")
