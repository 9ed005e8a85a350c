"""What the repository that a feature is added to already says: its stack, its names, its team's defaults.

Everything here only looks, and only serves as the default of a question: what is stored is never detected again.

Copier loads this file by its path, afresh for every render, so it is self-contained: the standard library, Jinja and
installed packages only, never a neighbour.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml
from jinja2 import Environment, pass_context, pass_environment
from jinja2.ext import Extension
from jinja2.runtime import Context

TEAM_DEFAULTS = "docs/plan_docs/defaults.yml"

REQUIREMENTS = ("requirements*.txt", "requirements/*.txt")
# Files that build a stack's code without the root manifest that a first feature would bring.
BUILD_FILES = {
    "python": ("setup.py", "setup.cfg", *REQUIREMENTS, "Pipfile", "pytest.ini", "tox.ini", "src/setup.py"),
    "typescript": ("package.json", "tsconfig*.json"),
    "java": ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"),
}

# What shows a Python package; the second where a web application has no __init__.py.
PACKAGE_MARKS = ("__init__.py", "main.py")
# Folders that stand beside a package in the root and are none, and modules that only build or test.
NOT_PACKAGES = frozenset(
    "src test tests testing docs doc examples scripts tools benchmarks build dist migrations".split()
)
HELPERS = frozenset({"setup.py", "conftest.py", "noxfile.py"})

# The first match wins: a .NET or Java repository often has a package.json for its front end, hardly the reverse; and a
# requirements.txt says less than a manifest.
STACK_MARKS = (
    ("dotnet", ("*.sln", "*.slnx", "*.csproj", "*/*.csproj", "*/*/*.csproj")),
    ("java", ("pom.xml", *BUILD_FILES["java"])),
    ("go", ("go.mod",)),
    ("rust", ("Cargo.toml",)),
    ("python", ("pyproject.toml",)),
    ("typescript", ("tsconfig*.json", "package.json")),
    ("python", BUILD_FILES["python"]),
)

# Where the solutions and projects of a .NET repository stand that its stack is not told by.
SOLUTIONS = ("*.slnx", "*.sln", "*/*.slnx", "*/*.sln")
PROJECTS = ("*.csproj", "*/*.csproj", "*/*/*.csproj", "src/*/*/*.csproj", "src/*/*/*/*.csproj")


@dataclass(frozen=True)
class WebFrameworks:
    """What a stack's api layer can be written for.

    Attributes:
        shown_by: The dependencies of a host that show each framework, or ``NO_FRAMEWORK``; the first one found counts.
        otherwise: What a host has that depends on none of these: a framework, or ``NO_FRAMEWORK``.
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
        {"spring": frozenset({"spring-boot-starter-web", "spring-boot-starter-webmvc"})},
        otherwise=NO_FRAMEWORK,
        new="spring",
    ),
    "rust": WebFrameworks(
        {"axum": frozenset({"axum"}), NO_FRAMEWORK: frozenset({"actix-web", "poem", "rocket", "salvo", "warp"})},
        otherwise="axum",
        new="axum",
    ),
}
CARGO_MANIFESTS = ("Cargo.toml", "*/Cargo.toml", "*/*/Cargo.toml")
# Where people put the class that Spring Boot starts.
JAVA_APPLICATIONS = ("src/main/java/**/*App*.java", "src/main/java/**/Main.java", "src/main/kotlin/**/*App*.kt")

# Every file that this module looks at, for whoever shows a scratch folder as if it were the repository.
LOOKED_AT = (
    *(mark for _, marks in STACK_MARKS for mark in marks),
    *CARGO_MANIFESTS,
    *JAVA_APPLICATIONS,
    "mvnw",
    "gradlew",
    "*.py",
    *(f"{folder}*/{mark}" for folder in ("", "src/") for mark in PACKAGE_MARKS),
    "tsconfig*.json",
    *SOLUTIONS,
    *PROJECTS,
    "Directory.Build.props",
    "global.json",
    TEAM_DEFAULTS,
)

