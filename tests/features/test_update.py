"""`groundplan update`: what plain `copier update` makes of a feature, for many at once and each by itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from plumbum import local
from support.commands import Ended, brief, contents, groundplan, host, index_of
from support.rendering import COPIER, commit, git, snapshot

PLAN = "docs/plan_docs/{}/feature-plan.md"
Edit = Callable[[str], str]


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with two versions: v2.0.0 rewords headings and guidance. Do not write into it."""
    template = snapshot(tmp_path_factory.mktemp("versions") / "groundplan")
    for part, old, new in (
        ("04-scope", "## Scope Definition", "## Scope Definitions"),
        ("04-scope", "Draw the line", "Draw a line"),
        ("12-risks", "'owner': 'Owner'}", "'owner': 'Owned by'}"),
        ("18-acceptance", "testing strategy is agreed", "testing strategy is settled"),
        ("18-acceptance", "- [ ] Stakeholders approved", "- [ ] Somebody read it\n- [ ] Stakeholders approved"),
    ):
        file = template / "partials" / f"{part}.jinja"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")
    commit(template)
    git("-C", template, "tag", "v2.0.0")
    return template


@pytest.fixture(scope="session")
def two_features(tmp_path_factory: pytest.TempPathFactory, versions: Path) -> Path:
    """A repository with two features of v1.0.0, committed. Copy it."""
    folder = tmp_path_factory.mktemp("features")
    for name in ("Saved carts", "Gift cards"):
        brief(folder / "briefs" / f"{name}.yml", feature_name=name, depth="full", supporting_docs=["runbook"])
    shop = host(folder / "shop", {"README.md": "Shop\n", "src/old.py": "x = 1\n"})
    ended = groundplan(shop, "new", "--brief", folder / "briefs", "--template", versions, "--ref", "v1.0.0")
    assert ended.status == 0, ended.output
    commit(shop)
    return shop


@pytest.fixture
def shop(two_features: Path, tmp_path: Path) -> Path:
    """A repository with two features of v1.0.0, committed."""
    return Path(shutil.copytree(two_features, tmp_path / "ours" / "shop", symlinks=True))


def edit(shop: Path, slug: str, change: Edit) -> None:
    """Change a plan, really, and commit it."""
    file = shop / PLAN.format(slug)
    text = file.read_bytes().decode()
    assert change(text) != text
    file.write_bytes(change(text).encode())
    commit(shop)


def plain_update(shop: Path, slug: str, *arguments: str) -> None:
    """Update a feature by the `copier` command."""
    answers = f"docs/plan_docs/{slug}/.copier-answers.yml"
    local[str(COPIER)].with_cwd(shop)("update", "--trust", "--defaults", "--quiet", "-a", answers, *arguments)


def tick(text: str) -> str:
    return text.replace("- [ ] Requirements", "- [x] Requirements")


def conflict(text: str) -> str:
    return text.replace("testing strategy is agreed", "testing strategy is signed")


EDITS: dict[str, Edit | None] = {
    "untouched": None,
    "ticked": tick,
    "own words in place of guidance": lambda text: text.replace("Draw the line", "We draw the line"),
    "own section": lambda text: text.replace("## Risk Management", "## Our Own\n\nWords.\n\n## Risk Management"),
    "own row": lambda text: text.replace("| [Risk] |", "| Fire |"),
    "true conflict": conflict,
    "all of it": lambda text: conflict(tick(text)) + "\nA last word.\n",
}


@pytest.mark.parametrize("name", EDITS)
def test_update_is_what_plain_copier_makes(shop: Path, tmp_path: Path, name: str) -> None:
    if change := EDITS[name]:
        edit(shop, "saved-carts", change)
    plain = Path(shutil.copytree(shop, tmp_path / "plain" / "shop", symlinks=True))
    plain_update(plain, "saved-carts")
    ended = groundplan(shop, "update", "saved-carts", "--json")
    assert (contents(shop), index_of(shop)) == (contents(plain), index_of(plain)), ended.output
    assert (ended.status == 1) == (" 3\t" in index_of(plain))


def test_update_in_a_repository_with_windows_line_ends_is_what_plain_copier_makes(shop: Path, tmp_path: Path) -> None:
    (shop / ".gitattributes").write_text("* text=auto eol=crlf\n", "utf-8")
    commit(shop)
    git("-C", shop, "rm", "-rq", "--cached", ".")
    git("-C", shop, "reset", "-q", "--hard")
    edit(shop, "saved-carts", tick)
    plain = Path(shutil.copytree(shop, tmp_path / "plain" / "shop", symlinks=True))
    plain_update(plain, "saved-carts")
    groundplan(shop, "update", "saved-carts")
    assert contents(shop) == contents(plain)


