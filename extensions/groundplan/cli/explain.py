"""`groundplan explain`."""

# ruff: noqa: PLC0415
import sys

from groundplan.cli.command import Command


class ExplainCommand(Command):
    """Explain what checks find."""

    DESCRIPTION = "Explain codes of findings: why each matters, an example, the way out. Without a code: the reference"

    def main(self, *codes: str) -> None:
        """Print the pages of the codes that begin like those given, or the reference of all."""
        from groundplan.checks.catalogue import codes_like, explain, reference

        if not codes:
            sys.stdout.write(reference())
            return
        named = [code for start in codes for code in codes_like(start)]
        sys.stdout.write("\n".join(explain(code) for code in dict.fromkeys(named)))