# The files among them that count for the folders below them too, up to git's top.
LOOKED_AT_ABOVE = tuple(mark for mark in LOOKED_AT if "/" not in mark)

# The versions of .NET that the feature's code can be written for, and the one of a new repository.
OLDEST_DOTNET, NEWEST_DOTNET = 8, 10

# A string, kept, or a comment: tsconfig.json and global.json are JSON with comments.
JSON_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
TEST_RUNNERS = {
    "vitest": frozenset({"vitest"}),
    "jest": frozenset({"jest", "@jest/globals", "ts-jest", "@swc/jest", "react-scripts"}),
}
# A script that uses Node's own runner (https://nodejs.org/api/cli.html#--test).
NODE_TESTS = re.compile(r"\b(?:node|tsx)\b.*\s--test\b")
TS_IMPORTS = re.compile(r'"(?:allowImportingTsExtensions|rewriteRelativeImportExtensions)"\s*:\s*true\b')
MTP_RUNNER = re.compile(r'"runner"\s*:\s*"Microsoft\.Testing\.Platform"', re.IGNORECASE)
BARE_IMPORTS = re.compile(r'"moduleResolution"\s*:\s*"(?:bundler|node|node10)"', re.IGNORECASE)
# A name at the beginning of a requirement (PEP 508), or of an entry in a table of them.
REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:[\[<>=!~;@(,#]|$)")
OLD_SPRING_BOOT = re.compile(
    r"""spring-boot[\w-]*</artifactId>\s*<version>[12]\.|org\.springframework\.boot["']\)?\s+version\s*\(?["'][12]\."""
)
# An extra that brings a server (https://fastapi.tiangolo.com/#dependencies).
FASTAPI_WITH_SERVER = re.compile(r"fastapi\s*\[[^]]*\b(?:standard|all)\b", re.IGNORECASE)
# Where a pyproject.toml states dependencies: the standard's tables (PEP 621, PEP 735) and those of older tools.
PYPROJECT_DEPENDENCIES = (
    ("project", "dependencies"),
    ("project", "optional-dependencies"),
    ("dependency-groups",),
    ("tool", "poetry", "dependencies"),
    ("tool", "poetry", "dev-dependencies"),
    ("tool", "poetry", "group"),
    ("tool", "pdm", "dev-dependencies"),
)


def detect_stack(root: Path) -> str:
    """Name the stack whose files stand in a repository, or give an empty string."""
    found = (stack for stack, marks in STACK_MARKS if any(_shows_stack(root, mark) for mark in marks))
    return next(found, "")


def nearest_stack(root: Path) -> str:
    """Name the stack of a folder, or else of the nearest one above that shows one; an empty string without any."""
    return next(filter(None, map(detect_stack, _upwards(root))), "")


def _shows_stack(root: Path, mark: str) -> bool:
    # JavaScript without TypeScript is no stack of ours.
    return bool(_first(root, mark)) and (mark != "package.json" or "typescript" in package_dependencies(root))


def build_files(root: Path, stack: str) -> list[str]:
    """List the files that build a stack's code in a repository in their own way, or code that nothing builds."""
    found = [mark for mark in BUILD_FILES.get(stack, ()) if _first(root, mark)]
    if stack == "python":
        found += [path.name for path in root.glob("*.py")] + _python_packages(root)
    if stack == "go" and (above := _go_mod(root)) and above.parent != root.resolve():
        found.append(os.path.relpath(above, root.resolve()))
    return found


def project_name(root: Path) -> str:
    """Return the name that a repository's manifest states, or else the name of its folder."""
    for manifest in (_pyproject(root).get("project"), _package(root)):
        name = manifest.get("name") if isinstance(manifest, dict) else None
        if isinstance(name, str) and name:
            return name
    return root.resolve().name


def go_module(root: Path) -> str:
    """Return the import path of a folder by the nearest go.mod, or an empty string.

    The module's path, and below it the folder's (https://go.dev/ref/mod#modules-overview).
    """
    manifest = _go_mod(root)
    match = re.search(r'^module\s+"?([^\s"]+)', _read(manifest), re.MULTILINE) if manifest else None
    return "/".join([match[1], *root.resolve().relative_to(manifest.parent).parts]) if match and manifest else ""


def _go_mod(root: Path) -> Path | None:
    return next((path for folder in _upwards(root) if (path := folder / "go.mod").is_file()), None)


def java_package(root: Path) -> str:
    """Return the package of a repository's Spring Boot application, or an empty string.

    Spring looks for components in that package and below it alone
    (https://docs.spring.io/spring-boot/reference/using/structuring-your-code.html).
    """
    for path in (path for mark in JAVA_APPLICATIONS for path in sorted(root.glob(mark))):
        source = _read(path)
        package = re.search(r"^package\s+([\w.]+)", source, re.MULTILINE)
        if package and re.search(r"@[\w.]*SpringBootApplication\b", source):
            return package[1]
    return ""


def java_group(root: Path) -> str:
    """Return the group of a repository: what its application's package begins with, else what its build states.

    That is the group of its pom.xml or of the parent there, or the one of its Gradle build; an empty string if none.
    """
    if package := java_package(root):
        return package.rpartition(".")[0] or package
    try:
        project = ElementTree.fromstring(_read(root / "pom.xml"))  # noqa: S314 - the user's own manifest
    except ElementTree.ParseError:
        scripts = _read(root / "build.gradle") + _read(root / "build.gradle.kts")
        match = re.search(r"""^\s*group\s*=?\s*["']([^"'\n]+)""", scripts, re.MULTILINE)
        return match[1] if match else ""
    space = {"m": "http://maven.apache.org/POM/4.0.0"}
    return (project.findtext("m:groupId", "", space) or project.findtext("m:parent/m:groupId", "", space)).strip()


def python_package(root: Path, project: str) -> str:
    """Name the import package of a repository that new code belongs to.

    Args:
        root: The repository.
        project: The package that the project's name suggests.

    Returns:
        The one package below ``src``, else the one in the root, or the project's where there are several; an empty
        string where there is none.
    """
    for folder in ("src", "."):
        packages = _python_packages(root / folder)
        if packages:
            return packages[0] if len(packages) == 1 else project if project in packages else ""
    return ""


def python_layout(root: Path, package: str) -> str:
    """Say where an import package stands, or would stand among a repository's own code.

    Returns:
        ``src`` or ``flat``; ``src`` in a repository without Python code
        (https://packaging.python.org/en/latest/discussions/src-layout-vs-flat-layout/).
    """
    for layout, folder in (("src", root / "src"), ("flat", root)):
        if (folder / package).is_dir() or _python_packages(folder):
            return layout
    return "flat" if any(path.name not in HELPERS for path in root.glob("*.py")) else "src"


def free_python_package(root: Path, package: str) -> str:
    """Return a package's name, or another where a module in the repository's root has that name already."""
    return f"{package}_features" if (root / f"{package}.py").exists() else package


def _python_packages(folder: Path) -> list[str]:
    marked = {path.parent.name for mark in PACKAGE_MARKS for path in folder.glob(f"*/{mark}")}
    return sorted(name for name in marked - NOT_PACKAGES if name.isidentifier())


def dotnet_namespace(root: Path) -> str:
    """Return the namespace that a repository's solution is named for, or an empty string."""
    solution = _first(root, "*.slnx") or _first(root, "*.sln")
    return solution.stem if solution else ""


def dotnet_solution(root: Path) -> str:
    """Return the path of the solution that a repository's projects belong to, or an empty string.

    Args:
        root: The folder; the solution stands there, one folder below, or in the nearest folder above.
    """
    marks = ((folder, mark) for folder in _upwards(root) for mark in SOLUTIONS)
    solution = next(filter(None, (_first(folder, mark) for folder, mark in marks)), None)
    return Path(os.path.relpath(solution, root.resolve())).as_posix() if solution else ""


def dotnet_target_framework(root: Path) -> str:
    """Return the target framework that a repository's projects have, so that they can reference the feature's.

    Args:
        root: The repository.

    Returns:
        The framework of the nearest ``Directory.Build.props`` that states one, else the highest among the projects',
        such as ``net8.0``. Frameworks that are too old for the feature's code do not count; without any, the newest.
    """
    shared = [_msbuild_properties(folder / "Directory.Build.props") for folder in _upwards(root)]
    inherited = {name: value for properties in reversed(shared) for name, value in properties.items()}
    stated = filter(None, (_dotnet_version(properties, inherited) for properties in shared))
    projects = (_msbuild_properties(path) for mark in PROJECTS for path in root.glob(mark))
    version = next(stated, 0) or max((_dotnet_version(project, inherited) for project in projects), default=0)
    return f"net{version or NEWEST_DOTNET}.0"


def _msbuild_properties(path: Path) -> dict[str, str]:
    try:
        project = ElementTree.fromstring(_read(path))  # noqa: S314 - the user's own project
    except ElementTree.ParseError:
        return {}
    # Older projects bear a namespace.
    settings = project.iterfind("{*}PropertyGroup/{*}*")
    return {setting.tag.rpartition("}")[2]: (setting.text or "").strip() for setting in settings}


def _dotnet_version(properties: Mapping[str, str], inherited: Mapping[str, str]) -> int:
    """Return the version of .NET that a project is built for, the lowest of several, or 0 for one that is too old."""
    stated = properties.get("TargetFrameworks") or properties.get("TargetFramework") or ""
    known = {**inherited, **properties}
    settled = re.sub(r"\$\((\w+)\)", lambda match: known.get(match[1], ""), stated)
    versions = map(int, re.findall(r"\bnet(\d+)\.0\b", settled))
    return min((version for version in versions if version >= OLDEST_DOTNET), default=0)


def dotnet_test_runner(root: Path) -> str:
    """Name the platform that runs a repository's tests: ``mtp`` where the nearest global.json says so, else ``vstest``.

    One repository's tests all have one (https://learn.microsoft.com/dotnet/core/testing/unit-testing-with-dotnet-test).
    """
    settings = next(filter(None, (_read(folder / "global.json") for folder in _upwards(root))), "")
    stated = JSON_STRING_OR_COMMENT.sub(lambda match: match[1] or "", settings)
    return "mtp" if MTP_RUNNER.search(stated) else "vstest"


def typescript_import_suffix(root: Path) -> str:
    """Return what relative imports must end in, so that a repository's own TypeScript settings accept them.

    Args:
        root: The repository; its ``tsconfig*.json`` are read, since one often extends or refers to another.

    Returns:
        ``.ts`` where the settings allow it or there are none yet; nothing where modules are resolved as bundlers do;
        else ``.js``, which every setting accepts (https://www.typescriptlang.org/tsconfig/#moduleResolution).
    """
    texts = [_read(path) for path in sorted(root.glob("tsconfig*.json"))]
    settings = JSON_STRING_OR_COMMENT.sub(lambda match: match[1] or "", "\n".join(texts))
    if not (root / "tsconfig.json").exists() or TS_IMPORTS.search(settings):
        return ".ts"
    return "" if BARE_IMPORTS.search(settings) else ".js"


def web_framework(root: Path, stack: str) -> str:
    """Name what a feature's api layer is written for in a repository.

    Args:
        root: The repository.
        stack: The feature's stack.

    Returns:
        A key of the stack's row in ``WEB_FRAMEWORKS``, ``NO_FRAMEWORK`` where the api would not fit the repository, or
        an empty string for a stack without such a choice.
    """
    frameworks = WEB_FRAMEWORKS.get(stack)
    if not frameworks:
        return ""
    if not has_manifest(root, stack) and not build_files(root, stack):
        return frameworks.new
    found = DEPENDENCIES[stack](root)
    return next((name for name, shown_by in frameworks.shown_by.items() if shown_by & found), frameworks.otherwise)


def has_manifest(root: Path, stack: str) -> bool:
    """Return whether a repository has a file that shows a stack."""
    return any(_first(root, mark) for name, marks in STACK_MARKS if name == stack for mark in marks)


def lacks(root: Path, stack: str, names: Iterable[str]) -> list[str]:
    """List the packages that a repository does not state as dependencies."""
    found = DEPENDENCIES[stack](root)
    return [name for name in names if name not in found]


def web_frameworks(stack: str) -> list[str]:
    """List what a stack's api layer can be written for, the usual one first; nothing where there is no choice."""
    return WEB_FRAMEWORKS[stack].names() if stack in WEB_FRAMEWORKS else []


def web_framework_problem(framework: object, stack: str) -> str:
    """Return why an api layer cannot be written for a framework, or an empty string."""
    known = web_frameworks(stack)
    return "" if not known or framework in known else f"web_framework must be one of {', '.join(known)} for {stack}."


def python_dependencies(root: Path) -> set[str]:
    """List the distributions that a Python repository depends on, by normalised name (PEP 503)."""
    manifest = _pyproject(root)
    stated = [_at(manifest, *keys) for keys in PYPROJECT_DEPENDENCIES]
    lines = [line for mark in REQUIREMENTS for path in root.glob(mark) for line in _read(path).splitlines()]
    lines += [line for name in ("Pipfile", "setup.cfg") for line in _read(root / name).splitlines()]
    quoted = re.findall(r"""["']([^"'\n]+)["']""", _read(root / "setup.py"))
    requirements = [text.strip() for text in (*_texts(stated), *lines, *quoted)]
    if any(FASTAPI_WITH_SERVER.match(requirement) for requirement in requirements):
        requirements.append("uvicorn")
    names = (REQUIREMENT.match(requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name[1]).lower() for name in names if name}


def package_dependencies(root: Path) -> set[str]:
    """List the packages that a repository's package.json depends on, for whatever purpose."""
    manifest = _package(root)
    tables = (_at(manifest, key) for key in ("dependencies", "devDependencies", "peerDependencies"))
    return {name for table in tables if isinstance(table, dict) for name in table}


def java_dependencies(root: Path) -> set[str]:
    """List the artifacts that a Java repository's build names, without those of a Spring Boot older than 3.

    What a Gradle build takes from its version catalogue is named like the artifact, with dots.
    """
    build = _java_build(root)
    catalogued = {name.replace(".", "-") for name in re.findall(r"\blibs\.([\w.]+)", build)}
    named = catalogued | set(re.findall(r"""(?:<artifactId>\s*|["'][\w.-]+:)([\w.-]+)""", build))
    return {name for name in named if not (name.startswith("spring-boot") and OLD_SPRING_BOOT.search(build))}


def java_lacks(root: Path, layers: Collection[str]) -> list[str]:
    """List the artifacts that a Java repository's build must name before it compiles a feature of these layers."""
    if not _java_build(root):
        return []
    found = java_dependencies(root)
    spring = WEB_FRAMEWORKS["java"].shown_by["spring"]
    lacking = ["spring-boot-starter-web"] if "api" in layers and not found & spring else []
    tested = any(re.match(r"junit-(jupiter|bom)|spring-boot-starter-(.*-)?test", name) for name in found)
    return lacking + ([] if tested else ["spring-boot-starter-test" if "api" in layers else "junit-jupiter"])


def _java_build(root: Path) -> str:
    # A module inherits what the builds above it depend on (https://maven.apache.org/pom.html#Inheritance).
    files = ("pom.xml", "build.gradle", "build.gradle.kts")
    build = "\n".join(_read(folder / name) for folder in _upwards(root) for name in files)
    return re.sub(r"<!--.*?-->", "", build, flags=re.DOTALL).strip()


def java_test_command(root: Path) -> str:
    """Return the command that runs a Java repository's tests, by its own wrapper where it has one."""
    if (root / "pom.xml").exists() or not build_files(root, "java"):
        return "./mvnw test" if (root / "mvnw").exists() else "mvn test"
    return "./gradlew test" if (root / "gradlew").exists() else "gradle test"


def cargo_dependencies(root: Path) -> set[str]:
    """List the crates that a Rust repository's packages depend on, and those that its workspace offers them."""
    tables = [
        table
        for manifest in _cargo_manifests(root)
        for scope in (manifest, _at(manifest, "workspace"), *_tables(_at(manifest, "target")))
        if isinstance(table := _at(scope, "dependencies"), dict)
    ]
    renamed = {_at(details, "package") for table in tables for details in table.values()}
    return {name for table in tables for name in table} | {name for name in renamed if isinstance(name, str)}


def is_cargo_member(root: Path, crate: str) -> bool:
    """Return whether a repository's workspace takes up a crate of its own accord.

    Args:
        root: The repository.
        crate: The crate's path, such as ``crates/orders-domain``.
    """
    if not (root / "Cargo.toml").exists():
        return True
    workspace = _at(_cargo(root / "Cargo.toml"), "workspace")
    included, excluded = (list(_texts(_at(workspace, key))) for key in ("members", "exclude"))
    # A star of a member stands for names of one folder (https://doc.rust-lang.org/cargo/reference/workspaces.html).
    pattern = "|".join(re.escape(member).replace(r"\*", "[^/]*") for member in included)
    return bool(included and re.fullmatch(pattern, crate)) and crate not in excluded


def _cargo_manifests(root: Path) -> Iterator[dict[str, Any]]:
    return (_cargo(path) for mark in CARGO_MANIFESTS for path in root.glob(mark))


def _cargo(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError:
        return {}


def _tables(value: object) -> list[object]:
    return list(value.values()) if isinstance(value, dict) else []


DEPENDENCIES: Mapping[str, Callable[[Path], set[str]]] = {
    "python": python_dependencies,
    "typescript": package_dependencies,
    "java": java_dependencies,
    "rust": cargo_dependencies,
}


def typescript_test_runner(root: Path) -> str:
    """Name what runs a repository's tests.

    Returns:
        ``vitest``, ``jest`` or ``node``. Where nothing does yet, Node's own runner if the repository's build compiles
        the tests too, since it must still pass before anything is installed; else vitest.
    """
    found = package_dependencies(root)
    for runner, shown_by in TEST_RUNNERS.items():
        if shown_by & found:
            return runner
    scripts = _texts(_at(_package(root), "scripts"))
    return "node" if any(map(NODE_TESTS.search, scripts)) or _compiles_tests(root) else "vitest"


def typescript_ui(root: Path) -> str:
    """Name what a repository's user interface is made of: ``react``, or else ``html``."""
    found = package_dependencies(root)
    return "react" if "react" in found and "react-native" not in found else "html"


def _compiles_tests(root: Path) -> bool:
    """Return whether a repository's tsconfig.json has the compiler read what lies below ``tests``."""
    text = JSON_STRING_OR_COMMENT.sub(lambda match: match[1] or "", _read(root / "tsconfig.json"))
    try:
        settings = json.loads(re.sub(r",(\s*[}\]])", r"\1", text))
    except (ValueError, RecursionError):
        return False
    if not isinstance(settings, dict) or any("test" in pattern for pattern in _texts(settings.get("exclude"))):
        return False
    if "include" not in settings:
        return "files" not in settings
    return any(re.match(r"(?:\./)?(?:\*|tests\b|\.$)", pattern) for pattern in _texts(settings["include"]))


def team_defaults(root: Path) -> dict[str, Any]:
    """Read a team's own defaults for the questionnaire.

    Args:
        root: The repository.

    Returns:
        Answers by question name; empty where there is no such file.

    Raises:
        ValueError: The file is not a YAML mapping.
    """
    try:
        defaults = yaml.safe_load(_read(root / TEAM_DEFAULTS)) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{TEAM_DEFAULTS} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(defaults, dict):
        raise ValueError(f"{TEAM_DEFAULTS} must map question names to answers.")
    return defaults


@pass_environment
def usable(environment: Environment, value: object, problem: str) -> object:
    """Keep what a host says only where it can be an answer: a default that is refused leaves nobody room to answer.

    Args:
        environment: The environment, which knows the filter.
        value: What the host says.
        problem: The filter that judges the answer.

    Returns:
        The value, or an empty string.
    """
    return "" if environment.filters[problem](value) else value


def _upwards(root: Path) -> Iterable[Path]:
    """List a folder and those above it up to git's top; the folder alone where it belongs to no git repository."""
    folders = [root.resolve(), *root.resolve().parents]
    top = next((number for number, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    return folders[: top + 1]


def _first(root: Path, pattern: str) -> Path | None:
    return next(iter(sorted(root.glob(pattern))), None)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)


def _pyproject(root: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(root / "pyproject.toml"))
    except tomllib.TOMLDecodeError:
        return {}


def _package(root: Path) -> object:
    try:
        return json.loads(_read(root / "package.json"))
    except (ValueError, RecursionError):
        return None


class HostExtension(Extension):
    """Registers what the host repository says, as Jinja globals that read Copier's destination."""

    def __init__(self, environment: Environment) -> None:
        """Add the globals to an environment."""
        super().__init__(environment)
        self._defaults: dict[Path, dict[str, Any]] = {}
        looks: dict[str, Callable[..., object]] = {
            "host_stack": nearest_stack,
            "host_project_name": project_name,
            "host_go_module": go_module,
            "host_java_group": java_group,
            "host_java_package": java_package,
            "host_java_lacks": java_lacks,
            "host_java_test_command": java_test_command,
            "host_is_cargo_member": is_cargo_member,
            "host_python_package": python_package,
            "host_python_layout": python_layout,
            "host_free_python_package": free_python_package,
            "host_dotnet_namespace": dotnet_namespace,
            "host_dotnet_solution": dotnet_solution,
            "host_dotnet_target_framework": dotnet_target_framework,
            "host_dotnet_test_runner": dotnet_test_runner,
            "host_build_files": build_files,
            "host_typescript_import_suffix": typescript_import_suffix,
            "host_typescript_test_runner": typescript_test_runner,
            "host_typescript_ui": typescript_ui,
            "host_web_framework": web_framework,
            "host_manifest": has_manifest,
            "host_lacks": lacks,
        }
        environment.globals.update({name: _of_destination(look) for name, look in looks.items()})
        environment.globals["team_default"] = self._team_default
        environment.globals["web_frameworks"] = web_frameworks
        environment.filters["usable"] = usable
        environment.filters["web_framework_problem"] = web_framework_problem

    @pass_context
    def _team_default(self, context: Context, key: str, *fallbacks: Any) -> object:
        """Return the team's default for a question as JSON, else the first fallback that is not empty, else nothing.

        A feature that exists already keeps the answers it was made with, so the team's later defaults do not reach it.
        """
        root = _destination(context)
        if "locked" not in context:
            if root not in self._defaults:
                self._defaults[root] = team_defaults(root)
            if key in self._defaults[root]:
                value = self._defaults[root][key]
                return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        # Copier's name for "this question has no default".
        return next((fallback for fallback in fallbacks if fallback), fallbacks[-1] if fallbacks else context["UNSET"])


def _destination(context: Context) -> Path:
    return Path(context["_copier_conf"]["dst_path"])


def _of_destination(look: Callable[..., object]) -> Callable[..., object]:
    @pass_context
    def look_there(context: Context, *arguments: Any) -> object:
        return look(_destination(context), *arguments)

    return look_there
