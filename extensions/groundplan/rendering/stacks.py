"""Which stack a repository's files show, and what builds its code.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import os
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import Extension

from .manifests import REQUIREMENTS, first_match, is_for_old_java, of_destination, package_dependencies, upwards

# Files that build a stack's code without the root manifest that a first feature would bring.
BUILD_FILES = {
    "python": ("setup.py", "setup.cfg", *REQUIREMENTS, "Pipfile", "pytest.ini", "tox.ini", "src/setup.py"),
    "typescript": ("package.json", "tsconfig*.json"),
    "java": ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"),
}
# What shows a Python package; the second where a web application has no __init__.py.
PACKAGE_MARKS = ("__init__.py", "main.py")
# Folders that stand beside a package in the root and are not packages, and modules that only build or test.
NOT_PACKAGES = frozenset(
    "src test tests testing docs doc examples scripts tools benchmarks build dist migrations".split()
)
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


def detect_stack(root: Path) -> str:
    """Name the stack whose files stand in a repository, or give an empty string."""
    found = (stack for stack, marks in STACK_MARKS if any(_shows_stack(root, stack, mark) for mark in marks))
    return next(found, "")


def nearest_stack(root: Path) -> str:
    """Name the stack of a folder, or else of the nearest one above that shows one; an empty string without any."""
    return next(filter(None, map(detect_stack, upwards(root))), "")


def _shows_stack(root: Path, stack: str, mark: str) -> bool:
    # JavaScript without TypeScript is not a stack of ours, nor is a Java that does not compile our code.
    if not first_match(root, mark) or (stack == "java" and is_for_old_java(root)):
        return False
    return mark != "package.json" or "typescript" in package_dependencies(root)


def has_manifest(root: Path, stack: str) -> bool:
    """Return whether a repository has a file that shows a stack."""
    return any(first_match(root, mark) for name, marks in STACK_MARKS if name == stack for mark in marks)


def build_files(root: Path, stack: str) -> list[str]:
    """List the files that build a stack's code in a repository in their own way, or code that nothing builds."""
    found = [mark for mark in BUILD_FILES.get(stack, ()) if first_match(root, mark)]
    if stack == "python":
        found += [path.name for path in root.glob("*.py")] + python_packages(root)
    if stack == "go" and (above := go_mod(root)) and above.parent != root.resolve():
        found.append(os.path.relpath(above, root.resolve()))
    return found


def go_mod(root: Path) -> Path | None:
    """Return the nearest go.mod of a folder or those above it, if there is one."""
    return next((path for folder in upwards(root) if (path := folder / "go.mod").is_file()), None)


def python_packages(folder: Path) -> list[str]:
    """List the import packages that stand in a folder."""
    marked = {path.parent.name for mark in PACKAGE_MARKS for path in folder.glob(f"*/{mark}")}
    return sorted(name for name in marked - NOT_PACKAGES if name.isidentifier())


def java_test_command(root: Path) -> str:
    """Return the command that runs a Java repository's tests, by its own wrapper where it has one."""
    if (root / "pom.xml").exists() or not build_files(root, "java"):
        return "./mvnw test" if (root / "mvnw").exists() else "mvn test"
    return "./gradlew test" if (root / "gradlew").exists() else "gradle test"


class StacksExtension(Extension):
    """Registers what they show, as Jinja globals that read Copier's destination."""

    def __init__(self, environment: Environment) -> None:
        """Add the globals to an environment."""
        super().__init__(environment)
        environment.globals.update(
            of_destination(
                host_stack=nearest_stack,
                host_manifest=has_manifest,
                host_build_files=build_files,
                host_java_test_command=java_test_command,
            )
        )
