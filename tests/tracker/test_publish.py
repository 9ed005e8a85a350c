"""Plans in the tracker, by the real `gh` and a fake forge."""

from __future__ import annotations

import re

from support.finished_plans import edit
from support.forge import Call, Reply
from support.german import GERMAN, translate
from support.rendering import commit, git

from .conftest import SLUG, Tracked


def body_of(tracked: Tracked, number: int = 1) -> str:
    return str(tracked.forge.issues[number - 1]["body"])


def test_a_plan_becomes_an_issue_with_labels_milestones_and_people(tracked: Tracked) -> None:
    ended = tracked.publish()

    assert ended.status == 0, ended.errors
    (issue,) = tracked.forge.issues
    assert issue["title"] == "Acme Shop – User profile 2FA Feature Plan"
    assert [label["name"] for label in issue["labels"]] == ["plan", "feature", "documentation"]
    assert [person["login"] for person in issue["assignees"]] == ["jane"]
    assert issue["milestone"] == {"title": "Everyone"}
    assert [(found["title"], found["due_on"][:10]) for found in tracked.forge.milestones] == [
        ("Beta", "2026-03-01"),
        ("Everyone", "2026-05-01"),
    ]
    assert 'issue: "https://github.com/acme/shop/issues/1"\n' in tracked.plan.read_text("utf-8")


def test_the_issue_has_neither_front_matter_nor_comments_and_its_links_lead_to_the_commit(tracked: Tracked) -> None:
    edit(tracked.root, "## Risk Management\n", "## Risk Management\n\n<!-- Say what may go wrong. -->\n")
    edit(tracked.root, "- **G1** Half", "- **G9** [Goal]\n- **G1** Half")
    tracked.push()
    tracked.publish()
    head = git("-C", tracked.root, "rev-parse", "HEAD").strip()

    text = body_of(tracked)

    assert not text.startswith("---")
    assert "[Goal]" not in text
    assert text.count("<!--") == 1 and text.rstrip().endswith("-->")
    pages = re.findall(r"\]\(([^)]+)\)", text)
    assert f"https://github.com/acme/shop/blob/{head}/docs/plan_docs/{SLUG}/architecture.md" in pages
    assert all(page.startswith("https://") for page in pages)
    assert "```mermaid" in text


def test_publishing_twice_changes_nothing_the_second_time(tracked: Tracked) -> None:
    tracked.publish("--tasks", "phases")
    before, calls = tracked.forge.state(), len(tracked.forge.calls)

    again = tracked.publish("--tasks", "phases")

    assert (again.status, again.output.split()[0]) == (0, "current")
    assert tracked.forge.state() == before
    assert not [call for call in tracked.forge.calls[calls:] if call.changes]


def test_only_what_differs_is_changed(tracked: Tracked) -> None:
    tracked.publish()
    edit(tracked.root, "- [ ] Review the flows", "- [x] Review the flows")
    tracked.push()
    calls = len(tracked.forge.calls)

    tracked.publish()

    changes = [(call.method, sorted(call.values)) for call in tracked.forge.calls[calls:] if call.changes]
    assert changes == [("PATCH", ["body"])]
    assert "- [x] Review the flows" in body_of(tracked)


def test_a_dry_run_asks_and_changes_nothing(tracked: Tracked) -> None:
    ended = tracked.publish("--dry-run", "--tasks", "all")

    assert ended.status == 0
    assert "would make the issue" in ended.output
    assert not [call for call in tracked.forge.calls if call.changes]
    assert 'issue: ""\n' in tracked.plan.read_text("utf-8")


def test_what_people_added_in_the_tracker_stays(tracked: Tracked) -> None:
    tracked.publish()
    (issue,) = tracked.forge.issues
    issue["labels"] = [{"name": "urgent"}, *issue["labels"][:1]]
    issue["assignees"] = [{"login": "li"}]
    issue["milestone"] = {"title": "Next sprint"}
    issue["title"] = "Second factor, at last"

    ended = tracked.publish()

    assert [label["name"] for label in issue["labels"]] == ["urgent", "plan", "feature", "documentation"]
    assert [person["login"] for person in issue["assignees"]] == ["li", "jane"]
    assert (issue["milestone"], issue["title"]) == ({"title": "Next sprint"}, "Second factor, at last")
    assert "renamed" in ended.output


