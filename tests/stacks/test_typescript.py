"""The TypeScript tree under the real tools: tsc, vitest and prettier."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from plumbum import local
from support.planting import LONGEST, SHORTEST, Feature, cache, matrix, plant, stack_template, workspace
from support.rendering import ROOT, files_of, repository, run_copier

pytestmark = pytest.mark.stack("typescript")

# What hosts and tests need beside what a generated package.json asks for; Node itself, since a machine's may be older.
TOOLS = {
    "@jest/globals": "30.5.2",
    "@swc/core": "1",
    "@swc/jest": "0.2.39",
    "@types/express": "5.0.6",
    "@types/react": "19.3.3",
    "@types/react-dom": "19.3.0",
    "@vitejs/plugin-react": "6.1.2",
    "express": "5.3.0",
    "jest": "30.5.2",
    "node": "24",
    "prettier": "3.10.1",
    "react": "19.3.1",
    "react-dom": "19.3.1",
    "vite": "8.3.8",
}
RUNNERS = ("vitest", "jest", "@jest", "tsx")
E2E_TESTS = {"an item is found and listed once it was created", "the feature is hidden while its flag is off"}
FORMS = [
    {"web_framework": framework, "typescript_test_runner": runner, "typescript_ui": ui}
    for framework, runner, ui in (
        ("fetch", "vitest", "html"),
        ("express", "jest", "react"),
        ("fetch", "node", "html"),
        ("express", "node", "html"),
    )
]
BOTH = [Feature("orders"), Feature("user-profile-2fa", ("domain", "ui"))]


@dataclass(frozen=True)
class Host:
    """A repository with foreign code: its files, and what relative imports must end in there."""

    suffix: str
    files: Mapping[str, str]


# A front end: resolves modules as bundlers do, has no types of Node, and lets no test reach the network.
FRONT_END = Host(
    "",
    {
        "package.json": '{"private": true, "type": "module", "devDependencies": {"typescript": "7", "vitest": "5"}}\n',
        "tsconfig.json": """{
  // "allowImportingTsExtensions": true would need another bundler
  "compilerOptions": {
    "target": "ES2020",
    "lib": ["dom", "dom.iterable", "ES2020"],
    "module": "esnext",
    "moduleResolution": "Bundler", /* as vite does */
    "types": [],
    "strict": true,
    "noPropertyAccessFromIndexSignature": true,
    "isolatedModules": true,
    "skipLibCheck": true,
    "noEmit": true,
  },
  "include": ["src"],
}
""",
        "vitest.config.ts": """import { defineConfig } from 'vitest/config';
export default defineConfig({
  test: { globals: true, setupFiles: './src/setup.ts', exclude: ['**/node_modules/**', '**/e2e/**'] },
});
""",
        "src/setup.ts": """import { beforeAll, vi } from 'vitest';
