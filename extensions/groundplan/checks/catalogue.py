"""All rules, and their reference: `docs/reference/checks.md` is what `reference` returns."""

from collections.abc import Iterator, Mapping

from groundplan.checks import content, document, links, portfolio, sections, stage, trace, tree
from groundplan.checks.rules import Code, Severity
from groundplan.errors import UserError
from groundplan.plan.placeholders import PLACEHOLDERS

PLAN_RULES = (
    *document.RULES,
    *sections.RULES,
    *links.RULES,
    *content.RULES,
    *trace.RULES,
    *tree.RULES,
    *stage.RULES,
)
PORTFOLIO_RULES = portfolio.RULES
CODES: Mapping[str, Code] = {
    code.id: code
    for code in sorted(
        rule.code
        for rule in (
            document.plan_missing,
            document.unreadable,
            stage.changed_since_approval,
            *PLAN_RULES,
            *PORTFOLIO_RULES,
        )
    )
}

_FAMILIES = {
    "1": "The document",
    "2": "What it says",
    "3": "Threads through it",
    "4": "The tree",
    "5": "Between plans",
    "6": "Its stage",
}
_INTRODUCTION = """\
# Checks

Every finding of `groundplan check` has one of these codes; `groundplan explain GP201` prints what stands here of one.
[How to run it](../how-to/check.md) is another page.

How severe a finding is depends on the plan's status: a draft is not nagged. “Later” means approved, in progress or
released; an archived plan is history and gets notes only. Errors fail a check, with `--strict` warnings do too, notes
never.
"""
_PLACEHOLDERS = """\
## Placeholders

A text in brackets is a placeholder where it is all of an answer: of a paragraph, an item, a table's cell, of what
follows a label or stands between dashes. It begins with a capital letter and has no digit, so `[sic]` and `[ADR-12]`
are none; nor are links, footnotes, code and brackets after a backslash. The template's own are found within a sentence
too:
"""


class UnknownCodeError(UserError):
    """There is no code that begins with a text that was given to name codes."""


def codes_like(start: str) -> list[Code]:
    """Return the codes that begin with a text.

    Args:
        start: A code or its beginning: GP201, GP2.

    Raises:
        UnknownCodeError: There is no such code.
    """
    found = [code for code in CODES.values() if code.id.startswith(start.upper())] if start else []
    if not found:
        raise UnknownCodeError(f"No code begins with “{start}”. They are {', '.join(CODES)}.")
    return found


def explain(code: Code) -> str:
    """Return a code's page as Markdown: what it is, how severe, why it matters, an example and the way out."""
    severities = f"Draft: {_word(code.draft)}. Later: {_word(code.later)}."
    return f"### {code.id}\n\n{code.title} (`{code.name}`). {severities}\n\n{code.text}\n"


def _word(severity: Severity | None) -> str:
    return severity.value if severity else "none"


def reference() -> str:
    """Return the reference of all codes as Markdown."""
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    yield _INTRODUCTION
    for digit, title in _FAMILIES.items():
        yield f"## {title}\n"
        yield from (explain(code) for code in codes_like(f"GP{digit}"))
    yield _PLACEHOLDERS
    yield "\n".join(f"- `[{name}]`" for name in sorted(PLACEHOLDERS)) + "\n"
