"""The portfolio as a Markdown page that GitHub draws: progress, dates, charts, high risks, links."""

import datetime
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from groundplan.errors import UserError
from groundplan.plan.document import heading_anchor
from groundplan.plan.files import write_whole
from groundplan.plan.outline import RISKS
from groundplan.progress.history import History, sampled
from groundplan.progress.status import Due, FeatureStatus, Progress, bar
from groundplan.rendering.quoting import cell, plain
from groundplan.text.visible import visible

BEGIN = "<!-- groundplan:begin -->"
END = "<!-- groundplan:end -->"

# What means something to Mermaid's grammar of a timeline: comments, the end of a period and of an event.
_TIMELINE_MARKS = re.compile(r"[#:;%{}<>\"\\`]+")
_WIDTH = 10
# Low enough for a page of many, in colours that show on light and on dark paper.
_CHART_STYLE = (
    '%%{init: {"xyChart": {"width": 640, "height": 220}, '
    '"themeVariables": {"xyChart": {"plotColorPalette": "#8b949e, #2da44e"}}}}%%'
)
# A chart with more steps has labels that overlap.
_STEPS = 10
# A timeline of more than a quarter cannot be read.
_QUARTER = datetime.timedelta(days=92)
_AS_OF = re.compile(r"^As of (\d{4}-\d\d-\d\d)\.", re.MULTILINE)
_BURN_UP = "## Progress over Time"
# Git knows more of the past each time a plan is committed, and a shallow clone less: that alone makes no page stale.
_BURN_UP_SECTION = re.compile(rf"^{_BURN_UP}$.*?(?=^## |^{END}$)", re.MULTILINE | re.DOTALL)

Link = Callable[[str], str]


class PageError(UserError):
    """A page cannot be written; the message says why and what to do."""

    status = 1


def write_page(
    file: Path, features: Sequence[FeatureStatus], root: Path, today: datetime.date, histories: Mapping[str, History]
) -> bool:
    """Write the portfolio between the markers of a page; nothing else of the page changes.

    Args:
        file: The page; it is made when there is none.
        features: How far the features are.
        root: The folder that holds `docs/plan_docs`.
        today: The day that the page speaks of.
        histories: How the features came there, by slug.

    Returns:
        Whether the page changed.

    Raises:
        PageError: The page has no markers, or not one of each in order, or cannot be written.
    """
    block = portfolio(features, today, histories, _link_from(file, root))
    try:
        # Line ends are kept as they are.
        before = file.read_bytes().decode("utf-8") if file.exists() else None
        after = f"# Feature Plans\n\n{block}" if before is None else _between_markers(before, block, file)
        if after != before:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, after.encode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PageError(f"{file} cannot be read or written: {error}") from error
    return after != before


def _between_markers(text: str, block: str, file: Path) -> str:
    start, end = text.find(BEGIN), text.find(END)
    if text.count(BEGIN) != 1 or text.count(END) != 1 or end < start:
        raise PageError(f"{file} needs one line {BEGIN} and below it one line {END}: the portfolio goes between them.")
    line_end = "\r\n" if "\r\n" in text else "\n"
    return text[:start] + block.rstrip("\n").replace("\n", line_end) + text[end + len(END) :]


def page_day(file: Path) -> datetime.date:
    """Return the day that a page speaks of, so that it can be compared with what is true of that day.

    Raises:
        PageError: There is no such page, or it does not say.
    """
    try:
        found = _AS_OF.search(file.read_text("utf-8"))
        return datetime.date.fromisoformat(found[1] if found else "")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise PageError(
            f"{file} is not a portfolio page. Write it: groundplan status --format markdown --output {file}"
        ) from error


