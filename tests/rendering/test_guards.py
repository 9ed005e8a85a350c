"""The guards' rules that need no repository; what they do to one is shown by the tests of the template."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from copier.errors import UserMessageError
from groundplan.rendering.guards import DOCUMENTS, documents_problem, layers_problem, refuse
from support.planting import ALL_LAYERS, LAYER_CHOICES

SUBSETS = [*chain.from_iterable(combinations(ALL_LAYERS, size) for size in range(len(ALL_LAYERS) + 1))]


@pytest.mark.parametrize("layers", SUBSETS, ids="-".join)
def test_exactly_the_six_choices_that_build_are_taken(layers: tuple[str, ...]) -> None:
    assert (layers_problem(layers) == "") == (layers in LAYER_CHOICES)


def test_what_a_layer_lacks_is_named() -> None:
    assert layers_problem(["domain", "api"]).startswith("Choose application too: the layer api builds upon it")
    assert layers_problem([]) == "Choose domain: every tree has that layer."


def test_an_entry_that_copier_drops_is_named() -> None:
    # Copier hands over only the choices it knows, so the guard looks at what was given.
    assert layers_problem(["domain"], ["domain", "data"]).startswith("Leave “data” out: layers takes domain")
    assert documents_problem(["runbook", "poem"]).startswith("Leave “poem” out: supporting_docs takes feature-brief")
    assert documents_problem([*DOCUMENTS]) == documents_problem(None) == ""


def test_a_refusal_is_copiers_own_one_line_error() -> None:
    with pytest.raises(UserMessageError, match=r"^No, because$"):
        refuse("No, because")
