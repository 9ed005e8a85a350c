"""Measure checks beside parsing and beside OpenSpec, and see who finds twenty defects.

    python benchmarks/checks.py [--plans 1000] [--rivals 100] [--repeat 5]

OpenSpec and Spec Kit are installed into `.cache/bench` where they are missing. Prints tables and writes them into
`docs/benchmarks.md`, between the markers `checks:begin` and `checks:end`.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import defects
from defects import CHECK, PLAN, ROOT, repository, run
from report import write_part

sys.path.insert(0, str(ROOT / "tests"))
from support.finished_plans import finished_project
from support.rendering import copy_project, snapshot

LINES = 300
FLOOR = """
import sys
import plumbum.cli, markdown_it, yaml
text = open(sys.argv[1], encoding="utf-8").read()
markdown_it.MarkdownIt("commonmark").enable("table").parse(text)
"""
PARSING = """
import sys
from pathlib import Path
from groundplan.text.markdown import parse
for path in sorted(Path("docs/plan_docs").glob("*/feature-plan.md")):
    parse(path.read_text("utf-8"))
"""


def plans(project: Path, folder: Path, count: int) -> Path:
    """Make a repository of many plans, each of 300 lines and clean."""
    source = project / Path(PLAN).parent
    text = (source / "feature-plan.md").read_text("utf-8")
    padding = LINES - len(text.splitlines())
    text += "".join(f"  - Follow-up {number} of those that this plan leaves @li\n" for number in range(padding))
    for number in range(count):
        slug = f"feature-{number}"
        place = folder / "docs/plan_docs" / slug
        place.mkdir(parents=True)
        shutil.copy(source / ".copier-answers.yml", place)
        mine = text.replace("user-profile-2fa", slug).replace("user_profile_2fa", f"feature_{number}")
        mine = mine.replace("Sign-in service", f"Service {number}")
        (place / "feature-plan.md").write_text(mine, "utf-8")
    repository(folder)
    return folder


def changes(folder: Path, count: int) -> Path:
    """Make as many changes for OpenSpec, each of 300 lines and valid."""
    command = defects.openspec_command()
    folder.mkdir()
    run([command, "init", "--tools", "none", "."], folder).check_returncode()
    files = defects.CHANGE_FILES
    requirement = defects.REQUIREMENT
    missing = LINES - sum(len(text.splitlines()) for text in files.values())
    more = [
        requirement.replace("factor", f"factor {number}") for number in range(missing // len(requirement.splitlines()))
    ]
    spec = "specs/sign-in/spec.md"
    for number in range(count):
        change = {**files, spec: files[spec] + "".join(more)}
        defects.write_files(folder / f"openspec/changes/feature-{number}", change)
    return folder


def seconds(command: Sequence[str | Path], folder: Path) -> float:
    """Time a command, which must succeed."""
    start = time.perf_counter()
    ended = run(command, folder)
    taken = time.perf_counter() - start
    if ended.returncode:
        raise SystemExit(f"{command[0]} failed:\n{ended.stdout}{ended.stderr}")
    return taken


def side_by_side(first: Callable[[], float], second: Callable[[], float], repeat: int) -> tuple[float, float]:
    """Time two things in turn, so that a busy machine slows both, and give their medians."""
    pairs = [(first(), second()) for _ in range(repeat)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def speed(work: Path, project: Path, options: argparse.Namespace) -> list[str]:
    """Compare times."""
    one = plans(project, work / "one", 1)
    many = plans(project, work / "many", options.plans)
    some = plans(project, work / "some", options.rivals)
    rival, rivals = changes(work / "rival", 1), changes(work / "rivals", options.rivals)
    (path,) = one.glob("docs/plan_docs/*/feature-plan.md")
    floor = [sys.executable, "-c", FLOOR, path]
    parsing = [sys.executable, "-c", PARSING]
    validate = [defects.openspec_command(), "validate", "--all", "--strict", "--no-interactive"]
    times = (
        (
            "One plan, beside Python that imports plumbum.cli, markdown-it-py and PyYAML and parses it",
            *side_by_side(lambda: seconds(CHECK, one), lambda: seconds(floor, one), options.repeat * 3),
        ),
        (
            f"{options.plans:,} plans, beside parsing them on one core",
            *side_by_side(lambda: seconds(CHECK, many), lambda: seconds(parsing, many), options.repeat),
        ),
        (
            "One plan, beside `openspec validate --all --strict` on one change",
            *side_by_side(lambda: seconds(CHECK, one), lambda: seconds(validate, rival), options.repeat),
        ),
        (
            f"{options.rivals} plans, beside `openspec validate --all --strict` on as many changes",
            *side_by_side(lambda: seconds(CHECK, some), lambda: seconds(validate, rivals), options.repeat),
        ),
    )
    rows = [f"| {name} | {ours:.2f} | {other:.2f} | {ours / other:.2f} |" for name, ours, other in times]
    return [
        f"Every plan and every change has {LINES} lines.",
        "",
        "| | `groundplan check` (s) | The other (s) | Ratio |",
        "| --- | ---: | ---: | ---: |",
        *rows,
    ]


def compare(work: Path, template: Path, project: Path) -> list[str]:
    """See who finds what."""
    raw = copy_project(template, work / "raw", stack="python")
    tools = [defects.groundplan(project, raw), defects.spec_kit(work), defects.openspec(work)]
    return [
        *defects.table(tools),
        "",
        "Each tool gets a clean plan in its own form, then one defect at a time. Spec Kit's `check-prerequisites.sh` "
        "asks whether an agent may begin, so it looks at which files there are; what they say is left to the agent. "
        "OpenSpec validates requirements and their scenarios; that it warns of open tasks when it archives a change is "
        "another command's doing. Groundplan looks for what a template left only once a plan's status is approved.",
    ]


def machine(options: argparse.Namespace) -> str:
    """Say where and how this ran."""
    node = run(["node", "--version"], ROOT).stdout.strip()
    facts = [
        platform.system(),
        platform.machine(),
        f"{os.cpu_count()} processors",
        f"Python {platform.python_version()}",
    ]
    call = f"`python benchmarks/checks.py --plans {options.plans} --rivals {options.rivals} --repeat {options.repeat}`"
    load = f"load before the run {os.getloadavg()[0]:.1f}"
    return f"{', '.join(facts)}, Node {node}. {call}, {datetime.date.today()}; {load}; medians."


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=1000)
    parser.add_argument("--rivals", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    facts = machine(options)
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        template = snapshot(work / "template")
        project = finished_project(template, work / "finished")
        alone = finished_project(template, work / "alone", supporting_docs=[])
        section = "\n".join([facts, "", *speed(work, alone, options), "", *compare(work, template, project)])
    print(section)
    write_part("checks", "Checks", section)


if __name__ == "__main__":
    main()
