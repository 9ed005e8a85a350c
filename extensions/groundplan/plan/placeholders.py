"""The placeholders that templates write where an answer is still to come.

The list is published (`docs/reference/checks.md`, GP201), so that brackets of people's own never count. A test holds it
against what the template really renders.
"""

import re
from collections.abc import Iterator

PLACEHOLDERS = frozenset(
    {
        "API change",
        "API reference",
        "Accessibility",
        "Action",
        "Alternative",
        "Answer",
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
# What the template writes before an answer: a task's box, a label, a goal's id.
_LABEL = re.compile(r"^(?:\[[ xX]\]\s+)?(?:\*\*[^*\n]+\*\*:?\s*)?")
_UNANSWERED = frozenset({"", "-", "–", "—", "?", "n/a", "none", "tbd", "todo"})


def placeholders_in(text: str, whole: str | None = None) -> Iterator[str]:
    """Yield the placeholders of a text, without brackets.

    The template's own are found anywhere. Those of a template that somebody made from it are known by where templates
    write them: such a text is all of an answer, that is of a paragraph, an item, a cell, of what follows a label, or of
    a part between dashes.

    Args:
        text: Markdown without code, comments, links and escapes.
        whole: The Markdown of the paragraph, item or cell that it is a part of; the text itself where it is None.
    """
    answers = {part.strip() for part in _LABEL.sub("", text if whole is None else whole, count=1).split(" — ")}
    for match in _BRACKETED.finditer(text):
        if match[1] in PLACEHOLDERS or (match[0] in answers and _asks(match[1])):
            yield match[1]


def _asks(text: str) -> bool:
    """Return whether a text in brackets reads like a placeholder: words that begin with a capital letter.

    A number or a short name such as `[ADR-12]` is a reference, `[sic]` a remark, `[X]` a box, `[^1]` a footnote.
    """
    return text[0].isalpha() and not text[0].islower() and len(text) > 1 and not any(map(str.isdigit, text))


def is_placeholder(text: str) -> bool:
    """Return whether a text is still as the template left it, or partly so."""
    return any(placeholders_in(text))


def is_all_placeholder(text: str) -> bool:
    """Return whether an answer, a label before it aside, is nothing but placeholders, dashes and a table's bars.

    Args:
        text: An item's or a paragraph's Markdown, or a table's row.
    """
    rest = _BRACKETED.sub(lambda match: "" if is_placeholder(match[0]) else match[0], _LABEL.sub("", text, count=1))
    return is_placeholder(text) and not rest.strip(" \t\r\n|–—-:*")


def is_unanswered(text: str) -> bool:
    """Return whether a text is empty or says that there is nothing to say: a dash, `n/a`, `none`, `TBD`."""
    return text.strip().strip("*_`").lower() in _UNANSWERED
