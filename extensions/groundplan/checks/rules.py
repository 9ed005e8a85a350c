"""What a check can find: the codes, how severe each is, and a finding's form.

`docs/reference/checks.md` has one heading for each code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


class Severity(Enum):
    """How severe a finding is: only an error, or a warning where one is strict, fails a check."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Code(NamedTuple):
    """One kind of finding.

    Attributes:
        id: Such as GP101; the first digit says what it is about: document, content, trace, tree, between plans.
        name: The same in words, with hyphens.
        title: The same as a sentence.
        draft: How severe it is while a plan is a draft; None when it is no finding then.
        later: How severe it is once a plan is approved.
    """

    id: str
    name: str
    title: str
    draft: Severity | None
    later: Severity | None

    def severity(self, status: str) -> Severity | None:
        """Give the severity for a plan's status; None when it is no finding then. An archived plan is history."""
        if status == "archived":
            return Severity.NOTE if self.later else None
        return self.draft if status == "draft" else self.later


class Defect(NamedTuple):
    """Something that a rule found, before the plan's status says how severe it is.

    Attributes:
        code: The code's id.
        line: The line, from 1.
        message: What is wrong and what to do.
        path: The file, when it is not the plan itself.
    """

    code: str
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


def judge(defect: Defect, path: str, status: str) -> Finding | None:
    """Make a finding of a defect.

    Args:
        defect: What a rule found.
        path: The plan, for defects that name no other file.
        status: The plan's status.

    Returns:
        The finding; None when it is none at this status.
    """
    severity = CODES[defect.code].severity(status)
    if severity is None:
        return None
    return Finding(defect.path or path, defect.line, defect.code, defect.message, severity)


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES: Mapping[str, Code] = {
    code.id: code
    for code in (
        Code("GP101", "plan-missing", "A plan folder has no plan", _E, _E),
        Code("GP102", "unreadable", "A file of the plan folder cannot be read", _E, _E),
        Code("GP103", "front-matter-broken", "The front matter is missing or no YAML mapping", _E, _E),
        Code("GP104", "front-matter-key", "The front matter has an unknown key", _E, _E),
        Code("GP105", "front-matter-value", "A value of the front matter is missing or wrong", _E, _E),
        Code("GP106", "schema-unknown", "The plan's schema is newer than this groundplan", _E, _E),
        Code("GP107", "schema-behind", "The plan's schema is older than the newest one", _N, _N),
        Code("GP108", "section-missing", "A section is missing", _W, _E),
        Code("GP109", "section-renamed", "A section was renamed", _W, _E),
        Code("GP110", "section-repeated", "A section stands there more than once", _W, _E),
        Code("GP111", "section-misplaced", "A section stands out of order", _W, _W),
        Code("GP112", "title", "The plan's first heading is not its title", _W, _W),
        Code("GP113", "link-broken", "A relative link leads nowhere", _W, _E),
        Code("GP114", "anchor-broken", "A link's anchor does not exist", _W, _E),
        Code("GP115", "conflict-markers", "Conflict markers of a merge are left", _E, _E),
        Code("GP116", "plan-too-long", "The plan is longer than the body of a GitHub issue may be", _W, _E),
        Code("GP117", "title-too-long", "The title is longer than GitHub takes", _E, _E),
        Code("GP118", "label-too-long", "A label is longer than GitHub takes", _E, _E),
        Code("GP119", "lite-too-long", "A plan of depth lite has more than 80 lines", _N, _N),
        Code("GP201", "placeholder", "A placeholder is left", None, _E),
        Code("GP202", "guidance", "Guidance is left", None, _W),
        Code("GP203", "empty", "A section, list or item says nothing", _N, _E),
        Code("GP204", "risk-unattended", "A risk has no mitigation or no owner", _N, _W),
        Code("GP205", "high-risk-unmitigated", "A high risk has no mitigation", _N, _E),
        Code("GP206", "kpi-unmeasurable", "A KPI has no number or no source", _N, _W),
        Code("GP207", "no-rollback", "The rollout has no rollback", _N, _E),
        Code("GP208", "flag-unattended", "A feature flag has no owner, no kill switch or no removal date", _N, _W),
        Code("GP209", "slo-without-target", "An SLO has no target", _N, _W),
        Code("GP301", "goal-untraced", "No task, test or KPI names a goal", _N, _W),
        Code("GP302", "goal-unknown", "A goal is named that does not exist", _W, _E),
        Code("GP303", "goal-repeated", "Two goals have the same id", _E, _E),
        Code("GP304", "phase-order", "A phase is ticked while an earlier one is open", _N, _N),
        Code("GP305", "goal-without-id", "A goal has no id", _N, _W),
        Code("GP401", "false-tick", "A phase is ticked but a path that it builds is missing", _W, _E),
        Code("GP402", "built-early", "A planned path exists while the plan is a draft without a tree", _W, None),
        Code("GP403", "unplanned", "Files stand beside the planned ones that the plan does not show", _N, _N),
        Code("GP501", "overlap", "Two open plans change the same component or path", _N, _W),
        Code("GP502", "dependency-cycle", "Plans depend on each other in a circle", _E, _E),
        Code("GP503", "released-on-draft", "A released plan depends on a draft", None, _E),
        Code("GP504", "dependency-unknown", "A plan depends on a feature that has no plan", _W, _E),
        Code("GP505", "stale", "Nothing of a plan changed for 60 days while it is in progress", None, _W),
    )
}
