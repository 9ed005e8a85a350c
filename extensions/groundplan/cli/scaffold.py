"""`groundplan scaffold`."""

# ruff: noqa: PLC0415
from functools import partial

from groundplan.cli.command import AnsweringCommand


class ScaffoldCommand(AnsweringCommand):
    """Generate the tree of features that have only a plan."""

    DESCRIPTION = "Generate the source and test tree of features that were made without it"

    def main(self, slug: str, *slugs: str) -> int:
        """Generate it."""
        from groundplan.features.update import scaffold

        return self.report("Scaffolding", partial(scaffold, (slug, *slugs), **self.given()))
