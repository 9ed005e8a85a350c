"""What the command and its subcommands share: wrong use is one line on standard error."""

# ruff: noqa: PLC0415
import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from plumbum import cli
from plumbum.cli.switches import SwitchError

from groundplan.errors import UserError, told

if TYPE_CHECKING:
    from groundplan.features.report import Report


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
            self.refuse(f"{' '.join(str(error).split())} (see {self.PROGNAME} --help)")

    def refuse(self, message: str) -> NoReturn:
        """End with an error of the user's."""
        raise UserError(message)


def day_of(given: str | None) -> datetime.date:
    """Return the day that `--today` names, or today.

    Raises:
        UserError: It is not a date.
    """
    try:
        return datetime.date.fromisoformat(given) if given else datetime.date.today()
    except ValueError as error:
        raise UserError(f"--today takes a date such as 2026-01-31, not {given!r}") from error


class FeatureCommand(Command):
    """What the commands that change features share."""

    is_json = cli.Flag("--json", help="Report as one JSON document")
    trust = cli.Flag("--trust", help="Let the template's code run, as copier --trust does")
    dry_run = cli.Flag(["-n", "--dry-run"], help="Only say what would be done")

    def report(self, verb: str, act: Callable[..., "Report"]) -> int:
        """Do it, show progress and the report, and return the exit status.

        Args:
            verb: What is done, such as “Updating”.
            act: Does it; takes `trust`, `dry_run` and `listener`.
        """
        from groundplan.cli.output import progress, show

        try:
            with progress(verb) as listener:
                report = act(trust=self.trust, dry_run=self.dry_run, listener=listener)
        except OSError as error:
            raise NotDoneError(told(error)) from error
        show(report, as_json=self.is_json)
        return 0 if report.is_fine else 1


class NotDoneError(UserError):
    """Something the system refused."""

    status = 1


class AnsweringCommand(FeatureCommand):
    """What those share that take answers and work on several features at a time."""

    data = cli.SwitchAttr(["-d", "--data"], str, list=True, argname="KEY=VALUE", help="An answer")
    jobs = cli.SwitchAttr(
        ["-j", "--jobs"],
        cli.Range(0, 999),
        default=0,
        argname="N",
        help="How many at a time. Default: one more than there are processors",
    )

    def given(self) -> dict[str, Any]:
        """Return what both switches say, as keyword arguments."""
        pairs = [entry.partition("=") for entry in self.data]
        for name, sign, _ in pairs:
            if not name or not sign:
                self.refuse(f"--data takes KEY=VALUE, not {name or sign!r}")
        return {"data": {name: value for name, _, value in pairs}, "jobs": self.jobs}
