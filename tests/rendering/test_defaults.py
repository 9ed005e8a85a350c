"""The team's file of defaults: what it may say, and what is said of one that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from groundplan.rendering.defaults import TeamDefaultsError, key_problem, read_team_defaults, team_questions
from groundplan.rendering.host import TEAM_DEFAULTS
from groundplan.rendering.shapes import SHAPES
from hypothesis import given
from hypothesis import strategies as st
from support.rendering import ROOT

QUESTIONS = {
    key: details
    for key, details in yaml.safe_load((ROOT / "copier.yml").read_text("utf-8")).items()
    if not key.startswith("_")
}
TEAM = team_questions(QUESTIONS)


def repository_with(root: Path, content: str | bytes) -> Path:
    """Make a folder whose team has some defaults."""
    (root / TEAM_DEFAULTS).parent.mkdir(parents=True, exist_ok=True)
    (root / TEAM_DEFAULTS).write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def test_answers_are_read_with_their_lines(tmp_path: Path) -> None:
    defaults = read_team_defaults(repository_with(tmp_path, "# Ours\nowner: acme\n\nlabels: [plan]\nticket:\n"))
    assert defaults.answers == {"owner": "acme", "labels": ["plan"]}
    assert defaults.lines == {"owner": 2, "labels": 4, "ticket": 5}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}", "---\n", "\ufeff"])
def test_no_defaults_are_fine(tmp_path: Path, text: str) -> None:
    assert read_team_defaults(tmp_path).answers == {}
    assert read_team_defaults(repository_with(tmp_path, text)).answers == {}


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("- a", 0, "must map question names to answers"),
        ("text", 0, "must map question names to answers"),
        ("3", 0, "must map question names to answers"),
        ("owner: jane\nlabels: [a\n", 2, "not YAML"),
        ('owner: "jane\n\n', 1, "not YAML"),
        ("owner: jane\n\ttab: x\n", 2, "not YAML"),
        ("owner: a\nowner: b\n", 2, "answered twice"),
        ("owner: jane\ncreated: 2026-13-45\n", 2, "cannot be"),
        ("depth: !!bool maybe\n", 1, "cannot be"),
        ("owner: !!python/object:os.system x\n", 1, "cannot be"),
        ("labels: &a [*a]\n", 1, "cannot be"),
        (b"owner: \xff\n", 0, "not UTF-8"),
    ],
)
def test_file_that_cannot_be_used_is_named_with_the_line(
    tmp_path: Path, content: str | bytes, line: int, reason: str
) -> None:
    with pytest.raises(TeamDefaultsError, match=reason) as caught:
        read_team_defaults(repository_with(tmp_path, content))
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{TEAM_DEFAULTS}:{line}: " if line else f"{TEAM_DEFAULTS} ")
    assert "\n" not in str(caught.value)


def folder(file: Path) -> None:
    file.mkdir()


def pipe(file: Path) -> None:
    os.mkfifo(file)


def link_to_nowhere(file: Path) -> None:
    file.symlink_to("nowhere.yml")


def link_out_of_the_repository(file: Path) -> None:
    (file.parents[3] / "elsewhere.yml").write_text("owner: mallory\n")
    file.symlink_to("../../../elsewhere.yml")


@pytest.mark.parametrize("make", [folder, pipe, link_to_nowhere, link_out_of_the_repository])
def test_what_is_not_a_file_of_the_repository_is_refused(tmp_path: Path, make: object) -> None:
    root = tmp_path / "shop"
    (root / TEAM_DEFAULTS).parent.mkdir(parents=True)
    assert callable(make)
    make(root / TEAM_DEFAULTS)
    with pytest.raises(TeamDefaultsError, match=r"defaults\.yml is "):
        read_team_defaults(root)


def test_link_inside_the_repository_is_followed(tmp_path: Path) -> None:
    repository_with(tmp_path, "")
    (tmp_path / TEAM_DEFAULTS).unlink()
    (tmp_path / "team.yml").write_text("owner: acme\n")
    (tmp_path / TEAM_DEFAULTS).symlink_to("../../team.yml")
    assert read_team_defaults(tmp_path).answers == {"owner": "acme"}


@given(st.one_of(st.text(), st.binary(), st.text(alphabet="ab:-[]{}&*!'\"\n #|>?,%@`")))
def test_any_file_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    encoded = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    root = repository_with(tmp_path_factory.mktemp("any"), encoded)
    try:
        read_team_defaults(root)
    except TeamDefaultsError as error:
        assert len(str(error).splitlines()) == 1


def test_a_team_may_answer_what_a_brief_may_but_for_what_is_a_features_own() -> None:
    assert TEAM.keys() >= SHAPES.keys() | {"project_name", "stack", "owner", "depth", "layers", "supporting_docs"}
    assert not TEAM.keys() & {"feature_name", "feature_slug", "plan_dir", "created", "branch", "tree", "locked"}


def test_answers_that_code_and_paths_are_made_of_never_follow() -> None:
    settled = {name for name, question in TEAM.items() if not question.follows}
    shaping = {"stack", "layers", "scaffold", "web_framework", "python_package", "go_module", "java_group"}
    assert settled >= shaping
    assert not settled & SHAPES.keys()


def test_defaults_that_tell_of_a_repository_or_a_person_are_not_the_same_for_everybody() -> None:
    assert not TEAM["owner"].is_fixed
    assert not TEAM["project_name"].is_fixed
    assert (TEAM["depth"].is_fixed, TEAM["depth"].fallback) == (True, "full")
    assert (TEAM["labels"].is_fixed, TEAM["labels"].fallback) == (True, None)


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("stakc", "Did you mean stack?"),
        ("label", "Did you mean labels?"),
        ("qqqqqqqq", "`groundplan schema` lists"),
        ("feature_name", "not the same for all features"),
        ("branch", "not the same for all features"),
        ("data_guard", "not the same for all features"),
    ],
)
def test_key_that_is_not_the_teams_is_refused_with_advice(key: str, advice: str) -> None:
    assert advice in key_problem(key, QUESTIONS, TEAM)


@pytest.mark.parametrize("key", TEAM)
def test_key_that_is_the_teams_is_fine(key: str) -> None:
    assert key_problem(key, QUESTIONS, TEAM) == ""
