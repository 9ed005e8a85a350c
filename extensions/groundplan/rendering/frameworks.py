"""What a feature is written for in a repository: web frameworks, test runners, settings of compilers.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import Extension

from .manifests import (
    DEPENDENCIES,
    SPRING_WEB,
    first_match,
    of_destination,
    package_dependencies,
    package_json,
    read,
    texts_in,
    upwards,
    value_at,
    without_comments,
)
from .stacks import build_files, has_manifest


@dataclass(frozen=True)
class WebFrameworks:
    """What a stack's api layer can be written for.

    Attributes:
        shown_by: The dependencies of a host that show each framework, or `NO_FRAMEWORK`; the first one found counts.
        otherwise: What a host has that depends on none of these: a framework, or `NO_FRAMEWORK`.
        new: What a repository gets that has no manifest of the stack yet; and who asks for an api all the same.
    """

    shown_by: Mapping[str, frozenset[str]]
    otherwise: str
    new: str

    def names(self) -> list[str]:
        """List the frameworks, the one for new repositories first."""
        return [name for name in dict.fromkeys((self.new, *self.shown_by, self.otherwise)) if name != NO_FRAMEWORK]


NO_FRAMEWORK = "none"
# Stacks that are missing here have one web interface that every host can mount.
WEB_FRAMEWORKS = {
    "python": WebFrameworks(
        {"fastapi": frozenset({"fastapi", "starlette"}), "flask": frozenset({"flask"})}, otherwise="wsgi", new="fastapi"
    ),
    "typescript": WebFrameworks({"express": frozenset({"express"})}, otherwise="fetch", new="fetch"),
    "java": WebFrameworks(
        {"spring": SPRING_WEB},
        otherwise=NO_FRAMEWORK,
        new="spring",
    ),
    "rust": WebFrameworks(
        {"axum": frozenset({"axum"}), NO_FRAMEWORK: frozenset({"actix-web", "poem", "rocket", "salvo", "warp"})},
        otherwise="axum",
        new="axum",
    ),
}
# What each package manager leaves beside package.json (https://nodejs.org/api/packages.html#packagemanager).
LOCK_FILES = {"npm": "package-lock.json", "pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock", "bun": "bun.lock*"}
TEST_RUNNERS = {
    "vitest": frozenset({"vitest"}),
    "jest": frozenset({"jest", "@jest/globals", "ts-jest", "@swc/jest", "react-scripts"}),
}
# A script that uses Node's own runner (https://nodejs.org/api/cli.html#--test).
NODE_TESTS = re.compile(r"\b(?:node|tsx)\b.*\s--test\b")
# Where jest and vitest are told what a test is (https://jestjs.io/docs/configuration, https://vitest.dev/config).
TEST_SETTINGS = ("jest.config.*", "vitest.config.*", "vite.config.*")
TESTS_IN_SRC = re.compile(
    r"""\b(?:rootDir|dir)["']?\s*:\s*["'](?:<rootDir>/|\./)?src/?["']
    |\b(?:roots|testMatch|include)["']?\s*:\s*\[\s*["'](?:<rootDir>/|\./)?src(?:/[^"']*)?["']\s*,?\s*\]""",
    re.VERBOSE,
)
TEST_PATTERNS = re.compile(r"""\b(?:testRegex|testMatch|include)["']?\s*:\s*(\[[^\]]*\]|["'][^"'\n]*["'])""")
TS_IMPORTS = re.compile(r'"(?:allowImportingTsExtensions|rewriteRelativeImportExtensions)"\s*:\s*true\b')
# What Node loads as CommonJS, unless package.json says otherwise (https://nodejs.org/api/packages.html#type).
NODE_MODULES = re.compile(r'"module"\s*:\s*"(?:commonjs|node\d+|nodenext)"', re.IGNORECASE)
BARE_IMPORTS = re.compile(r'"moduleResolution"\s*:\s*"(?:bundler|node|node10)"', re.IGNORECASE)


def web_framework(root: Path, stack: str) -> str:
    """Name what a feature's api layer is written for in a repository.

    Args:
        root: The repository.
        stack: The feature's stack.

    Returns:
        A key of the stack's row in `WEB_FRAMEWORKS`, `NO_FRAMEWORK` where the api would not fit the repository, or
        an empty string for a stack without such a choice.
    """
    frameworks = WEB_FRAMEWORKS.get(stack)
    if not frameworks:
        return ""
    if not has_manifest(root, stack) and not build_files(root, stack):
        return frameworks.new
    found = DEPENDENCIES[stack](root)
    return next((name for name, shown_by in frameworks.shown_by.items() if shown_by & found), frameworks.otherwise)


def web_frameworks(stack: str) -> list[str]:
    """List what a stack's api layer can be written for, the usual one first; nothing where there is no choice."""
    return WEB_FRAMEWORKS[stack].names() if stack in WEB_FRAMEWORKS else []


