"""`groundplan new`, `scaffold` and `remove`: the same files as plain Copier's, all of them or none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import groundplan as pack
import pytest
import yaml
from plumbum import local
from support.commands import SMALL, brief, contents, groundplan, host
from support.rendering import COPIER, commit, git, repository

# A repository of each kind that the questionnaire recognises, with what its defaults are read from.
HOSTS: dict[str, dict[str, str]] = {
    "empty": {},
    "python": {"pyproject.toml": '[project]\nname = "acme-shop"\n', "src/acme_shop/__init__.py": ""},
    "two packages": {"pyproject.toml": "", "src/one/__init__.py": "", "src/two/__init__.py": ""},
    "go": {"go.mod": "module example.com/acme/shop\n\ngo 1.22\n"},
    "java": {
        "pom.xml": '<project xmlns="http://maven.apache.org/POM/4.0.0"><groupId>com.acme</groupId></project>',
    },
    "rust": {"Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n'},
    "typescript": {"package.json": "{}\n"},
    "dotnet": {"Acme.Shop.sln": "\n", "web/package.json": "{}\n"},
    "dotnet without solution": {"src/Shop/Shop.csproj": "<Project/>\n"},
    "team defaults": {
        "docs/plan_docs/defaults.yml": "ticket: SHOP-1\nstack: go\ndepth: lite\nlayers: [domain]\ngoals: [Faster]\n",
    },
    "another feature": {"docs/plan_docs/wish-list/feature-plan.md": "# Wish list\n"},
}


def plain_copy(template: Path, folder: Path, path: Path, **environment: str) -> None:
    """Add a brief's feature by the `copier` command."""
    command = local[str(COPIER)].with_cwd(folder).with_env(**environment)
    command("copy", "--trust", "--defaults", "--quiet", "--data-file", path, template, ".")


@pytest.mark.parametrize("kind", HOSTS)
def test_feature_is_what_plain_copier_makes_in_the_same_repository(tmp_path: Path, template: Path, kind: str) -> None:
    path = tmp_path / "brief.yml"
    path.write_text(yaml.safe_dump({"feature_name": "Saved carts", "owner": "jane", "created": "2026-01-15"}), "utf-8")
    plain, ours = (host(tmp_path / name / "acme shop", HOSTS[kind]) for name in ("plain", "ours"))
    plain_copy(template, plain, path)
    ended = groundplan(ours, "new", "--brief", path, "--template", template)
    assert (ended.status, contents(ours)) == (0, contents(plain)), ended.errors


def test_many_features_are_what_plain_copier_makes_whatever_the_jobs(tmp_path: Path, template: Path) -> None:
    names = {"python": "Saved carts", "go": "Wish list", "rust": "Order history", "none": "Gift cards"}
    for stack, name in names.items():
        brief(tmp_path / "briefs" / f"{stack}.yml", feature_name=name, stack=stack, depth="full")
    plain = host(tmp_path / "plain" / "shop")
    for stack in sorted(names):
        plain_copy(template, plain, tmp_path / "briefs" / f"{stack}.yml")
    for jobs in ("1", "3"):
        ours = host(tmp_path / jobs / "shop")
        groundplan(ours, "new", "--brief", tmp_path / "briefs", "--template", template, "--jobs", jobs)
        assert contents(ours) == contents(plain)


def test_user_settings_give_defaults_as_with_copier(tmp_path: Path, template: Path) -> None:
    settings = tmp_path / "settings.yml"
    settings.write_text("defaults:\n  project_name: From settings\n  github_user: tom\n", "utf-8")
    path = tmp_path / "brief.yml"
    path.write_text("feature_name: Saved carts\ncreated: '2026-01-15'\n", "utf-8")
    plain, ours = (host(tmp_path / name / "shop", {"go.mod": "module x\n"}) for name in ("plain", "ours"))
    plain_copy(template, plain, path, COPIER_SETTINGS_PATH=str(settings))
    arguments = ("new", "--trust", "--brief", path, "--template", template)
    assert groundplan(ours, *arguments, COPIER_SETTINGS_PATH=str(settings)).status == 0
    assert contents(ours) == contents(plain)


