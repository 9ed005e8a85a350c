"""The Go tree under the real go command: gofmt, vet and its own tests."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from uuid import UUID

import pytest
from groundplan.rendering.naming import flat
from plumbum import local
from support.commands import brief, groundplan
from support.planting import ALL_LAYERS, Feature, cache, matrix, plant, workspace
from support.rendering import ROOT, contents_of, repository

pytestmark = pytest.mark.stack("go")

MODULE = "example.com/acme/legacy"
# An old language version, a vendored module (so the go command reads vendor/ only), a package of the host's own below
# internal/, and a test folder of its own.
LEGACY = {
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
# Two modules that a workspace joins; the feature goes into one of them.
MONOREPO = {
    "go.work": "go 1.22\n\nuse (\n\t./libs/money\n\t./services/pay\n)\n",
    "libs/money/go.mod": "module example.com/acme/money\n\ngo 1.22\n",
    "libs/money/money.go": 'package money\n\nconst Currency = "EUR"\n',
    "services/pay/go.mod": "module example.com/acme/pay\n\ngo 1.22\n",
    "services/pay/pay.go": 'package pay\n\nimport "example.com/acme/money"\n\nconst Currency = money.Currency\n',
    "services/pay/pay_test.go": (
        'package pay\n\nimport "testing"\n\nfunc TestPaysInEuro(t *testing.T) {\n'
        '\tif Currency != "EUR" {\n\t\tt.Fatal(Currency)\n\t}\n}\n'
    ),
}
# A server that mounts two features beside a page for all other addresses.
SERVER = {
    "go.mod": "module example.com/acme/shop\n\ngo 1.21\n",
    "main.go": """\
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"

	invoicesapp "example.com/acme/shop/internal/invoices/app"
	invoicesapi "example.com/acme/shop/internal/invoices/httpapi"
	ordersapp "example.com/acme/shop/internal/orders/app"
	ordersapi "example.com/acme/shop/internal/orders/httpapi"
)

func main() {
	orders := ordersapi.NewHandler(ordersapp.NewService(&ordersapp.MemoryRepository{}), ordersapi.Enabled())
	invoices := invoicesapi.NewHandler(invoicesapp.NewService(&invoicesapp.MemoryRepository{}), invoicesapi.Enabled())

	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "The shop") })
	mux.Handle(ordersapi.Path, orders)
	mux.Handle(ordersapi.Path+"/", orders)
	mux.Handle(invoicesapi.Path, invoices)
	mux.Handle(invoicesapi.Path+"/", invoices)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	log.Fatal(http.Serve(listener, mux))
}
""",
}
DOMAIN_TESTS = {"TestNewItemTrimsItsName", "TestNewItemRefusesABlankName"}
HANDLER_TESTS = {"TestRefusalsAreProblems", "TestFailureIsNotToldToTheClient", "TestFlagIsOffByDefault"}
E2E_TESTS = {"TestCreatedItemIsFoundAndListed", "TestTooLargeABodyIsRefused", "TestFeatureIsHiddenWhileItsFlagIsOff"}


def go(folder: Path, *arguments: str, workspace: str = "off") -> str:
    """Run the go command without the network and return what it printed; fail with that if it fails."""
    # Without the path of the folder in what it builds, a build of one folder serves another.
    settings = {"GOFLAGS": "-trimpath", "GOCACHE": str(cache("go") / "build"), "GOPROXY": "off", "GOTOOLCHAIN": "local"}
    # Compilers and linkers live for a second: they need not collect what they leave. Nothing of ours is in C.
    settings |= {"GOGC": "off", "CGO_ENABLED": "0"}
    with local.cwd(folder):
        code, out, err = local["go"].with_env(**settings, GOWORK=workspace).run(arguments, retcode=None)
    assert code == 0, f"go {' '.join(arguments)}\n{out}\n{err}"
    return f"{out}{err}"


def unformatted(folder: Path) -> str:
    with local.cwd(folder):
        return str(local["gofmt"]("-l", "."))


def passed(folder: Path, workspace: str = "off") -> dict[str, set[str]]:
    """Run all tests below a folder; return the names of those that passed, by package."""
    # Vet runs by itself, and a test needs no symbols for a debugger.
    lines = go(folder, "test", "-json", "-vet=off", "-ldflags=-s -w", "./...", workspace=workspace).splitlines()
    tests: dict[str, set[str]] = {}
    for event in map(json.loads, lines):
        if event["Action"] == "pass" and "Test" in event:
            tests.setdefault(event["Package"], set()).add(event["Test"])
    return tests


def host(folder: Path, files: Mapping[str, str]) -> dict[str, bytes]:
    """Make a repository with foreign code; return its files."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    repository(folder)
    return contents_of(folder)


