"""How the tasks of plans were ticked over time, as git remembers it: no database, and no parsing."""

import datetime
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from groundplan.git import git, git_stream
from groundplan.layout import PLAN_NAME, PLAN_ROOT
from groundplan.plan.outline import IMPLEMENTATION
from groundplan.progress.status import FeatureStatus, Progress

# A pace needs two weeks of history to mean something, and what happened before the last four says little of today.
_SHORTEST = datetime.timedelta(days=14)
_LOOKED_BACK = datetime.timedelta(days=28)
_SPARKS = "▁▂▃▄▅▆▇█"
_SECTION = re.compile(rb"^##[ \t]+" + re.escape(IMPLEMENTATION.encode()) + rb"[ \t#]*\r?$", re.MULTILINE)
_NEXT_SECTION = re.compile(rb"^##?[ \t]", re.MULTILINE)
_TASK = re.compile(rb"^[ \t]*[-*+][ \t]+\[([ xX])\][ \t]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Point:
    """How far a feature was at the end of a day."""

    day: datetime.date
    progress: Progress


@dataclass(frozen=True, slots=True)
class History:
    """How a feature's tasks were ticked.

    Attributes:
        points: One for each day on which its plan changed, oldest first; the last is how far it is today.
        is_cut: Whether older commits are missing, as in a shallow clone.
    """

    points: tuple[Point, ...]
    is_cut: bool = False

    @property
    def pace(self) -> float:
        """How many tasks are done in a day, by the last four weeks; 0 where less than two weeks are known."""
        if not self.points:
            return 0
        now = self.points[-1]
        start = max(self.points[0].day, now.day - _LOOKED_BACK)
        if now.day - start < _SHORTEST:
            return 0
        before = next(point for point in reversed(self.points) if point.day <= start)
        return max(0, now.progress.done - before.progress.done) / (now.day - start).days

    def finish(self) -> datetime.date | None:
        """Return the day on which the last task would be done at this pace; None where no pace shows or all is done."""
        if not self.pace:
            return None
        last = self.points[-1]
        left = last.progress.total - last.progress.done
        # Beyond ten years a date says nothing.
        days = left / self.pace
        return last.day + datetime.timedelta(days=-int(-days // 1)) if left and days < 3650 else None

    def as_data(self) -> dict[str, object]:
        """Return the history as data for a JSON document."""
        finish = self.finish()
        return {
            "points": [
                {"date": point.day.isoformat(), "done": point.progress.done, "total": point.progress.total}
                for point in self.points
            ],
            "tasks_per_week": round(self.pace * 7, 2),
            "finish": finish.isoformat() if finish else None,
            "cut": self.is_cut,
        }


def histories(root: Path, features: Sequence[FeatureStatus], today: datetime.date) -> dict[str, History]:
    """Return how the tasks of features were ticked: one `git log` and one `git cat-file` for all of them.

    Args:
        root: The folder that holds `docs/plan_docs`.
        features: How far the features are today.
        today: The last day of the histories.

    Returns:
        By slug; where git knows nothing of a plan, today is all there is.

    Raises:
        GitError: There is no git, no repository, or no commit to ask.
    """
    wanted = {feature.slug for feature in features}
    versions: dict[str, dict[datetime.date, str]] = {}
    for slug, day, blob in _changes(root):
        if slug in wanted:
            # The log begins with the newest commit: the first of a day is that day's last.
            versions.setdefault(slug, {}).setdefault(day, blob)
    blobs = set(chain.from_iterable(days.values() for days in versions.values()))
    counted = dict(_count(root, sorted(blobs)))
    is_cut = git(root, "rev-parse", "--is-shallow-repository").strip() == "true"
    return {
        feature.slug: History(_points(versions.get(feature.slug, {}), counted, feature.progress, today), is_cut)
        for feature in features
    }


def _points(
    days: Mapping[datetime.date, str], counted: Mapping[str, Progress], now: Progress, today: datetime.date
) -> tuple[Point, ...]:
    past = [Point(day, counted[blob]) for day, blob in sorted(days.items()) if day < today and blob in counted]
    return (*past, Point(today, now))


def _changes(root: Path) -> Iterator[tuple[str, datetime.date, str]]:
    """List what became of plans, newest first: slug, day, and the blob of the plan."""
    # Where a folder above is a link, git knows the plans by their real place alone.
    plans = Path(os.path.realpath(root / PLAN_ROOT))
    # The first parents alone: what the branch that one looks at had, whatever was ticked elsewhere meanwhile.
    log = git(
        plans,
        *("log", "--first-parent", "-m", "--format=%ct", "--raw", "--no-abbrev"),
        *("--no-renames", "--diff-filter=AM", "--relative", "--", f":(glob)*/{PLAN_NAME}"),
    )
    day = datetime.date.min
    for line in filter(None, log.splitlines()):
        if not line.startswith(":"):
            day = datetime.datetime.fromtimestamp(int(line), datetime.UTC).date()
            continue
        facts, _, path = line.partition("\t")
        yield path.removesuffix(f"/{PLAN_NAME}"), day, facts.split(" ")[3]


def _count(root: Path, blobs: Sequence[str]) -> Iterator[tuple[str, Progress]]:
    """Count the tasks in blobs, one after the other, so that no more than one is in memory."""
    if not blobs:
        return
    names = "".join(f"{blob}\n" for blob in blobs).encode()
    with git_stream(root, "cat-file", "--batch", content=names) as output:
        yield from _read_batch(output)


def _read_batch(output: IO[bytes]) -> Iterator[tuple[str, Progress]]:
    """Read the output of `git cat-file --batch` (git-cat-file(1), BATCH OUTPUT)."""
    while header := output.readline():
        name, kind, *size = header.split()
        # A partial clone, a damaged one: there is nothing to count then.
        if kind == b"blob" and size:
            yield name.decode(), tasks_in(output.read(int(size[0])))
            output.read(1)


def tasks_in(content: bytes) -> Progress:
    """Count the tasks of a plan by its lines, without parsing it.

    Args:
        content: The plan as git keeps it.

    Returns:
        The checklist lines of the implementation plan, done and in all.
    """
    section = _SECTION.search(content)
    if not section:
        return Progress(0, 0)
    below = _NEXT_SECTION.search(content, section.end())
    marks = [mark[1] for mark in _TASK.finditer(content, section.end(), below.start() if below else len(content))]
    return Progress(sum(mark != b" " for mark in marks), len(marks))


def sampled(points: Sequence[Point], most: int) -> list[tuple[datetime.date, Progress]]:
    """Return how far a feature was on days that lie equally far apart.

    Args:
        points: The history, oldest first.
        most: How many days at most; the first and the last of the history are among them.
    """
    first, days = points[0].day, (points[-1].day - points[0].day).days
    count = min(most, days + 1)
    chosen = [first + datetime.timedelta(days=round(days * step / max(1, count - 1))) for step in range(count)]
    return [(day, next(point.progress for point in reversed(points) if point.day <= day)) for day in chosen]


def sparkline(points: Sequence[Point], width: int = 12) -> str:
    """Draw the share of done tasks over time.

    Args:
        points: The history, oldest first.
        width: The number of characters at most.
    """
    shares = (progress.done / progress.total if progress.total else 0 for _, progress in sampled(points, width))
    return "".join(_SPARKS[min(int(share * len(_SPARKS)), len(_SPARKS) - 1)] for share in shares)
