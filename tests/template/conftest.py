"""What the tests of the template share: renders, each made once in a process."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from groundplan.copying.speed_ups import compile_once
from support.rendering import copy_project
from support.renders import SUPPORTED

CLONES_BYTES = 200_000_000


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Let Jinja compile a version's texts once in this process: half of a render's time."""
    undo = compile_once()
    yield
    undo()


@pytest.fixture(scope="session", autouse=True)
def nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep a person's settings of Copier out of the tests, and of the processes that they start."""
    settings = tmp_path_factory.mktemp("settings") / "settings.yml"
    settings.write_text("trust: [/, file:///, git+file:///]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COPIER_SETTINGS_PATH", str(settings))
        yield


@pytest.fixture(scope="session", autouse=True)
def clones_in_memory() -> Iterator[None]:
    """Let Copier clone into memory, where a system has a place for that.

    Each run makes and removes a clone with hundreds of folders; on many disks that takes longer than the run itself.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < CLONES_BYTES:
        yield
        return
    with TemporaryDirectory(prefix="groundplan-tests-", dir=memory) as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", folder)
        patch.setenv("TMPDIR", folder)
        yield


@pytest.fixture(scope="session")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function from a name in ``SUPPORTED`` to the plan folder of its render. Do not write into it."""

    @cache
    def render(name: str) -> Path:
        return copy_project(template, tmp_path_factory.mktemp("rendered") / "acme", **SUPPORTED[name])

    return render
