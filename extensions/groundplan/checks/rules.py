"""What a check can find: a rule's form, how severe its findings are, and a finding's form.

A rule is a function; its docstring is its page in `docs/reference/checks.md`, of which `groundplan explain` prints it.
"""

import datetime
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Generic, NamedTuple, ParamSpec

from groundplan.plan.model import Plan


class Severity(Enum):
    """How severe a finding is: only an error, or a warning where one is strict, fails a check."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE


class Code(NamedTuple):
    """One kind of finding.

    Attributes:
        id: Such as GP101; the first digit says what it is about: document, content, traces, tree, other plans, stage.
        name: The same in words, with hyphens.
        title: The same as a sentence, without its full stop.
        text: Why it matters, an example and the way out, as Markdown.
        draft: How severe it is while a plan is a draft; None when it is not a finding then.
        later: How severe it is once a plan is approved.
    """

    id: str
    name: str
    title: str
    text: str
    draft: Severity | None
    later: Severity | None

    def severity(self, status: str) -> Severity | None:
        """Return the severity for a plan's status; None when it is not a finding then. An archived plan is history."""
        if status == "archived":
            return Severity.NOTE if self.later else None
        return self.draft if status == "draft" else self.later


class Defect(NamedTuple):
    """Something that a rule found, before the plan's status says how severe it is.

    Attributes:
        line: The line, from 1.
        message: What is wrong and what to do.
        path: The file, when it is not the plan itself.
    """

    line: int
    message: str
    path: str = ""


@dataclass(frozen=True, order=True)
class Finding:
    """One finding; sorted by place.

    Attributes:
        path: The file, relative to the repository, with `/`.
        line: The line, from 1.
        code: The code's id.
        message: What is wrong and what to do.
        severity: How severe it is.
    """

    path: str
    line: int
    code: str
    message: str
    severity: Severity = field(compare=False)


class Case(NamedTuple):
    """What rules over one plan look at.

    Attributes:
        plan: The plan.
        root: The folder that holds `docs/plan_docs`.
        today: The day that decides what is late.
    """

    plan: Plan
    root: Path
    today: datetime.date


_What = ParamSpec("_What")


@dataclass(frozen=True)
class Rule(Generic[_What]):
    """A rule: what it finds, and how that is called.

    Attributes:
        code: The code of its findings.
        find: Yields what it finds.
    """

    code: Code
    find: Callable[_What, Iterator[Defect]]

    def findings(self, path: str, status: str, *what: _What.args, **named: _What.kwargs) -> Iterator[Finding]:
        """Yield its findings.

        Args:
            path: The plan, for defects that name no other file.
            status: The plan's status.
            what: What `find` looks at.
            named: The same.
        """
        if severity := self.code.severity(status):
            for line, message, file in self.find(*what, **named):
                yield Finding(file or path, line, self.code.id, message, severity)


def rule(
    code: str, *, draft: Severity | None, later: Severity | None
) -> Callable[[Callable[_What, Iterator[Defect]]], Rule[_What]]:
    """Make a rule of a function: its name is the code's name, its docstring the code's page.

    Args:
        code: The code's id.
        draft: How severe it is while a plan is a draft; None when it is not a finding then.
        later: How severe it is once a plan is approved.
    """

    def make(find: Callable[_What, Iterator[Defect]]) -> Rule[_What]:
        title, _, text = (inspect.getdoc(find) or "").partition("\n\n")
        name = find.__name__.replace("_", "-")
        return Rule(Code(code, name, " ".join(title.split()).removesuffix("."), text.strip(), draft, later), find)

    return make
