"""What a host repository says about itself, and that nothing in it can end the questionnaire."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from groundplan.rendering.host import (
    TEAM_DEFAULTS,
    build_files,
    detect_stack,
    dotnet_namespace,
    go_module,
    java_group,
    project_name,
    python_package,
    team_defaults,
    typescript_import_suffix,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.rendering import ANSWERS, answers_of, copy_project, run_copier

MAVEN = '<project xmlns="http://maven.apache.org/POM/4.0.0">{}</project>'
LOOKS = (
    detect_stack,
    project_name,
    go_module,
    java_group,
    python_package,
    dotnet_namespace,
    typescript_import_suffix,
    lambda root: build_files(root, "python"),
)
READ = ("pyproject.toml", "go.mod", "pom.xml", "package.json", "tsconfig.json", "Cargo.toml")
# Bytes that nobody meant, and texts that only look like a manifest.
CONTENTS = st.binary(max_size=80) | st.sampled_from(
    [
        b"project = 3",
        b"[project]\nname = 5",
        b"module",
        b"module (",
        b"<project>",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"- a",
    ]
)


def host(root: Path, files: Mapping[str, str]) -> Path:
    """Make a repository of files."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    root.mkdir(exist_ok=True)
    return root


@pytest.mark.parametrize(
    ("files", "stack"),
    [
        ({}, ""),
        ({"Shop.sln": ""}, "dotnet"),
        ({"Shop.slnx": ""}, "dotnet"),
        ({"src/Shop/Shop.csproj": ""}, "dotnet"),
        ({"pyproject.toml": ""}, "python"),
        ({"setup.py": ""}, "python"),
        ({"package.json": "{}"}, "typescript"),
        ({"go.mod": "module a"}, "go"),
        ({"pom.xml": ""}, "java"),
        ({"build.gradle.kts": ""}, "java"),
        ({"Cargo.toml": ""}, "rust"),
        ({"Shop.sln": "", "package.json": "{}"}, "dotnet"),
        ({"pyproject.toml": "", "package.json": "{}"}, "python"),
        ({"package.json": "{}", "requirements.txt": ""}, "typescript"),
        ({"README.md": ""}, ""),
    ],
)
def test_the_stack_is_detected_from_the_hosts_own_files(tmp_path: Path, files: Mapping[str, str], stack: str) -> None:
    assert detect_stack(host(tmp_path, files)) == stack


def test_the_project_is_named_by_its_manifest_or_its_folder(tmp_path: Path) -> None:
    assert project_name(host(tmp_path / "shop", {})) == "shop"
    assert project_name(host(tmp_path / "named", {"pyproject.toml": '[project]\nname = "acme"\n'})) == "acme"
    assert project_name(host(tmp_path / "odd", {"pyproject.toml": "project = 3\n"})) == "odd"


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("module example.com/shop\n", "example.com/shop"),
        ('// why\nmodule "example.com/shop" // here\n', "example.com/shop"),
        ("go 1.22\n", ""),
    ],
)
def test_the_go_module(tmp_path: Path, text: str, module: str) -> None:
    assert go_module(host(tmp_path, {"go.mod": text})) == module


@pytest.mark.parametrize(
    ("text", "group"),
    [
        (MAVEN.format("<groupId> com.acme </groupId>"), "com.acme"),
        (MAVEN.format("<parent><groupId>com.acme</groupId></parent>"), "com.acme"),
        (MAVEN.format(""), ""),
        ("<project>", ""),
    ],
)
def test_the_java_group(tmp_path: Path, text: str, group: str) -> None:
    assert java_group(host(tmp_path, {"pom.xml": text})) == group


def test_the_python_package_is_the_only_one(tmp_path: Path) -> None:
    assert python_package(host(tmp_path / "one", {"src/acme/__init__.py": ""})) == "acme"
    assert python_package(host(tmp_path / "two", {"src/a/__init__.py": "", "src/b/__init__.py": ""})) == ""


def test_the_namespace_is_the_solutions(tmp_path: Path) -> None:
    assert dotnet_namespace(host(tmp_path, {"Acme.Shop.slnx": ""})) == "Acme.Shop"


