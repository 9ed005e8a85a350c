"""`python -m groundplan`."""

from groundplan.cli.app import main

main()
