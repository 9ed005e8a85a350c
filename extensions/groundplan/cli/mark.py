"""`groundplan mark`."""

# ruff: noqa: PLC0415, T201
import sys
from typing import TYPE_CHECKING, Any

from plumbum import cli

from groundplan.cli.command import Command, day_of
from groundplan.text.visible import as_json, visible

if TYPE_CHECKING:
    from groundplan.features.mark import Marked


class MarkCommand(Command):
    """Set the status of plans."""

    DESCRIPTION = "Set the status of plans, if a check would find no error in them then"
    USAGE = "    groundplan mark [SWITCHES] PLAN... draft|approved|in-progress|released|archived\n"

    strips = cli.Flag("--strip-guidance", help="Remove guidance comments, and placeholders that nobody needs")
    anyway = cli.Flag("--anyway", help="Change plans with errors, too")
    dry_run = cli.Flag(["-n", "--dry-run"], help="Only say what would be done")
    is_json = cli.Flag("--json", help="Report as JSON")
    today = cli.SwitchAttr("--today", str, argname="DATE", help="Judge what is late, and date an approval, by this day")

    def main(self, plan: str, *plans_and_status: str) -> int:
        """Mark them, and say what became of each."""
        from groundplan.cli.projects import choose
        from groundplan.features.mark import Result, mark
        from groundplan.plan.front_matter import STATUSES

        *plans, status = (plan, *plans_and_status)
        if status not in STATUSES or not plans:
            self.refuse(f"name plans, and then a status: {', '.join(STATUSES)} (see groundplan mark --help)")
        chosen, *others = choose(plans, everywhere=False)
        if others:
            self.refuse("those are plans of several projects. Name those of one at a time")
        outcomes = mark(
            chosen.slugs or [],
            status,
            chosen.root,
            strip_guidance=self.strips,
            anyway=self.anyway,
            dry_run=self.dry_run,
            today=day_of(self.today),
        )
        is_fine = all(outcome.result is not Result.REFUSED for outcome in outcomes)
        self._tell(outcomes, is_fine)
        return int(not is_fine)

    def _tell(self, outcomes: "list[Marked]", is_fine: bool) -> None:
        if self.is_json:
            data = {"command": "mark", "ok": is_fine, "dry_run": self.dry_run, "plans": [*map(_data, outcomes)]}
            print(as_json(data))
            return
        from groundplan.checks.reports import as_line

        would = "would be " if self.dry_run else ""
        for outcome in outcomes:
            for finding in outcome.findings:
                print(as_line(finding))
            way = f"{outcome.before} → {outcome.after}" if outcome.before else outcome.after
            told = {"marked": f"{would}marked: {way}", "current": f"is {outcome.after} already"}
            print(visible(f"{outcome.slug} {told.get(outcome.result, f'{would}refused: {outcome.reason}')}"))
        sys.stdout.flush()


def _data(outcome: "Marked") -> dict[str, Any]:
    from groundplan.checks.reports import finding_data

    return {
        "slug": outcome.slug,
        "before": outcome.before,
        "status": outcome.after,
        "result": str(outcome.result),
        "reason": outcome.reason,
        "files": list(outcome.files),
        "findings": [finding_data(finding) for finding in outcome.findings],
    }
