"""What a feature must not do to the repository it is added to, refused before a file is written.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.

A guard is the default of a computed value, so it runs at prompts, from data and through the API alike, and it ends the
run with one line instead of a traceback. Validators are for what a person can type again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path, PurePath
from typing import Any, NoReturn

import yaml
from copier.errors import UserMessageError
from jinja2 import Environment, FileSystemLoader, Undefined, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from .defaults import FROM_DEFAULTS, TeamDefaultsError, choice_problem, key_problem, read_team_defaults, team_questions
from .host import PLAN_ROOT, TEAM_DEFAULTS
from .quoting import shown

DOCUMENTS = ("feature-brief", "tech-stack", "architecture", "adr", "ux-flows", "runbook")
# What the template itself remembers of a feature that exists.
REMEMBERED = ("tree", "locked")
# What the template's one file for all of a tree loops with.
LOOPED = "tree_file"
# The words that Copier takes for yes and no; it takes any other word for yes.
YES_OR_NO = frozenset({"y", "yes", "t", "true", "on", "1", "n", "no", "f", "false", "off", "0"})
NEEDED_LAYERS = {"domain": (), "application": ("domain",), "api": ("domain", "application"), "ui": ("domain",)}


def refuse(message: str) -> NoReturn:
    """End the run with one line.

    Args:
        message: What is wrong and what to do.

    Raises:
        UserMessageError: Always; Copier prints its message and exits with 1.
    """
    raise UserMessageError(message)


@pass_context
def kept(context: Context, key: str, value: object) -> bool:
    """Return whether an answer was stored with the feature, so that only the version that stored it judged it.

    Copier silently discards a stored answer that a validator refuses, and a later version may be stricter.

    Args:
        context: The render context.
        key: The question.
        value: The answer that is to be judged.
    """
    data = context["_copier_conf"]["data"]
    # An update renders both versions with all stored answers as data; what a person gives has no such key.
    given_now = key in data and "locked" not in data
    remembered = context["_copier_answers"]
    return "locked" in remembered and not given_now and remembered.get(key) == value


@pass_context
def answer_problem(context: Context, key: str) -> str:
    """Return why a question does not take its answer, by the filter for it; an answer that is kept is fine.

    Args:
        context: The render context.
        key: The question. A filter `<key>_problem` judges its answer, or else its shape does.
    """
    answer, filters = context[key], context.environment.filters
    if kept(context, key, answer):
        return ""
    judge = filters.get(f"{key}_problem")
    return str(judge(answer) if judge else filters["shape_problem"](answer, key))


@pass_context
def guard_data(context: Context) -> str:
    """Refuse given answers of a wrong kind, which Copier would misread, and ones that only the template computes.

    Copier lets data override computed values, paths among them.

    Args:
        context: The render context, before the first answer.

    Raises:
        UserMessageError: The answer's name, and what to do.
    """
    data = context["_copier_conf"]["data"]
    # An update renders both versions with all stored answers as data.
    if "locked" not in data or "plan_dir" not in data:
        for key in data.keys() & {*context.environment.globals, LOOPED}:
            refuse(f"Leave {key} out: it is a name of the template's own.")
        questions = questions_of(context.environment)
        for key in data.keys() & questions.keys():
            if key in REMEMBERED or (key == FROM_DEFAULTS and "locked" not in context["_copier_answers"]):
                refuse(f"Leave {key} out: the template computes it.")
            if problem := given_problem(key, data[key], questions[key]):
                refuse(problem)
    return ""


def questions_of(environment: Environment) -> dict[str, Any]:
    """Return the questions of the `copier.yml` that an environment renders."""
    loader = environment.loader
    if not isinstance(loader, FileSystemLoader):
        raise TypeError("guards need Copier's file system loader")
    return _parsed(Path(loader.searchpath[0], "copier.yml").read_text("utf-8"))


@cache
def _parsed(questionnaire: str) -> dict[str, Any]:
    # The parser in C, where PyYAML has it, is ten times as fast.
    loaded = yaml.load(questionnaire, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    return {key: details for key, details in loaded.items() if not key.startswith("_")}


def given_problem(key: str, value: object, question: Mapping[str, Any]) -> str:
    """Return why a question does not take an answer that data or a team gives, by its kind, or an empty string.

    Args:
        key: The question's name.
        value: The answer.
        question: What `copier.yml` says of it.
    """
    if question.get("when") is False:
        return f"Leave {key} out: the template computes it."
    if question.get("multiselect"):
        if not isinstance(_from_text(value), list):
            return f"{key} must be a list, such as [{', '.join(question['choices'][:2])}], not {shown(value)}."
        return ""
    if question["type"] == "str" and (not isinstance(value, (str, int, float)) or isinstance(value, bool)):
        return f"{key} must be text, not {shown(value)}. Put it in quotes."
    if question["type"] == "bool" and str(value).strip().lower() not in YES_OR_NO:
        return f"{key} must be true or false, not {shown(value)}."
    return ""


def _from_text(value: object) -> object:
    # `--data` gives texts, which Copier reads as YAML.
    try:
        return yaml.safe_load(value) if isinstance(value, str) else value
    except yaml.YAMLError:
        return None


@pass_context
def guard_defaults(context: Context) -> str:
    """Refuse a team's defaults with an unknown key, or with an answer that its question does not take.

    Args:
        context: The render context, before the first answer.

    Raises:
        UserMessageError: The file, the line, and what to do.
    """
    if "locked" in context:
        # What a feature answers is settled.
        return ""
    try:
        defaults = read_team_defaults(Path(context["_copier_conf"]["dst_path"]))
    except TeamDefaultsError as error:
        refuse(str(error))
    questions = questions_of(context.environment)
    known = team_questions(questions)
    for key, line in defaults.lines.items():
        problem = key_problem(key, questions, known)
        if not problem and key in defaults.answers:
            problem = _default_problem(context.environment, key, defaults.answers[key], questions[key])
        if problem:
            refuse(f"{TEAM_DEFAULTS}:{line}: {problem}")
    return ""


def _default_problem(environment: Environment, key: str, value: object, question: Mapping[str, Any]) -> str:
    if problem := given_problem(key, value, question) or choice_problem(key, value, question):
        return problem
    if question.get("validator") != f"{{{{ answer_problem('{key}') }}}}":
        # What it takes depends on other answers, so that is judged when they are known.
        return ""
    judge, judged = environment.filters.get(f"{key}_problem"), str(value) if question["type"] == "str" else value
    return str(judge(judged) if judge else environment.filters["shape_problem"](judged, key))


@pass_context
def guard_place(context: Context) -> str:
    """Refuse a plan folder that is another's, a feature that exists already, and one too like another.

    Args:
        context: The render context, with `feature_slug` and `plan_dir` settled.

    Raises:
        UserMessageError: The reason, and the command or the name that would do.
    """
    slug, plan_dir = context["feature_slug"], context["plan_dir"]
    place = PurePath(context["_copier_conf"]["answers_file"]).parent
    root = Path(context["_copier_conf"]["dst_path"])
    if plan_dir != f"{PLAN_ROOT}/{slug}" or place.as_posix() != plan_dir:
        refuse(
            f"Leave feature_slug and plan_dir as they are: a feature keeps its slug and its folder for ever, so "
            f"{place.as_posix()} cannot become {PLAN_ROOT}/{slug}. A new feature_name is fine."
        )
    if "locked" not in context:
        _refuse_existing(root, plan_dir, slug)
        _refuse_blocked(root, plan_dir)
    return ""


def _refuse_existing(root: Path, plan_dir: str, slug: str) -> None:
    if (root / plan_dir).is_dir():
        refuse(
            f"Choose another name: {plan_dir} exists already. To change that feature: "
            f"copier update --trust -a {plan_dir}/.copier-answers.yml"
        )
    plans = root / PLAN_ROOT
    others = sorted(path.name for path in plans.iterdir() if path.is_dir()) if plans.is_dir() else []
    for other in others:
        if other.replace("-", "") == slug.replace("-", ""):
            refuse(f"Choose another name: the slug “{slug}” is too like that of the feature “{other}”.")


def _refuse_blocked(root: Path, path: str) -> None:
    place = root.absolute() / path
    nearest = next(above for above in [place, *place.parents] if os.path.lexists(above))
    if nearest == place or not nearest.is_dir():
        name = nearest.relative_to(root.absolute()) if nearest.is_relative_to(root.absolute()) else nearest
        refuse(f"Move it, or choose another name: {name} is in the way of the feature's files. Nothing was written.")
    if not os.access(nearest, os.W_OK):
        refuse(f"Make it writable, or go elsewhere: {nearest} is read-only. Nothing was written.")


@pass_context
def guard_tree(context: Context) -> str:
    """Refuse another shape for a tree that exists, and files in the way of one that does not yet.

    Args:
        context: The render context, with `tree` as stored, if it is.

    Raises:
        UserMessageError: The reason, and what to do.
    """
    tree = context.get("tree", Undefined())
    if not isinstance(tree, Undefined):
        _refuse_other_shape(context, tree)
        return ""
    root = Path(context["_copier_conf"]["dst_path"])
    if context["scaffold"] and context["stack"] != "none":
        planned_paths, shadowed = (context.environment.globals[name] for name in ("planned_paths", "shadowed"))
        if problem := shadowed(context):  # type: ignore[operator]
            refuse(problem)
        for path in planned_paths(context):  # type: ignore[operator]
            _refuse_blocked(root, path)
    return ""


def _refuse_other_shape(context: Context, tree: Mapping[str, Any]) -> None:
    slug = context["feature_slug"]
    # The stack first: the others follow from it.
    for key, settled in sorted(tree.items(), key=lambda item: item[0] != "stack"):
        if key == "paths":
            continue
        # Further layers may come later.
        is_fine = set(context[key]) >= set(settled) if key == "layers" else context[key] == settled
        if not is_fine:
            refuse(f"Leave {key} as it is: “{slug}” has a tree that was generated with {key} {settled}.")
    if not context["scaffold"]:
        refuse(f"Leave scaffold as it is: “{slug}” has a tree already.")


@pass_context
def guard_documents(context: Context) -> str:
    """Refuse to leave out a supporting document that exists: an update would delete it with all that people wrote.

    Args:
        context: The render context, with `supporting_docs` and `adr_slug` settled.

    Raises:
        UserMessageError: The document, and what to do.
    """
    folder = Path(context["_copier_conf"]["dst_path"], context["plan_dir"])
    wanted = _document_names(context["supporting_docs"], context["adr_slug"])
    for name in _stored_documents(stored_answers(context)):
        if name not in wanted and (folder / name).exists():
            path = f"{context['plan_dir']}/{name}"
            refuse(
                f"Leave supporting_docs and adr_slug as they are: {path} exists, and would be deleted with all that "
                f"was written there. Or commit its removal first: git rm {path}"
            )
    return ""


def stored_answers(context: Context) -> dict[str, Any]:
    """Return what the answers file of a feature says before it is written anew; nothing where there is none."""
    answers_file = Path(context["_copier_conf"]["dst_path"], context["plan_dir"], ".copier-answers.yml")
    return yaml.safe_load(answers_file.read_text("utf-8")) if answers_file.is_file() else {}


def _stored_documents(stored: Mapping[str, Any]) -> list[str]:
    return _document_names(stored.get("supporting_docs", []), stored.get("adr_slug"))


def _document_names(documents: Collection[str], adr_slug: str | None) -> list[str]:
    return [f"adr/0001-{adr_slug}.md" if name == "adr" else f"{name}.md" for name in documents]


def layers_problem(layers: Collection[str], given: object = None) -> str:
    """Return why a choice of layers cannot be built, or an empty string.

    Args:
        layers: The choice. Copier has dropped what it does not know.
        given: The same as it was given, if by data.
    """
    if problem := _unknown_choice(given, "layers", NEEDED_LAYERS):
        return problem
    for layer, needed in NEEDED_LAYERS.items():
        missing = [name for name in needed if name not in layers]
        if layer in layers and missing:
            bases = " and ".join(missing)
            return f"Choose {bases} too: the layer {layer} builds upon {'them' if len(missing) > 1 else 'it'}."
    return "" if "domain" in layers else "Choose domain: every tree has that layer."


def documents_problem(given: object) -> str:
    """Return which of the supporting documents, as given by data, does not exist, or an empty string."""
    return _unknown_choice(given, "supporting_docs", DOCUMENTS)


def _unknown_choice(given: object, key: str, known: Collection[str]) -> str:
    # Copier silently drops what is not a choice of a question with several answers, so look at what was given.
    unknown = [entry for entry in given if entry not in known] if isinstance(given, list) else []
    return f"Leave {shown(unknown[0])} out: {key} takes {', '.join(known)}." if unknown else ""


class GuardsExtension(Extension):
    """Registers guards as Jinja globals, and the checks of what shapes a tree as filters."""

    def __init__(self, environment: Environment) -> None:
        """Add both to an environment."""
        super().__init__(environment)
        guards: dict[str, Callable[..., object]] = {
            "answer_problem": answer_problem,
            "kept": kept,
            "guard_data": guard_data,
            "guard_defaults": guard_defaults,
            "guard_place": guard_place,
            "guard_tree": guard_tree,
            "guard_documents": guard_documents,
        }
        environment.globals.update(guards)
        filters: dict[str, Callable[..., str]] = {
            "layers_problem": layers_problem,
            "documents_problem": documents_problem,
        }
        environment.filters.update(filters)
