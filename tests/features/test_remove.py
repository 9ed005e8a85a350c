"""What `remove` deletes, and above all what it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from support.commands import Ended, brief, contents, groundplan, host
from support.rendering import commit, git

PLAN = "docs/plan_docs/saved-carts"
ANSWERS = f"{PLAN}/.copier-answers.yml"
CODE = "src/acme_shop/saved_carts/domain/model.py"


@pytest.fixture(scope="module")
def kept_shop(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """A repository with two features and their trees, committed."""
    folder = tmp_path_factory.mktemp("kept")
    shop = host(folder / "shop", {"README.md": "Shop\n"})
    for name in ("Saved carts", "Gift cards"):
        brief(folder / "briefs" / f"{name}.yml", feature_name=name, stack="python")
    assert groundplan(shop, "new", "--brief", folder / "briefs", "--template", template).status == 0
    commit(shop)
    return shop


@pytest.fixture
def shop(tmp_path: Path, kept_shop: Path) -> Path:
    """The same to write into."""
    return Path(shutil.copytree(kept_shop, tmp_path / "shop", symlinks=True))


def remove(shop: Path, *arguments: str) -> Ended:
    """Run the command, and see that it always ends with a report."""
    ended = groundplan(shop, "remove", *arguments, "--json")
    assert ended.document["features"], ended.errors
    return ended


def others(shop: Path) -> dict[str, tuple[int, bytes]]:
    """What there is besides the feature."""
    return {path: entry for path, entry in contents(shop).items() if "saved" not in path}


def edit_answers(shop: Path, **values: object) -> None:
    """Change what the answers file says."""
    file = shop / ANSWERS
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text("utf-8")), **values}), "utf-8")


def test_feature_that_nobody_changed_goes_whole_and_alone(shop: Path) -> None:
    before = others(shop)
    assert remove(shop, "saved-carts").statuses() == {"saved-carts": "removed"}
    assert contents(shop) == before
    assert not (shop / PLAN).exists()
    assert not (shop / "src/acme_shop/saved_carts").exists()


@pytest.mark.parametrize("path", [f"{PLAN}/feature-plan.md", CODE, f"{PLAN}/notes.md", ANSWERS])
@pytest.mark.parametrize("is_committed", [True, False], ids=["committed", "uncommitted"])
def test_feature_that_somebody_changed_is_left_whole_and_the_file_is_named(
    shop: Path, path: str, is_committed: bool
) -> None:
    with (shop / path).open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    if is_committed:
        commit(shop)
    before = contents(shop)
    ended = remove(shop, "saved-carts")
    (feature,) = ended.document["features"]
    assert (ended.status, feature["status"], feature["kept"]) == (1, "refused", [path])
    assert path in feature["reason"]
    assert "--force" in feature["reason"]
    assert contents(shop) == before


def test_force_deletes_what_git_can_give_back_and_keeps_the_rest(shop: Path) -> None:
    before = others(shop)
    (shop / CODE).write_text("mine and committed\n", "utf-8")
    (shop / f"{PLAN}/notes.md").write_text("mine and committed\n", "utf-8")
    commit(shop)
    (shop / f"{PLAN}/feature-plan.md").write_text("mine\n", "utf-8")
    (shop / f"{PLAN}/draft.md").write_text("mine\n", "utf-8")
    (feature,) = remove(shop, "saved-carts", "--force").document["features"]
    kept = [f"{PLAN}/draft.md", f"{PLAN}/feature-plan.md"]
    assert (feature["status"], feature["kept"]) == ("removed", kept)
    assert set(contents(shop)) - set(before) == set(kept)
    git("-C", shop, "checkout", "--", CODE, f"{PLAN}/notes.md")
    assert (shop / CODE).read_text("utf-8") == "mine and committed\n"


def test_force_needs_no_template(shop: Path) -> None:
    edit_answers(shop, _src_path="/nonexistent/template.git", _commit="v9.9.9")
    commit(shop)
    before = others(shop)
    assert remove(shop, "saved-carts").statuses() == {"saved-carts": "failed"}
    assert remove(shop, "saved-carts", "--force").statuses() == {"saved-carts": "removed"}
    assert contents(shop) == before


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["plain", "force"])
@pytest.mark.parametrize("slug", ["copied", "saved-carts-2"])
def test_copy_of_a_plan_folder_deletes_neither_itself_nor_the_original(shop: Path, slug: str, force: list[str]) -> None:
    shutil.copytree(shop / PLAN, shop / f"docs/plan_docs/{slug}")
    commit(shop)
    before = contents(shop)
    ended = remove(shop, slug, *force)
    assert (ended.status, ended.statuses()) == (1, {slug: "refused"})
    assert "“saved-carts”" in ended.document["features"][0]["reason"]
    assert contents(shop) == before


@pytest.mark.parametrize(
    "values",
    [
        {"feature_slug": "gift-cards"},
        {"plan_dir": "docs/plan_docs/gift-cards"},
        {"plan_dir": "docs"},
        {"plan_dir": "../shop"},
        {"feature_slug": 5},
        {"tree": 5},
        {"tree": {"paths": {"README.md": 1}}},
        {"tree": {"paths": [["README.md"]]}},
        {
            "tree": {
                "paths": ["README.md", ".git/config", "../outside.txt", "/etc/hostname", "docs/plan_docs/gift-cards/x"]
            }
        },
    ],
    ids=str,
)
@pytest.mark.parametrize("force", [[], ["--force"]], ids=["plain", "force"])
def test_answers_decide_nothing_beyond_the_feature(
    shop: Path, tmp_path: Path, values: dict[str, object], force: list[str]
) -> None:
    for name in ("outside.txt", "saved_carts.txt"):
        (tmp_path / name).write_text("x", "utf-8")
    edit_answers(shop, **values)
    commit(shop)
    before, config = others(shop), (shop / ".git/config").read_bytes()
    remove(shop, "saved-carts", *force)
    assert others(shop) == before
    assert (shop / ".git/config").read_bytes() == config
    assert {"outside.txt", "saved_carts.txt"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("folder", [PLAN, "src/acme_shop/saved_carts", "src"])
def test_nothing_is_deleted_through_a_link_out_of_the_repository(shop: Path, tmp_path: Path, folder: str) -> None:
    shutil.move(shop / folder, tmp_path / "outside")
    (shop / folder).symlink_to(tmp_path / "outside")
    commit(shop)
    before = contents(tmp_path / "outside")
    groundplan(shop, "remove", "saved-carts")
    groundplan(shop, "remove", "saved-carts", "--force")
    assert contents(tmp_path / "outside") == before


def test_plan_folder_that_is_a_link_to_another_is_refused(shop: Path) -> None:
    (shop / "docs/plan_docs/other").symlink_to("saved-carts")
    before = contents(shop)
    assert remove(shop, "other", "--force").statuses() == {"other": "refused"}
    assert contents(shop) == before


@pytest.mark.parametrize("setting", [("core.autocrlf", "true"), ("core.eol", "crlf")], ids="=".join)
def test_checkout_with_other_line_ends_is_no_edit(shop: Path, tmp_path: Path, setting: tuple[str, str]) -> None:
    (shop / ".gitattributes").write_text("* text=auto\n", "utf-8")
    commit(shop)
    git("clone", "-q", "-c", "=".join(setting), shop, tmp_path / "clone")
    clone = tmp_path / "clone"
    assert b"\r\n" in (clone / f"{PLAN}/feature-plan.md").read_bytes()
    before = others(clone)
    assert remove(clone, "saved-carts").statuses() == {"saved-carts": "removed"}
    assert contents(clone) == before


def test_one_feature_that_cannot_be_removed_stops_no_other(shop: Path) -> None:
    (shop / ANSWERS).write_text("? [a]\n: b\n", "utf-8")
    assert remove(shop, "saved-carts", "gift-cards").statuses() == {"saved-carts": "failed", "gift-cards": "removed"}


def test_without_git_what_nobody_changed_goes_and_force_is_refused(tmp_path: Path, template: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    environment = {"XDG_STATE_HOME": str(tmp_path / "state")}
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    assert groundplan(shop, "new", "--brief", path, "--template", template, **environment).status == 0
    assert groundplan(shop, "remove", "saved-carts", "--force", "--json", **environment).statuses() == {
        "saved-carts": "failed"
    }
    assert groundplan(shop, "remove", "saved-carts", **environment).status == 0
    assert list(shop.iterdir()) == []
