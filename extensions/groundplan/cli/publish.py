"""`groundplan publish`."""

# ruff: noqa: PLC0415, T201
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from plumbum import cli

from groundplan.cli.command import Command
from groundplan.text.visible import as_json, visible

if TYPE_CHECKING:
    from groundplan.tracker.publish import Published


class PublishCommand(Command):
    """Make the tracker agree with plans."""

    DESCRIPTION = "Make the tracker's issues agree with plans, or plans with their issues (--pull)"

    everything = cli.Flag("--all", help="All plans here")
    repo = cli.SwitchAttr("--repo", str, default="", argname="OWNER/NAME", help="Where the issues are. Default: origin")
    tasks = cli.SwitchAttr(
        "--tasks", cli.Set("none", "phases", "all"), default="none", argname="WHICH", help="Sub-issues to make"
    )
    is_pull = cli.Flag("--pull", help="Take what people did in the issues into the plans")
    dry_run = cli.Flag(["-n", "--dry-run"], help="Only say what would be done")
    is_json = cli.Flag("--json", help="Print the report as JSON")

    def main(self, *plans: str) -> int:
        """Publish and report."""
        import datetime

        from groundplan.cli.projects import choose
        from groundplan.plan.files import plan_slugs
        from groundplan.tracker.publish import publish
        from groundplan.tracker.remote import connect, find_place

        if bool(plans) == self.everything:
            self.refuse("which plans? Name their slugs, or say --all")
        chosen, *others = choose(plans, everywhere=False)
        if others:
            self.refuse("those are plans of several projects. Name those of one at a time")
        root, known = chosen.root, plan_slugs(chosen.root)
        slugs = known if chosen.slugs is None else chosen.slugs
        if unknown := next((slug for slug in slugs if slug not in known), None):
            self.refuse(f"there is no plan “{unknown}”")
        place = find_place(root, self.repo)
        forge = connect(place, self._tell)
        results = publish(
            root,
            slugs,
            forge,
            remote=place.remote,
            tasks=str(self.tasks),
            is_pull=self.is_pull,
            dry_run=self.dry_run,
            today=datetime.date.today(),
            step=lambda slug: self._tell(f"Asking {forge.name} about {slug}"),
        )
        self._show(results)
        return 0 if all(result.is_fine for result in results) else 1

    def _tell(self, line: str) -> None:
        print(visible(line), file=sys.stderr, flush=True)

    def _show(self, results: "list[Published]") -> None:
        if self.is_json:
            document = {
                "command": "publish",
                "ok": all(result.is_fine for result in results),
                "dry_run": self.dry_run,
                "features": [asdict(result) for result in results],
            }
            print(as_json(document))
            return
        for result in results:
            told = f": {result.reason}" if result.reason else ""
            print(visible(f"{result.status}  {result.slug}{f' {result.issue}' if result.issue else ''}{told}"))
            for line in result.changes:
                print(visible(f"  {'would ' if self.dry_run else ''}{line}"))
            for line in result.warnings:
                print(visible(f"  warning: {line}"))
