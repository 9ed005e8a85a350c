"""`groundplan update --template`: features move to another address of their template, if it has what they have."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from support.commands import Ended, brief, contents, groundplan, host
from support.rendering import REWORDED, commit, git, release, repository, snapshot, update_by_command

ANSWERS = "docs/plan_docs/{}/.copier-answers.yml"
PLAN = "docs/plan_docs/{}/feature-plan.md"
SLUGS = ("gift-cards", "saved-carts")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with two versions, and a repository with two features of the first."""
    folder = tmp_path_factory.mktemp("made")
    template, shop = snapshot(folder / "old-host"), host(folder / "shop")
    for name in ("Saved carts", "Gift cards"):
        brief(folder / "briefs" / f"{name}.yml", feature_name=name, depth="full")
    assert groundplan(shop, "new", folder / "briefs", "--template", template).status == 0
    commit(shop)
    release(template, "v2.0.0", REWORDED)
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    """The repository, to write into."""
    return Path(shutil.copytree(made / "shop", tmp_path / "shop", symlinks=True))


@pytest.fixture
def renamed(made: Path, tmp_path: Path) -> Path:
    """The same template at another address, with all of its versions."""
    git("clone", "-q", "--mirror", made / "old-host", tmp_path / "new-host.git")
    return tmp_path / "new-host.git"


def answers(shop: Path, slug: str) -> dict[str, object]:
    """Read what Copier remembers of a feature."""
    content: dict[str, object] = yaml.safe_load((shop / ANSWERS.format(slug)).read_text("utf-8"))
    return content


def reasons(ended: Ended) -> set[str]:
    """Return why features are not as asked for."""
    return {feature["reason"] for feature in ended.document["features"]}


def trusting(tmp_path: Path, *addresses: Path) -> dict[str, str]:
    """The environment of somebody who trusts some addresses."""
    settings = tmp_path / "settings.yml"
    settings.write_text(yaml.safe_dump({"trust": [str(address) for address in addresses]}), "utf-8")
    return {"COPIER_SETTINGS_PATH": str(settings)}


def test_features_move_and_keep_their_version(shop: Path, renamed: Path) -> None:
    before = contents(shop)
    ended = groundplan(shop, "update", "--all", "--template", renamed, "--ref", ":current:", "--json")
    assert (ended.status, ended.statuses()) == (0, dict.fromkeys(SLUGS, "updated")), ended.output
    changed = {path for path, content in contents(shop).items() if before[path] != content}
    assert changed == {ANSWERS.format(slug) for slug in SLUGS}
    assert [answers(shop, slug)["_src_path"] for slug in SLUGS] == [str(renamed)] * 2
    assert [answers(shop, slug)["_commit"] for slug in SLUGS] == ["v1.0.0"] * 2


def test_edited_features_come_to_the_newest_version_at_the_new_address(shop: Path, made: Path, renamed: Path) -> None:
    plan = shop / PLAN.format("saved-carts")
    plan.write_text(plan.read_text("utf-8").replace("- [ ] Requirements", "- [x] Requirements"), "utf-8")
    commit(shop)
    in_place = Path(shutil.copytree(shop, shop.with_name("in-place"), symlinks=True))
    assert groundplan(in_place, "update", "saved-carts").status == 0
    ended = groundplan(shop, "update", "saved-carts", "--template", renamed, "--json")
    assert (ended.status, ended.document["features"][0]["version"]) == (0, "v2.0.0"), ended.output
    expected = contents(in_place)
    mode, text = expected[ANSWERS.format("saved-carts")]
    expected[ANSWERS.format("saved-carts")] = (mode, text.replace(bytes(made / "old-host"), bytes(renamed)))
    assert contents(shop) == expected


def test_plain_copier_updates_from_the_new_address_afterwards(shop: Path, renamed: Path) -> None:
    groundplan(shop, "update", "saved-carts", "--template", renamed, "--ref", ":current:")
    commit(shop)
    assert update_by_command(shop, "saved-carts").returncode == 0
    assert answers(shop, "saved-carts")["_commit"] == "v2.0.0"
    assert answers(shop, "saved-carts")["_src_path"] == str(renamed)


def test_address_on_another_machine_is_asked_once_and_stored_as_given(shop: Path, renamed: Path) -> None:
    url = f"file://{renamed}"
    ended = groundplan(shop, "update", "--all", "--template", url, "--trust", "--json")
    assert (ended.status, ended.statuses()) == (0, dict.fromkeys(SLUGS, "updated")), ended.output
    assert answers(shop, "gift-cards")["_src_path"] == url


