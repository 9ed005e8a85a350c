"""What a run keeps for the next one: nothing that others put there is obeyed, and nothing damaged is in the way."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from groundplan.copying.journal import JournalError, read_journal
from groundplan.copying.placing import digest
from groundplan.copying.repository import Repository, find_repository
from groundplan.copying.transaction import Planned, open_run, put_in_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.commands import contents, host, index_of
from support.rendering import git

NAME = "0123456789abcdef"
CHANGE: dict[str, Any] = {"path": "a.txt", "before": None, "after": "0" * 64, "staged": f"{NAME}-0"}
ENTRY: dict[str, Any] = {
    "slug": "saved-carts",
    "changes": [CHANGE],
    "commit_point": "a.txt",
    "folders": [],
    "index_before": [],
    "index_after": [],
}


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A git repository with a file."""
    return find_repository(host(tmp_path / "shop", {"a.txt": "a\n"}))


def left_behind(shop: Repository, journal: Any, name: str = NAME) -> Path:
    """Put a run's folder there as a killed run leaves it."""
    folder = shop.runs / "run-killed"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(journal if isinstance(journal, str) else json.dumps(journal), "utf-8")
    return folder


def told(shop: Repository) -> list[str]:
    """Open a run, and return what was told of what an earlier one left."""
    lines: list[str] = []
    with open_run(shop, lines.append):
        pass
    return lines


def edited(**values: Any) -> dict[str, Any]:
    """Return a journal with other values, those of its only change among them."""
    of_change = {name: value for name, value in values.items() if name in CHANGE}
    rest = {name: value for name, value in values.items() if name not in CHANGE}
    entry = {**ENTRY, "changes": [{**CHANGE, **of_change}], **rest}
    return {**entry, "commit_point": rest.get("commit_point", of_change.get("path", "a.txt"))}


OUTSIDE = ["../victim.txt", "/etc/passwd", "b/../../victim.txt", "link/victim.txt", "C:\\x", "..\\victim.txt", "", "."]
DAMAGED: dict[str, Any] = {
    "cut-off": json.dumps(ENTRY)[:50],
    "empty": "",
    "binary": "\0\0\0",
    "list": [],
    "number": 5,
    "deep": "[" * 100_000,
    "no-changes": {**ENTRY, "changes": []},
    "odd-changes": {**ENTRY, "changes": {"a": 1}},
    "unknown-key": {**ENTRY, "more": 1},
    "odd-path": edited(path=5),
    "odd-digest": edited(before="abc"),
    "staged-elsewhere": edited(staged="../../../victim"),
    "staged-absolute": edited(staged="/etc/passwd"),
    "commit-point-elsewhere": edited(commit_point="b.txt"),
    "in-gits-folder": edited(path=".git/config"),
    "in-gits-folder-on-windows": edited(path="sub/.GIT/hooks/pre-commit"),
    "index-of-outside": edited(index_before=[f"100644 {'0' * 40} 0\t../victim.txt"]),
    "index-odd": edited(index_before=["x\ta.txt"]),
    "index-gitlink": edited(index_after=[f"160000 {'1' * 40} 0\ta.txt"]),
    "folder-outside": edited(folders=["../made"]),
    **{f"outside-{path}": edited(path=path) for path in OUTSIDE},
}


@pytest.mark.parametrize("journal", DAMAGED.values(), ids=list(DAMAGED))
def test_damaged_or_planted_journal_is_set_aside_and_changes_nothing(
    tmp_path: Path, shop: Repository, journal: Any
) -> None:
    (tmp_path / "victim.txt").write_text("a person's\n", "utf-8")
    (shop.root / "link").symlink_to(tmp_path)
    before, index = contents(tmp_path), index_of(shop.root)
    left_behind(shop, journal)
    (line,) = told(shop)
    aside = shop.runs / "damaged-killed"
    assert "cannot be put in order" in line
    assert str(aside) in line
    assert aside.is_dir()
    assert told(shop) == []
    after = {path: state for path, state in contents(tmp_path).items() if "/.git/groundplan/" not in path}
    assert (after, index_of(shop.root)) == (before, index)
    assert not (tmp_path / "made").exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([*OUTSIDE, "a.txt", "0" * 64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ENTRY, *CHANGE, "x"]), inner),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.sampled_from([*ENTRY, *CHANGE]), value=JSON)
def test_journal_of_any_content_names_nothing_outside_or_is_refused(shop: Repository, name: str, value: object) -> None:
    folder = left_behind(shop, edited(**{name: value}))
    try:
        entry = read_journal(folder / f"{NAME}.json", shop.root)
    except JournalError:
        return
    for path in [*(change.path for change in entry.changes), *entry.folders]:
        assert Path(os.path.normpath(shop.root / path)).is_relative_to(shop.root)
        assert path
    assert all(change.staged == f"{NAME}-0" for change in entry.changes)


