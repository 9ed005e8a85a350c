"""What changed between two states of a plan, told by what it says, not by its lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from groundplan.plan.model import Plan
from groundplan.plan.placeholders import is_placeholder

# The parts in which people agree on why and what; the others say how.
PURPOSE = ("Goals", "In scope", "Out of scope")
# How alike two texts are of which one was made of the other.
_ALIKE = 0.6


class Change(NamedTuple):
    """One thing that changed.

    Attributes:
        part: Which part of the plan it is in, such as Goals.
        kind: added, dropped, reworded or moved.
        text: What stands there now; what stood there, where it was dropped.
        before: What stood there; empty where it was added.
        line: Its line now; 0 where it was dropped.
    """

    part: str
    kind: str
    text: str
    before: str = ""
    line: int = 0

    def told(self) -> str:
        """Return the change as a sentence without its full stop."""
        if self.kind in ("reworded", "moved"):
            return f"{self.kind}: {self.before} → {self.text}"
        return f"{self.kind}: {self.text}"


class _Entry(NamedTuple):
    """Something that a plan says: by what it is known, what it says, its line."""

    name: str
    text: str
    line: int


def changes(before: Plan, after: Plan) -> list[Change]:
    """Return what changed in goals, scope, components, risks, milestones and tasks; ticks are no changes.

    Args:
        before: The plan as it was.
        after: The plan as it is.

    Returns:
        The changes by part, in the order of the plan; in each part what was added and reworded first.
    """
    parts = zip(_parts(before), _parts(after), strict=True)
    return [change for (part, old), (_, new) in parts for change in _compare(part, old, new)]


def _parts(plan: Plan) -> Iterator[tuple[str, list[_Entry]]]:
    yield "Goals", _told(_Entry(goal.id or goal.text, goal.text, goal.line) for goal in plan.goals)
    for part, is_in in (("In scope", True), ("Out of scope", False)):
        items = (item for item in plan.scope if item.is_in == is_in)
        yield part, _told(_Entry(item.text, item.text, item.line) for item in items)
    rows = plan.components
    yield "Components", _told(_Entry(row.component, f"{row.component}: {row.change}", row.line) for row in rows)
    yield (
        "Risks",
        _told(
            _Entry(risk.risk, f"{risk.risk} ({risk.impact}/{risk.likelihood}): {risk.mitigation}", risk.line)
            for risk in plan.risks
        ),
    )
    yield (
        "Milestones",
        _told(_Entry(row.name, f"{row.name} {row.day or row.date}", row.line) for row in plan.milestones),
    )
    yield "Tasks", _told(_Entry(task.text, task.text, task.line) for task in plan.tasks)


def _told(entries: Iterable[_Entry]) -> list[_Entry]:
    """Leave out what still waits for an answer, and put each text on one line."""
    return [
        _Entry(" ".join(name.split()), " ".join(text.split()), line)
        for name, text, line in entries
        if name and not is_placeholder(name)
    ]


def _compare(part: str, old: Sequence[_Entry], new: Sequence[_Entry]) -> Iterator[Change]:
    known, present = {entry.name: entry for entry in old}, {entry.name: entry for entry in new}
    added = [entry for entry in new if entry.name not in known]
    dropped = [entry for entry in old if entry.name not in present]
    # Goals and milestones are known by their names; what is known by its text alone may have been reworded.
    was = {} if part in ("Goals", "Milestones") else dict(_pairs(dropped, added))
    for entry in new:
        before = known.get(entry.name) or was.get(entry.name)
        if before is None:
            yield Change(part, "added", entry.text, line=entry.line)
        elif before.text != entry.text:
            kind = "moved" if part == "Milestones" else "reworded"
            yield Change(part, kind, entry.text, before.text, entry.line)
    for entry in dropped:
        if entry not in was.values():
            yield Change(part, "dropped", entry.text, entry.text)


def _pairs(dropped: Sequence[_Entry], added: Sequence[_Entry]) -> Iterator[tuple[str, _Entry]]:
    """Yield the names of added entries with the dropped ones that they were made of."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - costs time, and is needed where texts changed

    left = list(dropped)
    for entry in added:
        ratios: Mapping[int, float] = {
            number: SequenceMatcher(None, old.name, entry.name).ratio() for number, old in enumerate(left)
        }
        best = max(ratios, key=lambda number: ratios[number], default=None)
        if best is not None and ratios[best] >= _ALIKE:
            yield entry.name, left.pop(best)
