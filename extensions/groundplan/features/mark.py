"""Plans brought from one status to the next, judged as if they had it already."""

import codecs
import datetime
import getpass
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from groundplan.checks.check import check_as_if, known_slugs
from groundplan.checks.rules import Finding, Severity
from groundplan.git import GitError, git
from groundplan.layout import PLAN_NAME, PLAN_ROOT
from groundplan.plan.files import UnreadableFileError, document_files, plan_slugs, read_text, write_whole
from groundplan.plan.front_matter import Approval
from groundplan.plan.guidance import without_guidance
from groundplan.plan.reader import read_plan
from groundplan.plan.stage import front_matter_of, with_approval, with_status
from groundplan.projects import find_root

# Where each status leads; to draft and to archived one comes from anywhere. Who changes goals or scope of what is being
# built approves it again.
_WAYS = {
    "draft": ("approved",),
    "approved": ("approved", "in-progress"),
    "in-progress": ("approved", "released"),
    "released": (),
    "archived": (),
}


class Result(StrEnum):
    """What became of a plan."""

    MARKED = "marked"
    CURRENT = "current"
    REFUSED = "refused"


@dataclass(frozen=True)
class Marked:
    """What became of one plan.

    Attributes:
        slug: The plan folder's name.
        before: The status that it had.
        after: The status that it has now, or would have.
        result: Whether that was done.
        reason: Why it was refused; empty otherwise.
        findings: What would be found at the new status, but for notes.
        files: The files that changed, or would change, relative to the repository.
    """

    slug: str
    before: str
    after: str
    result: Result
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()


def mark(  # noqa: PLR0913 - each is a keyword
    slugs: Sequence[str],
    status: str,
    repository: Path | str = ".",
    *,
    strip_guidance: bool = False,
    anyway: bool = False,
    dry_run: bool = False,
    today: datetime.date | None = None,
) -> list[Marked]:
    """Set the status of plans, each only if a check would find no error in it then.

    Only the status changes: its line in the front matter, the word below the title, and for an approval one line that
    says who gave it, when, and on which commit.

    Args:
        slugs: The plan folders.
        status: draft, approved, in-progress, released or archived.
        repository: A folder in the repository.
        strip_guidance: Whether comments of guidance go, and placeholders beside which something was answered.
        anyway: Whether to change plans with errors, too.
        dry_run: Whether only to say what would be done.
        today: The day that decides what is late; today where it is None.

    Returns:
        What became of each plan.

    Raises:
        UnknownPlanError: There is no plan folder of one of the names.
    """
    root = find_root(Path(repository))
    wish = _Wish(status, strip_guidance, anyway, today or datetime.date.today())
    outcomes = []
    for slug in known_slugs(slugs, plan_slugs(root)):
        outcome, texts = _judge(root, slug, wish)
        for path, text in texts.items() if not dry_run else ():
            _write(root / path, text)
        outcomes.append(outcome)
    return outcomes


class _Wish(NamedTuple):
    """What is asked for, of each plan."""

    status: str
    strips_guidance: bool
    anyway: bool
    today: datetime.date


def _judge(root: Path, slug: str, wish: _Wish) -> tuple[Marked, dict[str, str]]:
    """Return what becomes of a plan, and the new texts of its files."""
    path = f"{PLAN_ROOT}/{slug}/{PLAN_NAME}"
    try:
        text = read_text(root, path)
    except UnreadableFileError as error:
        return Marked(slug, "", wish.status, Result.REFUSED, f"{PLAN_NAME} {error.unreadable.message}"), {}
    matter = front_matter_of(text)
    outcome = Marked(slug, matter.status if matter.tells_status else "", wish.status, Result.REFUSED)
    if outcome.before == wish.status != "approved" and not wish.strips_guidance:
        return replace(outcome, result=Result.CURRENT), {}
    if reason := _obstacle(outcome.before, wish.status):
        return replace(outcome, reason=reason), {}
    texts = _new_texts(root, path, text, wish)
    if front_matter_of(texts[path]).status != wish.status:
        reason = f'The line of its status cannot be changed. Write it as `status: "{outcome.before}"`.'
        return replace(outcome, reason=reason), {}
    return _decide(root, outcome, texts, wish)


def _obstacle(before: str, status: str) -> str:
    """Return why a plan cannot go from one status to another; empty where it can."""
    if not before:
        return "Its front matter has no status that could be changed. See groundplan check."
    if status in (before, "draft", "archived", *_WAYS[before]):
        return ""
    following = " or ".join([*(way for way in _WAYS[before] if way != before), "draft", "archived"])
    return f"From {before} it goes to {following}, not to {status}."


def _decide(root: Path, outcome: Marked, texts: dict[str, str], wish: _Wish) -> tuple[Marked, dict[str, str]]:
    """Look at a plan as it would be."""
    findings = check_as_if(root, read_plan(root, outcome.slug, texts), wish.today)
    outcome = replace(outcome, findings=tuple(found for found in findings if found.severity is not Severity.NOTE))
    if any(finding.severity is Severity.ERROR for finding in findings) and not wish.anyway:
        reason = f"It would have errors as {wish.status}. Mend them, or say --anyway."
        return replace(outcome, reason=reason), {}
    return replace(outcome, result=Result.MARKED, files=tuple(texts)), texts


def _new_texts(root: Path, path: str, text: str, wish: _Wish) -> dict[str, str]:
    texts = dict(_stripped(root, Path(path).parent)) if wish.strips_guidance else {}
    marked = with_status(texts.get(path, text), wish.status)
    if wish.status == "approved":
        by = _ask(root, "config", "user.name") or getpass.getuser()
        marked = with_approval(marked, Approval(wish.today.isoformat(), by, _ask(root, "rev-parse", "HEAD")))
    return {**texts, path: marked}


def _stripped(root: Path, folder: Path) -> Iterator[tuple[str, str]]:
    for file in document_files(root / folder):
        path = file.relative_to(root).as_posix()
        try:
            text = read_text(root, path)
        except UnreadableFileError:
            # For the check to tell.
            continue
        if (bare := without_guidance(text)) != text:
            yield path, bare


def _ask(root: Path, *question: str) -> str:
    try:
        return git(root, *question).strip()
    except GitError:
        return ""


def _write(file: Path, text: str) -> None:
    """Write a text with the byte order mark that the file has."""
    encoding = "utf-8-sig" if file.read_bytes().startswith(codecs.BOM_UTF8) else "utf-8"
    write_whole(file, text.encode(encoding))
