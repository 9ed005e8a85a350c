"""Files that must not be read, and what they become instead: a finding of their plan, while all others are checked."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from groundplan.layout import SIZE_LIMIT
from groundplan.plan.drawn_tree import read_tree
from groundplan.plan.files import UnreadableFileError, exists_inside, lies_inside, read_bytes, read_text
from groundplan.plan.reader import read_plan
from support.commands import groundplan
from support.finished_plans import PLAN, edit

SLUG = "user-profile-2fa"
FOLDER = f"docs/plan_docs/{SLUG}"


def _socket(place: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(place.parent)  # its path may be too long for a socket
    listener.bind(place.name)
    os.chdir(here)
    listener.close()


def _chain_of_links(place: Path) -> None:
    (place.parent / "first").symlink_to("/etc")
    place.symlink_to("first/hostname")


HARMFUL: dict[str, Callable[[Path], object]] = {
    "endless-device": lambda place: place.symlink_to("/dev/zero"),
    "terminal": lambda place: place.symlink_to("/dev/tty"),
    "fifo": os.mkfifo,
    "socket": _socket,
    "link-outside": lambda place: place.symlink_to("/etc/passwd"),
    "link-upwards": lambda place: place.symlink_to("../../../../outside.md"),
    "chain-of-links": _chain_of_links,
    "circle": lambda place: place.symlink_to(place.name),
    "folder": lambda place: place.mkdir(),
    "too-long": lambda place: place.write_bytes(b"x" * (SIZE_LIMIT + 1)),
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither devices nor FIFOs among files")
@pytest.mark.parametrize("name", ["feature-plan.md", "notes.md", ".copier-answers.yml"])
@pytest.mark.parametrize("harm", HARMFUL)
def test_file_that_must_not_be_read_is_a_finding_of_its_plan(project: Path, harm: str, name: str) -> None:
    (project.parent / "outside.md").write_text("# Secret\n", "utf-8")
    place = project / FOLDER / name
    place.unlink(missing_ok=True)
    HARMFUL[harm](place)
    ended = groundplan(project, "check", "--json")
    found = [finding for finding in ended.document["findings"] if finding["code"] == "GP102"]
    assert ended.status == 1, ended.errors
    assert [finding["path"] for finding in found] == [f"{FOLDER}/{name}"]
    assert "root:" not in ended.output
    assert "Secret" not in ended.output


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /proc")
def test_file_that_claims_to_be_empty_is_read_up_to_the_limit(tmp_path: Path) -> None:
    (tmp_path / "endless").symlink_to("/proc/self/mountinfo")
    with pytest.raises(UnreadableFileError, match="out of the repository"):
        read_bytes(tmp_path, "endless")
    (tmp_path / "long").write_bytes(b"x" * 101)
    with pytest.raises(UnreadableFileError, match="more than 100 bytes"):
        read_text(tmp_path, "long", limit=100)
    assert read_text(tmp_path, "long", limit=101) == "x" * 101


def test_links_within_the_repository_are_followed(project: Path) -> None:
    (project / "shared.md").write_text("# Shared\n", "utf-8")
    (project / FOLDER / "shared.md").symlink_to("../../../shared.md")
    (project / "docs").rename(project / "documentation")
    (project / "docs").symlink_to("documentation")
    plan = read_plan(project, SLUG)
    assert plan.unreadable == ()
    assert f"{FOLDER}/shared.md" in [page.path for page in plan.documents]


def test_module_of_a_monorepo_may_link_to_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "shared.md").write_text("x")
    module = tmp_path / "services/billing"
    module.mkdir(parents=True)
    assert lies_inside(module, "../../shared.md")
    assert not lies_inside(module, "../../../shared.md")


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.md", "a/../../outside.md", "link/passwd"])
def test_nobody_is_told_what_exists_outside(tmp_path: Path, path: str) -> None:
    root = tmp_path / "shop"
    (root / "a").mkdir(parents=True)
    (root / "link").symlink_to("/etc")
    (tmp_path / "outside.md").write_text("x")
    assert not exists_inside(root, path)


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("/etc/passwd", "/etc/no-such-file"),
        ("../../../../../../../../../../../../etc/passwd", "../../../../../../../../../../../../etc/no-such-file"),
        ("etc/passwd", "etc/no-such-file"),
    ],
)
def test_check_says_the_same_of_paths_outside_whether_they_exist_or_not(
    project: Path, there: str, missing: str
) -> None:
    (project / "etc").symlink_to("/etc")
    edit(project, "\n## Risk Management\n", "\nSee [it](TARGET).\n\n## Risk Management\n")
    text = (project / PLAN).read_text("utf-8").replace("└── ", "└── TARGET\n└── ")
    told = []
    for path in (there, missing):
        (project / PLAN).write_text(text.replace("TARGET", path), "utf-8")
        report = groundplan(project, "check", "--json").document
        told.append([{**finding, "message": finding["message"].replace(path, "")} for finding in report["findings"]])
    assert told[0] == told[1]


@pytest.mark.parametrize("length", [255, 256, 4096, 70_000])
def test_link_of_any_length_is_one_finding(project: Path, length: int) -> None:
    edit(project, "\n## Risk Management\n", f"\nSee [it]({'x' * length}).\n\n## Risk Management\n")
    report = groundplan(project, "check", "--json", "--select", "GP113").document
    assert [finding["code"] for finding in report["findings"]] == ["GP113"]


@pytest.mark.parametrize("path", ["/etc/passwd", "C:/Windows/win.ini", "\\\\server\\share", "../out", "a/../../out"])
def test_tree_line_that_leads_out_of_the_repository_is_not_a_planned_path(project: Path, path: str) -> None:
    assert [planned.path for planned in read_tree(f"├── {path}\n└── src/a.py", 1)] == ["src/a.py"]
    text = (project / PLAN).read_text("utf-8")
    (project / PLAN).write_text(text.replace("└── ", f"└── {path}\n└── "), "utf-8")
    assert groundplan(project, "check", "--json").document["plans"] == [SLUG]
