"""The pack's git is the same on every machine: with real hooks, real aliases, real settings of a person."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from groundplan.environment import variables_set
from groundplan.git import GitError, GitMissingError, NoRepositoryError, git, git_bytes, plain_git
from plumbum import local
from support.commands import COMMAND, brief, contents, groundplan, host, index_of, outdated
from support.rendering import commit, repository
from support.rendering import git as raw_git

# What one person or another has set, of what changes how git prints or what it does unasked.
SETTINGS = """
[color]
    ui = always
[commit]
    gpgSign = true
    template = /nonexistent
[core]
    quotePath = true
    hooksPath = {hooks}
    pager = false
[diff]
    noprefix = true
    mnemonicPrefix = true
    external = false
    relative = true
[gpg]
    program = false
[init]
    templateDir = {templates}
    defaultBranch = trunk
[log]
    showSignature = true
    decorate = full
    follow = true
[status]
    branch = true
    relativePaths = true
    short = true
    showStash = true
    showUntrackedFiles = no
[tag]
    gpgSign = true
[clone]
    defaultRemoteName = upstream
[merge]
    conflictStyle = zdiff3
"""
PLAN = "docs/plan_docs/{}/feature-plan.md"


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody with settings of all kinds, and with hooks that refuse everything."""
    for folder in ("hooks", "templates/hooks"):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("pre-commit", "post-checkout", "commit-msg", "reference-transaction"):
            hook = tmp_path / folder / name
            hook.write_text(f"#!/bin/sh\necho $0 >> {tmp_path}/hooks-that-ran\nexit 1\n", "utf-8")
            hook.chmod(0o755)
    file = tmp_path / "gitconfig"
    file.write_text(SETTINGS.format(hooks=tmp_path / "hooks", templates=tmp_path / "templates"), "utf-8")
    return {"GIT_CONFIG_GLOBAL": str(file)}


