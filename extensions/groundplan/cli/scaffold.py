"""`groundplan scaffold`."""

# ruff: noqa: PLC0415
from functools import partial

from plumbum import cli

from groundplan.cli.command import AnsweringCommand


class ScaffoldCommand(AnsweringCommand):
    """Generate the tree of features that have only a plan, or further layers of it."""

    DESCRIPTION = "Generate the source and test tree of features that were made without it, or further layers of it"

    layers = cli.SwitchAttr("--layers", str, default="", argname="LAYERS", help="Layers to add, such as api,ui")

    def main(self, slug: str, *slugs: str) -> int:
        """Generate it."""
        from groundplan.features.layers import scaffold

        layers = [layer.strip() for layer in self.layers.split(",") if layer.strip()]
        return self.report("Scaffolding", partial(scaffold, (slug, *slugs), layers=layers, **self.given()))
