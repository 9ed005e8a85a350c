"""The TypeScript tree under the real tools: tsc, vitest and prettier."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from plumbum import local
from support.planting import Feature, cache, matrix, plant, workspace
from support.rendering import ROOT, files_of, repository

pytestmark = pytest.mark.stack("typescript")

PRETTIER = "3.10.1"
E2E_TESTS = {"an item is listed once it was created", "the feature is hidden while its flag is off"}
BOTH = [Feature("orders"), Feature("user-profile-2fa", ("domain", "ui"))]


@dataclass(frozen=True)
class Host:
    """A repository with foreign code: its files, and what relative imports must end in there."""

    suffix: str
    files: dict[str, str]


# A front end: resolves modules as bundlers do, has no types of Node, and lets no test reach the network.
FRONT_END = Host(
    "",
    {
        "package.json": '{\n    "name": "front", "private": true, "type": "module"\n}\n',
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
        "package.json": '{"name": "service", "private": true, "type": "module"}\n',
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
    """Install what a generated package.json asks for, and prettier, once; return the folder node_modules."""
    manifest = json.loads((ROOT / "stacks/typescript/package.json.jinja").read_text("utf-8"))
    wanted = json.dumps({"private": True, "devDependencies": {**manifest["devDependencies"], "prettier": PRETTIER}})
    place = cache("typescript") / f"tools-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    if not place.exists():
        # Tests run side by side: each installs for itself, and the first to be ready is kept.
        scratch = Path(tempfile.mkdtemp(dir=place.parent))
        (scratch / "package.json").write_text(wanted)
        run(scratch, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
        with suppress(OSError):
            scratch.rename(place)
        shutil.rmtree(scratch, ignore_errors=True)
    return place / "node_modules"


def run(folder: Path, command: str, *arguments: str) -> str:
    """Run a command in a folder and return what it printed; fail with that if it fails."""
    with local.cwd(folder):
        code, out, err = local[command].with_env(NO_COLOR="1").run(arguments, retcode=None)
    assert code == 0, f"{command} {' '.join(arguments)}\n{out}\n{err}"
    return f"{out}{err}"


def link_tools(repo: Path) -> Path:
    """Give a repository the tools; return the folder of their commands."""
    (repo / "node_modules").unlink(missing_ok=True)
    (repo / "node_modules").symlink_to(tools(), target_is_directory=True)
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
    return {path: (folder / path).read_bytes() for path in files_of(folder)}


def make(host: Host, repo: Path) -> dict[str, bytes]:
    """Write a host repository; return its files."""
    for path, text in host.files.items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_text(text)
    repository(repo)
    return contents(repo)


def e2e(slug: str) -> str:
    return f"tests/{slug}/{slug}.e2e.test.ts"


def wiring() -> str:
    """Give the program of the reference's section on TypeScript."""
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
        assert len(tests[f"src/features/{feature.slug}/domain/item.test.ts"]) == 4
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
    assert len(tests["src/features/user-profile-2fa/domain/item.test.ts"]) == 4


def test_wiring_of_the_reference_runs_under_plain_node(template: Path, tmp_path: Path) -> None:
    make(SERVICE, tmp_path)
    plant(template, tmp_path, "typescript", [Feature("orders")])
    (tmp_path / "src" / "orders.ts").write_text(wiring())
    bin_ = link_tools(tmp_path)
    ask = (
        'import { orders } from "./build/orders.js";'
        'const answer = await orders(new Request("http://localhost/api/orders"));'
        "console.log(answer.status);"
    )

    run(tmp_path, str(bin_ / "tsc"))
    off = run(tmp_path, "node", "--input-type=module", "--eval", ask)
    on = run(tmp_path, "env", "ORDERS_ENABLED=1", "node", "--input-type=module", "--eval", ask)

    assert (off.strip(), on.strip()) == ("404", "200")
