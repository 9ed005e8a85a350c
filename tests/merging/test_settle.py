"""The last step of an update, in real repositories with real conflicts in the index."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTLE = ROOT / "extensions" / "settle.py"
ANSWERS = "docs/plan_docs/orders/.copier-answers.yml"
PLAN = "docs/plan_docs/orders/feature-plan.md"

BASE = "# Plan\n\n- [ ] one\n- [ ] two\n"
OURS = "# Plan\n\n- [ ] one\n- [x] two\n"
THEIRS = "# Plan\n\n- [ ] one\n- [ ] new\n- [ ] two\n- [ ] last\n"
MERGED = "# Plan\n\n- [ ] one\n- [ ] new\n- [x] two\n- [ ] last\n"
BASE_APART = BASE.replace("one", "wait for five days")
OURS_APART = OURS.replace("one", "wait for six days")
THEIRS_APART = THEIRS.replace("one", "wait for nine days")


def git(repository: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", *arguments], cwd=repository, input=stdin, capture_output=True, check=True)
    return os.fsdecode(done.stdout)


def run(folder: Path, answers: str = ANSWERS, **environment: str) -> str:
    """Run the step as Copier does and return what it tells; it never fails."""
    command = [sys.executable, str(SETTLE), answers]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stdout) == (0, "")
    return done.stderr


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "Ada")
    git(tmp_path, "config", "user.email", "ada@example.org")
    (tmp_path / "README.md").write_text("# Host\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "start")
    return tmp_path


Content = str | bytes | None


def conflict(repository: Path, path: str, base: Content, ours: Content, theirs: Content) -> Path:
    """Leave a path as an update does that could not merge it by lines."""
    conflicts(repository, {path: (base, ours, theirs)})
    return repository / path


def conflicts(repository: Path, versions: dict[str, tuple[Content, Content, Content]]) -> None:
    """Leave paths committed as the user's, marked in the file, unmerged in the index."""
    sides = {path: [side.encode() if isinstance(side, str) else side for side in v] for path, v in versions.items()}
    for path, (_, ours, _) in sides.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_bytes(ours or b"")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "plan")
    for path, contents in sides.items():
        lines = [f"0 {'0' * 40}\t{path}\0"]
        for stage, content in enumerate(contents, 1):
            if content is not None:
                blob = git(repository, "hash-object", "-w", "--stdin", stdin=content).strip()
                lines.append(f"100644 {blob} {stage}\t{path}\0")
        git(repository, "update-index", "-z", "--index-info", stdin=os.fsencode("".join(lines)))
        merge_by_lines(repository, repository / path, contents[0] or b"", contents[2] or b"")


def merge_by_lines(
    repository: Path,
    ours: Path,
    base: bytes,
    theirs: bytes,
    labels: Sequence[str] = ("before updating", "last update", "after updating"),
) -> None:
    folder = repository / ".git" / "sides"
    folder.mkdir(exist_ok=True)
    (folder / "base").write_bytes(base)
    (folder / "theirs").write_bytes(theirs)
    options = [option for label in labels for option in ("-L", label)]
    subprocess.run(
        ["git", "merge-file", *options, str(ours), str(folder / "base"), str(folder / "theirs")],
        cwd=repository,
        check=False,
    )


def status(repository: Path) -> str:
    return git(repository, "status", "--porcelain", "-z").replace("\0", "\n")


def test_a_settled_plan_ends_as_an_ordinary_modified_file(repository: Path) -> None:
    file = conflict(repository, PLAN, BASE, OURS, THEIRS)
    assert "<<<<<<<" in file.read_text()
    assert run(repository) == f"{PLAN}: merged\n"
    assert file.read_text() == MERGED
    assert status(repository) == f" M {PLAN}\n"


def test_a_true_conflict_stays_unmerged_with_small_markers(repository: Path) -> None:
    file = conflict(repository, PLAN, BASE_APART, OURS_APART, THEIRS_APART)
    told = run(repository)
    assert told.splitlines()[0] == f"{PLAN}: 1 conflict left"
    assert file.read_text() == (
        "# Plan\n\n<<<<<<< before updating\n- [ ] wait for six days\n=======\n- [ ] wait for nine days\n"
        ">>>>>>> after updating\n- [ ] new\n- [x] two\n- [ ] last\n"
    )
    assert status(repository) == f"UU {PLAN}\n"


