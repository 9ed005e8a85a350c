"""What a team answers for its whole repository, and which files of a repository the questionnaire looks at.

Copier loads this file by its path; ``rendering/__init__.py`` says what it may import.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, pass_context, pass_environment
from jinja2.ext import Extension
from jinja2.runtime import Context

from .dotnet import PROJECTS, SOLUTIONS
from .frameworks import TEST_SETTINGS
from .manifests import CARGO_MANIFESTS, destination, read
from .project import JAVA_APPLICATIONS
from .stacks import PACKAGE_MARKS, STACK_MARKS

PLAN_ROOT = "docs/plan_docs"
TEAM_DEFAULTS = f"{PLAN_ROOT}/defaults.yml"
# Every file that the questionnaire looks at, for whoever shows a scratch folder as if it were the repository.
LOOKED_AT = (
    *(mark for _, marks in STACK_MARKS for mark in marks),
    *CARGO_MANIFESTS,
    *JAVA_APPLICATIONS,
    "mvnw",
    "gradlew",
    "*.py",
    *(f"{folder}*/{mark}" for folder in ("", "src/") for mark in PACKAGE_MARKS),
    "tsconfig*.json",
    *TEST_SETTINGS,
    *SOLUTIONS,
    *PROJECTS,
    "Directory.Build.props",
    "global.json",
    TEAM_DEFAULTS,
)
# The files among them that count for the folders below them too, up to git's top.
LOOKED_AT_ABOVE = tuple(mark for mark in LOOKED_AT if "/" not in mark)


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
        defaults = yaml.safe_load(read(root / TEAM_DEFAULTS)) or {}
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


class HostExtension(Extension):
    """Registers the team's defaults as a Jinja global, and as a filter what of the host can be an answer."""

    def __init__(self, environment: Environment) -> None:
        """Add both to an environment."""
        super().__init__(environment)
        self._defaults: dict[Path, dict[str, Any]] = {}
        environment.globals["team_default"] = self._team_default
        environment.filters["usable"] = usable

    @pass_context
    def _team_default(self, context: Context, key: str, *fallbacks: Any) -> object:
        """Return the team's default for a question as JSON, else the first fallback that is not empty, else nothing.

        A feature that exists already keeps the answers it was made with, so the team's later defaults do not reach it.
        """
        root = destination(context)
        if "locked" not in context:
            if root not in self._defaults:
                self._defaults[root] = team_defaults(root)
            if key in self._defaults[root]:
                value = self._defaults[root][key]
                return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        # Copier's name for "this question has no default".
        return next((fallback for fallback in fallbacks if fallback), fallbacks[-1] if fallbacks else context["UNSET"])
