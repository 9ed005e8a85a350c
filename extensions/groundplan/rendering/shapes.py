"""What a brief's answers look like: the shape of each key, for the questionnaire's validators and for the JSON Schema.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from .naming import SLUG
from .sections import ANSWERS_OF, NEEDED, PHASE, PHASES, SECTIONS
from .tree import LAYERS


@dataclass(frozen=True)
class Text:
    """Markdown text.

    Attributes:
        meaning: What to write, for editors and forms.
        pattern: A regular expression for the whole text, and in `rule` what it asks for.
        choices: The only texts allowed, if any.
        length: The greatest number of characters, if there is one.
    """

    meaning: str
    pattern: str = ""
    rule: str = ""
    choices: tuple[str, ...] = ()
    length: int = 0


@dataclass(frozen=True)
class Date:
    """A calendar date, written as YYYY-MM-DD."""

    meaning: str


@dataclass(frozen=True)
class ListOf:
    """A list whose entries have one shape; `size` says how many there must be, if that is settled."""

    item: Shape
    meaning: str
    size: int = 0


@dataclass(frozen=True)
class Record:
    """A mapping with known keys."""

    fields: Mapping[str, Shape]
    meaning: str
    required: tuple[str, ...] = field(default=())


Shape = Text | Date | ListOf | Record


def _texts(meaning: str, entry: str) -> ListOf:
    return ListOf(Text(entry), meaning)


LEVELS = ("low", "medium", "high")
LABEL_LENGTH = 50  # GitHub refuses longer ones
_LABEL = Text("A label", pattern=r"[^,\n]+", rule="must be one line without commas", length=LABEL_LENGTH)
_HANDLE = Text(
    "A handle",
    pattern=r"@?[A-Za-z0-9][A-Za-z0-9._@/-]*",
    rule="must be a handle of letters, digits, dots, hyphens",
    length=80,
)
_PHASE_TASKS: Mapping[str, Shape] = {
    f"phase_{number}": _texts(name, "A task: text (G1) @owner") for number, name in enumerate(PHASES)
}


def _heading(meaning: str) -> Text:
    # Nothing that Markdown reads as more than words, such as a closing `#` or a character reference.
    plain = r"(?!.*(?:\s#+$|&#?\w+;|\s$))[^\s\\`*_\[\]<>|~][^\\`*_\[\]<>|~\t\r\n]*"
    return Text(meaning, plain, "must be plain words on one line, without characters that mark up Markdown", length=80)


_FEATURE: Mapping[str, Shape] = {
    "problem": Text("The user or business problem that the feature solves"),
    "outcome": Text("What is better, and for whom, once it is released"),
    "users": _texts("Who uses the feature", "A group of users and what they need"),
    "constraints": _texts("What the solution must respect", "A constraint"),
    "current_state": Record(
        {
            "existing": Text("What exists today"),
            "limitations": Text("Which limitations motivate the feature"),
            "modules": Text("Which services and modules are involved"),
            "usage": Text("Usage figures"),
        },
        "What the feature starts from",
    ),
    "goals": _texts("Goals; they become G1, G2 and so on in this order", "A goal"),
    "in_scope": _texts("What belongs to the feature", "A part of the scope"),
    "out_of_scope": _texts("What is left out or comes later", "A part that is left out, and why"),
    "dependencies": ListOf(
        Record(
            {
                "name": Text("The component, system or library"),
                "kind": Text("What it is", choices=("internal", "external", "library")),
                "owner": Text("Who owns it"),
                "notes": Text("What the feature needs of it"),
            },
            "A dependency",
            ("name", "kind"),
        ),
        "Components, systems and libraries that the feature depends on",
    ),
    "flags": ListOf(
        Record(
            {
                "flag": Text("The flag's name"),
                "owner": Text("Who owns it"),
                "kill_switch": Text("How the feature is switched off at once"),
                "remove_by": Date("When the flag is gone again"),
            },
            "A feature flag",
            ("flag",),
        ),
        "Feature flags",
    ),
    "high_level": Text("How the feature changes the architecture, and which components are new"),
    "components": ListOf(
        Record(
            {
                "component": Text("The component or service"),
                "layer": Text("The layer it belongs to", choices=LAYERS),
                "responsibility": Text("What it does today"),
                "change": Text("What is planned"),
                "notes": Text("Anything else"),
            },
            "A component that the feature touches",
            ("component",),
        ),
        "Components and services that the feature touches",
    ),
    "data_model": _texts("Schema, migrations, indexes; retention, privacy, compliance", "A change"),
    "api_changes": _texts("Changes of APIs", "A change"),
    "events": _texts("Messages and events", "A message or an event"),
    "compatibility": _texts("What keeps older clients and data working", "A promise of compatibility"),
    "stack_choices": ListOf(
        Record(
            {
                "choice": Text("What was chosen"),
                "version": Text("Its version"),
                "why": Text("Why"),
                "alternatives": Text("What was considered instead"),
            },
            "A choice",
            ("choice",),
        ),
        "Languages, frameworks and services chosen for the feature",
    ),
    "tasks": Record(_PHASE_TASKS, "Tasks of each phase; a phase that is left out keeps its usual tasks"),
    "testing": Record(
        {
            "coverage": Text("The coverage target"),
            "scenarios": Text("Integration and end-to-end scenarios"),
            "performance": Text("Performance, load and resilience tests"),
            "security": Text("Security, privacy and compliance tests"),
            "automation": Text("What runs in continuous integration and delivery"),
        },
        "How quality is shown",
    ),
    "documentation": Record(
        {
            "user_docs": Text("README and user documents"),
            "enablement": Text("Material for support, customer success and sales"),
            "api_reference": Text("API reference"),
            "cadence": Text("Stakeholder updates and approval checkpoints"),
        },
        "What is written, and for whom",
    ),
    "operations": Record(
        {
            "monitoring": Text("Monitoring and dashboards"),
            "runbooks": Text("Runbooks and troubleshooting"),
            "incident_response": Text("Incident response"),
            "on_call": Text("On-call review"),
        },
        "How the feature is run",
    ),
    "slos": ListOf(
        Record(
            {
                "sli": Text("What is measured"),
                "target": Text("The value to hold"),
                "window": Text("Over which time"),
            },
            "A service level objective",
            ("sli", "target"),
        ),
        "Service level objectives",
    ),
    "risks": ListOf(
        Record(
            {
                "risk": Text("What may go wrong"),
                "impact": Text("How bad it would be", choices=LEVELS),
                "likelihood": Text("How likely it is", choices=LEVELS),
                "mitigation": Text("What is done about it"),
                "owner": Text("Who watches it"),
            },
            "A risk",
            ("risk",),
        ),
        "Risks",
    ),
    "regressions": ListOf(
        Record(
            {
                "area": Text("What exists and might break"),
                "impact": Text("How it would show"),
                "mitigation": Text("The mitigation or the test"),
            },
            "A possible regression",
            ("area", "impact", "mitigation"),
        ),
        "What exists and might break",
    ),
    "rollout": Record(
        {
            "phases": Text("Beta, canary, general availability"),
            "environments": Text("Environments in sequence"),
            "rollback": Text("How to roll back, and what does it"),
            "checkpoints": Text("Checkpoints after launch"),
        },
        "How the feature reaches its users",
    ),
    "kpis": ListOf(
        Record(
            {
                "kpi": Text("What is measured"),
                "baseline": Text("The value today"),
                "target": Text("The value to reach"),
                "source": Text("Where the number comes from"),
            },
            "A key performance indicator",
            ("kpi",),
        ),
        "Key performance indicators",
    ),
    "milestones": ListOf(
        Record(
            {"milestone": Text("What is reached"), "date": Date("When")},
            "A milestone",
            ("milestone", "date"),
        ),
        "Milestones",
    ),
    "projects": _texts("Linked project boards", "A Markdown link"),
    "artifacts": _texts("Further diagrams, specifications and documents", "A Markdown link"),
    "adr_title": Text("The title of the first decision record", length=80),
    "notes": Record(
        {
            "assumptions": _texts("Assumptions", "An assumption"),
            "trade_offs": _texts("Trade-offs", "A trade-off"),
            "open_questions": _texts("Open questions", "A question"),
            "decisions": _texts("Decision references", "A decision, or a link to one"),
            "follow_ups": _texts("Follow-ups with owners", "A follow-up and its owner"),
        },
        "Implementation notes",
    ),
    "labels": ListOf(_LABEL, "Labels of the issue made from the plan"),
    "assignees": ListOf(_HANDLE, "Assignees of the issue made from the plan"),
    "branch_pattern": Text("The branch's name, with {slug} and if wanted {ticket} and {owner}", length=120),
    "depends_on": ListOf(
        Text("A feature's slug", pattern=SLUG.pattern, rule="must be a slug, such as user-profile"),
        "Slugs of the features that this one builds upon",
    ),
}
# What a team gives for all of its features, as a rule.
TEAM_SHAPES: Mapping[str, Shape] = {
    "headings": Record(
        {heading: _heading(f"Another name for “{heading}”") for heading in (*ANSWERS_OF, PHASE)},
        "Other names for headings of the documents, by the template's names",
    ),
    "phases": ListOf(_heading("A phase's name"), "Other names for the six phases, in order", size=len(PHASES)),
    "leave_out": ListOf(
        Text(
            "A heading of the documents, by the template's name",
            choices=tuple(heading for heading in ANSWERS_OF if heading not in NEEDED),
            rule=f"must be a heading that documents can do without, which none of these is: {', '.join(NEEDED)}",
        ),
        "Sections to do without, unless the feature's own answers fill them",
    ),
    "extra_sections": ListOf(
        Record(
            {
                "heading": _heading("The heading"),
                "document": Text("The document it stands in; the plan unless given", choices=tuple(SECTIONS)),
                "after": Text("The section it comes after; it comes last unless given"),
                "guidance": Text(
                    "What to write there, for whoever fills it",
                    # What begins in lower case is a directive to a program.
                    pattern=r"(?![a-z])(?![\s\S]*--!?>)[\s\S]+",
                    rule="must begin with a capital letter and not hold “-->”",
                ),
                "items": _texts("What stands there as a list until somebody answers", "An entry"),
                "text": Text("What stands there instead of a list"),
            },
            "A section",
            ("heading",),
        ),
        "Sections that the team adds to the documents",
    ),
    "extra_tasks": Record(_PHASE_TASKS, "Tasks that each phase has besides its own"),
    "extra_acceptance": _texts("Lines that the acceptance checklist has besides its own", "What must be true"),
    "extra_labels": ListOf(_LABEL, "Labels that the issue has besides its own"),
    "default_assignees": ListOf(_HANDLE, "Assignees where a feature names none; its owner unless given"),
}
SHAPES: Mapping[str, Shape] = {**_FEATURE, **TEAM_SHAPES}


@pass_context
def brief_answers(context: Context) -> dict[str, Any]:
    """Return every answer of a brief in its whole shape, so that a template need not ask what was left out.

    Returns:
        By key: texts (empty ones for what is missing), lists, and mappings that have all of their keys.
    """
    return {key: _whole(context.get(key), shape) for key, shape in SHAPES.items()}


def _whole(value: Any, shape: Shape) -> Any:
    match shape:
        case ListOf():
            return [_whole(entry, shape.item) for entry in value or ()]
        case Record():
            return {key: _whole((value or {}).get(key), below) for key, below in shape.fields.items()}
    return str(value) if value else ""


class ShapesExtension(Extension):
    """Registers the whole brief as a Jinja global."""

    def __init__(self, environment: Environment) -> None:
        """Add the global to an environment."""
        super().__init__(environment)
        environment.globals["brief_answers"] = brief_answers