def is_fresh(file: Path, features: Sequence[FeatureStatus], root: Path, today: datetime.date) -> bool:
    """Return whether a page still says what the plans do; the charts of the past aside.

    Args:
        file: The page.
        features: How far the features were on the page's own day.
        root: The folder that holds `docs/plan_docs`.
        today: The page's own day.

    Raises:
        PageError: The page has no markers, or not one of each in order.
    """
    text = file.read_text("utf-8")
    wanted = _between_markers(text, portfolio(features, today, {}, _link_from(file, root)), file)
    return _without_past(text) == _without_past(wanted)


def _without_past(text: str) -> str:
    return _BURN_UP_SECTION.sub("", text)


def _link_from(file: Path, root: Path) -> Link:
    return lambda path: os.path.relpath(root / path, file.parent).replace(os.sep, "/")


def portfolio(
    features: Sequence[FeatureStatus], today: datetime.date, histories: Mapping[str, History], link: Link = str
) -> str:
    """Write the portfolio with its markers.

    Args:
        features: How far the features are.
        today: The day that it speaks of.
        histories: How the features came there, by slug; a chart is drawn of each that is in progress and is in here.
        link: Gives what leads from the page to a path of the repository.
    """
    kept = [feature for feature in features if feature.status != "archived"]
    archived = [feature for feature in features if feature.status == "archived"]
    parts = [
        BEGIN,
        _legend(today),
        _table(kept, link) or "No feature has a plan yet.",
        *_folded(archived, link),
        *_milestones(kept, today, link),
        *_burn_ups(kept, histories),
        *_risks(kept, link),
        END,
    ]
    return "".join(f"{visible(line)}\n" for line in "\n\n".join(parts).split("\n"))


def _legend(today: datetime.date) -> str:
    return (
        f"As of {today.isoformat()}. Phases are discovery, foundation, core, experience, validation and rollout:\n"
        "░ not begun, ▒ begun, █ done. Findings are those of `groundplan check`: errors (E), warnings (W), notes (N)."
    )


def _table(features: Sequence[FeatureStatus], link: Link) -> str:
    titles = ["Feature", "Status", "Owner", "Progress", "Phases", "Next milestone", "Findings"]
    return _rows(titles, [_feature_cells(feature, link) for feature in features])


def _feature_cells(feature: FeatureStatus, link: Link) -> list[str]:
    due = feature.next_milestone
    findings = (f"{count}{severity.value[0].upper()}" for severity, count in feature.findings if count)
    return [
        _link(feature, link),
        feature.status,
        plain(feature.owner),
        f"{bar(feature.progress, _WIDTH)} {feature.progress.done}/{feature.progress.total}",
        "".join(map(_phase, feature.phases)) or "–",
        f"{due.date.isoformat()} {_cell(due.milestone)}" if due else "–",
        " ".join(findings) or "–",
    ]


def _phase(phase: Progress) -> str:
    """Draw a phase as one character, full only when everything is done, empty only when nothing is."""
    if not phase.total:
        return "·"
    return "█" if phase.done == phase.total else "▒" if phase.done else "░"


def _rows(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) if rows else ""


def _link(feature: FeatureStatus, link: Link, anchor: str = "") -> str:
    return f"[{plain(feature.feature)}]({quote(link(feature.path))}{anchor})"


def _cell(text: str) -> str:
    """Write a plan's Markdown into a cell; a comment would hide what follows, or pass for one of the page's markers."""
    return cell(text).replace("<!--", "&lt;!--")


def _folded(archived: Sequence[FeatureStatus], link: Link) -> Iterator[str]:
    if archived:
        table = _rows(["Feature", "Owner"], [[_link(feature, link), plain(feature.owner)] for feature in archived])
        yield f"<details>\n<summary>Archived ({len(archived)})</summary>\n\n{table}\n\n</details>"


