"""`groundplan remove`."""

# ruff: noqa: PLC0415
from functools import partial

from plumbum import cli

from groundplan.cli.command import FeatureCommand


class RemoveCommand(FeatureCommand):
    """Take features back."""

    DESCRIPTION = "Delete the files of features that nobody has changed since they were generated"

    force = cli.Flag("--force", help="Delete what somebody has changed, too, where git has it")

    def main(self, slug: str, *slugs: str) -> int:
        """Delete them."""
        from groundplan.features.remove import remove

        return self.report("Removing", partial(remove, (slug, *slugs), force=self.force))
