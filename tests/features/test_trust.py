"""Whose code runs: what a person has said that they trust, and nothing that a repository says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from support.commands import Ended, brief, contents, groundplan, host, outdated
from support.rendering import REWORDED, commit, release, snapshot

ANSWERS = "docs/plan_docs/{}/.copier-answers.yml"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with three features, and a template that has a second version."""
    folder = tmp_path_factory.mktemp("kept")
    outdated(folder, "Saved carts", "Gift cards", "Wish list")
    return folder


@pytest.fixture
def shop(tmp_path: Path, kept: Path) -> Path:
    """The repository, to write into."""
    return Path(shutil.copytree(kept / "shop", tmp_path / "shop", symlinks=True))


def as_person(tmp_path: Path, *trusted: object) -> dict[str, str]:
    """The environment of somebody who trusts some addresses."""
    settings = tmp_path / "settings.yml"
    settings.write_text(yaml.safe_dump({"trust": [str(address) for address in trusted]}), "utf-8")
    return {"COPIER_SETTINGS_PATH": str(settings)}


def with_foreign_template(shop: Path, tmp_path: Path, *slugs: str) -> Path:
    """Let features name a template of somebody else's, whose code leaves a trace."""
    foreign = snapshot(tmp_path / "foreign", "v1.0.0")
    trace = f"__import__('pathlib').Path({str(tmp_path / 'ran')!r}).touch()\n"
    naming = foreign / "extensions/groundplan/rendering/naming.py"
    naming.write_text(naming.read_text("utf-8") + trace, "utf-8")
    commit(foreign)
    release(foreign, "v2.0.0", REWORDED)
    for slug in slugs:
        file = shop / ANSWERS.format(slug)
        lines = file.read_text("utf-8").splitlines(keepends=True)
        changed = [f"_src_path: {foreign}\n" if line.startswith("_src_path:") else line for line in lines]
        file.write_text("".join(changed), "utf-8")
    commit(shop)
    return foreign


def test_first_new_of_a_person_says_in_one_line_how_to_trust_and_makes_nothing(kept: Path, tmp_path: Path) -> None:
    shop = host(tmp_path / "shop")
    arguments = ("new", "--brief", kept / "briefs", "--template", kept / "template")
    ended = groundplan(shop, *arguments, **as_person(tmp_path))
    line = ended.errors.splitlines()[-1]
    assert (ended.status, line.startswith("groundplan: "), contents(shop)) == (1, True, {}), ended.errors
    assert "--trust" in line
    assert "trust:" in line
    assert groundplan(shop, *arguments, "--trust", **as_person(tmp_path)).status == 0


@pytest.mark.parametrize(
    "arguments", [("update", "--all"), ("update", "saved-carts"), ("scaffold", "saved-carts", "-d", "stack=go")]
)
def test_changing_commands_ask_for_trust(shop: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    before = contents(shop)
    ended = groundplan(shop, *arguments, "--json", **as_person(tmp_path, "https://example.com/other.git"))
    assert set(ended.statuses().values()) == {"failed"}, ended.output
    assert "--trust" in ended.output
    assert contents(shop) == before
    assert groundplan(shop, *arguments, "--trust", **as_person(tmp_path)).status == 0


def test_removing_asks_for_trust_unless_it_is_forced(shop: Path, tmp_path: Path) -> None:
    assert "--trust" in groundplan(shop, "remove", "saved-carts", **as_person(tmp_path)).output
    assert groundplan(shop, "remove", "saved-carts", "--trust", **as_person(tmp_path)).status == 0
    assert groundplan(shop, "remove", "gift-cards", "--force", **as_person(tmp_path)).status == 0


@pytest.mark.parametrize("suffix", ["", "/"], ids=["exact", "prefix"])
def test_template_that_copiers_settings_name_needs_no_switch(
    shop: Path, kept: Path, tmp_path: Path, suffix: str
) -> None:
    trusted = f"{kept if suffix else kept / 'template'}{suffix}"
    assert groundplan(shop, "update", "saved-carts", **as_person(tmp_path, trusted)).status == 0


@pytest.mark.parametrize("switches", [(), ("--trust",)], ids=["plain", "trust"])
def test_update_of_all_refuses_a_template_that_is_not_the_others_and_runs_none_of_its_code(
    shop: Path, tmp_path: Path, switches: tuple[str, ...]
) -> None:
    with_foreign_template(shop, tmp_path, "gift-cards")
    ended = groundplan(shop, "update", "--all", "--json", *switches)
    statuses = {"gift-cards": "refused", "saved-carts": "updated", "wish-list": "updated"}
    assert (ended.status, ended.statuses()) == (1, statuses), ended.output
    assert not (tmp_path / "ran").exists()


def test_templates_of_equal_number_are_all_refused(shop: Path, tmp_path: Path) -> None:
    groundplan(shop, "remove", "--force", "wish-list")
    with_foreign_template(shop, tmp_path, "gift-cards")
    ended = groundplan(shop, "update", "--all", "--json", "--trust")
    assert set(ended.statuses().values()) == {"refused"}
    assert not (tmp_path / "ran").exists()


def test_foreign_template_that_is_trusted_by_name_is_updated_with_the_others(
    shop: Path, kept: Path, tmp_path: Path
) -> None:
    foreign = with_foreign_template(shop, tmp_path, "gift-cards")
    ended = groundplan(shop, "update", "--all", "--json", **as_person(tmp_path, foreign, kept / "template"))
    assert set(ended.statuses().values()) == {"updated"}, ended.output


def test_removing_runs_no_task_of_the_template(shop: Path, tmp_path: Path, kept: Path) -> None:
    template = Path(shutil.copytree(kept / "template", tmp_path / "with-task"))
    configuration = template / "copier.yml"
    task = f"\n_tasks:\n  - touch {tmp_path / 'task-ran'}\n"
    configuration.write_text(configuration.read_text("utf-8") + task, "utf-8")
    release(template, "v3.0.0", {})
    new = brief(tmp_path / "more.yml", feature_name="Order history")
    assert groundplan(host(tmp_path / "other"), "new", "--brief", new, "--template", template).status == 0
    assert (tmp_path / "task-ran").exists()
    (tmp_path / "task-ran").unlink()
    ended: Ended = groundplan(tmp_path / "other", "remove", "order-history")
    assert (ended.status, (tmp_path / "task-ran").exists()) == (0, False), ended.output
