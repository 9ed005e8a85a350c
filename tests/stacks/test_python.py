"""The Python tree under its real tools: ruff, mypy and pytest."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from plumbum import local
from support.planting import LONGEST, SHORTEST, Feature, matrix, plant, stack_template, workspace
from support.rendering import files_of, repository

pytestmark = pytest.mark.stack("python")

DOMAIN_TESTS, API_TESTS = 4, 3
BOTH = [Feature("orders"), Feature("test-runs")]
# The host's own test files share a name, and its tests use the features as the host's code would.
HOST = {
    "pyproject.toml": "",
    "src/shop/__init__.py": "",
    "src/shop/model.py": "LIMIT = 3\n",
    "tests/unit/test_model.py": "from shop.model import LIMIT\n\n\ndef test_limit():\n    assert LIMIT == 3\n",
    "tests/unit/test_wiring.py": """\
from uuid import uuid4
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from shop.orders.api.app import create_app, is_enabled
from shop.test_runs.domain import model
from shop.test_runs.ui.page import render_page


def test_page_escapes_names():
    assert "<li>&lt;b&gt; &amp; co</li>" in render_page([model.TestRunsItem(uuid4(), "<b> & co")])


@pytest.mark.parametrize("mount", ["", "/api", "/api/orders"])
def test_endpoint_is_wsgi_wherever_it_is_mounted(mount):
    environ = {"SCRIPT_NAME": mount, "PATH_INFO": "/api/orders".removeprefix(mount), "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    started = []
    answer = validator(create_app(enabled=True))(environ, lambda status, headers, *_: started.append(status))
    assert b"".join(answer) == b"[]"
    answer.close()
    assert started == ["200 OK"]


@pytest.mark.parametrize(("value", "on"), [("true", True), ("1", True), ("", False), ("0", False), ("no", False)])
def test_flag_is_on_for_true_and_1_alone(value, on):
    assert is_enabled({"ORDERS_ENABLED": value}) is on
""",
}
HOST_TESTS = 10
PYTEST_SETTINGS = {
    "default import mode": {"pytest.ini": "[pytest]\npythonpath = src\naddopts = -W error --strict-config\n"},
    "default import mode, tests are packages": {
        "pytest.ini": "[pytest]\npythonpath = src\n",
        "tests/__init__.py": "",
        "tests/unit/__init__.py": "",
        "tests/test_model.py": "",
    },
    "append": {"pytest.ini": "[pytest]\npythonpath = src\naddopts = --import-mode=append\n"},
    "importlib": {
        "pytest.ini": "[pytest]\npythonpath = src\naddopts = --import-mode=importlib\n",
        "tests/test_model.py": "",
    },
}


def run(folder: Path, *arguments: str) -> str:
    """Run a Python tool as if by hand in a folder and return what it printed; fail with that if it fails."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    with local.cwd(folder), local.env():
        local.env.clear()
        local.env.update(inherited)
        code, out, err = local[sys.executable].run(["-m", *arguments], retcode=None)
    assert code == 0, f"{' '.join(arguments)}\n{out}\n{err}"
    return out


def passed(folder: Path) -> int:
    """Run the tests of a folder and count those that passed; nothing else is said of any."""
    summary = run(folder, "pytest", "-q", "-p", "no:cacheprovider").strip().splitlines()[-1]
    match = re.fullmatch(r"(\d+) passed in .*", summary)
    assert match, summary
    return int(match[1])


def expected(features: list[Feature]) -> int:
    return sum(DOMAIN_TESTS + API_TESTS * ("api" in feature.layers) for feature in features)


def test_every_shape_and_name_is_clean_and_passes(tmp_path: Path) -> None:
    features = matrix("python")
    place = workspace("python", features, tmp_path)

    run(place, "ruff", "check")
    run(place, "ruff", "format", "--check")
    run(place, "mypy")
    assert passed(place) == expected(features)


@pytest.mark.parametrize("package", ["z", "a_package_with_a_name_as_long_as_may_be"])
def test_layout_depends_on_no_name_length(package: str, tmp_path: Path) -> None:
    features = [Feature(slug, answers={"python_package": package}) for slug in (SHORTEST, LONGEST)]
    place = tmp_path / "place"
    plant(stack_template("python", tmp_path / "template"), place, "python", features)

    run(place, "ruff", "check")
    run(place, "ruff", "format", "--check")
    assert passed(place) == expected(features)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with foreign code to which two features were added. Do not write into it."""
    scratch = tmp_path_factory.mktemp("python")
    place = scratch / "host"
    write(place, HOST)
    before = contents(repository(place))

    plant(stack_template("python", scratch / "template"), place, "python", BOTH)

    assert before.items() <= contents(place).items(), "the host's own files are as they were"
    return place


@pytest.mark.parametrize("settings", PYTEST_SETTINGS.values(), ids=PYTEST_SETTINGS)
def test_features_pass_beside_a_hosts_own_tests_and_settings(
    settings: dict[str, str], host: Path, tmp_path: Path
) -> None:
    place = Path(shutil.copytree(host, tmp_path / "host"))
    write(place, settings)

    assert passed(place) == expected(BOTH) + HOST_TESTS


def test_features_are_typed_strictly_beside_untyped_host_code(host: Path) -> None:
    run(host, "mypy", "--strict", "--cache-dir", os.devnull, "src", "tests/orders", "tests/test_runs")


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def contents(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in files_of(folder)}
