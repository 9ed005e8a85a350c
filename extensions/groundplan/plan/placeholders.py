"""The placeholders that the template writes where an answer is still to come.

The list is fixed and published (`docs/reference/checks.md`, GP201), so that brackets of people's own never count. A
test holds it against what the template really renders.
"""

import re
from collections.abc import Collection, Iterator

PLACEHOLDERS = frozenset(
    {
        "API change",
        "API reference",
        "Accessibility",
        "Action",
        "Alternative",
        "Area",
        "Argument against",
        "Argument for",
        "Artifact",
        "Assumption",
        "Automation",
        "Bad consequence",
        "Baseline",
        "Cadence",
        "Cause",
        "Checkpoint",
        "Choice",
        "Compatibility",
        "Component",
        "Confirmation",
        "Constraint",
        "Coverage target",
        "Dashboard",
        "Data flow",
        "Data model change",
        "Date",
        "Decision driver",
        "Decision reference",
        "Enablement material",
        "Environment",
        "Expected outcome",
        "External system",
        "Flag",
        "Follow-up and owner",
        "Goal",
        "Good consequence",
        "High-level change",
        "Impact",
        "In scope",
        "Incident response",
        "Internal component",
        "KPI",
        "Kill switch",
        "Likelihood",
        "Limitation",
        "Message or event",
        "Milestone",
        "Mitigation",
        "Mitigation or test",
        "Note",
        "Objective",
        "On-call review",
        "Open question",
        "Option",
        "Other flow",
        "Other option",
        "Out of scope",
        "Owner",
        "Performance test",
        "Planned change",
        "Problem",
        "Project board",
        "Reason",
        "Regression impact",
        "Remove by",
        "Responsibility",
        "Risk",
        "Rollback",
        "Rollout phase",
        "Runbook",
        "SLI",
        "SLO target",
        "Scenario",
        "Security test",
        "Service or module",
        "Shared library and owner",
        "Source",
        "Step",
        "Symptom",
        "Target",
        "Trade-off",
        "Usage figure",
        "User document",
        "User group",
        "Version",
        "What exists",
        "Window",
    }
)

# Not escaped, no image, and not the text of a link: `[Goal](…)`, `[Goal][…]`.
_BRACKETED = re.compile(r"(?<![\\!\]])\[([^][\n]+)\](?![(\[])")
_UNANSWERED = frozenset({"", "-", "–", "—", "?", "n/a", "none", "tbd", "todo"})


def placeholders_in(line: str, defined: Collection[str] = ()) -> Iterator[str]:
    """Yield the placeholders of a line, without brackets.

    Args:
        line: A line of Markdown without code spans and comments.
        defined: The labels, in lower case, that a link reference definition makes links of.
    """
    for match in _BRACKETED.finditer(line):
        if match[1] in PLACEHOLDERS and match[1].lower() not in defined:
            yield match[1]


def is_placeholder(text: str) -> bool:
    """Say whether a text is still as the template left it, or partly so."""
    return any(placeholders_in(text))


def is_unanswered(text: str) -> bool:
    """Say whether a text is empty or says that there is nothing to say: a dash, `n/a`, `none`, `TBD`."""
    return text.strip().strip("*_`").lower() in _UNANSWERED
