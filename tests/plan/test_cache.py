"""Many plans are read once: what is kept of them is used while it is true, and never otherwise."""

from __future__ import annotations

import datetime
import os
import shutil
from pathlib import Path

import pytest
from groundplan.checks import check as checks
from groundplan.checks.check import CheckReport, Inspection, check
from groundplan.plan import cache as plan_cache
from groundplan.text import markdown
from platformdirs import user_cache_path
from support.finished_plans import PLAN

COUNT = 30
FOLDER = Path(PLAN).parent


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of caches, which nobody else uses."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return user_cache_path("groundplan", appauthor=False)


@pytest.fixture
def many(finished: Path, tmp_path: Path) -> Path:
    """A repository of many plans."""
    for number in range(COUNT):
        folder = tmp_path / "shop/docs/plan_docs" / f"feature-{number}"
        shutil.copytree(finished / FOLDER, folder)
        plan = folder / "feature-plan.md"
        plan.write_text(plan.read_text("utf-8").replace(FOLDER.name, folder.name), "utf-8")
    return tmp_path / "shop"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list of the plans that are read from now on, in this very process."""
    slugs: list[str] = []
    inspect = checks.inspect_plan

    def inspect_and_tell(root: Path, slug: str, today: datetime.date) -> Inspection:
        slugs.append(slug)
        return inspect(root, slug, today)

    monkeypatch.setattr(checks, "_processors", lambda: 1)
    monkeypatch.setattr(checks, "inspect_plan", inspect_and_tell)
    return slugs


def checked(root: Path) -> CheckReport:
    return check(None, root, today=datetime.date(2026, 2, 1))


def plan_of(root: Path, number: int) -> Path:
    return root / f"docs/plan_docs/feature-{number}/feature-plan.md"


def test_what_did_not_change_is_not_read_again(many: Path, read: list[str]) -> None:
    first = checked(many)
    assert len(read) == COUNT
    assert checked(many) == first
    assert len(read) == COUNT


@pytest.mark.parametrize("name", ["feature-plan.md", "runbook.md", "adr/new.md", ".copier-answers.yml"])
def test_what_changed_is_read_again(many: Path, read: list[str], name: str) -> None:
    checked(many)
    read.clear()
    file = plan_of(many, 3).parent / name
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as stream:
        stream.write("\n")
    checked(many)
    assert read == ["feature-3"]


def test_a_defect_that_comes_and_goes_is_found_each_time(many: Path) -> None:
    clean = checked(many)
    text = plan_of(many, 3).read_text("utf-8")
    plan_of(many, 3).write_text(text.replace("## Overview", "## Ovrview"), "utf-8")
    assert {finding.code for finding in checked(many).findings} > {finding.code for finding in clean.findings}
    plan_of(many, 3).write_text(text, "utf-8")
    assert checked(many) == clean


def test_what_stands_beside_a_plan_is_judged_anew(many: Path) -> None:
    """A plan that is kept says nothing of the files that it links to."""
    (many / "notes.txt").write_text("Here.\n")
    with plan_of(many, 3).open("a", encoding="utf-8") as stream:
        stream.write("\n[Notes](../../../notes.txt)\n")
    clean = checked(many)
    (many / "notes.txt").unlink()
    assert {finding.code for finding in checked(many).findings} - {finding.code for finding in clean.findings} == {
        "GP113"
    }


def test_other_code_reads_all_again(many: Path, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    checked(many)
    read.clear()
    monkeypatch.setattr(plan_cache, "_code", lambda: "another version")
    checked(many)
    assert len(read) == COUNT


@pytest.mark.parametrize("content", [b"", b"no pickle", b"\x80\x05K\x01.", b"\x80\x05cgroundplan.gone\nGone\n."])
def test_a_cache_that_cannot_be_read_is_made_anew(many: Path, read: list[str], cache: Path, content: bytes) -> None:
    first = checked(many)
    (file,) = cache.iterdir()
    file.write_bytes(content)
    read.clear()
    assert checked(many) == first
    assert len(read) == COUNT
    read.clear()
    assert checked(many) == first
    assert not read


def test_where_nothing_can_be_kept_all_is_read(many: Path, read: list[str], cache: Path) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text("A file where the folder would be.\n")
    assert checked(many) == checked(many)
    assert len(read) == 2 * COUNT


def test_a_cache_folder_within_the_repository_is_not_used(
    many: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older versions of platformdirs give a user without a home one that is relative to wherever the check runs."""
    monkeypatch.chdir(many)
    monkeypatch.setattr(plan_cache, "user_cache_path", lambda *_, **__: Path("~/.cache"))
    assert checked(many) == checked(many)
    assert len(read) == 2 * COUNT
    assert not (many / "~").exists()


def test_plans_that_are_gone_are_not_kept(many: Path, cache: Path) -> None:
    checked(many)
    (before,) = (file.stat().st_size for file in cache.iterdir())
    for number in range(4):
        shutil.rmtree(plan_of(many, number).parent)
    with plan_of(many, 5).open("a", encoding="utf-8") as stream:
        stream.write("\n")
    checked(many)
    (after,) = (file.stat().st_size for file in cache.iterdir())
    assert after < before * (COUNT - 3) / COUNT


def test_a_file_that_cannot_be_read_is_asked_for_each_time(many: Path, read: list[str]) -> None:
    folder = plan_of(many, 3).parent / "folder.md"
    folder.mkdir()
    assert checked(many) == checked(many)
    assert read.count("feature-3") == 2


def test_a_plan_that_changes_while_it_is_read_is_not_kept(
    many: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = markdown.parse

    def edit_and_parse(text: str) -> markdown.Document:
        if 'slug: "feature-3"' in text:
            os.truncate(plan_of(many, 3), 2000)
        return parse(text)

    text = plan_of(many, 3).read_text("utf-8")
    monkeypatch.setattr("groundplan.plan.reader.parse", edit_and_parse)
    checked(many)
    plan_of(many, 3).write_text(text, "utf-8")
    read.clear()
    checked(many)
    assert read == ["feature-3"]


def test_few_plans_leave_no_cache(many: Path, cache: Path) -> None:
    check([f"feature-{number}" for number in range(5)], many, today=datetime.date(2026, 2, 1))
    assert not cache.exists()
