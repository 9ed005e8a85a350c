"""Work that grows with the number of features, and no faster: counted, since a clock tells what else a machine does."""

from __future__ import annotations

import datetime
import os
import shutil
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from groundplan.checks.check import check
from groundplan.checks.portfolio import Portfolio, dependency_cycle, overlap
from groundplan.copying.repository import find_repository
from groundplan.git import git as git_itself
from groundplan.plan.model import Plan
from groundplan.plan.reader import read_plan
from groundplan.progress.status import status
from support.commands import brief, groundplan, host
from support.finished_plans import copy_of, edit
from support.rendering import commit, release, repository, snapshot

TODAY = datetime.date(2026, 1, 20)
SLUG = "user-profile-2fa"


def copied(project: Path, count: int, needs: Callable[[int], Sequence[int]] = lambda _: ()) -> Path:
    """Put copies of a project's plan beside it, which all name one component; return the project."""
    plans = project / "docs/plan_docs"
    text = (plans / SLUG / "feature-plan.md").read_text("utf-8")
    for number in range(count):
        slugs = ", ".join(f'"copy-{other}"' for other in needs(number))
        own = text.replace(SLUG, f"copy-{number}").replace("user_profile_2fa", f"copy_{number}")
        own = own.replace("depends_on: []", f"depends_on: [{slugs}]")
        (plans / f"copy-{number}").mkdir()
        (plans / f"copy-{number}" / "feature-plan.md").write_text(own, "utf-8")
    return project


def lines_run(work: Callable[[], object]) -> int:
    """Count the lines of Python that some work takes."""
    counted = Counter[str]()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        counted[event] += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted["line"]


SHAPES: dict[str, Callable[[int, int], Sequence[int]]] = {
    "alone": lambda number, count: (),
    "chain": lambda number, count: [number + 1] if number + 1 < count else [],
    "ring": lambda number, count: [(number + 1) % count],
    "pairs": lambda number, count: [number ^ 1],
    "star": lambda number, count: [0],
}


@pytest.fixture(scope="module")
def plan(finished: Path) -> Plan:
    return read_plan(finished, SLUG)


def like(plan: Plan, number: int, needs: Sequence[int]) -> Plan:
    """Return a plan that names the same component as another, and has code of its own."""
    matter = replace(plan.front_matter, depends_on=tuple(f"copy-{other}" for other in needs))
    planned = (one._replace(path=one.path.replace("user_profile_2fa", f"copy_{number}")) for one in plan.planned)
    return replace(plan, slug=f"copy-{number}", front_matter=matter, planned=tuple(planned))


@pytest.mark.parametrize("shape", SHAPES)
def test_rules_between_plans_grow_with_their_number(plan: Plan, shape: str) -> None:
    def judged(count: int) -> tuple[int, int]:
        plans = [like(plan, number, SHAPES[shape](number, count)) for number in range(count)]
        said: list[str] = []

        def judge() -> None:
            portfolio = Portfolio(plans, [one.slug for one in plans], ())
            for one in plans:
                for rule in (overlap, dependency_cycle):
                    said.extend(f.message for f in rule.findings("", "approved", one, portfolio))

        return lines_run(judge), sum(map(len, said))

    (few_lines, few_words), (many_lines, many_words) = judged(60), judged(240)
    assert many_lines < 5 * few_lines
    assert many_words < 5 * few_words


def test_overlap_names_some_plans_and_says_that_there_are_more(finished: Path, tmp_path: Path) -> None:
    project = copied(copy_of(finished, tmp_path / "shop"), 9)
    (message,) = [f.message for f in check([SLUG], project, today=TODAY, select=["GP501"]).findings]
    assert "copy-0, copy-1, copy-2, copy-3, copy-4 and more" in message


