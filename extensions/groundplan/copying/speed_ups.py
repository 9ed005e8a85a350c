"""What a process that runs Copier many times does once, instead of for every feature.

Copier offers none of this, so this is the one place of the pack that reaches into it, and only into the versions of it
and of its libraries that this was written for. Where a name is not there that is expected, Copier is left as it is:
slower, and right. `GROUNDPLAN_SPEED_UPS=off` turns all of it off.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.metadata import version
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader
from packaging.specifiers import SpecifierSet

from groundplan.copying.lock import locked

SWITCH = "GROUNDPLAN_SPEED_UPS"
WRITTEN_FOR = {"copier": "~=9.19", "copier-template-extensions": "~=0.3.4", "jinja2": "~=3.1.5", "pyyaml": "~=6.0"}
_LOADED_BY_COPIER = "copier_template_extensions."


def are_on() -> bool:
    """Return whether nobody turned them off, and the libraries are those that they were written for."""
    return os.environ.get(SWITCH) != "off" and all(
        SpecifierSet(wanted).contains(version(name), prereleases=True) for name, wanted in WRITTEN_FOR.items()
    )


def speed_up(clones: Path) -> Callable[[], None]:
    """Let all runs of Copier in this process share what is the same for each.

    Args:
        clones: Where the versions of templates are kept, for all processes of a run.

    Returns:
        A function that undoes it.
    """
    undone = ExitStack()
    if not are_on():
        return undone.close
    undone.callback(compile_once())
    undone.callback(load_once())
    undone.callback(_parse_yaml_in_c())
    undone.enter_context(_shared_templates())
    undone.enter_context(_shared_clones(clones))
    undone.enter_context(_no_index_without_git())
    undone.enter_context(_no_submodules_without_any())
    return undone.close


@contextmanager
def _replaced(module: str, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """Replace a name of Copier's, if it is there, such as `Worker.method`."""
    try:
        place: Any = import_module(module)
        *above, last = name.split(".")
        for part in above:
            place = getattr(place, part)
        before = getattr(place, last)
    except (ImportError, AttributeError):
        yield
        return
    setattr(place, last, make(before))
    try:
        yield
    finally:
        setattr(place, last, before)


@contextmanager
def _shared_templates() -> Iterator[None]:
    """Ask each version of a template once for its clone, its name, its settings and its files' modes."""
    known: dict[tuple[Any, ...], Any] = {}
    clean_up: list[Callable[[], None]] = []

    def share(template_class: Any) -> Any:
        def template(url: str, ref: Any = None, use_prereleases: bool = False) -> Any:
            key = (url, ref, use_prereleases)
            if key not in known:
                known[key] = made = template_class(url=url, ref=ref, use_prereleases=use_prereleases)
                clean_up.append(made._cleanup)
                # Every run cleans up at its end.
                made._cleanup = _do_nothing
            return known[key]

        return template

    with _replaced("copier._main", "Template", share), _replaced("copier._subproject", "Template", share):
        try:
            yield
        finally:
            for clean in clean_up:
                clean()


def _do_nothing() -> None:
    return


@contextmanager
def _shared_clones(folder: Path) -> Iterator[None]:
    """Clone each version of a template once for all processes of a run, and look once what its address means."""

    def share(clone: Any) -> Any:
        def shared(url: str, ref: str = "HEAD", location: str | None = None) -> str:
            place = folder / hashlib.sha256(f"{url}\n{ref}".encode()).hexdigest()
            done = place.with_suffix(".done")
            with locked(place.with_suffix(".lock"), _hear_nothing):
                if not done.exists():
                    # It is not moved: git remembers where a working tree is.
                    shutil.rmtree(place, ignore_errors=True)
                    done.write_text(clone(url, ref, str(place)), "utf-8")
                return done.read_text("utf-8")

        return shared

    with _replaced("copier._template", "clone", share), _replaced("copier._template", "get_repo", cache):
        yield


def _hear_nothing(_: str) -> None:
    return


@contextmanager
def _no_index_without_git() -> Iterator[None]:
    """Do not ask git, for each file, how it keeps modes, in a folder that is not a repository."""

    def guard(synchronise: Any) -> Any:
        def synchronise_in_repository(self: Any, *arguments: Any) -> None:
            if (self.subproject.local_abspath / ".git").exists():
                synchronise(self, *arguments)

        return synchronise_in_repository

    with _replaced("copier._main", "Worker._sync_git_index_executable_bit", guard):
        yield


@contextmanager
def _no_submodules_without_any() -> Iterator[None]:
    """Do not let git look for submodules in a clone that has none, which takes eight processes."""

    def guard(get_git: Any) -> Any:
        return lambda *arguments, **named: _Git(get_git(*arguments, **named))

    with _replaced("copier._vcs", "get_git", guard), _replaced("copier._vcs", "get_git_version", cache):
        yield


class _Git:
    """A command of git that leaves submodules alone where the working directory has none."""

    def __init__(self, command: Any) -> None:
        self._command = command

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if arguments[:1] == ("submodule",) and not Path(".gitmodules").exists():
            return ""
        return self._command(*arguments, **named)

    def __getitem__(self, arguments: Any) -> Any:
        return self._command[arguments]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._command, name)


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
        commit = _commit_read_by(self, versions)
        if not commit or not isinstance(source, str) or rest:
            return compile_anew(self, source, name, filename, *rest)
        key = (commit, type(self), name, source)
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
    """Return whether a text renders to itself: it is one line without tags, and nothing but tags means anything."""
    tags = (environment.block_start_string, environment.variable_start_string, environment.comment_start_string)
    has_line_tags = environment.line_statement_prefix or environment.line_comment_prefix
    return not has_line_tags and "\n" not in text and "\r" not in text and not any(tag in text for tag in tags)


def _commit_read_by(environment: Environment, known: dict[str, str]) -> str:
    """Return the commit of the clone that an environment reads; empty where there is none."""
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


def load_once() -> Callable[[], None]:
    """Let a template's extension be run once in this process, instead of once for every feature.

    Every run of Copier clones its template and loads the extensions of that clone, which takes a tenth of the time.
    They import nothing but neighbours in their own clone, so the same file of a clone gives the same module.

    Returns:
        A function that undoes it.
    """
    loader: Any = SourceFileLoader
    execute = loader.exec_module
    executed: dict[tuple[str, bytes], ModuleType] = {}

    def execute_once(self: SourceFileLoader, module: ModuleType) -> None:
        if not module.__name__.startswith(_LOADED_BY_COPIER):
            execute(self, module)
            return
        key = (self.path, self.get_data(self.path))
        if key in executed:
            vars(module).update(vars(executed[key]))
        else:
            execute(self, module)
            executed[key] = module

    # It is inherited, unless somebody replaced it already.
    inherits = "exec_module" not in vars(loader)

    def undo() -> None:
        if inherits:
            del loader.exec_module
        else:
            loader.exec_module = execute

    loader.exec_module = execute_once
    return undo


def _parse_yaml_in_c() -> Callable[[], None]:
    """Let everybody here parse YAML in C where PyYAML can: Copier reads a long questionnaire for each run."""
    loader = yaml.SafeLoader
    yaml.SafeLoader = getattr(yaml, "CSafeLoader", loader)  # type: ignore[misc]

    def undo() -> None:
        yaml.SafeLoader = loader  # type: ignore[misc]

    return undo
