"""Which files of a repository the questionnaire looks at.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

from jinja2 import Environment, pass_environment
from jinja2.ext import Extension

from .dotnet import PROJECTS, SOLUTIONS
from .frameworks import LOCK_FILES, TEST_SETTINGS
from .manifests import CARGO_MANIFESTS
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
    *LOCK_FILES.values(),
    *SOLUTIONS,
    *PROJECTS,
    "Directory.Build.props",
    "global.json",
    TEAM_DEFAULTS,
)
# The files among them that count for the folders below them too, up to git's top.
LOOKED_AT_ABOVE = tuple(mark for mark in LOOKED_AT if "/" not in mark)


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
    """Registers as a filter what of the host can be an answer."""

    def __init__(self, environment: Environment) -> None:
        """Add the filter to an environment."""
        super().__init__(environment)
        environment.filters["usable"] = usable
