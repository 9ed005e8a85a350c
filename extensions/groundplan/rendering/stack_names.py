"""What a stack's own names must look like: modules, packages, namespaces.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

from .naming import flat, snake, transliterated
from .quoting import shown
from .reserved import RESERVED, reserved_problem

# A part of a module path neither begins nor ends with a dot.
GO_MODULE = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9._~-]*[A-Za-z0-9_~-])?(/[A-Za-z0-9_~-]([A-Za-z0-9._~-]*[A-Za-z0-9_~-])?)*"
)
PYTHON_PACKAGE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
JAVA_GROUP = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
# A part that begins in lower case has a capital, so that it is not a keyword: eShop.
DOTNET_NAMESPACE = re.compile(r"{0}(\.{0})*".format(r"([A-Z][A-Za-z0-9_]*|[a-z][a-z0-9]*[A-Z][A-Za-z0-9]*)"))
OLDEST_DOTNET = 8


def java_package(group: str, project_slug: str, host_package: str = "") -> str:
    """Return the package that features go below: the host's own, else the group and the project's name.

    The name stands in the package as its slug without hyphens, never as a reserved form or with a leading digit, and
    not a second time where the group ends in it.

    Args:
        group: The Java group.
        project_slug: The slug of the project's name.
        host_package: The package of the host's application, if it has one; another group than its own outweighs it.
    """
    if f"{host_package}.".startswith(f"{group}.") and not java_group_problem(host_package):
        return host_package
    part = flat(project_slug)
    if group.rsplit(".", maxsplit=1)[-1] == part:
        return group
    taken = {name for row in RESERVED["java"] for name in row.names}
    return f"{group}.app{part}" if not part[:1].isalpha() or part in taken else f"{group}.{part}"


def go_module_problem(module: object) -> str:
    """Return why a text is not a Go module path (https://go.dev/ref/mod#module-path), or an empty string."""
    if isinstance(module, str) and len(module) <= 200 and GO_MODULE.fullmatch(module):
        return "Leave “vendor” out: it cannot be part of a Go module path." if "vendor" in module.split("/") else ""
    return f"Use an address like example.com/shop: {shown(module)} is not a Go module path."


def python_package_problem(package: object) -> str:
    """Return why a text cannot name a Python import package, or an empty string."""
    if not isinstance(package, str) or not PYTHON_PACKAGE.fullmatch(package) or len(package) > 40:
        return f"Use a–z, 0–9 and single underscores: {shown(package)} is not an import package like acme_shop."
    if package in sys.stdlib_module_names:
        return f"Try “app_{package}”: “{package}” is a module of Python's standard library and hides ours."
    return reserved_problem(package.replace("_", "-"), "python")


def java_group_problem(group: object) -> str:
    """Return why a text is not a Java group, or an empty string."""
    if not isinstance(group, str) or not JAVA_GROUP.fullmatch(group) or len(group) > 100:
        return f"Use names like com.example: {shown(group)} is not a Java group, lower-case names joined by dots."
    if group.split(".")[0] == "java":
        return f"Use names like com.example: {shown(group)} is not a Java group; Java keeps those below java."
    return next(filter(None, (reserved_problem(part, "java") for part in group.split("."))), "")


def dotnet_namespace_problem(namespace: object) -> str:
    """Return why a text is not a .NET root namespace, or an empty string."""
    if not isinstance(namespace, str) or not DOTNET_NAMESPACE.fullmatch(namespace) or len(namespace) > 100:
        return f"Use names like Acme.Shop: {shown(namespace)} is not a root namespace in Pascal case."
    for row in RESERVED["dotnet"]:
        for part in namespace.split("."):
            if part in row.names:
                return f"Try “{part}App”: “{part}” cannot be part of a root namespace, since {row.why}."
    return ""


def dotnet_target_framework_problem(framework: object) -> str:
    """Return why the .NET tree cannot be built for a target framework, or an empty string."""
    match = re.fullmatch(r"net([1-9][0-9]?)\.0", framework) if isinstance(framework, str) else None
    if match and int(match[1]) >= OLDEST_DOTNET:
        return ""
    return f"Use net{OLDEST_DOTNET}.0 or a later one: {shown(framework)} is not a target framework of the .NET tree."


def python_package(project_slug: str) -> str:
    """Return the import package a project's name suggests."""
    part = snake(project_slug)[:36].rstrip("_")
    return f"app_{part}".rstrip("_") if not part[:1].isalpha() or python_package_problem(part) else part


def dotnet_namespace(project_name: str) -> str:
    """Return the root namespace a project's or a solution's name suggests: its dotted words joined, capitals kept."""
    words_by_part = (transliterated(part, lowercase=False).split("-") for part in str(project_name).split("."))
    parts = ["".join(word[:1].upper() + word[1:] for word in part) for part in words_by_part]
    kept = [part if part[0].isalpha() else f"App{part}" for part in parts if part]
    taken = {name for row in RESERVED["dotnet"] for name in row.names}
    return ".".join(f"{part}App" if part in taken else part for part in kept)[:100].rstrip(".") or "App"


class StackNamesExtension(Extension):
    """Registers this module's functions as Jinja filters."""

    def __init__(self, environment: Environment) -> None:
        """Add the filters to an environment."""
        super().__init__(environment)
        filters: dict[str, Callable[..., Any]] = {
            "go_module_problem": go_module_problem,
            "python_package_problem": python_package_problem,
            "java_group_problem": java_group_problem,
            "dotnet_namespace_problem": dotnet_namespace_problem,
            "dotnet_target_framework_problem": dotnet_target_framework_problem,
            "java_package_name": java_package,
            "python_package_name": python_package,
            "dotnet_namespace_name": dotnet_namespace,
        }
        environment.filters.update(filters)
