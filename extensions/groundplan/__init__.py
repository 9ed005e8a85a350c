"""Feature plans and the tree they promise: the pack that stands beside Copier.

The functions below are the command's own, for programs: they take and return frozen dataclasses and print nothing. Each
is imported when it is first used, so that `import groundplan` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from groundplan.adopting.adopt import adopt
    from groundplan.adopting.report import Adopted
    from groundplan.checks.check import CheckReport, check
    from groundplan.checks.rules import Finding, Severity
    from groundplan.errors import UserError
    from groundplan.features.brief import Brief, BriefError, read_briefs
    from groundplan.features.layers import scaffold
    from groundplan.features.mark import Marked, mark
    from groundplan.features.new import new
    from groundplan.features.remove import remove
    from groundplan.features.report import Listener, Outcome, Report, Status
    from groundplan.features.schema import schema
    from groundplan.features.update import update
    from groundplan.merging.merge import Markers, Merge, merge
    from groundplan.progress.difference import Difference, diff
    from groundplan.progress.status import FeatureStatus, status

# No module here bears the name of a function: importing it would put the module in the function's place.
_HOMES = {
    "Adopted": "adopting.report",
    "Brief": "features.brief",
    "BriefError": "features.brief",
    "CheckReport": "checks.check",
    "Difference": "progress.difference",
    "FeatureStatus": "progress.status",
    "Finding": "checks.rules",
    "Listener": "features.report",
    "Marked": "features.mark",
    "Markers": "merging.merge",
    "Merge": "merging.merge",
    "Outcome": "features.report",
    "Report": "features.report",
    "Severity": "checks.rules",
    "Status": "features.report",
    "UserError": "errors",
    "adopt": "adopting.adopt",
    "check": "checks.check",
    "diff": "progress.difference",
    "mark": "features.mark",
    "merge": "merging.merge",
    "new": "features.new",
    "read_briefs": "features.brief",
    "remove": "features.remove",
    "scaffold": "features.layers",
    "schema": "features.schema",
    "status": "progress.status",
    "update": "features.update",
}

__all__ = [
    "Adopted",
    "Brief",
    "BriefError",
    "CheckReport",
    "Difference",
    "FeatureStatus",
    "Finding",
    "Listener",
    "Marked",
    "Markers",
    "Merge",
    "Outcome",
    "Report",
    "Severity",
    "Status",
    "UserError",
    "adopt",
    "check",
    "diff",
    "mark",
    "merge",
    "new",
    "read_briefs",
    "remove",
    "scaffold",
    "schema",
    "status",
    "update",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
