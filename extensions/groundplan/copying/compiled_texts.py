"""Jinja's compiled texts, kept for all of a process's runs of Copier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment, FileSystemLoader


class _Constant:
    """A text without any tag, which takes no context to be rendered."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render(self, *_: Any, **__: Any) -> str:
        return self._text


def compile_once() -> Callable[[], None]:
    """Let Jinja compile each text of a template once in this process, instead of once for every feature.

    Copier compiles hundreds of texts for one feature, most of them again and again; it is half of the time. Two
    versions of a template never share a compiled text, since Jinja computes filters of constants when it compiles. Two
    of three texts, such as a question's type, hold no tag at all: those are taken as they stand.

    Returns:
        A function that undoes it.
    """
    compile_anew: Any = Environment.compile
    make_anew: Any = Environment.from_string
    compiled: dict[tuple[object, ...], CodeType] = {}
    versions: dict[str, str] = {}

    def compile_text(self: Environment, source: Any, name: Any = None, filename: Any = None, *rest: Any) -> Any:
        version = _version_of(self, versions)
        if not version or not isinstance(source, str) or rest:
            return compile_anew(self, source, name, filename, *rest)
        key = (version, type(self), name, source)
        if key in compiled:
            # Copier's `yield` tag counts on being told of each text.
            self.preprocess(source, name, filename)
        else:
            compiled[key] = compile_anew(self, source, name, filename)
        return compiled[key]

    def from_string(self: Environment, source: Any, *rest: Any, **named: Any) -> Any:
        if rest or named or not isinstance(source, str) or not _is_constant(self, source):
            return make_anew(self, source, *rest, **named)
        self.preprocess(source)
        return _Constant(source)

    def undo() -> None:
        Environment.compile = compile_anew  # type: ignore[method-assign]
        Environment.from_string = make_anew  # type: ignore[method-assign]

    Environment.compile = compile_text  # type: ignore[method-assign, assignment]
    Environment.from_string = from_string  # type: ignore[method-assign]
    return undo


def _is_constant(environment: Environment, text: str) -> bool:
    """Say whether a text renders to itself: it is one line without tags, and nothing but tags means anything."""
    tags = (environment.block_start_string, environment.variable_start_string, environment.comment_start_string)
    has_line_tags = environment.line_statement_prefix or environment.line_comment_prefix
    return not has_line_tags and "\n" not in text and "\r" not in text and not any(tag in text for tag in tags)


def _version_of(environment: Environment, known: dict[str, str]) -> str:
    """Give the commit of the clone that an environment reads; empty where there is none."""
    if not isinstance(environment.loader, FileSystemLoader):
        return ""
    clone = environment.loader.searchpath[0]
    if clone not in known:
        known[clone] = _commit_of(Path(clone))
    return known[clone]


def _commit_of(clone: Path) -> str:
    """Read the commit that is checked out, without a process; a clone of Copier's is always detached."""
    try:
        folder = clone / ".git"
        if folder.is_file():
            folder = Path(folder.read_text("utf-8").removeprefix("gitdir:").strip())
        return (folder / "HEAD").read_text("utf-8").strip()
    except OSError:
        return ""
