"""What the command imports before it does anything."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Each takes a tenth of a quick command's time or more.
HEAVY = ("copier", "filelock", "http.client", "jinja2", "pydantic", "rich")


def printed(script: str) -> list[str]:
    """Run a script in a fresh interpreter and return the words that it prints."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("module", ["checks.check", "cli.projects", "progress.status"])
def test_commands_that_only_read_import_nothing_heavy(module: str) -> None:
    loaded = printed(f"import groundplan.cli.app, groundplan.{module}, sys; print(*sys.modules)")
    assert [name for name in HEAVY if name in loaded] == []


def test_module_that_plumbum_was_imported_without_is_there_for_others_and_for_plumbum() -> None:
    script = "import groundplan.cli.app; from plumbum import local; print(local.path('/a b').as_uri()); "
    assert printed(f"{script}import urllib.request; print(urllib.request.url2pathname('/a%20b'))") == [
        "file:///a%20b",
        "/a",
        "b",
    ]
