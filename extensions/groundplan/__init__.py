"""Feature plans and the tree they promise: the pack that stands beside Copier.

The functions below are the command's own, for programs: they take and give frozen dataclasses and print nothing. Each
is imported when it is first used, so that ``import groundplan`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from groundplan.errors import UserError
    from groundplan.features.brief import Brief, BriefError, read_briefs
    from groundplan.features.new import new
    from groundplan.features.remove import remove
    from groundplan.features.report import Listener, Options, Outcome, Report, Status
    from groundplan.features.schema import schema
    from groundplan.features.update import scaffold, update

# No module bears the name of a function here: importing it would put the module in the function's place.
_HOMES = {
    "Brief": "features.brief",
    "BriefError": "features.brief",
    "Listener": "features.report",
    "Options": "features.report",
    "Outcome": "features.report",
    "Report": "features.report",
    "Status": "features.report",
    "UserError": "errors",
    "new": "features.new",
    "read_briefs": "features.brief",
    "remove": "features.remove",
    "scaffold": "features.update",
    "schema": "features.schema",
    "update": "features.update",
}

__all__ = [
    "Brief",
    "BriefError",
    "Listener",
    "Options",
    "Outcome",
    "Report",
    "Status",
    "UserError",
    "new",
    "read_briefs",
    "remove",
    "scaffold",
    "schema",
    "update",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
