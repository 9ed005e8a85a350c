"""The Python tree under its real tools: ruff, mypy and pytest."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from plumbum import local
from support.planting import LONGEST, SHORTEST, Feature, matrix, plant, stack_template, workspace
from support.rendering import files_of, repository

pytestmark = pytest.mark.stack("python")

TESTS = {"domain": 4, "application": 3, "api": 12, "ui": 1}
FORMS = ("fastapi", "flask", "wsgi")
BOTH = [Feature("orders"), Feature("test-runs")]
# The host's own test files share a name.
HOST = {
    "requirements.txt": "",
    "src/shop/__init__.py": "",
    "src/shop/model.py": "LIMIT = 3\n",
    "tests/unit/test_model.py": "from shop.model import LIMIT\n\n\ndef test_limit():\n    assert LIMIT == 3\n",
}
HOST_TESTS = 1
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


def run(folder: Path, *arguments: str, **environment: str) -> str:
    """Run a Python tool as if by hand in a folder and return what it printed; fail with that if it fails."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    with local.cwd(folder), local.env():
        local.env.clear()
        local.env.update(inherited | environment)
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
    return sum(TESTS[layer] for feature in features for layer in feature.layers)


def test_every_shape_and_name_is_clean_and_passes_in_each_form(tmp_path: Path) -> None:
    forms = cycle(FORMS)
    features = [replace(feature, answers={"web_framework": next(forms)}) for feature in matrix("python")]
    place = workspace("python", features, tmp_path)

    run(place, "ruff", "check")
    run(place, "ruff", "format", "--check")
    run(place, "mypy")
    assert passed(place) == expected(features)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("package", ["z", "a_package_with_a_name_as_long_as_may_be"])
def test_layout_depends_on_no_name_length(package: str, form: str, tmp_path: Path) -> None:
    answers = {"python_package": package, "web_framework": form}
    features = [Feature(slug, answers=answers) for slug in (SHORTEST, LONGEST)]
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


# ------------------------------------------------------------------------------------------------- hosts of each kind


@dataclass(frozen=True)
class WebHost:
    """A small web application of one framework, as its tutorial would have it.

    Attributes:
        files: Its files; the one with `# features` is where features are mounted.
        places: Where the code of the feature orders belongs, and the form of its api.
        mount: How the reference says to mount a feature.
        tests: The command that runs its own tests.
        serve: Code that serves it on `port` until `stop()` is called.
    """

    files: Mapping[str, str]
    places: tuple[str, str]
    mount: str
    serve: str
    tests: tuple[str, ...] = ("pytest", "-q", "-p", "no:cacheprovider")


WSGI = """
from wsgiref.simple_server import make_server
server = make_server("127.0.0.1", 0, application)
port, run, stop = server.server_port, server.serve_forever, server.shutdown
"""
ASGI = """
import socket, uvicorn
server = uvicorn.Server(uvicorn.Config(application, log_level="error"))
listener = socket.create_server(("127.0.0.1", 0))
port, run = listener.getsockname()[1], lambda: server.run([listener])
def stop(): server.should_exit = True
"""
HOSTS = {
    "FastAPI below src": WebHost(
        {
            "pyproject.toml": """\
[project]
name = "acme"
version = "1"
dependencies = ["fastapi", "uvicorn"]
[dependency-groups]
dev = ["pytest"]
[tool.pytest.ini_options]
pythonpath = ["src"]
""",
            "src/acme/__init__.py": "",
            "src/acme/main.py": """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def home() -> str:
    return "home"
# features
""",
            "tests/test_main.py": "from acme import main\n\n\ndef test_home():\n    assert main.home() == 'home'\n",
        },
        ("src/acme/orders", "router"),
        "from acme.{0}.api import router as {0}\napp.include_router({0}.router)\n",
        "import sys; sys.path.insert(0, 'src'); from acme.main import app as application" + ASGI,
    ),
    "Flask in a flat package": WebHost(
        {
            "requirements.txt": "Flask==3.1.3\npytest\n",
            "shop/__init__.py": """\
from flask import Flask


def create_app() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "home")
    # features
    return app
""",
            "tests/test_shop.py": """\
from shop import create_app


def test_home():
    assert create_app().test_client().get("/").text == "home"
""",
            "conftest.py": "",
        },
        ("shop/orders", "blueprint"),
        """\
    from shop.{0}.api import blueprint as {0}
    app.register_blueprint({0}.create_blueprint())
""",
        "from shop import create_app; application = create_app()" + WSGI,
    ),
    "Flask in one module": WebHost(
        {
            "requirements.txt": "flask\npytest\n",
            "app.py": """\
from flask import Flask

app = Flask(__name__)


@app.get("/")
def home() -> str:
    return "home"
# features
""",
            "test_app.py": "from app import home\n\n\ndef test_home():\n    assert home() == 'home'\n",
        },
        ("acme_shop/orders", "blueprint"),
        "from acme_shop.{0}.api import blueprint as {0}\napp.register_blueprint({0}.create_blueprint())\n",
        "from app import app as application" + WSGI,
    ),
    "Django": WebHost(
        {
            "requirements.txt": "Django\n",
            "manage.py": """\
import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
execute_from_command_line(sys.argv)
""",
            "mysite/__init__.py": "",
            "mysite/settings.py": """\
SECRET_KEY = "test"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "mysite.urls"
WSGI_APPLICATION = "mysite.wsgi.application"
""",
            "mysite/urls.py": """\
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse("home"))]
""",
            "mysite/wsgi.py": """\
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
application = get_wsgi_application()
# features
""",
            "mysite/tests.py": """\
from django.test import SimpleTestCase


class HomeTest(SimpleTestCase):
    def test_home(self):
        self.assertEqual(self.client.get("/").content, b"home")
""",
        },
        ("mysite/orders", "wsgi"),
        "from mysite.{0}.api import wsgi as {0}\napplication = {0}.mount(application)\n",
        "from mysite.wsgi import application" + WSGI,
        ("manage", "test"),
    ),
}
ASK = """
import json, threading
from http.client import HTTPConnection
{serve}
thread = threading.Thread(target=run)
thread.start()
def ask(method, path, body=None):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, {{"Content-Type": "application/json"}} if body else {{}})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return [response.status, response.headers["Location"], text.decode()]
try:
    made = ask("POST", "/api/orders", '{{"name": "first"}}')
    print(json.dumps({{
        "home": ask("GET", "/"),
        "made": made,
        "found": ask("GET", made[1] or "/api/orders/1"),
        "other": ask("GET", "/api/test-runs"),
        "openapi": ask("GET", "/openapi.json"),
    }}))
finally:
    stop()
    thread.join()
"""