@pytest.mark.parametrize(
    ("settings_text", "suffix"),
    [
        (None, ".ts"),
        ('{"compilerOptions": {"allowImportingTsExtensions": true}}', ".ts"),
        ('{"compilerOptions": {"moduleResolution": "Bundler"}}', ""),
        ('{"compilerOptions": {"module": "nodenext"}} // "moduleResolution": "bundler"', ".js"),
        ('{/* "allowImportingTsExtensions": true */}', ".js"),
    ],
)
def test_the_import_suffix_is_what_the_host_accepts(tmp_path: Path, settings_text: str | None, suffix: str) -> None:
    files = {} if settings_text is None else {"tsconfig.json": settings_text}
    assert typescript_import_suffix(host(tmp_path, files)) == suffix


@given(st.dictionaries(st.sampled_from(READ), CONTENTS))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_looking_never_fails_whatever_the_files_hold(tmp_path: Path, files: Mapping[str, bytes]) -> None:
    for path in READ:
        (tmp_path / path).unlink(missing_ok=True)
    for path, content in files.items():
        (tmp_path / path).write_bytes(content)
    for look in LOOKS:
        look(tmp_path)


def test_folders_of_a_files_name_are_none(tmp_path: Path) -> None:
    for path in READ:
        (tmp_path / path).mkdir()
    for look in LOOKS:
        look(tmp_path)


# ------------------------------------------------------------------------------------------------------- through Copier


@pytest.mark.parametrize(
    ("stack", "files", "default"),
    [
        ("python", {"src/acme/__init__.py": ""}, {"python_package": "acme"}),
        ("python", {"src/MyShop/__init__.py": ""}, {"python_package": "acme_shop"}),
        ("go", {"go.mod": "module example.com/acme\n"}, {"go_module": "example.com/acme"}),
        ("go", {"go.mod": "module ../acme\n"}, {"go_module": "example.com/acme-shop"}),
        ("java", {"pom.xml": MAVEN.format("<groupId>org.acme</groupId>")}, {"java_group": "org.acme"}),
        ("java", {"pom.xml": MAVEN.format("<groupId>${group}</groupId>")}, {"java_group": "com.example"}),
        ("dotnet", {"Acme.Shop.sln": ""}, {"dotnet_namespace": "Acme.Shop"}),
        ("dotnet", {"1 - 2.sln": ""}, {"dotnet_namespace": "App12"}),
    ],
)
def test_what_the_host_says_is_the_default_where_it_can_be(
    template: Path, tmp_path: Path, stack: str, files: Mapping[str, str], default: Mapping[str, str]
) -> None:
    root = host(tmp_path / "shop", files)
    answers = answers_of(copy_project(template, root, stack=stack, depth="lite", supporting_docs=[]))
    assert answers.items() >= default.items()


@pytest.mark.parametrize(
    ("stack", "name"), [("python", "json"), ("python", "🚀"), ("go", "🚀"), ("dotnet", "🚀"), ("java", "🚀")]
)
def test_any_project_name_leaves_usable_defaults(template: Path, tmp_path: Path, stack: str, name: str) -> None:
    copy_project(template, tmp_path / "shop", stack=stack, project_name=name, depth="lite", supporting_docs=[])


def test_a_teams_defaults_serve_new_features_and_no_old_ones(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    first = copy_project(template, root, feature_name="First one")
    host(root, {TEAM_DEFAULTS: "depth: lite\nlabels: [plan, team]\nsupporting_docs: [runbook]\n"})
    second = answers_of(copy_project(template, root, feature_name="Second one"))
    assert (second["depth"], second["labels"], second["supporting_docs"]) == ("lite", ["plan", "team"], ["runbook"])
    assert answers_of(first)["depth"] == "full"


@pytest.mark.parametrize("text", ["- a", "a: [", "text", "3"])
def test_a_teams_defaults_that_are_no_mapping_are_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=TEAM_DEFAULTS):
        team_defaults(host(tmp_path, {TEAM_DEFAULTS: text}))


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}"])
def test_no_defaults_are_fine(tmp_path: Path, text: str) -> None:
    assert team_defaults(tmp_path) == team_defaults(host(tmp_path, {TEAM_DEFAULTS: text})) == {}


def test_a_person_without_settings_is_told_what_lacks(template: Path, tmp_path: Path) -> None:
    given: dict[str, Any] = {**ANSWERS}
    del given["owner"]
    options = [word for key, value in given.items() for word in ("-d", f"{key}={value}")]
    run = run_copier("copy", "--trust", "--defaults", *options, template, tmp_path / "shop")
    assert run.returncode == 1
    assert '"owner" is required' in run.stderr.strip().splitlines()[-1]
    assert not (tmp_path / "shop").exists()
