"""The `groundplan` command: arguments in, results out, the exit status; all else is in the modules it calls.

Each subcommand is a class here and imports what it needs in its `main`, so that a quick one stays quick.
"""

# ruff: noqa: PLC0415, T201
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from plumbum import cli
from plumbum.cli.switches import SwitchError

from groundplan.errors import UserError

INTERRUPTED = 130


class Command(cli.Application):
    """What the command and its subcommands share: wrong use is one line on standard error."""

    def _parse_args(self, argv: list[str]) -> Any:
        return self._in_one_line(super()._parse_args, argv)

    def _validate_args(self, *parsed: Any) -> Any:
        return self._in_one_line(super()._validate_args, *parsed)

    def _in_one_line(self, step: Any, *arguments: Any) -> Any:
        try:
            return step(*arguments)
        except SwitchError as error:
            # Plumbum answers wrong use with all its help on standard output; a request for help is an error to it, too.
            if type(error).__module__ != SwitchError.__module__:
                raise
            self.refuse(f"{error} (see {self.PROGNAME} --help)")

    def refuse(self, message: str) -> NoReturn:
        """End with an error of the user's."""
        raise UserError(message)


class Groundplan(Command):
    """The command itself."""

    PROGNAME = "groundplan"
    DESCRIPTION = "Plan features, keep their plans true."
    CALL_MAIN_IF_NESTED_COMMAND = False

    @property
    def VERSION(self) -> str:  # type: ignore[override]  # noqa: N802 (plumbum's name)
        """The installed version, looked up only when it is shown."""
        from importlib.metadata import version

        return version("groundplan")

    @cli.switch("-C", str, argname="DIR", list=True, help="Run as if started in DIR, as git does")
    def directory(self, directories: Sequence[str]) -> None:
        """Change the working directory."""
        for directory in directories:
            try:
                os.chdir(directory)
            except OSError as error:
                self.refuse(f"cannot change to {directory}: {error.strerror}")

    def main(self, *arguments: str) -> None:
        """Refuse what is no subcommand."""
        wrong = f"there is no subcommand {arguments[0]!r}" if arguments else "which subcommand?"
        self.refuse(f"{wrong} (see groundplan --help)")


@Groundplan.subcommand("merge")
class MergeCommand(Command):
    """Merge three versions of a Markdown file by structure, in the manner of git merge-file."""

    DESCRIPTION = "Merge OTHER's changes since BASE into CURRENT, by structure. The status counts conflicts."

    stdout = cli.Flag("-p", help="Print the result instead of writing it into CURRENT")
    quiet = cli.Flag("-q", help="Do not tell what was decided")
    labels = cli.SwitchAttr(
        "-L", str, list=True, argname="LABEL", help="Label of CURRENT, BASE and OTHER, in this order"
    )
    show_base = cli.Flag("--diff3", help="Show BASE in conflicts, too")
    branches = cli.Flag("--branches", help="OTHER is a person's work as CURRENT is, not a template: it never yields")

    def main(self, current: str, base: str, other: str) -> int:
        """Merge and tell git how it went."""
        from groundplan.merge import Markers
        from groundplan.merge_files import merge_files

        if len(self.labels) > 3:
            self.refuse("-L can be given at most three times")
        ours, ancestor, theirs = [*self.labels, *(current, base, other)[len(self.labels) :]]
        markers = Markers(ours, ancestor, theirs, self.show_base)
        try:
            merged = merge_files(Path(current), Path(base), Path(other), markers, yielding=not self.branches)
            if self.stdout:
                sys.stdout.buffer.write(merged.content)
            else:
                Path(current).write_bytes(merged.content)
        except OSError as error:
            self.refuse(f"{error.filename}: {error.strerror}")
        if not self.quiet:
            for line in merged.summary(current):
                print(line, file=sys.stderr)
        return merged.status

    def refuse(self, message: str) -> NoReturn:
        """End with an error, with the status that git takes for one."""
        raise MergeFailedError(message)


class MergeFailedError(UserError):
    """A merge that could not be tried."""

    status = 255


def main() -> NoReturn:
    """Run the command; the entry point of the distribution."""
    try:
        Groundplan.run()
    except UserError as error:
        print(f"groundplan: {error}", file=sys.stderr)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
