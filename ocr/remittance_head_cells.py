"""The head of a remittance's table: its columns' names with their roles and places."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeadCell:
    """One column's head: its words, its role where known, its span in straight pixels.

    ``level`` numbers the printed line of a record that the column is on, from 0.
    """

    text: str
    role: str | None
    left: float
    right: float
    level: int = 0
    words: tuple[tuple[str, float, float], ...] = ()  # text, left and right of each


@dataclass(frozen=True, slots=True)
class Head:
    """A table's head: its cells left to right, the rows it takes, the lines of a record.

    ``claims`` are the cells of a head right over it that names the rows of the claims.
    """

    cells: tuple[HeadCell, ...]
    first: int
    last: int
    levels: int = 1
    claims: tuple[HeadCell, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """The roles that are known."""
        return frozenset(cell.role for cell in self.cells if cell.role is not None)

    def level_of(self, role: str) -> int:
        """The printed line of a record that a role's column is on; the first for none."""
        return min((cell.level for cell in self.cells if cell.role == role), default=0)

    @property
    def opens(self) -> int:
        """The line that a record begins with: the first with the day or the code of a service."""
        return min(
            (c.level for c in self.cells if c.role in {"service_on", "procedure_code"}), default=0
        )

    def of_codes(self, shift: float) -> list[tuple[float, float]]:
        """Left and right of the columns of procedures on a page that stands ``shift`` right."""
        return [(c.left + shift, c.right + shift) for c in self.cells if c.role == "procedure_code"]

    @property
    def key(self) -> tuple[tuple[str, int], ...]:
        """What a head on a continuation page has in common with this one."""
        return tuple((cell.text.lower(), cell.level) for cell in self.cells)


def repeats(head: Head, other: Head) -> bool:
    """Whether a head is the other one printed again, a misread letter forgiven."""
    if len(head.cells) != len(other.cells):
        return False
    same = sum(a.role == b.role if a.role or b.role else a.text.lower() == b.text.lower()
               for a, b in zip(head.cells, other.cells, strict=True))  # fmt: skip
    return same >= 0.8 * len(head.cells)
