"""What the tests of the template share: renders, each made once in a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from support.rendering import copy_project
from support.renders import SUPPORTED


@pytest.fixture(scope="session", autouse=True)
def nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep a person's settings of Copier out of the tests, and of the processes that they start."""
    settings = tmp_path_factory.mktemp("settings") / "settings.yml"
    settings.write_text("trust: [/, file:///, git+file:///]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COPIER_SETTINGS_PATH", str(settings))
        yield


@pytest.fixture(scope="session")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function from a name in `SUPPORTED` to the plan folder of its render. Do not write into it."""

    @cache
    def render(name: str) -> Path:
        return copy_project(template, tmp_path_factory.mktemp("rendered") / "acme", **SUPPORTED[name])

    return render
