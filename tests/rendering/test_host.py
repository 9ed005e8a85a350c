"""What a host repository says about itself, and that nothing in it can end the questionnaire."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from groundplan.rendering.dotnet import dotnet_solution, dotnet_target_framework, dotnet_test_runner
from groundplan.rendering.frameworks import (
    WEB_FRAMEWORKS,
    package_manager,
    typescript_import_suffix,
    typescript_test_root,
    typescript_test_runner,
    typescript_test_suffix,
    typescript_ui,
    web_framework,
    web_framework_problem,
)
from groundplan.rendering.host import TEAM_DEFAULTS
from groundplan.rendering.manifests import is_cargo_member, java_lacks, java_test_root
from groundplan.rendering.project import (
    dotnet_namespace,
    free_python_package,
    go_module,
    java_group,
    java_package,
    project_name,
    python_layout,
    python_package,
)
from groundplan.rendering.stacks import build_files, detect_stack, java_test_command, nearest_stack
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.rendering import ANSWERS, answers_of, copy_project, run_copier

BOOT = """<project><parent><artifactId>spring-boot-starter-parent</artifactId><version>3.5.7</version></parent>
<dependencies><dependency>{}</dependency></dependencies></project>"""
MAVEN = '<project xmlns="http://maven.apache.org/POM/4.0.0">{}</project>'
LOOKS: tuple[Callable[[Path], object], ...] = (
    detect_stack,
    project_name,
    go_module,
    java_group,
    partial(python_package, project="shop"),
    partial(python_layout, package="shop"),
    dotnet_namespace,
    dotnet_solution,
    dotnet_target_framework,
    dotnet_test_runner,
    typescript_import_suffix,
    typescript_test_runner,
    typescript_ui,
    lambda root: build_files(root, "python"),
    lambda root: is_cargo_member(root, "crates/a"),
    java_package,
    java_test_command,
    *(partial(web_framework, stack=stack) for stack in WEB_FRAMEWORKS),
)
READ = (
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "go.mod",
    "pom.xml",
    "package.json",
    "tsconfig.json",
    "Cargo.toml",
    "Directory.Build.props",
    "Shop.csproj",
    "global.json",
)
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


MTP = '{"test": {"runner": "Microsoft.Testing.Platform"}}'


def csproj(framework: str, plural: str = "", tag: str = "TargetFramework") -> str:
    """Write a project for one framework or several."""
    tag += plural
    return f"<Project><PropertyGroup><{tag}>{framework}</{tag}></PropertyGroup></Project>"


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
        ({"package.json": "{}"}, ""),
        ({"package.json": '{"devDependencies": {"typescript": "7"}}'}, "typescript"),
        ({"package.json": "{}", "tsconfig.base.json": "{}"}, "typescript"),
        ({"go.mod": "module a"}, "go"),
        ({"pom.xml": ""}, "java"),
        ({"build.gradle.kts": ""}, "java"),
        ({"Cargo.toml": ""}, "rust"),
        ({"Shop.sln": "", "package.json": "{}"}, "dotnet"),
        ({"pyproject.toml": "", "package.json": "{}"}, "python"),
        ({"package.json": "{}", "requirements.txt": ""}, "python"),
        ({"tsconfig.json": "{}", "requirements.txt": ""}, "typescript"),
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
def test_the_go_module_of_a_file(tmp_path: Path, text: str, module: str) -> None:
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


@pytest.mark.parametrize("path", ["java/{}/FleetApplication.java", "java/{}/Main.java", "kotlin/{}/App.kt"])
def test_the_java_package_and_group_are_those_of_the_application_that_spring_starts(tmp_path: Path, path: str) -> None:
    root = host(tmp_path, {"pom.xml": MAVEN.format("<groupId>org.acme</groupId>")})
    assert (java_package(root), java_group(root)) == ("", "org.acme")
    host(root, {"src/main/java/org/acme/OtherApplication.java": "package org.acme;\n"})
    source = (
        f"package org.harbour.fleet{';' * path.endswith('java')}\n\n@org.acme.SpringBootApplication\nclass Fleet {{}}\n"
    )
    host(root, {"src/main/" + path.format("org/harbour/fleet"): source})
    assert (java_package(root), java_group(root)) == ("org.harbour.fleet", "org.harbour")


@pytest.mark.parametrize(
    ("manifest", "taken_up"),
    [
        (None, True),
        ('[workspace]\nmembers = ["crates/*"]', True),
        ('[workspace]\nmembers = ["a", "crates/orders-*"]', True),
        ('[workspace]\nmembers = ["crates/orders-domain"]', True),
        ('[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/orders-domain"]', False),
        ('[workspace]\nmembers = ["*"]', False),
        ('[workspace]\nmembers = ["crates/orders"]', False),
        ("[workspace]\nmembers = 3", False),
        ('[package]\nname = "a"', False),
        ("[", False),
    ],
)
def test_a_crate_is_taken_up_by_the_members_of_its_workspace(
    tmp_path: Path, manifest: str | None, taken_up: bool
) -> None:
    root = host(tmp_path, {} if manifest is None else {"Cargo.toml": manifest})
    assert is_cargo_member(root, "crates/orders-domain") is taken_up


@pytest.mark.parametrize(
    ("files", "package", "layout"),
    [
        ([], "", "src"),
        (["pyproject.toml"], "", "src"),
        (["src/acme/__init__.py"], "acme", "src"),
        (["src/acme/__init__.py", "scripts/__init__.py"], "acme", "src"),
        (["src/a/__init__.py", "src/b/__init__.py"], "", "src"),
        (["src/a/__init__.py", "src/shop/__init__.py"], "shop", "src"),
        (["src/app/main.py"], "app", "src"),
        (["acme/__init__.py", "tests/__init__.py", "setup.py"], "acme", "flat"),
        (["app/main.py", "requirements.txt"], "app", "flat"),
        (["manage.py", "shop/__init__.py", "polls/__init__.py"], "shop", "flat"),
        (["manage.py", "site/__init__.py", "polls/__init__.py"], "", "flat"),
        (["app.py", "requirements.txt"], "", "flat"),
        (["setup.py"], "", "src"),
    ],
)
def test_python_code_belongs_to_the_hosts_own_package(
    tmp_path: Path, files: list[str], package: str, layout: str
) -> None:
    root = host(tmp_path, dict.fromkeys(files, ""))
    assert python_package(root, "shop") == package
    assert python_layout(root, package or "shop") == layout


def test_a_new_package_does_not_hide_a_module(tmp_path: Path) -> None:
    root = host(tmp_path, {"app.py": ""})
    assert free_python_package(root, "app") == "app_features"
    assert free_python_package(root, "shop") == "shop"


def test_the_namespace_is_the_solutions(tmp_path: Path) -> None:
    assert dotnet_namespace(host(tmp_path, {"Acme.Shop.slnx": ""})) == "Acme.Shop"


@pytest.mark.parametrize(
    ("files", "module", "manifests"),
    [
        ({"go.mod": "module acme.org/pay\n", "../go.mod": "module acme.org\n"}, "acme.org/pay", []),
        ({"../go.mod": "module acme.org\n", "../.git/HEAD": ""}, "acme.org/module", ["../go.mod"]),
        ({"../go.mod": "module acme.org\n"}, "", []),
        ({"../go.mod": "module acme.org\n", ".git/HEAD": ""}, "", []),
    ],
)
def test_a_folder_belongs_to_the_nearest_go_module(
    tmp_path: Path, files: Mapping[str, str], module: str, manifests: list[str]
) -> None:
    root = host(tmp_path / "module", files)
    assert (go_module(root), build_files(root, "go")) == (module, manifests)


def test_the_stack_is_that_of_the_nearest_folder_that_shows_one(tmp_path: Path) -> None:
    root = host(
        tmp_path / "top", {".git/HEAD": "", "Cargo.toml": "", "services/go.mod": "", "services/pay/README.md": ""}
    )
    assert [nearest_stack(root / folder) for folder in (".", "services", "services/pay")] == ["rust", "go", "go"]


@pytest.mark.parametrize(
    ("files", "solution"),
    [
        ({}, ""),
        ({"Shop.sln": "", "Shop.slnx": ""}, "Shop.slnx"),
        ({"src/Shop.sln": ""}, "src/Shop.sln"),
        ({"../Shop.slnx": "", "../.git/HEAD": ""}, "../Shop.slnx"),
        ({"../Shop.slnx": "", ".git/HEAD": ""}, ""),
    ],
)
def test_the_solution_is_the_nearest_one(tmp_path: Path, files: Mapping[str, str], solution: str) -> None:
    assert dotnet_solution(host(tmp_path / "module", files)) == solution


@pytest.mark.parametrize(
    ("files", "framework"),
    [
        ({}, "net10.0"),
        ({"src/Web/Web.csproj": csproj("net8.0")}, "net8.0"),
        ({"src/Web/Web.csproj": csproj("net9.0"), "src/Lib/Lib.csproj": csproj("net8.0")}, "net9.0"),
        ({"src/Web/Web.csproj": csproj("net9.0"), "src/Lib/Lib.csproj": csproj("netstandard2.0")}, "net9.0"),
        ({"src/Wpf/Wpf.csproj": csproj("net8.0-windows")}, "net8.0"),
        ({"src/Lib/Lib.csproj": csproj("net10.0;net8.0", "s")}, "net8.0"),
        ({"src/Lib/Lib.csproj": csproj("netstandard2.0;net9.0", "s")}, "net9.0"),
        ({"src/Old/Old.csproj": csproj("net6.0")}, "net10.0"),
        ({"src/a/b/c/C.csproj": csproj("net9.0")}, "net9.0"),
        ({"Web.csproj": "<Project><PropertyGroup><TargetFramework>"}, "net10.0"),
        ({"Web.csproj": csproj("net9.0").replace("<Project>", '<Project xmlns="urn:x">')}, "net9.0"),
        ({"Directory.Build.props": csproj("net9.0"), "Web.csproj": csproj("net10.0")}, "net9.0"),
        ({"Directory.Build.props": csproj("net8.0", tag="Latest"), "Web.csproj": csproj("$(Latest)")}, "net8.0"),
        ({"../Directory.Build.props": csproj("net8.0"), "../.git/HEAD": ""}, "net8.0"),
        ({"../Directory.Build.props": csproj("net8.0"), ".git/HEAD": ""}, "net10.0"),
    ],
)
def test_the_target_framework_is_one_that_the_hosts_projects_can_reference(
    tmp_path: Path, files: Mapping[str, str], framework: str
) -> None:
    assert dotnet_target_framework(host(tmp_path / "module", files)) == framework


@pytest.mark.parametrize(
    ("files", "runner"),
    [
        ({}, "vstest"),
        ({"global.json": '{"sdk": {"version": "10.0.100"}}'}, "vstest"),
        ({"global.json": '{"test": {"runner": "VSTest"}}'}, "vstest"),
        ({"global.json": MTP}, "mtp"),
        ({"global.json": f"/* why */ {MTP}"}, "mtp"),
        ({"global.json": f"{{}} // {MTP}"}, "vstest"),
        ({"../global.json": MTP, "../.git/HEAD": ""}, "mtp"),
        ({"../global.json": MTP, "../.git/HEAD": "", "global.json": "{}"}, "vstest"),
        ({"../global.json": MTP, ".git/HEAD": ""}, "vstest"),
    ],
)
def test_the_test_runner_is_what_the_nearest_global_json_says(
    tmp_path: Path, files: Mapping[str, str], runner: str
) -> None:
    assert dotnet_test_runner(host(tmp_path / "module", files)) == runner


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
    files = {} if settings_text is None else {"tsconfig.json": settings_text, "package.json": '{"type": "module"}'}
    assert typescript_import_suffix(host(tmp_path, files)) == suffix


@pytest.mark.parametrize(
    ("stack", "files", "framework"),
    [
        ("python", {}, "fastapi"),
        ("python", {"pyproject.toml": '[project]\ndependencies = ["fastapi[standard]>=0.115"]'}, "fastapi"),
        ("python", {"pyproject.toml": '[project.optional-dependencies]\nweb = ["Starlette"]'}, "fastapi"),
        ("python", {"pyproject.toml": "[dependency-groups]\nweb = [\"flask ; python_version > '3'\"]"}, "flask"),
        ("python", {"pyproject.toml": '[tool.poetry.dependencies]\nflask = "^3.1"'}, "flask"),
        ("python", {"pyproject.toml": '[tool.poetry.group.web.dependencies]\nFlask = {version = "3"}'}, "flask"),
        ("python", {"pyproject.toml": '[project]\nname = "flask"\ndescription = "flask"'}, "wsgi"),
        ("python", {"requirements.txt": "# flask\nDjango==5.2\nflask-fast==1\n"}, "wsgi"),
        ("python", {"requirements.txt": "flask\nfastapi\n"}, "fastapi"),
        ("python", {"setup.py": "", "requirements/base.txt": "Flask~=3.0  # web\n"}, "flask"),
        ("python", {"Pipfile": '[packages]\nflask = "*"\n'}, "flask"),
        ("python", {"setup.cfg": "[options]\ninstall_requires =\n    flask\n"}, "flask"),
        ("python", {"setup.py": "setup(install_requires=['click', 'flask>=2'])"}, "flask"),
        ("typescript", {}, "fetch"),
        ("typescript", {"package.json": '{"dependencies": {"express": "5"}}'}, "express"),
        ("typescript", {"package.json": '{"dependencies": {"hono": "4"}}'}, "fetch"),
        ("java", {}, "spring"),
        ("java", {"pom.xml": BOOT.format("<artifactId>spring-boot-starter-web</artifactId>")}, "spring"),
        ("java", {"pom.xml": BOOT.format("<artifactId>spring-boot-starter-webmvc</artifactId>")}, "spring"),
        ("java", {"pom.xml": BOOT.format("<artifactId>spring-boot-starter-webflux</artifactId>")}, "none"),
        ("java", {"pom.xml": BOOT.format("<!-- <artifactId>spring-boot-starter-web</artifactId> -->")}, "none"),
        ("java", {"pom.xml": BOOT.format("").replace("3.5.7", "2.7.18")}, "none"),
        ("java", {"pom.xml": "<project/>"}, "none"),
        ("java", {"build.gradle": "implementation 'org.springframework.boot:spring-boot-starter-web'"}, "spring"),
        ("java", {"build.gradle.kts": "implementation(libs.spring.boot.starter.web)"}, "spring"),
        ("java", {"build.gradle.kts": 'implementation("com.google.guava:guava:33.5.0-jre")'}, "none"),
        ("rust", {}, "axum"),
        ("rust", {"Cargo.toml": '[dependencies]\naxum = "0.8"\nactix-web = "4"'}, "axum"),
        ("rust", {"Cargo.toml": '[dependencies]\nactix-web = "4"'}, "none"),
        (
            "rust",
            {"Cargo.toml": "[workspace]", "crates/a/Cargo.toml": '[dependencies.rocket]\nversion = "0.5"'},
            "none",
        ),
        ("rust", {"Cargo.toml": '[workspace.dependencies]\nweb = { package = "actix-web", version = "4" }'}, "none"),
        ("rust", {"Cargo.toml": "[target.'cfg(unix)'.dependencies]\nwarp = \"0.4\""}, "none"),
        ("rust", {"Cargo.toml": '[dependencies]\nserde = "1"'}, "axum"),
        ("go", {"go.mod": "module a"}, ""),
    ],
)
def test_the_web_framework_is_the_hosts(tmp_path: Path, stack: str, files: Mapping[str, str], framework: str) -> None:
    assert web_framework(host(tmp_path, files), stack) == framework


def test_a_web_framework_is_one_of_its_stack() -> None:
    assert web_framework_problem("flask", "python") == web_framework_problem("", "go") == ""
    assert web_framework_problem("none", "python") == "web_framework must be one of fastapi, flask, wsgi for python."


@pytest.mark.parametrize(
    ("package", "settings_text", "runner"),
    [
        ("", None, "vitest"),
        ('{"devDependencies": {"vitest": "5", "jest": "30"}}', None, "vitest"),
        ('{"devDependencies": {"ts-jest": "29"}}', None, "jest"),
        ('{"scripts": {"test": "node --import tsx --test src"}}', None, "node"),
        ('{"scripts": {"test": "mocha", "unit": "tsx --test"}}', None, "node"),
        ("{}", '{"include": ["src"]}', "vitest"),
        ("{}", '{"files": []}', "vitest"),
        ("{}", '{"compilerOptions": {},}', "node"),
        ("{}", '{"include": ["src", "tests/**/*"]}', "node"),
        ("{}", '{"include": ["**/*.ts"] /* all */}', "node"),
        ("{}", '{"include": ["**/*.ts"], "exclude": ["tests"]}', "vitest"),
    ],
)
def test_the_test_runner_is_the_hosts_or_none_that_its_build_would_lack(
    tmp_path: Path, package: str, settings_text: str | None, runner: str
) -> None:
    files = {"package.json": package} | ({} if settings_text is None else {"tsconfig.json": settings_text})
    assert typescript_test_runner(host(tmp_path, files)) == runner


@pytest.mark.parametrize(
    ("files", "manager"),
    [
        ({"package.json": "{}"}, "npm"),
        ({"package.json": '{"packageManager": "pnpm@10.1.0"}', "yarn.lock": ""}, "pnpm"),
        ({"package.json": '{"packageManager": 3}', "yarn.lock": ""}, "yarn"),
        ({"package.json": '{"packageManager": "odd"}', "bun.lockb": ""}, "bun"),
        ({"pnpm-lock.yaml": ""}, "pnpm"),
    ],
)
def test_the_next_step_installs_with_the_hosts_package_manager(
    tmp_path: Path, files: Mapping[str, str], manager: str
) -> None:
    assert package_manager(host(tmp_path, files)) == manager


@pytest.mark.parametrize("module", ["commonjs", "Node16", "nodenext"])
def test_imports_that_become_commonjs_need_no_suffix(tmp_path: Path, module: str) -> None:
    settings_text = json.dumps({"compilerOptions": {"module": module}})
    assert typescript_import_suffix(host(tmp_path, {"tsconfig.json": settings_text, "package.json": "{}"})) == ""


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({}, "tests item.test.ts"),
        ({"package.json": '{"devDependencies": {"react-scripts": "5"}}'}, "src item.test.ts"),
        ({"package.json": '{"jest": {"rootDir": "src", "testRegex": ".*[.]spec[.]ts$"}}'}, "src item.spec.ts"),
        ({"jest.config.ts": "export default { roots: ['<rootDir>/src'] }"}, "src item.test.ts"),
        ({"jest.config.js": "module.exports = { roots: ['<rootDir>/src', '<rootDir>/tests'] }"}, "tests item.test.ts"),
        ({"jest.config.js": "module.exports = { testMatch: ['**/*.spec.ts'] }"}, "tests item.spec.ts"),
        ({"vitest.config.ts": "test: { include: ['src/**/*.{test,spec}.ts'] }"}, "src item.test.ts"),
        ({"vite.config.ts": "test: { dir: './src' }"}, "src item.test.ts"),
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "dist"}}'}, "src item.test.ts"),
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "./src"}}'}, "src item.test.ts"),
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "."}}'}, "tests item.test.ts"),
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "dist"}, "include": ["src"]}'}, "tests item.test.ts"),
        ({"tsconfig.json": '{"compilerOptions": {"noEmit": true}}'}, "tests item.test.ts"),
        ({"tsconfig.json": "[]"}, "tests item.test.ts"),
    ],
)
def test_typescript_tests_go_where_the_runner_looks_and_the_build_bears_them(
    tmp_path: Path, files: Mapping[str, str], place: str
) -> None:
    root = host(tmp_path, files)
    assert f"{typescript_test_root(root)} item.{typescript_test_suffix(root)}.ts" == place


@pytest.mark.parametrize(
    ("dependencies", "ui"),
    [('"react": "19"', "react"), ('"react": "19", "react-native": "1"', "html"), ('"vue": "3"', "html")],
)
def test_the_user_interface_is_made_of_what_the_host_has(tmp_path: Path, dependencies: str, ui: str) -> None:
    assert typescript_ui(host(tmp_path, {"package.json": f'{{"dependencies": {{{dependencies}}}}}'})) == ui


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
        (
            "dotnet",
            {"Web/Web.csproj": csproj("net8.0"), "global.json": MTP},
            {"dotnet_target_framework": "net8.0", "dotnet_test_runner": "mtp"},
        ),
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


def test_the_web_framework_is_stored_with_the_api_and_part_of_its_tree(template: Path, tmp_path: Path) -> None:
    root = host(tmp_path / "shop", {"requirements.txt": "flask\n"})
    plain: dict[str, Any] = {"stack": "python", "depth": "lite", "supporting_docs": []}
    served = answers_of(copy_project(template, root, feature_name="Served", **plain))
    silent = answers_of(copy_project(template, root, feature_name="Silent", layers=["domain"], **plain))
    assert served["web_framework"] == served["tree"]["web_framework"] == "flask"
    assert not {"web_framework"} & {*silent, *silent["tree"]}


@pytest.mark.parametrize(
    ("stack", "files", "framework"),
    [
        ("java", {"pom.xml": MAVEN.format("")}, "spring"),
        ("rust", {"Cargo.toml": '[dependencies]\nactix-web = "4"\n'}, "axum"),
    ],
)
def test_a_host_that_the_api_would_not_fit_gets_none_unless_it_is_asked_for(
    template: Path, tmp_path: Path, stack: str, files: Mapping[str, str], framework: str
) -> None:
    plain = (f"stack={stack}", "depth=lite", "feature_name=Orders", "project_name=Shop", "owner=jane")

    def copied(name: str, *more: str) -> tuple[dict[str, Any], str]:
        root = host(tmp_path / name, files)
        options = [word for answer in (*plain, *more) for word in ("-d", answer)]
        run = run_copier("copy", "--trust", "--defaults", *options, template, root)
        assert run.returncode == 0, run.stderr
        return answers_of(root / "docs/plan_docs/orders"), run.stderr

    answers, told = copied("left-out")
    assert (answers["layers"], "web_framework" in answers) == (["domain", "application", "ui"], False)
    assert f"nothing here would serve one that is written for {framework}" in told
    for asked in (f"web_framework={framework}", "layers=[domain, application, api]"):
        answers, told = copied(asked.partition("=")[0], asked)
        assert "api" in answers["layers"]
        assert answers["web_framework"] == framework
        assert "nothing here" not in told


@pytest.mark.parametrize(
    ("files", "layers", "lacking"),
    [
        ({}, "domain api", []),
        ({"pom.xml": MAVEN.format("")}, "domain", ["junit-jupiter"]),
        ({"pom.xml": MAVEN.format("")}, "domain api", ["spring-boot-starter-web", "spring-boot-starter-test"]),
        ({"pom.xml": MAVEN.format("<artifactId>junit</artifactId>")}, "domain", ["junit-jupiter"]),
        ({"pom.xml": MAVEN.format("<artifactId>junit-jupiter-api</artifactId>")}, "domain", []),
        ({"build.gradle": "testImplementation 'org.junit.jupiter:junit-jupiter:6.0.1'"}, "domain", []),
        ({"build.gradle": "testImplementation(libs.spring.boot.starter.test)"}, "domain", []),
        ({"pom.xml": BOOT.format("<artifactId>spring-boot-starter-webmvc-test</artifactId>")}, "domain", []),
    ],
)
def test_what_a_java_build_lacks_is_named(
    tmp_path: Path, files: Mapping[str, str], layers: str, lacking: list[str]
) -> None:
    assert java_lacks(host(tmp_path, files), layers.split()) == lacking


@pytest.mark.parametrize(
    ("files", "layers", "folder"),
    [
        ({}, "domain api", "src/test/java"),
        ({"pom.xml": MAVEN.format("")}, "domain", "src/junit/java"),
        ({"pom.xml": MAVEN.format("<artifactId>junit</artifactId>")}, "domain", "src/junit/java"),
        ({"build.gradle": "testImplementation 'org.testng:testng:7.11.0'"}, "domain", "src/junit/java"),
        ({"pom.xml": MAVEN.format("<artifactId>junit-jupiter-api</artifactId>")}, "domain", "src/test/java"),
        ({"pom.xml": BOOT.format("<artifactId>junit-jupiter</artifactId>")}, "domain api", "src/junit/java"),
        ({"pom.xml": BOOT.format("<artifactId>spring-boot-starter-test</artifactId>")}, "domain api", "src/test/java"),
    ],
)
def test_java_tests_go_where_no_build_compiles_them_before_it_can(
    tmp_path: Path, files: Mapping[str, str], layers: str, folder: str
) -> None:
    assert java_test_root(host(tmp_path, files), layers.split()) == folder


@pytest.mark.parametrize(
    ("build", "text", "stack"),
    [
        ("pom.xml", "<maven.compiler.source>1.8</maven.compiler.source>", ""),
        ("pom.xml", "<maven.compiler.release>11</maven.compiler.release>", ""),
        ("pom.xml", "<java.version>17</java.version>", "java"),
        ("pom.xml", "<configuration><source>8</source><target>8</target></configuration>", ""),
        ("pom.xml", "<configuration><release>${java}</release></configuration>", "java"),
        ("build.gradle", "sourceCompatibility = '11'", ""),
        ("build.gradle", "sourceCompatibility = JavaVersion.VERSION_1_8", ""),
        ("build.gradle", "java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }", "java"),
        ("build.gradle.kts", "java { toolchain { languageVersion.set(JavaLanguageVersion.of(11)) } }", ""),
        ("build.gradle.kts", "kotlin { jvmToolchain(21) }", "java"),
        ("build.gradle.kts", "tasks.withType<JavaCompile> { options.release.set(8) }", ""),
    ],
)
def test_build_for_a_java_without_records_is_not_taken_for_java(
    tmp_path: Path, build: str, text: str, stack: str
) -> None:
    assert detect_stack(host(tmp_path, {build: f"<project>{text}</project>" if build == "pom.xml" else text})) == stack


def test_a_teams_defaults_serve_new_features_and_no_old_ones(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    first = copy_project(template, root, feature_name="First one")
    host(root, {TEAM_DEFAULTS: "depth: lite\nlabels: [plan, team]\nsupporting_docs: [runbook]\n"})
    second = answers_of(copy_project(template, root, feature_name="Second one"))
    assert (second["depth"], second["labels"], second["supporting_docs"]) == ("lite", ["plan", "team"], ["runbook"])
    assert answers_of(first)["depth"] == "full"


def test_a_person_without_settings_is_told_what_lacks(template: Path, tmp_path: Path) -> None:
    given: dict[str, Any] = {**ANSWERS}
    del given["owner"]
    options = [word for key, value in given.items() for word in ("-d", f"{key}={value}")]
    run = run_copier("copy", "--trust", "--defaults", *options, template, tmp_path / "shop")
    assert run.returncode == 1
    assert '"owner" is required' in run.stderr.strip().splitlines()[-1]
    assert not (tmp_path / "shop").exists()