beforeAll(() => {
  vi.stubGlobal('fetch', () => Promise.reject(new Error('no network in tests')));
});
""",
        "src/host.test.ts": "import { expect, test } from 'vitest';\ntest('host', () => expect(1).toBe(1))\n",
        ".prettierrc": '{ "singleQuote": true }\n',
    },
)
# A service: compiled by tsc to ES modules that Node runs.
SERVICE = Host(
    ".js",
    {
        "package.json": '{"private": true, "type": "module", "devDependencies": {"typescript": "7", "vitest": "5"}}\n',
        "tsconfig.json": """{
  "compilerOptions": {
    "target": "es2022",
    "module": "node16",
    "types": ["node"],
    "strict": true,
    "rootDir": "src",
    "outDir": "build",
    "declaration": true,
    "isolatedDeclarations": true,
    "skipLibCheck": true
  },
  "include": ["src"],
  "exclude": ["**/*.test.ts"]
}
""",
        "src/host.test.ts": "import { expect, test } from 'vitest';\ntest('host', () => expect(1).toBe(1))\n",
    },
)


def tools() -> Path:
    """Install what a generated package.json asks for, and the tools, once; return the folder node_modules."""
    (template,) = (ROOT / "stacks/typescript").glob("*package.json*")
    manifest = json.loads(template.read_text("utf-8"))
    wanted = json.dumps({"private": True, "devDependencies": {**manifest["devDependencies"], **TOOLS}})
    place = cache("typescript") / f"tools-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    if not place.exists():
        # Tests run side by side: each installs for itself, and the first to be ready is kept.
        scratch = Path(tempfile.mkdtemp(dir=place.parent))
        (scratch / "package.json").write_text(wanted)
        run(
            scratch,
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--legacy-peer-deps",
            "--loglevel=error",
        )
        with suppress(OSError):
            scratch.rename(place)
        shutil.rmtree(scratch, ignore_errors=True)
    return place / "node_modules"


def run(folder: Path, command: str, *arguments: str, **environment: str) -> str:
    """Run a command in a folder, by the Node of its tools; return what it printed, fail with that if it fails."""
    path = f"{folder / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    with local.cwd(folder), local.env(PATH=path, NO_COLOR="1", **environment):
        code, out, err = local[command].run(arguments, retcode=None)
    assert code == 0, f"{command} {' '.join(arguments)}\n{out}\n{err}"
    return f"{out}{err}"


def link_tools(repo: Path, without: Sequence[str] = ()) -> Path:
    """Return a repository the tools; return the folder of their commands.

    Args:
        repo: The repository.
        without: Packages that its owners did not install.
    """
    shutil.rmtree(repo / "node_modules", ignore_errors=True)
    (repo / "node_modules").mkdir()
    for tool in tools().iterdir():
        if tool.name not in without:
            (repo / "node_modules" / tool.name).symlink_to(tool, target_is_directory=True)
    return repo / "node_modules" / ".bin"


def passed(repo: Path, bin_: Path, *options: str) -> dict[str, set[str]]:
    """Run all tests of a repository; return the titles of those that passed, by file."""
    report = repo.with_name(f"{repo.name}-tests.json")
    run(repo, str(bin_ / "vitest"), "run", "--reporter=json", f"--outputFile={report}", *options)
    files = json.loads(report.read_text("utf-8"))["testResults"]
    return {
        Path(file["name"]).resolve().relative_to(repo.resolve()).as_posix(): {
            test["fullName"] for test in file["assertionResults"] if test["status"] == "passed"
        }
        for file in files
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Read what git would see of a repository, without what builds leave behind."""
    paths = (path for path in files_of(folder) if path.split("/")[0] not in {"node_modules", "build", "dist", ".tmp"})
    return {path: (folder / path).read_bytes() for path in paths}


def make(host: Host, repo: Path) -> dict[str, bytes]:
    """Write a host repository; return its files."""
    for path, text in host.files.items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_text(text)
    repository(repo)
    return contents(repo)


def e2e(slug: str) -> str:
    return f"tests/{slug}/{slug}.e2e.test.ts"


def unit(slug: str) -> str:
    return f"tests/{slug}/item.test.ts"


def wiring() -> str:
    """Return the program of the reference's section on TypeScript."""
    section = (ROOT / "docs/reference/stacks.md").read_text("utf-8").split("\n## typescript\n")[1].split("\n## ")[0]
    (program,) = re.findall(r"```ts\n(.*?)```", section, re.DOTALL)
    return str(program)


def test_every_shape_and_name_builds_passes_and_is_clean(tmp_path: Path) -> None:
    features = matrix("typescript")
    place = workspace("typescript", features, tmp_path)
    bin_ = link_tools(place)

    kept = ("--cache", "--cache-strategy", "content", "--cache-location", str(cache("typescript") / "prettier"))
    run(place, str(bin_ / "tsc"), "--incremental", "--tsBuildInfoFile", str(cache("typescript") / "tsbuildinfo"))
    run(place, str(bin_ / "prettier"), *kept, "--check", "src", "tests", "package.json", "tsconfig.json")
    # Hundreds of small files: a fresh worker for each would take ten times as long.
    tests = passed(place, bin_, "--no-isolate", "--pool=threads")

    for feature in features:
        assert len(tests[unit(feature.slug)]) == 4
        assert tests.get(e2e(feature.slug), set()) >= (E2E_TESTS if "api" in feature.layers else set())