def test_template_that_is_elsewhere_is_stored_as_plain_copier_stores_it(tmp_path: Path, template: Path) -> None:
    address = f"git+{template.as_uri()}"
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    plain, ours = (host(tmp_path / name / "shop") for name in ("plain", "ours"))
    command = local[str(COPIER)].with_cwd(plain).with_env(COPIER_CACHE_DIR=str(tmp_path / "cache"))
    command("copy", "--trust", "--defaults", "--quiet", "--data-file", path, address, ".")
    assert groundplan(ours, "new", "--trust", "--brief", path, "--template", address).status == 0
    assert contents(ours) == contents(plain)


def test_template_that_is_elsewhere_is_asked_twice_however_many_features_there_are(
    tmp_path: Path, template: Path
) -> None:
    origin = tmp_path / "origin.git"
    git("clone", "--quiet", "--bare", template, origin)
    for number in range(3):
        brief(tmp_path / "briefs" / f"{number}.yml", feature_name=f"Number {'abc'[number]}")
    arguments = ("new", "--trust", "--brief", tmp_path / "briefs", "--template", origin.as_uri())
    for jobs in ("1", "2"):
        trace = tmp_path / f"trace-{jobs}"
        ended = groundplan(host(tmp_path / jobs / "shop"), *arguments, "--jobs", jobs, GIT_TRACE=str(trace))
        assert ended.status == 0, ended.output
        # Once for its versions, once for itself.
        assert trace.read_text("utf-8").count(f"built-in: git upload-pack {origin}\n") == 2