def test_an_issue_that_was_edited_by_hand_is_left(tracked: Tracked) -> None:
    tracked.publish()
    issue = tracked.forge.issues[0]
    issue["body"] = issue["body"].replace("- [ ] Review the flows", "- [x] Review the flows")
    edit(tracked.root, "Add the flag", "Add the kill switch")
    tracked.push()

    ended = tracked.publish()

    assert (ended.status, ended.output.split()[0]) == (1, "edited")
    assert "publish --pull" in ended.output
    assert "Add the flag" in issue["body"]


def test_a_pull_takes_ticks_and_words_into_the_plan_and_the_next_run_writes_both(tracked: Tracked) -> None:
    tracked.publish()
    issue = tracked.forge.issues[0]
    issue["body"] = issue["body"].replace("- [ ] Review the flows", "- [x] Review the flows").replace("\n", "\r\n")
    edit(tracked.root, "Add the flag @jane", "Add the kill switch @jane")
    edit(tracked.root, "Review the flows with design", "Review all flows with design")
    tracked.push()

    pulled = tracked.publish("--pull")
    plan = tracked.plan.read_text("utf-8")
    tracked.push()
    published = tracked.publish()

    assert (pulled.status, pulled.output.split()[0]) == (0, "pulled")
    assert "- [x] Review all flows with design @jane" in plan
    assert "Add the kill switch" in plan
    assert published.status == 0, published.output
    assert "- [x] Review all flows with design @jane" in body_of(tracked)
    assert "kill switch" in body_of(tracked)


def test_what_a_pull_brings_has_the_plans_own_links(tracked: Tracked) -> None:
    tracked.publish()
    issue = tracked.forge.issues[0]
    head = git("-C", tracked.root, "rev-parse", "HEAD").strip()
    new = f"- [Stack again](https://github.com/acme/shop/blob/{head}/docs/plan_docs/{SLUG}/tech-stack.md#choices)"
    issue["body"] = issue["body"].replace("- [Sketches]", f"{new}\n- [Sketches]")
    tracked.push()

    tracked.publish("--pull")

    assert "- [Stack again](tech-stack.md#choices)\n- [Sketches]" in tracked.plan.read_text("utf-8")
    changed = git("-C", tracked.root, "diff", "--numstat").split()
    assert changed[:2] == ["1", "0"], git("-C", tracked.root, "diff")


def test_what_both_sides_reworded_is_a_conflict_in_the_plan(tracked: Tracked) -> None:
    tracked.publish()
    issue = tracked.forge.issues[0]
    issue["body"] = issue["body"].replace("A password alone opens no account.", "A password alone opens one account.")
    edit(tracked.root, "A password alone opens no account.", "A password alone opens an account.")
    tracked.push()

    ended = tracked.publish("--pull")

    assert (ended.status, ended.output.split()[0]) == (1, "conflicts")
    assert "<<<<<<< the plan" in tracked.plan.read_text("utf-8")


def test_each_phase_has_a_sub_issue_which_is_closed_with_its_last_task(tracked: Tracked) -> None:
    tracked.publish("--tasks", "phases")
    edit(tracked.root, "- [ ] Review the flows", "- [x] Review the flows")
    tracked.push()
    tracked.publish("--tasks", "phases")

    children = [tracked.forge.issues[number - 1] for number in tracked.forge.children[1]]
    assert children[0]["title"] == "User profile 2FA: Phase 0: Discovery & Alignment"
    assert [child["state"] for child in children] == ["closed", *["open"] * 5]
    assert "- [x] Review the flows" in children[0]["body"]


