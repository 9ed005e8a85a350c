"""`groundplan new`."""

# ruff: noqa: PLC0415
import sys
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from plumbum import cli

from groundplan.cli.command import AnsweringCommand

if TYPE_CHECKING:
    from groundplan.features.report import Report


class NewCommand(AnsweringCommand):
    """Make features from briefs: all of them, or none where one is refused."""

    DESCRIPTION = (
        "Make features from briefs, which are YAML files, folders of them, or -: all of them or none. "
        "Without a brief, ask for one feature, or take its answers from -d"
    )

    more_briefs = cli.SwitchAttr(["-b", "--brief"], str, list=True, argname="FILE", help="A brief, too")
    template = cli.SwitchAttr("--template", str, default="", argname="URL", help="Default: that of the features here")
    ref = cli.SwitchAttr("--ref", str, default="", argname="REF", help="The template's version. Default: the newest")

    def _parse_args(self, argv: list[str]) -> Any:
        # Plumbum takes a lone - for a switch without a name.
        words = pairwise(["", *argv])
        return super()._parse_args(
            ["--brief=-" if word == "-" and before not in ("-b", "--brief") else word for before, word in words]
        )

    def main(self, *briefs: str) -> int:
        """Make them."""
        sources, given = (*briefs, *self.more_briefs), self.given()
        has_name = "feature_name" in given["data"]
        asks = not sources and not has_name and sys.stdin.isatty()
        if not sources and not has_name and not asks:
            self.refuse("which briefs? Name YAML files, folders of them, or -, or answer with -d feature_name=NAME")
        make = partial(self._make, sources, template=self.template, ref=self.ref, asks=asks, **given)
        return self.report("" if asks else "Making", make)

    def _make(self, sources: Sequence[str], *, dry_run: bool, **keywords: Any) -> "Report":
        from groundplan.features.brief import Brief, BriefError, read_briefs
        from groundplan.features.new import new, refuse_all

        try:
            briefs = read_briefs(sources) if sources else [Brief({}, "--data")]
            return new(briefs, dry_run=dry_run, **keywords)
        except BriefError as error:
            return refuse_all(error, dry_run=dry_run)
