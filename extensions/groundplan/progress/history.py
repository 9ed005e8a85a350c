"""How the tasks of plans were ticked over time, as git remembers it: no database, and no parsing."""

import datetime
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import IO

from groundplan.git import git, git_stream
from groundplan.layout import ANSWERS_NAME, PLAN_NAME, PLAN_ROOT
from groundplan.plan.headings import Headings
from groundplan.plan.outline import IMPLEMENTATION
from groundplan.plan.reader import past_headings
from groundplan.progress.status import FeatureStatus, Progress

# A pace needs two weeks of history to mean something, and what happened before the last four says little of today.
_SHORTEST = datetime.timedelta(days=14)
_LOOKED_BACK = datetime.timedelta(days=28)
_SPARKS = "▁▂▃▄▅▆▇█"
_NOTHING = Progress(0, 0)
_OURS = frozenset({IMPLEMENTATION})
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
    answers: dict[str, set[str]] = {}
    for slug, name, day, blob in _changes(root):
        if slug in wanted and name == PLAN_NAME:
            # The log begins with the newest commit: the first of a day is that day's last.
            versions.setdefault(slug, {}).setdefault(day, blob)
        elif slug in wanted:
            answers.setdefault(slug, set()).add(blob)
    headings = {feature.slug: (feature.headings,) for feature in features}
    counted = _counted(root, versions, headings)
    # A team may have called the section otherwise then; what it called it is read where that is so, for it takes time.
    if strangers := {slug for slug, days in versions.items() if not counted.keys() >= set(days.values())}:
        past = _past_headings(root, {slug: answers.get(slug, set()) for slug in strangers})
        counted |= _counted(root, {slug: versions[slug] for slug in strangers}, past)
    is_cut = git(root, "rev-parse", "--is-shallow-repository").strip() == "true"
    return {
        feature.slug: History(_points(versions.get(feature.slug, {}), counted, feature.progress, today), is_cut)
        for feature in features
    }


def _points(
    days: Mapping[datetime.date, str], counted: Mapping[str, Progress], now: Progress, today: datetime.date
) -> tuple[Point, ...]:
    past = [Point(day, counted.get(blob, _NOTHING)) for day, blob in sorted(days.items()) if day < today]
    return (*past, Point(today, now))


def _changes(root: Path) -> Iterator[tuple[str, str, datetime.date, str]]:
    """List what became of plans and answers, newest first: slug, the file's name, day, and the file's blob."""
    # Where a folder above is a link, git knows the plans by their real place alone.
    plans = Path(os.path.realpath(root / PLAN_ROOT))
    # The first parents alone: what the branch that one looks at had, whatever was ticked elsewhere meanwhile.
    log = git(
        plans,
        *("log", "--first-parent", "-m", "--format=%ct", "--raw", "--no-abbrev"),
        *(
            "--no-renames",
            "--diff-filter=AM",
            "--relative",
            "--",
            *(f":(glob)*/{name}" for name in (PLAN_NAME, ANSWERS_NAME)),
        ),
    )
    day = datetime.date.min
    for line in filter(None, log.splitlines()):
        if not line.startswith(":"):
            day = datetime.datetime.fromtimestamp(int(line), datetime.UTC).date()
            continue
        facts, _, path = line.partition("\t")
        slug, _, name = path.partition("/")
        yield slug, name, day, facts.split(" ")[3]


def _counted(
    root: Path, versions: Mapping[str, Mapping[datetime.date, str]], headings: Mapping[str, Iterable[Headings]]
) -> dict[str, Progress]:
    """Count the tasks of plans' blobs; without those that have no section under one of the names it may have."""
    names = {
        blob: frozenset({IMPLEMENTATION, *(known.shown(IMPLEMENTATION) for known in headings[slug])})
        for slug, days in versions.items()
        for blob in days.values()
    }
    counts = ((blob, tasks_in(content, names[blob])) for blob, content in _contents(root, sorted(names)))
    return {blob: progress for blob, progress in counts if progress}


def _past_headings(root: Path, answers: Mapping[str, set[str]]) -> dict[str, list[Headings]]:
    """Return what teams made of their headings at any time."""
    blobs = sorted(set(chain.from_iterable(answers.values())))
    known = {blob: past_headings(content.decode("utf-8", "replace")) for blob, content in _contents(root, blobs)}
    return {slug: [known[blob] for blob in own if blob in known] for slug, own in answers.items()}


def _contents(root: Path, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Read blobs, one after the other, so that no more than one is in memory."""
    if not blobs:
        return
    names = "".join(f"{blob}\n" for blob in blobs).encode()
    with git_stream(root, "cat-file", "--batch", content=names) as output:
        yield from _read_batch(output)


def _read_batch(output: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Read the output of `git cat-file --batch` (git-cat-file(1), BATCH OUTPUT)."""
    while header := output.readline():
        name, kind, *size = header.split()
        # A partial clone, a damaged one: there is nothing to count then.
        if kind == b"blob" and size:
            yield name.decode(), output.read(int(size[0]))
            output.read(1)


def tasks_in(content: bytes, names: frozenset[str] = _OURS) -> Progress | None:
    """Count the tasks of a plan by its lines, without parsing it.

    Args:
        content: The plan as git keeps it.
        names: What the implementation plan may be called.

    Returns:
        The checklist lines of the implementation plan, done and in all; None where there is none.
    """
    section = _heading(names).search(content)
    if not section:
        return None
    below = _NEXT_SECTION.search(content, section.end())
    marks = [mark[1] for mark in _TASK.finditer(content, section.end(), below.start() if below else len(content))]
    return Progress(sum(mark != b" " for mark in marks), len(marks))


@cache
def _heading(names: frozenset[str]) -> re.Pattern[bytes]:
    choice = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(rb"^##[ \t]+(?:" + choice + rb")[ \t#]*\r?$", re.MULTILINE)


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