def test_the_labels_of_the_markers_do_not_matter_and_stay(repository: Path) -> None:
    """Another Copier, or another tool, may write something else behind them."""
    file = conflict(repository, PLAN, BASE_APART, OURS_APART, THEIRS_APART)
    file.write_text(OURS_APART)
    labels = ("what you have", "what was", "what the template has")
    merge_by_lines(repository, file, BASE_APART.encode(), THEIRS_APART.encode(), labels)
    assert run(repository).splitlines()[0] == f"{PLAN}: 1 conflict left"
    assert "<<<<<<< what you have\n- [ ] wait for six days\n" in file.read_text()
    assert "- [ ] wait for nine days\n>>>>>>> what the template has\n- [ ] new\n" in file.read_text()


def test_markers_that_git_has_no_versions_of_are_told(repository: Path) -> None:
    file = conflict(repository, PLAN, BASE_APART, OURS_APART, THEIRS_APART)
    git(repository, "reset", "--quiet")
    before = file.read_bytes()
    assert run(repository) == (
        f"{PLAN}: holds conflict markers, but git has no versions to merge; settle them by hand\n"
    )
    assert file.read_bytes() == before


def test_a_second_run_is_silent_and_changes_nothing(repository: Path) -> None:
    settled, open_one = repository / PLAN, repository / "docs/plan_docs/orders/runbook.md"
    apart = (BASE_APART, OURS_APART, THEIRS_APART)
    conflicts(repository, {PLAN: (BASE, OURS, THEIRS), "docs/plan_docs/orders/runbook.md": apart})
    run(repository)
    before = settled.read_bytes(), open_one.read_bytes(), status(repository)
    assert run(repository) == ""
    assert (settled.read_bytes(), open_one.read_bytes(), status(repository)) == before


def test_what_a_person_made_of_a_conflict_is_left_alone(repository: Path) -> None:
    file = conflict(repository, PLAN, BASE, OURS, THEIRS)
    file.write_text("my own resolution\n")
    assert "edited since" in run(repository)
    assert file.read_text() == "my own resolution\n"
    assert status(repository) == f"UU {PLAN}\n"


def test_only_markdown_of_the_plan_folder_is_touched(repository: Path) -> None:
    elsewhere = ["README.md", "docs/plan_docs/orders/tree.txt", "docs/plan_docs/orders-two/feature-plan.md"]
    conflicts(repository, dict.fromkeys(elsewhere, (BASE, OURS, THEIRS)))
    before = status(repository)
    assert run(repository) == ""
    assert status(repository) == before
    assert before.count("UU ") == 3


@pytest.mark.parametrize("path", ["docs/plan docs/ö & [x]/feature plan.md", "docs/*/ü\t.md"])
def test_paths_may_hold_spaces_wildcards_and_any_letters(repository: Path, path: str) -> None:
    conflict(repository, path, BASE, OURS, THEIRS)
    run(repository, f"{Path(path).parent.as_posix()}/.copier-answers.yml")
    assert (repository / path).read_text() == MERGED
    assert status(repository) == f" M {path}\n"


def test_the_project_may_be_a_folder_of_the_repository(repository: Path) -> None:
    file = conflict(repository, f"services/shop/{PLAN}", BASE, OURS, THEIRS)
    assert run(repository / "services" / "shop") == f"services/shop/{PLAN}: merged\n"
    assert file.read_text() == MERGED
    assert status(repository) == f" M services/shop/{PLAN}\n"


@pytest.mark.parametrize(("base", "theirs"), [(None, THEIRS), (BASE, None)])
def test_a_side_that_is_missing_is_for_a_person(repository: Path, base: str | None, theirs: str | None) -> None:
    file = conflict(repository, PLAN, base, OURS, theirs)
    before = file.read_bytes(), status(repository)
    assert run(repository) == ""
    assert (file.read_bytes(), status(repository)) == before


def test_what_is_no_text_is_left_and_said_so(repository: Path) -> None:
    file = conflict(repository, PLAN, BASE.encode(), OURS.encode() + b"\xff\n", THEIRS.encode())
    before = file.read_bytes()
    assert "not text in UTF-8" in run(repository)
    assert file.read_bytes() == before
    assert status(repository) == f"UU {PLAN}\n"


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")
def test_a_symbolic_link_is_for_a_person(repository: Path) -> None:
    blob = git(repository, "hash-object", "-w", "--stdin", stdin=b"elsewhere.md").strip()
    entries = "".join(f"120000 {blob} {stage}\t{PLAN}\0" for stage in (1, 2, 3))
    git(repository, "update-index", "-z", "--index-info", stdin=entries.encode())
    assert run(repository) == ""
    assert len(git(repository, "ls-files", "--unmerged").splitlines()) == 3


