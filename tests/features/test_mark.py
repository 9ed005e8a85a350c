"""`groundplan mark` changes a plan's status, if the plan would be fine with it, and no other byte."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest
from groundplan.features.mark import Result, mark
from groundplan.plan.guidance import without_guidance
from groundplan.plan.reader import read_plan
from support import documents
from support.commands import groundplan
from support.finished_plans import BRIEF, PLAN, edit
from support.rendering import commit, copy_project, git, repository

SLUG = "user-profile-2fa"
BRIEF_FILE = "docs/plan_docs/user-profile-2fa/feature-brief.md"
DAY = "2026-02-01"
RISK = "| Customers lose their phone | high | medium |"
STATUSES = ("draft", "approved", "in-progress", "released", "archived")


@pytest.fixture
def shop(project: Path) -> Path:
    """A repository with a plan in progress that has no defect."""
    return repository(project)


def bring_to(project: Path, status: str) -> None:
    shown = status.replace("-", " ").capitalize()
    if status != "in-progress":
        edit(project, 'status: "in-progress"', f'status: "{status}"')
        edit(project, "**In progress**", f"**{shown}**")


def changes(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def text_of(project: Path) -> str:
    return (project / PLAN).read_bytes().decode()


def test_a_status_changes_in_two_words_and_no_other_byte(shop: Path) -> None:
    before = text_of(shop)

    ended = groundplan(shop, "mark", SLUG, "archived")

    assert (ended.status, ended.output) == (0, f"{SLUG} marked: in-progress → archived\n")
    assert changes(before, text_of(shop)) == [
        '-status: "in-progress"',
        '+status: "archived"',
        "-**In progress** · jane · `feature/user-profile-2fa`",
        "+**Archived** · jane · `feature/user-profile-2fa`",
    ]


def test_an_approval_says_who_when_and_on_which_commit(shop: Path) -> None:
    git("-C", shop, "config", "user.name", 'Jane "J" Doe')
    bring_to(shop, "draft")
    head = git("-C", shop, "rev-parse", "HEAD").strip()

    assert groundplan(shop, "mark", SLUG, "approved", "--today", DAY).status == 0

    assert read_plan(shop, SLUG).front_matter.approved == ("2026-02-01", 'Jane "J" Doe', head)
    assert list(documents.front_matter(text_of(shop)))[8:11] == ["depends_on", "approved", "accepted"]
    before = text_of(shop)
    git("-C", shop, "config", "user.name", "Li")
    assert groundplan(shop, "mark", PLAN, "approved", "--today", "2026-02-02").status == 0
    assert [line[:10] for line in changes(before, text_of(shop))] == ["-approved:", "+approved:"]


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("line", ['status: "draft"  # so far', "status: draft", "status:   'draft'"])
def test_quotes_comments_line_ends_and_a_byte_order_mark_stay(shop: Path, line: str, ending: str) -> None:
    bring_to(shop, "draft")
    text = text_of(shop).replace('status: "draft"', line).replace("\n", ending)
    (shop / PLAN).write_bytes(("\ufeff" + text).encode())

    assert groundplan(shop, "mark", SLUG, "approved", "--today", DAY).status == 0

    after = text_of(shop)
    assert after.startswith(f"\ufeff---{ending}{line.replace('draft', 'approved')}{ending}")
    expected = text.replace(line, line.replace("draft", "approved")).replace("**Draft**", "**Approved**")
    assert re.sub(r"approved: .*\r?\n", "", after.replace(line.replace("draft", "approved"), "")) == (
        "\ufeff" + expected.replace(line.replace("draft", "approved"), "")
    )


def test_a_plan_with_errors_stays_as_it_is_and_says_them(shop: Path) -> None:
    before = text_of(shop)

    ended = groundplan(shop, "mark", SLUG, "released", "--today", DAY)

    assert ended.status == 1
    assert re.search(rf"{PLAN}:\d+: error GP602 .+\n", ended.output) and "error GP603" in ended.output
    assert ended.output.endswith(f"{SLUG} refused: It would have errors as released. Mend them, or say --anyway.\n")
    assert text_of(shop) == before


def test_anyway_marks_it_and_says_the_errors_still(shop: Path) -> None:
    ended = groundplan(shop, "mark", SLUG, "released", "--today", DAY, "--anyway")

    assert ended.status == 0 and "error GP602" in ended.output
    assert read_plan(shop, SLUG).front_matter.status == "released"


def test_nothing_is_written_by_a_dry_run(shop: Path) -> None:
    before = text_of(shop)

    ended = groundplan(shop, "mark", SLUG, "draft", "--dry-run", "--json")

    (plan,) = ended.document["plans"]
    assert (plan["before"], plan["status"], plan["result"], plan["files"]) == ("in-progress", "draft", "marked", [PLAN])
    assert (ended.document["ok"], ended.document["dry_run"], text_of(shop)) == (True, True, before)


ALLOWED = {
    ("draft", "approved"),
    ("approved", "in-progress"),
    ("in-progress", "approved"),
    ("in-progress", "released"),
    *((status, "draft") for status in STATUSES),
    *((status, "archived") for status in STATUSES),
    *((status, status) for status in STATUSES),
}


@pytest.mark.parametrize("before", STATUSES)
def test_a_status_leads_to_the_next_to_draft_and_to_archived(shop: Path, before: str) -> None:
    bring_to(shop, before)

    for after in STATUSES:
        (outcome,) = mark([SLUG], after, shop, anyway=True, dry_run=True)
        assert (outcome.result is not Result.REFUSED) == ((before, after) in ALLOWED), after
        assert outcome.result is Result.REFUSED or not outcome.reason


def test_of_several_plans_those_that_may_go_go(shop: Path, template: Path) -> None:
    copy_project(template, shop, feature_name="Saved carts", depth="lite", supporting_docs=[])
    bring_to(shop, "draft")
    commit(shop)

    ended = groundplan(shop, "mark", SLUG, "saved-carts", "approved", "--today", DAY, "--json")

    results = {plan["slug"]: plan["result"] for plan in ended.document["plans"]}
    assert (ended.status, results) == (1, {SLUG: "marked", "saved-carts": "refused"})
    assert {plan["slug"]: bool(plan["findings"]) for plan in ended.document["plans"]}["saved-carts"]


@pytest.mark.parametrize("arguments", [(), (SLUG,), (SLUG, "done"), ("approved",), ("unknown", "approved")])
def test_wrong_use_is_one_line(shop: Path, arguments: tuple[str, ...]) -> None:
    ended = groundplan(shop, "mark", *arguments)

    assert (ended.status, ended.output, ended.errors.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("text", ["---\nstatus: [\n---\n", "# No front matter\n", '---\nstatus: "done"\n---\n'])
def test_a_plan_without_a_status_is_refused_untouched(shop: Path, text: str) -> None:
    (shop / PLAN).write_text(text)

    ended = groundplan(shop, "mark", SLUG, "approved", "--anyway")

    assert (ended.status, text_of(shop)) == (1, text)
    assert "has no status that could be changed" in ended.output


@pytest.mark.parametrize("line", ["status: !!str draft", "status: >-\n  draft", "? status\n: draft"])
def test_a_status_in_an_odd_form_is_refused_untouched(shop: Path, line: str) -> None:
    edit(shop, 'status: "in-progress"', line)
    before = text_of(shop)

    ended = groundplan(shop, "mark", SLUG, "archived", "--anyway")

    assert (ended.status, text_of(shop)) == (1, before)
    assert 'Write it as `status: "draft"`' in ended.output


def test_a_plan_that_lacks_another_key_may_still_be_marked_anyway(shop: Path) -> None:
    edit(shop, 'owner: "jane"\n', "")

    refused, marked = (groundplan(shop, "mark", SLUG, "draft", *more) for more in ((), ("--anyway",)))

    assert (refused.status, marked.status) == (1, 0)
    assert "error GP105" in refused.output and read_plan(shop, SLUG).front_matter.status == "draft"


def test_guidance_and_what_nobody_needs_to_answer_go_at_approval(template: Path, tmp_path: Path) -> None:
    answers = {key: value for key, value in BRIEF.items() if key not in ("events", "projects", "users")}
    answers["notes"] = {"assumptions": ["Phones have an authenticator"], "decisions": ["Codes before keys"]}
    folder = copy_project(template, tmp_path, stack="none", **answers)
    plan = folder / "feature-plan.md"
    plan.write_text(plan.read_text("utf-8").replace("- [ ] ", "- [x] "), "utf-8")
    headings = documents.headings(plan.read_text("utf-8"))
    repository(tmp_path)

    ended = groundplan(tmp_path, "mark", SLUG, "approved", "--strip-guidance", "--today", DAY)

    # A section of a document that nobody answered keeps its placeholder: it waits for an answer.
    assert ended.status == 1
    assert re.findall(r"(\S+):\d+: error (GP\d+) ", ended.output) == [(BRIEF_FILE, "GP201")]
    edit(tmp_path, "- [User group]", "- Customers", BRIEF_FILE)
    assert groundplan(tmp_path, "mark", SLUG, "approved", "--strip-guidance", "--today", DAY).status == 0
    text = plan.read_text("utf-8")
    assert "<!--" not in text + (tmp_path / BRIEF_FILE).read_text("utf-8")
    assert "Project board" not in text and "Messages and events" not in text and "Trade-offs" not in text
    assert documents.headings(text) == headings
    assert "\n\n\n" not in text


STRIPPED = (
    ("## A\n\n<!-- Say it. -->\n\n- x\n", "## A\n\n- x\n"),
    ("## A\n\n<!-- markdownlint-disable -->\n\n- x\n", "## A\n\n<!-- markdownlint-disable -->\n\n- x\n"),
    ("## A\n\n- **Usage:** [Usage figure]\n- **What:** it\n", "## A\n\n- **What:** it\n"),
    ("## A\n\n- **Usage:** [Usage figure]\n- [Goal]\n", "## A\n\n- **Usage:** [Usage figure]\n- [Goal]\n"),
    ("## A\n\n- x\n- APIs\n  - [API change]\n\n## B\n", "## A\n\n- x\n\n## B\n"),
    ("## A\n\n- APIs\n  - [API change]\n  - one\n", "## A\n\n- APIs\n  - [API change]\n  - one\n"),
    ("## A\n\n- x\n- **Rollback:** [Rollback]\n", "## A\n\n- x\n- **Rollback:** [Rollback]\n"),
    ("## A\n\n- x\n\n| SLI | T |\n| --- | --- |\n| [SLI] | – |\n\n## B\n", "## A\n\n- x\n\n## B\n"),
    (
        "## A\n\n| R | I |\n| --- | --- |\n| [Risk] | – |\n| b | low |\n",
        "## A\n\n| R | I |\n| --- | --- |\n| b | low |\n",
    ),
    ("## A\n\n- x\n- [Goal](g.md)\n- `[Goal]`\n", "## A\n\n- x\n- [Goal](g.md)\n- `[Goal]`\n"),
)


@pytest.mark.parametrize(("before", "after"), STRIPPED)
def test_what_is_stripped_and_what_stays(before: str, after: str) -> None:
    assert without_guidance(before) == after
    assert without_guidance(after) == after