@pytest.mark.parametrize("host", [FRONT_END, SERVICE], ids=["front end", "service"])
def test_host_with_its_own_settings_builds_beside_two_features(template: Path, tmp_path: Path, host: Host) -> None:
    before = make(host, tmp_path)

    plant(template, tmp_path, "typescript", BOTH)
    after = contents(tmp_path)
    bin_ = link_tools(tmp_path)
    run(tmp_path, str(bin_ / "tsc"))
    tests = passed(tmp_path, bin_)

    assert before.items() <= after.items()
    assert f'"./domain/item{host.suffix}"' in after["src/features/orders/index.ts"].decode()
    assert tests["src/host.test.ts"] == {"host"}
    assert tests[e2e("orders")] >= E2E_TESTS
    assert len(tests[unit("user-profile-2fa")]) == 4


def test_wiring_of_the_reference_runs_under_plain_node(template: Path, tmp_path: Path) -> None:
    make(SERVICE, tmp_path)
    plant(template, tmp_path, "typescript", [Feature("orders"), Feature("wish-list")])
    (tmp_path / "src" / "server.ts").write_text(wiring())
    bin_ = link_tools(tmp_path)
    ask = """
        import { fetch } from "./build/server.js";
        for (const name of ["orders", "wish-list"]) {
            const answer = await fetch(new Request(`http://localhost/api/${name}`));
            console.log(answer.status);
        }
    """

    run(tmp_path, str(bin_ / "tsc"))
    off = run(tmp_path, "node", "--input-type=module", "--eval", ask)
    on = run(tmp_path, "node", "--input-type=module", "--eval", ask, ORDERS_ENABLED="1")

    assert (off.split(), on.split()) == (["404", "404"], ["200", "404"])


# ------------------------------------------------------------------------------------------------- hosts of each kind

# As `npm create vite -- --template react-ts` makes it, but for pictures and styles.
VITE = {
    "package.json": """{
  "name": "app",
  "private": true,
  "type": "module",
  "scripts": { "build": "tsc -b && vite build" },
  "dependencies": { "react": "^19.3.1", "react-dom": "^19.3.1" },
  "devDependencies": {
    "@types/node": "^24.19.2",
    "@types/react": "^19.3.0",
    "@types/react-dom": "^19.3.0",
    "@vitejs/plugin-react": "^6.1.2",
    "typescript": "~7.0.2",
    "vite": "^8.3.4"
  }
}
""",
    "index.html": '<div id="root"></div><script type="module" src="/src/main.tsx"></script>\n',
    "tsconfig.json": '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }\n',
    "tsconfig.app.json": """{
  "compilerOptions": {
    "tsBuildInfoFile": "./.tmp/tsconfig.app.tsbuildinfo",
    "target": "es2023",
    "lib": ["ES2023", "DOM"],
    "module": "esnext",
    "types": ["vite/client"],
    "skipLibCheck": true,

    /* Bundler mode */
    "moduleResolution": "bundler",
    "allowImportingTsExtensions": true,
    "verbatimModuleSyntax": true,
    "moduleDetection": "force",
    "noEmit": true,
    "jsx": "react-jsx",

    /* Linting */
    "noUnusedLocals": true,
    "noUnusedParameters": true,
    "erasableSyntaxOnly": true,
    "noFallthroughCasesInSwitch": true
  },
  "include": ["src"]
}
""",
    "vite.config.ts": """import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({ plugins: [react()] })
""",
    "src/main.tsx": """import { createRoot } from 'react-dom/client'

createRoot(document.getElementById('root')!).render(<h1>Host</h1>)
""",
}
# CommonJS, with tests beside the code.
EXPRESS = {
    "package.json": """{
  "private": true,
  "scripts": { "build": "tsc", "test": "jest src" },
  "dependencies": { "express": "^5.3.0" },
  "devDependencies": { "@swc/jest": "*", "@types/express": "*", "jest": "*", "typescript": "*" }
}
""",
    "tsconfig.json": """{
  "compilerOptions": {
    "target": "es2022", "module": "commonjs", "moduleResolution": "bundler", "esModuleInterop": true, "strict": true,
    "types": ["node", "jest"], "skipLibCheck": true, "rootDir": "src", "outDir": "build"
  },
  "include": ["src"], "exclude": ["**/*.test.ts"]
}
""",
    "jest.config.js": "module.exports = { transform: { '^.+[.]tsx?$': '@swc/jest' } };\n",
    "src/app.ts": """import express from "express";
// imports

export const app = express();
app.get("/", (_request, response) => {
  response.send("home");
});
// features
""",
    "src/app.test.ts": """import { app } from "./app";

test("there is an app", () => expect(app).toBeDefined());
""",
}
# Its build compiles everything, and nothing runs tests.
BARE = {
    "package.json": """{
  "private": true,
  "type": "module",
  "scripts": { "build": "tsc" },
  "devDependencies": { "@types/node": "*", "typescript": "*" }
}
""",
    "tsconfig.json": """{
  "compilerOptions": {
    "target": "es2023", "module": "nodenext", "types": ["node"], "strict": true, "skipLibCheck": true,
    "allowImportingTsExtensions": true, "noEmit": true,
  },
}
""",
    "main.ts": 'console.log("host");\n',
}


