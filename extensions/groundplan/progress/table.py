"""How far features are, as a table for a terminal."""

from rich.table import Table
from rich.text import Text

from groundplan.checks.rules import Severity
from groundplan.progress.status import PHASES, FeatureStatus, bar

_STYLES = {"in-progress": "cyan", "approved": "blue", "released": "green", "archived": "dim", "unreadable": "red"}
_FINDING_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
_PHASE_WIDTH = 4


def status_table(features: list[FeatureStatus]) -> Table:
    """Draw one row for each feature.

    Args:
        features: How far they are.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Feature", "Status", "Owner", "Done"):
        table.add_column(title, no_wrap=title != "Feature", overflow="fold")
    for phase in range(PHASES):
        table.add_column(f"P{phase}", no_wrap=True, min_width=_PHASE_WIDTH)
    for title in ("Risks", "Next milestone", "Template", "Findings"):
        table.add_column(title, overflow="fold")
    for feature in features:
        table.add_row(*_cells(feature))
    return table


def _cells(feature: FeatureStatus) -> list[Text]:
    phases = [Text(bar(phase, _PHASE_WIDTH)) for phase in feature.phases] or [Text("")] * PHASES
    high = f", {len(feature.high_risks)} high" if feature.high_risks else ""
    due = feature.next_milestone
    return [
        Text(feature.slug),
        Text(feature.status, _STYLES.get(feature.status, "")),
        Text(feature.owner),
        Text(f"{feature.progress.done}/{feature.progress.total}"),
        *phases,
        Text(f"{len(feature.risks)}{high}", "red" if high else ""),
        Text(f"{due.date.isoformat()} {due.milestone}" if due else ""),
        Text(f"{feature.version} < {feature.newest}" if feature.is_behind else feature.version),
        _findings(feature),
    ]


def _findings(feature: FeatureStatus) -> Text:
    counted = [
        Text(f"{count} {severity.value}{'' if count == 1 else 's'}", _FINDING_STYLES[severity])
        for severity, count in feature.findings
        if count
    ]
    return Text(", ").join(counted)
