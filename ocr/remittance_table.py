"""The body of a paper remittance: rows of print become claims, service lines and totals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ocr.page_memo import kept_for_page
from ocr.remittance_blanks import fill_blanks
from ocr.remittance_body import Body, Item, Table, lay_out
from ocr.remittance_borne_out import doubt_unlabelled
from ocr.remittance_causes import doubt_without_cause
from ocr.remittance_cells import ServiceLine
from ocr.remittance_claim_sums import set_sums_apart
from ocr.remittance_currency import with_signs
from ocr.remittance_far_minus import rows_with_signs
from ocr.remittance_glued_codes import with_codes
from ocr.remittance_glued_marks import with_marks
from ocr.remittance_head_cells import HeadCell
from ocr.remittance_kept_back import take_proved
from ocr.remittance_keyed import complete_lines, keyed_body
from ocr.remittance_layouts import Layout, bare_head
from ocr.remittance_legend import legend_of
from ocr.remittance_named_twice import tell_named_twice
from ocr.remittance_reasons import explain
from ocr.remittance_roles import tell_roles
from ocr.remittance_rows import Row
from ocr.remittance_same_claims import rejoin
from ocr.remittance_share_parts import tell_share_parts
from ocr.remittance_sum_rows import take_sums
from ocr.remittance_sums import adds_up
from ocr.remittance_told_codes import told_codes
from ocr.remittance_totals import leave_out_summaries, sums_of_all
from ocr.remittance_walk import Walk
from ocr.text import PageText

page_rows = kept_for_page(rows_with_signs)
"""``rows_with_signs`` done once for a page that is first told to be a remittance and then read."""


def _walked(
    items: Sequence[Item],
    tables: list[Table],
    legend: Mapping[str, str],
    not_these: set[tuple[int, int]],
) -> Walk:
    walk = Walk(legend)
    walk.body.tables = tables
    for item in items:
        if (item.row.page, item.row.number) not in not_these and not item.again:
            walk.item(item)
    walk.deal_out()
    return walk


def _told(walk: Walk, tables: Sequence[Table], payments: frozenset[int]) -> bool:
    """Whether sums told what unknown columns of the tables are."""
    lines = [line for claim in walk.body.claims for line in claim.lines]
    taken = sum(entry.cents for entry in walk.body.taken)
    told = False
    for table in tables:
        own = [line for line in lines if walk.grids.get(id(line)) is table.grid]
        if table.grid is not None and own:
            told |= (
                tell_named_twice(table.grid, own)
                or tell_share_parts(table.grid, own)
                or tell_roles(table.grid, own, payments, taken)
            )
    return told


def read_body(
    pages: Sequence[PageText],
    payments: frozenset[int] = frozenset(),
    layouts: Sequence[Layout] = (),
    unread: Callable[[ServiceLine], bool] | None = None,
) -> Body:
    """Claims, totals and provider adjustments of the pages of one remittance, in print order.

    ``payments`` are the amounts in cents that the pages name as the payment; ``layouts`` those
    that people taught of this payer, whose roles win over what the columns are called. ``unread``
    tells of which services some print was not read; without it that may be any of a scan.
    """
    rows = [list(page_rows(text)) for text in pages]
    legend, its_rows = legend_of(rows)
    rows = [with_signs(with_codes(with_marks(page, legend))) for page in rows]
    body = _of_tables(rows, legend, its_rows, payments, layouts, unread)
    if not any(map(adds_up, body.lines)):
        keyed = keyed_body(rows, legend)
        body = keyed if complete_lines(keyed) > len(body.lines) else body
    take_sums(body)
    take_proved(body, rows, payments)
    doubt_unlabelled(body.claims, rows)
    sums_of_all(body)
    leave_out_summaries(body, payments)
    _dental_codes(body.lines)
    for number, claim in enumerate(body.claims, start=1):
        claim.where = f"claim {number}"
    return body


def _of_tables(
    rows: Sequence[Sequence[Row]],
    legend: Mapping[str, str],
    its_rows: set[tuple[int, int]],
    payments: frozenset[int],
    layouts: Sequence[Layout],
    unread: Callable[[ServiceLine], bool] | None,
) -> Body:
    """What stands under the heads of tables, its codes explained and its blanks filled."""
    items, tables = lay_out(rows, layouts)
    told = told_codes(tables, rows)
    legend, its_rows = {**told.legend, **legend}, its_rows | told.rows
    walk = _walked(items, tables, legend, its_rows)
    if _told(walk, tables, payments):
        walk = _walked(items, tables, legend, its_rows)
    body = walk.body
    body.columns = _columns(tables, rows)
    body.claims = [claim for claim in body.claims if claim.lines or claim.totals]
    if not body.lines and body.summary:
        body.claims = body.summary
    exact = all(row.source == "text_layer" for page in rows for row in page)
    for line in body.lines:
        explain(line, walk.grids[id(line)], legend)
    doubt_without_cause(body.lines, walk.grids, unread or (lambda _: not exact))
    if not exact:
        rejoin(body)
    set_sums_apart(body.claims)
    fill_blanks(body.lines, walk.grids)
    return body


def _columns(tables: Sequence[Table], rows: Sequence[Sequence[Row]]) -> tuple[HeadCell, ...]:
    """The columns of the table of services as heads, in the roles that they were read in."""
    grids = [t.grid for t in tables if t.grid is not None and not (t.summary or t.totals_only)]
    if not grids:
        return next((cells for cells in map(bare_head, rows) if cells), ())
    grid = max(grids, key=lambda one: one.rows)
    return tuple(
        HeadCell(column.text, column.role, column.left, column.right, column.level)
        for column in grid.columns
    )


_AS_D = str.maketrans("OQILSZB", "0011528")


def _dental_codes(lines: Sequence[ServiceLine]) -> None:
    """Among dental codes (D and four digits) one of another letter had its D misread."""
    codes = [line.procedure_code or "" for line in lines]
    dental = sum(bool(re.fullmatch(r"D\d{4}", code)) for code in codes)
    if dental < 0.4 * len(codes) or dental < 2:
        return
    medical = sum(bool(re.fullmatch(r"[1-9]\d{4}|[A-CE-V]\d{4}", code)) for code in codes)
    for line, code in zip(lines, codes, strict=True):
        rest = code[1:].translate(_AS_D)
        able = code[:1] in {"0", "O", "Q", "B"} or medical < 0.3 * len(codes)
        if len(code) == 5 and not code.startswith("D") and able and rest.isdigit():
            cell = line.cells["procedure_code"]
            if cell.source != "text_layer":
                line.cells["procedure_code"] = replace(
                    cell, value=f"D{rest}", confidence=min(0.85, cell.confidence)
                )