# As Nest's own generator lays a service out: the build takes in every folder, jest knows tests in src by their suffix.
NEST = {
    "package.json": """{
  "private": true,
  "scripts": { "build": "tsc -p tsconfig.build.json", "start:prod": "node dist/main", "test": "jest" },
  "devDependencies": { "@swc/jest": "*", "@types/jest": "*", "jest": "*", "typescript": "*" },
  "jest": {
    "moduleFileExtensions": ["js", "json", "ts"], "rootDir": "src", "testRegex": ".*\\\\.spec\\\\.ts$",
    "transform": { "^.+\\\\.(t|j)s$": "@swc/jest" }, "testEnvironment": "node"
  }
}
""",
    "tsconfig.json": """{
  "compilerOptions": {
    "module": "nodenext", "moduleResolution": "nodenext", "target": "ES2023", "isolatedModules": true,
    "declaration": true, "rootDir": "./src", "outDir": "./dist", "skipLibCheck": true, "strictNullChecks": true,
    "types": ["node"]
  }
}
""",
    "tsconfig.build.json": """{
  "extends": "./tsconfig.json", "exclude": ["node_modules", "test", "dist", "**/*spec.ts"]
}
""",
    "src/main.ts": "import { greeting } from './greeting';\n\nconsole.log(greeting());\n",
    "src/greeting.ts": "export const greeting = (): string => 'hello';\n",
    "src/greeting.spec.ts": "import { expect, test } from '@jest/globals';\nimport { greeting } from './greeting';\n\n"
    "test('greets', () => expect(greeting()).toBe('hello'));\n",
}


@dataclass(frozen=True)
class Kind:
    """A kind of host.

    Attributes:
        files: Its files.
        form: What a feature has there, by the ends of paths.
        checks: The host's own build and tests.
        tests: The command that runs the feature's tests.
    """

    files: Mapping[str, str]
    form: tuple[str, ...]
    checks: tuple[str, ...]
    tests: str


