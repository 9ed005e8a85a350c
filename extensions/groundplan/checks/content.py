"""Rules over what a plan says, and what it still leaves open (GP2xx).

A cell that still holds its placeholder is found as that (GP201) and as nothing else.
"""

import re
from collections.abc import Iterator

from groundplan.checks.rules import Case, Defect, E, N, W, rule
from groundplan.plan.model import LEVELS, Fact, Plan, Risk
from groundplan.plan.outline import ROLLOUT
from groundplan.plan.placeholders import is_placeholder, is_unanswered

_NUMBER = re.compile(r"\d")


@rule("GP201", draft=None, later=E)
def placeholder(case: Case) -> Iterator[Defect]:
    """A placeholder is left.

    Why: What a placeholder asks for was not decided when people approved the plan. Only [these
    texts](#placeholders) in brackets count, never links, footnotes, code or brackets of your own.

    ```markdown
    - **Rollback:** [Rollback]
    ```

    Way out: Answer it, or remove its line. An answer may be “none, because …”.
    """
    for page in case.plan.pages:
        for text, line in page.placeholders:
            message = f"The placeholder [{text}] is left. Replace it by the answer, or remove its line."
            yield Defect(line, message, page.path)


@rule("GP202", draft=None, later=W)
def guidance(case: Case) -> Iterator[Defect]:
    """Guidance is left.

    Why: Comments that say how to write a section are for writers; they hide among what readers should see. A
    comment that begins in lower case is a directive to a program, such as `<!-- markdownlint-disable -->`, and
    stays.

    ```markdown
    <!-- List what may go wrong; impact and likelihood are low, medium or high. -->
    ```

    Way out: Remove the comment.
    """
    for page in case.plan.pages:
        for line in page.guidance:
            yield Defect(line, "Guidance for writing is left. Remove the comment.", page.path)


@rule("GP203", draft=N, later=E)
def empty(case: Case) -> Iterator[Defect]:
    """A section, list or item says nothing.

    Why: An empty heading, a bullet without text, a task without words or a label without an answer looks like an
    answer and is none.

    ```markdown
    - [ ]
    - **Usage:**
    ```

    Way out: Complete it, or remove it.
    """
    plan = case.plan
    silent = {section.path for section in plan.sections if section.is_empty}
    for section in plan.sections:
        if section.path in silent and section.path[:-1] not in silent:
            message = f"The section “{section.title}” says nothing. Answer it, even if the answer is “none, because …”."
            yield Defect(section.line, message)
    rollback = _find_rollback(plan)
    for line in plan.empty_items:
        if not (rollback and rollback.line == line):
            yield Defect(line, "The item says nothing. Complete it or remove it.")


@rule("GP204", draft=N, later=W)
def risk_unattended(case: Case) -> Iterator[Defect]:
    """A risk has no mitigation or no owner.

    Why: A risk that nobody watches, or that nothing is done about, is only a worry.

    ```markdown
    | Clocks drift | low | low | – | li |
    ```

    Way out: Fill the columns Mitigation and Owner. A dash, `none`, `n/a` and `TBD` count as empty.
    """
    for risk in _told_risks(case.plan):
        if is_unanswered(risk.mitigation) and not risk.is_high:
            yield Defect(risk.line, f"The risk “{risk.risk}” has no mitigation. Say what is done about it.")
        if is_unanswered(risk.owner):
            yield Defect(risk.line, f"The risk “{risk.risk}” has no owner. Name who watches it.")


@rule("GP205", draft=N, later=E)
def high_risk_unmitigated(case: Case) -> Iterator[Defect]:
    """A high risk has no mitigation.

    Why: A high risk needs a mitigation before work starts. A risk is high when impact and likelihood are both high,
    or one is high and the other medium.

    ```markdown
    | Carts get lost | high | medium | – | tom |
    ```

    Way out: Say what is done about it, or what makes it less likely.
    """
    for risk in _told_risks(case.plan):
        if risk.is_high and is_unanswered(risk.mitigation):
            message = (
                f"The risk “{risk.risk}” is high and has no mitigation. Say what is done about it before work starts."
            )
            yield Defect(risk.line, message)


def _told_risks(plan: Plan) -> Iterator[Risk]:
    yield from (risk for risk in plan.risks if not is_placeholder(risk.risk))


@rule("GP206", draft=N, later=W)
def kpi_unmeasurable(case: Case) -> Iterator[Defect]:
    """A KPI has no number or no source.

    Why: Whether a KPI was reached must be a matter of looking, not of debate.

    ```markdown
    | Happy shoppers | – | many | – |
    ```

    Way out: Write a number under Target, and under Source where it comes from.
    """
    for kpi in case.plan.kpis:
        if is_placeholder(kpi.kpi):
            continue
        if not is_placeholder(kpi.target) and not _NUMBER.search(kpi.target):
            yield Defect(kpi.line, f"The KPI “{kpi.kpi}” has no number as its target. Name one to reach.")
        if is_unanswered(kpi.source):
            yield Defect(kpi.line, f"The KPI “{kpi.kpi}” has no source. Say where its number comes from.")


