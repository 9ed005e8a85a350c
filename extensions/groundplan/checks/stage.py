"""Rules over a plan's stage: whether what its status says can be true today (GP6xx)."""

import datetime
from collections.abc import Iterator, Sequence

from groundplan.checks.rules import Case, Defect, E, N, W, rule
from groundplan.checks.trace import phase_line
from groundplan.plan.changes import Change
from groundplan.plan.model import Flag, Task
from groundplan.plan.placeholders import is_placeholder, is_unanswered

# So long may a flag stay after its day before it is an error.
GRACE = datetime.timedelta(days=30)


@rule("GP601", draft=None, later=E)
def not_accepted(case: Case) -> Iterator[Defect]:
    """A line of the acceptance checklist is open although the plan is approved.

    Why: The checklist is what people look at before they approve; an open line says that they did not.

    ```markdown
    status: "approved"

    - [ ] Risks and regressions have owners
    ```

    Way out: Tick what is true, do what is missing, or take the line out if it does not apply.
    """
    for line in case.plan.acceptance:
        if not line.is_done:
            yield Defect(line.line, f"The plan is {case.plan.front_matter.status}, but “{line.text}” is not ticked.")


@rule("GP602", draft=None, later=E)
def released_unfinished(case: Case) -> Iterator[Defect]:
    """A plan is released although tasks are open.

    Why: Either the work is not done, or the plan does not say so. One finding for each phase.

    ```markdown
    status: "released"

    - [ ] Build the page
    ```

    Way out: Tick what is done. Take out what was dropped, or move it to the follow-ups.
    """
    if case.plan.front_matter.status != "released":
        return
    phases: dict[int | None, list[Task]] = {}
    for task in case.plan.tasks:
        phases.setdefault(task.phase, []).append(task)
    for phase, tasks in phases.items():
        if count := sum(not task.is_done for task in tasks):
            where = "the implementation plan" if phase is None else f"phase {phase}"
            number = f"{count} task is open" if count == 1 else f"{count} tasks are open"
            message = f"The plan is released, but {number} in {where}. Tick what is done, take out what was dropped."
            yield Defect(phase_line(case, phase) or tasks[0].line, message)


@rule("GP603", draft=None, later=E)
def released_at_risk(case: Case) -> Iterator[Defect]:
    """A plan is released although a risk is still high.

    Why: A mitigation that works makes a risk smaller. What is still high when everybody has the feature was either not
    mitigated, or somebody decided to live with it, and the plan should say who and why.

    ```markdown
    status: "released"

    | Carts get lost | high | medium | A second store | tom |
    ```

    Way out: Lower impact or likelihood to what is left, take out what cannot happen any more, or record why it is
    accepted: in the row, as a mitigation that begins with “Accepted:”, or for the plan in its front matter:

    ```yaml
    accepted:
      - rule: GP603
        commit: "0a1b2c3"
        reason: "Beta only; reviewed with the board"
    ```
    """
    if case.plan.front_matter.status != "released":
        return
    for risk in case.plan.risks:
        if risk.is_high and not is_placeholder(risk.risk) and not risk.is_accepted:
            message = (
                f"The plan is released, but the risk “{risk.risk}” is still high. Lower it, or say why it is accepted."
            )
            yield Defect(risk.line, message)


@rule("GP604", draft=None, later=W)
def flag_overdue(case: Case) -> Iterator[Defect]:
    """A feature flag is past its removal day.

    Why: A flag that stays is a path that nobody tests. After 30 days it is an error: [GP605](#gp605).

    ```markdown
    | saved_carts | tom | Set it to off | 2026-06-30 |      (on 2026-07-01)
    ```

    Way out: Remove the flag from the code and its row from the plan, or put a tick behind its day (`2026-06-30 ✓`); or
    agree on another day.
    """
    for flag, late in _late_flags(case):
        if late <= GRACE:
            message = f"The flag {flag.flag} should be gone since {flag.day}. Remove it, or move its day."
            yield Defect(flag.line, message)


@rule("GP605", draft=None, later=E)
def flag_forgotten(case: Case) -> Iterator[Defect]:
    """A feature flag is more than 30 days past its removal day.

    Why: Nobody is going to remove it: it was warned of for a month, as [GP604](#gp604).

    ```markdown
    | saved_carts | tom | Set it to off | 2026-06-30 |      (in August)
    ```

    Way out: As for [GP604](#gp604).
    """
    for flag, late in _late_flags(case):
        if late > GRACE:
            message = f"The flag {flag.flag} should be gone for {late.days} days. Remove it, or move its day."
            yield Defect(flag.line, message)


def _late_flags(case: Case) -> Iterator[tuple[Flag, datetime.timedelta]]:
    for flag in case.plan.flags:
        if flag.day and flag.day < case.today and not flag.is_removed and not is_unanswered(flag.flag):
            yield flag, case.today - flag.day


@rule("GP606", draft=None, later=W)
def milestone_missed(case: Case) -> Iterator[Defect]:
    """A milestone is past and not reached while work goes on.

    Why: Others rely on these dates. A date that passed without a word tells them nothing.

    ```markdown
    status: "in-progress"

    | Beta | 2026-03-01 |      (in April)
    ```

    Way out: Put a tick into its row when it was reached, `| Beta ✓ | 2026-03-01 |`, or write the new date.
    """
    if case.plan.front_matter.status not in ("approved", "in-progress"):
        return
    for milestone in case.plan.milestones:
        if milestone.day and milestone.day < case.today and not milestone.is_reached:
            message = (
                f"The milestone “{milestone.milestone}” was due on {milestone.day}. Tick it (`✓`), or write a new date."
            )
            yield Defect(milestone.line, message)


@rule("GP607", draft=N, later=W)
def milestones_differ(case: Case) -> Iterator[Defect]:
    """The milestones in the front matter are not those of the table.

    Why: Since schema 2 milestones stand once, in the table of “Repository Branch & Milestones”. A plan that lists them
    in its front matter too, as schema 1 does, must list the same.

    ```yaml
    milestones: ["Beta"]      # and the table has a row “Pilot”
    ```

    Way out: Make both equal, or take the key out of the front matter, which `groundplan update` does.
    """
    listed = case.plan.front_matter.milestones
    rows = [milestone for milestone in case.plan.milestones if not is_placeholder(milestone.milestone)]
    if listed and sorted(listed) != sorted(milestone.name for milestone in rows):
        in_table = ", ".join(milestone.name for milestone in rows) or "none"
        message = f"The front matter lists {', '.join(listed)}; the table has {in_table}. Make them equal."
        yield Defect(case.plan.front_matter.lines["milestones"], message)


@rule("GP608", draft=None, later=N)
def changed_since_approval(changes: Sequence[Change]) -> Iterator[Defect]:
    """Goals or scope changed after the plan was approved.

    Why: People may change their minds, but those who approved should hear of it. `groundplan diff` shows every change
    since; what a newer template brings does not count.

    ```markdown
    status: "in-progress"

    - **G3** Carts are shared with the family      (not there when the plan was approved)
    ```

    Way out: Approve the plan again, `groundplan mark <slug> approved`, or take the change back.
    """
    if changes:
        first = changes[0]
        more = f" and {len(changes) - 1} more" if changes[1:] else ""
        message = (
            f"Since the plan was approved: {first.part}, {first.told()}{more}. Approve it again (groundplan diff)."
        )
        yield Defect(max(first.line, 1), message)


RULES = (
    not_accepted,
    released_unfinished,
    released_at_risk,
    flag_overdue,
    flag_forgotten,
    milestone_missed,
    milestones_differ,
)
