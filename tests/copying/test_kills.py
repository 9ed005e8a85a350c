"""Commands killed at random moments, with the real template: nothing of a person's is lost, and the next one mends all.

A kill may come at any moment of a command's life. Each kind of command is killed once here; `make nightly` does it a
hundred times (`KILLS=100`, of which updates are 60 and removals and scaffoldings 30 each).
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from support.commands import COMMAND, Ended, brief, contents, groundplan, host
from support.processes import processes_below, wait_until_gone
from support.rendering import commit, release, snapshot

KILLS = int(os.environ.get("KILLS", "1"))
SHARES = {"new": 100, "update": 60, "remove": 30, "scaffold": 30}
TICKED = "- [x] Requirements"

Contents = Mapping[str, tuple[int, bytes]]


@dataclass(frozen=True)
class Case:
    """A command to kill.

    Attributes:
        shop: The repository before it.
        arguments: The command.
        whole: What the repository holds when the command was not killed.
        seconds: How long it took then.
    """

    shop: Path
    arguments: tuple[str | Path, ...]
    whole: Contents
    seconds: float


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    """Return a function that makes a case ready: two features with trees, of which one is worked on."""
    place = tmp_path_factory.mktemp("kills")
    template = snapshot(place / "template")
    release(template, "v2.0.0", {"partials/04-scope.jinja": {"Draw the line": "Draw a line"}})
    for name in ("Saved carts", "Gift cards"):
        brief(place / "briefs" / f"{name}.yml", feature_name=name, stack="python", depth="full")
    for name in ("Wish list", "Order history"):
        brief(place / "new" / f"{name}.yml", feature_name=name, stack="python")
    brief(place / "bare.yml", feature_name="Returns", stack="python", scaffold=False)
    shop = host(place / "shop", {"README.md": "Shop\n"})
    for source in ("briefs", "bare.yml"):
        ended = groundplan(shop, "new", place / source, "--template", template, "--ref", "v1.0.0")
        assert ended.status == 0, ended.output
    plan = shop / "docs/plan_docs/saved-carts/feature-plan.md"
    plan.write_text(plan.read_text("utf-8").replace("- [ ] Requirements", TICKED), "utf-8")
    commit(shop)
    # Not committed: nothing but the file itself has it.
    (shop / "notes.md").write_text("# Notes\n\nMine.\n", "utf-8")
    commands: dict[str, tuple[str | Path, ...]] = {
        "new": ("new", place / "new", "--template", template, "--ref", "v1.0.0"),
        "update": ("update", "--all"),
        "remove": ("remove", "gift-cards", "returns"),
        "scaffold": ("scaffold", "returns"),
    }

    @cache
    def case(command: str) -> Case:
        done = Path(shutil.copytree(shop, place / command / "shop", symlinks=True))
        began = time.monotonic()
        ended = groundplan(done, *commands[command])
        assert ended.status == 0, ended.output
        return Case(shop, commands[command], contents(done), time.monotonic() - began)

    return case


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "number"),
    [(command, number) for command, share in SHARES.items() for number in range(max(1, share * KILLS // 100))],
)
def test_kill_at_any_moment_loses_nothing_and_the_same_command_again_does_all(
    cases: Callable[[str], Case],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    command: str,
    number: int,
) -> None:
    case = cases(command)
    shop = Path(shutil.copytree(case.shop, tmp_path / "shop", symlinks=True))
    before = contents(shop)

    # Every other one towards the end, where files take their places.
    chance = random.Random(number).random()
    was_killed = kill(shop, case, chance * 1.1 if number % 2 else 0.7 + chance * 0.4)
    left = contents(shop)
    record_property("command", command)
    record_property("killed", was_killed)
    record_property("changed", left != before)
    record_property("whole", left == case.whole)
    # Each file is as it was or as it shall be, never a part of it.
    torn = [path for path, content in left.items() if content not in (before.get(path), case.whole.get(path))]
    assert torn == []
    # What the command was not to touch is there.
    assert {path for path in before if path in case.whole} <= set(left)

    again = run_again(shop, case)
    record_property("said", again.errors.splitlines()[:1])
    assert "Traceback" not in again.errors
    assert contents(shop) == case.whole


def kill(shop: Path, case: Case, moment: float) -> bool:
    """Kill the command at a moment of its life, from 0 to 1; return whether it was still running."""
    command = [str(COMMAND), "-C", str(shop), *map(str, case.arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(moment * case.seconds)
        except subprocess.TimeoutExpired:
            workers = processes_below(process.pid)
            process.kill()
            process.wait()
            wait_until_gone(workers)
            return True
    return False


def run_again(shop: Path, case: Case) -> Ended:
    """Run the command once more; removing what a killed run has removed is refused, and another command mends it."""
    again = groundplan(shop, *case.arguments)
    if case.arguments[0] != "remove":
        assert again.status == 0, again.errors + again.output
        return again
    for slug in case.arguments[1:]:
        again = groundplan(shop, "remove", slug)
    return again
