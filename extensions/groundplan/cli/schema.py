"""`groundplan schema`."""

# ruff: noqa: PLC0415, T201
from plumbum import cli

from groundplan.cli.command import Command
from groundplan.text.visible import as_json


class SchemaCommand(Command):
    """Describe briefs."""

    DESCRIPTION = "Print the JSON Schema of a brief, for editors and forms"

    template = cli.SwitchAttr("--template", str, default="", argname="URL", help="Default: that of the features here")
    ref = cli.SwitchAttr("--ref", str, default="", argname="REF", help="The template's version. Default: the newest")

    def main(self) -> int:
        """Print it."""
        from groundplan.features.schema import schema

        print(as_json(schema(template=self.template, ref=self.ref)))
        return 0