def _milestones(features: Sequence[FeatureStatus], today: datetime.date, link: Link) -> Iterator[str]:
    dues = [
        (due, feature) for feature in features for due in (*feature.overdue, *filter(None, [feature.next_milestone]))
    ]
    if not dues:
        return
    yield "## Milestones"
    rows = [
        [due.date.isoformat(), _link(feature, link), _cell(due.milestone), _when(due, today)]
        for due, feature in sorted(dues, key=lambda entry: (entry[0].date, entry[1].slug))
    ]
    yield _rows(["Date", "Feature", "Milestone", "When"], rows)
    yield from _timeline(features, today)


def _when(due: Due, today: datetime.date) -> str:
    days = (due.date - today).days
    if not days:
        return "today"
    count = f"{abs(days)} day{'s' * (abs(days) != 1)}"
    return f"in {count}" if days > 0 else f"**overdue** by {count}"


def _timeline(features: Sequence[FeatureStatus], today: datetime.date) -> Iterator[str]:
    dates: dict[str, list[str]] = {}
    for feature in features:
        for due in feature.milestones if feature.is_open else ():
            if today <= due.date <= today + _QUARTER:
                event = _timeline_text(f"{feature.feature}, {due.milestone}")
                dates.setdefault(due.date.isoformat(), []).append(event)
    if dates:
        lines = [f"    {date} : {' : '.join(events)}" for date, events in sorted(dates.items())]
        yield "\n".join(["```mermaid", "timeline", *lines, "```"])


def _timeline_text(text: str) -> str:
    return " ".join(_TIMELINE_MARKS.sub(" ", text).split())


def _burn_ups(features: Sequence[FeatureStatus], histories: Mapping[str, History]) -> Iterator[str]:
    told = [
        (feature, histories[feature.slug])
        for feature in features
        if feature.status == "in-progress" and feature.slug in histories
    ]
    if told:
        yield _BURN_UP
        yield "Tasks in all are grey, tasks done green."
    for feature, history in told:
        yield f"### {plain(feature.feature)}"
        yield _chart(history)
        yield _outlook(feature, history)


def _chart(history: History) -> str:
    """Draw tasks in all and tasks done over time (https://mermaid.js.org/syntax/xyChart.html)."""
    steps = sampled(history.points, _STEPS)
    most = max(1, *(progress.total for _, progress in steps))
    days = ", ".join(f'"{day:%m-%d}"' for day, _ in steps)
    lines = [
        _CHART_STYLE,
        "xychart-beta",
        f"    x-axis [{days}]",
        f'    y-axis "Tasks" 0 --> {most}',
        f"    line [{', '.join(str(progress.total) for _, progress in steps)}]",
        f"    line [{', '.join(str(progress.done) for _, progress in steps)}]",
    ]
    return "\n".join(["```mermaid", *lines, "```"])


def _outlook(feature: FeatureStatus, history: History) -> str:
    cut = " Git's history is cut here (a shallow clone), so older progress is missing." if history.is_cut else ""
    finish, due = history.finish(), feature.next_milestone
    if not finish:
        return f"{feature.progress.done} of {feature.progress.total} tasks are done; no pace shows yet.{cut}"
    pace = f"{history.pace * 7:.1f} tasks a week"
    told = f"At the pace of the last weeks ({pace}) the last task is done by {finish.isoformat()}"
    if not due:
        return f"{told}.{cut}"
    days = (finish - due.date).days
    beside = f"the next milestone, {_cell(due.milestone)} ({due.date.isoformat()})"
    late = f", **late**: {days} day{'s' * (days != 1)} after {beside}" if days > 0 else f", in time for {beside}"
    return f"{told}{late}.{cut}"


def _risks(features: Sequence[FeatureStatus], link: Link) -> Iterator[str]:
    rows = [
        [
            _link(feature, link, f"#{heading_anchor(feature.headings.shown(RISKS))}"),
            *map(_cell, (risk.risk, risk.mitigation, risk.owner)),
        ]
        for feature in features
        for risk in feature.high_risks
    ]
    if rows:
        yield "## Open High Risks"
        yield _rows(["Feature", "Risk", "Mitigation", "Owner"], rows)
