"""A column of a scan whose head was misread: told as the part that patients' shares lack."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from ocr.remittance_cells import ServiceLine
from ocr.remittance_grid import Grid

_NAMES = {
    "deductible": ("deduct", "deductible", "ded"),
    "coinsurance": ("coins", "coinsurance", "coinsur"),
    "copay": ("copay", "copayment"),
}
_SHARE = "patient_responsibility_cents"
_FEWEST = 2  # rows in which the part is more than nothing
_MOST_MISREAD = 0.5  # of a name's letters


def tell_share_parts(grid: Grid, lines: Sequence[ServiceLine]) -> bool:
    """Name the one column of a scan that is, row by row, what the shares lack of their parts.

    Which part it is tells the name that its head is nearest to, of those that no other column has.
    In place; True where a column got its name.
    """
    rows = [line for line in lines if _SHARE in line.money]
    if not any(cell.source != "text_layer" for line in rows for cell in line.cells.values()):
        return False
    able = [at for at, column in enumerate(grid.columns) if column.role is None]
    right = [at for at in able if _makes_up(rows, at)]
    role = _nearest(grid, right[0]) if len(right) == 1 else None
    if role is None:
        return False
    grid.name(right[0], role)
    return True


def _makes_up(rows: Sequence[ServiceLine], at: int) -> bool:
    """Whether the amounts of a column with the known parts come to the share, in every row."""
    filled = 0
    for line in rows:
        cell = line.cells.get(f"?{at}")
        own = 0 if cell is None else int(cell.value)
        parts = own + sum(line.money.get(role, 0) for role in _NAMES)
        share = line.money[_SHARE]
        if own and parts != share:
            return False
        filled += bool(own)
    return filled >= _FEWEST


def _nearest(grid: Grid, at: int) -> str | None:
    """The name of a part that a head differs from in the fewest letters, where one is nearest."""
    found: dict[str, float] = {}
    for word in grid.columns[at].text.lower().split():
        for role, names in _NAMES.items():
            apart = min(
                Levenshtein.distance(_drawn(word), _drawn(name)) / len(name) for name in names
            )
            found[role] = min(apart, found.get(role, 1.0))
    ranked = sorted((apart, role) for role, apart in found.items() if role not in grid.roles)
    if not ranked or ranked[0][0] > _MOST_MISREAD:
        return None
    return ranked[0][1] if len(ranked) == 1 or ranked[1][0] > ranked[0][0] else None


def _drawn(word: str) -> str:
    """A word with the strokes of two letters as the letter that they run together to."""
    return word.replace("rn", "m").replace("in", "m").replace("ni", "m")