def test_a_long_circle_is_told_in_short(finished: Path, tmp_path: Path) -> None:
    project = copied(copy_of(finished, tmp_path / "shop"), 40, lambda number: [(number + 1) % 40])
    (message,) = [f.message for f in check(["copy-5"], project, today=TODAY, select=["GP502"]).findings]
    assert "copy-5 → copy-6 → copy-7" in message
    assert "… → copy-5" in message


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The files of plans that are opened from now on."""
    paths: list[str] = []
    is_on = True

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if is_on and event == "open" and "plan_docs" in str(arguments[0]):
            paths.append(str(arguments[0]))

    # It cannot be taken away again, only be told not to listen.
    sys.addaudithook(hear)
    yield paths
    is_on = False


@pytest.mark.parametrize("work", [check, status])
def test_each_document_is_read_once(
    finished: Path, tmp_path: Path, opened: list[str], work: Callable[..., object]
) -> None:
    project = copied(copy_of(finished, tmp_path / "shop"), 8)
    opened.clear()
    work(None, project, today=TODAY)
    documents = Counter(path for path in opened if path.endswith(".md"))
    assert set(documents.values()) == {1}


def test_status_asks_git_once_what_was_approved(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []

    def heard(folder: Path, *arguments: str, **rest: Any) -> str:
        asked.append(arguments)
        return git_itself(folder, *arguments, **rest)

    monkeypatch.setattr("groundplan.checks.approval.git", heard)
    edit(project, 'owner: "jane"\n', 'owner: "jane"\napproved: {date: "2026-01-15", by: "Jane"}\n')
    repository(project)
    (feature,) = status(None, project, today=TODAY)
    assert feature.changes == 0
    assert len([arguments for arguments in asked if "-G^approved:" in arguments]) == 1


def test_check_of_one_plan_parses_those_only_that_it_can_be_at_odds_with(
    finished: Path, tmp_path: Path, opened: list[str]
) -> None:
    project = copied(copy_of(finished, tmp_path / "shop"), 8)
    for number in range(1, 8):
        file = project / f"docs/plan_docs/copy-{number}/feature-plan.md"
        file.write_text(file.read_text("utf-8").replace("Sign-in service", f"Part {number}"), "utf-8")
    opened.clear()
    check([SLUG], project, today=TODAY)
    # Each is looked through once; the one that names the same component is read.
    documents = Counter(path for path in opened if path.endswith("feature-plan.md"))
    assert {Path(path).parent.name: count for path, count in documents.items() if count > 1} == {"copy-0": 2}


def test_check_of_one_plan_reads_no_more_plans_that_change_the_same_than_a_finding_names(
    finished: Path, tmp_path: Path, opened: list[str]
) -> None:
    project = copied(copy_of(finished, tmp_path / "shop"), 30)
    opened.clear()
    check([SLUG], project, today=TODAY)
    documents = Counter(Path(path).parent.name for path in opened if path.endswith("feature-plan.md"))
    # In the order of their names, the paths of the plan's tree are looked for in the others, too.
    assert [slug for slug, count in documents.items() if count > 1] == sorted(f"copy-{n}" for n in range(30))[:6]


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with a second version. Do not write into it."""
    template = snapshot(tmp_path_factory.mktemp("versions") / "template")
    release(template, "v2.0.0", {"partials/04-scope.jinja": {"Draw the line": "Draw a line"}})
    return template


@pytest.mark.skipif(sys.platform == "win32", reason="counts by a shell script")
def test_features_more_take_hardly_any_process_of_git_more(versions: Path, tmp_path: Path) -> None:
    few, many = (git_runs(versions, tmp_path / str(count), count) for count in (3, 9))
    for command in ("new", "update"):
        assert many[command] - few[command] <= 6, (few, many)


def git_runs(template: Path, place: Path, count: int) -> dict[str, int]:
    """Count git's processes while features are made and updated."""
    real = shutil.which("git")
    log, shim = place / "log", place / "bin" / "git"
    shim.parent.mkdir(parents=True)
    shim.write_text(f'#!/bin/sh\necho run >> "{log}"\nexec "{real}" "$@"\n', "utf-8")
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    environment = {"PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}"}
    shop = host(place / "shop", {"README.md": "Shop\n"})
    for number in range(count):
        brief(place / "briefs" / f"{number}.yml", feature_name=f"Feature number {number}")
    new = ("new", "--brief", place / "briefs", "--template", template, "--ref", "v1.0.0")
    counts = {}
    for command in (new, ("update", "--all")):
        log.write_text("", "utf-8")
        ended = groundplan(shop, *command, "--jobs", "2", **environment)
        assert ended.status == 0, ended.output
        counts[str(command[0])] = len(log.read_text("utf-8").splitlines())
        commit(shop)
    return counts


def test_git_is_asked_about_many_folders_by_a_short_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = host(tmp_path / "shop", {f"docs/plan_docs/f{n}/.copier-answers.yml": "_commit: v1\n" for n in range(5)})
    for number in range(3):
        (shop / f"docs/plan_docs/f{number}/.copier-answers.yml").write_text("_commit: v2\n", "utf-8")
    place = find_repository(shop)
    folders = [f"docs/plan_docs/f{number}" for number in range(1, 5)]
    by_name = place.changed(folders), place.indexed(folders)
    monkeypatch.setattr("groundplan.git.MOST_PLACES", 1)
    assert (place.changed(folders), place.indexed(folders)) == by_name
    assert list(by_name[0]) == ["docs/plan_docs/f1", "docs/plan_docs/f2"]
    assert len(by_name[1]) == 4
