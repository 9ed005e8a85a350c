"""Makes the tracker agree with plans: labels, milestones, one issue a feature, and sub-issues where they are asked for.

Every run looks at what is there and changes what differs, so a run that was cut anywhere is finished by the next one.
What a person wrote in the tracker is never overwritten before the plan has it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from groundplan.errors import UserError
from groundplan.plan.files import UnreadableFileError, write_whole
from groundplan.plan.front_matter import read_front_matter
from groundplan.plan.reader import read_plan
from groundplan.text.markdown import parse
from groundplan.tracker.body import WHOLE, digest_of, issue_text, read_signature, shortened
from groundplan.tracker.committed import CommittedError, committed_plan, require_pushed, text_of_blob, with_issue
from groundplan.tracker.forge import Forge, ForgeError, Issue, LoginError, NotThereError
from groundplan.tracker.milestones import next_milestone
from groundplan.tracker.parts import parts_of, publish_parts
from groundplan.tracker.pull import Pulled, pull
from groundplan.tracker.work import Work

# What a signature adds to a text.
_SIGNATURE_LENGTH = 200


class PublishError(UserError):
    """A plan that cannot be published; the message says why and what to do."""

    status = 1


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one feature.

    Attributes:
        slug: The feature.
        status: `published`, `current`, `pulled`, `conflicts`, `edited` (in the tracker, by hand), or `failed`.
        issue: The issue's page; empty where there is none yet.
        changes: What was changed, or would be in a dry run.
        warnings: What could not be done, and why.
        reason: Why nothing was done.
    """

    slug: str
    status: str
    issue: str = ""
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether nothing is left to be done."""
        return self.status in {"published", "current", "pulled"}


def publish(  # noqa: PLR0913 - each is named where it is called
    root: Path,
    slugs: Sequence[str],
    forge: Forge,
    *,
    remote: str = "",
    tasks: str = "none",
    is_pull: bool = False,
    dry_run: bool = False,
    today: datetime.date,
    step: Callable[[str], None] = lambda _: None,
) -> list[Published]:
    """Make the tracker agree with plans, or plans with the tracker.

    Args:
        root: The folder that holds `docs/plan_docs`.
        slugs: The features.
        forge: The tracker.
        remote: The git remote that must have what is published; any will do where it is empty.
        tasks: Which sub-issues to make: `none`, one for each of the `phases`, or one for `all` tasks each.
        is_pull: Take what people did in the issues into the plans; nothing is changed in the tracker then.
        dry_run: Only look.
        today: Which milestone is next is judged by this day.
        step: Hears which feature is next.

    Returns:
        What became of each feature; one that fails stops no other.

    Raises:
        LoginError: Nobody is logged in to the forge.
    """
    results = []
    for slug in slugs:
        step(slug)
        changes: list[str] = []
        try:
            committed = committed_plan(root, slug)
            if not is_pull:
                require_pushed(root, committed.commit, remote)
            work = Work(forge, root, read_plan(root, slug), committed, tasks, today, dry_run, changes)
            results.append(_pull(work) if is_pull else _publish(work))
        except LoginError:
            raise
        except (UserError, UnreadableFileError, OSError) as error:
            reason = " ".join(str(error).split())
            results.append(Published(slug, "failed", changes=tuple(changes), reason=reason))
    return results


def _publish(work: Work) -> Published:
    _require_fitting(work)
    slug, text = work.plan.slug, _text(work)
    issue = find_issue(work)
    if issue and (reason := _edited(work, issue, text)):
        return Published(slug, "edited", issue.url, reason=reason)
    wanted: dict[str, Any] = {
        "title": work.plan.front_matter.title,
        "body": work.signed(text, WHOLE),
        "labels": _labels(work),
        "milestone": next_milestone(work),
    }
    issue = _change(work, issue, wanted) if issue else _create(work, wanted)
    if issue and work.committed.issue != issue.url:
        named = with_issue(work.committed.text, issue.url)
        work.do(f"name the issue in {work.committed.path}", partial(_write_plan, work, named))
    publish_parts(work, issue, list(parts_of(work)), wanted["labels"])
    if issue and not work.dry_run:
        _join_boards(work, issue)
    status = "published" if work.changes else "current"
    return Published(slug, status, issue.url if issue else "", tuple(work.changes), tuple(work.warnings))


def _require_fitting(work: Work) -> None:
    """Refuse what the forge would refuse or cut."""
    matter, limits, name, path = work.plan.front_matter, work.forge.limits, work.forge.name, work.committed.path
    if not matter.title:
        raise PublishError(f"{path} has no title in its front matter. Give it one.")
    if len(matter.title) > limits.title:
        raise PublishError(f"The title in {path} is longer than the {limits.title} characters {name} takes.")
    if long := next((label for label in matter.labels if len(label) > limits.label), None):
        raise PublishError(
            f"The label “{long[:20]}…” in {path} is longer than the {limits.label} characters {name} takes. Shorten it."
        )
    if len(matter.assignees) > limits.assignees:
        raise PublishError(f"{path} names {len(matter.assignees)} assignees, and {name} takes {limits.assignees}.")


def _text(work: Work) -> str:
    """Return the text of the issue."""
    room = work.forge.limits.body - _SIGNATURE_LENGTH
    whole = issue_text(work.committed.text_of_plan, work.link)
    text, left = shortened(whole, room, work.page_of(work.committed.path))
    if left:
        work.warnings.append(f"The plan is too long for an issue, which has only a link to: {', '.join(left)}.")
    return text


def find_issue(work: Work) -> Issue | None:
    """Find a feature's issue: by the address in its front matter, else by the signature of the body.

    Args:
        work: The feature.

    Raises:
        PublishError: The address does not lead to an issue of this repository.
        ForgeError: The forge refused to tell.
    """
    address, forge = work.committed.issue, work.forge
    if not address:
        found = (issue for issue in work.own_issues() if work.part_of(issue) == WHOLE)
        return min(found, key=lambda issue: issue.number, default=None)
    number = forge.issue_number(address)
    if number is None:
        raise PublishError(f"issue: {address} is not an issue of this repository. Correct it, or remove the line.")
    try:
        issue = forge.issue(number)
    except NotThereError as error:
        raise PublishError(f"{address} is gone or hidden. Remove the line `issue:` to make a new one.") from error
    if forge.issue_number(issue.url) != number:
        raise PublishError(f"{address} was moved to {issue.url}. Write that into the line `issue:`.")
    return issue


def _edited(work: Work, issue: Issue, text: str) -> str:
    """Return why an issue may not be overwritten: people wrote what the plan does not have yet."""
    body, signature = read_signature(issue.body)
    if digest_of(body) == digest_of(text) or (signature and signature.is_of(body)):
        return ""
    if not signature:
        return "the issue's body has lost its last line, a comment. Put it back from the issue's edit history."
    if _pulled(work, issue, ()).text == work.committed.text_of_plan:
        return ""
    return "its body was edited in the tracker. Take that into the plan first: groundplan publish --pull"


def _labels(work: Work) -> list[str]:
    wanted = list(work.plan.front_matter.labels)
    known = {name.lower() for name in work.forge.labels()} if wanted else set()
    for name in wanted:
        if name.lower() not in known:
            work.do(f"make the label {name}", partial(work.forge.create_label, name))
    return wanted


def _people(work: Work, there: Sequence[str]) -> list[str]:
    """Return whom to assign beside those who are; a person the forge does not know is a warning."""
    present = {handle.lower() for handle in there}
    missing = [handle for handle in work.plan.front_matter.assignees if handle.lower() not in present]
    known = [handle for handle in missing if work.forge.knows(handle)]
    work.warnings += [f"{handle} cannot be assigned to issues here." for handle in missing if handle not in known]
    return known


def _create(work: Work, wanted: dict[str, Any]) -> Issue | None:
    values = {**wanted, "assignees": _people(work, ())}
    issue = work.do("make the issue", partial(work.forge.create_issue, values))
    if not issue:
        return None
    # Somebody may have published at the same time: the older issue is kept, ours was nobody's yet.
    made = [other for other in work.own_issues() if work.part_of(other) == WHOLE]
    first = min(made, key=lambda other: other.number, default=issue)
    if first.number < issue.number:
        close = partial(work.forge.change_issue, issue, {"is_open": False})
        work.do(f"close #{issue.number}, made twice", close)
        return first
    return issue


def _change(work: Work, issue: Issue, wanted: dict[str, Any]) -> Issue:
    """Change what differs; labels and people that others added stay."""
    values: dict[str, Any] = {}
    if issue.title != wanted["title"]:
        if _has_published_title(work, issue):
            values["title"] = wanted["title"]
        else:
            work.warnings.append(f"The issue was renamed to “{issue.title}” in the tracker; that was left alone.")
    text, signature = read_signature(issue.body)
    if not signature or digest_of(text) != digest_of(read_signature(wanted["body"])[0]):
        values["body"] = wanted["body"]
    present = {label.lower() for label in issue.labels}
    if missing := [label for label in wanted["labels"] if label.lower() not in present]:
        values["labels"] = [*issue.labels, *missing]
    if people := _people(work, issue.assignees):
        values["assignees"] = [*issue.assignees, *people]
    due = wanted["milestone"]
    ours = {"", *(milestone.name for milestone in work.plan.milestones)}
    if due and issue.milestone != due.title and issue.milestone in ours:
        values["milestone"] = due
    if not values:
        return issue
    change = partial(work.forge.change_issue, issue, values)
    return work.do(f"change {', '.join(sorted(values))} of #{issue.number}", change) or issue


def _has_published_title(work: Work, issue: Issue) -> bool:
    """Return whether an issue still has the title that it was published with."""
    _, signature = read_signature(issue.body)
    if not signature:
        return True
    try:
        matter = parse(text_of_blob(work.root, signature.blob)).front_matter
    except CommittedError:
        return False
    return matter is not None and read_front_matter(matter.content).title == issue.title


def _join_boards(work: Work, issue: Issue) -> None:
    """Put an issue on the project boards that the plan links to."""
    for link in work.plan.page.links:
        if link.target.startswith("https://") and "/projects/" in link.target:
            try:
                work.forge.add_to_board(link.target, issue)
            except ForgeError as error:
                work.warnings.append(f"{link.target}: {error}")


def _pull(work: Work) -> Published:
    slug, issue = work.plan.slug, find_issue(work)
    if not issue:
        raise PublishError(f"It has no issue yet. Publish it first: groundplan publish {slug}")
    children = work.forge.children(issue) if work.forge.limits.children else []
    result = _pulled(work, issue, [child for child in children if work.part_of(child)])
    if result.text == work.committed.text_of_plan:
        return Published(slug, "current", issue.url)
    content = work.committed.with_plan(result.text)
    work.do(f"write {work.committed.path}", partial(_write_plan, work, content))
    reason = "; ".join(f"conflict at line {conflict.line}" for conflict in result.conflicts)
    return Published(slug, "conflicts" if reason else "pulled", issue.url, tuple(work.changes), reason=reason)


def _pulled(work: Work, issue: Issue, parts: Sequence[Issue]) -> Pulled:
    _, signature = read_signature(issue.body)
    if not signature:
        raise PublishError("The issue's body has lost its last line, a comment. Put it back from its edit history.")
    published = text_of_blob(work.root, signature.blob)
    return pull(work.committed.text_of_plan, published, issue, parts, work.unlink, headings=work.plan.answers.headings)


def _write_plan(work: Work, content: bytes) -> None:
    write_whole(work.root / work.committed.path, content)