@pytest.mark.parametrize("kind", HOSTS.values(), ids=HOSTS)
def test_feature_is_at_home_in_a_host(kind: WebHost, template: Path, tmp_path: Path) -> None:
    place = tmp_path / "host"
    write(place, kind.files)
    before = contents(repository(place))
    run(place, *kind.tests)

    plant(template, place, "python", BOTH)

    assert before.items() <= contents(place).items(), "the host's own files are as they were"
    code, form = kind.places
    assert (place / code / "api" / f"{form}.py").is_file()
    assert not (place / "pyproject.toml").exists() or "pyproject.toml" in kind.files
    run(place, *kind.tests)
    run(place, "pytest", "-q", "-p", "no:cacheprovider", "tests/orders", "tests/test_runs")
    run(place, "mypy", "--strict", "--cache-dir", os.devnull, code)

    mount_both(kind, place)
    assert statuses(kind, place) == {"home": 200, "made": 404, "found": 404, "other": 404}
    assert statuses(kind, place, ORDERS_ENABLED="1") == {"home": 200, "made": 201, "found": 200, "other": 404}
    both = {"ORDERS_ENABLED": "true", "TEST_RUNS_ENABLED": "true"}
    assert statuses(kind, place, **both) == {"home": 200, "made": 201, "found": 200, "other": 200}


def test_names_in_a_fastapi_hosts_openapi_document_bear_the_feature(template: Path, tmp_path: Path) -> None:
    kind = HOSTS["FastAPI below src"]
    write(tmp_path, kind.files)
    plant(template, tmp_path, "python", BOTH)
    mount_both(kind, tmp_path)

    document = json.loads(answers(kind, tmp_path)["openapi"][2])

    assert sorted(document["components"]["schemas"]) == [
        *("CreateOrdersItemRequest", "CreateTestRunsItemRequest"),
        *("OrdersItemResponse", "OrdersProblem", "TestRunsItemResponse", "TestRunsProblem"),
    ]
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    identifiers = [operation["operationId"] for operation in operations if operation.get("tags")]
    assert sorted(identifiers) == [
        *("create_orders_item", "create_test_runs_item", "find_orders_item", "find_test_runs_item"),
        *("list_orders_items", "list_test_runs_items"),
    ]


def mount_both(kind: WebHost, place: Path) -> None:
    """Mount the two features where the host's code says so."""
    for path, text in kind.files.items():
        before, mark, after = text.partition("# features\n")
        if mark:
            mounted = "".join(kind.mount.format(name) for name in ("orders", "test_runs"))
            (place / path).write_text(before.rstrip(" ") + mounted + after)


def answers(kind: WebHost, place: Path, **environment: str) -> dict[str, Any]:
    """Serve a host on a real socket and return its answers: status, location and body."""
    (place / "ask.py").write_text(ASK.format(serve=kind.serve))
    answered: dict[str, Any] = json.loads(run(place, "ask", **environment).splitlines()[-1])
    return answered


def statuses(kind: WebHost, place: Path, **environment: str) -> dict[str, int]:
    answered = answers(kind, place, **environment)
    return {name: answer[0] for name, answer in answered.items() if name != "openapi"}


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def contents(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in files_of(folder)}
