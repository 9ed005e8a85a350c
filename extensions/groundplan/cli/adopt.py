"""`groundplan adopt`."""

# ruff: noqa: PLC0415, T201
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from plumbum import cli

from groundplan.cli.command import AnsweringCommand

if TYPE_CHECKING:
    from groundplan.features.report import Report

# Plumbum takes a lone - for a switch without a name, so it goes under another.
_STANDARD_INPUT = "--standard-input"


class AdoptCommand(AnsweringCommand):
    """Make features of plans that exist already."""

    DESCRIPTION = (
        "Make features of plans that exist already: Markdown files, folders of them, a Spec Kit feature, an OpenSpec "
        "change, or - for standard input. The documents are not touched"
    )

    base = cli.SwitchAttr("--base", str, default="", argname="FILE", help="The template that they were copied from")
    template = cli.SwitchAttr("--template", str, default="", argname="URL", help="Default: that of the features here")
    ref = cli.SwitchAttr("--ref", str, default="", argname="REF", help="The template's version. Default: the newest")
    brief_only = cli.Flag("--brief-only", help="Print what is understood as a brief for `groundplan new`")
    standard_input = cli.Flag(_STANDARD_INPUT, help="The same as -")

    def _parse_args(self, argv: list[str]) -> Any:
        words = pairwise(["", *argv])
        return super()._parse_args(
            [_STANDARD_INPUT if word == "-" and before != "--base" else word for before, word in words]
        )

    def main(self, *documents: str) -> int:
        """Adopt them."""
        sources = (*documents, *(["-"] if self.standard_input else ()))
        if not sources:
            self.refuse("which document? Name Markdown files, folders, or -")
        given = self.given()
        if self.brief_only:
            return self._print_briefs(sources)
        adopt = partial(self._adopt, sources, base=self.base, template=self.template, ref=self.ref, **given)
        return self.report("Adopting", adopt)

    def _print_briefs(self, sources: Sequence[str]) -> int:
        from groundplan.adopting.adopt import briefs_of

        print(briefs_of(sources, self.base), end="")
        return 0

    def _adopt(self, sources: Sequence[str], *, dry_run: bool, **keywords: Any) -> "Report":
        from groundplan.adopting.adopt import adopt
        from groundplan.features.brief import BriefError
        from groundplan.features.new import refuse_all

        try:
            return adopt(sources, dry_run=dry_run, **keywords)
        except BriefError as error:
            return refuse_all(error, dry_run=dry_run, command="adopt")