def test_same_command_again_skips_what_exists_and_changes_nothing(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts", layers=["domain"])
    arguments = ("new", "--brief", path, "--template", template, "--json")
    groundplan(shop, *arguments)
    before = contents(shop)
    ended = groundplan(shop, *arguments)
    assert (ended.status, ended.statuses(), contents(shop)) == (0, {"saved-carts": "skipped"}, before)


def test_feature_that_exists_with_other_answers_is_refused_with_their_names(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    groundplan(shop, "new", "--brief", path, "--template", template)
    ended = groundplan(shop, "new", "--brief", path, "--data", "owner=tom", "--data", "goals=[Faster]", "--json")
    (feature,) = ended.document["features"]
    assert (ended.status, feature["status"]) == (1, "refused")
    assert "other answers to owner, goals" in feature["reason"]


def test_template_of_the_features_that_exist_is_used(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    groundplan(shop, "new", "--brief", brief(tmp_path / "a.yml", feature_name="One thing"), "--template", template)
    ended = groundplan(shop, "new", "--brief", brief(tmp_path / "b.yml", feature_name="Another"), "--json")
    assert ended.statuses() == {"another": "made"}


def test_broken_answers_of_another_feature_are_not_in_the_way(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    groundplan(shop, "new", "--brief", brief(tmp_path / "a.yml", feature_name="One thing"), "--template", template)
    broken = shop / "docs/plan_docs/broken/.copier-answers.yml"
    broken.parent.mkdir()
    broken.write_text("[\n", "utf-8")
    ended = groundplan(shop, "new", "--brief", brief(tmp_path / "b.yml", feature_name="Another"), "--json")
    assert ended.statuses() == {"another": "made"}
    ended = groundplan(shop, "remove", "broken", "--json")
    assert ended.statuses() == {"broken": "failed"}


def test_no_template_at_all_is_wrong_use(tmp_path: Path) -> None:
    ended = groundplan(host(tmp_path / "shop"), "new", "--brief", brief(tmp_path / "a.yml", feature_name="One thing"))
    assert (ended.status, "--template URL" in ended.errors) == (2, True)


def test_unreachable_template_is_one_line(tmp_path: Path, template: Path) -> None:
    path = brief(tmp_path / "a.yml", feature_name="One thing")
    shop = host(tmp_path / "shop")
    for address in ("file:///nowhere/template.git", str(tmp_path / "nowhere"), f"file://{template}"):
        ended = groundplan(shop, "new", "--brief", path, "--template", address)
        assert (ended.status, ended.errors.count("\n")) == (1, 1), ended.errors
    assert contents(shop) == {}


def test_one_bad_brief_of_many_and_nothing_is_made(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop", {"README.md": "Shop\n"})
    for number in range(3):
        brief(tmp_path / "briefs" / f"{number}.yml", feature_name=f"Number {'abc'[number]}")
    # Only the template itself can tell that this name breaks its stack.
    brief(tmp_path / "briefs" / "bad.yml", feature_name="Import", stack="python")
    before = contents(shop)
    ended = groundplan(shop, "new", "--brief", tmp_path / "briefs", "--template", template, "--json")
    statuses = ended.statuses()
    assert (ended.status, statuses.pop("import"), set(statuses.values())) == (1, "refused", {"withheld"})
    assert contents(shop) == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("featur_name: Orders\n", "Did you mean feature_name?"),
        ("owner: jane\n", "has no feature_name"),
        ("feature_name: Orders\n", "Nothing answers owner."),
        ("feature_name: [\n", "not valid YAML"),
        ("feature_name: 🛒\nowner: jane\n", "feature_name: Use letters or digits: no slug"),
    ],
)
def test_refusal_is_a_document_with_the_reason(tmp_path: Path, template: Path, text: str, reason: str) -> None:
    (tmp_path / "brief.yml").write_text(text, "utf-8")
    shop = host(tmp_path / "shop")
    ended = groundplan(shop, "new", "--brief", tmp_path / "brief.yml", "--template", template, "--json")
    (feature,) = ended.document["features"]
    assert (ended.status, feature["status"], ended.document["ok"]) == (1, "refused", False)
    assert reason in feature["reason"], feature
    assert feature["brief"].startswith(str(tmp_path / "brief.yml"))


def test_unknown_team_default_is_refused_with_its_line(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop", {"docs/plan_docs/defaults.yml": "owner: jane\nstakc: go\n"})
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    ended = groundplan(shop, "new", "--brief", path, "--template", template, "--json")
    (feature,) = ended.document["features"]
    assert feature["brief"] == "docs/plan_docs/defaults.yml:2"
    assert "Did you mean stack?" in feature["reason"]


def test_team_defaults_that_are_no_yaml_are_refused_in_their_name_once(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop", {"docs/plan_docs/defaults.yml": "owner: [x\n"})
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    ended = groundplan(shop, "new", "--brief", path, "--template", template)
    assert (ended.status, ended.output.count("defaults.yml")) == (1, 1), ended.output


def test_two_briefs_for_one_slug_are_refused(tmp_path: Path, template: Path) -> None:
    brief(tmp_path / "briefs" / "a.yml", feature_name="Wish list")
    brief(tmp_path / "briefs" / "b.yml", feature_name="Wishlist")
    ended = groundplan(host(tmp_path / "shop"), "new", "--brief", tmp_path / "briefs", "--template", template, "--json")
    assert ended.statuses() == {"wish-list": "withheld", "wishlist": "refused"}
    assert "a.yml" in ended.document["features"][1]["reason"]


def test_slug_too_like_an_existing_one_is_refused(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop", {"docs/plan_docs/wish-list/notes.md": "x\n"})
    path = brief(tmp_path / "brief.yml", feature_name="Wishlist")
    ended = groundplan(shop, "new", "--brief", path, "--template", template, "--json")
    assert "wish-list" in ended.document["features"][0]["reason"]


def test_file_in_the_way_is_refused_and_kept(tmp_path: Path, template: Path) -> None:
    mine = "tests/saved_carts/domain/test_saved_carts_model.py"
    shop = host(tmp_path / "shop", {mine: "mine\n"})
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts", stack="python")
    before = contents(shop)
    ended = groundplan(shop, "new", "--brief", path, "--template", template, "--json")
    assert f"{mine} is in the way" in ended.document["features"][0]["reason"]
    assert contents(shop) == before


def test_link_out_of_the_repository_is_not_followed(tmp_path: Path, template: Path) -> None:
    shop, elsewhere = host(tmp_path / "shop"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (shop / "src").symlink_to(elsewhere)
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts", stack="python")
    ended = groundplan(shop, "new", "--brief", path, "--template", template, "--json")
    assert "outside the repository" in ended.document["features"][0]["reason"]
    assert list(elsewhere.iterdir()) == []


def test_files_that_git_ignores_are_told(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop", {".gitignore": "/src/*/saved_carts/\n"})
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts", stack="python", python_package="shop")
    (feature,) = groundplan(shop, "new", "--brief", path, "--template", template, "--json").document["features"]
    hidden = [file for file in feature["files"] if file.startswith("src/shop/saved_carts/")]
    assert feature["status"] == "made"
    assert hidden
    note, *_ = feature["notes"]
    assert note.startswith(f"git ignores {len(hidden)} of the files, such as {hidden[0]}.")


def test_dry_run_lists_what_would_be_made_and_writes_nothing(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts", stack="python")
    ended = groundplan(shop, "new", "--brief", path, "--template", template, "--dry-run", "--json")
    assert contents(shop) == {}
    groundplan(shop, "new", "--brief", path, "--template", template)
    assert sorted(ended.document["features"][0]["files"]) == sorted(contents(shop))


def test_brief_from_standard_input(tmp_path: Path, template: Path) -> None:
    text = json.dumps({**SMALL, "feature_name": "Saved carts"})
    ended = groundplan(host(tmp_path / "shop"), "new", "-b", "-", "--template", template, "--json", text=text)
    assert ended.statuses() == {"saved-carts": "made"}


def test_folder_without_git_holds_nothing_but_the_feature(tmp_path: Path, template: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    assert groundplan(shop, "new", "--brief", path, "--template", template).status == 0
    assert set(contents(shop)) == {
        "docs/plan_docs/saved-carts/.copier-answers.yml",
        "docs/plan_docs/saved-carts/feature-plan.md",
    }
    assert [folder.name for folder in (shop / "docs/plan_docs").iterdir()] == ["saved-carts"]


def test_command_works_from_a_folder_below_the_top(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop", {"deep/down/note.md": "x\n"})
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    groundplan(shop / "deep/down", "new", "--brief", path, "--template", template)
    assert (shop / "docs/plan_docs/saved-carts/feature-plan.md").is_file()


def test_pipe_gets_no_colour_and_no_bar(tmp_path: Path, template: Path) -> None:
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    ended = groundplan(host(tmp_path / "shop"), "new", "--brief", path, "--template", template)
    first, *told, last = ended.output.splitlines()
    assert (first, last) == ("made  saved-carts v1.0.0, 2 files", "1 made")
    assert "git switch -c feature/saved-carts" in {line.strip() for line in told}
    assert "\x1b" not in ended.output
    assert ended.errors == "Making [1/1] saved-carts\n"


def test_tree_comes_later_as_if_it_had_come_at_once(tmp_path: Path, template: Path) -> None:
    later, at_once = (host(tmp_path / name / "shop") for name in ("later", "at-once"))
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts", stack="python", depth="full")
    groundplan(at_once, "new", "--brief", path, "--template", template)
    groundplan(later, "new", "--brief", path, "--template", template, "--data", "scaffold=false")
    assert "pyproject.toml" not in contents(later)
    commit(later)
    ended = groundplan(later, "scaffold", "saved-carts", "--json")
    assert ended.statuses() == {"saved-carts": "updated"}, ended.output
    assert contents(later) == contents(at_once)


def test_tree_comes_once_and_only_with_a_stack(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    brief(tmp_path / "briefs" / "a.yml", feature_name="Saved carts", stack="python")
    brief(tmp_path / "briefs" / "b.yml", feature_name="Gift cards")
    groundplan(shop, "new", "--brief", tmp_path / "briefs", "--template", template)
    commit(shop)
    ended = groundplan(shop, "scaffold", "saved-carts", "gift-cards", "--json")
    assert ended.statuses() == {"saved-carts": "skipped", "gift-cards": "refused"}
    ended = groundplan(shop, "scaffold", "gift-cards", "--data", "stack=go", "--json")
    assert ended.statuses() == {"gift-cards": "updated"}, ended.output
    assert (shop / "internal/giftcards/domain").is_dir()


def test_removing_a_feature_that_is_new_leaves_the_repository_as_it_was(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop", {"pyproject.toml": "[project]\nname = 'shop'\n"})
    before = contents(shop)
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts", stack="python", depth="full")
    groundplan(shop, "new", "--brief", path, "--template", template)
    groundplan(shop, "remove", "saved-carts")
    assert contents(shop) == before
    assert not (shop / "docs").exists()


def test_unknown_feature_is_wrong_use_that_names_the_known(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    groundplan(shop, "new", "--brief", brief(tmp_path / "a.yml", feature_name="One thing"), "--template", template)
    for command in ("remove", "scaffold", "update"):
        ended = groundplan(shop, command, "two-things")
        assert (ended.status, "one-thing" in ended.errors) == (2, True)


def test_schema_command_prints_the_schema_of_the_template(tmp_path: Path, template: Path) -> None:
    ended = groundplan(host(tmp_path / "shop"), "schema", "--template", template)
    assert ended.document["properties"]["feature_name"]["title"] == "Feature name"


def test_importing_the_pack_costs_nothing() -> None:
    code = "import sys, groundplan; print(sorted({'copier', 'yaml', 'jinja2', 'plumbum'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_public_name_can_be_imported() -> None:
    assert all(getattr(pack, name) for name in pack.__all__)
    assert not hasattr(pack, "nonsense")


def test_python_api_makes_a_feature_and_prints_nothing(
    tmp_path: Path, template: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shop = host(tmp_path / "shop")
    heard: list[Any] = []
    listener = pack.Listener(step=lambda *step: heard.append(step))
    before = dict(os.environ)
    saved_carts = pack.Brief({**SMALL, "feature_name": "Saved carts"})
    report = pack.new([saved_carts], shop, template=str(template), data={"owner": "tom"}, listener=listener)
    assert [(outcome.slug, outcome.status) for outcome in report.outcomes] == [("saved-carts", pack.Status.MADE)]
    assert heard == [(1, 1, "saved-carts")]
    assert capfd.readouterr() == ("", "")
    assert dict(os.environ) == before


def test_python_api_takes_an_empty_selection_for_none_and_no_selection_for_all(project: Path) -> None:
    repository(project)

    assert pack.check([], project).slugs == ()
    assert pack.status([], project) == []
    assert pack.update([], project).outcomes == ()
    assert [feature.slug for feature in pack.status(repository=project)] == list(pack.check(None, project).slugs)
    assert [outcome.slug for outcome in pack.update(None, project).outcomes] == list(pack.check(None, project).slugs)


def test_python_api_merges_texts() -> None:
    base = "- [ ] Plan\n- [ ] Build\n"

    merged = pack.merge(base, base.replace("[ ] Plan", "[x] Plan"), base.replace("Build", "Build it"))

    assert (merged.text, merged.conflicts) == ("- [x] Plan\n- [ ] Build it\n", ())


def test_run_leaves_no_state_behind(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    groundplan(shop, "new", "--brief", brief(tmp_path / "a.yml", feature_name="One thing"), "--template", template)
    assert [path.name for path in (shop / ".git/groundplan").iterdir()] == ["lock"]
    assert git("-C", shop, "status", "--porcelain").split() == ["??", "docs/"]
