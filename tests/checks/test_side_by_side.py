"""Work shared with forked processes: every result in its place, or an error that says which kind of thing was lost."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import pytest
from groundplan.checks.side_by_side import HelperLostError, side_by_side
from hypothesis import given
from hypothesis import strategies as st
from support.processes import alive

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


@given(tasks=st.lists(st.text(), max_size=9), count=st.integers(1, 4))
def test_results_stand_in_the_order_of_their_tasks(tasks: list[str], count: int) -> None:
    assert side_by_side(str.upper, tasks, count) == [task.upper() for task in tasks]


def test_every_process_takes_its_share() -> None:
    pids = side_by_side(lambda _: os.getpid(), range(6), 3)
    assert [pid == os.getpid() for pid in pids] == [True, False, False, True, False, False]
    assert len(set(pids)) == 3
    assert alive([pid for pid in pids if pid != os.getpid()]) == []


def in_helpers(act: Callable[[], object]) -> Callable[[object], object]:
    parent = os.getpid()
    return lambda _: act() if os.getpid() != parent else None


def test_a_helper_that_is_killed_is_told() -> None:
    with pytest.raises(HelperLostError, match="Run the command again"):
        side_by_side(in_helpers(lambda: os.kill(os.getpid(), signal.SIGKILL)), range(4), 2)


def test_what_the_parent_has_not_written_yet_is_written_once(capfd: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write("once")
    side_by_side(in_helpers(lambda: None), range(4), 3)
    assert capfd.readouterr().out == "once"


def test_an_interrupt_is_the_parents_to_heed() -> None:
    assert side_by_side(in_helpers(lambda: os.kill(os.getpid(), signal.SIGINT)), range(4), 2) == [None] * 4
