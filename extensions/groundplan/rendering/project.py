"""What a repository's own code is called: its project, modules and packages.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from jinja2 import Environment
from jinja2.ext import Extension

from .manifests import first_match, of_destination, package_json, read, toml
from .stacks import go_mod, python_packages

HELPERS = frozenset({"setup.py", "conftest.py", "noxfile.py"})
# Where people put the class that Spring Boot starts.
JAVA_APPLICATIONS = ("src/main/java/**/*App*.java", "src/main/java/**/Main.java", "src/main/kotlin/**/*App*.kt")


def project_name(root: Path) -> str:
    """Return the name that a repository's manifest states, or else the name of its folder."""
    for manifest in (toml(root / "pyproject.toml").get("project"), package_json(root)):
        name = manifest.get("name") if isinstance(manifest, dict) else None
        if isinstance(name, str) and name:
            return name
    return root.resolve().name


def go_module(root: Path) -> str:
    """Return the import path of a folder by the nearest go.mod, or an empty string.

    The module's path, and below it the folder's (https://go.dev/ref/mod#modules-overview).
    """
    manifest = go_mod(root)
    match = re.search(r'^module\s+"?([^\s"]+)', read(manifest), re.MULTILINE) if manifest else None
    return "/".join([match[1], *root.resolve().relative_to(manifest.parent).parts]) if match and manifest else ""


def java_package(root: Path) -> str:
    """Return the package of a repository's Spring Boot application, or an empty string.

    Spring looks for components in that package and below it alone
    (https://docs.spring.io/spring-boot/reference/using/structuring-your-code.html).
    """
    for path in (path for mark in JAVA_APPLICATIONS for path in sorted(root.glob(mark))):
        source = read(path)
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
        project = ElementTree.fromstring(read(root / "pom.xml"))  # noqa: S314 - the user's own manifest
    except ElementTree.ParseError:
        scripts = read(root / "build.gradle") + read(root / "build.gradle.kts")
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
        The one package below `src`, else the one in the root, or the project's where there are several; an empty
        string where there is none.
    """
    for folder in ("src", "."):
        packages = python_packages(root / folder)
        if packages:
            return packages[0] if len(packages) == 1 else project if project in packages else ""
    return ""


def python_layout(root: Path, package: str) -> str:
    """Return where an import package stands, or would stand among a repository's own code.

    Returns:
        `src` or `flat`; `src` in a repository without Python code
        (https://packaging.python.org/en/latest/discussions/src-layout-vs-flat-layout/).
    """
    for layout, folder in (("src", root / "src"), ("flat", root)):
        if (folder / package).is_dir() or python_packages(folder):
            return layout
    return "flat" if any(path.name not in HELPERS for path in root.glob("*.py")) else "src"


def free_python_package(root: Path, package: str) -> str:
    """Return a package's name, or another where a module in the repository's root has that name already."""
    return f"{package}_features" if (root / f"{package}.py").exists() else package


def dotnet_namespace(root: Path) -> str:
    """Return the namespace that a repository's solution is named for, or an empty string."""
    solution = first_match(root, "*.slnx") or first_match(root, "*.sln")
    return solution.stem if solution else ""


class ProjectExtension(Extension):
    """Registers these names, as Jinja globals that read Copier's destination."""

    def __init__(self, environment: Environment) -> None:
        """Add the globals to an environment."""
        super().__init__(environment)
        environment.globals.update(
            of_destination(
                host_project_name=project_name,
                host_go_module=go_module,
                host_java_group=java_group,
                host_java_package=java_package,
                host_python_package=python_package,
                host_python_layout=python_layout,
                host_free_python_package=free_python_package,
                host_dotnet_namespace=dotnet_namespace,
            )
        )
