"""What the commands that change features print: progress while they run, and their report."""

# ruff: noqa: T201
from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from groundplan.features.report import FINE, Listener, Outcome, Report, Status
from groundplan.text.visible import as_json as dump
from groundplan.text.visible import visible

_COLOURS = {
    Status.MADE: "green",
    Status.UPDATED: "green",
    Status.REMOVED: "green",
    Status.CONFLICTS: "yellow",
    Status.WITHHELD: "yellow",
    Status.REFUSED: "red",
    Status.FAILED: "red",
}
# How a status reads after a number.
_COUNTED = {Status.CONFLICTS: "in conflict"}
# How a status reads in a run that only says what it would do.
_WOULD = {Status.MADE: "would make", Status.UPDATED: "would update", Status.REMOVED: "would remove"}


@contextmanager
def progress(verb: str) -> Iterator[Listener]:
    """Show on standard error how a command goes on: a bar on a terminal, otherwise a line for each feature.

    Args:
        verb: What is done, such as “Updating”; nothing is shown of it where it is empty, since somebody is being asked.
    """
    if not verb:
        yield Listener(_tell)
        return
    if not sys.stderr.isatty():
        yield Listener(_tell, lambda done, total, slug: _tell(f"{verb} [{done}/{total}] {slug}"))
        return
    from rich.console import Console  # noqa: PLC0415 - a tenth of a second, for terminals only
    from rich.progress import Progress  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    # It draws in a thread of its own, which must not write to where Copier is heard meanwhile.
    with Progress(console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(verb, total=None)
        yield Listener(
            lambda line: bar.console.print(Text(visible(line))),
            lambda done, total, _: bar.update(task, completed=done, total=total),
        )


def _tell(line: str) -> None:
    print(visible(line), file=sys.stderr, flush=True)


def show(report: Report, as_json: bool) -> None:
    """Print a report on standard output."""
    if as_json:
        print(dump(report.as_json()))
        return
    rows = [(outcome.status, _word(outcome, report), outcome) for outcome in report.outcomes]
    width = max((len(word) for _, word, _ in rows), default=0)
    for status, word, outcome in rows:
        print(f"{_coloured(word.ljust(width), status)}  {visible(_told(outcome))}")
        for line in _details(outcome, report):
            print(f"{' ' * width}  {visible(line)}")
    counts = ", ".join(
        f"{count} {_COUNTED.get(status, status)}" for status, count in report.as_json()["counts"].items()
    )
    print(f"{counts or 'no feature'}{', nothing was written' if report.dry_run else ''}")


def _word(outcome: Outcome, report: Report) -> str:
    return _WOULD.get(outcome.status, outcome.status) if report.dry_run else outcome.status


def _told(outcome: Outcome) -> str:
    name = outcome.slug or outcome.brief
    place = f" ({outcome.brief})" if outcome.slug and outcome.brief and outcome.status not in FINE else ""
    version = f" {outcome.version}" if outcome.version else ""
    files = f", {len(outcome.files)} file{'s' * (len(outcome.files) > 1)}" if outcome.files else ""
    return f"{name}{place}{version}{files}" + (f": {outcome.reason}" if outcome.reason else "")


def _details(outcome: Outcome, report: Report) -> Iterator[str]:
    if report.dry_run or outcome.status is Status.REMOVED:
        yield from outcome.files
    if outcome.answers:
        yield f"changed answers: {', '.join(outcome.answers)}"
    yield from (f"kept, since changed: {path}" for path in outcome.kept)
    yield from (f"conflict: {path}" for path in outcome.conflicts)
    yield from outcome.notes


def _coloured(text: str, status: Status) -> str:
    if not sys.stdout.isatty() or status not in _COLOURS:
        return text
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    with console.capture() as capture:
        console.print(Text(text, style=_COLOURS[status]), end="")
    return capture.get()
