"""What every test may use, and the list of stacks that a run had to skip."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from plumbum import local
from support.finished_plans import copy_of, finished_project
from support.rendering import snapshot
from support.shared_templates import shared_templates

MEMORY = Path("/dev/shm")
RUN_BYTES = 4_000_000_000

# Nothing here depends on how quick a machine is, or how busy.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def _is_memory(place: Path) -> bool:
    """Return whether a place for temporary files is in memory, with room for a run, and lets programs be run."""
    if not os.access(place, os.W_OK) or shutil.disk_usage(place).free < RUN_BYTES:
        return False
    return not os.statvfs(place).f_flag & os.ST_NOEXEC


# Tests make and remove some hundred thousand folders; on many disks that takes longer than what they test.
if "TMPDIR" not in os.environ and _is_memory(MEMORY):
    os.environ["TMPDIR"] = local.env["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# Who runs these tests trusts the template: Copier's settings say so once for all that is started here.
for environment in (os.environ, local.env):
    environment["COPIER_SETTINGS_PATH"] = str(Path(__file__).parent / "support/copier-settings.yml")

# What shows that the command which builds each stack's tree is there and works; a proxy may be on the path without a
# tool chain behind it. Python builds its own tree with the interpreter that runs the tests.
TOOL_CHAINS = {
    "dotnet": ("dotnet", "--version"),
    "go": ("go", "version"),
    "java": ("mvn", "--version"),
    "rust": ("cargo", "--version"),
    "typescript": ("npm", "--version"),
}


@pytest.fixture(scope="session", autouse=True)
def _quick_copier() -> Iterator[None]:
    with shared_templates():
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as it stands, tagged v1.0.0 in a git repository of its own. Do not write into it."""
    return snapshot(tmp_path_factory.mktemp("template") / "groundplan")


@pytest.fixture(scope="session")
def finished(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one plan in progress that has no defect. Do not write into it."""
    return finished_project(template, tmp_path_factory.mktemp("finished") / "shop")


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """The same to write into."""
    return copy_of(finished, tmp_path / "shop")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tool chain the machine lacks, naming it."""
    for marker in item.iter_markers("stack"):
        (stack,) = marker.args
        if not has_tool_chain(stack):
            pytest.skip(f"stack {stack}: {TOOL_CHAINS[stack][0]} is missing or does not run")


@cache
def has_tool_chain(stack: str) -> bool:
    """Return whether the machine can build a stack's tree."""
    try:
        return (
            stack not in TOOL_CHAINS
            or not subprocess.run(TOOL_CHAINS[stack], capture_output=True, check=False).returncode
        )
    except OSError:
        return False


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report at a run's end which tests of stacks were skipped, and why."""
    skipped = {_skip(report) for report in terminalreporter.stats.get("skipped", []) if _stack_of(report.nodeid)}
    if skipped:
        terminalreporter.section("skipped stacks")
        terminalreporter.write_line("\n".join(sorted(skipped)))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped a stack although the machine has its tool chain: nothing may hide behind a skip."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    for report in reporter.stats.get("skipped", []) if reporter else ():
        if _stack_of(report.nodeid) and has_tool_chain(_stack_of(report.nodeid)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _stack_of(nodeid: str) -> str:
    """Name the stack that a test belongs to: `go` for `tests/stacks/test_go.py::test_name`."""
    path = Path(nodeid.partition("::")[0])
    return path.stem.removeprefix("test_") if path.parent.name == "stacks" else ""


def _skip(report: pytest.TestReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return f"{report.nodeid}: {reason.removeprefix('Skipped: ')}"
