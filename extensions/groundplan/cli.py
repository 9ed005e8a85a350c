"""The `groundplan` command: arguments in, results out, the exit status; all else is in the modules it calls.

Each subcommand is a class here and imports what it needs in its `main`, so that a quick one stays quick.
"""

# ruff: noqa: PLC0415, T201
import datetime
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from plumbum import cli
from plumbum.cli.switches import SwitchError

from groundplan.errors import UserError, told

if TYPE_CHECKING:
    from groundplan.outcomes import Options, Report
    from groundplan.status import FeatureStatus

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
            self.refuse(f"{' '.join(str(error).split())} (see {self.PROGNAME} --help)")

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
            for line in merged.summary():
                print(f"{current}: {line}", file=sys.stderr)
        return merged.status

    def refuse(self, message: str) -> NoReturn:
        """End with an error, with the status that git takes for one."""
        raise MergeFailedError(message)


class MergeFailedError(UserError):
    """A merge that could not be tried."""

    status = 255


@Groundplan.subcommand("check")
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

    def main(self, *plans: str) -> int:
        """Check and report."""
        from groundplan.checks import check
        from groundplan.plan import repository_root, slug_of
        from groundplan.reports import FORMATS

        root = repository_root(Path.cwd())
        report = check(
            root,
            [slug_of(plan, root) for plan in plans],
            today=_day(self.today),
            select=_codes(self.select),
            ignore=_codes(self.ignore),
        )
        for notice in report.notices:
            print(notice, file=sys.stderr)
        sys.stdout.write(FORMATS["json" if self.is_json else str(self.form)](report))
        return int(report.fails(strict=self.is_strict))


@Groundplan.subcommand("status")
class StatusCommand(Command):
    """Tell how far features are."""

    DESCRIPTION = "Tell how far features are, all or those named by slug or path."

    form = cli.SwitchAttr(
        "--format", cli.Set("table", "json", "markdown"), default="table", argname="FORMAT", help="How to tell it"
    )
    is_json = cli.Flag("--json", help="Short for --format json")
    output = cli.SwitchAttr(
        "--output", str, argname="FILE", help="With --format markdown: write it between the markers of FILE"
    )
    today = cli.SwitchAttr("--today", str, argname="DATE", help="Tell what comes next as of this day")
    asks_template = cli.Flag("--check-template", help="Ask git whether the template has a newer version")

    def main(self, *plans: str) -> int:
        """Tell it."""
        from groundplan.plan import no_plan_in, repository_root, slug_of
        from groundplan.status import feature_statuses

        form = "json" if self.is_json else str(self.form)
        if self.output and form != "markdown":
            self.refuse("--output is for --format markdown")
        root = repository_root(Path.cwd())
        features = feature_statuses(root, [slug_of(plan, root) for plan in plans], _day(self.today))
        if not features:
            print(no_plan_in(root), file=sys.stderr)
        if self.asks_template:
            from groundplan.template_versions import with_newest

            features, problems = with_newest(features)
            for problem in problems:
                print(problem, file=sys.stderr)
        self._tell(form, features, root)
        return 0

    def _tell(self, form: str, features: "list[FeatureStatus]", root: Path) -> None:
        if form == "json":
            import json

            print(json.dumps({"features": [feature.as_data() for feature in features]}, ensure_ascii=False, indent=2))
        elif form == "table":
            from rich.console import Console

            from groundplan.status_table import status_table

            # A pipe has no width to fit into.
            Console(width=None if sys.stdout.isatty() else 10_000, highlight=False).print(status_table(features))
        elif self.output:
            from groundplan.portfolio_page import write_page

            changed = write_page(Path(self.output), features, root)
            print(f"{self.output} {'was written' if changed else 'is up to date'}", file=sys.stderr)
        else:
            from groundplan.portfolio_page import portfolio

            sys.stdout.write(portfolio(features))


def _codes(given: Sequence[str]) -> list[str]:
    return [code.strip() for codes in given for code in codes.split(",")]


def _day(given: str | None) -> datetime.date:
    try:
        return datetime.date.fromisoformat(given) if given else datetime.date.today()
    except ValueError as error:
        raise UserError(f"--today takes a date such as 2026-01-31, not {given!r}") from error


class FeatureCommand(Command):
    """What the commands that change features share."""

    form = cli.SwitchAttr("--format", cli.Set("text", "json"), default="text", argname="FORMAT", help="How to report")
    is_json = cli.Flag("--json", help="Short for --format json")
    dry_run = cli.Flag(["-n", "--dry-run"], help="Only say what would be done")

    def report(self, verb: str, act: Callable[["Options"], "Report"], **options: Any) -> int:
        """Do it, show progress and the report, and give the exit status."""
        from groundplan.feature_output import progress, show
        from groundplan.outcomes import Options

        try:
            with progress(verb) as listener:
                report = act(Options(dry_run=self.dry_run, listener=listener, **options))
        except OSError as error:
            raise NotDoneError(f"{error.filename or 'the repository'}: {error.strerror}") from error
        show(report, as_json=self.is_json or self.form == "json")
        return 0 if report.is_fine else 1


