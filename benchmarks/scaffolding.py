"""Make and update many features, and compare with what one would use instead.

    python benchmarks/scaffolding.py [--features 100] [--rivals 20] [--loop 5] [--files 20000]

Every tool gets the same work in the same run on the same machine: a feature with a plan, supporting documents and a
Python tree. cookiecutter, hygen, plop, Yeoman and Nx are installed into `.cache/bench` where they are missing; their
templates are the files that Groundplan makes, with the names replaced, so they have less to do. Prints tables and
writes them into `docs/benchmarks.md`, between the markers `scaffolding:begin` and `scaffolding:end`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from report import write_part
from support.rendering import snapshot

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".cache" / "bench"
BIN = Path(sys.executable).parent
PINNED = {
    "cookiecutter": "2.7.1",
    "hygen": "6.2.11",
    "plop": "4.0.5",
    "yo": "7.0.1",
    "yeoman-generator": "8.4.0",
    "nx": "24.0.6",
    "@nx/devkit": "24.0.0",
}
GIT = ("git", "-c", "user.name=Bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false")
ANSWERS = ROOT / "example-brief.yml"


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    seconds: float
    mebibytes: float


@dataclass(frozen=True)
class Row:
    """A line of a table: a tool, what it took for one feature, and its peak memory."""

    tool: str
    per_feature: float
    mebibytes: float
    note: str = ""


@dataclass(frozen=True)
class Name:
    """A feature's name in the forms that a template needs."""

    words: str

    @property
    def forms(self) -> dict[str, str]:
        """Return each form with the variable that rivals call it by."""
        parts = self.words.lower().split()
        return {
            "slug": "-".join(parts),
            "snake": "_".join(parts),
            "pascal": "".join(part.capitalize() for part in parts),
            "upper": "_".join(parts).upper(),
            "words": self.words,
        }


def names(count: int, first: int = 0) -> list[Name]:
    """Make names that are all alike in length."""
    letters = "bcdfghjklmnpqrstvwxz"
    return [
        Name(f"Saved carts {letters[n // 400 % 20]}{letters[n // 20 % 20]}{letters[n % 20]}")
        for n in range(first, first + count)
    ]


