"""`groundplan update`."""

# ruff: noqa: PLC0415
from functools import partial

from plumbum import cli

from groundplan.cli.command import AnsweringCommand


class UpdateCommand(AnsweringCommand):
    """Bring features to another version of their template."""

    DESCRIPTION = "Bring features to another version of their template, merged by structure"

    everything = cli.Flag("--all", help="All features here")
    ref = cli.SwitchAttr(
        "--ref", str, default="", argname="REF", help="The version; :current: to stay. Default: the newest"
    )

    template = cli.SwitchAttr(
        "--template", str, default="", argname="URL", help="Another address of the template, to move to"
    )

    defaults = cli.Flag("--defaults", help="Let answers that nobody gave follow the team's defaults of today")

    def main(self, *slugs: str) -> int:
        """Update them."""
        from groundplan.features.update import update

        if bool(slugs) == self.everything:
            self.refuse("which features? Name their slugs, or say --all")
        wanted = None if self.everything else slugs
        asked = {"ref": self.ref, "template": self.template, "defaults": self.defaults, **self.given()}
        return self.report("Updating", partial(update, wanted, **asked))