@pytest.mark.parametrize(
    "plant",
    [
        lambda shop, victim: (shop.runs / "run-x").symlink_to(victim),
        lambda shop, victim: (shop.runs / "run-x").write_text(str(victim)),
        lambda shop, victim: ((shop.runs / "run-x").mkdir(), (shop.runs / "run-x/scratch").write_text(str(victim))),
        lambda shop, victim: (
            (shop.root / "docs/plan_docs/.groundplan/run-x").mkdir(parents=True),
            (shop.root / "docs/plan_docs/.groundplan/run-x/scratch").write_text(str(victim)),
        ),
    ],
    ids=["link", "file", "scratch-elsewhere", "among-the-plans"],
)
@pytest.mark.parametrize("is_git", [True, False])
def test_planted_state_deletes_nothing(
    tmp_path: Path, plant: Callable[[Repository, Path], object], is_git: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    victim = tmp_path / "victim"
    (victim / "work").mkdir(parents=True)
    (victim / "work/file.txt").write_text("x", "utf-8")
    (tmp_path / "shop").mkdir()
    shop = find_repository(host(tmp_path / "shop") if is_git else tmp_path / "shop")
    shop.runs.mkdir(parents=True, exist_ok=True)
    plant(shop, victim)
    told(shop)
    assert (victim / "work/file.txt").read_text("utf-8") == "x"


def test_scratch_of_a_killed_run_is_found_by_its_name(
    shop: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundplan.copying.transaction.gettempdir", lambda: str(tmp_path))
    (shop.runs / "run-killed").mkdir(parents=True)
    (tmp_path / "groundplan-killed/clone").mkdir(parents=True)
    (tmp_path / "groundplan-other").mkdir()
    told(shop)
    assert not (tmp_path / "groundplan-killed").exists()
    assert (tmp_path / "groundplan-other").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the super-user can give files away")
def test_state_of_somebody_else_is_left_alone(shop: Repository) -> None:
    folder = left_behind(shop, edited(path="b.txt", after=digest(shop.root / "a.txt")))
    os.chown(folder, 12345, 12345)
    assert told(shop) == []
    assert folder.is_dir()


def test_without_git_state_lies_in_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = (find_repository(tmp_path / name) for name in ("one", "two"))
    assert one.state.is_relative_to(tmp_path / "state")
    assert one.state != two.state
    told(one)
    assert list((tmp_path / "one").iterdir()) == []
    assert one.state.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("place", ["state", "./.state", ""])
def test_state_is_never_in_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", place)
    monkeypatch.chdir(tmp_path)
    assert not Path(os.path.abspath(find_repository(tmp_path).state)).is_relative_to(tmp_path)  # noqa: PTH100


def test_run_in_a_module_recovers_its_own_files_and_no_other_modules(tmp_path: Path) -> None:
    top = host(
        tmp_path / "shop", {"a/docs/plan_docs/x/feature-plan.md": "x", "b/docs/plan_docs/x/feature-plan.md": "x"}
    )
    one, two = find_repository(top / "a"), find_repository(top / "b")
    (tmp_path / "new.txt").write_text("new\n", "utf-8")
    with open_run(one, print) as run:
        begun = run.begin("x", [Planned("made.txt", tmp_path / "new.txt", None)], "made.txt")
        begun.apply()
        (one.runs / "run-kept").mkdir()
        for file in run.folder.iterdir():
            (one.runs / "run-kept" / file.name).write_bytes(file.read_bytes())
        begun.close()
    (top / "b/made.txt").write_text("new\n", "utf-8")
    assert told(two) == []
    assert "“x”" in told(one)[0]
    assert (top / "a/made.txt").exists()
    assert one.state == two.state


def test_held_index_leaves_files_and_state_for_the_next_command(shop: Repository) -> None:
    blob = git("-C", shop.root, "hash-object", "a.txt").strip()
    entry = edited(
        path="b.txt",
        index_before=[f"100644 {blob} 0\ta.txt"],
        index_after=[f"100644 {blob} 2\ta.txt"],
    )
    folder = left_behind(shop, entry)
    git("-C", shop.root, "rm", "-q", "--cached", "a.txt")
    (shop.root / ".git/index.lock").write_text("")
    lines: list[str] = []
    put_in_order(shop, lines.append)
    assert "index.lock" in lines[0]
    assert folder.is_dir()
    (shop.root / ".git/index.lock").unlink()
    put_in_order(shop, lines.append)
    assert "that is undone now" in lines[1]
    assert index_of(shop.root).split() == ["100644", blob, "0", "a.txt"]


def test_links_within_the_repository_and_names_of_git_agree(tmp_path: Path) -> None:
    top = host(tmp_path / "shop", {"documentation/plan_docs/x/feature-plan.md": "x\n"})
    (top / "docs").symlink_to("documentation")
    shop = find_repository(top / "docs/plan_docs/x")
    plan = "docs/plan_docs/x/feature-plan.md"
    assert (shop.root, list(shop.indexed(["docs/plan_docs/x"]))) == (top, [plan])
    (top / plan).write_text("y\n", "utf-8")
    assert shop.changed(["docs/plan_docs/x"]) == {"docs/plan_docs/x": [plan]}
    blob = shop.indexed([plan])[plan].blob
    shop.write_index([f"0 {'0' * 40}\t{plan}", *(f"100644 {blob} {stage}\t{plan}" for stage in (1, 2, 3))])
    assert shop.unmerged(["docs/plan_docs/x"]) == {"docs/plan_docs/x": [plan]}
    assert {line.partition("\t")[2] for line in index_of(top).splitlines()} == {
        "documentation/plan_docs/x/feature-plan.md"
    }


def test_paths_of_a_module_are_its_own(tmp_path: Path) -> None:
    top = host(tmp_path / "shop", {"services/a/docs/plan_docs/x/feature-plan.md": "x\n", "docs/plan_docs/x/y.md": "y"})
    shop = find_repository(top / "services/a/docs")
    plan = "docs/plan_docs/x/feature-plan.md"
    assert shop.root == top / "services/a"
    (shop.root / plan).write_text("y\n", "utf-8")
    assert shop.changed(["docs/plan_docs/x"]) == {"docs/plan_docs/x": [plan]}
    blob = shop.indexed([plan])[plan].blob
    shop.write_index([f"0 {'0' * 40}\t{plan}", *(f"100644 {blob} {stage}\t{plan}" for stage in (1, 2, 3))])
    assert shop.unmerged(["docs/plan_docs/x"]) == {"docs/plan_docs/x": [plan]}
    assert "services/a/docs" in git("-C", top, "ls-files", "--unmerged")
