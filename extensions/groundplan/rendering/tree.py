"""The tree that a plan promises: which files a stack's folder will render to, and how the plan draws them.

A stack's folder is laid out as its tree will be, with the names in paths as Jinja, and one file of the template renders
what is found here. So a plan cannot promise another tree than it gets.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Undefined, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

STACKS = "stacks"
SUFFIX = ".jinja"
EXISTING_CODE = "…"
LAYERS = ("domain", "application", "api", "ui")
NO_OTHERS: Mapping[str, bool] = {}
# The answers that only one stack has: they are part of the tree's paths or names.
OWN_ANSWERS = {
    "dotnet": ("dotnet_namespace",),
    "python": ("python_package", "python_layout"),
    "go": ("go_module",),
    "java": ("java_group", "java_package"),
    "typescript": ("typescript_test_runner", "typescript_ui"),
}


@pass_context
def planned_tree(context: Context) -> dict[str, object]:
    """Describe the tree that is generated for this feature: all answers that shape it, and its paths.

    Args:
        context: The render context.

    Returns:
        By name: `stack`, `layers`, the stack's own answers, `web_framework` where the api
        layer has a choice, and `paths` as `planned_paths` lists.
    """
    return {**_shape(context), "paths": planned_paths(context)}


def _shape(context: Context) -> dict[str, object]:
    shaping = ["stack", "layers", *OWN_ANSWERS.get(context["stack"], ())]
    if context["api"] and context["web_framework"]:
        shaping.append("web_framework")
    return {name: context[name] for name in shaping}


@pass_context
def layers_are_added(context: Context) -> bool:
    """Return whether a tree that was generated gets further layers."""
    tree = context.get("tree", Undefined())
    return not isinstance(tree, Undefined) and set(context["layers"]) > set(tree["layers"])


@pass_context
def grown_tree(context: Context) -> dict[str, object]:
    """Describe a generated tree with the layers that it gets now; what it had keeps its paths.

    Args:
        context: The render context, with `tree` as stored.

    Returns:
        As `planned_tree`.
    """
    tree = context["tree"]
    return {**tree, **_shape(context), "paths": sorted({*tree["paths"], *(file.path for file in _added(context))})}


def _added(context: Context) -> list[TreeFile]:
    """List the files of the layers that a generated tree gets now."""
    folder, before = f"{STACKS}/{context['stack']}", context["tree"]["layers"]
    had = {file.path for file in _rendered(folder, context, {layer: layer in before for layer in LAYERS})}
    return [file for file in _rendered(folder, context) if "/" in file.path and file.path not in had]


@pass_context
def planned_paths(context: Context) -> list[str]:
    """List the source and test files that the chosen stack renders for this feature.

    Root manifests (files that stand directly in the stack's folder) are shared by all features and left out.

    Args:
        context: The render context; `stack` names the folder, the other answers give the paths.

    Returns:
        Sorted paths relative to the repository, with `/`.
    """
    return [file.path for file in _rendered(f"{STACKS}/{context['stack']}", context) if "/" in file.path]


@pass_context
def planned_documents(context: Context) -> list[str]:
    """List the documents that are rendered into the plan folder, as sorted paths relative to the repository."""
    return [f"{context['plan_dir']}/{file.path}" for file in _rendered("template/{{ plan_dir }}", context)]


@dataclass(frozen=True)
class TreeFile:
    """A file of the tree.

    Attributes:
        path: Where it will be, relative to the repository.
        source: The template's file that it is rendered from, relative to the template.
    """

    path: str
    source: str


@pass_context
def tree_files(context: Context) -> list[TreeFile]:
    """List the files to be rendered beside the plan: the planned paths and the root manifests, while the tree is new.

    Once its tree was generated, a feature gets nothing but its plan folder and the files of further layers: the code is
    the team's.
    """
    if context["tree_grows"]:
        return _added(context)
    if not (context["scaffold"] and context["tree_is_new"]):
        return []
    return _rendered(f"{STACKS}/{context['stack']}", context)


def _rendered(folder: str, context: Context, others: Mapping[str, bool] = NO_OTHERS) -> list[TreeFile]:
    @cache
    def render(part: str) -> str:
        return context.environment.from_string(part).render({**context.get_all(), **others})

    found = []
    for path in _files(Path(_template_root(context.environment), folder)):
        parts = [render(part) for part in path.removesuffix(SUFFIX).split("/")]
        if all(parts):
            found.append(TreeFile("/".join(parts), f"{folder}/{path}"))
    return sorted(found, key=lambda file: file.path)


def _template_root(environment: Environment) -> str:
    loader = environment.loader
    if not isinstance(loader, FileSystemLoader):
        raise TypeError("the planned tree needs Copier's file system loader")
    return str(loader.searchpath[0])


def _files(folder: Path) -> Iterator[str]:
    for directory, _, names in os.walk(folder):
        for name in names:
            yield Path(directory, name).relative_to(folder).as_posix()


def tree_text(paths: list[str], root: str) -> str:
    """Draw paths as a tree, folders after files of the same folder, as `git ls-files` sorts them by name.

    Args:
        paths: Paths with `/`, in any order.
        root: The first line: the project's name.

    Returns:
        The tree's lines, without a final line end. The line `…` stands for code that exists already.
    """
    nested: dict[str, dict[str, object]] = {}
    for path in sorted(paths):
        level: dict[str, object] = nested  # type: ignore[assignment]
        for part in path.split("/"):
            level = level.setdefault(part, {})  # type: ignore[assignment]
    return "\n".join([root, f"├── {EXISTING_CODE}", *_branches(nested, "")])


def _branches(level: dict[str, dict[str, object]], indent: str) -> Iterator[str]:
    last = len(level) - 1
    for index, (name, below) in enumerate(level.items()):
        yield f"{indent}{'└──' if index == last else '├──'} {name}{'/' if below else ''}"
        yield from _branches(below, indent + ("    " if index == last else "│   "))  # type: ignore[arg-type]


class TreeExtension(Extension):
    """Registers the planned tree as Jinja globals."""

    def __init__(self, environment: Environment) -> None:
        """Add the globals to an environment."""
        super().__init__(environment)
        functions: dict[str, Callable[..., object]] = {
            "planned_tree": planned_tree,
            "layers_are_added": layers_are_added,
            "grown_tree": grown_tree,
            "planned_paths": planned_paths,
            "planned_documents": planned_documents,
            "tree_files": tree_files,
            "tree_text": tree_text,
        }
        environment.globals.update(functions)