def test_deleted_document_stays_deleted(shop: Path, tmp_path: Path) -> None:
    (shop / "docs/plan_docs/saved-carts/runbook.md").unlink()
    commit(shop)
    plain = Path(shutil.copytree(shop, tmp_path / "plain" / "shop", symlinks=True))
    plain_update(plain, "saved-carts")
    groundplan(shop, "update", "saved-carts")
    assert contents(shop) == contents(plain)
    assert not (shop / "docs/plan_docs/saved-carts/runbook.md").exists()


def test_new_answer_changes_the_feature_as_with_plain_copier(shop: Path, tmp_path: Path) -> None:
    plain = Path(shutil.copytree(shop, tmp_path / "plain" / "shop", symlinks=True))
    data = ("--data", "goals=[Faster, Cheaper]", "--data", "owner=tom")
    plain_update(plain, "saved-carts", "--vcs-ref", ":current:", *data)
    ended = groundplan(shop, "update", "saved-carts", "--ref", ":current:", *data)
    assert (ended.status, contents(shop)) == (0, contents(plain))
    assert "_commit: v1.0.0" in (shop / "docs/plan_docs/saved-carts/.copier-answers.yml").read_text("utf-8")


def test_unknown_answer_is_refused_and_nothing_changes(shop: Path) -> None:
    before = contents(shop)
    ended = groundplan(shop, "update", "--all", "--data", "onwer=tom")
    assert (ended.status, "Did you mean owner?" in ended.errors, contents(shop)) == (1, True, before)


def test_all_features_are_updated_and_the_rest_may_be_dirty(shop: Path) -> None:
    (shop / "src/old.py").write_text("x = 2\n", "utf-8")
    (shop / "untracked.txt").write_text("x\n", "utf-8")
    ended = groundplan(shop, "update", "--all", "--json")
    assert (ended.status, ended.statuses()) == (0, {"gift-cards": "updated", "saved-carts": "updated"})
    assert (shop / "src/old.py").read_text("utf-8") == "x = 2\n"


def test_feature_with_changes_is_left_alone_and_the_others_go_on(shop: Path) -> None:
    mine = shop / PLAN.format("saved-carts")
    mine.write_text("mine\n", "utf-8")
    ended = groundplan(shop, "update", "--all", "--json")
    assert (ended.status, ended.statuses()) == (1, {"gift-cards": "updated", "saved-carts": "failed"})
    assert mine.read_text("utf-8") == "mine\n"
    assert PLAN.format("saved-carts") in reason_of(ended, "saved-carts")


def test_feature_that_cannot_be_updated_is_left_alone_and_the_others_go_on(shop: Path) -> None:
    answers = shop / "docs/plan_docs/saved-carts/.copier-answers.yml"
    answers.write_text(answers.read_text("utf-8").replace("_commit: v1.0.0", "_commit: v0.0.1"), "utf-8")
    commit(shop)
    before = contents(shop / "docs/plan_docs/saved-carts")
    ended = groundplan(shop, "update", "--all", "--json")
    assert (ended.status, ended.statuses()) == (1, {"gift-cards": "updated", "saved-carts": "failed"})
    assert contents(shop / "docs/plan_docs/saved-carts") == before
    assert "v0.0.1" in reason_of(ended, "saved-carts")


def test_conflict_keeps_git_from_committing_and_does_not_touch_the_other_feature(shop: Path) -> None:
    edit(shop, "saved-carts", conflict)
    ended = groundplan(shop, "update", "--all", "--json")
    assert (ended.status, ended.statuses()) == (1, {"gift-cards": "updated", "saved-carts": "conflicts"})
    mine = (shop / PLAN.format("saved-carts")).read_text("utf-8")
    status, _, _ = git["-C", shop, "commit", "-m", "x"].run(retcode=None)
    assert status != 0
    stages = {line.split()[2] for line in index_of(shop).splitlines() if line.endswith(PLAN.format("saved-carts"))}
    assert stages == {"1", "2", "3"}
    assert "testing strategy is signed" in mine
    assert "<<<<<<<" in mine


@pytest.mark.parametrize("data", [(), ("--data", "owner=tom")])
def test_feature_in_conflict_stays_so_until_it_is_settled(shop: Path, data: tuple[str, ...]) -> None:
    edit(shop, "saved-carts", conflict)
    groundplan(shop, "update", "saved-carts")
    before = contents(shop), index_of(shop)
    ended = groundplan(shop, "update", "saved-carts", *data, "--json")
    assert (ended.status, ended.statuses()) == (1, {"saved-carts": "conflicts"})
    assert ended.document["features"][0]["conflicts"] == [PLAN.format("saved-carts")]
    assert (contents(shop), index_of(shop)) == before


