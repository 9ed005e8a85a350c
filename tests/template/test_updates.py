"""Features across versions of the template: documents follow it, people's words and code stay, paths are for ever."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import copier
import pytest
from copier.errors import CopierError
from support import documents
from support.planting import ALL_LAYERS
from support.rendering import (
    answers_of,
    commit,
    contents_of,
    copy_project,
    git,
    release,
    repository,
    run_copier,
    snapshot,
    update_by_command,
    update_project,
)

PLAN = "docs/plan_docs/saved-carts/feature-plan.md"
STRUCTURE = "## Project Structure Impact (Planned)"
CODE = "stacks/python/{{ python_dir }}/{{ feature_snake }}/domain/model.py.jinja"
LATER_CODE = "stacks/python/{{ python_dir }}/{{ feature_snake }}/domain/later.py.jinja"


# What the second version of the template says otherwise.
REWORDED = {
    "partials/08-implementation.jinja": {"'Build the domain logic',": "'Design it', 'Build the domain',"},
    "partials/18-acceptance.jinja": {"- [ ] Stakeholders": "- [ ] The budget is known\n- [ ] Stakeholders"},
    "template/{{ plan_dir }}/{% if 'feature-brief' in supporting_docs %}feature-brief.md{% endif %}.jinja": {
        "Say what is better": "Tell what is better"
    },
    CODE: {"import": "# The newer template.\nimport"},
}
# The rules of a version that judges more strictly than the one a feature was made with.
STRICTER = {
    "extensions/groundplan/rendering/naming.py": {
        "NAME_LENGTH = 100": "NAME_LENGTH = 3",
        "SUMMARY_LENGTH = 300": "SUMMARY_LENGTH = 3",
        "SLUG_LENGTH = range(2, 41)": "SLUG_LENGTH = range(2, 4)",
    },
    "extensions/groundplan/rendering/branches.py": {
        "BRANCH_BYTES = 244": "BRANCH_BYTES = 3",
        'TICKET = re.compile(r"': 'TICKET = re.compile(r"never',
        'OWNER = re.compile(r"': 'OWNER = re.compile(r"never',
    },
    "extensions/groundplan/rendering/stack_names.py": {
        'PYTHON_PACKAGE = re.compile(r"': 'PYTHON_PACKAGE = re.compile(r"never',
    },
    "extensions/groundplan/rendering/shapes.py": {
        "LABEL_LENGTH = 50": "LABEL_LENGTH = 3",
        "length=80": "length=3",
        "Text(entry)": 'Text(entry, pattern="never")',
        "pattern=SLUG.pattern": 'pattern="never"',
    },
}


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with two versions, of which the newer rewords a few things and has one more file of code."""
    template = snapshot(tmp_path_factory.mktemp("versions") / "groundplan")
    (template / LATER_CODE).write_text('"""New in the second version."""\n')
    release(template, "v1.1.0", REWORDED)
    return template


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, versions: Path) -> Callable[..., Path]:
    """Make a repository with the feature “Saved carts” of the first version. Copy the result."""
    known: dict[str, Path] = {}

    def make(**answers: Any) -> Path:
        key = repr(answers)
        if key not in known:
            root = tmp_path_factory.mktemp("made") / "acme"
            copy_project(versions, root, "v1.0.0", **{"feature_name": "Saved carts", **answers})
            (root / "README.md").write_text("# Acme\n")
            known[key] = repository(root)
        return known[key]

    return make


