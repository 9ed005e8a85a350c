"""The Rust tree under the real cargo: rustfmt, clippy and its own tests, alone and in repositories that others made."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from plumbum import local
from support.planting import LONGEST, SHORTEST, Feature, cache, matrix, plant, workspace
from support.rendering import contents_of, copy_project, repository

pytestmark = pytest.mark.stack("rust")

EXTREME = {SHORTEST, LONGEST, "self", "result"}
AXUM = 'axum = { version = "0.8.9", features = ["macros"] }\n'
TOKIO = 'tokio = { version = "1.54", features = ["macros", "net", "rt-multi-thread"] }\n'
REQWEST = 'reqwest = { version = "0.13", default-features = false, features = ["json"] }\n'
# A server of the host's own, in a layout and with settings that are not the feature's.
WEB = {
    "crates/web/Cargo.toml": '[package]\nname = "web"\nversion = "3.1.0"\nedition = "2021"\n\n'
    f"[dependencies]\n{AXUM}\n[dev-dependencies]\n{TOKIO}{REQWEST}",
    "crates/web/src/lib.rs": "use axum::{Router, routing::get};\n\n"
    'pub fn app() -> Router {\n  Router::new().route("/", get(|| async { "harbour" }))\n}\n',
    "crates/web/tests/web.rs": "#[tokio::test]\nasync fn harbour_answers() {\n"
    '  let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();\n'
    '  let url = format!("http://{}/", listener.local_addr().unwrap());\n'
    "  tokio::spawn(async move { axum::serve(listener, web::app()).await });\n"
    '  assert_eq!(reqwest::get(url).await.unwrap().text().await.unwrap(), "harbour");\n}\n',
    "rustfmt.toml": "tab_spaces = 2\n",
    "clippy.toml": "too-many-arguments-threshold = 2\n",
}
GLOB = '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n\n[workspace.lints.clippy]\npedantic = "deny"\n'
EXPLICIT = '[workspace]\nmembers = ["crates/web"]\nresolver = "2"\n'
WARP = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nresolver = "3"\n',
    "crates/harbour/Cargo.toml": '[package]\nname = "harbour"\nversion = "1.0.0"\nedition = "2021"\n\n'
    '[dependencies]\nwarp = { version = "0.4", default-features = false }\n',
    "crates/harbour/src/lib.rs": "use warp::{Reply, http::StatusCode};\n\n"
    "pub fn harbour() -> impl Reply {\n    StatusCode::NO_CONTENT\n}\n\n"
    "#[test]\nfn harbour_is_quiet() {\n    assert_eq!(harbour().into_response().status(), 204);\n}\n",
}
# What the host's team would write to mount two features: one is on, one is off, and both lie below a prefix.
MOUNTED = {
    "crates/mounted/Cargo.toml": '[package]\nname = "mounted"\nversion = "0.1.0"\nedition = "2024"\n\n'
    + "[dev-dependencies]\n"
    + "".join(
        f'{slug}-{layer} = {{ path = "../{slug}-{layer}" }}\n'
        for slug in ("orders", "user-profile-2fa")
        for layer in ("api", "application")
    )
    + AXUM
    + TOKIO
    + REQWEST
    + 'serde_json = "1.0"\n',
    "crates/mounted/src/lib.rs": "",
    "crates/mounted/tests/mounted.rs": """\
use axum::{Router, routing::get};
use reqwest::{Client, Response};
use serde_json::Value;

#[derive(Clone)]
struct HostState;

async fn start() -> String {
    let orders = orders_application::InMemoryRepository::default();
    let orders = orders_application::Service::new(orders);
    let profiles = user_profile_2fa_application::InMemoryRepository::default();
    let profiles = user_profile_2fa_application::Service::new(profiles);
    let features = Router::new()
        .merge(orders_api::router(orders, true))
        .merge(user_profile_2fa_api::router(profiles, false));
    let app = Router::new()
        .route("/", get(|| async { "harbour" }))
        .nest("/v1", features)
        .fallback(|| async { "a page for every other address" })
        .with_state(HostState);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    origin
}

async fn ask(url: String) -> Response {
    Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap()
}

