"""`groundplan new`."""

# ruff: noqa: PLC0415
from functools import partial
from typing import TYPE_CHECKING, Any

from plumbum import cli

from groundplan.cli.command import AnsweringCommand

if TYPE_CHECKING:
    from groundplan.features.report import Report


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
        return self.report("Making", partial(self._make, template=self.template, ref=self.ref, **self.given()))

    def _make(self, *, dry_run: bool, **keywords: Any) -> "Report":
        from groundplan.features.brief import BriefError, read_briefs
        from groundplan.features.new import new, refuse_all

        try:
            return new(read_briefs(self.briefs), dry_run=dry_run, **keywords)
        except BriefError as error:
            return refuse_all(error, dry_run=dry_run)