@pytest.fixture
def shop(made: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes such a repository for this test alone; it returns the plan folder."""

    def make(**answers: Any) -> Path:
        shutil.copytree(made(**answers), tmp_path / "acme", symlinks=True)
        return tmp_path / "acme/docs/plan_docs/saved-carts"

    return make


@pytest.fixture
def planted(shop: Callable[..., Path]) -> Path:
    """The plan folder of a feature of the first version, with its Python tree."""
    return shop(stack="python")


@pytest.fixture
def documented(shop: Callable[..., Path]) -> Path:
    """The plan folder of a feature of the first version that has no tree yet."""
    return shop(stack="python", scaffold=False)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def changed(root: Path) -> list[str]:
    """List the paths that differ from the last commit."""
    git("-C", root, "add", "-A", "--intent-to-add")
    return str(git("-C", root, "diff", "--name-only")).splitlines()


def without_structure(plan: str) -> str:
    return plan.replace(documents.section(plan, STRUCTURE), "")


# ---------------------------------------------------------------------------------------- documents follow the template


def test_an_unedited_plan_folder_updated_equals_a_fresh_copy(planted: Path, versions: Path, tmp_path: Path) -> None:
    update_project(planted)
    fresh = copy_project(versions, tmp_path / "fresh", feature_name="Saved carts", stack="python")
    updated, wanted = contents_of(planted), contents_of(fresh)
    for files in (updated, wanted):
        del files[".copier-answers.yml"]
        files["feature-plan.md"] = without_structure(files["feature-plan.md"].decode()).encode()
    assert updated == wanted
    assert {**answers_of(planted), "tree": None} == {**answers_of(fresh), "tree": None}


def test_a_second_update_changes_nothing(planted: Path) -> None:
    update_project(planted)
    commit(planted.parents[2])
    update_project(planted)
    assert changed(planted.parents[2]) == []


def test_an_update_touches_nothing_outside_the_plan_folder(planted: Path) -> None:
    root = planted.parents[2]
    source = root / "src/acme_shop/saved_carts"
    edit(source / "domain/model.py", "from dataclasses", "# Ours now.\nfrom dataclasses")
    (source / "domain/repository.py").unlink()
    (root / "pyproject.toml").unlink()
    commit(root)
    before = contents_of(root)
    update_project(planted)
    outside = {path: content for path, content in contents_of(root).items() if not path.startswith("docs/plan_docs/")}
    assert outside == {path: content for path, content in before.items() if not path.startswith("docs/plan_docs/")}
    assert PLAN in changed(root)


def test_an_update_leaves_the_picture_of_a_tree_that_exists(planted: Path) -> None:
    before = documents.section((planted / "feature-plan.md").read_text("utf-8"), STRUCTURE)
    update_project(planted)
    assert documents.section((planted / "feature-plan.md").read_text("utf-8"), STRUCTURE) == before


def test_an_update_follows_the_template_while_there_is_no_tree(documented: Path) -> None:
    update_project(documented)
    drawn = documents.drawn_paths((documented / "feature-plan.md").read_text("utf-8"))
    assert "src/acme_shop/saved_carts/domain/later.py" in drawn


def test_what_people_wrote_stays_beside_what_the_template_changed(planted: Path) -> None:
    plan, brief = planted / "feature-plan.md", planted / "feature-brief.md"
    edit(plan, "- [ ] Build the domain logic", "- [x] Build the domain logic\n- [ ] Our own task (G1) @jane")
    edit(plan, "**G1** [Goal]", "**G1** No line is lost\n- **G2** Carts follow people")
    edit(plan, "- [ ] Risks and regressions", "- [x] Risks and regressions")
    edit(plan, 'status: "draft"', 'status: "approved"')
    edit(brief, "[Problem]", "Carts are lost.\n\nEvery day.")
    commit(planted.parents[2])
    run = update_by_command(planted.parents[2], "saved-carts")
    assert run.returncode == 0, run.stderr
    text = plan.read_text("utf-8")
    assert "<<<<<<<" not in text
    for line in (
        "- [ ] Design it",
        "- [ ] Our own task (G1) @jane",
        "- **G1** No line is lost",
        "- **G2** Carts follow people",
        "- [x] Risks and regressions have owners",
        "- [ ] The budget is known",
        'status: "approved"',
    ):
        assert f"{line}\n" in text
    # The item that a person ticked keeps its tick, whatever the template calls it now.
    assert re.search(r"- \[x\] Build the domain", text)
    assert "Carts are lost.\n\nEvery day.\n" in brief.read_text("utf-8")
    assert "Tell what is better" in brief.read_text("utf-8")


def test_two_features_of_one_repository_are_updated_one_by_one(planted: Path, versions: Path) -> None:
    root = planted.parents[2]
    other = copy_project(versions, root, "v1.0.0", feature_name="Wish list", stack="python")
    commit(root)
    others = contents_of(other)

    assert update_by_command(root, "saved-carts").returncode == 0
    assert contents_of(other) == others
    assert all(path.startswith("docs/plan_docs/saved-carts/") for path in changed(root))

    before_commit = update_by_command(root, "wish-list")
    assert before_commit.returncode == 1
    assert "dirty" in before_commit.stderr
    assert contents_of(other) == others

    commit(root)
    assert update_by_command(root, "wish-list").returncode == 0
    assert all(path.startswith("docs/plan_docs/wish-list/") for path in changed(root))
    assert "- [ ] The budget is known" in (other / "feature-plan.md").read_text("utf-8")


def test_check_update_works_for_one_feature(planted: Path) -> None:
    answers_file = "docs/plan_docs/saved-carts/.copier-answers.yml"
    run = run_copier("check-update", "-a", answers_file, planted.parents[2])
    assert "1.1.0" in run.stdout + run.stderr


# --------------------------------------------------------------------------------------------------------- answers stay


def test_answers_that_a_later_version_would_refuse_are_kept(tmp_path: Path) -> None:
    template = snapshot(tmp_path / "groundplan")
    root = tmp_path / "acme"
    folder = copy_project(
        template,
        root,
        feature_name="Saved carts",
        summary="Carts stay.",
        ticket="SHOP-1",
        stack="python",
        goals=["A goal"],
        labels=["documentation"],
        assignees=["jane"],
        depends_on=["sign-in"],
        adr_title="Keep carts",
        supporting_docs=["adr"],
    )
    repository(root)
    before = answers_of(folder)
    release(template, "v1.1.0", STRICTER)
    with pytest.raises(ValueError, match="Validation error"):
        copy_project(template, tmp_path / "new", feature_name="Saved carts")

    update_project(folder)
    assert answers_of(folder) == {**before, "_commit": "v1.1.0"}
    assert changed(root) == ["docs/plan_docs/saved-carts/.copier-answers.yml"]


def test_a_new_name_changes_titles_and_no_path(planted: Path) -> None:
    before = set(contents_of(planted))
    update_project(planted, feature_name="Carts that stay")
    matter = documents.front_matter((planted / "feature-plan.md").read_text("utf-8"))
    assert matter["title"] == "Acme Shop – Carts that stay Feature Plan"
    assert (matter["slug"], matter["branch"]) == ("saved-carts", "feature/saved-carts")
    assert set(contents_of(planted)) == before


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"feature_slug": "kept-carts"}, "keeps its slug and its folder for ever"),
        ({"plan_dir": "docs/plan_docs/kept-carts"}, "keeps its slug and its folder for ever"),
        ({"plan_dir": "../elsewhere"}, "keeps its slug and its folder for ever"),
        ({"stack": "go"}, "Leave stack as it is: .* generated with stack python"),
        ({"stack": "none"}, "Leave stack as it is: .* generated with stack python"),
        ({"layers": ["domain"]}, r"Leave layers as it is: .* generated with layers \[.*\]"),
        ({"python_package": "shop"}, "Leave python_package as it is: .* generated with python_package acme_shop"),
        ({"scaffold": False}, "Leave scaffold as it is: .* has a tree already"),
        ({"tree": {}}, "Leave tree out"),
        ({"feature_snake": "kept_carts"}, "Leave feature_snake out"),
        ({"supporting_docs": ["feature-brief"]}, r"tech-stack\.md exists, and would be deleted.*git rm"),
    ],
)
def test_a_changed_shape_is_refused_and_nothing_is_written(
    planted: Path, answers: Mapping[str, Any], message: str
) -> None:
    with pytest.raises(CopierError, match=message):
        update_project(planted, **answers)
    assert changed(planted.parents[2]) == []


def test_the_commands_refusal_is_one_line(planted: Path) -> None:
    run = update_by_command(planted.parents[2], "saved-carts", "-d", "feature_slug=kept-carts")
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert run.stderr.strip().splitlines()[-1].startswith("Leave feature_slug and plan_dir as they are")
    assert changed(planted.parents[2]) == []


def test_a_moved_plan_folder_is_refused(planted: Path) -> None:
    root = planted.parents[2]
    git("-C", root, "mv", "docs/plan_docs/saved-carts", "docs/plan_docs/kept-carts")
    commit(root)
    run = update_by_command(root, "kept-carts")
    assert run.returncode == 1
    assert "keeps its slug and its folder for ever" in run.stderr.strip().splitlines()[-1]
    assert changed(root) == []


def test_a_recopy_refuses_another_slug_and_leaves_code_alone(planted: Path) -> None:
    root = planted.parents[2]
    options: dict[str, Any] = {
        "answers_file": "docs/plan_docs/saved-carts/.copier-answers.yml",
        "defaults": True,
        "overwrite": True,
        "quiet": True,
        "unsafe": True,
    }
    with pytest.raises(CopierError, match="keeps its slug and its folder for ever"):
        copier.run_recopy(root, data={"feature_slug": "kept-carts"}, **options)
    assert changed(root) == []

    edit(root / "src/acme_shop/saved_carts/domain/model.py", "from dataclasses", "# Ours now.\nfrom dataclasses")
    commit(root)
    copier.run_recopy(root, **options)
    assert all(path.startswith("docs/plan_docs/saved-carts/") for path in changed(root))


# ------------------------------------------------------------------------------------------------- the tree comes later


def test_the_tree_comes_later_and_keeps_what_people_wrote(documented: Path) -> None:
    root = documented.parents[2]
    edit(documented / "feature-plan.md", "[Goal]", "No line is lost")
    edit(documented / "feature-brief.md", "[Problem]", "Carts are lost.")
    commit(root)
    run = update_by_command(root, "saved-carts", "-r", ":current:", "-d", "scaffold=true")
    assert run.returncode == 0, run.stderr
    plan = (documented / "feature-plan.md").read_text("utf-8")
    assert "- **G1** No line is lost\n" in plan
    assert "Carts are lost.\n" in (documented / "feature-brief.md").read_text("utf-8")
    assert answers_of(documented)["_commit"] == "v1.0.0"
    assert answers_of(documented)["tree"]["paths"] == [
        path for path in documents.drawn_paths(plan) if not path.startswith("docs/")
    ]
    assert all((root / path).is_file() for path in documents.drawn_paths(plan))


def test_the_tree_comes_right_after_an_update_of_the_documents(documented: Path) -> None:
    root = documented.parents[2]
    update_project(documented)
    commit(root)
    update_project(documented, copier.VcsRef.CURRENT, scaffold=True)
    assert (root / "src/acme_shop/saved_carts/domain/later.py").is_file()
    commit(root)
    update_project(documented)
    assert changed(root) == []


def test_a_plan_without_a_stack_gets_one_later(shop: Callable[..., Path]) -> None:
    folder = shop(stack="none")
    update_project(folder, copier.VcsRef.CURRENT, stack="python", scaffold=True)
    plan = (folder / "feature-plan.md").read_text("utf-8")
    assert documents.front_matter(plan)["layers"] == list(ALL_LAYERS)
    assert all((folder.parents[2] / path).is_file() for path in documents.drawn_paths(plan))


def test_a_plan_without_its_tree_may_change_stack_and_layers(documented: Path) -> None:
    update_project(documented, copier.VcsRef.CURRENT, stack="go", layers=["domain"])
    plan = (documented / "feature-plan.md").read_text("utf-8")
    assert [path for path in documents.drawn_paths(plan) if not path.startswith("docs/")] == [
        "internal/savedcarts/domain/item.go",
        "internal/savedcarts/domain/item_test.go",
    ]


def test_a_file_in_the_way_of_a_later_tree_is_named_and_kept(documented: Path) -> None:
    root = documented.parents[2]
    path = "tests/saved_carts/domain/test_saved_carts_model.py"
    (root / path).parent.mkdir(parents=True)
    (root / path).write_text("mine\n")
    commit(root)
    with pytest.raises(CopierError, match=f"^Move it.*: {path} is in the way"):
        update_project(documented, copier.VcsRef.CURRENT, scaffold=True)
    assert changed(root) == []


# ------------------------------------------------------------------------------------------------- supporting documents


def test_a_document_can_be_added_later(planted: Path) -> None:
    kept = ["feature-brief", "tech-stack", "architecture"]
    update_project(planted, copier.VcsRef.CURRENT, supporting_docs=[*kept, "runbook"])
    plan = (planted / "feature-plan.md").read_text("utf-8")
    assert (planted / "runbook.md").is_file()
    assert "runbook.md" in set(documents.links(plan))
    assert "docs/plan_docs/saved-carts/runbook.md" in documents.drawn_paths(plan)


def test_a_document_that_a_person_wrote_before_is_kept_when_it_is_asked_for(planted: Path) -> None:
    (planted / "runbook.md").write_text("# Our runbook\n\nCall Jane.\n")
    commit(planted.parents[2])
    kept = ["feature-brief", "tech-stack", "architecture"]
    update_project(planted, copier.VcsRef.CURRENT, supporting_docs=[*kept, "runbook"])
    runbook = (planted / "runbook.md").read_text("utf-8")
    assert "# Our runbook\n\nCall Jane.\n" in runbook
    assert runbook.endswith("\n")


def test_a_document_is_left_out_once_a_person_removed_it(planted: Path) -> None:
    root = planted.parents[2]
    (planted / "tech-stack.md").unlink()
    commit(root)
    update_project(planted, copier.VcsRef.CURRENT, supporting_docs=["feature-brief", "architecture"])
    plan = (planted / "feature-plan.md").read_text("utf-8")
    assert "tech-stack.md" not in plan
    assert documents.broken_links(planted / "feature-plan.md") == []


def test_a_removed_document_does_not_come_back(planted: Path) -> None:
    (planted / "feature-brief.md").unlink()
    commit(planted.parents[2])
    update_project(planted)
    assert not (planted / "feature-brief.md").exists()


def test_a_decision_record_keeps_its_path_under_another_title(shop: Callable[..., Path]) -> None:
    folder = shop(supporting_docs=["adr"], adr_title="Keep carts")
    update_project(folder, adr_title="Drop carts")
    assert (folder / "adr/0001-keep-carts.md").read_text("utf-8").partition("\n# ")[2].startswith("Drop carts\n")
    commit(folder.parents[2])
    with pytest.raises(CopierError, match=r"adr/0001-keep-carts\.md exists, and would be deleted"):
        update_project(folder, adr_slug="drop-carts")
    assert changed(folder.parents[2]) == []
