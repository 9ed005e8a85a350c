"""`groundplan status`."""

# ruff: noqa: PLC0415, T201
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from plumbum import cli

from groundplan.cli.command import Command, day_of

if TYPE_CHECKING:
    from groundplan.progress.status import FeatureStatus


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
        from groundplan.plan.files import no_plan_in, repository_root, slug_of
        from groundplan.progress.status import feature_statuses

        form = "json" if self.is_json else str(self.form)
        if self.output and form != "markdown":
            self.refuse("--output is for --format markdown")
        root = repository_root(Path.cwd())
        features = feature_statuses(root, [slug_of(plan, root) for plan in plans], day_of(self.today))
        if not features:
            print(no_plan_in(root), file=sys.stderr)
        if self.asks_template:
            from groundplan.progress.newest import with_newest

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

            from groundplan.progress.table import status_table

            # A pipe has no width to fit into.
            Console(width=None if sys.stdout.isatty() else 10_000, highlight=False).print(status_table(features))
        elif self.output:
            from groundplan.progress.page import write_page

            changed = write_page(Path(self.output), features, root)
            print(f"{self.output} {'was written' if changed else 'is up to date'}", file=sys.stderr)
        else:
            from groundplan.progress.page import portfolio

            sys.stdout.write(portfolio(features))
