"""What cannot be adopted is refused in one line, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import groundplan, host
from support.rendering import files_of

GOOD = "# Bells\n\n## Goals\n\n- Ring\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "It is empty."),
        (b" \n\n", "It is empty."),
        (b"\xff\xfe\x00", "It is not text in UTF-8."),
        (b"# A\0\n", "It is not text but binary."),
        (b"Only words.\n", "It has no heading"),
    ],
)
def test_what_is_not_a_plan(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "plan.md").write_bytes(content)
    root = host(tmp_path / "shop")
    ended = groundplan(root, "adopt", tmp_path / "plan.md", "--json")
    assert ended.status == 1
    (feature,) = ended.document["features"]
    assert feature["status"] == "refused"
    assert reason in feature["reason"]
    assert files_of(root) == []


def test_a_document_that_is_not_there(tmp_path: Path) -> None:
    ended = groundplan(host(tmp_path / "shop"), "adopt", tmp_path / "none.md")
    assert ended.status == 1
    assert "none.md: There is no such file or folder." in ended.output


def test_all_or_none(template: Path, tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(GOOD, "utf-8")
    (tmp_path / "bad.md").write_text("", "utf-8")
    root = host(tmp_path / "shop")
    arguments = (tmp_path / "good.md", tmp_path / "bad.md", "--template", template, "-d", "owner=ada")
    assert groundplan(root, "adopt", *arguments).status == 1
    assert files_of(root) == []


def test_adopting_twice_is_refused_naming_the_feature(template: Path, tmp_path: Path) -> None:
    (tmp_path / "bells.md").write_text(GOOD, "utf-8")
    root = host(tmp_path / "shop")
    arguments = ("adopt", tmp_path / "bells.md", "--template", template, "-d", "owner=ada", "--json")
    assert groundplan(root, *arguments).status == 0
    again = groundplan(root, *arguments)
    assert again.status == 1
    (feature,) = again.document["features"]
    assert feature["slug"] == "bells"
    assert "docs/plan_docs/bells exists already" in feature["reason"]


def test_what_nothing_names(template: Path, tmp_path: Path) -> None:
    ended = groundplan(host(tmp_path / "shop"), "adopt", "-", "--template", template, text="## Goals\n\n- Ring\n")
    assert ended.status == 1
    assert "Nothing names the feature." in ended.output


def test_which_document(tmp_path: Path) -> None:
    ended = groundplan(host(tmp_path / "shop"), "adopt")
    assert ended.status == 2
    assert "which document?" in ended.errors


def test_a_dry_run_writes_nothing_and_tells_what_it_would(template: Path, tmp_path: Path) -> None:
    (tmp_path / "bells.md").write_text(GOOD, "utf-8")
    root = host(tmp_path / "shop")
    arguments = ("adopt", tmp_path / "bells.md", "--template", template, "-d", "owner=ada", "--dry-run")
    ended = groundplan(root, *arguments)
    assert ended.status == 0
    assert "answers: feature_name, goals" in ended.output
    assert files_of(root) == []