@rule("GP207", draft=N, later=E)
def no_rollback(case: Case) -> Iterator[Defect]:
    """The rollout has no rollback.

    Why: Whoever is on call at night needs to know how to take the feature back.

    ```markdown
    ## Rollout Plan

    - **Phases:** staff, then everybody
    ```

    Way out: Add `- **Rollback:** …`: what does it, and when it was last tried.
    """
    rollout_line = case.plan.section_line(ROLLOUT)
    if rollout_line is None:
        return
    rollback = _find_rollback(case.plan)
    if rollback is None or is_unanswered(rollback.text):
        message = (
            "The rollout has no rollback. Add “- **Rollback:** …”: how the feature is taken back, and what does it."
        )
        yield Defect(rollback.line if rollback else rollout_line, message)


def _find_rollback(plan: Plan) -> Fact | None:
    return next((fact for fact in plan.rollout if fact.label.lower().startswith("rollback")), None)


@rule("GP208", draft=N, later=W)
def flag_unattended(case: Case) -> Iterator[Defect]:
    """A feature flag has no owner, no kill switch or no removal date.

    Why: Flags that nobody owns stay for ever, and a flag without a kill switch is no protection.

    ```markdown
    | saved_carts | – | Set it to off | soon |
    ```

    Way out: Fill Owner and Kill switch, and write a date such as 2026-12-31 under Remove by.
    """
    for flag in case.plan.flags:
        if is_placeholder(flag.flag) or is_unanswered(flag.flag):
            continue
        if is_unanswered(flag.owner):
            yield Defect(flag.line, f"The flag {flag.flag} has no owner. Name one.")
        if is_unanswered(flag.kill_switch):
            yield Defect(flag.line, f"The flag {flag.flag} has no kill switch. Say how it is switched off at once.")
        if not is_placeholder(flag.remove_by) and not flag.day:
            message = f"The flag {flag.flag} has no day to be gone. Write a date such as 2026-12-31 under “Remove by”."
            yield Defect(flag.line, message)


@rule("GP209", draft=N, later=W)
def slo_without_target(case: Case) -> Iterator[Defect]:
    """An SLO has no target.

    Why: An objective without a value cannot be missed, so nobody notices when it is.

    ```markdown
    | Saves that succeed | – | 30 days |
    ```

    Way out: Write the value to hold under Target.
    """
    for slo in case.plan.slos:
        if not is_placeholder(slo.sli) and not is_unanswered(slo.sli) and is_unanswered(slo.target):
            yield Defect(slo.line, f"The SLO “{slo.sli}” has no target. Name the value to hold.")


@rule("GP210", draft=N, later=W)
def risk_level(case: Case) -> Iterator[Defect]:
    """A risk's impact or likelihood is not low, medium or high.

    Why: Other words fall out of every count: a risk that is “critical” would not even be high.

    ```markdown
    | Carts get lost | critical | medium | A second store | tom |
    ```

    Way out: Write low, medium or high. What is worse than high is high, and says why in its text.
    """
    for risk in _told_risks(case.plan):
        for name, level in (("impact", risk.impact), ("likelihood", risk.likelihood)):
            if risk.level_of(level) is None and not is_placeholder(level):
                shown = f"“{level}”" if level else "empty"
                message = f"The {name} of the risk “{risk.risk}” is {shown}. It must be {', '.join(LEVELS)}."
                yield Defect(risk.line, message)


@rule("GP211", draft=N, later=W)
def milestone_undated(case: Case) -> Iterator[Defect]:
    """A milestone has no date.

    Why: “July” or “soon” cannot be late, and is missing from every list of what comes next.

    ```markdown
    | Beta | July 2026 |
    ```

    Way out: Write a date such as 2026-07-31.
    """
    for milestone in case.plan.milestones:
        is_open = is_placeholder(milestone.milestone) or is_placeholder(milestone.date)
        if not is_open and not milestone.day and not is_unanswered(milestone.milestone):
            shown = f"not “{milestone.date}”" if milestone.date else "not nothing"
            message = f"The milestone “{milestone.milestone}” needs a date such as 2026-07-31, {shown}."
            yield Defect(milestone.line, message)


RULES = (
    placeholder,
    guidance,
    empty,
    risk_unattended,
    high_risk_unmitigated,
    kpi_unmeasurable,
    no_rollback,
    flag_unattended,
    slo_without_target,
    risk_level,
    milestone_undated,
)