def test_a_checkout_with_windows_line_endings_keeps_them(repository: Path) -> None:
    file = conflict(repository, PLAN, BASE, OURS, THEIRS)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    run(repository)
    assert file.read_bytes() == MERGED.replace("\n", "\r\n").encode()


def test_without_a_conflict_it_says_nothing_and_does_not_even_load_the_merge(repository: Path) -> None:
    command = [sys.executable, "-X", "importtime", str(SETTLE), ANSWERS]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    assert "groundplan" not in done.stderr
    assert "markdown_it" not in done.stderr
    assert run(repository) == ""


def test_outside_a_repository_it_says_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent)) == ""


def test_without_git_it_says_nothing(repository: Path) -> None:
    conflict(repository, PLAN, BASE, OURS, THEIRS)
    assert run(repository, PATH=str(repository)) == ""


def test_a_host_folder_called_groundplan_is_not_imported(repository: Path) -> None:
    conflict(repository, PLAN, BASE, OURS, THEIRS)
    (repository / "groundplan").mkdir()
    (repository / "groundplan" / "__init__.py").write_text("raise SystemExit('imported the wrong folder')\n")
    assert run(repository, PYTHONSAFEPATH="1") == f"{PLAN}: merged\n"


@pytest.mark.parametrize("is_changed", [False, True])
def test_the_merge_is_the_one_beside_it_whatever_is_installed(
    repository: Path, tmp_path: Path, is_changed: bool
) -> None:
    """The same code may come from where it is installed, and compiled; other code may not."""
    clone = Path(shutil.copytree(ROOT / "extensions", tmp_path / "clone", ignore=shutil.ignore_patterns("__pycache__")))
    if is_changed:
        with (clone / "groundplan/merging/nodes.py").open("a") as file:
            file.write("# another version\n")
    conflict(repository, PLAN, BASE, OURS, THEIRS)
    command = [sys.executable, "-v", str(clone / "settle.py"), ANSWERS]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    assert f"{PLAN}: merged" in done.stderr
    folder = clone if is_changed else ROOT / "extensions"
    assert f"{folder}/groundplan/merging/merge.py" in done.stderr


def test_without_markdown_it_it_says_how_to_get_it(repository: Path, tmp_path: Path) -> None:
    """In an interpreter that has nothing but the standard library."""
    conflict(repository, PLAN, BASE, OURS, THEIRS)
    before = status(repository)
    command = [sys.executable, "-S", "-E", str(SETTLE), ANSWERS]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "install markdown-it-py" in done.stderr
    assert status(repository) == before


def test_copier_settles_an_update_with_it(tmp_path: Path) -> None:
    """The whole way: a template of two versions, a user who ticked beside what is new, a real `copier update`."""
    template, project = tmp_path / "template", tmp_path / "project"
    template.mkdir()
    shutil.copytree(ROOT / "extensions", template / "extensions", ignore=shutil.ignore_patterns("__pycache__"))
    (template / "copier.yml").write_text(
        "_subdirectory: template\n"
        f"_answers_file: {ANSWERS}\n"
        "_migrations:\n"
        "  - - '{{ _copier_python }}'\n"
        "    - '{{ _copier_conf.src_path }}/extensions/settle.py'\n"
        "    - '{{ _copier_conf.answers_file }}'\n"
    )
    plan = template / "template" / PLAN
    plan.parent.mkdir(parents=True)
    answers = template / "template" / "{{ _copier_conf.answers_file }}.jinja"
    answers.write_text("{{ _copier_answers | to_nice_yaml -}}\n")
    git(template, "init", "--quiet")
    for version, text in (("v1", BASE), ("v2", THEIRS)):
        plan.write_text(text)
        git(template, "add", ".")
        git(template, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "--quiet", "-m", version)
        git(template, "tag", version)
    copier(tmp_path, "copy", "--trust", "--quiet", "-r", "v1", str(template), str(project))
    (project / PLAN).write_text(OURS)
    git(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "--quiet", "-m", "copied")
    told = copier(project, "update", "--trust", "--defaults", "-a", ANSWERS, "-r", "v2")
    assert f"{PLAN}: merged" in told
    assert (project / PLAN).read_text() == MERGED
    assert status(project) == f" M {ANSWERS}\n M {PLAN}\n"


def copier(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "copier", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stderr
