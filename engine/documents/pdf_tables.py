"""Tables on a PDF page, by the lines ruled around their cells: rows of cells where pdfium gives loose runs of words.

Ruled lines that touch make a grid; a cell reaches to the next line that is really drawn, so merged cells come out
whole and stand in every row they reach over. A page without a grid of two by two is left alone. Called by `pdf`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

MOST_SHAPES = 4_000
MOST_LINES = 400
"""Shapes of a page and ruled lines they make: more are a drawing."""
MOST_SIDES = 70
THIN = 3.0
SHORTEST = 8.0
NEAR = 3.0
"""Points by which lines may miss each other and still meet."""


class Ruled(NamedTuple):
    """A line in points: at `at` across its own direction, from `low` to `high` along it."""

    at: float
    low: float
    high: float


class Grid(NamedTuple):
    """A table: its columns' edges from the left, its rows' edges from the top, and the lines drawn."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    upright: tuple[Ruled, ...]
    level: tuple[Ruled, ...]

    def holds(self, x: float, y: float) -> bool:
        """Whether the place lies within the table."""
        return self.xs[0] - NEAR <= x <= self.xs[-1] + NEAR and self.ys[-1] - NEAR <= y <= self.ys[0] + NEAR


def grids(page: Any) -> list[Grid]:
    """The tables of a page, from the top."""
    upright, level = (_whole(lines) for lines in _ruled(page))
    if len(upright) + len(level) > MOST_LINES or len(upright) < 3 or len(level) < 3:
        return []
    found = [grid for group in _touching(upright, level) if (grid := _grid(*group))]
    return sorted(found, key=lambda grid: -grid.ys[0])


def _ruled(page: Any) -> tuple[list[Ruled], list[Ruled]]:
    """Upright and level lines of the page: thin shapes as they are, boxes by their four sides."""
    from pypdfium2 import raw

    upright: list[Ruled] = []
    level: list[Ruled] = []
    shapes = page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=3)
    for shape in islice(shapes, MOST_SHAPES):
        left, bottom, right, top = shape.get_bounds()
        wide, high = right - left, top - bottom
        if high <= THIN and wide >= SHORTEST:
            level.append(Ruled((top + bottom) / 2, left, right))
        elif wide <= THIN and high >= SHORTEST:
            upright.append(Ruled((left + right) / 2, bottom, top))
        elif wide >= SHORTEST and high >= SHORTEST:
            level += (Ruled(top, left, right), Ruled(bottom, left, right))
            upright += (Ruled(left, bottom, top), Ruled(right, bottom, top))
    return upright, level


def _whole(lines: Sequence[Ruled]) -> list[Ruled]:
    """The lines with pieces of one line put together: many tables are drawn cell by cell."""
    whole: list[Ruled] = []
    for line in sorted(lines, key=lambda line: (round(line.at / NEAR), line.low)):
        last = whole[-1] if whole else None
        if last and round(last.at / NEAR) == round(line.at / NEAR) and line.low <= last.high + NEAR:
            whole[-1] = last._replace(high=max(last.high, line.high))
        else:
            whole.append(line)
    return whole


def _touching(upright: Sequence[Ruled], level: Sequence[Ruled]) -> Iterator[tuple[list[Ruled], list[Ruled]]]:
    """The lines in groups that hang together by crossing or meeting."""
    groups: list[tuple[list[Ruled], list[Ruled]]] = []
    for line in level:
        met = [group for group in groups if any(_meet(other, line) for other in group[0])]
        own = ([one for one in upright if _meet(one, line)], [line])
        for group in met:
            groups.remove(group)
            own = ([*own[0], *group[0]], [*own[1], *group[1]])
        groups.append((list(dict.fromkeys(own[0])), own[1]))
    yield from groups


def _meet(upright: Ruled, level: Ruled) -> bool:
    return level.low - NEAR <= upright.at <= level.high + NEAR and upright.low - NEAR <= level.at <= upright.high + NEAR


def _grid(upright: Sequence[Ruled], level: Sequence[Ruled]) -> Grid | None:
    """The table of these lines; None for fewer than two rows of two cells, or a drawing."""
    xs = _edges([line.at for line in upright])
    ys = _edges([line.at for line in level])[::-1]
    if not (3 <= len(xs) <= MOST_SIDES and 3 <= len(ys) <= MOST_SIDES):
        return None
    return Grid(tuple(xs), tuple(ys), tuple(upright), tuple(level))


def _edges(places: Sequence[float]) -> list[float]:
    """The places in ascending order, those nearer than `NEAR` as one."""
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > NEAR:
            edges.append(place)
    return edges


def rows(grid: Grid, textpage: Any) -> list[str]:
    """The rows of the table as lines of cells parted by |; rows without a word are left out."""
    told = []
    for row in range(len(grid.ys) - 1):
        cells = [_words(textpage, *box) for box in _cells(grid, row)]
        if any(cells):
            told.append(" | ".join(cells))
    return told


def _cells(grid: Grid, row: int) -> Iterator[tuple[float, float, float, float]]:
    """The boxes (left, bottom, right, top) of the cells that stand in this row."""
    middle = (grid.ys[row] + grid.ys[row + 1]) / 2
    walls = [x for x in grid.xs if _drawn(grid.upright, x, middle)]
    for left, right in pairwise(walls):
        across = (left + right) / 2
        top = next(y for y in reversed(grid.ys[: row + 1]) if y == grid.ys[0] or _drawn(grid.level, y, across))
        bottom = next(y for y in grid.ys[row + 1 :] if y == grid.ys[-1] or _drawn(grid.level, y, across))
        yield left, bottom, right, top


def _drawn(lines: Sequence[Ruled], at: float, along: float) -> bool:
    return any(abs(line.at - at) <= NEAR and line.low <= along <= line.high for line in lines)


def _words(textpage: Any, left: float, bottom: float, right: float, top: float) -> str:
    text = str(textpage.get_text_bounded(left, bottom, right, top, errors="replace"))
    return "".join(line.strip() for line in text.replace("|", "/").split("\n")).strip()
