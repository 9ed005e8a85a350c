"""Rules over a plan's threads: from goals to tasks, tests and KPIs, and through the phases (GP3xx)."""

from collections.abc import Iterator

from groundplan.checks.rules import Defect
from groundplan.plan.model import Plan, Task
from groundplan.plan.outline import GOALS, IMPLEMENTATION
from groundplan.plan.placeholders import is_placeholder


def trace_defects(plan: Plan) -> Iterator[Defect]:
    """Find threads that lead nowhere.

    Args:
        plan: The plan.
    """
    yield from _goals(plan)
    if plan.section_line(GOALS) is not None:
        yield from _unknown_goals(plan)
    yield from _phases(plan)


def _goals(plan: Plan) -> Iterator[Defect]:
    named = {reference.id for reference in plan.references}
    seen: dict[str, int] = {}
    for goal in plan.goals:
        if goal.id and goal.id in seen:
            message = (
                f"{goal.id} is the id of another goal too, on line {seen[goal.id]}. Give this one the next free id."
            )
            yield Defect("GP303", goal.line, message)
        seen.setdefault(goal.id, goal.line)
        if is_placeholder(goal.text):
            continue
        if not goal.id:
            yield Defect("GP305", goal.line, "The goal has no id to be named by. Begin it with the next one: **G1**.")
        elif goal.id not in named:
            message = (
                f"Nothing shows that {goal.id} will be reached. Name it as ({goal.id}) in a task, a test or a KPI."
            )
            yield Defect("GP301", goal.line, message)


def _unknown_goals(plan: Plan) -> Iterator[Defect]:
    goals = {goal.id for goal in plan.goals}
    for reference in plan.references:
        if reference.id not in goals:
            message = f"There is no goal {reference.id}. Correct the id or add the goal."
            yield Defect("GP302", reference.line, message)


def _phases(plan: Plan) -> Iterator[Defect]:
    phases: dict[int, list[Task]] = {}
    for task in plan.tasks:
        if task.phase is not None:
            phases.setdefault(task.phase, []).append(task)
    lines = {
        section.path[-1][: len("Phase 0")]: section.line
        for section in plan.sections
        if section.path[:-1] == (IMPLEMENTATION,)
    }
    is_open: int | None = None
    for phase, tasks in sorted(phases.items()):
        if not all(task.is_done for task in tasks):
            is_open = phase if is_open is None else is_open
        elif is_open is not None:
            message = f"Phase {phase} is ticked, but phase {is_open} is still open."
            yield Defect("GP304", lines.get(f"Phase {phase}", tasks[0].line), message)
