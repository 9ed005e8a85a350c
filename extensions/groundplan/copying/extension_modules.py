"""A template's Jinja extensions, loaded once for all of a process's runs of Copier."""

from __future__ import annotations

from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

_LOADED_BY_COPIER = "copier_template_extensions."


def load_once() -> Callable[[], None]:
    """Let a template's extension be run once in this process, instead of once for every feature.

    Every run of Copier clones its template and loads the extensions of that clone, which takes a tenth of the time.
    They are self-contained, so the same source gives the same module.

    Returns:
        A function that undoes it.
    """
    loader: Any = SourceFileLoader
    execute = loader.exec_module
    executed: dict[bytes, ModuleType] = {}

    def execute_once(self: SourceFileLoader, module: ModuleType) -> None:
        if not module.__name__.startswith(_LOADED_BY_COPIER):
            execute(self, module)
            return
        source = self.get_data(self.path)
        if source in executed:
            vars(module).update(vars(executed[source]))
        else:
            execute(self, module)
            executed[source] = module

    def undo() -> None:
        del loader.exec_module  # it is inherited

    loader.exec_module = execute_once
    return undo
