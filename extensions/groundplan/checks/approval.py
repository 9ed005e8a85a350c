"""What was approved: a plan as it was when somebody approved it, read back from git."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from groundplan.checks.rules import Finding, Severity
from groundplan.git import GitError, git, git_bytes, named_or
from groundplan.layout import ANSWERS_NAME, PLAN_ROOT
from groundplan.plan.changes import PURPOSE, Change, changes
from groundplan.plan.files import UnreadableFileError, read_text
from groundplan.plan.headings import Headings, team_answers
from groundplan.plan.model import Plan
from groundplan.plan.outline import GOALS, SCOPE
from groundplan.plan.reader import past_headings, read_plan_alone
from groundplan.plan.stage import front_matter_of
from groundplan.text.blocks import split_lines
from groundplan.text.yaml_mapping import YamlMappingError, load_scalars

_STATUSES = ("approved", "in-progress", "released")


class Approved(NamedTuple):
    """A plan as it was approved.

    Attributes:
        commit: The commit that has it so.
        text: The plan.
        answers: Its answers file then; empty where there was none.
    """

    commit: str
    text: str
    answers: str

    @property
    def version(self) -> str:
        """The version of the template that it followed then; empty where nobody knows."""
        try:
            return load_scalars(self.answers).get("_commit", "")
        except YamlMappingError:
            return ""

    @property
    def headings(self) -> Headings:
        """What its team made of its headings then."""
        return past_headings(self.answers)


def approved_states(root: Path, plans: Iterable[Plan]) -> dict[str, Approved]:
    """Return plans as they were approved: one `git log` and one `git cat-file` for all of them.

    A commit that brings the approval has what was approved, wherever it was rebased or squashed to; as long as there is
    none, the commit that the approval names has it.

    Args:
        root: The folder that holds `docs/plan_docs`.
        plans: The plans; those count that are approved and not archived.

    Returns:
        By slug; without those that git cannot tell of.
    """
    wanted = [plan for plan in plans if plan.front_matter.approved and plan.front_matter.status in _STATUSES]
    if not wanted:
        return {}
    try:
        return dict(_states(root, wanted))
    except GitError:
        return {}


def _states(root: Path, plans: Sequence[Plan]) -> Iterator[tuple[str, Approved]]:
    recorded = _recorded(root, plans)
    commits = {plan.slug: [recorded.get(plan.page.path, ""), _named(plan)] for plan in plans}
    pairs = [(plan, commit) for plan in plans for commit in commits[plan.slug] if commit]
    names = [f"{commit}:./{path}" for plan, commit in pairs for path in (plan.page.path, _answers(plan))]
    contents = read_objects(root, names)
    found: set[str] = set()
    for plan, commit in pairs:
        text = contents.get(f"{commit}:./{plan.page.path}")
        if text is None or plan.slug in found:
            continue
        is_recorded = commit == recorded.get(plan.page.path)
        if is_recorded and front_matter_of(text).approved != plan.front_matter.approved:
            # An earlier approval's; that of today is not committed yet.
            continue
        found.add(plan.slug)
        yield plan.slug, Approved(commit, text, contents.get(f"{commit}:./{_answers(plan)}", ""))


def _named(plan: Plan) -> str:
    return plan.front_matter.approved.commit if plan.front_matter.approved else ""


def _answers(plan: Plan) -> str:
    return f"{plan.folder}/{ANSWERS_NAME}"


def _recorded(root: Path, plans: Sequence[Plan]) -> dict[str, str]:
    """Map plans' paths to the last commit that changed a line which begins with `approved:`."""
    first = min(plan.front_matter.approved.date for plan in plans if plan.front_matter.approved)
    # The clock of whoever approved may have been ahead.
    day = min(datetime.date.fromisoformat(first), datetime.date.today()) - datetime.timedelta(days=1)
    paths = [plan.page.path for plan in plans]
    log = git(
        root,
        *("log", f"--since={day}T00:00:00Z", "-G^approved:", "--format=%x00%H", "--name-only", "--relative"),
        *("--no-renames", "--", *named_or(paths, PLAN_ROOT)),
    )
    commits: dict[str, str] = {}
    for entry in log.split("\0")[1:]:
        commit, *changed = entry.split()
        for path in changed:
            commits.setdefault(path, commit)
    return commits


