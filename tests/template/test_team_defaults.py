"""A team's defaults with plain Copier: judged before the first question, and which answers came from them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import yaml
from support.rendering import (
    ANSWERS,
    answers_of,
    commit,
    copy_by_command,
    copy_project,
    entries_of,
    repository,
    run_copier,
    update_by_command,
)

DEFAULTS = "docs/plan_docs/defaults.yml"
TEAM = "owner: acme/checkout\ndepth: standard\nlabels: [plan, acme]\n"


def team(root: Path, text: str) -> Path:
    """Make a folder with a team's defaults."""
    (root / DEFAULTS).parent.mkdir(parents=True, exist_ok=True)
    (root / DEFAULTS).write_text(text, "utf-8")
    return root


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("owner: jane\nstakc: go\n", ":2: stakc is not a question of this template. Did you mean stack?"),
        ("feature_name: Saved carts\n", ":1: feature_name is not the same for all features."),
        ("branch: main\n", ":1: branch is not the same for all features."),
        ("labels: plan\n", ":1: labels must be a list"),
        ("labels: [plan, 'a,b']\n", ":1: labels[2] must be one line without commas"),
        ("depth: [lite]\n", ":1: depth must be text"),
        ("depth: litte\n", ":1: depth has no choice “litte”. Did you mean lite?"),
        ("supporting_docs: runbook\n", ":1: supporting_docs must be a list"),
        ("supporting_docs: [runbok]\n", ":1: supporting_docs has no choice “runbok”. Did you mean runbook?"),
        ("scaffold: maybe\n", ":1: scaffold must be true or false"),
        ("owner: {name: jane}\n", ":1: owner must be text"),
        ("owner: a b c\n", ":1: "),
        ("testing: {covrage: 80}\n", ":1: testing has the unknown key"),
        ("- depth\n", " must map question names to answers."),
        ("owner: [jane\n", ":1: This is not YAML"),
    ],
)
def test_defaults_that_cannot_be_used_end_copier_in_one_line_with_their_place(
    template: Path, tmp_path: Path, text: str, reason: str
) -> None:
    root = team(tmp_path / "acme", text)
    before = entries_of(root)
    run = run_copier("copy", "--trust", "--defaults", "-d", "feature_name=Saved carts", template, root)
    last = run.stderr.strip().splitlines()[-1]
    assert (run.returncode, f"{DEFAULTS}{reason}" in last) == (1, True), run.stderr
    assert "Traceback" not in run.stderr
    assert entries_of(root) == before


def test_defaults_that_are_a_pipe_do_not_make_copier_wait(template: Path, tmp_path: Path) -> None:
    (tmp_path / "acme" / DEFAULTS).parent.mkdir(parents=True)
    os.mkfifo(tmp_path / "acme" / DEFAULTS)
    run = copy_by_command(template, tmp_path / "acme", tmp_path)
    assert (run.returncode, f"{DEFAULTS} is not a regular file" in run.stderr) == (1, True), run.stderr


def test_later_trouble_with_defaults_does_not_stop_an_update(template: Path, tmp_path: Path) -> None:
    copy_project(template, tmp_path / "acme")
    repository(team(tmp_path / "acme", "- depth\n"))
    assert update_by_command(tmp_path / "acme", "user-profile-2fa", "-d", "owner=tom").returncode == 0


@pytest.fixture(scope="module")
def made(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a team's defaults and a feature whose brief gave the labels, made by the copier command."""
    root = team(tmp_path_factory.mktemp("made") / "acme", TEAM)
    given = {key: answer for key, answer in ANSWERS.items() if key != "owner"} | {"labels": ["mine"]}
    brief = root.with_name("brief.yml")
    brief.write_text(yaml.safe_dump(given), "utf-8")
    run = run_copier("copy", "--trust", "--defaults", "--data-file", brief, template, root)
    assert run.returncode == 0, run.stderr
    return repository(root)


@pytest.fixture
def plan_folder(made: Path, tmp_path: Path) -> Path:
    """The feature's plan folder, to write into."""
    shutil.copytree(made, tmp_path / "acme", symlinks=True)
    return tmp_path / "acme/docs/plan_docs/user-profile-2fa"


def update(plan_folder: Path, *options: str) -> None:
    """Update the feature by the copier command, and commit."""
    root = plan_folder.parents[2]
    run = update_by_command(root, plan_folder.name, "-r", ":current:", *options)
    assert run.returncode == 0, run.stderr
    commit(root)


def test_what_nobody_gave_is_stored(plan_folder: Path) -> None:
    answers = answers_of(plan_folder)
    assert (answers["owner"], answers["depth"], answers["labels"]) == ("acme/checkout", "standard", ["mine"])
    from_defaults = {*answers["from_defaults"]}
    assert from_defaults >= {"owner", "depth", "supporting_docs"}
    assert not from_defaults & {"labels", "stack", "project_name", "feature_name", "created"}


def test_what_a_person_gives_later_is_their_own_whether_it_differs_or_not(plan_folder: Path) -> None:
    before = answers_of(plan_folder)
    update(plan_folder, "-d", "depth=lite", "-d", f"owner={before['owner']}")
    after = answers_of(plan_folder)
    assert {*before["from_defaults"]} - {*after["from_defaults"]} == {"depth", "owner"}


@pytest.mark.parametrize("options", [(), ("-d", "labels=[other]")])
def test_an_update_keeps_what_is_stored(plan_folder: Path, options: tuple[str, ...]) -> None:
    before = answers_of(plan_folder)["from_defaults"]
    update(plan_folder, "-d", "summary=Safer", *options)
    assert answers_of(plan_folder)["from_defaults"] == [name for name in before if name != "summary"]


def test_a_feature_without_the_record_stays_without_it(plan_folder: Path) -> None:
    file = plan_folder / ".copier-answers.yml"
    stored = answers_of(plan_folder)
    del stored["from_defaults"]
    file.write_text(yaml.safe_dump(stored), "utf-8")
    commit(plan_folder.parents[2])
    update(plan_folder, "-d", "owner=tom")
    assert "from_defaults" not in answers_of(plan_folder)


def test_defaults_of_a_persons_own_settings_are_not_the_teams(template: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yml"
    trusted = {"trust": [f"{template.parent}/"], "defaults": {"depth": "lite", "github_user": "jane"}}
    settings.write_text(yaml.safe_dump(trusted), "utf-8")
    given = [f"--data={key}={answer}" for key, answer in ANSWERS.items() if key != "owner"]
    through = ("env", f"COPIER_SETTINGS_PATH={settings}")
    run = run_copier("copy", "--defaults", *given, template, tmp_path / "acme", through=through)
    assert run.returncode == 0, run.stderr
    answers = answers_of(tmp_path / "acme/docs/plan_docs/user-profile-2fa")
    assert (answers["depth"], answers["owner"]) == ("lite", "jane")
    assert not {"depth", "owner"} & {*answers["from_defaults"]}


@pytest.mark.parametrize("options", [("-d", "from_defaults=[depth]"), ("-d", "defaults_guard=x")])
def test_what_the_template_computes_cannot_be_given(template: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    run = run_copier(
        "copy", "--trust", "--defaults", "-d", "feature_name=Saved carts", *options, template, tmp_path / "acme"
    )
    assert (run.returncode, "the template computes it" in run.stderr) == (1, True), run.stderr