def web_framework_problem(framework: object, stack: str) -> str:
    """Return why an api layer cannot be written for a framework, or an empty string."""
    known = web_frameworks(stack)
    return "" if not known or framework in known else f"web_framework must be one of {', '.join(known)} for {stack}."


def typescript_import_suffix(root: Path) -> str:
    """Return what relative imports must end in, so that a repository's own TypeScript settings accept them.

    Args:
        root: The repository; its `tsconfig*.json` are read, since one often extends or refers to another.

    Returns:
        `.ts` where the settings allow it or there are none yet; nothing where modules are resolved as bundlers do or
        become CommonJS; else `.js`, which every setting accepts
        (https://www.typescriptlang.org/tsconfig/#moduleResolution).
    """
    settings = without_comments("\n".join(read(path) for path in sorted(root.glob("tsconfig*.json"))))
    if not (root / "tsconfig.json").exists() or TS_IMPORTS.search(settings):
        return ".ts"
    is_common_js = value_at(package_json(root), "type") != "module" and NODE_MODULES.search(settings)
    return "" if BARE_IMPORTS.search(settings) or is_common_js else ".js"


def typescript_test_runner(root: Path) -> str:
    """Name what runs a repository's tests.

    Returns:
        `vitest`, `jest` or `node`. Where nothing does yet, Node's own runner if the repository's build compiles
        the tests too, since it must still pass before anything is installed; else vitest.
    """
    found = package_dependencies(root)
    for runner, shown_by in TEST_RUNNERS.items():
        if shown_by & found:
            return runner
    scripts = texts_in(value_at(package_json(root), "scripts"))
    return "node" if any(map(NODE_TESTS.search, scripts)) or _compiles_tests(root) else "vitest"


def package_manager(root: Path) -> str:
    """Name what installs a repository's packages: what its package.json says, else whose lock file is nearest."""
    stated = str(value_at(package_json(root), "packageManager")).partition("@")[0]
    if stated in LOCK_FILES:
        return stated
    locked = (name for folder in upwards(root) for name, mark in LOCK_FILES.items() if first_match(folder, mark))
    return next(locked, "npm")


def typescript_test_root(root: Path) -> str:
    """Return where a repository's tests must stand: `src`, or else `tests` beside it.

    They go below `src` where the runner looks nowhere else, and where the build would fail or put its output
    elsewhere once it compiles what stands beside (https://www.typescriptlang.org/tsconfig/#rootDir).
    """
    if "react-scripts" in package_dependencies(root) or TESTS_IN_SRC.search(_test_settings(root)):
        return "src"
    options = value_at(_tsconfig(root), "compilerOptions")
    root_dir = value_at(options, "rootDir")
    is_narrow = bool(value_at(options, "outDir") or root_dir) and root_dir not in (".", "./")
    return "src" if is_narrow and not value_at(options, "noEmit") and _compiles_tests(root) else "tests"


def typescript_test_suffix(root: Path) -> str:
    """Return what a repository's runner knows tests by: `spec` where its settings say so and not `test` too."""
    patterns = "".join(match[1] for match in TEST_PATTERNS.finditer(_test_settings(root)))
    return "spec" if "spec" in patterns and "test" not in patterns else "test"


def _test_settings(root: Path) -> str:
    manifest = {"jest": value_at(package_json(root), "jest")}
    return "\n".join(
        [json.dumps(manifest), *(read(path) for mark in TEST_SETTINGS for path in sorted(root.glob(mark)))]
    )


def typescript_ui(root: Path) -> str:
    """Name what a repository's user interface is made of: `react`, or else `html`."""
    found = package_dependencies(root)
    return "react" if "react" in found and "react-native" not in found else "html"


def _tsconfig(root: Path) -> object:
    text = without_comments(read(root / "tsconfig.json"))
    try:
        return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))
    except (ValueError, RecursionError):
        return None


def _compiles_tests(root: Path) -> bool:
    """Return whether a repository's tsconfig.json has the compiler read what lies below `tests`."""
    settings = _tsconfig(root)
    if not isinstance(settings, dict) or any("test" in pattern for pattern in texts_in(settings.get("exclude"))):
        return False
    if "include" not in settings:
        return "files" not in settings
    return any(re.match(r"(?:\./)?(?:\*|tests\b|\.$)", pattern) for pattern in texts_in(settings["include"]))


class FrameworksExtension(Extension):
    """Registers what a feature is written for, as Jinja globals that read Copier's destination."""

    def __init__(self, environment: Environment) -> None:
        """Add the globals and a filter to an environment."""
        super().__init__(environment)
        environment.globals.update(
            of_destination(
                host_web_framework=web_framework,
                host_typescript_import_suffix=typescript_import_suffix,
                host_typescript_test_runner=typescript_test_runner,
                host_typescript_test_root=typescript_test_root,
                host_typescript_test_suffix=typescript_test_suffix,
                host_typescript_ui=typescript_ui,
                host_package_manager=package_manager,
            )
        )
        environment.globals["web_frameworks"] = web_frameworks
        environment.filters["web_framework_problem"] = web_framework_problem
