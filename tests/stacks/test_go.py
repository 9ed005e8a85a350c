"""The Go tree under the real go command: gofmt, vet and its own tests."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from groundplan.rendering.naming import flat
from plumbum import local
from support.planting import ALL_LAYERS, Feature, cache, matrix, plant, workspace
from support.rendering import ROOT, files_of, repository

pytestmark = pytest.mark.stack("go")

MODULE = "example.com/acme/legacy"
# An old language version, a vendored module (so the go command reads vendor/ only), a package of another feature's
# kind below internal/, and a test folder of its own.
HOST = {
    "go.mod": f"module {MODULE} // the monolith\n\ngo 1.18\n\nrequire example.com/greet v1.0.0\n",
    "vendor/modules.txt": "# example.com/greet v1.0.0\n## explicit; go 1.18\nexample.com/greet\n",
    "vendor/example.com/greet/greet.go": 'package greet\n\nfunc Hello() string { return "hello" }\n',
    "internal/config/config.go": 'package config\n\nimport "example.com/greet"\n\nvar Greeting = greet.Hello()\n',
    "tests/smoke_test.go": (
        "package tests\n\n"
        f'import (\n\t"testing"\n\n\t"{MODULE}/internal/config"\n)\n\n'
        "func TestHostGreets(t *testing.T) {\n"
        '\tif config.Greeting != "hello" {\n\t\tt.Fatal(config.Greeting)\n\t}\n}\n'
    ),
    ".golangci.yml": "version: 2\nlinters:\n  default: all\n",
    ".gitignore": "/bin/\n*.test\n",
}
DOMAIN_TESTS = {"TestNewItemTrimsItsName", "TestNewItemRefusesABlankName"}
E2E_TESTS = {
    "TestItemIsListedOnceCreated",
    "TestBadRequestsAreRefusedWithAReason",
    "TestFeatureIsHiddenWhileItsFlagIsOff",
}


def go(folder: Path, *arguments: str) -> str:
    """Run the go command without the network and return what it printed; fail with that if it fails."""
    # Without the path of the folder in what it builds, a build of one folder serves another.
    settings = {"GOFLAGS": "-trimpath", "GOCACHE": str(cache("go") / "build"), "GOPROXY": "off", "GOTOOLCHAIN": "local"}
    with local.cwd(folder):
        code, out, err = local["go"].with_env(**settings, GOWORK="off").run(arguments, retcode=None)
    assert code == 0, f"go {' '.join(arguments)}\n{out}\n{err}"
    return f"{out}{err}"


def unformatted(folder: Path) -> str:
    with local.cwd(folder):
        return str(local["gofmt"]("-l", "."))


def passed(folder: Path) -> dict[str, set[str]]:
    """Run all tests below a folder; return the names of those that passed, by package."""
    # Vet runs by itself, and a test needs no symbols for a debugger.
    lines = go(folder, "test", "-json", "-vet=off", "-ldflags=-s -w", "./...").splitlines()
    tests: dict[str, set[str]] = {}
    for event in map(json.loads, lines):
        if event["Action"] == "pass" and "Test" in event:
            tests.setdefault(event["Package"], set()).add(event["Test"])
    return tests


def host(folder: Path) -> dict[str, bytes]:
    """Make a repository with foreign code; return its files."""
    for path, text in HOST.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    repository(folder)
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in files_of(folder)}


def wiring() -> str:
    """Give the program of the reference's section on Go."""
    section = (ROOT / "docs/reference/stacks.md").read_text("utf-8").split("\n## go\n")[1].split("\n## ")[0]
    (program,) = re.findall(r"```go\n(.*?)```", section, re.DOTALL)
    return str(program)


def test_every_shape_and_name_builds_passes_and_is_clean(tmp_path: Path) -> None:
    features = matrix("go")
    place = workspace("go", features, tmp_path)

    assert unformatted(place) == ""
    assert go(place, "vet", "./...") == ""
    tests = passed(place)

    module = "example.com/acme-shop"
    for feature in features:
        name = flat(feature.slug)
        assert tests[f"{module}/internal/{name}/domain"] >= DOMAIN_TESTS
        if "api" in feature.layers:
            assert tests[f"{module}/tests/{name}e2e"] >= E2E_TESTS
        else:
            assert f"{module}/tests/{name}e2e" not in tests


def test_host_with_vendored_modules_and_an_old_language_builds_beside_two_features(
    template: Path, tmp_path: Path
) -> None:
    before = host(tmp_path)

    plant(template, tmp_path, "go", [Feature("orders"), Feature("config", ("domain", "ui"))])
    tests = passed(tmp_path)

    assert go(tmp_path, "vet", "./...") == ""
    assert tests[f"{MODULE}/tests"] == {"TestHostGreets"}
    assert tests[f"{MODULE}/tests/orderse2e"] >= E2E_TESTS
    assert tests[f"{MODULE}/internal/config/domain"] >= DOMAIN_TESTS
    assert before.items() <= contents(tmp_path).items()


def test_wiring_of_the_reference_compiles_in_a_host(template: Path, tmp_path: Path) -> None:
    plant(template, tmp_path, "go", [Feature("orders", ALL_LAYERS, {"go_module": "example.com/acme/shop"})])
    main = tmp_path / "cmd" / "server" / "main.go"
    main.parent.mkdir(parents=True)
    main.write_text(wiring())

    assert go(tmp_path, "vet", "./...") == ""
