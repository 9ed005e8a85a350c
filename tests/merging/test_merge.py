"""The rules of a merge, each by an example, and the command around it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from groundplan.layout import SIZE_LIMIT
from groundplan.merging.files import merge_contents
from groundplan.merging.merge import Conflict, Markers, Merge, merge

KEP = Path(__file__).parents[3] / "shared" / "data" / "kep"


PHASES = "# P\n\n## One\n\n- [ ] write the importer\n- [ ] test the importer\n\n## Two\n\n- [ ] ship it"
MOVED = "# P\n\n## One\n\n- [ ] write the importer\n\n## Two\n\n- [ ] test the importer\n- [ ] ship it"
FIRST = "The importer reads all orders of a day and writes them to the store."
SECOND = "It retries three times when the store is away."

# Each line: what it shows, base, the user's version, the template's, the result.
RULES = [
    ("a ticked item beside a new one", "- [ ] a", "- [x] a", "- [ ] a\n- [ ] b", "- [x] a\n- [ ] b"),
    ("an insertion hangs on its predecessor", "- a\n- b", "- a\n- b\n- own", "- a\n- new\n- b",
     "- a\n- new\n- b\n- own"),
    ("both append: the user's comes first", "- a", "- a\n- own", "- a\n- new", "- a\n- own\n- new"),
    ("both add the same", "- a", "- a\n- b", "- a\n- b\n- c", "- a\n- b\n- c"),
    ("a reworded item keeps its tick", "- [ ] write the tests", "- [x] write the tests", "- [ ] write all the tests",
     "- [x] write all the tests"),
    ("an untouched item that the template dropped goes", "- a\n- b\n- c", "- [x] a\n- b\n- c", "- a\n- c",
     "- [x] a\n- c"),
    ("a ticked item that the template dropped stays", "- [ ] a\n- [ ] b", "- [ ] a\n- [x] b", "- [ ] a",
     "- [ ] a\n- [x] b"),
    ("an item that the user took out does not come back", "- a\n- old text here", "- a\n- own",
     "- a\n- old text there", "- a\n- own"),
    ("nested items follow the same rules", "- a\n  - [ ] b", "- a\n  - [x] b\n- own", "- a\n  - [ ] b\n  - [ ] c",
     "- a\n  - [x] b\n  - [ ] c\n- own"),
    ("another bullet and indentation are kept", "- a\n  - x", "* a\n    * x\n* own", "- a\n  - x\n  - y\n- z",
     "* a\n    * x\n    * y\n* own\n* z"),
    ("numbers follow the template", "1. a\n2. b", "1. a\n2. b now", "1. a\n2. new\n3. b", "1. a\n2. new\n3. b now"),
    ("filled placeholders are the user's", "- **G1** [Goal]", "- **G1** halve the time",
     "- **G1** [Goal, measurable]", "- **G1** halve the time"),
    ("deleted guidance stays deleted", "<!-- say why -->\n\nend", "Own words.\n\nend",
     "<!-- say why, briefly -->\n\nend", "Own words.\n\nend"),
    ("words changed apart from each other", "one two three four five six", "one 2 three four five six",
     "one two three four 5 six", "one 2 three four 5 six"),
    ("white space only yields to words", "one two three", "one\ntwo three", "one two three four",
     "one two three four"),
    ("case and punctuation are judged within the words that collide", "see the docs", "See the docs.",
     "see the new docs", "See the new docs."),
    ("the template's change contained in the user's", "Yes or no? Say why.", "Yes or no? Yes, by a flag.",
     "Yes or no?", "Yes or no? Yes, by a flag."),
    ("a new section comes after its predecessor", "# P\n\n## A\n\na\n\n## B\n\nb", "# P\n\n## A\n\nown\n\n## B\n\nb",
     "# P\n\n## A\n\na\n\n## New\n\nn\n\n## B\n\nb", "# P\n\n## A\n\nown\n\n## New\n\nn\n\n## B\n\nb"),
    ("a new section does not swallow the user's", "# P\n\n## A", "# P\n\n## A\n\n## Own\n\no",
     "# P\n\n## A\n\n### Sub\n\ns", "# P\n\n## A\n\n### Sub\n\ns\n\n## Own\n\no"),
    ("an untouched section that the template dropped goes", "# P\n\n## A\n\na\n\n## B",
     "# P\n\n## A\n\na\n\n## B\n\nown", "# P\n\n## B", "# P\n\n## B\n\nown"),
    ("a section stays for what is in it", "# P\n\n## A\n\n### B\n\nb", "# P\n\n## A\n\n### B\n\nown", "# P\n\n## C",
     "# P\n\n## A\n\n### B\n\nown\n\n## C"),
    ("the template renames a heading", "# P\n\n## User stories\n\nguidance", "# P\n\n## User stories\n\nown",
     "# P\n\n## User stories (optional)\n\nguidance", "# P\n\n## User stories (optional)\n\nown"),
    ("the user renames a heading", "# P\n\n## User stories\n\nold words to be kept",
     "# P\n\n## Our user stories\n\nold words to be kept", "# P\n\n## User stories\n\nnew words to be kept",
     "# P\n\n## Our user stories\n\nnew words to be kept"),
    ("the template moves a section", "# P\n\n## A\n\na\n\n## B\n\nb", "# P\n\n## A\n\nown\n\n## B\n\nb",
     "# P\n\n## B\n\nb\n\n## A\n\na", "# P\n\n## B\n\nb\n\n## A\n\nown"),
    ("a new column comes to every row", "| R | I |\n|---|---|\n| [R] | [I] |",
     "| R | I |\n|---|---|\n| fire | high |\n| theft | low |",
     "| R | I | O |\n|---|---|---|\n| [R] | [I] | [Owner] |",
     "| R | I | O |\n|---|---|---|\n| fire | high | [Owner] |\n| theft | low | [Owner] |"),
    ("a new row beside a filled one", "| R | I |\n|---|---|\n| a | [I] |", "| R | I |\n|---|---|\n| a | high |",
     "| R | I |\n|---|---|\n| a | [I] |\n| b | [I] |", "| R | I |\n|---|---|\n| a | high |\n| b | [I] |"),
    ("a dropped column stays if it was filled", "| R | I |\n|---|---|\n| a | [I] |",
     "| R | I |\n|---|---|\n| a | high |", "| R |\n|---|\n| a |\n| b |",
     "| R | I |\n|---|---|\n| a | high |\n| b |  |"),
    ("front matter by key", "---\na: 1\nb: 1\n---", "---\na: 2\nb: 1\nown: 1\n---", "---\na: 1\nb: 2\nnew: 1\n---",
     "---\na: 2\nb: 2\nown: 1\nnew: 1\n---"),
    ("lists in front matter by element", "---\nl: [a, b]\n---", "---\nl: [a, b, own]\n---", "---\nl: [a, new]\n---",
     "---\nl: [a, own, new]\n---"),
    ("quoted lists in front matter", '---\nl: ["a, b", c]\n---', '---\nl: ["a, b", c, "own"]\n---',
     '---\nl: ["a, b", new, c]\n---', '---\nl: ["a, b", new, c, "own"]\n---'),
    ("code by lines", "```\na\nb\nc\nd\n```", "```\na!\nb\nc\nd\n```", "```\na\nb\nc\nd!\n```",
     "```\na!\nb\nc\nd!\n```"),
    ("link definitions by label", "[a]: /1\n[b]: /1", "[a]: /2\n[b]: /1", "[a]: /1\n[b]: /2\n[c]: /1",
     "[a]: /2\n[b]: /2\n[c]: /1"),
    ("an entry of a table of contents follows the user's heading", "- [A 1](#a-1)\n- [B](#b)",
     "- [A 1: own](#a-1-own)\n- [B](#b)", "- [A 1 (optional)](#a-1-optional)\n- [B](#b)",
     "- [A 1: own](#a-1-own)\n- [B](#b)"),
    ("a person's own words in a table of contents stay where its heading is renamed",
     "- [Aim](#aim)\n\n## Aim\n\nall that we want of it", "- [The aim](#aim)\n\n## Aim\n\nall that we want of it",
     "- [Aim now](#aim-now)\n\n## Aim now\n\nall that we want of it",
     "- [The aim](#aim-now)\n\n## Aim now\n\nall that we want of it"),
    ("a task that the template moves to another phase moves with its tick, once", PHASES,
     PHASES.replace("[ ] test", "[x] test"), MOVED, MOVED.replace("[ ] test", "[x] test")),
    ("what the user took out stays out where the template moves it", PHASES,
     PHASES.replace("- [ ] test the importer\n", ""), MOVED, MOVED.replace("- [ ] test the importer\n", "")),
    ("the template's rewording applies where the user moved the text", "# A\n\nread all of the orders first\n\n# B",
     "# A\n\n# B\n\nread all of the orders first", "# A\n\nread all of the new orders first\n\n# B",
     "# A\n\n# B\n\nread all of the new orders first"),
    ("a heading deleted whose body stays", "# A\n\na\n\n## B\n\nall that there is to b",
     "# A\n\na\n\nall that there is to b",
     "# A\n\na\n\n## B\n\nall that there was to b", "# A\n\na\n\nall that there was to b"),
    ("an answer stays with the question that it was given to", "- Does it need downtime?",
     "- Does it need downtime? No.", "- Does it need downtime of a node (at least one)?",
     "- Does it need downtime? No."),
    ("a question that becomes a heading is not asked again where it is answered",
     "# A\n\n- **How can it be switched off?**\n  Say how.\n\n# B",
     "# A\n\n- **How can it be switched off?**\n  By a flag.\n\n# B\n\nb",
     "# A\n\n## How can it be switched off?\n\nSay how.\n\n# B",
     "# A\n\n- **How can it be switched off?**\n  By a flag.\n\n# B\n\nb"),
    ("a question that becomes a heading moves where nobody answered it",
     "# A\n\n- **How can it be switched off?**\n  Say how.\n\n# B",
     "# A\n\n- **How can it be switched off?**\n  Say how.\n\n# B\n\nb",
     "# A\n\n## How can it be switched off?\n\nSay how.\n\n# B",
     "# A\n\n## How can it be switched off?\n\nSay how.\n\n# B\n\nb"),
    ("the template splits a paragraph", f"{FIRST} {SECOND}", f"{FIRST} {SECOND}".replace("three", "five"),
     f"{FIRST}\n\n{SECOND}", f"{FIRST}\n\n{SECOND}".replace("three", "five")),
    ("the template joins two paragraphs", f"{FIRST}\n\n{SECOND}", f"{FIRST}\n\n{SECOND}".replace("three", "five"),
     f"{FIRST} {SECOND}", f"{FIRST} {SECOND}".replace("three", "five")),
    ("the user splits a paragraph", f"{FIRST} {SECOND}", f"{FIRST}\n\n{SECOND}",
     f"{FIRST} {SECOND}".replace("three", "five"), f"{FIRST}\n\n{SECOND}".replace("three", "five")),
    ("the template nests an item", "- [ ] build it\n- [ ] test all of it", "- [ ] build it\n- [x] test all of it",
     "- [ ] build it\n  - [ ] test all of it", "- [ ] build it\n  - [x] test all of it"),
    ("a section that the template splits in two",
     "# P\n\n## Design\n\nhow all data flows through it\n\nwhat people see of it all",
     "# P\n\n## Design\n\nhow all my data flows through it\n\nwhat people see of it all",
     "# P\n\n## Data\n\nhow all data flows through it\n\n## Interface\n\nwhat people see of it all",
     "# P\n\n## Data\n\nhow all my data flows through it\n\n## Interface\n\nwhat people see of it all"),
    ("cells beyond the header stay", "| a |\n|---|\n| 1 |", "| a |\n|---|\n| 1 | own |",
     "| a | b |\n|---|---|\n| 1 | [B] |",
     "| a | | b |\n|---|---|---|\n| 1 | own | [B] |"),
    ("a column named by the template keeps the cells that stood in it", "| a |\n|---|\n| 1 | x |",
     "| a |\n|---|\n| 1 | x own |", "| a | b |\n|---|---|\n| 1 | x |", "| a | b |\n|---|---|\n| 1 | x own |"),
    ("cells beyond the header stay beyond a column put before them", "| a | c |\n|---|---|\n| 1 | x |",
     "| a | c |\n|---|---|\n| 1 | y | own |", "| a | b | c |\n|---|---|---|\n| 1 | [B] | x |",
     "| a | b | c |\n|---|---|---|\n| 1 | [B] | y | own |"),
    ("a heading's level and title are two fields", "## What to do", "## What we do", "### What to do",
     "### What we do"),
    ("an added section is as deep as what it stands in", "# P\n\n## A", "# P\n\n### A\n\nown",
     "# P\n\n## A\n\n### B\n\nb",
     "# P\n\n### A\n\nown\n\n#### B\n\nb"),
    ("a reference definition stays while its label is used", "see [a]\n\n[a]: /1", "see [a] and more\n\n[a]: /1",
     "see [a]",
     "see [a] and more\n\n[a]: /1"),
    ("only shortened is not edited", "# A\n\nall that was said of it\n\n# B",
     "# A\n\nall that was said\n\n# B\n\nb", "# A\n\n# B",
     "# A\n\n# B\n\nb"),
    ("struck out is taken out", "- [ ] tell the users", "- [ ] ~~tell the users~~", "- [ ] tell the users early",
     "- [ ] ~~tell the users~~"),
    ("a mark put to a task that the person reworded is moot", "- [ ] all have approved the plan",
     "- [x] all have seen and approved it", "- [ ] (R) all have approved the plan",
     "- [x] all have seen and approved it"),
    ("guidance that became the first words of a list is replaced",
     "List the specific goals of the proposal. How will we know that this has succeeded?",
     "The specific goals of this proposal are:\n\n- speed",
     "Summarize the specific goals of the proposal. How will people know that this has succeeded?",
     "The specific goals of this proposal are:\n\n- speed"),
    ("a task moves out of an item that moves itself, with its tick, once",
     "# A\n\n- build\n  - [ ] test the parts\n  - tell\n- ship\n\n# B\n\nb",
     "# A\n\n- build\n  - [x] test the parts\n  - tell\n- ship\n\n# B\n\nb",
     "# A\n\na\n\n# B\n\nb\n\n- plan all of the new work\n- name its people\n"
     "- build\n  - tell\n- ship\n  - [ ] test the parts",
     "# A\n\na\n\n# B\n\nb\n\n- plan all of the new work\n- name its people\n"
     "- build\n  - tell\n- ship\n  - [x] test the parts"),
    ("words that the template dropped stay if the person changed a mark in them",
     "Does it need downtime of a node? (Do not assume that it is enabled).",
     "Does it need downtime of a node? (Do not assume that it is enabled)",
     "Does it need downtime of a node?", "Does it need downtime of a node? (Do not assume that it is enabled)"),
    ("a slot is answered by anything", "- <test>: <link>", "- none [yet]", "- <test>: <link to coverage>",
     "- none [yet]"),
    ("a value behind a label is the user's", "* Status: **Review**", "* Status: **Accepted**",
     "* Status: **Awaiting review**", "* Status: **Accepted**"),
    ("two insertions at one place both stay", "say it.", "say it. Mine.", "say it. Its own.", "say it. Its own. Mine."),
    ("no new guidance in an answered section", "# A\n\n<!-- say why and how it is done -->", "# A\n\nFor all of us.",
     "# A\n\n<!-- quite another thing that nobody asked -->", "# A\n\nFor all of us."),
    ("a form's comment is no value", "---\na: # one\n  - TBD\n---", "---\na:\n- me\n---", "---\na: # two\n  - TBD\n---",
     "---\na:\n- me\n---"),
    ("a form's choice is answered", "---\ns: a|b|c\n---", "---\ns: b\n---", "---\ns: a|b|c|d\n---", "---\ns: b\n---"),
    ("lists of several lines in front matter by element", "---\nl:\n- a\n- b\n---", "---\nl:\n- a\n- b\n- own\n---",
     "---\nl:\n    - a\n    - new\n---", "---\nl:\n- a\n- own\n- new\n---"),
    ("nested keys in front matter", "---\nm:\n  a: TBD\n  b: 1\n---", "---\nm:\n    a: me\n    b: 1\n---",
     "---\nm:\n  a: TBD\n  b: 2\n  c: 3\n---", "---\nm:\n    a: me\n    b: 2\n    c: 3\n---"),
    ("a key that both added is the user's", "---\na: 1\n---", "---\na: 1\nb: me\n---", "---\na: 1\nb: other\nc: 1\n---",
     "---\na: 1\nb: me\nc: 1\n---"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "ours", "theirs", "result"), [rule[1:] for rule in RULES], ids=[r[0] for r in RULES])
def test_rule(base: str, ours: str, theirs: str, result: str) -> None:
    assert merge(base + "\n", ours + "\n", theirs + "\n").text == result + "\n"


DISAGREEMENTS = [
    ("the same words", "The limit is five.", "The limit is six.", "The limit is seven."),
    ("a digit's punctuation", "at most 15% of all", "at most 1.5% of all", "at most 10% of all"),
    ("a line of code", "```\na\nb\n```", "```\na1\nb\n```", "```\na2\nb\n```"),
    ("an item", "- pick the old tool", "- [x] pick the one tool", "- [ ] pick the other tool"),
]


@pytest.mark.parametrize(
    ("base", "ours", "theirs"), [case[1:] for case in DISAGREEMENTS], ids=[c[0] for c in DISAGREEMENTS]
)
def test_a_true_conflict_gets_markers_around_its_unit_alone(base: str, ours: str, theirs: str) -> None:
    around = "before\n\n{}\n\nafter\n"
    result = merge(around.format(base), around.format(ours), around.format(theirs))
    assert result.text == (
        f"before\n\n<<<<<<< before updating\n{ours}\n=======\n{theirs}\n>>>>>>> after updating\n\nafter\n"
    )
    (conflict,) = result.conflicts
    assert conflict == Conflict(3, conflict.place, base + "\n", ours + "\n", theirs + "\n")


def test_a_conflict_in_a_table_is_one_row() -> None:
    table = "| R | I |\n|---|---|\n| a | {} |\n| b | low |\n"
    result = merge(table.format("one day"), table.format("two days off"), table.format("three weeks off"))
    assert result.text == (
        "| R | I |\n|---|---|\n<<<<<<< before updating\n| a | two days off |\n=======\n| a | three weeks off |\n"
        ">>>>>>> after updating\n| b | low |\n"
    )


def test_a_conflict_in_front_matter_is_one_key() -> None:
    matter = "---\na: 1\nstatus: {}\n---\n"
    result = merge(matter.format("draft"), matter.format("approved"), matter.format("proposed"))
    assert result.text == (
        "---\na: 1\n<<<<<<< before updating\nstatus: approved\n=======\nstatus: proposed\n>>>>>>> after updating\n---\n"
    )


def test_a_conflict_can_show_the_base() -> None:
    result = merge("a b\n", "a c\n", "a d\n", Markers("mine", "old", "new", show_base=True))
    assert result.text == "<<<<<<< mine\na c\n||||||| old\na b\n=======\na d\n>>>>>>> new\n"


def test_an_item_that_both_wrote_anew_is_a_conflict_and_does_not_stand_twice() -> None:
    around = "# P\n\n- [x] before\n- [ ] {}\n- after\n"
    base, ours, theirs = map(around.format, ("write the docs", "publish a handbook", "prepare notes for customers"))
    assert merge(base, ours, theirs).text == (
        "# P\n\n- [x] before\n<<<<<<< before updating\n- [ ] publish a handbook\n=======\n"
        "- [ ] prepare notes for customers\n>>>>>>> after updating\n- after\n"
    )


@pytest.mark.parametrize(
    ("base", "theirs"),
    [
        ("[Goal]", "[Objective]"),
        ("write the docs", "[Task] and [Owner]"),
        ("write the docs", "prepare notes\n- warn the users"),
        ("write the docs\n- test them", "prepare notes"),
    ],
    ids=["answered", "asked", "more added", "more dropped"],
)
def test_an_item_beside_one_that_the_template_wrote_anew_is_not_a_conflict(base: str, theirs: str) -> None:
    assert not merge(f"- a\n- {base}\n", "- a\n- my own words\n", f"- a\n- {theirs}\n").conflicts


def test_what_was_kept_and_left_out_is_told_with_its_place() -> None:
    result = merge(
        "# P\n\n## A\n\n- [ ] a\n\n<!-- why and how? -->\n",
        "# P\n\n## A\n\n- [x] a\n",
        "# P\n\n## A\n\n<!-- why and how, in short? -->\n",
    )
    assert sorted((notice.kind, notice.place, notice.text) for notice in result.notices) == [
        ("kept", ("P", "A"), "- [x] a"),
        ("left out", ("P", "A"), "<!-- why and how, in short? -->"),
    ]


class TestBetweenPeople:
    """Nothing yields: what the template may say in vain, a colleague may not."""

    def test_what_one_took_out_and_the_other_edited_comes_back(self) -> None:
        result = merge("- a\n- b old\n", "- a\n- own\n", "- a\n- [x] b old\n", yielding=False)
        assert result.text == "- a\n- own\n- [x] b old\n"
        assert [notice.kind for notice in result.notices] == ["brought back"]

    def test_a_placeholder_filled_twice_is_a_conflict(self) -> None:
        result = merge("- goal: [Goal]\n", "- goal: one\n", "- goal: two\n", yielding=False)
        assert len(result.conflicts) == 1

    @pytest.mark.parametrize("old", ["- [ ] {}", "{}", "| a |\n|---|\n| {} |"], ids=["item", "paragraph", "row"])
    def test_what_both_write_in_one_place_is_a_conflict(self, old: str) -> None:
        around = f"# P\n\nbefore\n\n{old}\n\nafter\n"
        base, ours, theirs = map(around.format, ("alpha beta gamma", "one two three", "four five six"))
        assert len(merge(base, ours, theirs, yielding=False).conflicts) == 1

    def test_a_section_that_both_replaced_is_a_conflict(self) -> None:
        base = "# P\n\n## Alpha\n\nall that was said of it\n\n## B\n"
        ours = "# P\n\n## Mine\n\nwhat one wrote instead\n\n## B\n"
        theirs = "# P\n\n## Yours\n\nsome other matter here\n\n## B\n"
        assert [conflict.ours for conflict in merge(base, ours, theirs, yielding=False).conflicts] == [
            "## Mine\n",
            "what one wrote instead\n",
        ]

    def test_a_task_that_both_moved_stands_once(self) -> None:
        task, phases = "- [ ] the task to be moved\n", "# P\n\n## A\n{}\n## B\n\n- b\n{}\n## C\n\n- c\n{}"
        base, ours, theirs = (
            phases.format("\n" + task, "", ""),
            phases.format("", task, ""),
            phases.format("", "", task),
        )
        for yielding in (True, False):
            assert merge(base, ours, theirs, yielding=yielding).text == ours

    def test_what_both_added_in_two_places_stands_once(self) -> None:
        base = "# P\n\n## A\n\na\n\n## B\n\nb\n"
        ours, theirs = (base.replace(old, old + "\n\nwe must warn the users") for old in ("\na", "\nb"))
        assert merge(base, ours, theirs, yielding=False).text == ours

    def test_a_task_that_one_adds_to_a_second_phase_too_is_added(self) -> None:
        base = "# P\n\n## A\n\n- [ ] write the tests\n\n## B\n\n- b\n"
        ours, theirs = base.replace("[ ]", "[x]"), base + "- [ ] write the tests\n"
        assert merge(base, ours, theirs, yielding=False).text == ours + "- [ ] write the tests\n"

    def test_a_section_taken_out_stays_for_what_the_other_added(self) -> None:
        base = "# P\n\n## A\n\na\n\n## B\n"
        result = merge(base, "# P\n\n## B\n\nb\n", base.replace("## B", "### Sub\n\nnew\n\n## B"), yielding=False)
        assert "## A\n\na\n\n### Sub\n\nnew\n" in result.text


ENDINGS = ["\n", "\r\n", "\r"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_line_endings_stay(ending: str) -> None:
    base, ours, theirs = ("- a\n- b\n", "- [x] a\n- b\n", "- a\n- b\n- c\n")
    base, ours, theirs = (version.replace("\n", ending) for version in (base, ours, theirs))
    result = merge(base, ours, theirs)
    assert result.text == "- [x] a\n- b\n- c\n".replace("\n", ending)


def test_the_user_s_line_endings_win_over_the_template_s() -> None:
    assert merge("- a\n- b\n", "- a\r\n- [x] b\r\n", "- a\n- new\n- b\n").text == "- a\r\n- new\r\n- [x] b\r\n"


def test_mixed_line_endings_lose_no_line() -> None:
    assert merge("a\r\n\nb\n", "a\r\n\nb\n\nown\n", "a\r\n\nb\n\r\nnew\r\n").text.split() == ["a", "b", "own", "new"]


def test_a_missing_final_newline_stays_missing() -> None:
    assert merge("- a\n- b", "- [x] a\n- b", "- a\n- b\n- c").text == "- [x] a\n- b\n- c"


def test_a_byte_order_mark_stays() -> None:
    assert merge("\ufeff# a\n\nb\n", "\ufeff# a\n\nc\n", "\ufeff# a\n\nb\n\nd\n").text.startswith("\ufeff# a\n")


HOSTILE = {
    "nothing": "",
    "white space": " \n\t\n",
    "an open fence": "```\na\n\n- b\n",
    "an open comment": "<!-- a\n\n# b\n",
    "tabs": "-\ta\n\t- [ ] b\n\n\tc\n",
    "a table without rows": "| a |\n|---|\n",
    "100 nested items": "".join("  " * depth + f"- [ ] {depth}\n" for depth in range(100)),
    "1000 nested quotations": ">" * 1000 + " a\n",
    "brackets": "[" * 2000 + "\n",
    "control characters": "a\0b\x0c\u2028c\n",
}


@pytest.mark.parametrize("theirs", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("ours", HOSTILE.values(), ids=HOSTILE)
def test_any_input_gives_a_result(ours: str, theirs: str) -> None:
    result = merge("# a\n\n- [ ] b\n", ours, theirs)
    assert set(ours.split()) <= set(result.text.split())


def test_ten_thousand_items_and_five_megabytes_are_merged() -> None:
    items = "".join(f"- [ ] task {number}\n" for number in range(10_000))
    result = merge(items, items.replace("- [ ]", "- [x]"), items.replace("task", "the task"))
    assert result.text == items.replace("- [ ] task", "- [x] the task")
    prose = "\n\n".join(
        f"Paragraph {number} says " + "and so it goes on " * 60 + "to its end" for number in range(4_800)
    )
    assert len(prose) > 5_000_000
    ours, theirs = prose.replace("0 says", "0 firmly says"), prose.replace("its end", "the end")
    assert merge(prose, ours, theirs).text == ours.replace("its end", "the end")


needs_kep = pytest.mark.skipif(not KEP.is_dir(), reason=f"the real proposals are not at {KEP}")


@needs_kep
def test_real_documents_conflict_in_one_of_a_hundred_at_most() -> None:
    triples = json.loads((KEP / "index.json").read_text())
    results: list[Merge] = []
    for triple in triples:
        base, ours, theirs = (KEP.joinpath(triple[side]).read_text() for side in ("base", "ours", "theirs"))
        results.append(merge(base, ours, theirs))
    assert sum(bool(result.conflicts) for result in results) <= max(1, len(triples) // 100)


def groundplan(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "groundplan.cli.app", *arguments]
    path = str(Path(__file__).parents[2] / "extensions")
    environment = os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "base.md").write_bytes(b"- [ ] a\n")
    (tmp_path / "ours.md").write_bytes(b"- [x] a\n")
    (tmp_path / "theirs.md").write_bytes(b"- [ ] a\n- [ ] b\n")
    return tmp_path


SIDES = ("ours.md", "base.md", "theirs.md")


class TestTheCommand:
    def test_it_writes_into_the_current_file(self, files: Path) -> None:
        done = groundplan(files, "merge", *SIDES)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert (files / "ours.md").read_bytes() == b"- [x] a\n- [ ] b\n"

    def test_it_prints_with_p_and_writes_nothing(self, files: Path) -> None:
        assert groundplan(files, "merge", "-p", *SIDES).stdout == b"- [x] a\n- [ ] b\n"
        assert (files / "ours.md").read_bytes() == b"- [x] a\n"

    def test_it_runs_in_another_folder(self, files: Path) -> None:
        assert groundplan(files.parent, "-C", files.name, "merge", "-p", *SIDES).stdout == b"- [x] a\n- [ ] b\n"

    def test_the_status_counts_conflicts_and_labels_mark_them(self, files: Path) -> None:
        for name, answer in (("base.md", "one"), ("ours.md", "two"), ("theirs.md", "three")):
            (files / name).write_text(f"The limit is {answer} days.\n\nAnd {answer} more days to go.\n")
        done = groundplan(files, "merge", "-L", "mine", "-L", "old", "-L", "new", "--diff3", "-p", *SIDES)
        assert done.returncode == 2
        assert done.stdout.startswith(b"<<<<<<< mine\nThe limit is two days.\n||||||| old\n")
        assert b">>>>>>> new\n" in done.stdout
        assert done.stderr.splitlines() == [b"ours.md: conflict at line 1", b"ours.md: conflict at line 9"]
        assert groundplan(files, "merge", "-q", "-p", *SIDES).stderr == b""

    def test_more_conflicts_than_a_status_can_count(self, files: Path) -> None:
        for name, answer in (("base.md", "one"), ("ours.md", "two"), ("theirs.md", "three")):
            (files / name).write_text("\n\n".join(f"{number} {answer} is the number" for number in range(200)))
        assert groundplan(files, "merge", "-p", *SIDES).returncode == 127

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((), "Expected at least 3 positional arguments"),
            (("ours.md", "base.md", "nowhere.md"), "nowhere.md: No such file or directory"),
            (("--fast", *SIDES), "Unknown switch --fast"),
            (("-L", "a", "-L", "b", "-L", "c", "-L", "d", *SIDES), "-L can be given at most three times"),
        ],
    )
    def test_an_error_is_one_line_and_status_255(self, files: Path, arguments: tuple[str, ...], message: str) -> None:
        done = groundplan(files, "merge", *arguments)
        assert done.returncode == 255
        (line,) = done.stderr.decode().splitlines()
        assert message in line

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"\xff\xfe text\n", b"not text in UTF-8"),
            (b"a\0b\n", b"binary"),
            (b"<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n", b"holds conflict markers already"),
        ],
    )
    def test_what_cannot_be_merged_is_left_byte_for_byte(self, files: Path, content: bytes, reason: bytes) -> None:
        (files / "ours.md").write_bytes(content)
        done = groundplan(files, "merge", *SIDES)
        assert done.returncode == 1
        assert (files / "ours.md").read_bytes() == content
        assert reason in done.stderr

    def test_it_serves_git_as_a_merge_driver(self, files: Path) -> None:
        """Two branches, one ticks, one adds beside it; the lines that install the driver are those of the how-to."""
        driver = f'"{sys.executable}" -m groundplan.cli.app merge --branches %A %O %B'
        commands = [
            ["init", "--quiet", "-b", "main"],
            ["config", "user.name", "Ada"],
            ["config", "user.email", "ada@example.org"],
            ["config", "merge.groundplan.driver", driver],
        ]
        (files / ".gitattributes").write_text("*.md merge=groundplan\n")
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "extensions")}

        def git(*arguments: str) -> None:
            subprocess.run(["git", *arguments], cwd=files, env=environment, check=True, capture_output=True)

        def commit(content: bytes) -> None:
            (files / "plan.md").write_bytes(content)
            git("add", ".")
            git("commit", "--quiet", "-m", "change")

        for command in commands:
            git(*command)
        commit(b"- [ ] a\n")
        git("switch", "--quiet", "-c", "other")
        commit(b"- [ ] a\n- [ ] b\n")
        git("switch", "--quiet", "main")
        commit(b"- [x] a\n")
        git("merge", "--quiet", "other")
        assert (files / "plan.md").read_bytes() == b"- [x] a\n- [ ] b\n"

    @pytest.mark.parametrize("arguments", [(), ("grow",), ("-C", "nowhere", "merge")])
    def test_wrong_use_is_one_line_and_status_2(self, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        done = groundplan(tmp_path, *arguments)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1


def test_what_both_sides_have_verbatim_is_one_unit_though_one_is_like_another_of_the_base() -> None:
    base = "# P\n\n## Design\n\nhow all data flows through it\n\nwhat people see of it all\n\n## End\n\nend\n"
    theirs = base.replace("what people", "## Interface\n\nwhat people").replace("how all", "in short, how all")
    ours = theirs.replace("## Design\n\nin short, how all data flows through it\n\n", "").replace("end\n", "my end\n")
    assert merge(base, ours, theirs).text == ours


def test_what_is_longer_than_the_limit_is_left_for_a_person_with_the_reason() -> None:
    base, ours, theirs = b"a\n", b"b\n", b"c\n" + b"x" * SIZE_LIMIT
    for versions in ((base, ours, theirs), (base, theirs, ours), (theirs, base, ours)):
        merged = merge_contents(*versions, Markers())
        assert (merged.content, merged.status) == (versions[1], 1)
        assert merged.summary() == [f"not merged, longer than {SIZE_LIMIT:,} bytes"]
    assert merge_contents(base, base, theirs, Markers()).content == theirs


def test_one_changed_side_is_taken_whatever_it_holds() -> None:
    assert merge_contents(b"\xff", b"\xff", b"\xfe", Markers()).content == b"\xfe"
    assert merge_contents(b"\xff", b"\xfe", b"\xff", Markers()).content == b"\xfe"


SUBSECTIONS = "## Scope Definition\n\n### In Scope\n\n- a\n\n### Out of Scope\n\n- b\n"


@pytest.mark.parametrize("base", [SUBSECTIONS, "## Scope Definition\n\nwhat it is all about\n"])
def test_a_heading_that_both_sides_rename_keeps_the_user_s_title(base: str) -> None:
    ours, theirs = (base.replace("Scope Definition", title) for title in ("What We Do", "Boundaries"))
    assert merge(base, ours, theirs).text == ours
    assert len(merge(base, ours, theirs, yielding=False).conflicts) == 1


def test_a_heading_over_subsections_alone_that_one_side_renames_keeps_its_place() -> None:
    renamed = SUBSECTIONS.replace("Scope Definition", "Boundaries")
    edited = SUBSECTIONS.replace("- a", "- a\n- own")
    assert merge(SUBSECTIONS, edited, renamed).text == edited.replace("Scope Definition", "Boundaries")
    assert merge(SUBSECTIONS, renamed, edited).text == edited.replace("Scope Definition", "Boundaries")
