"""The portfolio as a Markdown page that GitHub draws: progress, dates, high risks, links."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from groundplan.errors import UserError
from groundplan.plan.document import heading_anchor
from groundplan.plan.outline import RISKS
from groundplan.progress.status import PHASES, FeatureStatus, Progress, bar
from groundplan.rendering.quoting import cell, plain

BEGIN = "<!-- groundplan:begin -->"
END = "<!-- groundplan:end -->"

# What means something to Mermaid's grammar of a timeline: comments, the end of a period and of an event.
_TIMELINE_MARKS = re.compile(r"[#:;%{}<>\"\\`]+")
_WIDTH = 10
_PHASE_WIDTH = 4

Link = Callable[[str], str]


class PageError(UserError):
    """A page cannot be written; the message says why and what to do."""

    status = 1


def write_page(file: Path, features: Sequence[FeatureStatus], root: Path) -> bool:
    """Write the portfolio between the markers of a page; nothing else of the page changes.

    Args:
        file: The page; it is made when there is none.
        features: How far the features are.
        root: The folder that holds `docs/plan_docs`.

    Returns:
        Whether the page changed.

    Raises:
        PageError: The page has no markers, or not one of each in order, or cannot be written.
    """
    block = portfolio(features, lambda path: os.path.relpath(root / path, file.parent).replace(os.sep, "/"))
    try:
        # Line ends are kept as they are.
        before = file.read_bytes().decode("utf-8") if file.exists() else None
        after = f"# Feature Plans\n\n{block}" if before is None else _between_markers(before, block, file)
        if after != before:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(after.encode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PageError(f"{file} cannot be read or written: {error}") from error
    return after != before


def _between_markers(text: str, block: str, file: Path) -> str:
    start, end = text.find(BEGIN), text.find(END)
    if text.count(BEGIN) != 1 or text.count(END) != 1 or end < start:
        raise PageError(f"{file} needs one line {BEGIN} and below it one line {END}: the portfolio goes between them.")
    line_end = "\r\n" if "\r\n" in text else "\n"
    return text[:start] + block.rstrip("\n").replace("\n", line_end) + text[end + len(END) :]


def portfolio(features: Sequence[FeatureStatus], link: Link = str) -> str:
    """Write the portfolio with its markers.

    Args:
        features: How far the features are.
        link: Gives what leads from the page to a path of the repository.
    """
    parts = [BEGIN, "\n".join(_table(features, link)), *_timeline(features), *_risks(features, link), END]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(features: Sequence[FeatureStatus], link: Link) -> Iterator[str]:
    if not features:
        yield "No feature has a plan yet."
        return
    columns = ["Feature", "Status", "Owner", "Progress", *(f"P{phase}" for phase in range(PHASES)), "Next milestone"]
    yield _row(columns)
    yield "|" + " --- |" * len(columns)
    for feature in features:
        due = feature.next_milestone
        yield _row(
            [
                f"[{plain(feature.feature)}]({quote(link(feature.path))})",
                feature.status,
                plain(feature.owner),
                f"{bar(feature.progress, _WIDTH)} {feature.progress.done}/{feature.progress.total}",
                *(bar(phase, _PHASE_WIDTH) for phase in feature.phases or [Progress(0, 0)] * PHASES),
                f"{due.date.isoformat()} {cell(due.milestone)}" if due else "–",
            ]
        )


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _timeline(features: Sequence[FeatureStatus]) -> Iterator[str]:
    dates: dict[str, list[str]] = {}
    for feature in features:
        for due in feature.milestones if feature.is_open else ():
            event = _timeline_text(f"{feature.feature}, {due.milestone}")
            dates.setdefault(due.date.isoformat(), []).append(event)
    if dates:
        yield "## Milestones"
        lines = [f"    {date} : {' : '.join(events)}" for date, events in sorted(dates.items())]
        yield "\n".join(["```mermaid", "timeline", *lines, "```"])


def _timeline_text(text: str) -> str:
    return " ".join(_TIMELINE_MARKS.sub(" ", text).split())


def _risks(features: Sequence[FeatureStatus], link: Link) -> Iterator[str]:
    rows = [
        _row([f"[{plain(feature.feature)}]({quote(link(feature.path))}#{heading_anchor(RISKS)})", *map(cell, texts)])
        for feature in features
        for texts in ((risk.risk, risk.mitigation, risk.owner) for risk in feature.high_risks)
    ]
    if rows:
        yield "## Open High Risks"
        yield "\n".join([_row(["Feature", "Risk", "Mitigation", "Owner"]), "|" + " --- |" * 4, *rows])
