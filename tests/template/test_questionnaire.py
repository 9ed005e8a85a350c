"""copier.yml itself, since Copier silently ignores what it does not know; and the names of the template's files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier._template import Template
from copier._user_data import Question
from groundplan.rendering.guards import DOCUMENTS, NEEDED_LAYERS
from groundplan.rendering.reserved import RESERVED
from groundplan.rendering.shapes import SHAPES
from support.rendering import ROOT, answers_of, copy_project
from support.renders import STACKS

QUESTIONNAIRE: Mapping[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
QUESTIONS = {key: details for key, details in QUESTIONNAIRE.items() if not key.startswith("_")}
COMPUTED = {key for key, details in QUESTIONS.items() if details.get("when") is False}
UNASKED = {key for key, details in QUESTIONS.items() if details.get("ask") is False}
ASKED = QUESTIONS.keys() - COMPUTED - UNASKED
# What the host's own files settle for one stack.
HOSTED = {
    "dotnet_target_framework",
    "dotnet_test_runner",
    "java_package",
    "java_test_root",
    "python_layout",
    "typescript_import_suffix",
    "typescript_test_root",
    "typescript_test_runner",
    "typescript_test_suffix",
    "typescript_ui",
}
LOCKED = HOSTED | set("plan_dir adr_slug created branch tree locked root_manifest web_framework from_defaults".split())
OWN_QUESTIONS = {"python_package", "go_module", "java_group", "dotnet_namespace"}

# https://copier.readthedocs.io/en/stable/configuring/#advanced-prompt-formatting
QUESTION_KEYS = set(
    "ask choices default help multiline multiselect placeholder qmark secret type validator when".split()
)
QUESTION_TYPES = {"bool", "float", "int", "json", "path", "str", "yaml"}
# https://copier.readthedocs.io/en/stable/configuring/#available-settings, those that a template may have
SETTINGS = set(
    "_answers_file _envops _exclude _external_data _jinja_extensions _message_after_copy _message_after_update "
    "_message_before_copy _message_before_update _migrations _min_copier_version _preserve_symlinks _secret_questions "
    "_skip_if_exists _subdirectory _tasks _templates_suffix".split()
)


def documented() -> list[str]:
    """List the headings of the questions' reference."""
    reference = (ROOT / "docs/reference/questions.md").read_text("utf-8")
    return re.findall(r"^### `(.*)`$", reference, re.MULTILINE)


def test_every_setting_is_one_of_copiers() -> None:
    assert {key for key in QUESTIONNAIRE if key.startswith("_")} <= SETTINGS


@pytest.mark.parametrize("key", QUESTIONS)
def test_every_question_uses_only_keys_and_types_of_copiers(key: str) -> None:
    assert QUESTIONS[key].keys() <= QUESTION_KEYS
    assert QUESTIONS[key]["type"] in QUESTION_TYPES


def test_copier_knows_every_name_that_this_test_knows() -> None:
    # Copier publishes no list of them, so look where it keeps them: the lists above cannot rot unnoticed.
    assert QUESTION_KEYS - set(Question.__dataclass_fields__) == set()
    settings = {f"_{name}" for name in dir(Template)} | {"_answers_file", "_migrations"}
    assert SETTINGS - settings == set()


@pytest.mark.parametrize("key", sorted(ASKED))
def test_every_asked_question_is_a_question(key: str) -> None:
    assert "?" in QUESTIONS[key]["help"]


@pytest.mark.parametrize("key", sorted(ASKED))
def test_every_question_fits_a_terminal_of_eighty_columns(key: str) -> None:
    # Copier writes a sign and a space before it.
    assert len(QUESTIONS[key]["help"]) <= 76


@pytest.mark.parametrize("key", sorted((ASKED | UNASKED) - {"locked", "tree", "plan_dir"}))
def test_every_answer_is_judged(key: str) -> None:
    assert {"validator", "choices"} & QUESTIONS[key].keys() or QUESTIONS[key]["type"] == "bool"


@pytest.mark.parametrize("stack", [*STACKS, "none"])
def test_at_most_twelve_questions_are_asked(stack: str) -> None:
    own = [key for key in ASKED & OWN_QUESTIONS if f"'{stack}'" in QUESTIONS[key]["when"]]
    assert len(own) == (stack in {"python", "go", "java", "dotnet"})
    assert len(ASKED - OWN_QUESTIONS) + len(own) <= 12


def test_what_is_never_asked_is_a_briefs_or_locked() -> None:
    assert sorted(UNASKED) == sorted(SHAPES.keys() | LOCKED)


def test_each_locked_answer_that_a_path_or_history_holds_is_stored(template: Path, tmp_path: Path) -> None:
    answers = answers_of(copy_project(template, tmp_path / "acme", stack="python", depth="lite"))
    assert answers.keys() >= LOCKED - HOSTED | {"branch_pattern", "feature_slug"}
    assert not answers.keys() & COMPUTED


def test_choices_agree_with_what_the_extensions_know() -> None:
    assert set(QUESTIONS["stack"]["choices"].values()) == RESERVED.keys() == {*STACKS, "none"}
    assert QUESTIONS["layers"]["choices"] == list(NEEDED_LAYERS)
    assert QUESTIONS["supporting_docs"]["choices"] == list(DOCUMENTS)


def test_the_reference_has_one_heading_for_each_answer_that_can_be_given() -> None:
    given = (ASKED | UNASKED) - {"locked"}
    assert sorted(documented()) == sorted(given)


def test_every_extension_is_a_file_or_installed() -> None:
    loader, *extensions = QUESTIONNAIRE["_jinja_extensions"]
    assert loader == "copier_template_extensions.TemplateExtensionLoader"
    for extension in extensions:
        path, _, name = extension.rpartition(":")
        assert not path or f"class {name}(Extension)" in (ROOT / path).read_text("utf-8")


def template_files() -> list[Path]:
    """List the files that a feature is made of."""
    return [path for part in ("template", "partials", "stacks") for path in (ROOT / part).rglob("*") if path.is_file()]


def test_every_root_manifest_of_the_template_is_kept_where_one_exists() -> None:
    manifests = {
        f"/{re.sub(r'{%.*?%}|[.]jinja$', '', path.name)}"
        for stack in STACKS
        for path in (ROOT / "stacks" / stack).iterdir()
        if path.is_file()
    }
    assert set(QUESTIONNAIRE["_skip_if_exists"]) == manifests


def test_windows_can_check_out_every_file_of_the_template() -> None:
    names = [part for path in template_files() for part in path.relative_to(ROOT).parts]
    forbidden = re.compile(r'[|"<>:?*\\]|[. ]$')
    assert [name for name in names if forbidden.search(name)] == []


def test_no_two_files_of_the_template_differ_only_in_case() -> None:
    paths = [path.relative_to(ROOT).as_posix().casefold() for path in template_files()]
    assert len(paths) == len(set(paths))


def test_every_file_of_the_template_is_rendered() -> None:
    partials = ROOT / "partials"
    assert [path.name for path in template_files() if path.suffix != ".jinja"] == []
    # A team's own sections are rendered by an extension.
    users = [*template_files(), ROOT / "extensions/groundplan/rendering/sections.py"]
    used = "".join(path.read_text("utf-8") for path in users)
    unused = [path.name for path in partials.iterdir() if path.name not in used and path.stem not in used]
    assert unused == []


def test_an_older_copier_is_refused() -> None:
    assert QUESTIONNAIRE["_min_copier_version"] == "9.19.0"
    assert copier.__version__ >= "9.19"