@pytest.fixture(scope="module")
def kept_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two features of the first version of a template whose second rewords a line of a plan."""
    folder = tmp_path_factory.mktemp("kept")
    outdated(folder, "Saved carts", "Gift cards")
    return folder / "shop"


@pytest.fixture
def shop(tmp_path: Path, kept_shop: Path) -> Path:
    """The same to write into."""
    return Path(shutil.copytree(kept_shop, tmp_path / "shop", symlinks=True))


def state_of(shop: Path) -> tuple[str, str, str]:
    """What git has of a repository that a command must not change: commits, branches, the index."""
    return str(raw_git("-C", shop, "log", "--all", "--oneline")), str(raw_git("-C", shop, "branch")), index_of(shop)


def test_settings_of_a_person_change_nothing(shop: Path, tmp_path: Path, settings: dict[str, str]) -> None:
    (shop / "docs/plan_docs/gift-cards/notes.md").write_text("# Notes\n", "utf-8")
    ended = groundplan(shop, "update", "--all", "--json", **settings)
    assert ended.statuses() == {"gift-cards": "failed", "saved-carts": "updated"}, ended.output
    assert "notes.md" in ended.output
    assert groundplan(shop, "remove", "saved-carts", "--json", **settings).statuses() == {"saved-carts": "removed"}
    made = groundplan(
        shop, "new", "--brief", brief(tmp_path / "more.yml", feature_name="Wish list"), "--json", **settings
    )
    assert made.statuses() == {"wish-list": "made"}, made.output
    assert not (tmp_path / "hooks-that-ran").exists()


def test_settings_of_a_person_change_no_byte(shop: Path, settings: dict[str, str], tmp_path: Path) -> None:
    raw_git("clone", "--quiet", shop, tmp_path / "other/shop")
    assert groundplan(shop, "update", "--all").status == 0
    assert groundplan(tmp_path / "other/shop", "update", "--all", **settings).status == 0
    assert contents(shop) == contents(tmp_path / "other/shop")


def from_hook(shop: Path, name: str, *arguments: str) -> None:
    """Install a hook that runs the command and keeps its status and output."""
    hook = shop / ".git/hooks" / name
    hook.parent.mkdir(exist_ok=True)
    line = " ".join(arguments)
    hook.write_text(f'#!/bin/sh\n"{COMMAND}" {line} > .git/told 2>&1\necho $? > .git/ended\n', "utf-8")
    hook.chmod(0o755)


@pytest.mark.parametrize("hook", ["pre-commit", "post-commit", "commit-msg", "post-rewrite", "post-checkout"])
def test_update_from_a_hook_leaves_index_and_branches_alone(shop: Path, hook: str) -> None:
    from_hook(shop, hook, "update", "saved-carts")
    (shop / "file.txt").write_text("x\n", "utf-8")
    raw_git("-C", shop, "add", "file.txt")
    action = {"post-rewrite": ["commit", "--amend", "--no-edit", "-q"], "post-checkout": ["checkout", "-q", "-b", "b"]}
    raw_git("-C", shop, *action.get(hook, ["commit", "-q", "-m", "State", "--", "file.txt"]))
    assert (shop / ".git/ended").read_text() == "0\n", (shop / ".git/told").read_text()
    assert "Reviewers approved" in (shop / PLAN.format("saved-carts")).read_text("utf-8")
    tracked = raw_git("-C", shop, "ls-files").split()
    assert {path.split("/")[0] for path in tracked} == {"docs", "file.txt"}
    assert "As it is" not in raw_git("-C", shop, "log", "--all", "--format=%s")
    assert raw_git("-C", shop, "fsck", "--no-dangling") == ""


@pytest.mark.parametrize("arguments", ["update saved-carts", "new --brief ../more.yml", "remove saved-carts", "check"])
def test_alias_in_a_linked_worktree_works_there_and_leaves_the_rest_alone(
    shop: Path, tmp_path: Path, arguments: str
) -> None:
    brief(tmp_path / "more.yml", feature_name="Wish list")
    raw_git("-C", shop, "worktree", "add", "-q", "-b", "side", tmp_path / "side")
    raw_git("-C", shop, "config", "alias.plans", f'!"{COMMAND}" {arguments}')
    before, files = state_of(shop), contents(shop)
    ended = subprocess.run(
        ["git", "-c", "color.ui=always", "plans"], cwd=tmp_path / "side", capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert (state_of(shop), contents(shop)) == (before, files)
    changed = raw_git("-C", tmp_path / "side", "status", "--porcelain")
    assert bool(changed) == (arguments != "check")


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_DIR": "{other}/.git"},
        {"GIT_DIR": "{other}/.git", "GIT_WORK_TREE": "{other}", "GIT_PREFIX": "docs/"},
        {"GIT_INDEX_FILE": "{other}/.git/index"},
        {"GIT_OBJECT_DIRECTORY": "{other}/.git/objects", "GIT_QUARANTINE_PATH": "{other}"},
        {"GIT_COMMON_DIR": "{other}/.git"},
        {"GIT_NAMESPACE": "x", "GIT_LITERAL_PATHSPECS": "1", "GIT_AUTHOR_DATE": "not a date"},
        {"GIT_CONFIG_COUNT": ""},
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "color.ui", "GIT_CONFIG_VALUE_0": "always"},
        {"GIT_EXTERNAL_DIFF": "false", "GIT_DIFF_OPTS": "-u0", "GIT_TEMPLATE_DIR": "/nonexistent"},
        {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
    ],
    ids="+".join,
)
def test_variables_that_point_elsewhere_reach_no_git(shop: Path, tmp_path: Path, variables: dict[str, str]) -> None:
    other = host(tmp_path / "other", {"file.txt": "x\n"})
    before = state_of(other)
    given = {name: value.format(other=other) for name, value in variables.items()}
    ended = groundplan(shop, "update", "--all", "--json", **given)
    assert ended.statuses() == {"gift-cards": "updated", "saved-carts": "updated"}, ended.output + ended.errors
    assert state_of(other) == before
    assert raw_git("-C", other, "status", "--porcelain") == ""


@pytest.fixture
def no_git(tmp_path: Path) -> Iterator[None]:
    """A PATH without git, but with a program of that name in the working directory."""
    (tmp_path / "git").write_text("#!/bin/sh\necho planted\n", "utf-8")
    (tmp_path / "git").chmod(0o755)
    here = Path.cwd()
    os.chdir(tmp_path)
    with variables_set({"PATH": str(tmp_path / "empty")}):
        yield
    os.chdir(here)


def test_missing_git_is_told_and_none_of_the_folder_is_taken(no_git: None, tmp_path: Path) -> None:
    with pytest.raises(GitMissingError, match=r"git is missing\. Install it"):
        git(tmp_path, "status")


@pytest.mark.parametrize(
    "arguments",
    [
        ("new", "--brief", "brief.yml", "--template", "."),
        ("update", "--all"),
        ("scaffold", "saved-carts"),
        ("remove", "saved-carts"),
        ("schema",),
        ("status", "--history"),
        ("status", "--check-template"),
    ],
    ids=" ".join,
)
def test_missing_git_is_one_line_for_every_command(shop: Path, arguments: tuple[str, ...]) -> None:
    brief(shop / "brief.yml", feature_name="Wish list")
    before = contents(shop)
    ended = groundplan(shop, *arguments, PATH=str(shop))
    assert "Traceback" not in ended.errors
    assert "git is missing" in ended.errors + ended.output
    assert ended.errors.count("\n") <= 2
    assert contents(shop) == before


def test_check_needs_no_git(shop: Path) -> None:
    assert groundplan(shop, "check", PATH=str(shop)).status == 0


def test_repository_of_somebody_else_is_told_with_what_to_do(shop: Path, tmp_path: Path) -> None:
    before = contents(shop)
    ended = groundplan(shop, "update", "--all", GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    assert ended.status == 1
    assert f"git config --global --add safe.directory {shop}" in ended.errors
    assert contents(shop) == before


@pytest.mark.parametrize("breakage", ["[core]\n\trepositoryFormatVersion = 1\n[extensions]\n\tx = y\n", "[core\n"])
@pytest.mark.parametrize("folder", ["", "src/main"])
def test_repository_that_git_refuses_is_not_taken_for_none(
    shop: Path, tmp_path: Path, breakage: str, folder: str
) -> None:
    (shop / ".git/config").write_text(breakage, "utf-8")
    (shop / folder).mkdir(parents=True, exist_ok=True)
    before = contents(shop)
    more = brief(tmp_path / "more.yml", feature_name="Wish list")
    ended = groundplan(shop / folder, "new", "--brief", more)
    assert (ended.status, ended.errors.count("\n"), "Traceback" in ended.errors) == (1, 1, False), ended.errors
    assert contents(shop) == before


def test_error_is_gits_own_reason_in_one_line(tmp_path: Path) -> None:
    repository = host(tmp_path / "a")
    with pytest.raises(GitError) as raised:
        git(repository, "rev-parse", "--verify", "unknown^{commit}")
    assert (str(raised.value), raised.value.returncode) == ("git: Needed a single revision", 128)
    with pytest.raises(NoRepositoryError):
        git(tmp_path, "status")


def test_contents_and_paths_of_any_bytes_come_through(tmp_path: Path) -> None:
    repository = host(tmp_path / "a")
    name = git_bytes(repository, "hash-object", "-w", "--stdin", content=b"\xff\0\r\n").decode().strip()
    assert git_bytes(repository, "cat-file", "blob", name) == b"\xff\0\r\n"
    (repository / os.fsdecode(b"\xff.txt")).write_text("x")
    assert git(repository, "ls-files", "-z", "--others") == f"{os.fsdecode(bytes([255]))}.txt\0"


def test_variables_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "x")
    with local.env(GIT_DIR="x"):
        with plain_git({}):
            assert "GIT_DIR" not in os.environ
            assert "GIT_DIR" not in local.env
        assert (os.environ["GIT_DIR"], local.env["GIT_DIR"]) == ("x", "x")
    assert "GIT_CONFIG_KEY_0" not in os.environ


def reword(shop: Path) -> None:
    """Reword and commit the line of each plan that the template's next version rewords, too."""
    for slug in ("saved-carts", "gift-cards"):
        plan = shop / PLAN.format(slug)
        plan.write_text(plan.read_text("utf-8").replace("Stakeholders approved", "Everybody approved"), "utf-8")
    commit(shop)


