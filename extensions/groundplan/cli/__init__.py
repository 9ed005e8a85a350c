"""The `groundplan` command, one module for each subcommand."""
