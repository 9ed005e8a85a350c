"""How the tests of one process share what Copier makes anew for every run: a clone of its template, and its code."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import copier._main
import copier._subproject
import copier._template
import pytest
from groundplan.copying.speed_ups import compile_once, load_once

clone = vars(copier._template)["clone"]
Key = tuple[str, str | None, bool, str]


@contextmanager
def shared_templates() -> Iterator[None]:
    """Let Copier's runs in this process share their templates' clones, compiled texts and loaded extensions.

    A template is a repository on this machine, and tests add versions to it: a clone is shared while all its references
    are the same. What is not committed, which `HEAD` stands for too, is never shared. Our own command shares what it
    likes by itself.
    """
    known: dict[Key, Any] = {}
    with ExitStack() as undone:
        undone.callback(compile_once())
        undone.callback(load_once())
        patch = undone.enter_context(pytest.MonkeyPatch.context())
        for module in (copier._main, copier._subproject):
            patch.setattr(module, "Template", _sharing(module.Template, known))
        yield
        for template in known.values():
            shutil.rmtree(template._temp_clone_path, ignore_errors=True)


def _sharing(template_class: Any, known: dict[Key, Any]) -> Callable[..., Any]:
    def template(url: str, ref: Any = None, use_prereleases: bool = False) -> Any:
        references = _references(url)
        made = template_class(url=url, ref=ref, use_prereleases=use_prereleases)
        is_tagged = "refs/tags/" in references if ref is None else f"refs/tags/{ref}\n" in references
        if not is_tagged or vars(copier._template)["clone"] is not clone:
            return made
        key = (url, ref, use_prereleases, references)
        if key not in known:
            known[key] = made
            # Every run cleans up at its end.
            made._cleanup = lambda: None
        return known[key]

    return template


def _references(url: str) -> str:
    """Return what the references of a repository at a path stand for; empty if there is none."""
    if not Path(url, ".git").exists() or not Path(url).is_absolute():
        return ""
    command = ["git", "-C", url, "for-each-ref", "--format=%(objectname) %(refname)"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
