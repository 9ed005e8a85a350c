"""Sub-issues: one for each phase of a plan, or one for each task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from groundplan.tracker.body import digest_of, issue_text, read_signature
from groundplan.tracker.committed import CommittedError, text_of_blob
from groundplan.tracker.forge import Issue
from groundplan.tracker.pull import match_tasks, phases, short_title, task_key, tasks_in
from groundplan.tracker.work import Work


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a plan that has an issue of its own.

    Attributes:
        key: What its signature calls it.
        title: The issue's title.
        text: The issue's text.
        is_done: Whether everything in it is ticked.
    """

    key: str
    title: str
    text: str
    is_done: bool


def parts_of(work: Work) -> Iterator[Part]:
    """Yield the pieces that get an issue of their own."""
    if work.tasks == "none":
        return
    plan = work.committed.text_of_plan
    if not work.forge.limits.children:
        work.warnings.append(f"{work.forge.name} gives no sub-issues to programs: the checklists stand in the issue.")
        return
    headings = work.plan.answers.headings
    tasks, text = list(tasks_in(plan, headings)), issue_text(plan, work.link)
    feature = work.plan.front_matter.feature or work.plan.slug
    if work.tasks == "phases":
        for number, title, content in phases(text, headings):
            done = [task.is_done for task in tasks if task.phase == number]
            yield Part(f"phase-{number}", f"{feature}: {title}", content, bool(done) and all(done))
    else:
        for task in tasks:
            yield Part(
                task_key(task), short_title(task.text, work.forge.limits.title), f"Part of {feature}.", task.is_done
            )


def publish_parts(work: Work, issue: Issue | None, parts: Sequence[Part], labels: Sequence[str]) -> None:
    """Make and change the sub-issues of an issue.

    Args:
        work: The feature.
        issue: Its issue; None in a dry run that would make it.
        parts: What gets an issue of its own.
        labels: The labels of new ones.

    Raises:
        ForgeError: The forge refused something.
    """
    if not parts:
        return
    room = work.forge.limits.children
    if len(parts) > room:
        work.warnings.append(f"An issue takes {room} sub-issues; the last {len(parts) - room} tasks have none.")
    children = work.forge.children(issue) if issue else []
    attached = {child.number for child in children}
    # A run that was cut may have made one without attaching it.
    loose = [other for other in work.own_issues() if other.number not in attached] if issue else []
    known = {key: child for child in [*reversed(loose), *children] if (key := work.part_of(child))}
    renamed = _renamed(work, known)
    for part in parts[:room]:
        child = known.get(part.key) or known.get(renamed.get(part.key, ""))
        child = _change_part(work, child, part) if child else _create_part(work, part, labels)
        if issue and child and child.number not in attached:
            work.do(f"attach #{child.number}", partial(work.forge.add_child, issue, child))


def _renamed(work: Work, known: Mapping[str, Issue]) -> dict[str, str]:
    """Return by which key the issue of a reworded task is known."""
    orphans = [child for key, child in known.items() if key.startswith("task-")]
    headings = work.plan.answers.headings
    now = list(tasks_in(work.committed.text_of_plan, headings))
    found: dict[str, str] = {}
    for blob in {signature.blob for child in orphans if (signature := read_signature(child.body)[1])}:
        try:
            before = list(tasks_in(text_of_blob(work.root, blob), headings))
        except CommittedError:
            continue
        found |= {new: old for old, new in match_tasks(before, now).items() if old != new}
    return found


def _create_part(work: Work, part: Part, labels: Sequence[str]) -> Issue | None:
    values = {"title": part.title, "body": work.signed(part.text, part.key), "labels": list(labels)}
    child = work.do(f"make the sub-issue {part.title}", partial(work.forge.create_issue, values))
    return _change_part(work, child, part) if child else None


def _change_part(work: Work, child: Issue, part: Part) -> Issue:
    text, signature = read_signature(child.body)
    is_other = digest_of(text) != digest_of(part.text)
    if is_other and not (signature and signature.is_of(text)):
        work.warnings.append(f"#{child.number} was edited in the tracker. Take that into the plan: publish --pull")
        return child
    values: dict[str, Any] = {}
    if child.title != part.title:
        values["title"] = part.title
    if child.is_open == part.is_done:
        if signature and child.is_open == (signature.state == "done"):
            told = "reopened" if child.is_open else "closed"
            work.warnings.append(f"#{child.number} was {told} in the tracker. Take that into the plan: publish --pull")
            return child
        values["is_open"] = not part.is_done
    if is_other or values or (signature and signature.part != part.key):
        # In one call with what it says: a run that is cut leaves both or neither.
        values["body"] = work.signed(part.text, part.key, is_done=part.is_done)
        change = partial(work.forge.change_issue, child, values)
        work.do(f"change {', '.join(sorted(values))} of #{child.number}", change)
    return child
