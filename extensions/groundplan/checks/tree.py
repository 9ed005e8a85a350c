"""Rules over the planned tree and what stands in the repository (GP4xx). What a person accepted is not a defect."""

import os
from collections.abc import Iterator
from pathlib import Path

from groundplan.checks.rules import Case, Defect, E, N, W, rule
from groundplan.plan.drawn_tree import own_roots, phase_of
from groundplan.plan.files import exists_inside, lies_inside
from groundplan.plan.model import Plan

# What builds leave beside the sources.
_BUILT = frozenset({"__pycache__", "bin", "build", "dist", "node_modules", "obj", "target"})
_NAMED = 3


@rule("GP401", draft=W, later=E)
def false_tick(case: Case) -> Iterator[Defect]:
    """A phase is ticked but a path that it builds is missing.

    Why: Every task of the phase is ticked, but a file that this phase builds is not there: either the tick or the
    plan is not true. Phase 2 builds domain, application and API, phase 3 the screens, phase 4 the end-to-end tests;
    in a plan without phases every task counts.

    ```text
    - [x] Build the page

    └── ui/
        └── page.py        (does not exist)
    ```

    Way out: Build it, take the tick back, or record that you decided otherwise:

    ```yaml
    accepted:
      - path: src/shop/saved_carts/ui
        commit: "0a1b2c3"
        reason: "The shop's own page shows carts"
    ```
    """
    plan = case.plan
    tasks_of: dict[int | None, list[bool]] = {}
    for task in plan.tasks:
        tasks_of.setdefault(task.phase, []).append(task.is_done)
    ticked = {phase for phase, done in tasks_of.items() if all(done)}
    has_phases = tasks_of.keys() != {None}
    for planned in plan.planned if ticked else ():
        phase = phase_of(planned.path, plan.slug) if has_phases else None
        if phase in ticked and not exists_inside(case.root, planned.path) and not _is_accepted(planned.path, plan):
            what = "Every task" if phase is None else f"Phase {phase}"
            message = f"{what} is ticked, but {planned.path} does not exist. Build it, untick, or record the deviation."
            yield Defect(planned.line, message)


def _is_accepted(path: str, plan: Plan) -> bool:
    folders = (accepted.path.rstrip("/") for accepted in plan.front_matter.accepted if accepted.path)
    return any(f"{path}/".startswith(f"{folder}/") for folder in folders)


@rule("GP402", draft=W, later=None)
def built_early(case: Case) -> Iterator[Defect]:
    """A planned path exists while the plan is a draft without a tree.

    Why: The answers file says that the tree is not wanted yet (`scaffold: false`), and the plan is a draft, but
    code of it exists: it was built before the plan was agreed on, or something else lies in the way of the tree.

    ```yaml
    status: draft      # and src/shop/saved_carts/domain/model.py exists
    ```

    Way out: Approve the plan first, or move the file, or record an [accepted](#gp401) deviation.
    """
    for planned in case.plan.planned if case.plan.answers.scaffold is False else ():
        if exists_inside(case.root, planned.path) and not _is_accepted(planned.path, case.plan):
            message = (
                f"{planned.path} exists, but the plan is a draft whose tree was not generated. Approve the plan first."
            )
            yield Defect(planned.line, message)


@rule("GP403", draft=N, later=N)
def unplanned(case: Case) -> Iterator[Defect]:
    """Files stand beside the planned ones that the plan does not show.

    Why: Code grows past its plan, and that is its right; but reviewers may want to know. One note for each of the
    feature's own folders.

    ```text
    src/shop/saved_carts/domain/clock.py      (not in the tree)
    ```

    Way out: Add it to the planned tree, record an [accepted](#gp401) deviation, or leave it: this is a note.
    """
    plan, root = case.plan, case.root
    lines = {planned.path: planned.line for planned in plan.planned}
    for folder, first in own_roots(lines, plan.slug).items():
        found = sorted(
            path for path in _files(root, folder) if not _is_planned(path, lines) and not _is_accepted(path, plan)
        )
        if found:
            named = ", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
            yield Defect(lines[first], f"The plan does not show {named}. Add it to the tree, or accept it.")


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


RULES = (false_tick, built_early, unplanned)