def test_a_closed_sub_issue_ticks_its_tasks_and_a_tick_in_its_checklist_comes_back(tracked: Tracked) -> None:
    tracked.publish("--tasks", "phases")
    first, second = (tracked.forge.issues[number - 1] for number in tracked.forge.children[1][:2])
    first["state"] = "closed"
    second["body"] = second["body"].replace("- [ ]", "- [x]")
    tracked.push()
    warned = tracked.publish("--tasks", "phases")

    tracked.publish("--pull")

    assert "closed in the tracker" in warned.output
    ticked = re.findall(r"- \[x\] (.*?) @", tracked.plan.read_text("utf-8"))
    assert ticked == ["Review the flows with design", "Add the flag"]


def test_a_reworded_task_keeps_its_sub_issue(tracked: Tracked) -> None:
    tracked.publish("--tasks", "all")
    count = len(tracked.forge.issues)
    edit(tracked.root, "Review the flows with design @jane", "Review all the flows with design @jane")
    tracked.push()

    tracked.publish("--tasks", "all")

    assert len(tracked.forge.issues) == count
    assert tracked.forge.issues[1]["title"] == "Review all the flows with design @jane"


def test_a_task_closed_in_the_tracker_is_ticked_in_the_plan(tracked: Tracked) -> None:
    tracked.publish("--tasks", "all")
    tracked.forge.issues[tracked.forge.children[1][2] - 1]["state"] = "closed"
    tracked.push()

    tracked.publish("--pull")

    assert "- [x] Verify codes (G1) @jane" in tracked.plan.read_text("utf-8")


def test_two_who_publish_at_once_end_with_one_issue(tracked: Tracked) -> None:
    """While ours is being made, somebody else's appears."""

    def somebody_else(call: Call) -> Reply | None:
        if call.method == "POST" and call.path.endswith("/issues"):
            tracked.forge.fault = None
            tracked.forge.answer("POST", call.path, call.values)
        return None

    tracked.forge.fault = somebody_else

    ended = tracked.publish()

    assert ended.status == 0
    assert [issue["state"] for issue in tracked.forge.issues] == ["open", "closed"]
    assert "issues/1" in tracked.plan.read_text("utf-8")


def test_a_plan_that_is_too_long_has_links_in_place_of_its_longest_sections(tracked: Tracked) -> None:
    edit(tracked.root, "A step between password and session.", "A step. " + "It is long. " * 6000)
    tracked.push()

    ended = tracked.publish()

    assert ended.status == 0, ended.output
    assert "Architecture & Design Deltas" in ended.output
    assert len(body_of(tracked)) <= 65_536
    assert "[Read it in the plan](https://" in body_of(tracked)
    assert "Review the flows" in body_of(tracked)


def test_a_plan_in_windows_line_ends_is_the_same_issue_and_keeps_them(tracked: Tracked) -> None:
    tracked.plan.write_bytes(tracked.plan.read_bytes().replace(b"\n", b"\r\n"))
    tracked.push()

    tracked.publish()
    tracked.forge.issues[0]["body"] = body_of(tracked).replace("- [ ] Review", "- [x] Review")
    commit(tracked.root)
    ended = tracked.publish("--pull")

    assert ended.status == 0, ended.output
    content = tracked.plan.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert b"- [x] Review" in content


def test_a_plan_under_its_teams_headings_is_published_by_phases_and_pulled(tracked: Tracked) -> None:
    translate(tracked.root)
    tracked.push()
    assert "User profile 2FA: Etappe 2: Kern" in tracked.publish("--tasks", "phases", "--dry-run").output
    assert not tracked.forge.issues

    tracked.publish("--tasks", "phases")

    names = [f"User profile 2FA: Etappe {number}: {name}" for number, name in enumerate(GERMAN["phases"])]
    assert [issue["title"] for issue in tracked.forge.issues[1:]] == names
    assert "## Risiken" in body_of(tracked)
    tracked.push()
    tracked.forge.issues[3]["state"] = "closed"
    tracked.publish("--pull")
    assert "- [x] Verify codes (G1) @jane" in tracked.plan.read_text("utf-8")
