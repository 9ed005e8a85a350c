"""Merge of tables: columns by header, rows by first cell."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from groundplan.merging.nodes import Node, flat
from groundplan.merging.placeholders import has_placeholder, is_filled_in
from groundplan.merging.prose import Clash, Part, first_known, merge_words, three_way
from groundplan.merging.rewrites import join_rewrites
from groundplan.merging.units import Unit, arrange, unite
from groundplan.text.blocks import Row, Table, split_lines

_BORDER = re.compile(r"(?<!\\)\|")
_BASE, _OURS, _THEIRS = range(3)
_HEADER = 0
_DASHES = 1
_FIRST_ROW = 2

_Numbers = tuple[int | None, int | None, int | None]
_DASHED = (_DASHES, _DASHES, _DASHES)


@dataclass(frozen=True, slots=True)
class _Grid:
    """One version of a table.

    Attributes:
        lines: Its lines.
        cells: Each line's cells, with the white space around them.
        columns: A node for each column, its order the column's number.
        rows: A node for each row, its order the number of its line.
    """

    lines: Sequence[str]
    cells: Sequence[Sequence[str]]
    columns: Sequence[Node]
    rows: Sequence[Node]

    def cell(self, line: int | None, column: Node | None) -> str | None:
        """Return a cell: None where row or column are missing, an empty one where the line is too short."""
        if line is None or column is None:
            return None
        cells = self.cells[line]
        return cells[column.order] if column.order < len(cells) else ""


def _grid(text: str) -> _Grid:
    lines = split_lines(text)
    cells = [_cells(line) for line in lines]
    header = cells[_HEADER] if cells else []
    # What stands beyond the header has columns without a name, each known by its number.
    names = [*header, *map(str, range(len(header), max(map(len, cells), default=0)))]
    columns = [Node(Table, name.strip(), "", number, flat(name)) for number, name in enumerate(names)]
    rows = [
        Node(Row, " | ".join(map(str.strip, own)), "", number, flat(own[0]))
        for number, own in enumerate(cells)
        if number >= _FIRST_ROW
    ]
    return _Grid(lines, cells, columns, rows)


def _cells(line: str) -> list[str]:
    cells = _BORDER.split(line.strip().removeprefix("|"))
    if len(cells) > 1 and not cells[-1]:
        del cells[-1]
    return cells


def merge_tables(base: str, ours: str, theirs: str, *, yielding: bool) -> Iterator[Part]:
    """Merge three versions of a table.

    A new column of the template comes to every row, with the template's placeholder in rows that only the user has.

    Args:
        base: The common ancestor's lines; nothing if both sides added the table.
        ours: The user's lines.
        theirs: The template's lines.
        yielding: Whether the template yields where the user filled placeholders in.

    Yields:
        The lines, or what is in conflict of them.
    """
    grids = _grid(base), _grid(ours), _grid(theirs)
    rows = unite(*(grid.rows for grid in grids))
    rows = rows if yielding else join_rewrites(rows)
    columns = unite(*(grid.columns for grid in grids))
    kept = arrange([column for column in columns if _column_stays(column, rows, grids, yielding=yielding)])
    merge = _TableMerge(grids, kept, yielding=yielding)
    yield merge.line((_HEADER if base else None, _HEADER, _HEADER))
    yield merge.line((_DASHES if base else None, _DASHES, _DASHES))
    for row in arrange([row for row in rows if row.stays(yielding=yielding)]):
        yield merge.line(_numbers(row))


def _numbers(row: Unit) -> _Numbers:
    base, ours, theirs = (node.order if node else None for node in row.nodes)
    return base, ours, theirs


def _column_stays(column: Unit, rows: Sequence[Unit], grids: Sequence[_Grid], *, yielding: bool) -> bool:
    """Keep a column that one side dropped if the other wrote into it."""
    if column.stays(yielding=yielding):
        return True
    writers = (_OURS,) if yielding else (_OURS, _THEIRS)
    return any(_wrote(side, row, column, grids) for row in rows for side in writers)


def _wrote(side: int, row: Unit, column: Unit, grids: Sequence[_Grid]) -> bool:
    """Return whether a side wrote own words into a cell."""
    cells = [flat(cell or "") for cell in _values(_numbers(row), column, grids)]
    return bool(cells[side]) and cells[side] != cells[_BASE] and not has_placeholder(cells[side])


def _values(line: _Numbers, column: Unit, grids: Sequence[_Grid]) -> tuple[str | None, str | None, str | None]:
    base, ours, theirs = (grid.cell(number, node) for grid, number, node in zip(grids, line, column.nodes, strict=True))
    return base, ours, theirs


class _TableMerge:
    """Writes the lines of a merged table."""

    def __init__(self, grids: tuple[_Grid, _Grid, _Grid], columns: Sequence[Unit], *, yielding: bool) -> None:
        self._grids = grids
        self._columns = columns
        # Behind the last column that has dashes there are only cells beyond the header.
        has_dashes = [any(map(flat, filter(None, _values(_DASHED, column, grids)))) for column in columns]
        self._width = len(columns) - next((n for n, has in enumerate(reversed(has_dashes)) if has), 0)
        self._yielding = yielding

    def line(self, line: _Numbers) -> Part:
        """Merge one line, given its number in each version."""
        columns = self._columns[: self._width] if _HEADER in line or _DASHES in line else self._columns
        cells = [self._cell(line, column) for column in columns]
        merged = [cell for cell in cells if cell is not None]
        if len(merged) == len(cells):
            return self._as_written(line, merged)
        sides = [
            [
                first_known(cell, _values(line, column, self._grids)[side] or " ")
                for cell, column in zip(cells, columns, strict=True)
            ]
            for side in range(3)
        ]
        base, ours, theirs = (self._written_anew(side) for side in sides)
        return Clash(base, ours, theirs)

    def _cell(self, line: _Numbers, column: Unit) -> str | None:
        base, ours, theirs = _values(line, column, self._grids)
        if ours is None and theirs is None:
            return self._filler(column)
        if _DASHES in line:
            return (first_known(three_way(base, ours, theirs), ours) if ours and theirs else ours or theirs) or "---"
        if ours is None or theirs is None:
            return theirs if ours is None else ours
        return _merge_cells(base, ours, theirs, yielding=self._yielding)

    def _filler(self, column: Unit) -> str:
        """Return the placeholder that the template has in a column."""
        _, _, theirs = self._grids
        cells = (theirs.cell(row.order, column.theirs) or "" for row in theirs.rows)
        return next((cell for cell in cells if has_placeholder(cell)), "  ")

    def _as_written(self, line: _Numbers, cells: Sequence[str]) -> str:
        """Return the line as a version has it, where it has just these cells."""
        for number, grid in zip(line[1:], self._grids[1:], strict=True):
            if number is None:
                continue
            missing = len(cells) - len(grid.cells[number])
            if [*grid.cells[number], *[""] * missing] == cells:
                return grid.lines[number]
        return self._written_anew(cells)

    def _written_anew(self, cells: Sequence[str]) -> str:
        first = self._grids[1].lines[_HEADER]
        indent, ending = first[: len(first) - len(first.lstrip())], first[len(first.rstrip("\r\n")) :]
        return f"{indent}|{'|'.join(cell or ' ' for cell in cells)}|{ending}"


def _merge_cells(base: str | None, ours: str, theirs: str, *, yielding: bool) -> str | None:
    """Merge the cells of one place; None where they disagree."""
    b, o, t = (base or "").strip(), ours.strip(), theirs.strip()
    merged = three_way(b, o, t)
    if merged is None:
        takes_ours = yielding and (base is None or is_filled_in(b, o))
        merged = o if takes_ours else merge_words(b, o, t, yielding=yielding)
    if merged is None:
        return None
    return next((cell for cell in (ours, theirs) if cell.strip() == merged), f" {merged} ")
