"""The Rust tree under the real cargo: rustfmt, clippy and its own tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from plumbum import local
from support.planting import Feature, cache, matrix, plant, workspace
from support.rendering import files_of, repository

pytestmark = pytest.mark.stack("rust")

ENGINE = {
    "crates/engine/Cargo.toml": '[package]\nname = "engine"\nversion = "3.1.0"\nedition = "2018"\n',
    "crates/engine/src/lib.rs": "#[test]\nfn engine_runs() {\n  assert_eq!(2 + 2, 4);\n}\n",
    "rustfmt.toml": "tab_spaces = 2\n",
    "clippy.toml": "too-many-arguments-threshold = 2\n",
}
BOTH = [Feature("orders"), Feature("user-profile-2fa", ("domain", "ui"))]


def cargo(folder: Path, target: Path, *arguments: str) -> str:
    """Run cargo without the network and return what it printed; fail with that if cargo fails."""
    tool = local["cargo"].with_env(
        CARGO_TARGET_DIR=str(target),
        CARGO_NET_OFFLINE="true",
        CARGO_INCREMENTAL="0",
        CARGO_PROFILE_DEV_DEBUG="0",
        CARGO_TERM_COLOR="never",
    )
    with local.cwd(folder):
        code, out, err = tool.run(arguments, retcode=None)
    assert code == 0, f"cargo {' '.join(arguments)}\n{out}\n{err}"
    return f"{out}\n{err}"


def host(folder: Path, manifest: str, files: dict[str, str]) -> dict[str, bytes]:
    """Make a repository with foreign code; return its files."""
    for path, text in {"Cargo.toml": manifest, **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    repository(folder)
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in files_of(folder)}


def test_every_shape_and_name_builds_passes_and_is_clean(tmp_path: Path) -> None:
    features = matrix("rust")
    place, target = workspace("rust", features, tmp_path), cache("rust") / "target"

    cargo(place, target, "fmt", "--check")
    cargo(place, target, "clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings")
    tested = cargo(place, target, "test", "--workspace", "--all-targets")

    with_api = sum("api" in feature.layers for feature in features)
    assert tested.count("test creates_then_lists ... ok") == with_api
    assert tested.count("test hides_while_disabled ... ok") == with_api
    assert tested.count("test item::tests::blank_name_is_refused ... ok") == len(features)


def test_host_workspace_with_a_glob_takes_up_new_crates(template: Path, tmp_path: Path) -> None:
    repo, target = tmp_path / "host", tmp_path / "target"
    manifest = '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n\n[workspace.lints.clippy]\npedantic = "deny"\n'
    before = host(repo, manifest, ENGINE)

    plant(template, repo, "rust", BOTH)
    tested = cargo(repo, target, "test", "--workspace")

    assert "test engine_runs ... ok" in tested
    assert "test creates_then_lists ... ok" in tested
    assert before.items() <= contents(repo).items()


def test_host_workspace_with_explicit_members_needs_one_more_line(template: Path, tmp_path: Path) -> None:
    repo, target = tmp_path / "host", tmp_path / "target"
    before = host(repo, '[workspace]\nmembers = ["crates/engine"]\nresolver = "2"\n', ENGINE)

    plant(template, repo, "rust", [Feature("orders")])

    assert "creates_then_lists" not in cargo(repo, target, "test", "--workspace")
    assert before.items() <= contents(repo).items()
    (repo / "Cargo.toml").write_text('[workspace]\nmembers = ["crates/engine", "crates/orders-*"]\nresolver = "2"\n')
    assert "test creates_then_lists ... ok" in cargo(repo, target, "test", "--workspace")


def test_host_package_without_a_workspace_builds_beside_the_feature(template: Path, tmp_path: Path) -> None:
    repo, target = tmp_path / "host", tmp_path / "target"
    manifest = '[package]\nname = "tool"\nversion = "0.3.0"\nedition = "2021"\n'
    before = host(repo, manifest, {"src/main.rs": 'fn main() {\n    println!("tool");\n}\n'})

    plant(template, repo, "rust", [Feature("orders")])

    cargo(repo, target, "build")
    tested = cargo(repo / "crates" / "orders-e2e", target, "test")
    assert "test creates_then_lists ... ok" in tested
    assert before.items() <= contents(repo).items()
