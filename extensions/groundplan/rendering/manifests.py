"""What the manifests of a repository say, read leniently: what is not there or cannot be read says nothing.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

REQUIREMENTS = ("requirements*.txt", "requirements/*.txt")
CARGO_MANIFESTS = ("Cargo.toml", "*/Cargo.toml", "*/*/Cargo.toml")
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
# A string, or a comment.
JSON_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
JUPITER = re.compile(r"junit-(jupiter|bom)|spring-boot-starter-(.*-)?test$")
SPRING_TEST = re.compile(r"spring-boot-starter-(.*-)?test$")
# The release that a Maven or Gradle build compiles for; until Java 8 it was written 1.8.
JAVA_RELEASE = re.compile(
    r"""(?:<(?:maven\.compiler\.(?:release|source|target)|java\.version|release|source|target)>\s*
    |\b(?:sourceCompatibility|targetCompatibility|options\.release)\s*(?:=|\.set\()?\s*["']?(?:JavaVersion\.VERSION_)?
    |\bJavaLanguageVersion\.of\(\s*|\bjvmToolchain\(\s*)(?:1[._])?(\d+)\b""",
    re.VERBOSE,
)
OLDEST_JAVA = 17
SPRING_WEB = frozenset({"spring-boot-starter-web", "spring-boot-starter-webmvc"})


def python_dependencies(root: Path) -> set[str]:
    """List the distributions that a Python repository depends on, by normalised name (PEP 503)."""
    manifest = toml(root / "pyproject.toml")
    stated = [value_at(manifest, *keys) for keys in PYPROJECT_DEPENDENCIES]
    lines = [line for mark in REQUIREMENTS for path in root.glob(mark) for line in read(path).splitlines()]
    lines += [line for name in ("Pipfile", "setup.cfg") for line in read(root / name).splitlines()]
    quoted = re.findall(r"""["']([^"'\n]+)["']""", read(root / "setup.py"))
    requirements = [text.strip() for text in (*texts_in(stated), *lines, *quoted)]
    if any(FASTAPI_WITH_SERVER.match(requirement) for requirement in requirements):
        requirements.append("uvicorn")
    names = (REQUIREMENT.match(requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name[1]).lower() for name in names if name}


def package_dependencies(root: Path) -> set[str]:
    """List the packages that a repository's package.json depends on, for whatever purpose."""
    manifest = package_json(root)
    tables = (value_at(manifest, key) for key in ("dependencies", "devDependencies", "peerDependencies"))
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
    lacking = ["spring-boot-starter-web"] if "api" in layers and not found & SPRING_WEB else []
    needed = SPRING_TEST if "api" in layers else JUPITER
    tested = any(needed.match(name) for name in found)
    return lacking + ([] if tested else ["spring-boot-starter-test" if "api" in layers else "junit-jupiter"])


def java_test_root(root: Path, layers: Collection[str]) -> str:
    """Return where a feature's tests go: until a build has JUnit 5 or 6, where it compiles nothing by itself."""
    lacking = {"junit-jupiter", "spring-boot-starter-test"}.intersection(java_lacks(root, layers))
    return "src/junit/java" if lacking else "src/test/java"


def is_for_old_java(root: Path) -> bool:
    """Return whether a repository's build asks for a Java that knows no records, older than the code needs."""
    releases = [int(match[1]) for match in JAVA_RELEASE.finditer(_java_build(root))]
    return bool(releases) and max(releases) < OLDEST_JAVA


def _java_build(root: Path) -> str:
    # A module inherits what the builds above it depend on (https://maven.apache.org/pom.html#Inheritance).
    files = ("pom.xml", "build.gradle", "build.gradle.kts")
    build = "\n".join(read(folder / name) for folder in upwards(root) for name in files)
    return re.sub(r"<!--.*?-->", "", build, flags=re.DOTALL).strip()


def cargo_dependencies(root: Path) -> set[str]:
    """List the crates that a Rust repository's packages depend on, and those that its workspace offers them."""
    tables = [
        table
        for manifest in _cargo_manifests(root)
        for scope in (manifest, value_at(manifest, "workspace"), *_tables(value_at(manifest, "target")))
        if isinstance(table := value_at(scope, "dependencies"), dict)
    ]
    renamed = {value_at(details, "package") for table in tables for details in table.values()}
    return {name for table in tables for name in table} | {name for name in renamed if isinstance(name, str)}


def is_cargo_member(root: Path, crate: str) -> bool:
    """Return whether a repository's workspace takes up a crate of its own accord.

    Args:
        root: The repository.
        crate: The crate's path, such as `crates/orders-domain`.
    """
    if not (root / "Cargo.toml").exists():
        return True
    workspace = value_at(toml(root / "Cargo.toml"), "workspace")
    included, excluded = (list(texts_in(value_at(workspace, key))) for key in ("members", "exclude"))
    # A star of a member stands for names of one folder (https://doc.rust-lang.org/cargo/reference/workspaces.html).
    pattern = "|".join(re.escape(member).replace(r"\*", "[^/]*") for member in included)
    return bool(included and re.fullmatch(pattern, crate)) and crate not in excluded


def _cargo_manifests(root: Path) -> Iterator[dict[str, Any]]:
    return (toml(path) for mark in CARGO_MANIFESTS for path in root.glob(mark))


def _tables(value: object) -> list[object]:
    return list(value.values()) if isinstance(value, dict) else []


DEPENDENCIES: Mapping[str, Callable[[Path], set[str]]] = {
    "python": python_dependencies,
    "typescript": package_dependencies,
    "java": java_dependencies,
    "rust": cargo_dependencies,
}


def lacks(root: Path, stack: str, names: Iterable[str]) -> list[str]:
    """List the packages that a repository does not state as dependencies."""
    found = DEPENDENCIES[stack](root)
    return [name for name in names if name not in found]


def upwards(root: Path) -> Iterable[Path]:
    """List a folder and those above it up to git's top; the folder alone where it belongs to no git repository."""
    folders = [root.resolve(), *root.resolve().parents]
    top = next((number for number, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    return folders[: top + 1]


def first_match(root: Path, pattern: str) -> Path | None:
    """Return the first file of a folder that matches a pattern, by name, if there is one."""
    return next(iter(sorted(root.glob(pattern))), None)


def read(path: Path) -> str:
    """Return the text of a file; empty where there is none that can be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def without_comments(text: str) -> str:
    """Return JSON with comments, as tsconfig.json and global.json have them, without these."""
    return JSON_STRING_OR_COMMENT.sub(lambda match: match[1] or "", text)


def value_at(value: object, *keys: str) -> object:
    """Return what nested mappings hold below these keys, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def texts_in(value: object) -> Iterator[str]:
    """Return every text in nested mappings and lists, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from texts_in(list(value.values()))
    elif isinstance(value, list):
        for below in value:
            yield from texts_in(below)


def toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds; empty where it says nothing."""
    try:
        return tomllib.loads(read(path))
    except tomllib.TOMLDecodeError:
        return {}


def package_json(root: Path) -> object:
    """Return what package.json holds, or None."""
    try:
        return json.loads(read(root / "package.json"))
    except (ValueError, RecursionError):
        return None


def destination(context: Context) -> Path:
    """Return the folder that Copier renders into."""
    return Path(context["_copier_conf"]["dst_path"])


def of_destination(**looks: Callable[..., object]) -> dict[str, Callable[..., object]]:
    """Return functions of a repository, by name, as functions of the render context: they look at its destination."""
    return {name: _of_destination(look) for name, look in looks.items()}


def _of_destination(look: Callable[..., object]) -> Callable[..., object]:
    @pass_context
    def look_there(context: Context, *arguments: Any) -> object:
        return look(destination(context), *arguments)

    return look_there


class ManifestsExtension(Extension):
    """Registers what dependencies say, as Jinja globals that read Copier's destination."""

    def __init__(self, environment: Environment) -> None:
        """Add the globals to an environment."""
        super().__init__(environment)
        environment.globals.update(
            of_destination(
                host_lacks=lacks,
                host_java_lacks=java_lacks,
                host_java_test_root=java_test_root,
                host_is_cargo_member=is_cargo_member,
            )
        )
