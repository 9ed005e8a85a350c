"""What a .NET repository's own solution and projects ask of the feature's.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from jinja2 import Environment
from jinja2.ext import Extension

from .manifests import first_match, of_destination, read, upwards, without_comments
from .stack_names import OLDEST_DOTNET

# Where the solutions and projects of a .NET repository stand that its stack is not told by.
SOLUTIONS = ("*.slnx", "*.sln", "*/*.slnx", "*/*.sln")
PROJECTS = ("*.csproj", "*/*.csproj", "*/*/*.csproj", "src/*/*/*.csproj", "src/*/*/*/*.csproj")
# The version of .NET of a new repository.
NEWEST_DOTNET = 10
MTP_RUNNER = re.compile(r'"runner"\s*:\s*"Microsoft\.Testing\.Platform"', re.IGNORECASE)


def dotnet_solution(root: Path) -> str:
    """Return the path of the solution that a repository's projects belong to, or an empty string.

    Args:
        root: The folder; the solution stands there, one folder below, or in the nearest folder above.
    """
    marks = ((folder, mark) for folder in upwards(root) for mark in SOLUTIONS)
    solution = next(filter(None, (first_match(folder, mark) for folder, mark in marks)), None)
    return Path(os.path.relpath(solution, root.resolve())).as_posix() if solution else ""


def dotnet_target_framework(root: Path) -> str:
    """Return the target framework that a repository's projects have, so that they can reference the feature's.

    Args:
        root: The repository.

    Returns:
        The framework of the nearest `Directory.Build.props` that states one, else the highest among the projects',
        such as `net8.0`. Frameworks that are too old for the feature's code do not count; without any, the newest.
    """
    shared = [_msbuild_properties(folder / "Directory.Build.props") for folder in upwards(root)]
    inherited = {name: value for properties in reversed(shared) for name, value in properties.items()}
    stated = filter(None, (_dotnet_version(properties, inherited) for properties in shared))
    projects = (_msbuild_properties(path) for mark in PROJECTS for path in root.glob(mark))
    version = next(stated, 0) or max((_dotnet_version(project, inherited) for project in projects), default=0)
    return f"net{version or NEWEST_DOTNET}.0"


def _msbuild_properties(path: Path) -> dict[str, str]:
    try:
        project = ElementTree.fromstring(read(path))  # noqa: S314 - the user's own project
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
    """Name the platform that runs a repository's tests: `mtp` where the nearest global.json says so, else `vstest`.

    One repository's tests all have one (https://learn.microsoft.com/dotnet/core/testing/unit-testing-with-dotnet-test).
    """
    settings = next(filter(None, (read(folder / "global.json") for folder in upwards(root))), "")
    return "mtp" if MTP_RUNNER.search(without_comments(settings)) else "vstest"


class DotnetExtension(Extension):
    """Registers what they ask, as Jinja globals that read Copier's destination."""

    def __init__(self, environment: Environment) -> None:
        """Add the globals to an environment."""
        super().__init__(environment)
        environment.globals.update(
            of_destination(
                host_dotnet_solution=dotnet_solution,
                host_dotnet_target_framework=dotnet_target_framework,
                host_dotnet_test_runner=dotnet_test_runner,
            )
        )
