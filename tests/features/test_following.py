"""`groundplan update --defaults`: what nobody gave follows the team's defaults of today, what somebody gave stays."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.commands import Ended, brief, contents, groundplan, host
from support.rendering import REWORDED, commit, release, snapshot, update_by_command

DEFAULTS = "docs/plan_docs/defaults.yml"
ANSWERS = "docs/plan_docs/{}/.copier-answers.yml"
PLAN = "docs/plan_docs/{}/feature-plan.md"
BEFORE = {
    "project_name": "Acme Shop",
    "owner": "acme/checkout",
    "depth": "standard",
    "labels": ["plan", "acme"],
    "operations": {"monitoring": "The dashboard of the shop", "on_call": "The shop's rota"},
    "testing": {"coverage": "80 % of lines"},
    "supporting_docs": ["runbook"],
}
AFTER = {
    "project_name": "Acme Shop",
    "owner": "acme/checkout-web",
    "labels": ["plan", "acme", "web"],
    "operations": {"monitoring": "The dashboard of the web team", "runbooks": "The handbook"},
    "testing": {"coverage": "90 % of branches"},
    "risks": [{"risk": "The budget is cut", "impact": "low", "likelihood": "low"}],
    "supporting_docs": ["runbook", "architecture"],
}
# As a brief or a person gives them; no more than this is known of a feature.
BRIEF = {"stack": "none", "created": "2026-01-15"}
NAMES = [f"Feature {name}" for name in "one two three four five six seven eight nine ten".split()]
SLUGS = [name.lower().replace(" ", "-") for name in NAMES]


def write_defaults(shop: Path, defaults: Mapping[str, Any]) -> None:
    """Let the team answer something else."""
    (shop / DEFAULTS).write_text(yaml.safe_dump(dict(defaults), allow_unicode=True), "utf-8")


def write_brief(path: Path, **answers: Any) -> Path:
    """Write a brief that says as little as it can."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({**BRIEF, **answers}), "utf-8")
    return path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with two versions."""
    folder = snapshot(tmp_path_factory.mktemp("template") / "groundplan")
    release(folder, "v2.0.0", REWORDED)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """A repository with a team's defaults and ten features, of which the last gave labels and coverage of its own."""
    folder = tmp_path_factory.mktemp("made")
    shop = host(folder / "shop", {DEFAULTS: yaml.safe_dump(BEFORE)})
    for name in NAMES:
        own = {"labels": ["mine"], "testing": {"coverage": "all of it"}} if name == NAMES[-1] else {}
        write_brief(folder / "briefs" / f"{name}.yml", feature_name=name, **own)
    ended = groundplan(shop, "new", folder / "briefs", "--template", template, "--ref", "v1.0.0")
    assert ended.status == 0, ended.output
    commit(shop)
    return shop


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    """The repository, to write into."""
    return Path(shutil.copytree(made, tmp_path / "shop", symlinks=True))


def answers(shop: Path, slug: str) -> dict[str, Any]:
    """Read what Copier remembers of a feature."""
    content: dict[str, Any] = yaml.safe_load((shop / ANSWERS.format(slug)).read_text("utf-8"))
    return content


def changed(ended: Ended) -> dict[str, list[str]]:
    """Return which answers changed, by feature."""
    return {feature["slug"]: feature["answers"] for feature in ended.document["features"]}


