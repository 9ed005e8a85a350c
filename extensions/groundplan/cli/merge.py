"""`groundplan merge`."""

# ruff: noqa: PLC0415, T201
import sys
from pathlib import Path
from typing import NoReturn

from plumbum import cli

from groundplan.cli.command import Command
from groundplan.errors import UserError
from groundplan.text.visible import visible


class MergeCommand(Command):
    """Merge three versions of a Markdown file by structure, in the manner of git merge-file."""

    DESCRIPTION = "Merge OTHER's changes since BASE into CURRENT, by structure. The status counts conflicts"

    stdout = cli.Flag("-p", help="Print the result instead of writing it into CURRENT")
    quiet = cli.Flag("-q", help="Do not print what was decided")
    labels = cli.SwitchAttr(
        "-L", str, list=True, argname="LABEL", help="Label of CURRENT, BASE and OTHER, in this order"
    )
    show_base = cli.Flag("--diff3", help="Show BASE in conflicts, too")
    branches = cli.Flag("--branches", help="OTHER is a person's work as CURRENT is, not a template: it never yields")

    def main(self, current: str, base: str, other: str) -> int:
        """Merge and tell git how it went."""
        from groundplan.merging.files import merge_files
        from groundplan.merging.merge import Markers
        from groundplan.plan.files import write_whole

        if len(self.labels) > 3:
            self.refuse("-L can be given at most three times")
        ours, ancestor, theirs = [*self.labels, *(current, base, other)[len(self.labels) :]]
        markers = Markers(ours, ancestor, theirs, self.show_base)
        try:
            merged = merge_files(Path(current), Path(base), Path(other), markers, yielding=not self.branches)
            if self.stdout:
                sys.stdout.buffer.write(merged.content)
            else:
                write_whole(Path(current), merged.content)
        except OSError as error:
            self.refuse(f"{error.filename}: {error.strerror}")
        if not self.quiet:
            for line in merged.summary():
                print(visible(f"{current}: {line}"), file=sys.stderr)
        return merged.status

    def refuse(self, message: str) -> NoReturn:
        """End with an error, with the status that git takes for one."""
        raise MergeFailedError(message)


class MergeFailedError(UserError):
    """A merge that could not be tried."""

    status = 255
