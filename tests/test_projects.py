"""A monorepo with three projects: every command finds the plans from where one stands."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from groundplan.projects import all_roots, find_root, plan_at
from support.commands import brief, contents, groundplan, host
from support.rendering import commit, git

SERVICES = ("services/billing", "services/search")
PLAN = "docs/plan_docs/{}/feature-plan.md"


@pytest.fixture(scope="module")
def kept_repo(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """A monorepo: a project at its top and one in each of two folders; two have a feature of the same name."""
    folder = tmp_path_factory.mktemp("kept")
    repo = host(folder / "repo", {"services/billing/go.mod": "module example.com/billing\n\ngo 1.24\n", "a/b.txt": "x"})
    names = {"": "Saved carts", "services/billing": "Invoices", "services/search": "Saved carts"}
    for place, name in names.items():
        (repo / place / "docs/plan_docs").mkdir(parents=True)
        path = brief(folder / "brief.yml", feature_name=name)
        made = groundplan(repo / place, "new", "--brief", path, "--template", template)
        assert made.status == 0, made.errors
        (plan,) = (repo / place).glob(PLAN.format("*"))
        plan.write_text(f"{plan.read_text('utf-8')}\nSee [nothing](missing.md).\n", "utf-8")
    commit(repo)
    return repo


@pytest.fixture
def repo(tmp_path: Path, kept_repo: Path) -> Path:
    """The same to write into."""
    return Path(shutil.copytree(kept_repo, tmp_path / "repo", symlinks=True))


def test_features_go_into_the_project_that_one_stands_in(repo: Path) -> None:
    plans = {path for path in contents(repo) if path.endswith("feature-plan.md")}
    assert plans == {
        PLAN.format("saved-carts"),
        f"services/billing/{PLAN.format('invoices')}",
        f"services/search/{PLAN.format('saved-carts')}",
    }


@pytest.mark.parametrize("below", ["", "docs", "docs/plan_docs", "docs/plan_docs/invoices", "internal/deep"])
def test_project_is_found_from_below(repo: Path, below: str) -> None:
    folder = repo / "services/billing" / below
    folder.mkdir(parents=True, exist_ok=True)
    assert groundplan(folder, "check", "--json").document["plans"] == ["invoices"]
    assert [one["slug"] for one in groundplan(folder, "status", "--json").document["features"]] == ["invoices"]
    assert groundplan(folder, "update", "--all", "--json").statuses() == {"invoices": "current"}


def test_all_projects_are_checked_and_told_with_their_paths(repo: Path) -> None:
    ended = groundplan(repo / "a", "check", "--all-projects", "--json")
    names = ["saved-carts", "services/billing/invoices", "services/search/saved-carts"]
    assert ended.document["plans"] == names
    assert all((repo / finding["path"]).exists() for finding in ended.document["findings"])
    assert {finding["path"].partition("docs/")[0] for finding in ended.document["findings"]} == {
        "",
        "services/billing/",
        "services/search/",
    }
    features = groundplan(repo, "status", "--all-projects", "--json").document["features"]
    assert sorted(one["slug"] for one in features) == names
    assert all((repo / one["path"]).is_file() for one in features)
    page = groundplan(repo, "status", "--all-projects", "--format", "markdown").output
    assert f"(services/search/{PLAN.format('saved-carts')})" in page


def test_hook_gives_paths_of_any_project(repo: Path) -> None:
    paths = [PLAN.format("saved-carts"), f"services/billing/{PLAN.format('invoices')}"]
    plans = groundplan(repo, "check", *paths, "--json").document["plans"]
    assert plans == ["saved-carts", "services/billing/invoices"]


def test_annotations_name_paths_from_the_top_of_git(repo: Path) -> None:
    output = groundplan(repo / "services/billing", "check", "--format", "github").output
    assert f"file=services/billing/{PLAN.format('invoices')}" in output


@pytest.mark.parametrize("command", ["check", "status"])
def test_where_no_plan_is_the_projects_that_have_some_are_named(repo: Path, command: str) -> None:
    shutil.rmtree(repo / "docs")
    commit(repo)
    ended = groundplan(repo, command, "--json")
    assert ended.status == 1
    assert "--all-projects" in ended.errors
    assert str(repo / "services/billing") in ended.errors
    assert json.loads(ended.output)


def test_update_in_a_module_leaves_the_others_alone(repo: Path) -> None:
    folder = repo / "services/search"
    ended = groundplan(folder, "update", "saved-carts", "--data", "owner=lena", "--json")
    assert ended.statuses() == {"saved-carts": "updated"}, ended.output
    changed = git("-C", repo, "status", "--porcelain").split()
    assert {path for path in changed if "/" in path} <= {
        f"services/search/docs/plan_docs/saved-carts/{name}" for name in ("feature-plan.md", ".copier-answers.yml")
    }


def test_killed_run_is_told_by_commands_that_read(repo: Path) -> None:
    entry = {
        "slug": "invoices",
        "changes": [{"path": "x.txt", "before": None, "after": "0" * 64, "staged": f"{'0' * 16}-0"}],
        "commit_point": "x.txt",
        "folders": [],
        "index_before": [],
        "index_after": [],
    }
    run = repo / ".git/groundplan/run-killed"
    run.mkdir(parents=True)
    (run / f"{'0' * 16}.json").write_text(json.dumps(entry), "utf-8")
    for command in ("check", "status"):
        assert "left “invoices” half done" in groundplan(repo, command).errors
    assert "half done" in "".join(groundplan(repo, "check", "--json").document["notices"])
    assert "half done" not in groundplan(repo / "services/billing", "check").errors


def test_nearest_folder_is_never_beyond_gits_top_nor_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "docs/plan_docs").mkdir(parents=True)
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/src").mkdir()
    (tmp_path / "plain/src").mkdir(parents=True)
    assert find_root(tmp_path / "repo/src") == tmp_path / "repo"
    assert find_root(tmp_path / "plain/src") == tmp_path
    if os.name != "nt" and os.geteuid() == 0:
        os.chown(tmp_path / "plain", 12345, 12345)
        os.chown(tmp_path / "plain/src", 12345, 12345)
        assert find_root(tmp_path / "plain/src") == tmp_path / "plain/src"


def test_link_to_the_documents_is_a_project_too(tmp_path: Path) -> None:
    top = host(tmp_path / "repo", {"documentation/plan_docs/x/feature-plan.md": "x\n"})
    (top / "docs").symlink_to("documentation")
    assert (find_root(top), all_roots(top)) == (top, [top])


@pytest.mark.parametrize(
    ("argument", "project", "slug"),
    [
        ("orders", "", "orders"),
        ("docs/plan_docs/orders", "", "orders"),
        ("docs/plan_docs/orders/adr/0001.md", "", "orders"),
        ("a/docs/plan_docs/orders/feature-plan.md", "a", "orders"),
        ("./a/b/docs/plan_docs/x/", "a/b", "x"),
        ("docs/plan_docs", "", "docs/plan_docs"),
    ],
)
def test_words_name_plans_of_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str, project: str, slug: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert plan_at(argument, tmp_path) == (tmp_path / project, slug)
