"""Bank files of three formats as one shape; golden results for files that banks really sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deposits.bank import CsvProfile, StatementLine, parse
from deposits.bank.kinds import kind_of_code, kind_of_text
from records.errors import UnreadableError

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "bank"


def _sample(name: str) -> bytes:
    if not (SAMPLES / name).exists():
        pytest.skip(f"sample {name} is not on this machine")
    return (SAMPLES / name).read_bytes()


def _brief(lines: tuple[StatementLine, ...]) -> list[tuple[str, int, str, str]]:
    return [(line.type_code, line.amount_cents, line.direction, line.kind) for line in lines]


def test_returned_checks_hidden_under_any_type_codes_are_found() -> None:
    statement = parse(_sample("moov_sample1.txt"), "sample1")
    assert statement.format == "bai2"
    assert statement.findings == ()
    first, second = statement.accounts
    assert (first.account, first.currency) == ("10200123456", "CAD")
    assert _brief(first.lines)[:4] == [
        ("409", 2_500, "debit", "returned_item"),
        ("409", 90_000, "debit", "returned_item"),
        ("409", 500, "debit", "fee"),
        ("108", 203_500, "credit", "other"),
    ]
    assert first.lines[0].value_on == date(2006, 3, 16)
    assert first.lines[0].text == "RETURNED CHEQUE"
    assert (len(first.lines), len(second.lines)) == (11, 6)


def test_a_lockbox_credit_and_continued_fields_are_read() -> None:
    statement = parse(_sample("moov_sample2.txt"), "sample2")
    assert statement.findings == ()
    assert [account.account for account in statement.accounts] == [
        "0123456789", "9876543210", "4589761203", "0975312468", "7890654321",
    ]  # fmt: skip
    assert _brief(statement.accounts[1].lines) == [("115", 500_000, "credit", "lockbox_deposit")]
    assert statement.accounts[1].lines[0].text == "LOCK BOX NO.68751"
    letter = statement.accounts[2].lines[0]
    assert (letter.value_on, letter.reference) == (date(2004, 6, 22), "YRC065321")
    assert letter.text == "PROCEEDS OF LETTER OF CREDIT FROM THE ARAMCO OIL CO"


def test_text_over_many_continuations_is_joined() -> None:
    statement = parse(_sample("moj_citi_example.bai2"), "moj")
    [account] = statement.accounts
    assert (account.account, account.currency) == ("77777777", "GBP")
    assert [each.code for each in statement.findings] == ["balance_differs"]  # out by a penny
    [line] = account.lines
    assert (line.amount_cents, line.reference) == (1, "RP12312312312312")
    assert line.text.startswith("FR:FP SIP INCOMING ENDT:20150715 TRID:")
    assert line.text.endswith("BO1:DOE JO")


def test_ofx_amounts_and_kinds_are_read() -> None:
    statement = parse(_sample("ofxparse_checking.ofx"), "ofx")
    [account] = statement.accounts
    assert (account.account, account.currency) == ("1452687~7", "USD")
    assert _brief(account.lines) == [
        ("CREDIT", 1, "credit", "other"),
        ("DEBIT", 3_451, "debit", "other"),
        ("CHECK", 2_500, "debit", "fee"),
    ]
    assert [line.reference for line in account.lines] == ["0000486", "0000487", "319"]


def test_the_json_is_the_contracts() -> None:
    shown = parse(_sample("moov_sample1.txt"), "sample1").to_json()
    assert shown["account"] == "10200123456"
    assert shown["lines"][0].items() >= {
        "value_on": "2006-03-16", "amount_cents": 2_500, "direction": "debit",
        "type_code": "409", "kind": "returned_item", "text": "RETURNED CHEQUE", "reference": "",
    }.items()  # fmt: skip


def test_control_totals_that_differ_are_findings() -> None:
    text = (
        "01,B,C,261120,0900,1,,,2/\n02,C,021000021,1,261120,,USD,2/\n03,77,,010,500,,/\n"
        "16,115,100,Z,,,LOCKBOX/\n49,700,4/\n98,600,1,5/\n99,600,1,7/\n"
    )
    codes = [finding.code for finding in parse(text.encode(), "x").findings]
    assert codes == ["account_total_differ", "account_records_differ", "group_total_differ"]


def test_a_field_cut_by_a_continuation_before_the_text_goes_on() -> None:
    text = (
        "01,B,C,261120,0900,1,,,2/\n02,C,021000021,1,261120,,USD,2/\n03,77,,/\n"
        "16,142,1250,V,261119/\n88,0900,BANKREF,TRACE9/\n88,HCCLAIMPMT TRN*1*88/\n49,1250,5/\n"
        "98,1250,1,7/\n99,1250,1,9/\n"
    )
    statement = parse(text.encode(), "x")
    assert statement.findings == ()
    [line] = statement.accounts[0].lines
    assert (line.value_on, line.reference) == (date(2026, 11, 19), "TRACE9")
    assert (line.kind, line.text) == ("eft_credit", "HCCLAIMPMT TRN*1*88")


@pytest.mark.parametrize("text", ["16,108,5,,,,x/\n", "01,a,b/\n16,108,5,,,,x/\n",
                                  "01,a,b/\nhello\n", "01,a,b/\n02,,,,991399/\n"])  # fmt: skip
def test_a_broken_bai2_file_says_which_line(text: str) -> None:
    with pytest.raises(UnreadableError):
        parse(text.encode(), "x")


def test_a_csv_with_signed_amounts_and_one_with_two_columns_read_alike() -> None:
    signed = (
        b"Account Number,Date,Amount,Description,Reference\n"
        b'77,11/20/2026,"1,234.50",DEPOSIT,D1\n'
        b"77,11/20/2026,-5.00,SERVICE CHARGE,\n"
    )
    split = (
        b"My Bank\n\nDate;Debit;Credit;Description;Reference;Account\n"
        b"2026-11-20;;1234.50;DEPOSIT;D1;77\n2026-11-20;5.00;;SERVICE CHARGE;;77\n"
    )
    ours, theirs = parse(signed, "a.csv"), parse(split, "b.csv")
    assert ours.accounts == theirs.accounts
    assert _brief(ours.accounts[0].lines) == [
        ("", 123_450, "credit", "deposit"), ("", 500, "debit", "fee"),
    ]  # fmt: skip


def test_a_profile_names_columns_that_no_header_list_knows() -> None:
    profile = CsvProfile("odd", {"date": "Buchung", "amount": "Betrag", "text": "Zweck"},
                         date_format="%d.%m.%Y", delimiter=";", account="77")  # fmt: skip
    statement = parse(b"Buchung;Betrag;Zweck\n20.11.2026;12.50;REMOTE DEPOSIT\n", "x", profile)
    [account] = statement.accounts
    assert account.account == "77"
    assert account.lines[0].value_on == date(2026, 11, 20)


_CAMT = """<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Acct><Id><Othr><Id>77</Id></Othr></Id><Ccy>USD</Ccy></Acct>{entries}
</Stmt></BkToCstmrStmt></Document>"""
_ENTRY = """<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>
<BookgDt><Dt>2026-11-20</Dt></BookgDt><ValDt><Dt>2026-11-21</Dt></ValDt>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd>
<AddtlNtryInf>{text}</AddtlNtryInf></Ntry>"""


def _camt(*entries: tuple[str, str, str, str, str]) -> bytes:
    names = ("amount", "sign", "family", "sub", "text")
    made = (_ENTRY.format(**dict(zip(names, entry, strict=True))) for entry in entries)
    return _CAMT.format(entries="".join(made)).encode()


def test_camt_entries_are_read_by_code_and_by_words() -> None:
    statement = parse(_camt(
        ("1234.5", "CRDT", "CNTR", "CHKD", ""), ("80.00", "CRDT", "RCDT", "ESCT", "DELTA"),
        ("50", "DBIT", "RCHQ", "UPCQ", ""), ("7.25", "DBIT", "MDOP", "CHRG", ""),
        ("9.99", "CRDT", "NTAV", "NTAV", "REMOTE DEPOSIT"), ("x", "CRDT", "NTAV", "NTAV", ""),
    ), "x")  # fmt: skip
    [account] = statement.accounts
    assert (statement.format, account.account, account.currency) == ("camt.053", "77", "USD")
    assert [(line.amount_cents, line.direction, line.kind) for line in account.lines] == [
        (123_450, "credit", "deposit"), (8_000, "credit", "eft_credit"),
        (5_000, "debit", "returned_item"), (725, "debit", "fee"), (999, "credit", "deposit"),
    ]  # fmt: skip
    assert account.lines[0].value_on == date(2026, 11, 21)
    assert [(f.code, f.where) for f in statement.findings] == [("line_unread", 6)]


def test_xml_that_defines_entities_is_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]>' + _camt()
    with pytest.raises(UnreadableError, match="entities"):
        parse(bomb, "x")


def test_a_row_without_an_amount_is_a_finding_and_not_a_zero() -> None:
    statement = parse(b"Date,Amount,Description\n2026-11-20,n/a,DEPOSIT\n", "x")
    assert statement.accounts[0].lines == ()
    assert [(f.code, f.where) for f in statement.findings] == [("line_unread", 2)]


@pytest.mark.parametrize("data", [b"", b"hello", b"a,b\n1,2\n", b"\x00\x01", b"%PDF-1.7"])
def test_what_is_no_bank_file_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        parse(data, "x")


@pytest.mark.parametrize(("text", "direction", "kind"), [
    ("DEPOSITED ITEM RETURNED CK 1021", "debit", "returned_item"),
    ("RETURN ITEM CHARGEBACK", "debit", "returned_item"),
    ("NSF RETURNED ITEM FEE", "debit", "fee"),
    ("CHECK RETURN 4411", "debit", "returned_item"),
    ("REMOTE DEPOSIT 00012", "credit", "deposit"),
    ("DEPOSIT CORRECTION", "credit", "correction"),
    ("LOCKBOX 4451", "credit", "lockbox_deposit"),
    ("AETNA HCCLAIMPMT", "credit", "eft_credit"),
    ("PAYROLL", "debit", "other"),
    ("INTEREST", "credit", "other"),
    ("RETURN OF PREMIUM", "credit", "other"),
])  # fmt: skip
def test_words_tell_the_kind(text: str, direction: str, kind: str) -> None:
    assert kind_of_text(text, direction) == kind  # type: ignore[arg-type]


def test_a_certain_code_outweighs_the_words() -> None:
    assert kind_of_code("555", "debit", "SERVICE CHARGE") == "returned_item"
    assert kind_of_code("115", "credit", "") == "lockbox_deposit"


_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
_MOVE = st.tuples(st.integers(0, 10**9), st.booleans(), _TEXT)


@given(st.lists(_MOVE, max_size=8))
def test_every_amount_survives_bai2_to_the_cent(moves: list[tuple[int, bool, str]]) -> None:
    records = ["03,77,USD,/"]
    for cents, credit, text in moves:
        records.append(f"16,{'301' if credit else '475'},{cents},Z,B,C,{text.strip(' ,/')}/")
    total = sum(cents for cents, _, _ in moves)
    body = "\n".join(records)
    data = (
        f"01,B,C,261120,0900,1,,,2/\n02,C,1,1,261120,,USD,2/\n{body}\n49,{total},"
        f"{len(records) + 1}/\n98,{total},1,{len(records) + 3}/\n99,{total},1,{len(records) + 5}/\n"
    )
    statement = parse(data.encode(), "x")
    assert statement.findings == ()
    found = [
        (line.amount_cents, line.direction == "credit") for line in statement.accounts[0].lines
    ]
    assert found == [(cents, credit) for cents, credit, _ in moves]


@given(st.integers(-(10**11), 10**11).filter(bool))
def test_every_amount_survives_ofx_and_csv_to_the_cent(cents: int) -> None:
    sign = "-" if cents < 0 else ""
    plain = f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    ofx = (
        "OFXHEADER:100\n<OFX><STMTRS><ACCTID>7<STMTTRN><DTPOSTED>20261120"
        f"<TRNAMT>{plain}<FITID>1</STMTTRN></STMTRS></OFX>"
    )
    table = f"Date,Amount,Description\n2026-11-20,{plain},X\n"
    for data in (ofx, table):
        [line] = parse(data.encode(), "x").accounts[0].lines
        signed = line.amount_cents if line.direction == "credit" else -line.amount_cents
        assert signed == cents


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    for head in (b"", b"01,", b"OFXHEADER:100\n<OFX>", b"Date,Amount\n", b"<BkToCstmrStmt"):
        try:
            parse(head + data, "x")
        except UnreadableError:
            continue
