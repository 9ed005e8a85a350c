"""The `groundplan` command, one module for each subcommand."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for a module until somebody uses it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def _import_plumbum() -> None:
    """Import plumbum without the library's web client, a quarter of its time, which it needs for `Path.as_uri` alone.

    From Python 3.15 on it does so itself: it names the module in `__lazy_modules__`.
    """
    name = "urllib.request"
    if name in sys.modules:
        return
    sys.modules[name] = _Later(name)
    try:
        import_module("plumbum.cli")
    finally:
        del sys.modules[name]


_import_plumbum()
