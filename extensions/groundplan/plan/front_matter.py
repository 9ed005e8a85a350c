"""A plan's front matter: what its keys hold, and everything that is wrong with them.

`docs/reference/plan-front-matter.schema.json` says the same for editors; a test holds the two together.
"""

import datetime
import re
import reprlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from groundplan.text.yaml_mapping import YamlMappingError, load_mapping

STATUSES = ("draft", "approved", "in-progress", "released", "archived")
# Nothing is left to be done.
CLOSED = ("released", "archived")
DEPTHS = ("full", "standard", "lite")
STACKS = ("dotnet", "python", "typescript", "go", "java", "rust", "none")
LAYERS = ("domain", "application", "api", "ui")
TITLE_LENGTH = 256  # GitHub refuses longer titles of issues
LABEL_LENGTH = 50  # GitHub refuses longer labels

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
# What the form of a document asks for is not a matter of opinion.
_RULE = re.compile(r"GP[2-6]\d\d")


class Fault(Enum):
    """The kinds of what can be wrong with front matter."""

    SYNTAX = "syntax"
    UNKNOWN_KEY = "unknown key"
    VALUE = "value"
    TITLE_LENGTH = "title length"
    LABEL_LENGTH = "label length"


class Problem(NamedTuple):
    """One thing that is wrong with front matter.

    Attributes:
        line: Its line in the file, from 1.
        fault: Its kind.
        message: What is wrong and what to do.
    """

    line: int
    fault: Fault
    message: str


class Accepted(NamedTuple):
    """A deviation from the plan, or what a rule finds in it, that a person accepted.

    Attributes:
        commit: The commit that brought the deviation.
        reason: Why it is fine.
        path: The path that deviates, or a folder above it; empty where it is a rule.
        rule: The code of the rule; empty where it is a path.
    """

    commit: str
    reason: str
    path: str = ""
    rule: str = ""


class Approval(NamedTuple):
    """When a plan was approved.

    Attributes:
        date: The day, such as 2026-01-31.
        by: Who said so, as git knows them.
        commit: The commit that the plan was approved on; empty where git knows none.
    """

    date: str
    by: str
    commit: str = ""


@dataclass(frozen=True)
class FrontMatter:
    """What a plan says about itself. A value that is missing or wrong stands at its default; `problems` names it.

    Attributes:
        lines: The line of each key, from 1.
        problems: Everything that is wrong, in the order of the lines.
        tells_status: Whether the status is one that was written there, and not the default.
    """

    status: str = "draft"
    owner: str = ""
    ticket: str = ""
    issue: str = ""
    branch: str = ""
    title: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    approved: Approval | None = None
    accepted: tuple[Accepted, ...] = ()
    feature: str = ""
    slug: str = ""
    created: str = ""
    depth: str = "full"
    stack: str = "none"
    layers: tuple[str, ...] = ()
    milestones: tuple[str, ...] = ()
    schema: int = 1
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    tells_status: bool = False


NO_FRONT_MATTER = FrontMatter(
    problems=(
        Problem(1, Fault.SYNTAX, "The plan has no front matter. Begin the file with it, between two lines of `---`."),
    )
)


def read_front_matter(text: str, first_line: int = 2) -> FrontMatter:
    """Read front matter strictly: an unknown key, a missing one and a wrong value are problems.

    Args:
        text: The YAML between the two fences.
        first_line: The line of the file that the YAML starts at.

    Returns:
        The values that are right, and the problems. It never raises: broken YAML is a problem too.
    """
    try:
        mapping = load_mapping(text)
    except YamlMappingError as error:
        message = f"The front matter is {error.message}. Write one key a line, such as `status: draft`."
        return FrontMatter(problems=(Problem(first_line + error.line - 1, Fault.SYNTAX, message),))
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    for key, line in mapping.keys:
        if key in lines:
            message = f"`{_shown(key)}` stands here again. Keep one."
            problems.append(Problem(first_line + line - 1, Fault.VALUE, message))
        lines.setdefault(key, first_line + line - 1)
    values = mapping.values
    problems += _problems(values, lines)
    good = {key: _RULES[key].read(value) for key, value in values.items() if _is_good(key, value)}
    in_order = tuple(sorted(problems, key=lambda problem: problem.line))
    return FrontMatter(**good, lines=lines, problems=in_order, tells_status="status" in good)


def _shown(value: object) -> str:
    # A few lines of YAML aliases can make a value whose whole text would fill the memory.
    text = " ".join((value if isinstance(value, str) else reprlib.repr(value)).split())
    return text if len(text) <= 60 else f"{text[:60]}…"


class _Rule(NamedTuple):
    is_good: Callable[[Any], bool]
    asks: str
    read: Callable[[Any], Any] = str
    required: bool = True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _one_of(*choices: str) -> _Rule:
    return _Rule(lambda value: isinstance(value, str) and value in choices, f"one of {', '.join(choices)}")


