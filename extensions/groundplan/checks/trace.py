"""Rules over a plan's threads: from goals to tasks, tests and KPIs, and through the phases (GP3xx)."""

from collections.abc import Iterator

from groundplan.checks.rules import Case, Defect, E, N, W, rule
from groundplan.plan.model import Task
from groundplan.plan.outline import GOALS, IMPLEMENTATION, KPIS
from groundplan.plan.placeholders import is_placeholder


@rule("GP301", draft=N, later=W)
def goal_untraced(case: Case) -> Iterator[Defect]:
    """No task, test or KPI names a goal.

    Why: A goal that no work and no measure names will be reached by accident at most.

    ```markdown
    - **G2** No line is lost when two carts meet
    ```

    Way out: Name it in a task, a test or a KPI: `- [ ] Write the merge (G2) @tom`.
    """
    named = {reference.id for reference in case.plan.references}
    where = "a task, a test or a KPI" if case.plan.section_line(KPIS) else "a task"
    seen: set[str] = set()
    for goal in case.plan.goals:
        if goal.id and goal.id not in named | seen and not is_placeholder(goal.text):
            message = f"Nothing shows that {goal.id} will be reached. Name it as ({goal.id}) in {where}."
            yield Defect(goal.line, message)
        seen.add(goal.id)


@rule("GP302", draft=W, later=E)
def goal_unknown(case: Case) -> Iterator[Defect]:
    """A goal is named that does not exist.

    Why: A task for a goal that does not exist was written for another plan, or the goal was removed.

    ```markdown
    - [ ] Write the merge (G7) @tom
    ```

    Way out: Correct the id, or add the goal.
    """
    if case.plan.section_line(GOALS) is None:
        return
    goals = {goal.id for goal in case.plan.goals}
    for reference in case.plan.references:
        if reference.id not in goals:
            yield Defect(reference.line, f"There is no goal {reference.id}. Correct the id or add the goal.")


@rule("GP303", draft=E, later=E)
def goal_repeated(case: Case) -> Iterator[Defect]:
    """Two goals have the same id.

    Why: What names the goal would mean either of the two.

    ```markdown
    - **G1** Carts are kept
    - **G1** Nothing is lost
    ```

    Way out: Give the newer one the next free id. Ids stay with their goals for ever.
    """
    seen: dict[str, int] = {}
    for goal in case.plan.goals:
        if goal.id and goal.id in seen:
            message = (
                f"{goal.id} is the id of another goal too, on line {seen[goal.id]}. Give this one the next free id."
            )
            yield Defect(goal.line, message)
        seen.setdefault(goal.id, goal.line)


@rule("GP304", draft=N, later=N)
def phase_order(case: Case) -> Iterator[Defect]:
    """A phase is ticked while an earlier one is open.

    Why: Later work that is done first is fine when it was meant; often an earlier box was forgotten.

    ```markdown
    ### Phase 3: …

    - [ ] Build the page

    ### Phase 4: …

    - [x] Test on two devices
    ```

    Way out: Tick what is done, or leave it: this is a note.
    """
    phases: dict[int, list[Task]] = {}
    for task in case.plan.tasks:
        if task.phase is not None:
            phases.setdefault(task.phase, []).append(task)
    is_open: int | None = None
    for phase, tasks in sorted(phases.items()):
        if not all(task.is_done for task in tasks):
            is_open = phase if is_open is None else is_open
        elif is_open is not None:
            message = f"Phase {phase} is ticked, but phase {is_open} is still open."
            yield Defect(phase_line(case, phase) or tasks[0].line, message)


def phase_line(case: Case, phase: int | None) -> int | None:
    """Return the line of a phase's heading; for tasks without phases that of the plan of the work.

    Args:
        case: The plan, with what it is checked against.
        phase: The phase's number; None for tasks without phases.

    Returns:
        The line, from 1; None where there is no such heading.
    """
    if phase is None:
        return case.plan.section_line(IMPLEMENTATION)
    titles = ((section.path[-1], section.line) for section in case.plan.sections)
    return next((line for title, line in titles if title.startswith(f"Phase {phase}")), None)


@rule("GP305", draft=N, later=W)
def goal_without_id(case: Case) -> Iterator[Defect]:
    """A goal has no id.

    Why: Without an id nothing can name the goal.

    ```markdown
    - A cart is there on every device
    ```

    Way out: Begin it with the next free id: `- **G1** A cart is there on every device`.
    """
    for goal in case.plan.goals:
        if not goal.id and not is_placeholder(goal.text):
            yield Defect(goal.line, "The goal has no id to be named by. Begin it with the next one: **G1**.")


RULES = (goal_untraced, goal_unknown, goal_repeated, phase_order, goal_without_id)
