"""What the host's own code is called, so that no feature of the same name hides it or mixes with it.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from .host import PLAN_ROOT
from .manifests import destination
from .naming import flat, pascal, snake

# The form of a slug that names a feature's code in a stack.
FORMS: Mapping[str, Callable[[str], str]] = {
    "dotnet": pascal,
    "go": flat,
    "java": flat,
    "python": snake,
    "rust": str,
    "typescript": str,
}
# What tools write or fetch is not the host's own.
FOREIGN_FOLDERS = frozenset({"bin", "obj", "node_modules", "target"})
# What other code imports by its name without the suffix.
MODULES = {
    "java": frozenset({".java", ".kt", ".groovy", ".scala"}),
    "python": frozenset({".py", ".pyi", ".pyx", ".pyd", ".so"}),
    "typescript": frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"}),
}
CRATE = re.compile(r"(?P<feature>.+)-(?:domain|application|api|ui|e2e)")
CS_NAMESPACE = re.compile(r"^[ \t]*namespace[ \t]+([\w.]+)", re.MULTILINE)
CS_TYPE = re.compile(
    r"^[ \t]*(?:\[[^\]\n]*\][ \t]*)*"
    r"(?:(?:public|internal|private|protected|file|static|sealed|abstract|partial|readonly|ref|unsafe)[ \t]+)*"
    r"(?:class|struct|interface|enum|record(?:[ \t]+(?:class|struct))?)[ \t]+(\w+)",
    re.MULTILINE,
)


def host_names(root: Path, stack: str, answers: Mapping[str, Any]) -> dict[str, str]:
    """List the names in a host's own code that a feature's code must not have.

    Args:
        root: The repository.
        stack: The feature's stack.
        answers: What else was answered; the stack's own answer counts.

    Returns:
        What bears each name, and where; empty for a stack in which nothing can be hidden.
    """
    names = NAMES.get(stack)
    return dict(names(root, answers)) if names else {}


def _go_names(root: Path, _: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((path.name, f"the package internal/{path.name}") for path in sorted(root.glob("internal/*/")))


def _java_names(root: Path, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    package = str(answers["java_package"]).replace(".", "/")
    for folder in sorted(root.glob(f"src/*/*/{package}")):
        yield from _modules(root, folder.relative_to(root).as_posix(), MODULES["java"])


def _python_names(root: Path, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    folder = "src/" * (answers["python_layout"] == "src") + str(answers["python_package"])
    return _modules(root, folder, MODULES["python"])


def _typescript_names(root: Path, _: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return _modules(root, "src/features", MODULES["typescript"])


def _modules(root: Path, folder: str, suffixes: frozenset[str]) -> Iterator[tuple[str, str]]:
    for path in sorted((root / folder).glob("*")):
        if path.is_dir() and any(file.is_file() and file.suffix in suffixes for file in path.rglob("*")):
            yield path.name, f"the folder {folder}/{path.name}"
        elif path.suffix in suffixes:
            yield path.name.split(".")[0], f"the module {folder}/{path.name}"


def _rust_names(root: Path, _: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    # Cargo lets one workspace have no two packages of one name, nor the compiler two libraries of one.
    for path in _files(root, "Cargo.toml"):
        if crate := CRATE.fullmatch(_crate(path).replace("_", "-")):
            yield crate["feature"], f"the crate {crate[0]} in {path.parent.relative_to(root).as_posix()}"


def _crate(manifest: Path) -> str:
    try:
        return str(tomllib.loads(manifest.read_text("utf-8-sig"))["package"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _dotnet_names(root: Path, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    below = re.compile(rf"{re.escape(str(answers['dotnet_namespace']))}\.(\w+)")
    features = {FORMS["dotnet"](path.name) for path in root.glob(f"{PLAN_ROOT}/*/")}
    for path in _files(root, ".cs"):
        place = path.relative_to(root)
        # Other features' projects see nothing of this one's.
        if place.parts[0] in {"src", "tests"} and place.parts[1].partition(".")[0] in features:
            continue
        text = path.read_text("utf-8-sig", "replace")
        yield from ((name, f"the type {name} in {place.as_posix()}") for name in CS_TYPE.findall(text))
        for found in filter(None, map(below.match, CS_NAMESPACE.findall(text))):
            yield found[1], f"the namespace {found[0]} in {place.as_posix()}"


NAMES: Mapping[str, Callable[[Path, Mapping[str, Any]], Iterator[tuple[str, str]]]] = {
    "dotnet": _dotnet_names,
    "go": _go_names,
    "java": _java_names,
    "python": _python_names,
    "rust": _rust_names,
    "typescript": _typescript_names,
}


def _files(root: Path, suffix: str) -> Iterator[Path]:
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name not in FOREIGN_FOLDERS and not name.startswith("."))
        paths = (Path(folder, name) for name in sorted(names) if name.endswith(suffix))
        yield from (path for path in paths if path.is_file() and not path.is_symlink())


def shadow_problem(slug: str, stack: str, names: Mapping[str, str]) -> str:
    """Return what of the host's own a feature's code would hide or mix with, and a slug that works; empty if nothing.

    Args:
        slug: The feature's slug.
        stack: Its stack.
        names: As `host_names` lists them.
    """
    if not names or (taken := names.get(FORMS[stack](slug))) is None:
        return ""
    free = f"{slug[:32].rstrip('-')}-feature"
    number = 2
    while FORMS[stack](free) in names:
        free, number = f"{slug[:30].rstrip('-')}-feature{number}", number + 1
    return f"Try the name “{free}”: “{slug}” is that of {taken}, which the feature's code would hide or mix with."


@pass_context
def shadowed(context: Context) -> str:
    """Judge a feature whose tree is about to be generated, as `shadow_problem` does."""
    root, stack = destination(context), context["stack"]
    return shadow_problem(context["feature_slug"], stack, host_names(root, stack, context.get_all()))


class ShadowsExtension(Extension):
    """Registers the judgement as a Jinja global."""

    def __init__(self, environment: Environment) -> None:
        """Add the global to an environment."""
        super().__init__(environment)
        environment.globals["shadowed"] = shadowed
