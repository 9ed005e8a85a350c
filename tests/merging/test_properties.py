"""What a merge promises, whatever the documents and the edits.

`HYPOTHESIS_PROFILE=nightly` tries each promise on 10,000 examples.
"""

import os
import re
from collections import Counter

from groundplan.merging.merge import merge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.plan_edits import any_texts, versions

EXAMPLES = {"nightly": 10_000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 200)
promise = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Versions = tuple[str, str, str]
ANY = st.one_of(versions(), any_texts())
MARKER = re.compile(r"^(<{7}|={7}|>{7})( .*)?$", re.MULTILINE)


def words_of(text: str) -> set[str]:
    """The words, in any case: a change of case or punctuation alone gives way to a change of words."""
    return set(re.findall(r"\w+", text.casefold()))


def told_apart(text: str) -> list[str]:
    """The lines that say something: of three words and more."""
    return [line for line in text.splitlines() if len(words_of(line)) > 2]


@promise
@given(ANY)
def test_what_only_one_side_changed_is_that_side_byte_for_byte(texts: Versions) -> None:
    base, ours, theirs = texts
    assert merge(base, ours, base).text == ours
    assert merge(base, base, theirs).text == theirs
    assert merge(base, ours, ours).text == ours


@promise
@given(ANY)
def test_nothing_the_user_wrote_is_lost(texts: Versions) -> None:
    base, ours, theirs = texts
    lost = words_of(ours) - words_of(base) - words_of(merge(base, ours, theirs).text)
    assert not lost


@promise
@given(versions())
def test_nothing_the_user_wrote_loses_its_punctuation(texts: Versions) -> None:
    base, ours, theirs = texts
    assert not set(ours.split()) - set(base.split()) - set(merge(base, ours, theirs).text.split())


@promise
@given(versions())
def test_no_line_stands_more_often_than_on_the_richer_side(texts: Versions) -> None:
    base, ours, theirs = texts
    merged = merge(base, ours, theirs)
    if not merged.conflicts:
        sides = Counter(told_apart(ours)) | Counter(told_apart(theirs))
        assert not [line for line, times in Counter(told_apart(merged.text)).items() if times > sides[line] > 0]


@promise
@given(versions())
def test_merging_again_after_headings_were_deleted_brings_nothing_back(texts: Versions) -> None:
    base, _, theirs = texts
    ours = re.sub(r"^## .*\n\n", "", base, flags=re.MULTILINE)
    merged = merge(base, ours, theirs)
    if not merged.conflicts:
        assert merge(theirs, merged.text, theirs).text == merged.text
        gone = set(told_apart(base)) - set(told_apart(ours))
        assert not gone & set(told_apart(merged.text))


@promise
@given(ANY)
def test_between_two_people_nothing_that_either_wrote_is_lost(texts: Versions) -> None:
    base, ours, theirs = texts
    lost = (
        (words_of(ours) | words_of(theirs)) - words_of(base) - words_of(merge(base, ours, theirs, yielding=False).text)
    )
    assert not lost


@promise
@given(versions())
def test_between_two_people_no_line_stands_more_often_than_on_the_richer_side(texts: Versions) -> None:
    base, ours, theirs = texts
    merged = merge(base, ours, theirs, yielding=False)
    if not merged.conflicts:
        sides = Counter(told_apart(ours)) | Counter(told_apart(theirs))
        assert not [line for line, times in Counter(told_apart(merged.text)).items() if times > sides[line] > 0]


@promise
@given(versions(), st.data())
def test_between_two_people_a_line_that_both_write_anew_is_a_conflict(texts: Versions, data: st.DataObject) -> None:
    lines = texts[0].splitlines()
    numbers = [n for n, line in enumerate(lines) if re.fullmatch(r"(?:- \[ \] )?\w+(?: \w+){2,}", line)]
    if numbers:
        number = data.draw(st.sampled_from(numbers))
        head = "- [ ] " if lines[number].startswith("-") else ""
        mine, other = (
            "\n".join([*lines[:number], head + text, *lines[number + 1 :]]) for text in ("my own", "its own")
        )
        assert len(merge(texts[0], mine, other, yielding=False).conflicts) == 1


@promise
@given(versions())
def test_merging_again_changes_nothing(texts: Versions) -> None:
    """Neither the same merge once more, nor the next update to the same template."""
    base, ours, theirs = texts
    merged = merge(base, ours, theirs)
    if not merged.conflicts:
        assert merge(base, merged.text, theirs).text == merged.text
        assert merge(theirs, merged.text, theirs).text == merged.text


@promise
@given(versions())
def test_lines_that_neither_side_touched_stay_as_they_are(texts: Versions) -> None:
    base, ours, theirs = (text.splitlines() for text in texts)
    merged = merge(*texts).text.splitlines()
    untouched = [line for line in base if base.count(line) == ours.count(line) == theirs.count(line) == 1]
    assert [line for line in untouched if line not in merged] == []


@promise
@given(versions())
def test_what_the_template_adds_arrives(texts: Versions) -> None:
    """New items, sections, columns; not what it says anew where the user deleted or answered."""
    base, ours, theirs = texts
    merged = merge(base, ours, theirs)
    added = set(re.findall(r"^(?:## |- \[ \] )(its\d+) ", theirs, re.MULTILINE))
    left_out = {word for notice in merged.notices if notice.kind == "left out" for word in words_of(notice.text)}
    assert not added - words_of(merged.text) - left_out


@promise
@given(versions())
def test_an_own_paragraph_changes_nothing_else_of_an_update(texts: Versions) -> None:
    base, ours, theirs = (text.replace("# Plan\n", "# Plan\n\nMy own text.\n") for text in texts)
    assert merge(texts[0], base, texts[2]).text == theirs
    merged = merge(*texts)
    if not merged.conflicts:
        assert merge(texts[0], ours, texts[2]).text == merged.text.replace("# Plan\n", "# Plan\n\nMy own text.\n")


@promise
@given(ANY)
def test_each_conflict_is_marked_where_it_says(texts: Versions) -> None:
    merged = merge(*texts)
    lines = merged.text.splitlines()
    for conflict in merged.conflicts:
        assert lines[conflict.line - 1].startswith("<<<<<<< before updating")


@promise
@given(versions())
def test_line_endings_make_no_difference(texts: Versions) -> None:
    base, ours, theirs = (text.replace("\n", "\r\n") for text in texts)
    assert merge(base, ours, theirs).text == merge(*texts).text.replace("\n", "\r\n")


@promise
@given(st.text(), st.text(), st.text())
def test_any_text_gives_a_result(base: str, ours: str, theirs: str) -> None:
    assert words_of(ours) - words_of(base) <= words_of(merge(base, ours, theirs).text)
