"""How far features are, as a table for a terminal."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from groundplan.checks.rules import Severity
from groundplan.progress.history import History, sparkline
from groundplan.progress.status import PHASES, FeatureStatus, bar
from groundplan.text.visible import visible

_STYLES = {"in-progress": "cyan", "approved": "blue", "released": "green", "archived": "dim", "unreadable": "red"}
_FINDING_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
_PHASE_WIDTH = 4
_GAP = 2
_PHASE_TITLES = tuple(f"P{phase}" for phase in range(PHASES))
# What a narrow terminal does without, one after the other; the rest stays, and the milestones' names are shortened.
_DROPPED = (_PHASE_TITLES, ("Template",), ("Changes",), ("Owner",), ("Risks",))

Row = dict[str, Text]


def status_table(features: Sequence[FeatureStatus], width: int) -> Table:
    """Draw one row for each feature.

    Args:
        features: How far they are.
        width: How many characters a line has: columns that do not fit are left out, the feature's name never.
    """
    rows = [_row(feature) for feature in features]
    titles = ["Feature", "Status", "Owner", "Done", *_PHASE_TITLES, "Risks", "Next", "Changes", "Template", "Check"]
    for dropped in _DROPPED:
        if _width(rows, titles) <= width:
            break
        titles = [title for title in titles if title not in dropped]
    if excess := max(0, _width(rows, titles) - width):
        room = _longest(rows, "Next") - excess
        for row in rows:
            # A date of ten characters is what remains of a milestone in any case.
            row["Next"].truncate(max(10, room), overflow="ellipsis")
    return _drawn(titles, rows)


def history_table(features: Sequence[FeatureStatus], histories: dict[str, History]) -> Table:
    """Draw one row for each feature: how its tasks were ticked, and when the last would be.

    Args:
        features: How far they are.
        histories: Their histories by slug.
    """
    rows = []
    for feature in features:
        history = histories[feature.slug]
        finish, pace = history.finish(), history.pace * 7
        rows.append(
            {
                "Feature": _cell(feature.slug),
                "Since": _cell(history.points[0].day.isoformat()),
                "Progress": _cell(sparkline(history.points)),
                "Done": _cell(f"{feature.progress.done}/{feature.progress.total}"),
                "A week": _cell(f"{pace:.1f}" if pace else "–"),
                "Finished by": _cell(finish.isoformat() if finish else "–"),
                "Next": _next(feature),
            }
        )
    return _drawn(["Feature", "Since", "Progress", "Done", "A week", "Finished by", "Next"], rows)


def _drawn(titles: Sequence[str], rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for title in titles:
        table.add_column(title, no_wrap=True, min_width=_longest(rows, title))
    for row in rows:
        table.add_row(*(row[title] for title in titles))
    return table


def _longest(rows: Sequence[Row], title: str) -> int:
    return max(cell_len(title), *(row[title].cell_len for row in rows), 0)


def _width(rows: Sequence[Row], titles: Sequence[str]) -> int:
    return sum(_longest(rows, title) + _GAP for title in titles) - _GAP


def _row(feature: FeatureStatus) -> Row:
    phases = [_cell(bar(phase, _PHASE_WIDTH)) for phase in feature.phases] or [_cell("")] * PHASES
    high = f", {len(feature.high_risks)} high" if feature.high_risks else ""
    return {
        "Feature": _cell(feature.slug),
        "Status": _cell(feature.status, _STYLES.get(feature.status, "")),
        "Owner": _cell(feature.owner),
        "Done": _cell(f"{feature.progress.done}/{feature.progress.total}"),
        **dict(zip(_PHASE_TITLES, phases, strict=True)),
        "Risks": _cell(f"{len(feature.risks)}{high}", "red" if high else ""),
        "Next": _next(feature),
        "Changes": _cell("" if feature.changes is None else str(feature.changes)),
        "Template": _cell(f"{feature.version} < {feature.newest}" if feature.is_behind else feature.version),
        "Check": _findings(feature),
    }


def _next(feature: FeatureStatus) -> Text:
    """Name what is due next; what is overdue comes first, since somebody waits for it."""
    if feature.overdue:
        due = feature.overdue[0]
        return _cell(f"{due.date.isoformat()} overdue: {due.milestone}", "red")
    due_next = feature.next_milestone
    return _cell(f"{due_next.date.isoformat()} {due_next.milestone}" if due_next else "")


def _cell(text: str, style: str = "") -> Text:
    return Text(visible(text), style)


def _findings(feature: FeatureStatus) -> Text:
    counted = [
        _cell(f"{count}{severity.value[0].upper()}", _FINDING_STYLES[severity])
        for severity, count in feature.findings
        if count
    ]
    return Text(" ").join(counted)
