"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from rendering import snapshot


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as it stands, tagged v1.0.0 in a git repository of its own. Do not write into it."""
    return snapshot(tmp_path_factory.mktemp("template") / "groundplan")
