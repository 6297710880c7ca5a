"""Claims printed as a row of their own under heads of their own, their services below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocr.remittance_cells import CLAIM_LABELS, MONEY
from ocr.remittance_grid import Grid
from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_labels import is_name, plausible
from ocr.remittance_rows import PROCEDURE, Row, Token

_OF_SERVICES = frozenset({"service_on", "procedure_code", *MONEY})
_IDS = frozenset({"claim_number", "patient_account", "member_id"})


def facts_in(row: Row, head: Head, shift: float) -> dict[str, list[Token]]:
    """What a claim's row says of whose claim it is, by role; empty where it is no such row.

    ``head`` has the heads of the claims, ``shift`` is how far the page's table stands right of it.
    A row is a claim's when it holds a number and a name, or two numbers, under their heads.
    """
    cells = head.claims
    found: dict[str, list[Token]] = {}
    for token in row.tokens:
        if token.cents is not None:
            continue
        cell = _cell_of(token, cells, shift)
        if token.day is not None:
            if cell.role not in {"service_on", "service_end_on"}:
                return {}
        elif cell.role == "claim_number" and _is_code(token, head, shift):
            return {}
        elif cell.role in CLAIM_LABELS:
            found.setdefault(cell.role, []).append(token)
    facts = {role: tokens for role, tokens in found.items() if plausible(role, tokens)}
    name = facts.get("patient_name")
    if name is not None and not is_name(name):
        del facts["patient_name"]
    ids = _IDS & set(facts)
    if not ids or (len(ids) < 2 and "patient_name" not in facts):
        return {}
    return facts


def _is_code(token: Token, head: Head, shift: float) -> bool:
    """Whether a word is a procedure's code under their own head: the row is a service's."""
    own = _cell_of(token, head.cells, shift).role == "procedure_code"
    return own and PROCEDURE.match(token.text) is not None


def _cell_of(token: Token, cells: Sequence[HeadCell], shift: float) -> HeadCell:
    left, right = token.left - shift, token.right - shift

    def apart(cell: HeadCell) -> tuple[float, float]:
        gap = max(cell.left - right, left - cell.right, 0.0)
        return gap if left < cell.left else 0.5 * gap, abs(cell.left - left)

    return min(cells, key=apart)


def apart(row: Row, grid: Grid, shift: float) -> tuple[Row | None, Row]:
    """What stands in a column of claims left of all of the services', and the rest of the row.

    None where the table has no such column, or nothing stands in it.
    """
    of_claims = [c.left for c in grid.columns if c.role in CLAIM_LABELS]
    others = [c.left for c in grid.columns if c.role in _OF_SERVICES]
    if not of_claims or not others or min(of_claims) >= min(others):
        return None, row
    edge = min(others) + shift
    left = tuple(token for token in row.tokens if token.right < edge and token.cents is None)
    if not left:
        return None, row
    kept = tuple(token for token in row.tokens if token not in left)
    return replace(row, tokens=left), replace(row, tokens=kept)
