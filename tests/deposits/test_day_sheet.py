"""A day on paper says what the record says: every figure, every item, who signed it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import pdfplumber
import pytest
from openpyxl import load_workbook

from deposits import batch, reconcile
from deposits.bank import import_file
from deposits.day_pdf import day_pdf
from deposits.day_record import day_record, sign
from deposits.day_sheet import DaySheet, day_sheet
from deposits.day_xlsx import day_xlsx
from records import clock
from records.installation import Installation
from records.models import BankAccount, BankLine
from tests.deposits.build import DAY, check, group

_FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def sheet(installation: Installation) -> DaySheet:
    """A signed day: two checks of 100.00 and 23.45, credited with 0.05 too little."""
    with clock.frozen(datetime(2026, 12, 1, 15, tzinfo=UTC)), installation.db.write() as session:
        made = group(session)
        account = session.get_one(BankAccount, made.bank_account_id)
        payments = [check(session, made, cents).id for cents in (10_000, 2_345)]
        deposit = batch.open_deposit(session, account.id, DAY, "user:bill")
        batch.add(session, deposit.id, payments, "user:bill")
        batch.close(session, deposit.id, 2, 12_345, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        data = f"Account,Date,Amount,Description\n123456789,{DAY},123.40,DEPOSIT\n".encode()
        import_file(session, installation.store, data, "a.csv", "user:bill")
        line = session.query(BankLine).one()
        reconcile.settle(session, line.id, deposit.id, "user:bill", _FORMULA)
        sign(session, account, DAY, "user:cora")
        return day_sheet(day_record(session, account, DAY).to_json())


def test_the_pdf_holds_every_figure_item_and_the_signature(sheet: DaySheet) -> None:
    content = day_pdf([sheet])
    assert content == day_pdf([sheet])
    with pdfplumber.open(io.BytesIO(content)) as document:
        text = "\n".join(page.extract_text() for page in document.pages)
    assert "Every cent is explained." in text
    assert "Signed by cora" in text
    for section in (*sheet.summary, *sheet.items):
        assert section.heading in text
    for ref in [str(row.cells[1]) for section in sheet.items for row in section.rows]:
        assert ref in text
    for amount in ("$123.45", "$123.40", "$100.00", "$23.45", "$0.05"):
        assert amount in text


def test_the_spreadsheet_has_numbers_that_sum_and_no_formula(sheet: DaySheet) -> None:
    book = load_workbook(io.BytesIO(day_xlsx([sheet])))
    assert book.sheetnames == ["MAIN figures", "MAIN items"]
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert any(_FORMULA in str(cell.value) for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    rows = [[cell.value for cell in row] for row in book["MAIN items"].iter_rows()]
    start = next(at for at, row in enumerate(rows) if row[0] == "Bank: items")
    amounts = [Decimal(str(row[2])) for row in rows[start + 3 : start + 5]]
    assert sum(amounts) == Decimal("123.45")
    assert amounts == [Decimal("123.4"), Decimal("0.05")]


def test_two_accounts_of_one_day_are_in_one_file(sheet: DaySheet) -> None:
    book = load_workbook(io.BytesIO(day_xlsx([sheet, sheet])))
    assert len(book.sheetnames) == 4
    with pdfplumber.open(io.BytesIO(day_pdf([sheet, sheet]))) as document:
        both = len(document.pages)
    with pdfplumber.open(io.BytesIO(day_pdf([sheet]))) as document:
        assert both == 2 * len(document.pages)
