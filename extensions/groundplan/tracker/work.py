"""One feature on its way to the tracker: what is known of it, and what was changed so far."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from groundplan.plan.model import Plan
from groundplan.tracker.body import linker, read_signature, signed, unlinker
from groundplan.tracker.committed import Committed
from groundplan.tracker.forge import Forge, Issue

Result = TypeVar("Result")


@dataclass
class Work:
    """One feature on its way to the tracker.

    Attributes:
        forge: The tracker.
        root: The folder that holds `docs/plan_docs`.
        plan: The plan.
        committed: What git has of it.
        tasks: Which sub-issues to make.
        today: By which day it is judged which milestone is next.
        dry_run: Only look.
        changes: What was changed, or would be.
        warnings: What could not be done, and why.
    """

    forge: Forge
    root: Path
    plan: Plan
    committed: Committed
    tasks: str
    today: datetime.date
    dry_run: bool
    changes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def do(self, told: str, act: Callable[[], Result]) -> Result | None:
        """Change something, unless this is a dry run.

        Args:
            told: What is changed.
            act: Changes it.

        Returns:
            What that returned; None in a dry run.
        """
        self.changes.append(told)
        return None if self.dry_run else act()

    def link(self, target: str) -> str:
        """Return the address of a link of the plan."""
        return linker(self.plan.folder, self.committed.path, self.page_of)(target)

    def unlink(self, text: str) -> str:
        """Write the addresses of the repository's files in a text as links of the plan again."""
        anywhere = unlinker(self.plan.folder, self.committed.path, lambda path: self.forge.file_url("COMMIT", path))
        return anywhere(text)

    def page_of(self, path: str) -> str:
        """Return the page of a file at the plan's commit."""
        return self.forge.file_url(self.committed.commit, path)

    def signed(self, text: str, part: str, *, is_done: bool = False) -> str:
        """Return a text with the signature of a part."""
        return signed(text, self.plan.slug, part, self.committed.blob, is_done=is_done)

    def own_issues(self) -> Iterator[Issue]:
        """Yield the issues that may be the feature's: those with its first label, and those that one made oneself.

        The forge drops labels without a word where one may not set them.
        """
        if self.plan.front_matter.labels:
            yield from self.forge.issues_with(self.plan.front_matter.labels[0])
        yield from self.forge.issues_with("")

    def part_of(self, issue: Issue) -> str:
        """Return which part of the feature an issue stands for; empty where it is of another, or of none."""
        _, signature = read_signature(issue.body)
        return signature.part if signature and signature.slug == self.plan.slug else ""