def test_sha256_repository_gets_a_true_conflict_with_its_stages(kept_shop: Path, tmp_path: Path) -> None:
    shop = tmp_path / "sha256"
    raw_git("init", "-q", "--object-format=sha256", shop)
    shutil.copytree(kept_shop / "docs", shop / "docs")
    commit(shop)
    reword(shop)
    ended = groundplan(shop, "update", "saved-carts", "--json")
    assert ended.statuses() == {"saved-carts": "conflicts"}, ended.output
    unmerged = raw_git("-C", shop, "ls-files", "--unmerged").splitlines()
    assert [line.split()[2] for line in unmerged] == ["1", "2", "3"]
    assert all(len(line.split()[1]) == 64 for line in unmerged)
    assert "Everybody approved" in raw_git("-C", shop, "cat-file", "blob", unmerged[1].split()[1])


def test_held_index_fails_the_features_that_need_it_and_says_so_in_json(shop: Path) -> None:
    reword(shop)
    (shop / ".git/index.lock").write_text("")
    before = contents(shop)
    ended = groundplan(shop, "update", "--all", "--json")
    assert (ended.status, ended.statuses()) == (1, {"gift-cards": "failed", "saved-carts": "failed"}), ended.output
    assert "index.lock" in ended.output
    assert contents(shop) == before
    (shop / ".git/index.lock").unlink()
    assert set(groundplan(shop, "update", "--all", "--json").statuses().values()) == {"conflicts"}


