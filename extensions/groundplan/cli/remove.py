"""`groundplan remove`."""

# ruff: noqa: PLC0415
from functools import partial

from groundplan.cli.command import FeatureCommand


class RemoveCommand(FeatureCommand):
    """Take features back."""

    DESCRIPTION = "Delete the files of features that nobody has changed since they were generated."

    def main(self, slug: str, *slugs: str) -> int:
        """Delete them."""
        from groundplan.features.remove import remove

        return self.report("Removing", partial(remove, (slug, *slugs)))
