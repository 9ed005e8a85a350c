"""Rules over the planned tree and what stands in the repository (GP4xx)."""

import os
from collections.abc import Iterator
from pathlib import Path

from groundplan.checks.rules import Defect
from groundplan.plan.drawn_tree import own_roots, phase_of
from groundplan.plan.files import exists_inside, lies_inside
from groundplan.plan.model import Plan

# What builds leave beside the sources.
_BUILT = frozenset({"__pycache__", "bin", "build", "dist", "node_modules", "obj", "target"})
_NAMED = 3


def tree_defects(plan: Plan, root: Path) -> Iterator[Defect]:
    """Find where the planned tree and the repository differ. What a person accepted is no defect.

    Args:
        plan: The plan.
        root: The folder that holds `docs/plan_docs`.
    """
    yield from _false_ticks(plan, root)
    if plan.answers.scaffold is False:
        yield from _built_early(plan, root)
    yield from _unplanned(plan, root)


def _is_accepted(path: str, plan: Plan) -> bool:
    return any(f"{path}/".startswith(f"{accepted.path.rstrip('/')}/") for accepted in plan.front_matter.accepted)


def _false_ticks(plan: Plan, root: Path) -> Iterator[Defect]:
    tasks_of: dict[int | None, list[bool]] = {}
    for task in plan.tasks:
        tasks_of.setdefault(task.phase, []).append(task.is_done)
    ticked = {phase for phase, done in tasks_of.items() if all(done)}
    has_phases = tasks_of.keys() != {None}
    for planned in plan.planned if ticked else ():
        phase = phase_of(planned.path, plan.slug) if has_phases else None
        if phase in ticked and not exists_inside(root, planned.path) and not _is_accepted(planned.path, plan):
            what = "Every task" if phase is None else f"Phase {phase}"
            message = f"{what} is ticked, but {planned.path} does not exist. Build it, untick, or record the deviation."
            yield Defect("GP401", planned.line, message)


def _built_early(plan: Plan, root: Path) -> Iterator[Defect]:
    for planned in plan.planned:
        if exists_inside(root, planned.path) and not _is_accepted(planned.path, plan):
            message = (
                f"{planned.path} exists, but the plan is a draft whose tree was not generated. Approve the plan first."
            )
            yield Defect("GP402", planned.line, message)


def _unplanned(plan: Plan, root: Path) -> Iterator[Defect]:
    lines = {planned.path: planned.line for planned in plan.planned}
    for folder, first in own_roots(lines, plan.slug).items():
        found = sorted(
            path for path in _files(root, folder) if not _is_planned(path, lines) and not _is_accepted(path, plan)
        )
        if found:
            named = ", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
            yield Defect("GP403", lines[first], f"The plan does not show {named}. Add it to the tree, or accept it.")


def _is_planned(path: str, planned: dict[str, int]) -> bool:
    folders = path.split("/")
    return any("/".join(folders[:depth]) in planned for depth in range(1, len(folders) + 1))


def _files(root: Path, folder: str) -> Iterator[str]:
    if not lies_inside(root, folder):
        return
    for directory, folders, names in os.walk(root / folder):
        folders[:] = [name for name in folders if name not in _BUILT and not name.startswith(".")]
        inner = Path(directory).relative_to(root).as_posix()
        yield from (f"{inner}/{name}" for name in names if not name.startswith("."))
