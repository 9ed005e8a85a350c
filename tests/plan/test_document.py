"""What a document holds is the same whether its text is read in short or as it is rendered."""

from __future__ import annotations

from groundplan.plan.document import read_page
from groundplan.text.markdown import parse
from hypothesis import given
from hypothesis import strategies as st

PIECES = (
    *("[Goal]", "[Risk] and more", "- **Usage:** [Usage figure]", "- **Cost:** [Cost centre]", "- [ ] [Step]"),
    *("[What else]", "- [sic] [ADR-12]", "> [Goal]", "> - [Step] quoted", "1. [Goal]\n   [Step]", "text", "- \n"),
    *("| a | b |\n| - | - |\n| [Goal] | [Own thing] |", "a — [Their area] — [Impact]", "A\n[Step]\nC"),
    *("## [Goal] in a heading", "## Of **weight** [Own thing]", "    [Goal] in code", "```\n[Goal]\n```"),
)
# Changes nothing, but lets every text be read as it is rendered.
DEFINITION = "\n\n[zz]: https://example.com\n"


@given(st.lists(st.sampled_from(PIECES), max_size=8), st.sampled_from(["\n\n", "\n"]))
def test_placeholders_and_anchors_do_not_depend_on_how_text_is_read(pieces: list[str], gap: str) -> None:
    text = gap.join(pieces)

    short, rendered = (read_page("a.md", parse(text + more)) for more in ("", DEFINITION))

    assert short.placeholders == rendered.placeholders
    assert short.anchors == rendered.anchors
    lines = text.split("\n")
    assert all(f"[{found.text}]" in lines[found.line - 1] for found in short.placeholders)
