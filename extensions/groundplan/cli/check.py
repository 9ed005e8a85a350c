"""`groundplan check`."""

# ruff: noqa: PLC0415, T201
import sys
from collections.abc import Sequence
from pathlib import Path

from plumbum import cli

from groundplan.cli.command import Command, day_of


class CheckCommand(Command):
    """Check plans: documents, content, traces, trees, and plans against each other."""

    DESCRIPTION = "Check plans, all or those named by slug or path. The status is 1 when there are errors."

    form = cli.SwitchAttr(
        "--format", cli.Set("text", "json", "sarif", "github"), default="text", argname="FORMAT", help="How to report"
    )
    is_json = cli.Flag("--json", help="Short for --format json")
    is_strict = cli.Flag("--strict", help="Let warnings count as errors do")
    today = cli.SwitchAttr("--today", str, argname="DATE", help="Judge what stands still as of this day")
    select = cli.SwitchAttr("--select", str, list=True, argname="CODES", help="Report these alone: GP1,GP201")
    ignore = cli.SwitchAttr("--ignore", str, list=True, argname="CODES", help="Do not report these")

    shows_notes = cli.Flag("--notes", help="Report notes, too")
    shows_all = cli.Flag("--all", help="Report each line that is open, not one for each section")
    takes_archived = cli.Flag("--archived", help="Check archived plans, too")

    def main(self, *plans: str) -> int:
        """Check and report."""
        from groundplan.checks.check import check
        from groundplan.checks.reports import FORMATS
        from groundplan.plan.files import repository_root, slug_of

        root = repository_root(Path.cwd())
        report = check(
            [slug_of(plan, root) for plan in plans] or None,
            root,
            today=day_of(self.today),
            select=_codes(self.select),
            ignore=_codes(self.ignore),
            archived=self.takes_archived,
        )
        report = report if self.shows_notes else report.without_notes()
        for notice in report.notices:
            print(notice, file=sys.stderr)
        form = "json" if self.is_json else str(self.form)
        sys.stdout.write(FORMATS["lines" if self.shows_all and form == "text" else form](report))
        return int(report.fails(strict=self.is_strict))


def _codes(given: Sequence[str]) -> list[str]:
    return [code.strip() for codes in given for code in codes.split(",")]