def test_current_features_are_skipped(shop: Path) -> None:
    groundplan(shop, "update", "--all")
    commit(shop)
    before = contents(shop)
    ended = groundplan(shop, "update", "--all", "--json")
    assert (ended.status, set(ended.statuses().values()), contents(shop)) == (0, {"current"}, before)
    assert {feature["version"] for feature in ended.document["features"]} == {"v2.0.0"}


@pytest.mark.parametrize("ref", ["v1.0.0", "main", ":current:"])
def test_ref_names_the_version(shop: Path, ref: str) -> None:
    ended = groundplan(shop, "update", "saved-carts", "--ref", ref, "--json")
    assert ended.statuses() == {"saved-carts": "updated" if ref == "main" else "current"}


def test_unknown_ref_is_the_reason_of_each_failure(shop: Path) -> None:
    ended = groundplan(shop, "update", "--all", "--ref", "v9.9.9", "--json")
    assert (ended.status, set(ended.statuses().values())) == (1, {"failed"})
    assert "has no version “v9.9.9”" in reason_of(ended, "gift-cards")


def test_feature_whose_template_is_gone_or_whose_answers_are_broken_does_not_stop_the_others(shop: Path) -> None:
    answers = shop / "docs/plan_docs/saved-carts/.copier-answers.yml"
    for text in ("_commit: v1.0.0\n_src_path: file:///nowhere/template.git\n", "no: template\n", "[\n"):
        git("-C", shop, "reset", "-q", "--hard")
        answers.write_text(text, "utf-8")
        commit(shop)
        ended = groundplan(shop, "update", "gift-cards", "saved-carts", "--json", "--dry-run")
        assert (ended.status, ended.statuses()) == (1, {"gift-cards": "updated", "saved-carts": "failed"})


def test_plan_without_an_answers_file_is_told_from_no_plan(shop: Path) -> None:
    git("-C", shop, "rm", "-q", "docs/plan_docs/saved-carts/.copier-answers.yml")
    commit(shop)
    ended = groundplan(shop, "update", "saved-carts")
    assert (ended.status, "Restore it from git" in ended.errors) == (2, True)


# Runs the command; just as the update of a plan is to be copied back, a person saves the plan.
SAVED_MEANWHILE = """
import sys
from pathlib import Path
from groundplan.copying.transaction import Run

plan, begin = Path(sys.argv.pop(1)), Run.begin

def save_and_begin(self, *arguments):
    plan.write_text("mine\\n")
    return begin(self, *arguments)

Run.begin = save_and_begin
from groundplan.cli.app import main
main()
"""


def test_what_a_person_saves_while_an_update_runs_is_kept(shop: Path) -> None:
    plan = shop / PLAN.format("saved-carts")
    before = contents(shop) | {PLAN.format("saved-carts"): (0o644, b"mine\n")}
    command = [sys.executable, "-c", SAVED_MEANWHILE, plan, "-C", shop, "update", "saved-carts"]
    ended = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert (ended.returncode, "was changed by someone else" in ended.stdout) == (1, True), ended.stderr
    assert contents(shop) == before


def test_dry_run_says_what_would_change_and_changes_nothing(shop: Path) -> None:
    edit(shop, "saved-carts", conflict)
    before = contents(shop), index_of(shop)
    ended = groundplan(shop, "update", "--all", "--dry-run", "--json")
    assert ended.statuses() == {"gift-cards": "updated", "saved-carts": "conflicts"}
    assert (contents(shop), index_of(shop)) == before


def test_neither_slugs_nor_all_is_wrong_use(shop: Path) -> None:
    assert groundplan(shop, "update").status == 2
    assert groundplan(shop, "update", "saved-carts", "--all").status == 2


def test_folder_without_git_is_wrong_use(shop: Path) -> None:
    shutil.rmtree(shop / ".git")
    ended = groundplan(shop, "update", "--all")
    assert (ended.status, "is not a git repository" in ended.errors) == (2, True)


def test_ignored_file_in_a_plan_folder_is_left_alone(shop: Path) -> None:
    (shop / ".gitignore").write_text("*.local\n", "utf-8")
    commit(shop)
    mine = shop / "docs/plan_docs/saved-carts/notes.local"
    mine.write_text("mine\n", "utf-8")
    assert groundplan(shop, "update", "--all").status == 0
    assert mine.read_text("utf-8") == "mine\n"


def reason_of(ended: Ended, slug: str) -> str:
    (reason,) = [feature["reason"] for feature in ended.document["features"] if feature["slug"] == slug]
    return str(reason)