def run(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command, measure it, and stop the benchmark when it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, **(environment or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{command[0]} failed:\n{said.read().decode(errors='replace')}")
    return Cost(seconds, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024))


def git(folder: Path, *arguments: str) -> None:
    """Run git."""
    subprocess.run([*GIT, "-C", str(folder), *arguments], check=True, capture_output=True)


def repository(folder: Path, files: int = 0) -> Path:
    """Make a repository with so many files in it."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    for number in range(files):
        place = folder / "old" / f"{number % 200}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.txt").write_text(f"File {number}\n")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Commit everything."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "State")


def template(folder: Path) -> Path:
    """Put the template as it stands into a repository of its own, as v1.0.0; v2.0.0 rewords and adds a few lines."""
    snapshot(folder, "v1.0.0")
    for part, old, new in (
        ("04-scope", "Draw the line", "Draw a line"),
        ("08-implementation", "Phase 1: Foundation", "Phase 1: The Foundation"),
        ("18-acceptance", "- [ ] Stakeholders approved", "- [ ] Somebody read it\n- [ ] Stakeholders approved"),
    ):
        file = folder / "partials" / f"{part}.jinja"
        file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")
    commit(folder)
    git(folder, "tag", "v2.0.0")
    # As in a clone of a published template.
    git(folder, "gc", "--quiet")
    return folder


def write_briefs(folder: Path, features: Sequence[Name]) -> Path:
    """Write the example brief once for each feature."""
    answers = yaml.safe_load(ANSWERS.read_text("utf-8"))
    folder.mkdir(parents=True)
    for feature in features:
        content = yaml.safe_dump({**answers, "feature_name": feature.words}, allow_unicode=True)
        (folder / f"{feature.forms['slug']}.yml").write_text(content, "utf-8")
    return folder


def copier_copy(brief: Path, source: Path) -> list[str | Path]:
    """Write out the command that makes one feature with Copier."""
    switches = ["--trust", "--defaults", "--quiet", "--vcs-ref", "v1.0.0", "--data-file"]
    return [BIN / "copier", "copy", *switches, brief, source, "."]


def groundplan_from(briefs: Path, source: Path) -> list[str | Path]:
    """Write out the command that makes features with Groundplan."""
    return [BIN / "groundplan", "new", "--trust", "--brief", briefs, "--template", source, "--ref", "v1.0.0"]


def groundplan_new(work: Path, source: Path, features: Sequence[Name]) -> Row:
    """Make all features with one command."""
    folder = repository(work / "groundplan")
    briefs = write_briefs(work / "groundplan-briefs", features)
    cost = run(groundplan_from(briefs, source), folder)
    return Row(
        "`groundplan new`",
        cost.seconds / len(features),
        cost.mebibytes,
        "one command, mean of 2; memory without workers",
    )


def copier_loop(work: Path, source: Path, features: Sequence[Name]) -> Row:
    """Make features one after the other with Copier."""
    folder = repository(work / "copier")
    briefs = write_briefs(work / "copier-briefs", features)
    costs = [run(copier_copy(brief, source), folder) for brief in sorted(briefs.iterdir())]
    return median("`copier copy` in a loop", costs)


def median(tool: str, costs: Sequence[Cost]) -> Row:
    """Sum up a loop."""
    seconds = statistics.median(cost.seconds for cost in costs)
    return Row(tool, seconds, max(cost.mebibytes for cost in costs), f"median of {len(costs)}")


def rival_files(folder: Path, variable: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Return the files of a feature with its name replaced by a template's variables."""
    model = names(1)[0]
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if file.is_file() and not path.startswith(".git/"):
            text = file.read_text("utf-8")
            # What another tool would take for its own tags, such as a doubled brace of Python's.
            for tag in ("{{", "}}", "{%", "{#"):
                text = text.replace(tag, " ".join(tag))
            for form, value in model.forms.items():
                path, text = path.replace(value, variable(form)), text.replace(value, variable(form))
            yield path, text


def cookiecutter(work: Path, model: Path, features: Sequence[Name]) -> Row:
    """Make features with cookiecutter."""
    home = TOOLS / "python"
    if not (home / "bin" / "cookiecutter").exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run(
            [home / "bin" / "pip", "install", "--quiet", f"cookiecutter=={PINNED['cookiecutter']}"], check=True
        )
    place = work / "cookiecutter-template"
    for path, text in rival_files(model, lambda form: f"{{{{cookiecutter.{form}}}}}"):
        write(place / "{{cookiecutter.slug}}" / path, text)
    write(place / "cookiecutter.json", str(dict.fromkeys(names(1)[0].forms, "x")).replace("'", '"'))
    folder = repository(work / "cookiecutter")
    costs = [
        run(
            [
                home / "bin" / "cookiecutter",
                "--no-input",
                place,
                *(f"{form}={value}" for form, value in name.forms.items()),
            ],
            folder,
            {"COOKIECUTTER_CONFIG": os.devnull},
        )
        for name in features
    ]
    return median("cookiecutter", costs)


def node_tool(tool: str, *libraries: str) -> Path:
    """Install a tool of npm's, with libraries that its generators use."""
    home = TOOLS / "node"
    if not all((home / "node_modules" / name).exists() for name in (tool, *libraries)):
        home.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--prefix", home, "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([*install, *(f"{name}@{PINNED[name]}" for name in (tool, *libraries))], check=True)
    return home / "node_modules" / ".bin" / tool


def hygen(work: Path, model: Path, features: Sequence[Name]) -> Row:
    """Make features with hygen."""
    program = node_tool("hygen")
    place = work / "hygen-templates" / "feature" / "new"
    for number, (path, text) in enumerate(rival_files(model, lambda form: f"<%= {form} %>")):
        write(place / f"{number}.ejs.t", f"---\nto: {path}\n---\n{text}")
    folder = repository(work / "hygen")
    settings = {"HYGEN_TMPLS": str(work / "hygen-templates"), "HYGEN_OVERWRITE": "1"}
    costs = [run([program, "feature", "new", *flags(name)], folder, settings) for name in features]
    return median("hygen", costs)


def plop(work: Path, model: Path, features: Sequence[Name]) -> Row:
    """Make features with plop."""
    program = node_tool("plop")
    folder = repository(work / "plop")
    place = work / "plop-templates"
    for path, text in rival_files(model, lambda form: f"{{{{{{{form}}}}}}}"):
        write(place / "files" / path.replace("{{{", "{{").replace("}}}", "}}"), text)
    prompts = ", ".join(f"{{type: 'input', name: '{form}', message: '{form}'}}" for form in names(1)[0].forms)
    write(
        place / "plopfile.mjs",
        f"export default (plop) => plop.setGenerator('feature', {{prompts: [{prompts}], actions: [{{type: 'addMany', "
        f"destination: '{folder}', base: 'files', templateFiles: 'files/**', globOptions: {{dot: true}}, force: true, "
        "stripExtensions: []}]});\n",
    )
    costs = [
        run([program, "--plopfile", place / "plopfile.mjs", "feature", "--", *flags(name)], folder) for name in features
    ]
    return median("plop", costs)


def yeoman(work: Path, model: Path, features: Sequence[Name]) -> Row:
    """Make features with Yeoman."""
    node_tool("yo", "yeoman-generator")
    place = work / "generator-feature"
    paths = ejs_files(place / "generators/app/templates", model)
    write(place / "package.json", json.dumps({"name": "generator-feature", "version": "1.0.0", "type": "module"}))
    write(place / "generators/app/index.js", YEOMAN % json.dumps(paths))
    write(place / "run.js", YEOMAN_RUN)
    (place / "node_modules").symlink_to(TOOLS / "node" / "node_modules")
    folder = repository(work / "yeoman")
    commands = [["node", place / "run.js", json.dumps(name.forms)] for name in features]
    return median("Yeoman", [run(command, folder) for command in commands])


# Its environment without its command, which first looks for every generator that is installed.
YEOMAN_RUN = """\
import { createEnv } from 'yeoman-environment';
import Generator from './generators/app/index.js';
const environment = createEnv();
environment.register(Generator, { namespace: 'feature:app',
  resolved: new URL('./generators/app/index.js', import.meta.url).pathname });
await environment.run(['feature:app'], { ...JSON.parse(process.argv[2]), force: true, skipInstall: true });
"""
# A generator as https://yeoman.io/authoring/file-system.html shows one.
YEOMAN = """\
import Generator from 'yeoman-generator';
const paths = %s;
const filled = (text, names) => text.replace(/<%%= (\\w+) %%>/g, (_, name) => names[name]);
export default class extends Generator {
  writing() {
    paths.forEach((path, number) => this.fs.copyTpl(
      this.templatePath(`${number}`), this.destinationPath(filled(path, this.options)), this.options));
  }
}
"""


def nx(work: Path, model: Path, features: Sequence[Name]) -> Row:
    """Make features with a generator of an Nx workspace."""
    program = node_tool("nx", "@nx/devkit")
    folder = work / "nx"
    paths = ejs_files(folder / "tools/feature/files", model)
    write(folder / "package.json", json.dumps({"name": "shop", "private": True}))
    write(folder / "nx.json", "{}")
    write(folder / ".gitignore", "node_modules\n.nx\n")
    (folder / "node_modules").symlink_to(TOOLS / "node" / "node_modules")
    generator = {"factory": "./generator.js", "schema": "./schema.json", "description": "A feature"}
    write(folder / "tools/feature/package.json", json.dumps({"name": "feature", "generators": "./generators.json"}))
    write(folder / "tools/feature/generators.json", json.dumps({"generators": {"new": generator}}))
    properties = {form: {"type": "string"} for form in names(1)[0].forms}
    write(
        folder / "tools/feature/schema.json",
        json.dumps({"$id": "new", "type": "object", "properties": properties}),
    )
    write(folder / "tools/feature/generator.js", NX % json.dumps(paths))
    repository(folder)
    environment = {"NX_DAEMON": "false", "NX_NO_CLOUD": "true"}
    commands = [[program, "generate", "./tools/feature:new", "--no-interactive", *flags(name)] for name in features]
    return median("Nx generator", [run(command, folder, environment) for command in commands])


# A generator as https://nx.dev/docs/extending-nx/local-generators shows one.
NX = """\
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const paths = %s;
const filled = (text, names) => text.replace(/<%%= (\\w+) %%>/g, (_, name) => names[name]);
module.exports = async (tree, names) => {
  paths.forEach((path, number) => tree.write(
    filled(path, names), filled(readFileSync(join(__dirname, 'files', `${number}`), 'utf8'), names)));
};
"""


def ejs_files(folder: Path, model: Path) -> list[str]:
    """Write a feature's files as templates that are called by number; return their paths."""
    files = list(rival_files(model, lambda form: f"<%= {form} %>"))
    for number, (_, text) in enumerate(files):
        write(folder / str(number), text)
    return [path for path, _ in files]


def flags(name: Name) -> Iterator[str]:
    """Write a name's forms as switches."""
    for form, value in name.forms.items():
        yield f"--{form}"
        yield value


def write(file: Path, text: str) -> None:
    """Write a file and its folders."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def made(folder: Path) -> int:
    """Count the files that are not committed."""
    listed = subprocess.run(["git", "-C", folder, "ls-files", "--others"], check=True, capture_output=True, text=True)
    return len(listed.stdout.splitlines())


def making(work: Path, source: Path, options: argparse.Namespace) -> list[str]:
    """Compare tools that make features."""
    features = names(options.features)
    first = groundplan_new(work / "first", source, features)
    rows = [copier_loop(work, source, features[: options.rivals])]
    model = repository(work / "model")
    brief = next(write_briefs(work / "model-brief", features[:1]).iterdir())
    run(copier_copy(brief, source), model)
    rows.append(cookiecutter(work, model, features[: options.rivals]))
    if shutil.which("npm"):
        rows += [tool(work, model, features[: options.rivals]) for tool in (hygen, plop, yeoman, nx)]
    # First and last, so that a machine that changes its pace does so for all.
    last = groundplan_new(work / "last", source, features)
    rows.insert(0, replace(last, per_feature=(first.per_feature + last.per_feature) / 2))
    for tool in ("cookiecutter", "hygen", "plop", "yeoman", "nx"):
        if (work / tool).exists() and made(work / tool) < (made(model) - 1) * options.rivals:
            raise SystemExit(f"{tool} made {made(work / tool)} files, too few to compare")
    ours = rows[0].per_feature
    return [
        f"{options.features} features of {made(model)} files each into one repository, {options.rivals} of them with "
        "each other tool.",
        "",
        "| Tool | One feature (s) | To `groundplan new` | Peak memory (MiB) | |",
        "| --- | ---: | ---: | ---: | --- |",
        *(
            f"| {row.tool} | {row.per_feature:.3f} | {row.per_feature / ours:.1f} | {row.mebibytes:.0f} | {row.note} |"
            for row in rows
        ),
    ]


def one_feature(work: Path, source: Path, options: argparse.Namespace) -> tuple[list[str], float]:
    """Compare a single feature, turn by turn."""
    ours: list[Cost] = []
    theirs: list[Cost] = []
    place = work / "single"
    for number, name in enumerate(names(options.loop, 5000)):
        brief = next(write_briefs(place / f"brief-{number}", [name]).iterdir())
        new = groundplan_from(brief, source)
        copy = copier_copy(brief, source)
        ours.append(run(new, repository(place / f"ours-{number}")))
        theirs.append(run(copy, repository(place / f"theirs-{number}")))
    mine, plain = median("", ours), median("", theirs)
    lines = [
        f"| One `groundplan new` beside one `copier copy` | {mine.per_feature:.2f} | {plain.per_feature:.2f} | "
        f"{mine.per_feature / plain.per_feature:.2f} |",
        f"| Its memory (MiB) | {mine.mebibytes:.0f} | {plain.mebibytes:.0f} | {mine.mebibytes / plain.mebibytes:.2f} |",
    ]
    return lines, plain.per_feature


def edited_features(folder: Path, source: Path, briefs: Path, files: int) -> Path:
    """Make a repository with features whose plans were edited, beside other files."""
    place = repository(folder, files)
    run(groundplan_from(briefs, source), place)
    for plan in place.glob("docs/plan_docs/*/feature-plan.md"):
        text = plan.read_text("utf-8").replace("- [ ] Requirements", "- [x] Requirements")
        plan.write_text(text.replace("## Scope Definition", "Words of our own.\n\n## Scope Definition"), "utf-8")
    commit(place)
    return place


def updating(work: Path, source: Path, options: argparse.Namespace, copy_seconds: float) -> list[str]:
    """Compare updates of edited plans."""
    briefs = write_briefs(work / "update-briefs", names(options.features))
    big = edited_features(work / "big", source, briefs, options.files)
    loop = Path(shutil.copytree(big, work / "loop", symlinks=True))
    small = edited_features(work / "small", source, briefs, 0)
    update = [BIN / "groundplan", "update", "--all", "--trust"]
    answers = sorted(loop.glob("docs/plan_docs/*/.copier-answers.yml"))[: 2 * options.loop]
    # Right before and right after, so that a machine that changes its pace does so for both.
    plain = [updated_and_committed(file, loop) for file in answers[: options.loop]]
    beside_many = run(update, big).seconds
    plain += [updated_and_committed(file, loop) for file in answers[options.loop :]]
    beside_none = run(update, small).seconds
    commit(big)
    current = run(update, big).seconds
    each, other = beside_many / options.features, statistics.median(plain)
    return [
        f"| Updating a plan beside {options.files:,} files; `copier update`, commit (median of {len(plain)}) | "
        f"{each:.2f} | {other:.2f} | {each / other:.2f} |",
        f"| {options.features} updates beside {options.files:,} files and beside none | {beside_many:.1f} | "
        f"{beside_none:.1f} | {beside_many / beside_none:.2f} |",
        f"| {options.features} plans that are current, and one `copier copy` | {current:.2f} | {copy_seconds:.2f} | "
        f"{current / copy_seconds:.2f} |",
    ]


def updated_and_committed(answers: Path, folder: Path) -> float:
    """Update a plan with Copier, commit it, and give the time."""
    start = time.perf_counter()
    run([BIN / "copier", "update", "--trust", "--defaults", "--quiet", "-a", answers.relative_to(folder)], folder)
    commit(folder)
    return time.perf_counter() - start


def machine() -> str:
    """Say where this ran."""
    tools = [f"{tool} {version}" for tool, version in PINNED.items()]
    copier = subprocess.run([BIN / "copier", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    git_version = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    facts = [
        platform.system(),
        platform.machine(),
        f"{os.cpu_count()} processors",
        f"Python {platform.python_version()}",
    ]
    return ", ".join([*facts, git_version, copier, f"Node {node}", *tools])


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--features", type=int, default=100, help="how many features Groundplan makes and updates")
    parser.add_argument("--rivals", type=int, default=20, help="how many of them each other tool makes")
    parser.add_argument("--loop", type=int, default=5, help="how often single commands are repeated")
    parser.add_argument("--files", type=int, default=20_000, help="how many other files the repository has")
    options = parser.parse_args()
    options.rivals = min(options.rivals, options.features)
    options.loop = min(options.loop, options.features)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="groundplan-bench-") as folder:
        work = Path(folder)
        source = template(work / "template")
        table = making(work, source, options)
        pairs, copy_seconds = one_feature(work, source, options)
        pairs += updating(work, source, options, copy_seconds)
    command = " ".join(["python", *(Path(part).name if "/" in part else part for part in sys.argv)])
    lines = [
        f"{machine()}. `{command}`, {time.strftime('%Y-%m-%d')}; load before the run {load:.1f}, after it "
        f"{os.getloadavg()[0]:.1f}; a load above zero before it means that others were at work.",
        "",
        *table,
        "",
        "| | Groundplan (s) | The other (s) | Ratio |",
        "| --- | ---: | ---: | ---: |",
        *pairs,
    ]
    write_part("scaffolding", "Many features", "\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
