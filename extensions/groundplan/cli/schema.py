"""`groundplan schema`."""

# ruff: noqa: PLC0415, T201
from plumbum import cli

from groundplan.cli.command import Command


class SchemaCommand(Command):
    """Describe briefs."""

    DESCRIPTION = "Print the JSON Schema of a brief, for editors and forms."

    template = cli.SwitchAttr("--template", str, default="", argname="URL", help="Default: that of the features here")
    ref = cli.SwitchAttr("--ref", str, default="", argname="REF", help="The template's version. Default: the newest")

    def main(self) -> int:
        """Print it."""
        import json

        from groundplan.features.schema import schema

        print(json.dumps(schema(template=self.template, ref=self.ref), ensure_ascii=False, indent=2))
        return 0
