"""What a command did with each feature, and who hears of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Status(StrEnum):
    """What became of a feature."""

    MADE = "made"
    UPDATED = "updated"
    CONFLICTS = "conflicts"
    CURRENT = "current"
    REMOVED = "removed"
    SKIPPED = "skipped"
    REFUSED = "refused"
    WITHHELD = "withheld"
    FAILED = "failed"


FINE = frozenset({Status.MADE, Status.UPDATED, Status.CURRENT, Status.REMOVED, Status.SKIPPED})


@dataclass(frozen=True)
class Outcome:
    """What became of one feature.

    Attributes:
        slug: The feature; empty where the brief was refused before it had a name.
        status: What became of it.
        reason: Why, where that is not plain.
        brief: The brief it was asked for with, as `file:line`; empty where there was none.
        files: The files that were written, or removed; relative paths.
        kept: Files that were left alone though they belong to it.
        conflicts: Files that stand unmerged.
        answers: The questions whose answers changed.
        notes: What was decided on the way that a person may want to look at.
        version: The template's version it has now.
    """

    slug: str
    status: Status
    reason: str = ""
    brief: str = ""
    files: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True)
class Report:
    """What a command did.

    Attributes:
        command: Its name.
        outcomes: One for each feature, in the order of the request.
        dry_run: Whether it only says what it would do.
    """

    command: str
    outcomes: tuple[Outcome, ...]
    dry_run: bool = False

    @property
    def is_fine(self) -> bool:
        """Whether everything asked for is done."""
        return all(outcome.status in FINE for outcome in self.outcomes)

    def as_json(self) -> dict[str, Any]:
        """Return the report as a document for `json.dumps`; every key is always there."""
        counts = {status.value: sum(outcome.status is status for outcome in self.outcomes) for status in Status}
        return {
            "command": self.command,
            "ok": self.is_fine,
            "dry_run": self.dry_run,
            "counts": {status: count for status, count in counts.items() if count},
            "features": [asdict(outcome) for outcome in self.outcomes],
        }


def _say_nothing(*_: object) -> None:
    return


@dataclass(frozen=True)
class Listener:
    """Who hears how a command goes on.

    Attributes:
        tell: Gets a line for a person.
        step: Gets the number of features done, the number of all, and the one that was just done.
    """

    tell: Callable[[str], None] = _say_nothing
    step: Callable[[int, int, str], None] = _say_nothing


SILENCE = Listener()
# No answers that override others.
NO_DATA: Mapping[str, Any] = MappingProxyType({})