def read_objects(root: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the texts of files as commits have them, by one `git cat-file`.

    Args:
        root: A folder of the repository.
        names: Such as `HEAD:./docs/plan_docs/saved-carts/feature-plan.md`.

    Returns:
        By name; without those that there are not, and without what is not UTF-8 text.

    Raises:
        GitError: git cannot tell.
    """
    output = git_bytes(root, "cat-file", "--batch", content="".join(f"{name}\n" for name in names).encode())
    texts: dict[str, str] = {}
    place = 0
    for name in names:
        # git-cat-file(1), BATCH OUTPUT: `<name> missing`, or a line of facts, the content and a line end.
        end = output.find(b"\n", place)
        facts = output[place:end].split(b" ")
        place = end + 1
        if len(facts) == 3 and facts[1] == b"blob":
            content, place = output[place : place + int(facts[2])], place + int(facts[2]) + 1
            try:
                texts[name] = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                continue
    return texts


class Approvals:
    """Plans as they were approved, beside what they are now.

    Attributes:
        states: What `approved_states` returns for them.
    """

    def __init__(self, root: Path, plans: Iterable[Plan]) -> None:
        """Read from git what was approved.

        Args:
            root: The folder that holds `docs/plan_docs`.
            plans: The plans as they are.
        """
        self._root = root
        self.states = approved_states(root, plans)

    def changes_of_purpose(self, plan: Plan) -> list[Change]:
        """Return what changed in goals and scope since a plan was approved."""
        approved = self.states.get(plan.slug)
        # To compare lines takes a small part of the time of reading the plan as it was.
        if not approved:
            return []
        now = read_text(self._root, plan.page.path)
        if _purpose(approved.text, approved.headings) == _purpose(now, plan.answers.headings):
            return []
        past = read_plan_alone(plan.slug, approved.text, approved.answers)
        return [change for change in changes(past, plan) if change.part in PURPOSE]

    def lenient(self, findings: Iterable[Finding], plan: Plan) -> Iterator[Finding]:
        """Yield findings, as notes those about what a newer template or the team added since the plan was approved.

        Args:
            findings: What was found in the plan.
            plan: The plan.
        """
        approved = self.states.get(plan.slug)
        if not approved or not _is_another(approved, self._root, plan):
            yield from findings
            return
        paths = [page.path for page in plan.pages]
        then = read_objects(self._root, [f"{approved.commit}:./{path}" for path in paths])
        known = {path: set(_lines(then.get(f"{approved.commit}:./{path}", ""))) for path in paths}
        now = {path: _lines(read_text(self._root, path)) for path in paths}
        for finding in findings:
            lines = now.get(finding.path, [])
            is_new = finding.line <= len(lines) and lines[finding.line - 1] not in known[finding.path]
            yield replace(finding, severity=Severity.NOTE) if is_new else finding


def _is_another(approved: Approved, root: Path, plan: Plan) -> bool:
    """Return whether a plan follows another version of its template, or other wishes of its team, than it did."""
    if not approved.version:
        return False
    try:
        now = read_text(root, _answers(plan))
        return approved.version != plan.answers.version or team_answers(approved.answers) != team_answers(now)
    except (UnreadableFileError, YamlMappingError):
        return False


def _purpose(text: str, headings: Headings) -> list[str]:
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("## ")]
    sections = [lines[start:stop] for start, stop in zip(heads, [*heads[1:], len(lines)], strict=True)]
    return [line for section in sections if headings.key(section[0][3:].strip()) in (GOALS, SCOPE) for line in section]


def _lines(text: str) -> list[str]:
    """Return the lines of a text; one that only opens a comment with the next, which says what the comment is."""
    lines = [line.strip() for line in split_lines(text)]
    return [line + below if line == "<!--" else line for line, below in zip(lines, [*lines[1:], ""], strict=True)]
