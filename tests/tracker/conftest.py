"""A repository with a published plan's remote, a fake GitHub, and the real `gh` between the two."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from plumbum import local
from support.commands import Ended, groundplan
from support.finished_plans import PLAN
from support.forge import FakeGitHub, serve
from support.rendering import commit, git, repository

# The one that the tests install; else whatever the machine has.
GH = Path(sys.executable).with_name("gh")
SLUG = "user-profile-2fa"


@dataclass
class Tracked:
    """A project and its tracker."""

    root: Path
    forge: FakeGitHub
    environment: dict[str, str]

    @property
    def plan(self) -> Path:
        return self.root / PLAN

    def publish(self, *arguments: str) -> Ended:
        """Run `groundplan publish` for the one plan."""
        return groundplan(self.root, "publish", SLUG, *arguments, **self.environment)

    def push(self) -> None:
        """Commit and push everything."""
        commit(self.root)
        git("-C", self.root, "push", "-q", "origin", "HEAD")


@pytest.fixture
def tracked(project: Path, tmp_path: Path) -> Iterator[Tracked]:
    if not (GH.exists() or shutil.which("gh")):
        pytest.skip("gh is missing: nothing can be published to GitHub")
    root = repository(project)
    bare = tmp_path / "github.com/acme/shop.git"
    git("init", "-q", "--bare", bare)
    git("-C", root, "remote", "add", "origin", "https://github.com/acme/shop.git")
    git("-C", root, "config", f"url.{bare}.pushInsteadOf", "https://github.com/acme/shop.git")
    git("-C", root, "push", "-q", "origin", "HEAD")
    config = tmp_path / "gh"
    # A socket's path has at most some hundred characters.
    socket = Path("/tmp") / f"gh-{abs(hash(tmp_path)):x}.sock"
    environment = {
        "GH_CONFIG_DIR": str(config),
        "GH_TOKEN": "nobody",
        "GH_NO_UPDATE_NOTIFIER": "1",
        "PATH": f"{GH.parent}:{local.env['PATH']}",
    }
    local[str(GH) if GH.exists() else "gh"].with_env(**environment)("config", "set", "http_unix_socket", str(socket))
    forge = FakeGitHub()
    try:
        with serve(forge, socket):
            yield Tracked(root, forge, environment)
    finally:
        socket.unlink(missing_ok=True)
