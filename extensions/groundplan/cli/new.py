"""`groundplan new`."""

# ruff: noqa: PLC0415
from plumbum import cli

from groundplan.cli.command import AnsweringCommand


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
        from groundplan.features.new import new_from

        return self.report(
            "Making",
            lambda options: new_from(self.briefs, ".", options),
            template=self.template,
            ref=self.ref,
            **self.given(),
        )
