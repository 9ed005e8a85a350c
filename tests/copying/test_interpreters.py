"""Python processes that the command starts import nothing from the repository that it works in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import COMMAND, brief, groundplan, host
from support.rendering import REWORDED, commit, release, snapshot

# Names that Python's library, Copier and the template's extensions import, and the pack's own.
PLANTED = """
    calendar copier encodings groundplan jinja2 logging markdown_it multiprocessing pickle plumbum queue re secrets
    selectors site slugify statistics string tempfile threading typing uuid yaml
""".split()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with modules at its top, each of which leaves a trace when it is run."""
    trace = "import os\nos.close(os.open({!r}, os.O_CREAT | os.O_WRONLY))\nraise SystemExit('planted')\n"
    planted = {f"{name}.py": trace.format(str(tmp_path / f"ran-{name}")) for name in PLANTED}
    return host(tmp_path / "shop", planted)


def test_every_command_works_and_runs_none_of_the_repositorys_modules(tmp_path: Path, shop: Path) -> None:
    template = snapshot(tmp_path / "template")
    for number in range(3):
        brief(tmp_path / "briefs" / f"{number}.yml", feature_name=f"Feature {'abc'[number]}", stack="python")
    made = groundplan(shop, "new", "--brief", tmp_path / "briefs", "--template", template, "--jobs", "2")
    assert made.status == 0, made.errors
    commit(shop)
    release(template, "v2.0.0", REWORDED)
    for arguments in (("update", "--all", "-j", "2"), ("check",), ("status",), ("remove", "feature-a", "--force")):
        ended = groundplan(shop, *arguments)
        assert (ended.status, "planted" in ended.errors) == (0, False), (arguments, ended.errors, ended.output)
    assert [path.name for path in tmp_path.glob("ran-*")] == []


@pytest.mark.parametrize("name", ["queue", "calendar", "copier"])
def test_module_call_of_the_pack_does_not_import_from_the_working_directory(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("raise SystemExit('planted')\n", "utf-8")
    python = COMMAND.with_name(Path(sys.executable).name)
    command = [str(python), "-m", "groundplan", "check"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "There is no plan" in ended.stderr, ended.stderr


def test_action_starts_isolated_interpreters() -> None:
    script = (Path(__file__).parents[2] / "action.yml").read_text("utf-8")
    calls = [line for line in script.splitlines() if " -m " in line]
    assert len(calls) == 2
    assert all(" -I -m " in line for line in calls)
