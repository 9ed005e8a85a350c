"""`groundplan diff`."""

# ruff: noqa: PLC0415, T201
from pathlib import Path
from typing import TYPE_CHECKING

from plumbum import cli

from groundplan.cli.command import Command
from groundplan.text.visible import as_json, visible

if TYPE_CHECKING:
    from groundplan.progress.difference import Difference


class DiffCommand(Command):
    """Show what changed in a plan since it was approved."""

    DESCRIPTION = "Show what changed in a plan since it was approved, or since a commit: facts, not lines"

    since = cli.SwitchAttr(
        "--since", str, default="approved", argname="COMMIT", help="Compare with this commit, not with the approval"
    )
    is_json = cli.Flag("--json", help="Report as JSON")

    def main(self, plan: str) -> None:
        """Compare, and say what changed."""
        from groundplan.progress.difference import diff
        from groundplan.projects import find_root, plan_at

        root, slug = plan_at(plan, find_root(Path.cwd()))
        found = diff(slug, root, since=self.since)
        if self.is_json:
            print(as_json(_data(found)))
        else:
            _tell(found)


def _data(found: "Difference") -> dict[str, object]:
    return {
        "slug": found.slug,
        "since": found.commit,
        "changes": [change._asdict() for change in found.changes],
        "touched": [{"path": path, "commits": count} for path, count in found.touched],
    }


def _tell(found: "Difference") -> None:
    nothing = "" if found.changes or found.touched else " nothing changed"
    print(visible(f"{found.slug} since {found.commit[:12]}:{nothing}"))
    part = ""
    for change in found.changes:
        if change.part != part:
            part = change.part
            print(visible(f"  {part}"))
        print(visible(f"    {change.told()}"))
    if found.touched:
        print("  Planned paths that commits changed")
    for path, count in found.touched:
        print(visible(f"    {path} ({count} commit{'s' * (count > 1)})"))
