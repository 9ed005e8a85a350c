"""What the template refuses: with a clear last line, and with nothing written."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from copier.errors import CopierError
from support.rendering import copy_by_command, copy_project, entries_of, repository, run_copier

# By name: the answers that differ from good ones, and what the last line of the message must say.
REJECTED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    # Names
    "an empty name": ({"feature_name": ""}, "Write a few words: the feature name is empty"),
    "a blank name": ({"feature_name": "   "}, "Write a few words: the feature name is empty"),
    "a name with a space at its end": ({"feature_name": "Carts "}, "Remove white space at its ends"),
    "a name of 300 characters": ({"feature_name": "x" * 300}, "Use at most 100 characters: the feature name has 300"),
    "a bell in a name": ({"feature_name": "Saved \a carts"}, r"Remove U\+0007: .* control characters"),
    "a line break in a name": ({"feature_name": "Saved\ncarts"}, r"Remove U\+000A: .* control characters"),
    "a bidirectional override": ({"feature_name": "Saved \u202ecarts"}, r"Remove U\+202E: .* control characters"),
    "a name of emoji": ({"feature_name": "🚀🎉"}, "Use letters or digits: no slug can be made"),
    "a name of signs": ({"feature_name": "!?"}, "Use letters or digits: no slug can be made"),
    "a name that begins with a digit": (
        {"feature_name": "2FA"},
        "Try “feature-2fa”: the slug “2fa” .*must begin with a letter",
    ),
    "a name of one letter": ({"feature_name": "X"}, "Use 2 to 40 characters: .* has 1"),
    "a device of Windows": ({"feature_name": "Aux"}, "Try “aux-feature”: .* device name on Windows"),
    "a keyword": (
        {"feature_name": "Class", "stack": "python"},
        "Try “class-feature”: .*its snake form is “class”.*keyword",
    ),
    "a framework's type": (
        {"feature_name": "Task", "stack": "dotnet"},
        "Try “task-feature”: .*its pascal form is “Task”",
    ),
    "an empty project name": ({"project_name": ""}, "Write a few words: the project name is empty"),
    "an escape in a project's name": ({"project_name": "A\x1b[31m"}, r"Remove U\+001B: the project name"),
    "a summary of two lines": ({"summary": "a\nb"}, r"Remove U\+000A: the summary"),
    "a long summary": ({"summary": "x" * 301}, "Use at most 300 characters: the summary has 301"),
    # Slugs and places
    "a slug that leaves the folder": ({"feature_slug": "../carts"}, r"the slug “\.\./carts” must begin"),
    "a slug in capitals": ({"feature_slug": "Carts"}, "Try “carts-feature”: the slug “Carts” must begin"),
    "an empty slug": ({"feature_slug": ""}, "no slug can be made"),
    "a reserved slug": ({"feature_slug": "import", "stack": "python"}, "“import” cannot be built in a python tree"),
    "another plan folder": ({"plan_dir": "docs/plans/carts"}, "Leave feature_slug and plan_dir as they are"),
    "a plan folder elsewhere": ({"plan_dir": "../../carts"}, "Leave feature_slug and plan_dir as they are"),
    # People, tickets, labels, branches, dates
    "no owner": ({"owner": ""}, "Use a handle, a team or an address"),
    "an owner of two words": ({"owner": "Jane Doe"}, "Use a handle, a team or an address, like .*: “Jane Doe” is not"),
    "an owner with a line break": ({"owner": "jane\n- x"}, r"jane@example.com: “jane\\n- x” is not"),
    "a ticket of two words": ({"ticket": "SHOP 1"}, "Use letters, digits and hyphens: “SHOP 1” is not a ticket"),
    "a ticket with a path": ({"ticket": "../1"}, "is not a ticket"),
    "a label with a comma": ({"labels": ["a,b"]}, r"labels\[1\] must be one line without commas, not “a,b”"),
    "a long label": ({"labels": ["fine", "x" * 51]}, r"labels\[2\] has 51 characters. Use at most 50"),
    "an assignee with a space": ({"assignees": ["jane doe"]}, r"assignees\[1\] must be a handle"),
    "a pattern without the slug": ({"branch_pattern": "feature"}, r"Put \{slug\} into it"),
    "a pattern with other braces": ({"branch_pattern": "{slug}-{date}"}, "holds other braces"),
    "a pattern in Jinja": ({"branch_pattern": "{{ slug }}"}, r"Put \{slug\} into it"),
    "a pattern that git refuses": (
        {"branch_pattern": "{slug}.lock"},
        "Change branch_pattern .*git would refuse .*ends in .lock",
    ),
    "a branch that git refuses": ({"branch": "a..b"}, "Change branch_pattern .*git would refuse .*two dots in a row"),
    "a date that is none": ({"created": "2026-02-30"}, "created must be a date written as YYYY-MM-DD"),
    "a date with a line break": ({"created": "2026-01-15\n"}, r"YYYY-MM-DD, not “2026-01-15\\n”"),
    "a dependency that is not a slug": ({"depends_on": ["Saved carts"]}, r"depends_on\[1\] must be a slug"),
    # Choices
    "an unknown stack": ({"stack": "cobol"}, "'stack': 'cobol' is not in"),
    "an unknown depth": ({"depth": "deep"}, "'depth': 'deep' is not in"),
    "an unknown layer": ({"stack": "go", "layers": ["domain", "data"]}, "data"),
    "an unknown document": ({"supporting_docs": ["poem"]}, "poem"),
    "a layer without its base": ({"stack": "go", "layers": ["domain", "api"]}, "Choose application too: the layer api"),
    "no layer at all": ({"stack": "go", "layers": []}, "Choose domain: every tree"),
    "a Go module with dots": (
        {"stack": "go", "go_module": "a/../b"},
        "Use an address like .*“a/../b” is not a Go module path",
    ),
    "a package with a path": ({"stack": "python", "python_package": "../x"}, "“../x” is not an import package"),
    "a package that is a keyword": ({"stack": "python", "python_package": "class"}, "“class” cannot be built"),
    "a group in capitals": (
        {"stack": "java", "java_group": "Com.Acme"},
        "Use names like com.example: “Com.Acme” is not a Java group",
    ),
    "a group with a keyword": ({"stack": "java", "java_group": "com.class"}, "“class” cannot be built"),
    "a framework that is too old": (
        {"stack": "dotnet", "dotnet_target_framework": "net6.0"},
        "Use net8.0 or a later one: “net6.0” is not a target framework",
    ),
    "a namespace in small letters": (
        {"stack": "dotnet", "dotnet_namespace": "acme"},
        "Use names like Acme.Shop: “acme” is not a root namespace",
    ),
    # Types
    "a list for a text": ({"feature_name": ["Carts"]}, "feature_name must be text"),
    "nothing for a text": ({"owner": None}, "owner must be text"),
    "yes or no for a text": ({"summary": True}, "summary must be text"),
    "a mapping for a brief's text": ({"problem": {"a": 1}}, "problem must be text"),
    "a text for a choice of several": ({"supporting_docs": "adr"}, "supporting_docs must be a list, such as"),
    "a word for yes or no": ({"stack": "go", "scaffold": "maybe"}, "scaffold must be true or false, not “maybe”"),
    "a text for a list": ({"goals": "one"}, "goals must be a list, not text. Begin each entry"),
    "a number in a list": ({"goals": ["one", 2]}, r"goals\[2\] must be text, not “2”. Put it in quotes"),
    "a list for a mapping": ({"testing": ["much"]}, "testing must be a mapping with the keys coverage"),
    "an unknown key of a mapping": ({"tasks": {"phase_9": []}}, "tasks has the unknown key “phase_9”. Its keys"),
    "a missing key of an entry": ({"milestones": [{"milestone": "Done"}]}, r"milestones\[1\] lacks date: when"),
    "a date of an entry that is none": (
        {"milestones": [{"milestone": "Done", "date": "soon"}]},
        r"milestones\[1\].date must be a date written as YYYY-MM-DD",
    ),
    "a choice of an entry that is none": (
        {"risks": [{"risk": "x", "impact": "huge"}]},
        r"risks\[1\].impact must be one",
    ),
    # Markdown that would swallow or break the plan's sections
    "a heading in a brief": ({"problem": "one\n\n## Goals"}, "problem holds a heading"),
    "an underlined heading in a brief": ({"goals": ["one\n-"]}, r"goals\[1\] holds a heading"),
    "front matter in a brief": ({"outcome": "---\nslug: other\n---"}, "outcome holds a heading or a line of ---"),
    "an open code fence in a brief": (
        {"high_level": "```sh\nmake"},
        "high_level leaves a code fence or a comment open",
    ),
    "an open comment in a brief": ({"high_level": "<!-- later"}, "high_level leaves a code fence or a comment open"),
    "a control character in a brief": ({"constraints": ["a\x07b"]}, r"constraints\[1\] holds .* U\+0007. Remove it"),
    # What the template computes
    "a computed path": ({"stack": "python", "feature_snake": "../../../x"}, "Leave feature_snake out"),
    "a computed document": ({"supporting_docs": ["adr"], "adr": "../../../x.md"}, "Leave adr out"),
    "a computed folder": ({"stack": "java", "java_dir": "../../x"}, "Leave java_dir out"),
    "a file of the tree": ({"tree_file": {"path": "x", "source": "copier.yml"}}, "Leave tree_file out"),
    "a function": ({"tree_files": "none"}, "Leave tree_files out"),
    "a stored tree": ({"stack": "python", "tree": {"paths": ["../x"]}}, "Leave tree out"),
    "the mark of a feature that exists": ({"locked": True}, "Leave locked out"),
    "a guard": ({"place_guard": "", "tree_guard": "", "data_guard": ""}, "Leave \\w+_guard out"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_bad_answers_are_refused_and_nothing_is_written(template: Path, tmp_path: Path, name: str) -> None:
    answers, message = REJECTED[name]
    with pytest.raises((CopierError, ValueError, TypeError)) as caught:
        copy_project(template, tmp_path / "acme", **answers)
    assert re.search(message, str(caught.value).strip().splitlines()[-1])
    assert not (tmp_path / "acme").exists() or entries_of(tmp_path / "acme") == {}


@pytest.mark.parametrize(
    "name",
    [
        "a blank name",
        "a name of 300 characters",
        "a bell in a name",
        "a name of emoji",
        "a keyword",
        "a pattern that git refuses",
        "a list for a text",
        "a missing key of an entry",
        "a computed path",
    ],
)
def test_the_commands_last_line_is_our_message(template: Path, tmp_path: Path, name: str) -> None:
    answers, message = REJECTED[name]
    repository(tmp_path / "acme")
    run = copy_by_command(template, tmp_path / "acme", tmp_path, **answers)
    assert run.returncode == 1
    assert re.search(message, run.stderr.strip().splitlines()[-1])
    assert entries_of(tmp_path / "acme") == {}


def test_answers_on_the_command_line_are_judged_too(template: Path, tmp_path: Path) -> None:
    options = ("--trust", "--defaults", "-d", "feature_name=Saved carts", "-d", "owner=jane")
    run = run_copier("copy", *options, "-d", "plan_dir=../../x", template, tmp_path / "acme")
    assert run.returncode == 1
    assert "Leave feature_slug and plan_dir as they are" in run.stderr.strip().splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == []


@pytest.fixture
def shop(template: Path, tmp_path: Path) -> Path:
    """A repository with one feature and its tree."""
    root = tmp_path / "acme"
    copy_project(template, root, feature_name="Saved carts", stack="python", depth="lite")
    return repository(root)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "Saved carts",
            "docs/plan_docs/saved-carts exists already.*copier update --trust -a docs/plan_docs/saved-carts",
        ),
        ("saved   CARTS", "docs/plan_docs/saved-carts exists already"),
        ("Save d carts", "Choose another name: the slug “save-d-carts” is too like that of the feature “saved-carts”"),
    ],
)
def test_a_second_copy_and_a_colliding_slug_are_refused(
    template: Path, tmp_path: Path, shop: Path, name: str, message: str
) -> None:
    before = entries_of(shop)
    run = copy_by_command(template, shop, tmp_path, feature_name=name, stack="python")
    assert run.returncode == 1
    assert re.search(message, run.stderr.strip().splitlines()[-1])
    assert entries_of(shop) == before


@pytest.mark.parametrize(
    ("way", "named"),
    [
        ("tests/wish_list/domain/test_wish_list_model.py", "tests/wish_list/domain/test_wish_list_model.py"),
        ("src/acme_shop/wish_list", "src/acme_shop/wish_list"),
        ("docs/plan_docs/wish-list", "docs/plan_docs/wish-list"),
        ("tests", "tests"),
        ("docs", "docs"),
    ],
)
def test_a_file_in_the_way_is_named_and_kept(template: Path, tmp_path: Path, way: str, named: str) -> None:
    root = tmp_path / "acme"
    (root / way).parent.mkdir(parents=True)
    (root / way).write_text("mine\n")
    before = entries_of(root)
    with pytest.raises(CopierError, match=f"^Move it.*: {re.escape(named)} is in the way .*Nothing was written"):
        copy_project(template, root, feature_name="Wish list", stack="python", python_package="acme_shop")
    assert entries_of(root) == before


def test_a_dangling_link_in_the_way_is_not_followed(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "acme"
    (root / "src/acme_shop").mkdir(parents=True)
    (root / "src/acme_shop/wish_list").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CopierError, match=r"^Move it.*: src/acme_shop/wish_list is in the way"):
        copy_project(template, root, feature_name="Wish list", stack="python", python_package="acme_shop")
    assert not (tmp_path / "elsewhere").exists()


def test_a_hosts_own_manifest_is_kept(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "acme"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "mine"\n')
    run = copy_by_command(template, root, tmp_path, stack="python")
    assert run.returncode == 0, run.stderr
    assert (root / "pyproject.toml").read_text() == '[project]\nname = "mine"\n'


def test_a_destination_without_git_is_fine(template: Path, tmp_path: Path) -> None:
    run = copy_by_command(template, tmp_path / "new" / "acme", tmp_path, stack="python")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "new/acme/docs/plan_docs/user-profile-2fa/feature-plan.md").is_file()


@pytest.fixture
def as_anyone() -> tuple[str, ...]:
    """Words that run a command without root's power to write everywhere; none where a test is not run by root."""
    if os.geteuid():
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is missing: root can write everywhere, so nothing is read-only")
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


@pytest.mark.parametrize("place", ["", "docs", "src"])
def test_a_read_only_destination_is_refused(
    template: Path, tmp_path: Path, as_anyone: tuple[str, ...], place: str
) -> None:
    root = tmp_path / "acme"
    (root / place).mkdir(parents=True)
    before = entries_of(root)
    (root / place).chmod(0o555)
    try:
        run = copy_by_command(template, root, tmp_path, stack="python", through=as_anyone)
    finally:
        (root / place).chmod(0o755)
    assert run.returncode == 1
    assert run.stderr.strip().splitlines()[-1].startswith(f"Make it writable, or go elsewhere: {root / place} is")
    assert entries_of(root) == before


def test_an_untrusted_template_runs_nothing(template: Path, tmp_path: Path) -> None:
    # The settings of the tests trust their own templates.
    with patch.dict(os.environ, COPIER_SETTINGS_PATH=str(tmp_path / "none.yml")):
        run = run_copier("copy", "--defaults", "-d", "feature_name=Saved carts", template, tmp_path / "acme")
    assert run.returncode != 0
    assert "--trust" in run.stderr
    assert not (tmp_path / "acme").exists() or entries_of(tmp_path / "acme") == {}
