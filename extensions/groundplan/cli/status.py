"""`groundplan status`."""

# ruff: noqa: PLC0415, T201
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plumbum import cli

from groundplan.cli.command import Command, day_of
from groundplan.text.visible import as_json, visible

if TYPE_CHECKING:
    from rich.table import Table

    from groundplan.cli.projects import Chosen
    from groundplan.progress.history import History
    from groundplan.progress.status import FeatureStatus


class StatusCommand(Command):
    """Show how far features are."""

    DESCRIPTION = "Show how far features are, all or those named by slug or path"

    form = cli.SwitchAttr(
        "--format", cli.Set("table", "json", "markdown"), default="table", argname="FORMAT", help="How to show it"
    )
    is_json = cli.Flag("--json", help="Short for --format json")
    output = cli.SwitchAttr(
        "--output", str, argname="FILE", help="With --format markdown: write it between the markers of FILE"
    )
    page = cli.SwitchAttr(
        "--check-page",
        str,
        argname="FILE",
        excludes=["--output", "--today"],
        help="Only say whether this page is stale; the status is 1 then",
    )
    everywhere = cli.Flag("--all-projects", help="Show every project that git tracks, as in a monorepo")
    today = cli.SwitchAttr("--today", str, argname="DATE", help="Show what comes next as of this day")
    asks_history = cli.Flag("--history", help="Show how the tasks were ticked over time, and when the last will be")
    asks_template = cli.Flag("--check-template", help="Ask git whether the template has a newer version")

    takes_archived = cli.Flag("--archived", help="Show archived features, too")

    def main(self, *plans: str) -> int:
        """Show it."""
        from groundplan.cli.projects import are_empty, choose, left_behind, nothing_in

        form = "json" if self.is_json else str(self.form)
        if self.output and form != "markdown":
            self.refuse("--output is for --format markdown")
        chosen = choose(plans, everywhere=self.everywhere)
        if self.page:
            return self._check_page(Path(self.page), chosen)
        today = day_of(self.today)
        features, histories = self._read(chosen, today, is_page=form == "markdown")
        for notice in [*([nothing_in()] if are_empty(chosen) else []), *left_behind(chosen)]:
            print(visible(notice), file=sys.stderr)
        if self.asks_template:
            from groundplan.progress.newest import with_newest

            features, problems = with_newest(features)
            for problem in problems:
                print(visible(problem), file=sys.stderr)
        if form == "json":
            self._tell_data(features, histories)
        elif form == "table":
            self._tell_table(features, histories)
        else:
            self._tell_page(features, histories, chosen[0].base, today)
        return int(are_empty(chosen))

    def _read(
        self, chosen: "Sequence[Chosen]", today: datetime.date, *, is_page: bool
    ) -> "tuple[list[FeatureStatus], dict[str, History]]":
        from groundplan.progress.status import in_order, status

        features: list[FeatureStatus] = []
        histories: dict[str, History] = {}
        for one in chosen:
            # A page folds what is archived.
            own = status(one.slugs, one.root, today=today, archived=self.takes_archived or is_page)
            features += [feature.below(one.prefix) for feature in own]
            if own and (self.asks_history or (is_page and not self.page)):
                told = self._histories(own, one.root, today)
                histories |= {f"{one.prefix}{slug}": history for slug, history in told.items()}
        return in_order(features), histories

    def _histories(self, features: "Sequence[FeatureStatus]", root: Path, today: datetime.date) -> "dict[str, History]":
        from groundplan.git import GitError
        from groundplan.progress.history import histories

        try:
            return histories(root, features, today)
        except GitError as error:
            print(visible(f"The history of the tasks cannot be read: {error}"), file=sys.stderr)
            return {}

    def _tell_data(self, features: "Sequence[FeatureStatus]", histories: "dict[str, History]") -> None:
        data = [feature.as_data() for feature in features]
        for feature in data if self.asks_history else ():
            history = histories.get(feature["slug"])
            feature["history"] = history.as_data() if history else None
        print(as_json({"features": data}))

    def _tell_table(self, features: "Sequence[FeatureStatus]", histories: "dict[str, History]") -> None:
        from rich.console import Console

        from groundplan.progress.table import history_table, status_table

        # A pipe has no width to fit into.
        console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False)
        table: Table = history_table(features, histories) if histories else status_table(features, console.width)
        console.print(table)
        if any(history.is_cut for history in histories.values()):
            print(
                "Git's history is cut here (a shallow clone): git fetch --unshallow brings the rest.", file=sys.stderr
            )

    def _tell_page(
        self, features: "Sequence[FeatureStatus]", histories: "dict[str, History]", root: Path, today: datetime.date
    ) -> None:
        from groundplan.progress.page import portfolio, write_page

        if self.output:
            changed = write_page(Path(self.output), features, root, today, histories)
            print(visible(f"{self.output} {'was written' if changed else 'is up to date'}"), file=sys.stderr)
        else:
            sys.stdout.write(portfolio(features, today, histories))

    def _check_page(self, page: Path, chosen: "Sequence[Chosen]") -> int:
        from groundplan.progress.page import is_fresh, page_day

        day = page_day(page)
        features, _ = self._read(chosen, day, is_page=True)
        if is_fresh(page, features, chosen[0].base, day):
            return 0
        advice = f"Write it anew: groundplan status --format markdown --output {page}"
        print(visible(f"{page} is stale. {advice}"), file=sys.stderr)
        return 1