@contextmanager
def served(program: Path, *flags: str) -> Iterator[HTTPConnection]:
    """Run a server that prints its address, with some flags on; connect to it."""
    environment = dict.fromkeys(flags, "true")
    with subprocess.Popen([program], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        connection = HTTPConnection(process.stdout.readline().strip())
        try:
            yield connection
        finally:
            connection.close()
            process.terminate()


def ask(connection: HTTPConnection, method: str, path: str, body: str | None = None) -> tuple[HTTPResponse, str]:
    """Send a request; return the answer and its body."""
    connection.request(method, path, body)
    response = connection.getresponse()
    return response, response.read().decode()


def wiring() -> str:
    """Return the program of the reference's section on Go."""
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
            assert tests[f"{module}/internal/{name}/httpapi"] >= HANDLER_TESTS
            assert tests[f"{module}/tests/{name}e2e"] >= E2E_TESTS
        else:
            assert f"{module}/tests/{name}e2e" not in tests


def test_host_with_vendored_modules_and_an_old_language_builds_beside_two_features(
    template: Path, tmp_path: Path
) -> None:
    before = host(tmp_path, LEGACY)

    plant(template, tmp_path, "go", [Feature("orders"), Feature("settings", ("domain", "ui"))])
    tests = passed(tmp_path)

    assert go(tmp_path, "vet", "./...") == ""
    assert tests[f"{MODULE}/tests"] == {"TestHostGreets"}
    assert tests[f"{MODULE}/tests/orderse2e"] >= E2E_TESTS
    assert tests[f"{MODULE}/internal/settings/domain"] >= DOMAIN_TESTS
    assert before.items() <= contents_of(tmp_path).items()


def test_module_of_a_monorepo_takes_a_feature_in_its_own_folder(template: Path, tmp_path: Path) -> None:
    before = host(tmp_path, MONOREPO)
    module, joined = tmp_path / "services" / "pay", str(tmp_path / "go.work")

    plant(template, module, "go", [Feature("orders")])

    tests = passed(module, joined)
    assert go(module, "vet", "./...", workspace=joined) == ""
    assert tests["example.com/acme/pay"] == {"TestPaysInEuro"}
    assert tests["example.com/acme/pay/tests/orderse2e"] >= E2E_TESTS
    assert before.items() <= contents_of(tmp_path).items()


@pytest.mark.parametrize("by", ["copier", "command"])
def test_folder_of_a_module_takes_a_feature_by_the_import_path_it_has(template: Path, tmp_path: Path, by: str) -> None:
    files = {"go.mod": "module example.com/acme/mono\n\ngo 1.22\n", "services/pay/pay.go": "package pay\n"}
    root = tmp_path / "mono"
    before = host(root, {**files, "services/pay/docs/plan_docs/README.md": "Plans\n"})
    folder = root / "services" / "pay"

    if by == "copier":
        plant(template, folder, "go", [Feature("orders")])
    else:
        asked = brief(tmp_path / "orders.yml", feature_name="Orders", stack="go")
        ended = groundplan(folder, "new", "-b", asked, "--template", template)
        assert ended.status == 0, ended.errors

    assert passed(root)["example.com/acme/mono/services/pay/tests/orderse2e"] >= E2E_TESTS
    assert before.items() <= contents_of(root).items()
    assert not (folder / "go.mod").exists()


def test_server_mounts_two_features_and_each_answers_by_its_flag(template: Path, tmp_path: Path) -> None:
    host(tmp_path, SERVER)
    plant(template, tmp_path, "go", [Feature("orders"), Feature("invoices")])
    go(tmp_path, "build", "-o", "server", ".")

    with served(tmp_path / "server", "ORDERS_ENABLED") as connection:
        created, item = ask(connection, "POST", "/api/orders", '{"name": " First "}')
        found, same = ask(connection, "GET", created.headers["Location"])
        listed, items = ask(connection, "GET", "/api/orders")
        unknown, problem = ask(connection, "GET", "/api/orders/6f1c0c1e-0000-4000-8000-000000000000")
        hidden = [ask(connection, "GET", f"/api/invoices{below}")[0].status for below in ("", "/", "/1")]
        large, _ = ask(connection, "POST", "/api/orders", json.dumps({"name": "x" * 64 * 1024}))

    assert (created.status, found.status, listed.status) == (201, 200, 200)
    assert json.loads(item) == json.loads(same) == json.loads(items)[0]
    assert UUID(json.loads(item)["id"]).version == 4
    assert (unknown.status, unknown.headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(problem)["status"] == 404
    assert hidden == [404, 404, 404]
    assert large.status == 413

    with served(tmp_path / "server", "INVOICES_ENABLED") as connection:
        assert ask(connection, "GET", "/api/orders")[0].status == 404
        assert ask(connection, "GET", "/api/invoices")[1].strip() == "[]"
        assert ask(connection, "GET", "/")[1] == "The shop"


def test_wiring_of_the_reference_compiles_in_a_host(template: Path, tmp_path: Path) -> None:
    plant(template, tmp_path, "go", [Feature("orders", ALL_LAYERS, {"go_module": "example.com/acme/shop"})])
    main = tmp_path / "cmd" / "server" / "main.go"
    main.parent.mkdir(parents=True)
    main.write_text(wiring())

    assert go(tmp_path, "vet", "./...") == ""
