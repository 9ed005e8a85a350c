"""Milestones: those of the plan's table, in the tracker."""

from __future__ import annotations

import datetime
from functools import partial

from groundplan.plan.files import UnreadableFileError, plan_slugs
from groundplan.plan.model import Milestone
from groundplan.plan.reader import read_plan
from groundplan.tracker.forge import ForgeMilestone
from groundplan.tracker.work import Work


def next_milestone(work: Work) -> ForgeMilestone | None:
    """Make the plan's milestones in the tracker.

    Args:
        work: The feature.

    Returns:
        The one that is next: the first that is neither reached nor past, else the last that is not reached.
    """
    wanted = {milestone.name: milestone for milestone in work.plan.milestones if milestone.day}
    known = {milestone.title: milestone for milestone in work.forge.milestones()} if wanted else {}
    there = {title: _as_planned(work, milestone, known.get(title)) for title, milestone in wanted.items()}
    ahead = sorted((milestone for milestone in wanted.values() if not milestone.is_reached), key=_day)
    due = next((milestone for milestone in ahead if _day(milestone) >= work.today), ahead[-1] if ahead else None)
    return there[due.name] if due else None


def _day(milestone: Milestone) -> datetime.date:
    return milestone.day or datetime.date.max


def _as_planned(work: Work, planned: Milestone, there: ForgeMilestone | None) -> ForgeMilestone | None:
    """Make a milestone, or move it to the day that the plan says."""
    day = _day(planned)
    if not there:
        make = partial(work.forge.create_milestone, planned.name, day)
        return work.do(f"make the milestone {planned.name}, {day}", make)
    if there.due != day and (other := _who_else_dates(work, planned)):
        work.warnings.append(f"The milestone {planned.name} has another date in {other}; it was left alone.")
    elif there.due != day:
        work.do(f"move the milestone {planned.name} to {day}", partial(work.forge.move_milestone, there, day))
    return there


def _who_else_dates(work: Work, milestone: Milestone) -> str:
    """Name another feature whose plan gives a milestone of the same title another date."""
    for slug in plan_slugs(work.root):
        if slug == work.plan.slug:
            continue
        try:
            others = read_plan(work.root, slug).milestones
        except UnreadableFileError:
            continue
        if any(other.name == milestone.name and other.day not in (None, milestone.day) for other in others):
            return slug
    return ""