def _texts(is_good: Callable[[Any], bool], asks: str) -> _Rule:
    return _Rule(lambda value: isinstance(value, list) and all(map(is_good, value)), asks, tuple, required=False)


def _is_date(value: Any) -> bool:
    if isinstance(value, datetime.date):
        return not isinstance(value, datetime.datetime)
    try:
        return bool(_DATE.fullmatch(value)) and bool(datetime.date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def _is_slug(value: Any) -> bool:
    return isinstance(value, str) and 2 <= len(value) <= 40 and bool(_SLUG.fullmatch(value))


def _is_layer(value: Any) -> bool:
    return isinstance(value, Hashable) and value in LAYERS


def _is_accepted(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) in ({"path", "commit", "reason"}, {"rule", "commit", "reason"})
        and (_is_text(value["path"]) if "path" in value else _is_match(_RULE, value["rule"]))
        and _is_match(_COMMIT, value["commit"])
        and _is_text(value["reason"])
    )


def _is_match(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _is_approval(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"date", "by"} <= set(value) <= {"date", "by", "commit"}
        and _is_date(value["date"])
        and _is_text(value["by"])
        and ("commit" not in value or _is_match(_COMMIT, value["commit"]))
    )


def _read_accepted(values: list[dict[str, str]]) -> tuple[Accepted, ...]:
    return tuple(Accepted(**value) for value in values)


_TEXT_OR_NOTHING = _Rule(lambda value: isinstance(value, str), "text, or empty quotes", required=False)

# In the order in which a plan has them: first what people look for, then what programs need.
_RULES: Mapping[str, _Rule] = {
    "status": _one_of(*STATUSES),
    "owner": _Rule(_is_text, "a handle, a team or an e-mail address"),
    "ticket": _TEXT_OR_NOTHING,
    "issue": _TEXT_OR_NOTHING,
    "branch": _Rule(_is_text, "text"),
    "title": _Rule(_is_text, "text"),
    "labels": _texts(_is_text, "a list of texts"),
    "assignees": _texts(_is_text, "a list of handles"),
    "depends_on": _texts(_is_slug, "a list of features' slugs"),
    "approved": _Rule(
        _is_approval,
        "a mapping with the texts date, by and commit (7 to 64 hexadecimal digits, in quotes)",
        lambda value: Approval(str(value["date"]), value["by"], value.get("commit", "")),
        required=False,
    ),
    "accepted": _Rule(
        lambda value: isinstance(value, list) and all(map(_is_accepted, value)),
        "a list of mappings with the texts path (or rule), commit (7 to 64 hexadecimal digits, in quotes) and reason",
        _read_accepted,
        required=False,
    ),
    "feature": _Rule(_is_text, "text"),
    "slug": _Rule(_is_slug, "2 to 40 lower-case letters, digits and single hyphens, beginning with a letter"),
    "created": _Rule(_is_date, "a date such as 2026-01-31"),
    "depth": _one_of(*DEPTHS),
    "stack": _one_of(*STACKS),
    "layers": _texts(_is_layer, f"a list of {', '.join(LAYERS)}"),
    # Since schema 2 they stand in the plan's table alone.
    "milestones": _texts(_is_text, "a list of texts"),
    "schema": _Rule(lambda value: type(value) is int and value >= 1, "a whole number from 1", int),
}


def _is_good(key: str, value: Any) -> bool:
    return key in _RULES and _RULES[key].is_good(value)


def _problems(values: Mapping[str, Any], lines: Mapping[str, int]) -> Iterator[Problem]:
    first = min(lines.values(), default=2)
    for key, rule in _RULES.items():
        if rule.required and key not in values:
            yield Problem(first, Fault.VALUE, f"`{key}` is missing. It must be {rule.asks}.")
    for key, value in values.items():
        line = lines.get(key, first)
        if key not in _RULES:
            message = f"`{_shown(key)}` is not a key of a plan. The keys are {', '.join(_RULES)}."
            yield Problem(line, Fault.UNKNOWN_KEY, message)
        elif not _RULES[key].is_good(value):
            yield Problem(line, Fault.VALUE, f"`{key}` must be {_RULES[key].asks}, not “{_shown(value)}”.")
        elif key == "title" and len(value) > TITLE_LENGTH:
            message = f"The title has {len(value)} characters. GitHub takes at most {TITLE_LENGTH} for an issue."
            yield Problem(line, Fault.TITLE_LENGTH, message)
        elif key == "labels":
            yield from _long_labels(value, line)


def _long_labels(labels: list[str], line: int) -> Iterator[Problem]:
    for label in labels:
        if len(label) > LABEL_LENGTH:
            message = f"The label “{_shown(label)}” has {len(label)} characters. GitHub takes at most {LABEL_LENGTH}."
            yield Problem(line, Fault.LABEL_LENGTH, message)
