"""What a bank says it holds: kept by day and file, and told when it does not add or follow on."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from deposits.bank import import_file, parse
from deposits.bank.importing import refuse_impossible
from deposits.bank_balances import Told, balance_findings, findings, told_balances
from deposits.day_pdf import day_pdf
from deposits.day_record import day_record, sign
from deposits.day_sheet import day_sheet
from deposits.day_xlsx import day_xlsx
from records import clock
from records.db import Database
from records.errors import UnreadableError
from records.installation import Installation
from records.models import BankAccount, BankBalance
from tests.deposits.build import group
from tests.deposits.test_bank_files import _sample

MONDAY = date(2026, 11, 2)


def _bai2(day: date, opening: int | None, closing: int | None, *lines: tuple[str, int]) -> bytes:
    """One account's day; lines are (type code, cents)."""
    told = "".join(
        f"{code},{cents},,,"
        for code, cents in (("010", opening), ("015", closing))
        if cents is not None
    )
    details = "".join(f"16,{code},{cents},0,,R{n},X{n}/\n" for n, (code, cents) in enumerate(lines))
    return (
        f"01,A,B,{day:%y%m%d},0200,1,80,,2/\n02,B,A,1,{day:%y%m%d},2359,USD,2/\n"
        f"03,000123456789,USD,{told}/\n{details}49,,/\n98,,,/\n99,,,/\n"
    ).encode()


def _codes(data: bytes) -> list[str]:
    return [each.code for each in parse(data, "x").findings]


@given(
    st.integers(-10**9, 10**9), st.lists(st.tuples(st.sampled_from(["301", "409"]),
                                                   st.integers(1, 10**7)), max_size=6),
    st.integers(-3, 3),
)  # fmt: skip
def test_a_statement_adds_up_to_the_cent_or_is_told(
    opening: int, lines: list[tuple[str, int]], out: int
) -> None:
    moved = sum(cents if code == "301" else -cents for code, cents in lines)
    data = _bai2(MONDAY, opening, opening + moved + out, *lines)
    assert _codes(data) == (["balance_differs"] if out else [])
    if out:
        [finding] = parse(data, "x").findings
        assert f"out by $0.0{abs(out)} " in finding.message


def test_a_bai2_that_lists_only_some_of_its_lines_says_so() -> None:
    told = _bai2(MONDAY, 1_000, 1_500, ("301", 400)).replace(
        b"015,1500,,,", b"015,1500,,,100,700,2,,400,200,1,,"
    )
    [finding] = parse(told, "x").findings
    assert "it does not list all its lines" in finding.message


def test_the_samples_of_banks_tell_balances_and_one_does_not_add_up() -> None:
    [citi] = parse(_sample("moj_citi_example.bai2"), "x").findings
    assert (citi.code, "out by 0.01 GBP" in citi.message) == ("balance_differs", True)
    second = parse(_sample("moov_sample2.txt"), "x")
    told = [each for account in second.accounts for each in account.balances]
    assert [each.cents for each in told if each.kind == "opening"] == [
        4_350_000, -500_000, 10_000_000, 500_000, 800_000]  # fmt: skip
    [ofx] = parse(_sample("ofxparse_checking.ofx"), "x").accounts
    assert [(each.kind, each.cents) for each in ofx.balances] == [
        ("closing", 10_099), ("closing_available", 7_599)]  # fmt: skip


_CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Acct><Id><Othr><Id>000123456789</Id></Othr></Id><Ccy>USD</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">{opening}</Amt>
<CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-11-02</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">70.25</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-03</Dt></Dt></Bal>
<Ntry><Amt Ccy="USD">100.25</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<ValDt><Dt>2026-11-03</Dt></ValDt></Ntry></Stmt></BkToCstmrStmt></Document>"""


def test_camt_tells_overdrawn_balances_and_its_days() -> None:
    right = parse(_CAMT.format(opening="30.00").encode(), "x")
    [account] = right.accounts
    assert right.findings == ()
    assert [(each.kind, each.cents) for each in account.balances] == [
        ("opening", -3_000), ("closing", 7_025)]  # fmt: skip
    assert (account.from_on, account.to_on) == (date(2026, 11, 3), date(2026, 11, 3))
    assert _codes(_CAMT.format(opening="30.01").encode()) == ["balance_differs"]


def test_an_entry_that_is_not_booked_yet_is_left_out_of_lines_and_sums() -> None:
    pending = _CAMT.format(opening="30.00").replace(
        "</Stmt>",
        "<Ntry><Amt Ccy='USD'>9.99</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts>"
        "<ValDt><Dt>2026-11-03</Dt></ValDt></Ntry></Stmt>",
    )
    read = parse(pending.encode(), "x")
    assert [each.code for each in read.findings] == ["line_pending"]
    assert [each.amount_cents for each in read.accounts[0].lines] == [10_025]


def test_a_balance_that_cannot_be_is_refused(db: Database, installation: Installation) -> None:
    with db.write() as session:
        group(session)
    with pytest.raises(UnreadableError) as refused:
        _bring(db, installation, _bai2(MONDAY, 10**30, 1))
    assert refused.value.code == "bank_file_wrong"
    huge = "9" * 5_000  # more digits than Python makes a number of
    with pytest.raises(UnreadableError):
        parse(_bai2(MONDAY, 5, 1).replace(b"010,5,", f"010,{huge},".encode()), "x")
    ofx = parse(_OFX.format(end="20261103", lines="", closing=huge).encode(), "x")
    camt = parse(_CAMT.format(opening=huge).encode(), "x")
    assert [[each.kind for each in read.accounts[0].balances] for read in (ofx, camt)] == [
        [], ["closing"]]  # fmt: skip
    assert "out by $9,999,999" in parse(_bai2(MONDAY, 10**30, 1), "x").findings[0].message


def test_a_file_that_would_keep_everybody_waiting_is_refused() -> None:
    told = parse(_bai2(MONDAY, 4, 5, ("301", 1)), "x")
    [account] = told.accounts
    for few, many in (
        ((account,) * 10_000, (account,) * 10_001),
        ((replace(account, lines=account.lines * 100_000),),
         (replace(account, lines=account.lines * 100_001),)),
    ):  # fmt: skip
        refuse_impossible(replace(told, accounts=few))
        with pytest.raises(UnreadableError) as refused:
            refuse_impossible(replace(told, accounts=many))
        assert refused.value.code == "bank_file_too_large"


_ROWS = ("2026-11-02,100.00,DEPOSIT,1100.00", "2026-11-02,-30.00,FEE,1070.00",
         "2026-11-03,5.50,DEPOSIT,1075.50")  # fmt: skip


@pytest.mark.parametrize("latest_first", [False, True])
def test_a_csv_with_a_running_balance_is_checked_line_by_line(latest_first: bool) -> None:
    def data(rows: Sequence[str]) -> bytes:
        ordered = rows[::-1] if latest_first else rows
        return "\n".join(("Date,Amount,Description,Balance", *ordered)).encode()

    right = parse(data(_ROWS), "x")
    assert right.findings == ()
    assert [(each.kind, each.cents) for each in right.accounts[0].balances] == [
        ("opening", 100_000), ("closing", 107_550)]  # fmt: skip
    [finding] = parse(data((_ROWS[0], "2026-11-02,-30.00,FEE,1069.00", _ROWS[2])), "x").findings[:1]
    assert finding.code == "balance_differs"
    assert "out by $1.00 at line" in finding.message


def _told(
    day: int, opening: int | None, closing: int | None, moved: int = 0, file: str = ""
) -> Told:
    on = date(2026, 11, day)
    return Told("MAIN", file or f"BF-{day}", on, on, opening, closing, moved)


def _said(*told: Told, today: date | None = None) -> list[tuple[str, int]]:
    return [(each.code, each.cents) for each in findings(told, today)]


def test_each_day_opens_with_what_the_day_before_closed_with() -> None:
    assert _said(_told(2, 100, 150, 50), _told(3, 150, 150)) == []
    assert _said(_told(6, 100, 150, 50), _told(9, 150, 150)) == []  # over a weekend
    assert _said(_told(10, 1, 1), _told(12, 1, 1)) == []  # over Veterans Day
    assert _said(_told(2, 100, 150, 50), _told(3, 149, 149)) == [("opening_differs", 1)]
    assert _said(_told(2, 100, 150, 49)) == [("balance_differs", 1)]
    assert _said(_told(2, None, 150), _told(3, None, 160, 10)) == []
    assert _said(_told(2, None, 150), _told(3, None, 160, 9)) == [("opening_differs", 1)]


def test_a_missing_day_is_told_with_what_moved_meanwhile() -> None:
    [finding] = findings([_told(3, 1, 1), _told(5, 1, 1)])
    assert finding.message == "No statement between 2026-11-03 and 2026-11-05; the balance stayed."
    assert _said(_told(3, 100, 100), _told(5, 700, 700)) == [("statement_missing", 600)]
    assert _said(_told(3, 1, 1), today=date(2026, 11, 5)) == []
    assert _said(_told(3, 1, 1), today=date(2026, 11, 6)) == [("statement_missing", 0)]


def test_two_files_of_one_day_that_differ_are_told_and_the_later_counts() -> None:
    assert _said(_told(3, 100, 100), _told(3, 100, 90, -10, "X"), _told(4, 90, 90)) == [
        ("closing_changed", 10)]  # fmt: skip
    assert _said(_told(3, 100, 100), _told(3, 100, 70, -30, "X"), _told(4, 100, 100)) == [
        ("closing_changed", 30), ("opening_differs", 30)]  # fmt: skip


def test_a_day_in_two_statements_one_after_the_other_follows_on() -> None:
    assert _said(_told(3, 100, 90, -10), _told(3, 90, 95, 5), _told(4, 95, 95)) == []


def test_what_tells_no_opening_is_checked_by_all_lines_since() -> None:
    before = Told("MAIN", "BF-1", date(2026, 10, 1), date(2026, 11, 3), None, 500, 9, daily=False)

    def after(since: int | None) -> Told:
        return Told("MAIN", "BF-2", date(2026, 10, 9), date(2026, 11, 9), None, 530, 9,
                    daily=False, since_cents=since)  # fmt: skip

    assert _said(before, after(30)) == []
    assert _said(before, after(29)) == [("closing_differs", 1)]
    assert _said(before, after(None)) == []


def _bring(db: Database, installation: Installation, data: bytes) -> tuple[str, ...]:
    with db.write() as session:
        done = import_file(session, installation.store, data, "x", "user:bill")
        return tuple(each.code for each in done.findings)


_OFX = """OFXHEADER:100
<OFX><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>000123456789</BANKACCTFROM><BANKTRANLIST>
<DTSTART>20261001<DTEND>{end}{lines}</BANKTRANLIST>
<LEDGERBAL><BALAMT>{closing}<DTASOF>{end}</LEDGERBAL></STMTRS></OFX>"""
_LINE = "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>{on}<TRNAMT>{amount}<FITID>{id}<NAME>X</STMTTRN>"


def test_downloads_that_overlap_are_checked_by_the_lines_that_are_new(
    db: Database, installation: Installation
) -> None:
    with db.write() as session:
        group(session)
    one = _LINE.format(on="20261103", amount="10.00", id="1")
    two = _LINE.format(on="20261103", amount="7.50", id="2")
    wide = ("20261103", "20261104", "20261105")
    _bring(db, installation, _OFX.format(end=wide[0], lines=one, closing="100.00").encode())
    _bring(db, installation, _OFX.format(end=wide[1], lines=one + two, closing="107.50").encode())
    with db.read() as session:
        assert balance_findings(session) == []
    _bring(db, installation, _OFX.format(end=wide[2], lines=one + two, closing="108.00").encode())
    with db.read() as session:
        assert [(each.code, each.cents) for each in balance_findings(session)] == [
            ("closing_differs", 50)]  # fmt: skip


def test_balances_are_kept_once_and_the_signed_day_names_its_closing(
    db: Database, installation: Installation
) -> None:
    with db.write() as session:
        made = group(session)
    first = _bai2(MONDAY, 100_000, 101_500, ("165", 1_500))
    assert _bring(db, installation, first) == ()
    assert _bring(db, installation, first) == ()
    _bring(db, installation, _bai2(MONDAY.replace(day=4), 101_000, 100_999, ("698", 2)))
    with db.write() as session, clock.frozen(datetime(2026, 11, 5, 12, tzinfo=UTC)):
        account = session.get_one(BankAccount, made.bank_account_id)
        assert len(told_balances(session, account)) == 2
        assert [(each.code, each.cents, each.on.day) for each in balance_findings(session)] == [
            ("balance_differs", 1, 4), ("statement_missing", 500, 4)]  # fmt: skip
        monday = day_record(session, account, MONDAY).document["bank_balance"]
        assert (monday["opening_cents"], monday["moved_cents"], monday["closing_cents"]) == (
            100_000, 1_500, 101_500)  # fmt: skip
        record = day_record(session, account, MONDAY.replace(day=4)).to_json()
        [section] = [each for each in day_sheet(record).summary if each.heading == "Bank balance"]
        assert [row.red for row in section.rows] == [False, False, False, True, True]
        assert day_pdf([day_sheet(record)]).startswith(b"%PDF")
        book = load_workbook(io.BytesIO(day_xlsx([day_sheet(record)])))
        said = {cell.value for page in book for row in page.iter_rows() for cell in row}
        assert "closing balance" in said
        assert "The bank's own file does not add up on 2026-11-04: out by $0.01." in said
        assert day_record(session, account, MONDAY.replace(day=3)).document["bank_balance"] is None
        signed = sign(session, account, MONDAY.replace(day=3), "user:cora")
        assert signed.document["bank_balance"] is None
    _bring(db, installation, _bai2(MONDAY.replace(day=3), 101_500, 101_000, ("698", 500)))
    with db.read() as session, clock.frozen(datetime(2026, 11, 5, 12, tzinfo=UTC)):
        assert [each.code for each in balance_findings(session)] == ["balance_differs"]
        account = session.get_one(BankAccount, made.bank_account_id)
        kept = day_record(session, account, MONDAY.replace(day=3))
        assert (kept.intact, kept.document["bank_balance"]) == (True, None)


@pytest.mark.both_databases
def test_the_database_keeps_what_the_bank_told(db: Database, installation: Installation) -> None:
    with db.write() as session:
        group(session)
    _bring(db, installation, _bai2(MONDAY, 100, 100))
    with db.read() as session:
        assert session.scalars(select(BankBalance.closing_cents)).all() == [100]
    for attack in (
        "UPDATE bank_balances SET closing_cents = 1",
        "DELETE FROM bank_balances",
        "INSERT INTO bank_balances SELECT * FROM bank_balances",
        *(["INSERT OR REPLACE INTO bank_balances SELECT * FROM bank_balances"]
          if db.is_sqlite else ["TRUNCATE bank_balances"]),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), db.write() as session:
            session.execute(text(attack))