#[tokio::test]
async fn features_answer_side_by_side() {
    let origin = start().await;
    let created = Client::new()
        .post(format!("{origin}/v1/api/orders"))
        .json(&serde_json::json!({"name": "Ada"}))
        .send()
        .await
        .unwrap();
    assert_eq!(created.status(), 201);
    let location = created.headers()["location"].to_str().unwrap().to_owned();
    let created: Value = created.json().await.unwrap();
    let found: Value = ask(format!("{origin}{location}")).await.json().await.unwrap();
    assert_eq!(found, created);

    assert_eq!(ask(format!("{origin}/v1/api/user-profile-2fa")).await.status(), 404);
    assert_eq!(ask(format!("{origin}/v1/api/user-profile-2fa/1")).await.status(), 404);
    assert_eq!(ask(format!("{origin}/")).await.text().await.unwrap(), "harbour");
}
""",
}


def cargo(folder: Path, *arguments: str) -> str:
    """Run cargo with the shared build folder and return what it printed; fail with that if cargo fails."""
    tool = local["cargo"].with_env(
        CARGO_TARGET_DIR=str(cache("rust") / "target"),
        CARGO_INCREMENTAL="0",
        CARGO_PROFILE_DEV_DEBUG="0",
        CARGO_TERM_COLOR="never",
    )
    with local.cwd(folder):
        code, out, err = tool.run(arguments, retcode=None)
    assert code == 0, f"cargo {' '.join(arguments)}\n{out}\n{err}"
    return f"{out}\n{err}"


def host(name: str, files: Mapping[str, str]) -> Path:
    """Make a repository with foreign code, at the same place in every run: cargo keeps what it built by path."""
    folder = cache("rust") / "hosts" / name
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, files)
    return repository(folder)


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_every_shape_and_name_builds_and_is_clean_and_the_extreme_ones_pass(tmp_path: Path) -> None:
    features = matrix("rust")
    place = workspace("rust", features, tmp_path)
    # Names enter nothing but paths and texts, which clippy compiles; each further binary costs seconds to link.
    run = [feature for feature in features if feature.slug.startswith("shape-") or feature.slug in EXTREME]

    cargo(place, "fmt", "--check")
    cargo(place, "clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings")
    tested = cargo(place, "test", *(f"--package={feature.slug}-*" for feature in run))

    with_api = sum("api" in feature.layers for feature in run)
    assert tested.count("test creates_then_finds_and_lists ... ok") == with_api
    assert tested.count("test hides_while_disabled ... ok") == with_api
    assert tested.count("test item::tests::blank_name_is_refused ... ok") == len(run)


def test_host_workspace_with_a_glob_takes_up_new_crates_and_mounts_two_features(template: Path) -> None:
    repo = host("glob", {"Cargo.toml": GLOB, **WEB})
    before = contents_of(repo)
    assert "test harbour_answers ... ok" in cargo(repo, "test", "--workspace")

    plant(template, repo, "rust", [Feature("orders"), Feature("user-profile-2fa")])
    after = contents_of(repo)
    write(repo, MOUNTED)
    tested = cargo(repo, "test", "--workspace")

    assert before.items() <= after.items()
    assert "test harbour_answers ... ok" in tested
    assert tested.count("test creates_then_finds_and_lists ... ok") == 2
    assert "test features_answer_side_by_side ... ok" in tested


def test_host_workspace_with_explicit_members_needs_one_more_line(template: Path) -> None:
    repo = host("explicit", {"Cargo.toml": EXPLICIT, **WEB})
    before = contents_of(repo)

    plant(template, repo, "rust", [Feature("orders")])

    assert "creates_then_finds_and_lists" not in cargo(repo, "test", "--workspace")
    assert before.items() <= contents_of(repo).items()
    (repo / "Cargo.toml").write_text('[workspace]\nmembers = ["crates/web", "crates/orders-*"]\nresolver = "2"\n')
    assert "test creates_then_finds_and_lists ... ok" in cargo(repo, "test", "--workspace")


def test_host_that_serves_with_another_framework_gets_no_api_unless_it_is_asked_for(template: Path) -> None:
    repo = host("warp", WARP)
    before = contents_of(repo)
    assert "test harbour_is_quiet ... ok" in cargo(repo, "test")

    for slug, asked in {"orders": {}, "payments": {"web_framework": "axum"}}.items():
        copy_project(template, repo, stack="rust", feature_name=slug, depth="lite", supporting_docs=[], **asked)
    after = contents_of(repo)
    tested = cargo(repo, "test")

    assert before.items() <= after.items()
    assert "crates/orders-ui/Cargo.toml" in after
    assert "crates/orders-api/Cargo.toml" not in after
    assert "test harbour_is_quiet ... ok" in tested
    assert tested.count("test creates_then_finds_and_lists ... ok") == 1


def test_host_package_without_a_workspace_builds_beside_the_feature(template: Path) -> None:
    manifest = '[package]\nname = "tool"\nversion = "0.3.0"\nedition = "2021"\n'
    repo = host("package", {"Cargo.toml": manifest, "src/main.rs": 'fn main() {\n    println!("tool");\n}\n'})
    before = contents_of(repo)

    plant(template, repo, "rust", [Feature("orders")])

    cargo(repo, "build")
    assert "test creates_then_finds_and_lists ... ok" in cargo(repo / "crates" / "orders-e2e", "test")
    assert before.items() <= contents_of(repo).items()
