"""The JSON Schema of a brief, so that editors complete it and portals draw it as a form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from groundplan.copying.repository import find_repository
from groundplan.features.brief import Question, load_questionnaire
from groundplan.features.templates import choose_template
from groundplan.rendering.naming import NAME_LENGTH, SLUG, SLUG_LENGTH, SUMMARY_LENGTH
from groundplan.rendering.shapes import SHAPES, Date, ListOf, Record, Shape, Text

# The draft that every editor and form library knows.
_DRAFT = "http://json-schema.org/draft-07/schema#"
_BOUNDS: Mapping[str, Mapping[str, Any]] = {
    "feature_name": {"minLength": 1, "maxLength": NAME_LENGTH},
    "project_name": {"minLength": 1, "maxLength": NAME_LENGTH},
    "summary": {"maxLength": SUMMARY_LENGTH},
    "feature_slug": {
        "pattern": f"^{SLUG.pattern}$",
        "minLength": SLUG_LENGTH.start,
        "maxLength": SLUG_LENGTH.stop - 1,
        "description": "What names the feature's folder and code; made from feature_name unless given",
    },
    "created": {"format": "date", "description": "When the plan was made; today unless given"},
    "branch": {"description": "The feature's branch; made from branch_pattern unless given"},
}


def schema(repository: Path | str = ".", *, template: str = "", ref: str = "") -> dict[str, Any]:
    """Describe the briefs that a repository's template takes.

    Args:
        repository: A folder in the repository.
        template: The template's address; the one of the features that exist where it is empty.
        ref: The template's version; the newest where it is empty.

    Returns:
        A JSON Schema, draft 7, ready for `json.dumps`.

    Raises:
        NoTemplateError: No template is given and no feature tells one.
        RepositoryError: There is no such repository.
        TemplateError: The template cannot be reached, or has no such version.
    """
    source = choose_template(find_repository(repository), template)
    with TemporaryDirectory(prefix="groundplan-") as folder:
        copier_yml = source.fetch(Path(folder)).questionnaire(ref or source.newest())
    return brief_schema(load_questionnaire(copier_yml).questions)


def brief_schema(questions: Mapping[str, Question]) -> dict[str, Any]:
    """Describe the briefs that a template takes.

    Args:
        questions: The questions of the template.

    Returns:
        A JSON Schema, draft 7, ready for `json.dumps`.
    """
    return {
        "$schema": _DRAFT,
        "title": "Groundplan brief",
        "description": "Answers for one feature; whatever is left out gets the team's or the template's default.",
        "type": "object",
        "required": ["feature_name"],
        "additionalProperties": False,
        "properties": {name: _property(question) for name, question in questions.items() if question.is_for_briefs},
    }


def _property(question: Question) -> dict[str, Any]:
    title = {"title": question.name.replace("_", " ").capitalize()}
    if question.name in SHAPES:
        return title | _shape(SHAPES[question.name])
    asked = {"description": question.text} if question.text else {}
    return {**title, **asked, **_type(question), **_BOUNDS.get(question.name, {})}


def _type(question: Question) -> dict[str, Any]:
    if question.several:
        return {"type": "array", "uniqueItems": True, "items": _one_of(question.choices)}
    if question.choices:
        return _one_of(question.choices)
    return {"bool": {"type": "boolean"}, "str": {"type": "string"}}.get(question.kind, {})


def _one_of(choices: Mapping[str, str]) -> dict[str, Any]:
    return {"oneOf": [{"const": value, "title": label} for label, value in choices.items()]}


def _shape(shape: Shape) -> dict[str, Any]:
    described = {"description": shape.meaning}
    match shape:
        case Text(choices=choices) if choices:
            return described | {"enum": list(choices)}
        case Text():
            bounds = {"maxLength": shape.length} if shape.length else {}
            pattern = {"pattern": f"^({shape.pattern})$"} if shape.pattern else {}
            return described | {"type": "string", "minLength": 1} | bounds | pattern
        case Date():
            return described | {"type": "string", "format": "date"}
        case ListOf():
            # An empty list answers nothing, and is as good as none.
            size = {"anyOf": [{"maxItems": 0}, {"minItems": shape.size, "maxItems": shape.size}]} if shape.size else {}
            return described | {"type": "array", "items": _shape(shape.item)} | size
        case Record():
            return described | {
                "type": "object",
                "additionalProperties": False,
                "required": list(shape.required),
                "properties": {key: _shape(below) for key, below in shape.fields.items()},
            }