def edit(shop: Path, slug: str, number: int) -> None:
    """Work on a plan as people do: tick, answer, add a risk and a section, each feature in words of its own."""
    plan = shop / PLAN.format(slug)
    text = plan.read_text("utf-8")
    for old, new in (
        ("- [ ] Requirements", "- [x] Requirements"),
        ("- **G1** [Goal]", f"- **G1** Goal {number}"),
        ("- **Environments:** [Environment]", f"- **Environments:** staging {number}, production"),
        ("\n## Rollout Plan", f"\n## Our own notes\n\nWritten for feature {number}.\n\n## Rollout Plan"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    plan.write_text(text, "utf-8")


def test_ten_edited_features_follow_with_one_command_and_no_conflict(shop: Path) -> None:
    for number, slug in enumerate(SLUGS):
        edit(shop, slug, number)
    commit(shop)
    write_defaults(shop, AFTER)
    ended = groundplan(shop, "update", "--all", "--defaults", "--ref", ":current:", "--json")
    assert (ended.status, ended.statuses()) == (0, dict.fromkeys(sorted(SLUGS), "updated")), ended.output
    for number, slug in enumerate(SLUGS):
        plan = (shop / PLAN.format(slug)).read_text("utf-8")
        assert 'owner: "acme/checkout-web"' in plan
        assert "The dashboard of the web team" in plan
        assert "The budget is cut" in plan
        assert ("- [x] Requirements" in plan, f"- **G1** Goal {number}\n" in plan) == (True, True)
        assert f"staging {number}, production" in plan
        assert f"Written for feature {number}." in plan
        assert ('"web"' in plan, "90 % of branches" in plan) == (slug != SLUGS[-1], slug != SLUGS[-1])
        assert (shop / f"docs/plan_docs/{slug}/architecture.md").is_file()
    assert (answers(shop, SLUGS[-1])["labels"], answers(shop, SLUGS[-1])["testing"]) == (
        ["mine"],
        {"coverage": "all of it"},
    )


def test_feature_that_followed_is_what_a_new_one_would_be(shop: Path, template: Path, tmp_path: Path) -> None:
    write_defaults(shop, AFTER)
    assert groundplan(shop, "update", "--all", "--defaults").status == 0
    fresh = host(tmp_path / "fresh" / "shop", {DEFAULTS: yaml.safe_dump(AFTER)})
    own = {"labels": ["mine"], "testing": {"coverage": "all of it"}}
    write_brief(tmp_path / "briefs/one.yml", feature_name=NAMES[0])
    write_brief(tmp_path / "briefs/two.yml", feature_name=NAMES[-1], **own)
    assert groundplan(fresh, "new", tmp_path / "briefs", "--template", template).status == 0
    for slug in (SLUGS[0], SLUGS[-1]):
        assert contents(shop / "docs/plan_docs" / slug) == contents(fresh / "docs/plan_docs" / slug)


def test_report_names_the_answers_that_changed_and_a_dry_run_changes_nothing(shop: Path) -> None:
    write_defaults(shop, {**BEFORE, "labels": ["plan"], "kpis": [{"kpi": "Speed"}]})
    before = contents(shop)
    arguments = ("update", SLUGS[0], SLUGS[-1], "--defaults", "--ref", ":current:", "--dry-run")
    ended = groundplan(shop, *arguments, "--json")
    assert changed(ended) == {SLUGS[0]: ["kpis", "labels"], SLUGS[-1]: ["kpis"]}
    assert "changed answers: kpis, labels" in groundplan(shop, *arguments).output
    assert contents(shop) == before


def test_features_that_follow_already_are_current(shop: Path) -> None:
    assert set(
        groundplan(shop, "update", "--all", "--defaults", "--ref", ":current:", "--json").statuses().values()
    ) == {"current"}


def test_a_new_version_and_new_defaults_come_together(shop: Path) -> None:
    write_defaults(shop, {**BEFORE, "labels": ["plan"]})
    ended = groundplan(shop, "update", SLUGS[0], "--defaults", "--json")
    assert (ended.status, changed(ended)) == (0, {SLUGS[0]: ["labels"]}), ended.output
    assert answers(shop, SLUGS[0])["_commit"] == "v2.0.0"
    assert "Reviewers approved" in (shop / PLAN.format(SLUGS[0])).read_text("utf-8")


def test_an_answer_that_the_team_no_longer_gives_goes_back_to_the_templates_own(shop: Path) -> None:
    kept = {name: answer for name, answer in BEFORE.items() if name not in {"depth", "operations", "owner"}}
    write_defaults(shop, kept)
    ended = groundplan(shop, "update", SLUGS[0], "--defaults", "--ref", ":current:", "--json")
    assert changed(ended) == {SLUGS[0]: ["depth", "operations"]}, ended.output
    # Without the team's, an owner would be whoever runs the update.
    assert answers(shop, SLUGS[0])["owner"] == "acme/checkout"
    assert answers(shop, SLUGS[0])["depth"] == "full"
    assert "The dashboard of the shop" not in (shop / PLAN.format(SLUGS[0])).read_text("utf-8")


def test_a_supporting_document_that_a_feature_has_stays(shop: Path) -> None:
    write_defaults(shop, {**BEFORE, "supporting_docs": ["architecture"]})
    assert groundplan(shop, "update", SLUGS[0], "--defaults").status == 0
    assert answers(shop, SLUGS[0])["supporting_docs"] == ["architecture", "runbook"]
    assert (shop / f"docs/plan_docs/{SLUGS[0]}/runbook.md").is_file()


def test_what_code_and_paths_are_made_of_never_follows(shop: Path) -> None:
    write_defaults(
        shop, {**BEFORE, "stack": "go", "layers": ["domain"], "scaffold": False, "go_module": "example.com/x"}
    )
    ended = groundplan(shop, "update", "--all", "--defaults", "--ref", ":current:", "--json")
    assert set(ended.statuses().values()) == {"current"}, ended.output


@pytest.mark.parametrize("by", ["groundplan", "copier"])
def test_what_a_person_gave_since_then_stays(shop: Path, by: str) -> None:
    if by == "copier":
        assert update_by_command(shop, SLUGS[0], "-r", ":current:", "-d", "owner=tom").returncode == 0
    else:
        assert groundplan(shop, "update", SLUGS[0], "--ref", ":current:", "-d", "owner=tom").status == 0
    commit(shop)
    write_defaults(shop, AFTER)
    assert groundplan(shop, "update", SLUGS[0], "--defaults").status == 0
    assert answers(shop, SLUGS[0])["owner"] == "tom"
    assert answers(shop, SLUGS[0])["labels"] == AFTER["labels"]


def test_an_answer_that_is_given_with_it_counts_and_stays(shop: Path) -> None:
    write_defaults(shop, AFTER)
    assert groundplan(shop, "update", SLUGS[0], "--defaults", "-d", "owner=tom").status == 0
    commit(shop)
    assert groundplan(shop, "update", SLUGS[0], "--defaults", "--json").statuses() == {SLUGS[0]: "current"}
    assert answers(shop, SLUGS[0])["owner"] == "tom"


def test_feature_from_before_the_record_keeps_its_answers_and_takes_those_it_lacks(shop: Path) -> None:
    stored = answers(shop, SLUGS[0])
    del stored["from_defaults"]
    (shop / ANSWERS.format(SLUGS[0])).write_text(yaml.safe_dump(stored), "utf-8")
    commit(shop)
    write_defaults(shop, AFTER)
    ended = groundplan(shop, "update", SLUGS[0], "--defaults", "--ref", ":current:", "--json")
    assert changed(ended) == {SLUGS[0]: ["risks"]}
    assert answers(shop, SLUGS[0])["from_defaults"] == ["risks"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("stakc: go\n", "defaults.yml:1: stakc is not a question of this template. Did you mean stack?"),
        ("labels: plan\n", "defaults.yml:1: labels must be a list"),
        ("- a\n", "defaults.yml: It must map question names to answers"),
        (None, "defaults.yml: It does not exist"),
    ],
)
def test_defaults_that_cannot_be_used_change_nothing(shop: Path, text: str | None, reason: str) -> None:
    (shop / DEFAULTS).unlink()
    if text is not None:
        (shop / DEFAULTS).write_text(text, "utf-8")
    before = contents(shop)
    ended = groundplan(shop, "update", "--all", "--defaults")
    assert (ended.status, reason in ended.errors, contents(shop)) == (1, True, before), ended.errors


def test_defaults_that_only_the_template_can_judge_fail_each_feature_with_the_reason(shop: Path) -> None:
    write_defaults(shop, {**BEFORE, "owner": "Jane Doe"})
    before = contents(shop)
    ended = groundplan(shop, "update", SLUGS[0], SLUGS[1], "--defaults", "--json")
    assert set(ended.statuses().values()) == {"failed"}
    assert all("owner" in feature["reason"] for feature in ended.document["features"])
    assert contents(shop) == before


def test_version_without_the_record_is_said(shop: Path, template: Path, tmp_path: Path) -> None:
    old = Path(shutil.copytree(template, tmp_path / "old"))
    text = (old / "copier.yml").read_text("utf-8")
    record = text[text.index("# Which answers nobody gave") : text.index("# Stored last: its presence")]
    release(old, "v3.0.0", {"copier.yml": {record: ""}})
    shop = host(tmp_path / "other", {DEFAULTS: yaml.safe_dump(BEFORE)})
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    assert groundplan(shop, "new", path, "--template", old).status == 0
    commit(shop)
    ended = groundplan(shop, "update", "--all", "--defaults", "--json")
    assert (ended.status, ended.statuses()) == (1, {"saved-carts": "failed"})
    assert "does not store" in ended.document["features"][0]["reason"]


def test_link_to_defaults_elsewhere_in_the_repository_is_followed(shop: Path, tmp_path: Path) -> None:
    (shop / "team.yml").write_text(yaml.safe_dump(AFTER), "utf-8")
    (shop / DEFAULTS).unlink()
    (shop / DEFAULTS).symlink_to("../../team.yml")
    commit(shop)
    path = write_brief(tmp_path / "more.yml", feature_name="Saved carts")
    assert groundplan(shop, "new", path).status == 0
    assert answers(shop, "saved-carts")["labels"] == AFTER["labels"]