def test_update_works_through_a_link_to_the_documents(shop: Path) -> None:
    (shop / "docs").rename(shop / "documentation")
    (shop / "docs").symlink_to("documentation")
    commit(shop)
    assert groundplan(shop, "update", "gift-cards", "--json").statuses() == {"gift-cards": "updated"}
    raw_git("-C", shop, "checkout", "--", ".")
    reword(shop)
    assert groundplan(shop, "update", "saved-carts", "--json").statuses() == {"saved-carts": "conflicts"}
    unmerged = raw_git("-C", shop, "ls-files", "--unmerged")
    assert "documentation/plan_docs/saved-carts/feature-plan.md" in unmerged
    again = groundplan(shop, "update", "saved-carts", "--json")
    assert again.statuses() == {"saved-carts": "conflicts"}


@pytest.mark.parametrize("switches", [("--json",), ("--format", "json"), ("--format=json",)], ids=" ".join)
@pytest.mark.parametrize(
    "command", [("update", "--all"), ("check", "--today", "x"), ("remove", "unknown")], ids=" ".join
)
def test_json_is_printed_whatever_happens(tmp_path: Path, command: tuple[str, ...], switches: tuple[str, ...]) -> None:
    ended = groundplan(tmp_path, *command, *switches)
    assert (ended.status != 0, ended.document["ok"]) == (True, False)
    assert ended.document["error"] in ended.errors


@pytest.fixture
def partial(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A clone without the contents of earlier commits, and the environment in which a fetch would leave a trace."""
    source = tmp_path / "source"
    plan = source / PLAN.format("saved-carts")
    plan.parent.mkdir(parents=True)
    head = "---\ntitle: Saved carts\nstatus: approved\napproved: {date: 2026-01-02, by: jane}\n---\n\n# Saved carts\n"
    for day, mark in ((2, " "), (3, "x")):
        plan.write_text(f"{head}\n## Implementation Plan\n\n- [{mark}] Build the cart\n", "utf-8")
        with local.env(GIT_COMMITTER_DATE=f"2026-01-0{day}T12:00:00Z"):
            repository(source)
    raw_git("-C", source, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    raw_git("clone", "-q", "--filter=blob:none", source.as_uri(), clone)
    raw_git("-C", clone, "remote", "set-url", "origin", "ssh://localhost/nowhere")
    return clone, {"GIT_SSH_COMMAND": f"touch '{tmp_path / 'fetched'}'; false"}


@pytest.mark.parametrize(
    ("arguments", "is_told"),
    [
        (("status", "--history"), True),
        (("status", "--format", "markdown"), True),
        (("diff", "saved-carts", "--since", "HEAD~1"), True),
        (("check",), False),
        (("status",), False),
        (("mark", "saved-carts", "in-progress", "--anyway", "-n"), False),
        (("merge", "-p", *[PLAN.format("saved-carts")] * 3), False),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_looking_at_a_partial_clone_fetches_nothing_and_says_what_is_not_there(
    partial: tuple[Path, dict[str, str]], tmp_path: Path, arguments: tuple[str, ...], is_told: bool
) -> None:
    clone, environment = partial

    ended = groundplan(clone, *arguments, **environment)

    assert not (tmp_path / "fetched").exists()
    assert ("partial clone" in ended.errors, "Traceback" in ended.errors) == (is_told, False), ended.errors
