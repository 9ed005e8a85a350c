"""A team that makes the template its own by answers: it writes in German, by real commands from the first plan on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from groundplan.rendering.sections import SECTIONS, headings_of
from plumbum import local
from support import documents
from support.commands import Ended, brief, groundplan, host
from support.german import GERMAN, NAMES, give_defaults
from support.rendering import answers_of, commit, contents_of, git, release, snapshot, update_by_command

SLUG = "kundenkonto"
FOLDER = f"docs/plan_docs/{SLUG}"
SECOND = {
    "partials/04-scope.jinja": {"Draw the line": "Draw a line"},
    "partials/12-risks.jinja": {"'owner': 'Owner'}": "'owner': 'Owned by'}"},
    "partials/08-implementation.jinja": {"'Finish the documentation',": "'Finish the documentation', 'Try it once',"},
}


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with two versions. Do not write into it."""
    template = snapshot(tmp_path_factory.mktemp("versions") / "groundplan")
    release(template, "v2.0.0", SECOND)
    return template


@pytest.fixture(scope="session")
def made(versions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the team with a plan of each depth, by v1.0.0, committed. Copy it."""
    folder = tmp_path_factory.mktemp("team")
    shop = host(folder / "shop", {"README.md": "Shop\n"})
    give_defaults(shop)
    documents_ = ["feature-brief", "tech-stack", "architecture", "adr", "ux-flows", "runbook"]
    brief(folder / "briefs/a.yml", feature_name="Kundenkonto", depth="full", supporting_docs=documents_)
    brief(
        folder / "briefs/b.yml",
        feature_name="Kurz",
        depth="lite",
        regressions=[{"area": "Kasse", "impact": "leer", "mitigation": "Test"}],
    )
    ended = groundplan(shop, "new", "--brief", folder / "briefs", "--template", versions, "--ref", "v1.0.0")
    assert ended.status == 0, ended.output
    commit(shop)
    return shop


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    """The same to write into."""
    return Path(shutil.copytree(made, tmp_path / "shop", symlinks=True))


def plan_of(shop: Path, slug: str = SLUG) -> str:
    return (shop / f"docs/plan_docs/{slug}/feature-plan.md").read_text("utf-8")


def write(shop: Path, change: Callable[[str], str], slug: str = SLUG) -> None:
    text = plan_of(shop, slug)
    assert change(text) != text
    (shop / f"docs/plan_docs/{slug}/feature-plan.md").write_text(change(text), "utf-8")


def titles(text: str) -> list[str]:
    return [heading.partition(" ")[2] for heading in documents.headings(text)[1:]]


def test_every_heading_of_every_document_bears_the_teams_name(made: Path) -> None:
    for document in SECTIONS:
        (file,) = (made / FOLDER).rglob("0001-*.md" if document == "adr" else f"{document}.md")
        assert set(titles(file.read_text("utf-8"))).isdisjoint(headings_of(document)), document
    assert [f"Etappe {number}: {name}" for number, name in enumerate(GERMAN["phases"])] == [
        title for title in titles(plan_of(made)) if title.startswith("Etappe")
    ]


def test_sections_of_the_team_stand_where_it_put_them(made: Path) -> None:
    for slug in (SLUG, "kurz"):
        found = titles(plan_of(made, slug))
        place = found.index("Risiken")
        assert found[place : place + 3] == ["Risiken", "Datenschutz", "Betriebsrat"]
    text = plan_of(made)
    assert "Die Datenschutzbeauftragte liest" in documents.section(text, "## Datenschutz")
    assert documents.placeholders(documents.section(text, "## Datenschutz")) == ["[Answer]"]
    architecture = (made / FOLDER / "architecture.md").read_text("utf-8")
    assert titles(architecture)[2:4] == ["Datenfluss", "Bedrohungen"]


def test_a_section_is_left_out_unless_the_feature_answers_it(made: Path) -> None:
    assert "Regressionen" not in titles(plan_of(made))
    # A plan of depth lite has none anyway, answered or not.
    assert "Regressionen" not in titles(plan_of(made, "kurz"))


def test_tasks_acceptance_labels_and_assignees_of_the_team_are_added(made: Path) -> None:
    text = plan_of(made)
    assert documents.section(text, "### Etappe 0: Klärung").endswith(
        "- [ ] Datenschutz-Folgenabschätzung prüfen @dsb\n\n"
    )
    assert "- [ ] Der Betriebsrat hat zugestimmt\n" in documents.section(text, "## Abnahme")
    matter = documents.front_matter(text)
    assert (matter["labels"], matter["assignees"]) == (["plan", "feature", "documentation", "planung"], ["jana"])


def test_a_new_plan_is_sound_and_its_tasks_are_counted_by_phase(made: Path) -> None:
    assert groundplan(made, "check", "--strict").status == 0

    (feature, short) = groundplan(made, "status", "--json").document["features"]

    assert [phase["total"] for phase in feature["phases"]] == [4, 3, 4, 4, 4, 5]
    assert (feature["progress"]["total"], short["progress"]["total"]) == (24, 8)


def edited(text: str) -> str:
    """Work at a plan as people do: tick, answer, add, take guidance out."""
    text = text.replace("- [ ] Review the brief", "- [x] Review the brief")
    text = text.replace("| [Risk] | [Impact]", "| Ausfall | low").replace("[Likelihood]", "low")
    text = text.replace("- **Rollback:** [Rollback]", "- **Rollback:** Schalter umlegen")
    text = text.replace("- [Answer]", "- Keine Daten von Kunden")
    text = text.replace("- [ ] Finish the documentation", "- [ ] Finish the documentation\n- [ ] Eigene Aufgabe @me")
    return re.sub(r"<!-- .* -->\n\n", "", text, count=3)


KEPT = ["[x] Review the brief", "Ausfall | low", "Schalter umlegen", "Keine Daten von Kunden", "Eigene Aufgabe @me"]


@pytest.mark.parametrize("way", ["groundplan", "copier"])
def test_a_newer_template_reaches_an_edited_plan(shop: Path, way: str) -> None:
    before = titles(plan_of(shop))
    write(shop, edited)
    commit(shop)

    ended: object = groundplan(shop, "update", "--all") if way == "groundplan" else update_by_command(shop, SLUG)

    text = plan_of(shop)
    assert titles(text) == before, ended
    assert [words for words in [*KEPT, "| Owned by |", "Try it once"] if words not in text] == []
    assert answers_of(shop / FOLDER)["_commit"] == "v2.0.0"


def to_german(shop: Path, slug: str, **answers: object) -> None:
    """Give a feature answers, as a new default of its team does."""
    given = [word for key, value in answers.items() for word in ("-d", f"{key}={yaml.safe_dump(value)}")]
    ended = update_by_command(shop, slug, "-r", "v1.0.0", *given)
    assert ended.returncode == 0, ended.stderr


@pytest.fixture
def english(versions: Path, tmp_path: Path) -> Path:
    """A repository with a plan in English that people have worked at, committed."""
    shop = host(tmp_path / "shop", {"README.md": "Shop\n"})
    source = brief(tmp_path / "brief.yml", feature_name="Kundenkonto", depth="full")
    ended = groundplan(shop, "new", "--brief", source, "--template", versions, "--ref", "v1.0.0")
    assert ended.status == 0, ended.output
    write(shop, lambda text: edited(text).replace("[Area]", "Kasse"))
    commit(shop)
    return shop


def test_an_edited_plan_gets_other_headings_without_a_conflict(english: Path) -> None:
    to_german(english, SLUG, **{key: GERMAN[key] for key in ("headings", "phases", "extra_sections", "extra_tasks")})

    text = plan_of(english)
    wanted = [NAMES[heading] for heading in headings_of("feature-plan")]
    assert [title for title in titles(text) if title in wanted] == wanted
    assert [words for words in KEPT if words not in text] == ["Keine Daten von Kunden"]
    assert "<<<<<<<" not in text
    assert not {"GP108", "GP109", "GP111"} & {
        found["code"] for found in groundplan(english, "check", "--json").document["findings"]
    }


def test_what_people_have_written_in_a_section_stays_when_the_team_leaves_it_out(english: Path) -> None:
    to_german(english, SLUG, leave_out=["Regression Impact Log", "Success Metrics & KPIs"])

    found = titles(plan_of(english))
    assert "Success Metrics & KPIs" not in found
    assert "- Kasse — " in documents.section(plan_of(english), "## Regression Impact Log")


def commit_on(shop: Path, day: str) -> None:
    git("-C", shop, "add", "-A")
    with local.env(GIT_COMMITTER_DATE=f"{day}T12:00:00Z", GIT_AUTHOR_DATE=f"{day}T12:00:00Z"):
        git("-C", shop, "commit", "-q", "-m", day)


def test_history_goes_on_through_other_headings(english: Path) -> None:
    git("-C", english, "checkout", "-q", "--orphan", "again")
    commit_on(english, "2026-01-05")
    for day, name in (("2026-01-12", "Umsetzung"), ("2026-01-19", "Arbeit"), ("2026-01-26", "Ausführung")):
        to_german(english, SLUG, headings={"Implementation Plan": name})
        write(english, lambda text: text.replace("\n- [ ]", "\n- [x]", 1))
        commit_on(english, day)

    (feature,) = groundplan(english, "status", "--history", "--json").document["features"]

    points = [(point["date"], point["done"]) for point in feature["history"]["points"]][:4]
    assert points == [("2026-01-05", 1), ("2026-01-12", 2), ("2026-01-19", 3), ("2026-01-26", 4)]
    assert len({point["total"] for point in feature["history"]["points"]}) == 1


def refused(template: Path, tmp_path: Path, **answers: object) -> Ended:
    shop = host(tmp_path / "shop", {"README.md": "Shop\n"})
    give_defaults(shop, **answers)
    commit(shop)
    before = contents_of(shop)
    ended = groundplan(shop, "new", "--brief", brief(tmp_path / "b.yml", feature_name="X1"), "--template", template)
    assert ended.status == 1
    assert contents_of(shop) == before
    return ended


def test_a_wish_that_does_not_work_is_refused_before_anything_is_written(template: Path, tmp_path: Path) -> None:
    ended = refused(template, tmp_path, extra_sections=[{"heading": "Risiken", "after": "Ziele"}])

    assert "is called like a section of ours in feature-plan.md, “Risk Management”" in ended.output + ended.errors


def test_answers_of_the_team_are_data(template: Path, tmp_path: Path) -> None:
    shop = host(tmp_path / "shop", {"README.md": "Shop\n"})
    text = "{{ 7 * 7 }} {% raw %} | a `b` <br>"
    give_defaults(
        shop,
        headings={"Overview": "{{ 7 }} – {% if %} “$x”"},
        extra_sections=[{"heading": "{{ x }}", "guidance": f"Was {text}", "items": [text]}],
        extra_tasks={"phase_1": [text]},
        extra_acceptance=[text],
    )
    ended = groundplan(
        shop, "new", "--brief", brief(tmp_path / "b.yml", feature_name="Data", depth="full"), "--template", template
    )
    assert ended.status == 0, ended.output + ended.errors

    plan = plan_of(shop, "data")
    assert titles(plan)[0] == "{{ 7 }} – {% if %} “$x”"
    assert titles(plan)[-1] == "{{ x }}"
    assert plan.count(text) == 4
    assert groundplan(shop, "check", "--strict").status == 0
