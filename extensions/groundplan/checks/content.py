"""Rules over what a plan says, and what it still leaves open (GP2xx)."""

import datetime
import re
from collections.abc import Iterator

from groundplan.checks.rules import Defect
from groundplan.plan.model import Fact, Plan
from groundplan.plan.outline import ROLLOUT
from groundplan.plan.placeholders import is_placeholder, is_unanswered

_NUMBER = re.compile(r"\d")


def content_defects(plan: Plan) -> Iterator[Defect]:
    """Find what a plan leaves open.

    A cell that still holds its placeholder is found as that (GP201) and as nothing else.

    Args:
        plan: The plan.
    """
    yield from _leftovers(plan)
    yield from _empty(plan)
    yield from _risks(plan)
    yield from _kpis(plan)
    yield from _rollback(plan)
    yield from _flags(plan)
    yield from _slos(plan)


def _leftovers(plan: Plan) -> Iterator[Defect]:
    for page in (plan.page, *plan.documents):
        for placeholder in page.placeholders:
            message = f"The placeholder [{placeholder.text}] is left. Replace it by the answer, or remove its line."
            yield Defect("GP201", placeholder.line, message, page.path)
        for line in page.guidance:
            yield Defect("GP202", line, "Guidance for writing is left. Remove the comment.", page.path)


def _empty(plan: Plan) -> Iterator[Defect]:
    empty = {section.path for section in plan.sections if section.is_empty}
    for section in plan.sections:
        if section.path in empty and section.path[:-1] not in empty:
            message = (
                f"The section “{section.path[-1]}” says nothing. Answer it, even if the answer is “none, because …”."
            )
            yield Defect("GP203", section.line, message)
    rollback = _find_rollback(plan)
    for line in plan.empty_items:
        if not (rollback and rollback.line == line):
            yield Defect("GP203", line, "The item says nothing. Complete it or remove it.")


def _risks(plan: Plan) -> Iterator[Defect]:
    for risk in plan.risks:
        if is_placeholder(risk.risk):
            continue
        lacks_mitigation = is_unanswered(risk.mitigation)
        if risk.is_high and lacks_mitigation:
            message = (
                f"The risk “{risk.risk}” is high and has no mitigation. Say what is done about it before work starts."
            )
            yield Defect("GP205", risk.line, message)
        elif lacks_mitigation:
            yield Defect("GP204", risk.line, f"The risk “{risk.risk}” has no mitigation. Say what is done about it.")
        if is_unanswered(risk.owner):
            yield Defect("GP204", risk.line, f"The risk “{risk.risk}” has no owner. Name who watches it.")


def _kpis(plan: Plan) -> Iterator[Defect]:
    for kpi in plan.kpis:
        if is_placeholder(kpi.kpi):
            continue
        if not is_placeholder(kpi.target) and not _NUMBER.search(kpi.target):
            yield Defect("GP206", kpi.line, f"The KPI “{kpi.kpi}” has no number as its target. Name one to reach.")
        if is_unanswered(kpi.source):
            yield Defect("GP206", kpi.line, f"The KPI “{kpi.kpi}” has no source. Say where its number comes from.")


def _find_rollback(plan: Plan) -> Fact | None:
    return next((fact for fact in plan.rollout if fact.label.lower().startswith("rollback")), None)


def _rollback(plan: Plan) -> Iterator[Defect]:
    rollout_line = plan.section_line(ROLLOUT)
    if rollout_line is None:
        return
    rollback = _find_rollback(plan)
    if rollback is None or is_unanswered(rollback.text):
        message = (
            "The rollout has no rollback. Add “- **Rollback:** …”: how the feature is taken back, and what does it."
        )
        yield Defect("GP207", rollback.line if rollback else rollout_line, message)


def _flags(plan: Plan) -> Iterator[Defect]:
    for flag in plan.flags:
        if is_placeholder(flag.flag) or is_unanswered(flag.flag):
            continue
        if is_unanswered(flag.owner):
            yield Defect("GP208", flag.line, f"The flag {flag.flag} has no owner. Name one.")
        if is_unanswered(flag.kill_switch):
            yield Defect(
                "GP208", flag.line, f"The flag {flag.flag} has no kill switch. Say how it is switched off at once."
            )
        if not is_placeholder(flag.remove_by) and not _is_date(flag.remove_by):
            message = f"The flag {flag.flag} has no day to be gone. Write a date such as 2026-12-31 under “Remove by”."
            yield Defect("GP208", flag.line, message)


def _slos(plan: Plan) -> Iterator[Defect]:
    for slo in plan.slos:
        if not is_placeholder(slo.sli) and not is_unanswered(slo.sli) and is_unanswered(slo.target):
            yield Defect("GP209", slo.line, f"The SLO “{slo.sli}” has no target. Name the value to hold.")


def _is_date(text: str) -> bool:
    try:
        return bool(datetime.date.fromisoformat(text.strip()))
    except ValueError:
        return False
