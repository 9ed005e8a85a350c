"""What a person is told at the end: lines that can be pasted into a shell, whatever the names hold."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from support.rendering import ANSWERS, commit, copy_project, repository, run_copier

NAME = 'It\'s $(touch x) `id` "of" 7 & more; # !'
NEXT_STEPS = {
    "dotnet": "dotnet new sln --name AcmeShop && dotnet sln add src/SavedCarts.Api/SavedCarts.Api.csproj",
    "python": "python -m pytest tests/saved_carts",
    "typescript": "npx --no vitest run tests/saved-carts",
    "go": "go test ./internal/savedcarts/... ./tests/savedcartse2e",
    "java": "mvn test",
    "rust": "cargo test -p 'saved-carts-*'",
}


def told(template: Path, root: Path, **answers: str) -> list[str]:
    """Copy by command; return the lines that it told, without those of Copier itself."""
    options = [word for key, value in {**ANSWERS, **answers}.items() for word in ("-d", f"{key}={value}")]
    run = run_copier("copy", "--trust", "--defaults", *options, template, root)
    assert run.returncode == 0, run.stderr
    return [line.strip() for line in run.stderr.splitlines()]


def test_the_issue_and_the_branch_can_be_made_by_pasting(template: Path, tmp_path: Path) -> None:
    lines = told(template, tmp_path / "acme", feature_name=NAME, owner="@jane", labels="[plan, 'my team']")
    (issue,) = [line for line in lines if line.startswith("groundplan publish")]
    plan_dir = "docs/plan_docs/it-s-touch-x-id-of-7-more"
    assert shlex.split(issue, comments=True) == ["groundplan", "publish", "it-s-touch-x-id-of-7-more"]
    assert "git switch -c feature/it-s-touch-x-id-of-7-more" in lines
    assert f"copier update --trust --defaults -a {plan_dir}/.copier-answers.yml" in lines


@pytest.mark.parametrize("stack", NEXT_STEPS)
def test_the_next_step_of_each_stack_is_told(template: Path, tmp_path: Path, stack: str) -> None:
    lines = told(template, tmp_path / "acme", feature_name="Saved carts", stack=stack)
    assert [line for line in lines if line.startswith(NEXT_STEPS[stack])]


def test_a_solution_of_the_host_is_named_and_so_is_what_its_program_calls(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "acme"
    root.mkdir()
    (root / "Acme Shop.slnx").write_text("<Solution />\n")
    lines = told(template, root, feature_name="Saved carts", stack="dotnet")
    assert [line for line in lines if line.startswith("dotnet sln 'Acme Shop.slnx' add src/SavedCarts.Api/")]
    (calls,) = [line for line in lines if line.startswith("In Program.cs:")]
    assert all(f"{call}(" in calls for call in ("AddProblemDetails", "AddSavedCartsFeature", "UseStatusCodePages"))


@pytest.mark.parametrize(
    ("stack", "files", "expected"),
    [
        ("rust", {"Cargo.toml": '[workspace]\nmembers = ["core"]\n'}, 'members = [… , "crates/saved-carts-*"]'),
        ("rust", {"Cargo.toml": '[package]\nname = "a"\n'}, 'members = [… , "crates/saved-carts-*"]'),
        ("java", {"pom.xml": "<project/>", "mvnw": ""}, "./mvnw test"),
        ("java", {"build.gradle": "", "gradlew": ""}, "./gradlew test"),
        ("java", {"build.gradle": ""}, "gradle test"),
        ("java", {"pom.xml": "<project/>"}, "Let the build depend on junit-jupiter"),
    ],
)
def test_the_next_step_is_the_hosts_own(
    template: Path, tmp_path: Path, stack: str, files: dict[str, str], expected: str
) -> None:
    root = tmp_path / "acme"
    root.mkdir()
    for path, text in files.items():
        (root / path).write_text(text)
    lines = told(template, root, feature_name="Saved carts", stack=stack)
    assert [line for line in lines if expected in line]


def test_a_workspace_that_takes_up_new_crates_needs_no_line_more(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "acme"
    root.mkdir()
    (root / "Cargo.toml").write_text('[workspace]\nmembers = ["crates/*"]\n')
    lines = told(template, root, feature_name="Saved carts", stack="rust")
    assert not [line for line in lines if "members" in line]


def test_no_next_step_is_told_without_a_tree(template: Path, tmp_path: Path) -> None:
    lines = told(template, tmp_path / "acme", stack="python", scaffold="no")
    following = lines.index("Next:")
    assert [line.split()[0] for line in lines[following + 1 :] if line][:3] == ["git", "groundplan", "groundplan"]


def test_an_update_tells_how_to_see_what_changed_and_what_is_new(template: Path, tmp_path: Path) -> None:
    root = repository(tmp_path / "acme")
    copy_project(template, root, stack="python", scaffold=False)
    commit(root)
    answers_file = "docs/plan_docs/user-profile-2fa/.copier-answers.yml"
    options = ("--trust", "--defaults", "-r", ":current:", "-d", "scaffold=true", "-a", answers_file)
    run = run_copier("update", *options, root)
    assert run.returncode == 0, run.stderr
    assert "See what changed: git diff -- docs/plan_docs/user-profile-2fa" in run.stderr
    assert "Its tree is new. Next:\n  python -m pip install --editable . --group dev\n" in run.stderr