KINDS = {
    "Vite react-ts": Kind(
        VITE,
        ("api/router.ts", "ui/item-list.tsx", "item-list.test.tsx"),
        ("npm run build",),
        "npx --no vitest run tests/orders",
    ),
    "Express with jest": Kind(
        EXPRESS,
        ("api/router.ts", "ui/page.ts", "page.test.ts"),
        ("npm run build", "npm test"),
        "npx --no jest tests/orders",
    ),
    "Nest": Kind(
        NEST,
        ("api/router.ts", "ui/page.ts", "tests/page.spec.ts"),
        ("npm run build", "npm run start:prod", "npm test"),
        "npx --no jest src/features/orders/tests",
    ),
    "no runner, tests compiled": Kind(
        BARE,
        ("api/router.ts", "ui/page.ts", "page.test.ts"),
        ("npm run build",),
        "node --test tests/orders/*.test.ts",
    ),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_feature_is_at_home_in_a_host(template: Path, tmp_path: Path, kind: Kind) -> None:
    repo = tmp_path / "host"
    before = make(Host("", kind.files), repo)
    # Nothing is installed that the host did not have.
    link_tools(repo, without=[name for name in RUNNERS if name.strip("@") not in kind.files["package.json"]])
    for check in kind.checks:
        run(repo, *check.split())

    plant(template, repo, "typescript", BOTH)

    made = contents(repo)
    assert before.items() <= made.items()
    assert [path for path in kind.form if not any(name.endswith(f"orders/{path}") for name in made)] == []
    for check in kind.checks:
        run(repo, *check.split())
    link_tools(repo)
    run(repo, *kind.tests.split())


def test_two_features_are_mounted_in_an_express_host(template: Path, tmp_path: Path) -> None:
    make(Host("", EXPRESS), tmp_path)
    plant(template, tmp_path, "typescript", [Feature("orders"), Feature("wish-list")])
    names = {"orders": "orders", "wishList": "wish-list"}
    imports = "".join(f'import * as {name} from "./features/{slug}/api/feature";\n' for name, slug in names.items())
    mounts = "".join(f"app.use({name}.createFeature(process.env));\n" for name in names)
    app = EXPRESS["src/app.ts"].replace("// imports\n", imports).replace("// features\n", mounts)
    (tmp_path / "src/app.ts").write_text(app)
    link_tools(tmp_path)
    run(tmp_path, "npm", "run", "build")
    ask = """
        const server = require("./build/app.js").app.listen(0, "127.0.0.1", async () => {
            const url = `http://127.0.0.1:${server.address().port}`;
            const made = await fetch(`${url}/api/orders`, { method: "POST", body: '{"name": "first"}' });
            const found = await fetch(url + (made.headers.get("location") ?? "/api/orders/1"));
            const other = await fetch(`${url}/api/wish-list`);
            const home = await fetch(url);
            console.log(made.status, found.status, other.status, home.status);
            server.close();
            server.closeAllConnections();
        });
    """

    assert run(tmp_path, "node", "--eval", ask).split() == ["404", "404", "404", "200"]
    assert run(tmp_path, "node", "--eval", ask, ORDERS_ENABLED="1").split() == ["201", "200", "404", "200"]
    both = {"ORDERS_ENABLED": "true", "WISH_LIST_ENABLED": "true"}
    assert run(tmp_path, "node", "--eval", ask, **both).split() == ["201", "200", "200", "200"]


def test_javascript_without_typescript_gets_documents_alone(template: Path, tmp_path: Path) -> None:
    files = {
        "package.json": '{"scripts": {"test": "jest"}, "devDependencies": {"jest": "*"}}\n',
        "sum.test.js": "test('sum', () => expect(1 + 1).toBe(2));\n",
    }
    before = make(Host("", files), tmp_path)
    link_tools(tmp_path)
    run(tmp_path, "npm", "test")

    told = run_copier(
        "copy", "--trust", "--defaults", "-d", "feature_name=Orders", "-d", "owner=jane", template, tmp_path
    )

    assert told.returncode == 0, told.stderr
    made = contents(tmp_path)
    assert before.items() <= made.items()
    assert [path for path in made.keys() - before.keys() if not path.startswith("docs/")] == []
    run(tmp_path, "npm", "test")


@pytest.mark.parametrize("answers", FORMS, ids=lambda answers: "-".join(answers.values()))
@pytest.mark.parametrize("suffix", ["", ".js", ".ts"])
def test_each_form_is_formatted_whatever_the_name(tmp_path: Path, answers: Mapping[str, str], suffix: str) -> None:
    given = {**answers, "typescript_import_suffix": suffix}
    features = [Feature(slug, answers=given) for slug in (SHORTEST, LONGEST)]
    plant(stack_template("typescript", tmp_path / "template"), tmp_path / "place", "typescript", features)
    link_tools(tmp_path / "place")

    run(tmp_path / "place", "prettier", "--check", "src", "tests")
