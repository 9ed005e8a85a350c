"""A drawn tree is read back as it was drawn, and each path knows its phase and its feature's folders."""

from __future__ import annotations

import pytest
from groundplan.plan.drawn_tree import own_roots, phase_of, read_tree
from groundplan.rendering.tree import tree_text
from hypothesis import assume, given
from hypothesis import strategies as st

NAMES = st.text("abcXYZ019_.-", min_size=1, max_size=8).filter(lambda name: name.strip(".") and "..." not in name)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=5).map("/".join), min_size=1, max_size=20, unique=True)


@given(PATHS, st.integers(1, 99))
def test_a_drawn_tree_is_read_back(paths: list[str], first_line: int) -> None:
    assume(not any(path.startswith(f"{other}/") for path in paths for other in paths))
    drawing = tree_text(paths, "Acme Shop")

    read = read_tree(drawing, first_line)

    assert sorted(planned.path for planned in read) == sorted(paths)
    lines = drawing.splitlines()
    assert all(lines[planned.line - first_line].endswith(planned.path.split("/")[-1]) for planned in read)


def test_remarks_and_other_ways_to_draw_are_read_too() -> None:
    drawing = "shop\n|-- src/\n|   |-- a.py  # new\n|   `-- b.py   moved\n+-- docs/\n├──\xa0c.txt\n    ...\n"

    assert [(planned.path, planned.line) for planned in read_tree(drawing, 10)] == [
        ("src/a.py", 12),
        ("src/b.py", 13),
        ("docs", 14),
        ("c.txt", 15),
    ]


def test_a_path_out_of_the_repository_is_no_planned_path() -> None:
    assert read_tree("x\n├── ../\n│   └── secret\n└── a", 1)[0].path == "a"


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    read_tree(text, 1)


PHASES = {
    "src/UiTheme.Domain/UiThemeItem.cs": 2,
    "src/UiTheme.Ui/UiThemePage.cs": 3,
    "tests/UiTheme.E2E/UiThemeApiTests.cs": 4,
    "src/acme_ui/ui_theme/api/app.py": 2,
    "src/acme_ui/ui_theme/ui/page.py": 3,
    "tests/ui_theme/e2e/test_ui_theme_api.py": 4,
    "src/features/ui-theme/index.ts": 2,
    "src/features/ui-theme/ui/page.ts": 3,
    "tests/ui-theme/ui-theme.e2e.test.ts": 4,
    "internal/uitheme/httpapi/handler.go": 2,
    "internal/uitheme/ui/page.html": 3,
    "tests/uithemee2e/e2e_test.go": 4,
    "src/main/java/com/example/ui/uitheme/domain/UiThemeItem.java": 2,
    "src/main/java/com/example/ui/uitheme/ui/UiThemePage.java": 3,
    "src/test/java/com/example/ui/uitheme/api/UiThemeE2ETest.java": 4,
    "crates/ui-theme-application/src/lib.rs": 2,
    "crates/ui-theme-ui/src/lib.rs": 3,
    "crates/ui-theme-e2e/tests/e2e.rs": 4,
    "migrations/0007.sql": 2,
}


@pytest.mark.parametrize("path", PHASES)
def test_a_path_belongs_to_the_phase_of_its_layer(path: str) -> None:
    assert phase_of(path, "ui-theme") == PHASES[path]


def test_a_features_own_folders_bear_its_name_and_no_other_features() -> None:
    paths = [
        "src/orders_app/orders/domain/model.py",
        "tests/orders/e2e/test_orders_api.py",
        "crates/orders-api/src/lib.rs",
        "src/Orders.Api/OrdersEndpoints.cs",
        "tests/orderse2e/e2e_test.go",
        "src/ordersheet/item.py",
        "migrations/0007.sql",
    ]

    assert list(own_roots(paths, "orders")) == [
        "src/orders_app/orders",
        "tests/orders",
        "crates/orders-api",
        "src/Orders.Api",
        "tests/orderse2e",
    ]
