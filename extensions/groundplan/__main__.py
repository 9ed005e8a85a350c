"""`python -m groundplan`."""

import sys

if not sys.flags.safe_path:
    # Python puts the working directory first: a repository's own `queue.py` would be taken for the library's.
    del sys.path[0]

from groundplan.cli.app import main

main()
