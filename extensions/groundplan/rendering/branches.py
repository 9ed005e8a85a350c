"""Branches, and the tickets and people that they may name.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

from .naming import transliterated
from .quoting import shown

TICKET = re.compile(r"#?[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
OWNER = re.compile(r"@?[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9])?(?:[/@][A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?")
BRANCH_BYTES = 244


def ticket_problem(ticket: object) -> str:
    """Return why a text is not a ticket, or an empty string. No ticket at all is fine."""
    if ticket == "" or (isinstance(ticket, str) and len(ticket) <= 32 and TICKET.fullmatch(ticket)):
        return ""
    return f"Use letters, digits and hyphens: {shown(ticket)} is not a ticket such as SHOP-142. It may be left empty."


def owner_problem(owner: object) -> str:
    """Return why a text is not an owner, or an empty string."""
    if isinstance(owner, str) and len(owner) <= 80 and OWNER.fullmatch(owner):
        return ""
    return (
        f"Use a handle, a team or an address, like jane, acme/checkout or jane@example.com: {shown(owner)} is not one."
    )


def handles(people: Iterable[str]) -> list[str]:
    """Keep the people that an issue can be assigned to: handles without their `@`, no teams and no addresses."""
    plain = (str(person).removeprefix("@") for person in people)
    return [person for person in plain if not {"@", "/"} & set(person)]


def branch_name(pattern: str, slug: str, ticket: str, owner: str) -> str:
    """Fill a branch pattern.

    Args:
        pattern: Text with `{slug}` and, if wanted, `{ticket}` and `{owner}`. Without a ticket `{ticket}`
            vanishes together with the one separator after it.
        slug: The feature's slug.
        ticket: The ticket, or an empty string.
        owner: The owner; what a branch cannot hold becomes a hyphen.
    """
    number = ticket.removeprefix("#")
    if not number:
        pattern = re.sub(r"\{ticket\}[-_/.]?", "", pattern)
    values = {"{slug}": slug, "{ticket}": number, "{owner}": transliterated(owner)}
    return re.sub(r"\{(?:slug|ticket|owner)\}", lambda match: values[match[0]], pattern)


def branch_pattern_problem(pattern: object) -> str:
    """Return why a text is not a branch pattern, or an empty string."""
    if not isinstance(pattern, str) or "{slug}" not in pattern:
        return "Put {slug} into it: a branch pattern is text such as feature/{slug} or {owner}/{ticket}-{slug}."
    unknown = re.sub(r"\{(?:slug|ticket|owner)\}", "", pattern)
    if "{" in unknown or "}" in unknown:
        return f"Use {{slug}}, {{ticket}}, {{owner}} alone: the branch pattern {shown(pattern)} holds other braces."
    return branch_problem(branch_name(pattern, "slug", "T-1", "owner"))


def branch_problem(branch: str) -> str:
    """Return why git would refuse a branch name, or an empty string.

    The rules are those of `git check-ref-format --branch` (its manual page, items 1 to 10), and a length that still
    fits a file name with `.lock` beside it on common file systems.
    """
    broken = [reason for reason, found in _branch_rules(str(branch)) if found]
    return (
        f"Change branch_pattern or ticket: git would refuse the branch {shown(branch)}, which {broken[0]}."
        if broken
        else ""
    )


def _branch_rules(branch: str) -> Iterator[tuple[str, bool]]:
    parts = branch.split("/")
    yield "is empty", not branch
    yield f"is longer than {BRANCH_BYTES} bytes", len(branch.encode("utf-8", "replace")) > BRANCH_BYTES
    yield "has an empty part between slashes", not all(parts)
    yield "has a part that begins with a dot", any(part.startswith(".") for part in parts)
    yield "has a part that ends in .lock", any(part.endswith(".lock") for part in parts)
    yield "holds two dots in a row", ".." in branch
    yield (
        "holds a space, a control character or one of ~ ^ : ? * [ \\",
        bool(re.search(r"[\x00-\x20\x7f~^:?*\[\\]", branch)),
    )
    yield "ends in a dot", branch.endswith(".")
    yield "holds @{", "@{" in branch
    yield "begins with a hyphen", branch.startswith("-")
    yield "is reserved", branch in {"@", "HEAD"}


class BranchesExtension(Extension):
    """Registers this module's functions as Jinja filters."""

    def __init__(self, environment: Environment) -> None:
        """Add the filters to an environment."""
        super().__init__(environment)
        filters: dict[str, Callable[..., Any]] = {
            "ticket_problem": ticket_problem,
            "owner_problem": owner_problem,
            "handles": handles,
            "branch_name": branch_name,
            "branch_problem": branch_problem,
            "branch_pattern_problem": branch_pattern_problem,
        }
        environment.filters.update(filters)
