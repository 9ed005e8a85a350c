"""`groundplan check`."""

# ruff: noqa: PLC0415, T201
import sys
from collections.abc import Sequence
from dataclasses import replace

from plumbum import cli

from groundplan.cli.command import Command, day_of


class CheckCommand(Command):
    """Check plans: documents, content, traces, trees, and plans against each other."""

    DESCRIPTION = "Check plans, all or those named by slug or path. The status is 1 when there are errors"

    form = cli.SwitchAttr(
        "--format", cli.Set("text", "json", "sarif", "github"), default="text", argname="FORMAT", help="How to report"
    )
    is_json = cli.Flag("--json", help="Short for --format json")
    everywhere = cli.Flag("--all-projects", help="Check the plans of every project that git tracks, as in a monorepo")
    is_strict = cli.Flag("--strict", help="Treat warnings as errors")
    today = cli.SwitchAttr("--today", str, argname="DATE", help="Judge what stands still as of this day")
    select = cli.SwitchAttr("--select", str, list=True, argname="CODES", help="Report these alone: GP1,GP201")
    ignore = cli.SwitchAttr("--ignore", str, list=True, argname="CODES", help="Do not report these")

    shows_notes = cli.Flag("--notes", help="Report notes, too")
    shows_all = cli.Flag("--all", help="Report each line that is open, not one for each section")
    takes_archived = cli.Flag("--archived", help="Check archived plans, too")

    def main(self, *plans: str) -> int:
        """Check and report."""
        from groundplan.checks.check import check, joined
        from groundplan.checks.reports import FORMATS
        from groundplan.cli.projects import are_empty, choose, left_behind, nothing_in
        from groundplan.text.visible import visible

        form = "json" if self.is_json else str(self.form)
        # GitHub shows a finding beside its line by the path from the repository's top.
        chosen = choose(plans, everywhere=self.everywhere, from_top=form in ("github", "sarif"))
        day, select, ignore = day_of(self.today), _codes(self.select), _codes(self.ignore)
        reports = [
            check(one.slugs, one.root, today=day, select=select, ignore=ignore, archived=self.takes_archived)
            for one in chosen
        ]
        report = joined([report.below(one.prefix) for report, one in zip(reports, chosen, strict=True)])
        notices = [nothing_in()] if are_empty(chosen) else report.notices
        report = replace(report, notices=(*notices, *left_behind(chosen)))
        report = report if self.shows_notes else report.without_notes()
        for notice in report.notices:
            print(visible(notice), file=sys.stderr)
        sys.stdout.write(FORMATS["lines" if self.shows_all and form == "text" else form](report))
        return int(report.fails(strict=self.is_strict) or are_empty(chosen))


def _codes(given: Sequence[str]) -> list[str]:
    return [code.strip() for codes in given for code in codes.split(",")]