class NotDoneError(UserError):
    """Something the system refused."""

    status = 1


class AnsweringCommand(FeatureCommand):
    """What those share that take answers and work on several features at a time."""

    data = cli.SwitchAttr(["-d", "--data"], str, list=True, argname="KEY=VALUE", help="An answer; may be repeated")
    jobs = cli.SwitchAttr(
        ["-j", "--jobs"],
        cli.Range(0, 999),
        default=0,
        argname="N",
        help="How many at a time. Default: processors and one",
    )

    def given(self) -> dict[str, Any]:
        """Give what both switches say, as options."""
        pairs = [entry.partition("=") for entry in self.data]
        for name, sign, _ in pairs:
            if not name or not sign:
                self.refuse(f"--data takes KEY=VALUE, not {name or sign!r}")
        return {"data": {name: value for name, _, value in pairs}, "jobs": self.jobs}


@Groundplan.subcommand("new")
class NewCommand(AnsweringCommand):
    """Make features from briefs: all of them, or none where one is refused."""

    DESCRIPTION = "Make features from briefs, all of them or none."

    briefs = cli.SwitchAttr(
        ["-b", "--brief"], str, list=True, mandatory=True, argname="FILE", help="A YAML file, a folder of them, or -"
    )
    template = cli.SwitchAttr("--template", str, default="", argname="URL", help="Default: that of the features here")
    ref = cli.SwitchAttr("--ref", str, default="", argname="REF", help="The template's version. Default: the newest")

    def main(self) -> int:
        """Make them."""
        from groundplan.scaffolding import new_from

        return self.report(
            "Making",
            lambda options: new_from(self.briefs, ".", options),
            template=self.template,
            ref=self.ref,
            **self.given(),
        )


@Groundplan.subcommand("update")
class UpdateCommand(AnsweringCommand):
    """Bring features to another version of their template."""

    DESCRIPTION = "Bring features to another version of their template, merged by structure."

    everything = cli.Flag("--all", help="All features here")
    ref = cli.SwitchAttr(
        "--ref", str, default="", argname="REF", help="The version; :current: to stay. Default: the newest"
    )

    def main(self, *slugs: str) -> int:
        """Update them."""
        from groundplan.updating import update

        if bool(slugs) == self.everything:
            self.refuse("which features? Name their slugs, or say --all")
        return self.report("Updating", lambda options: update(slugs, ".", options), ref=self.ref, **self.given())


@Groundplan.subcommand("scaffold")
class ScaffoldCommand(AnsweringCommand):
    """Generate the tree of features that have only a plan."""

    DESCRIPTION = "Generate the source and test tree of features that were made without it."

    def main(self, slug: str, *slugs: str) -> int:
        """Generate it."""
        from groundplan.updating import scaffold

        return self.report("Scaffolding", lambda options: scaffold((slug, *slugs), ".", options), **self.given())


@Groundplan.subcommand("remove")
class RemoveCommand(FeatureCommand):
    """Take features back."""

    DESCRIPTION = "Delete the files of features that nobody has changed since they were generated."

    def main(self, slug: str, *slugs: str) -> int:
        """Delete them."""
        from groundplan.removing import remove

        return self.report("Removing", lambda options: remove((slug, *slugs), ".", options))


@Groundplan.subcommand("schema")
class SchemaCommand(Command):
    """Describe briefs."""

    DESCRIPTION = "Print the JSON Schema of a brief, for editors and forms."

    template = cli.SwitchAttr("--template", str, default="", argname="URL", help="Default: that of the features here")
    ref = cli.SwitchAttr("--ref", str, default="", argname="REF", help="The template's version. Default: the newest")

    def main(self) -> int:
        """Print it."""
        import json

        from groundplan.brief_schema import schema
        from groundplan.outcomes import Options

        print(json.dumps(schema(".", Options(self.template, self.ref)), ensure_ascii=False, indent=2))
        return 0


def main() -> NoReturn:
    """Run the command; the entry point of the distribution."""
    try:
        try:
            Groundplan.run()
        finally:
            # What was not written yet may fail as well, such as on a full disk.
            sys.stdout.flush()
    except UserError as error:
        print(f"groundplan: {error}", file=sys.stderr)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever reads has read enough, such as `head`; what Python still wants to write goes nowhere.
        _write_no_more()
        sys.exit(1)
    except OSError as error:
        _write_no_more()
        print(f"groundplan: {told(error)}", file=sys.stderr)
        sys.exit(1)


def _write_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
