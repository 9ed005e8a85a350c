"""The `groundplan` command: arguments in, results out, the exit status; all else is in the modules it calls.

A subcommand's module is imported when it is called, so that a quick one stays quick.
"""

# ruff: noqa: PLC0415, T201
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from itertools import pairwise
from typing import NoReturn

from plumbum import cli

from groundplan.cli.command import Command
from groundplan.errors import UserError, told
from groundplan.text.visible import as_json, visible

INTERRUPTED = 130


class OutputClosedError(UserError):
    """There is nowhere to print to."""

    status = 1


class Groundplan(Command):
    """The command itself."""

    PROGNAME = "groundplan"
    DESCRIPTION = "Plan features, keep their plans true"
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
        """Refuse what is not a subcommand."""
        wrong = f"there is no subcommand {arguments[0]!r}" if arguments else "which subcommand?"
        self.refuse(f"{wrong} (see groundplan --help)")


Groundplan.subcommand("merge", "groundplan.cli.merge.MergeCommand")
Groundplan.subcommand("check", "groundplan.cli.check.CheckCommand")
Groundplan.subcommand("mark", "groundplan.cli.mark.MarkCommand")
Groundplan.subcommand("diff", "groundplan.cli.diff.DiffCommand")
Groundplan.subcommand("explain", "groundplan.cli.explain.ExplainCommand")
Groundplan.subcommand("status", "groundplan.cli.status.StatusCommand")
Groundplan.subcommand("new", "groundplan.cli.new.NewCommand")
Groundplan.subcommand("adopt", "groundplan.cli.adopt.AdoptCommand")
Groundplan.subcommand("update", "groundplan.cli.update.UpdateCommand")
Groundplan.subcommand("scaffold", "groundplan.cli.scaffold.ScaffoldCommand")
Groundplan.subcommand("remove", "groundplan.cli.remove.RemoveCommand")
Groundplan.subcommand("publish", "groundplan.cli.publish.PublishCommand")
Groundplan.subcommand("schema", "groundplan.cli.schema.SchemaCommand")


def main() -> NoReturn:
    """Run the command; the entry point of the distribution."""
    try:
        _prepare_streams()
        try:
            Groundplan.run()
        finally:
            # What was not written yet may fail as well, such as on a full disk.
            sys.stdout.flush()
    except UserError as error:
        _tell(error)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever reads has read enough, such as `head`; what Python still wants to write goes nowhere.
        _write_no_more()
        sys.exit(1)
    except OSError as error:
        _tell(error)
        _write_no_more()
        sys.exit(1)
    except Exception as error:
        # An error of ours, whose traceback helps to mend it.
        _tell(error)
        raise


def _tell(error: Exception) -> None:
    """Print on standard error what went wrong; with `--json`, a document on standard output says it, too."""
    print(visible(f"groundplan: {told(error)}"), file=sys.stderr)
    if "--json" in sys.argv or "--format=json" in sys.argv or ("--format", "json") in pairwise(sys.argv):
        with suppress(OSError):
            print(as_json({"ok": False, "error": told(error)}), flush=True)


def _prepare_streams() -> None:
    """Write UTF-8 whatever the locale says, as everything that reads our output expects."""
    if sys.stderr is None:  # closed
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as the process lives
    if sys.stdout is None:
        raise OutputClosedError("standard output is closed. To drop what is printed, send it to /dev/null")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _write_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