def test_host_that_is_gone_does_not_stop_a_move_but_is_told(shop: Path, renamed: Path, tmp_path: Path) -> None:
    for slug in SLUGS:
        file = shop / ANSWERS.format(slug)
        text = file.read_text("utf-8").replace(str(answers(shop, slug)["_src_path"]), str(tmp_path / "gone.git"))
        file.write_text(text, "utf-8")
    commit(shop)
    ended = groundplan(shop, "update", "--all", "--template", renamed, "--json")
    assert ended.status == 0, ended.output
    notes = ended.document["features"][0]["notes"]
    assert any("gone.git cannot be read, so its v1.0.0 was not compared" in note for note in notes), notes


def without_the_version(template: Path) -> None:
    git("-C", template, "tag", "--delete", "v1.0.0")


def with_another_version(template: Path) -> None:
    git("-C", template, "tag", "--force", "v1.0.0", "v2.0.0")


def of_somebody_else(template: Path) -> None:
    shutil.rmtree(template)
    repository(template)
    (template / "copier.yml").write_text("owner: jane\n", "utf-8")
    commit(template)
    git("-C", template, "tag", "v1.0.0")


def without_a_questionnaire(template: Path) -> None:
    shutil.rmtree(template)
    repository(template)
    git("-C", template, "tag", "v1.0.0")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without_the_version, "does not have v1.0.0"),
        (with_another_version, "an update could not tell the two apart"),
        (of_somebody_else, "is not a template like this one"),
        (without_a_questionnaire, "is not a template like this one"),
    ],
)
def test_address_without_what_features_have_is_refused_with_the_reason(
    shop: Path, renamed: Path, change: Callable[[Path], None], reason: str
) -> None:
    change(renamed)
    before = contents(shop)
    ended = groundplan(shop, "update", "--all", "--template", renamed, "--trust", "--json")
    assert (ended.status, ended.statuses()) == (1, dict.fromkeys(SLUGS, "refused")), ended.output
    assert all(reason in told for told in reasons(ended)), ended.output
    assert contents(shop) == before


@pytest.mark.parametrize("address", ["nowhere", "/"])
def test_address_of_no_template_is_one_line(shop: Path, address: str) -> None:
    ended = groundplan(shop, "update", "--all", "--template", address)
    assert (ended.status, len(ended.errors.splitlines())) == (1, 1), ended.errors


def test_code_at_the_new_address_runs_only_if_that_is_trusted(
    shop: Path, made: Path, renamed: Path, tmp_path: Path
) -> None:
    before = contents(shop)
    arguments = ("update", "saved-carts", "--template", renamed, "--json")
    ended = groundplan(shop, *arguments, **trusting(tmp_path, made / "old-host"))
    assert (ended.statuses(), contents(shop)) == ({"saved-carts": "failed"}, before)
    assert all("--trust" in told for told in reasons(ended))
    assert groundplan(shop, *arguments, **trusting(tmp_path, renamed)).status == 0


def test_feature_of_a_template_that_is_not_the_others_is_not_moved_with_them(
    shop: Path, renamed: Path, tmp_path: Path
) -> None:
    assert groundplan(shop, "new", brief(tmp_path / "more.yml", feature_name="Wish list")).status == 0
    commit(shop)
    file = shop / ANSWERS.format("gift-cards")
    foreign = tmp_path / "foreign.git"
    file.write_text(file.read_text("utf-8").replace(str(answers(shop, "gift-cards")["_src_path"]), str(foreign)))
    commit(shop)
    ended = groundplan(shop, "update", "--all", "--template", renamed, "--json")
    statuses = {"gift-cards": "refused", "saved-carts": "updated", "wish-list": "updated"}
    assert (ended.status, ended.statuses()) == (1, statuses), ended.output
    assert answers(shop, "gift-cards")["_src_path"] == str(foreign)


def test_feature_with_changes_is_left_alone(shop: Path, renamed: Path) -> None:
    (shop / PLAN.format("saved-carts")).write_text("mine\n", "utf-8")
    ended = groundplan(shop, "update", "--all", "--template", renamed, "--json")
    assert ended.statuses() == {"gift-cards": "updated", "saved-carts": "failed"}
    assert (shop / PLAN.format("saved-carts")).read_text("utf-8") == "mine\n"


def test_again_is_fine(shop: Path, renamed: Path) -> None:
    groundplan(shop, "update", "--all", "--template", renamed)
    commit(shop)
    ended = groundplan(shop, "update", "--all", "--template", renamed, "--json")
    assert (ended.status, ended.statuses()) == (0, dict.fromkeys(SLUGS, "current"))


def test_dry_run_says_so_and_changes_nothing(shop: Path, renamed: Path) -> None:
    before = contents(shop)
    ended = groundplan(shop, "update", "--all", "--template", renamed, "--dry-run")
    assert (ended.status, contents(shop)) == (0, before)
    assert f"from now on its template is {renamed}" in ended.output
