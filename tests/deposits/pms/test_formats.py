"""Every format writes what its golden file holds, balanced; its answers are read line by line."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deposits.pms import FORMATS, adapter
from deposits.pms.columns import FIELDS
from deposits.pms.lines import read_lines
from deposits.pms.types import Claim, ClaimAdjustment, ClaimLine, PostingFile, PostingLine
from ocr import era835
from records.errors import FindingError, WrongUse
from tests.ocr.era_judges import UNKNOWN_ADDRESS_IN_4010, judged, places

GOLDEN = Path(__file__).parent / "golden"
MAPPED: dict[str, Any] = {
    "columns": [
        {"title": "Acct", "field": "account_number"},
        {"title": "Type", "field": "kind"},
        {"title": "Amount", "field": "amount"},
        {"title": "Date", "field": "received_on"},
        {"title": "Source", "text": "LOCKBOX"},
        {"title": "Our Ref", "field": "posting"},
        {"title": "Undoes", "field": "reverses"},
    ],
    "delimiter": ";",
    "date_format": "%m/%d/%Y",
    "amounts": "cents",
    "reversals": "kind",
    "values": {"kind": {"payment": "P", "reversal": "R"}},
    "answer": {
        "columns": {"posting": "Our Ref", "status": "Result", "reference": "Txn", "error": "Why"},
        "posted": ["Y"],
        "failed": ["N"],
        "unknown": ["?"],
        "delimiter": ";",
    },
}


def line(ref: str, cents: int, **more: Any) -> PostingLine:
    given_ = {
        "account_number": "1041", "patient_name": "Ann Reed", "received_on": date(2026, 11, 20),
        "payment_ref": "PAY-2BC-D4F5", "method": "check", "check_number": "2058",
        "payer_name": "Pat Payer", "statement_number": "S-77", "last_names": ("Reed",),
    }  # fmt: skip
    return PostingLine(ref=ref, amount_cents=cents, **{**given_, **more})


LINES = (
    line("PO-111-1111", 12_500),
    line("PO-222-2222", 2_550, account_number="2207", patient_name="Bo Ek, Jr."),
    line("PO-333-3333", 40_000, payment_ref="PAY-9XX-0000", method="eft", check_number="E77",
         payer_name="=Insurer; \"One\"", insurance=True, claims=(
             Claim("ICN9", 50_000, 40_000, (ClaimLine("D1110", "2026-10-02", 50_000, 40_000,
                                                      8_000, 2_000),)),)),
    line("PO-444-4444", -9_900, payment_ref="PAY-RET-URND", check_number="31",
         reverses_ref="PO-000-0000", reverses_reference="56734"),
)  # fmt: skip


def file(*lines: PostingLine, ref: str = "PX-7K3-F9QX") -> PostingFile:
    made = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    total = sum(each.amount_cents for each in lines)
    return PostingFile(ref, "NORTH", "Maple Dental", "1234567893", "123456789", made, total, lines)


@pytest.mark.parametrize(("name", "settings", "golden"), [
    ("csv", {}, "usual.csv"),
    ("csv", {"posting_columns": MAPPED}, "mapped.csv"),
    ("x12_835", {}, "5010.835"),
    ("x12_835_4010", {}, "4010.835"),
    ("open_dental", {}, "open_dental.json"),
])  # fmt: skip
def test_a_format_writes_its_golden_file(name: str, settings: dict[str, Any], golden: str) -> None:
    used = adapter(name, settings)
    written = used.write(file(*LINES))
    assert written == (GOLDEN / golden).read_bytes()
    assert written == used.write(file(*LINES)), "the same file gives the same bytes"
    assert used.name == name


def test_every_format_has_a_golden_file() -> None:
    assert {adapter(name, {}).name for name in FORMATS} == set(FORMATS)
    assert len(list(GOLDEN.iterdir())) == len(FORMATS) + 1


@pytest.mark.parametrize(("name", "implementation", "interchange"), [
    ("x12_835", "005010X221A1", "00501"), ("x12_835_4010", "004010X091A1", "00401"),
])  # fmt: skip
def test_an_835_is_balanced_and_says_its_version(
    name: str, implementation: str, interchange: str
) -> None:
    text = adapter(name, {}).write(file(*LINES)).decode()
    read = era835.parse(text)
    assert not read.findings
    assert not [each for payment in read.transactions for each in era835.imbalances(payment)]
    assert text.split("~")[0].split("*")[12] == interchange
    assert f"*X*{implementation}~" in text
    paid = {c.claim_number: (c.status, c.paid_cents) for t in read.transactions for c in t.claims}
    assert paid == {"PO-111-1111": ("1", 12_500), "PO-222-2222": ("1", 2_550),
                    "PO-333-3333": ("1", 40_000), "PO-444-4444": ("22", -9_900)}  # fmt: skip
    by_number = {payment.payment_number: payment for payment in read.transactions}
    assert by_number["31"].total_paid_cents == 0, "a payment is never below zero"


def test_a_map_that_tells_reversals_by_kind_writes_no_sign() -> None:
    text = adapter("csv", {"posting_columns": MAPPED}).write(file(*LINES)).decode()
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [(row["Type"], row["Amount"]) for row in rows] == [
        ("P", "12500"), ("P", "2550"), ("P", "40000"), ("R", "9900"),
    ]  # fmt: skip
    assert rows[3]["Undoes"] == "PO-000-0000"


@pytest.mark.parametrize("name", ["csv", "x12_835", "x12_835_4010", "open_dental"])
def test_an_answer_tells_posted_failed_and_unknown_line_by_line(name: str) -> None:
    text = "posting,status,reference,error\nA,posted,77,\nB,failed,,no such visit\nC,unknown,,\n"
    told = adapter(name, {}).read_answers(text.encode())
    assert [(each.ref, each.outcome, each.reference, each.reason) for each in told] == [
        ("A", "posted", "77", ""), ("B", "failed", "", "no such visit"), ("C", "unknown", "", ""),
    ]  # fmt: skip


def test_an_answer_is_read_in_the_offices_own_words() -> None:
    used = adapter("csv", {"posting_columns": MAPPED})
    told = used.read_answers(b"\xef\xbb\xbfour ref;RESULT;Txn;Why\r\nA;y;77;\r\nB;N;;closed\r\n")
    assert [(each.ref, each.outcome, each.reference, each.reason) for each in told] == [
        ("A", "posted", "77", ""), ("B", "failed", "", "closed"),
    ]  # fmt: skip
    with pytest.raises(WrongUse, match="wrong_answer_file"):
        used.read_answers(b"our ref;result\nA;posted\n")


@pytest.mark.parametrize("change", [
    {"columns": []},
    {"columns": [{"title": "A", "field": "account_number"}, {"title": "B", "field": "amount"}]},
    {"columns": [*MAPPED["columns"], {"title": "Acct", "field": "method"}]},
    {"columns": [*MAPPED["columns"], {"title": "X", "field": "birth_date"}]},
    {"date_format": "%m/%y"},
    {"amounts": "euros"},
    {"delimiter": ""},
    {"values": {"kind": {"payment": "P", "reversal": "P"}}},
    {"answer": {"posted": ["Y"], "failed": ["y"]}},
    {"unheard": 1},
])  # fmt: skip
def test_a_map_that_could_lose_or_confuse_money_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(WrongUse, match="wrong_column_map"):
        adapter("csv", {"posting_columns": {**MAPPED, **change}})


def test_a_file_whose_lines_do_not_make_up_its_total_is_never_made() -> None:
    good = file(*LINES)
    for wrong in (
        {"total_cents": good.total_cents + 1},
        {"lines": (*LINES, LINES[0]), "total_cents": good.total_cents + LINES[0].amount_cents},
        {"lines": LINES[:1], "total_cents": good.total_cents},
        {"lines": (line("PO-1", -5),), "total_cents": -5},
        {"lines": (line("PO-1", 5, reverses_ref="PO-0"),), "total_cents": 5},
    ):
        with pytest.raises(FindingError, match="posting_file_unbalanced"):
            dataclasses.replace(good, **wrong)


def test_what_is_sent_line_by_line_is_what_was_kept() -> None:
    kept = adapter("open_dental", {}).write(file(*LINES))
    assert tuple(read_lines(kept).values()) == LINES


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=20)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.booleans(), _TEXT, _TEXT), max_size=8),
       st.booleans())  # fmt: skip
def test_whatever_people_are_called_a_csv_reads_back_to_the_cent(
    said: list[tuple[int, bool, str, str]], mapped: bool
) -> None:
    lines = tuple(
        line(f"PO-{at}", -cents if undone else cents, patient_name=name, payer_name=payer,
             account_number=name, reverses_ref="PO-X" if undone else "")
        for at, (cents, undone, name, payer) in enumerate(said)
    )  # fmt: skip
    settings = {"posting_columns": MAPPED} if mapped else {}
    data = adapter("csv", settings).write(file(*lines)).decode()
    rows = list(csv.DictReader(io.StringIO(data, newline=""), delimiter=";" if mapped else ","))
    assert [row["Our Ref" if mapped else "posting"] for row in rows] == [e.ref for e in lines]
    assert all(cell[:1] not in ("=", "+", "@") for row in rows for cell in row.values())
    if not mapped:
        assert list(rows[0] if rows else FIELDS) == list(FIELDS)
        cents = [round(float(row["amount"]) * 100) for row in rows]
        assert cents == [each.amount_cents for each in lines]


CLAIMS = (
    Claim("ICN1", 30_000, 20_000, (
        ClaimLine("D1110", "2026-10-02", 10_000, 8_000, adjustments=(
            ClaimAdjustment("CO", "45", 1_500), ClaimAdjustment("", "Q9", 500, unknown=True)),
            modifiers=("59",), units="2", service_end_on="2026-10-03", remarks=("N130",)),
        ClaimLine("D2740", "2026-10-02", 20_000, 12_000, patient_responsibility_cents=3_000),
    ), status="2", member_id="M1", remarks=("MA01",)),
    Claim("ICN2", 5_000, 0, (ClaimLine("D0120", "2026-10-02", 5_000, 0, adjustments=(
        ClaimAdjustment("PR", "96", 5_000),)),), status="4"),
)  # fmt: skip


@pytest.mark.parametrize("name", ["x12_835", "x12_835_4010"])
def test_an_835_pays_the_true_claims_line_by_line_and_takes_them_back(name: str) -> None:
    paid = line("PO-7", 20_000, insurance=True, claims=CLAIMS,
                payer_address="1 Main St, Akron, OH 44301")  # fmt: skip
    back = line("PO-8", -20_000, insurance=True, claims=CLAIMS, reverses_ref="PO-6",
                payment_ref="PAY-Z", payer_address="1 Main St, Akron, OH 44301")  # fmt: skip
    data = adapter(name, {}).write(file(paid, back))
    assert judged(data) == []
    assert [f.code for f in era835.check(data.decode()) if not f.advisory] == []
    first, second = era835.parse(data.decode()).transactions
    assert [each.claim_number for each in (*first.claims, *second.claims)] == [
        "PO-7", "PO-7", "PO-8", "PO-8",
    ]  # fmt: skip
    assert [each.status for each in first.claims] == ["2", "4"]
    assert [each.status for each in second.claims] == ["22", "22"]
    assert first.claims[0].references[0].value == "ICN1"
    for claim, sign in ((first.claims[0], 1), (second.claims[0], -1)):
        cleaning, crown = claim.services
        assert (cleaning.paid_cents, crown.paid_cents) == (sign * 8_000, sign * 12_000)
        assert [(e.group, e.code, e.amount_cents) for e in cleaning.adjustments] == [
            ("CO", "45", sign * 1_500), ("OA", "192", sign * 500),
        ]  # fmt: skip
        assert [(e.group, e.code, e.amount_cents) for e in crown.adjustments] == [
            ("OA", "192", sign * 5_000), ("PR", "192", sign * 3_000),
        ]  # fmt: skip
    assert second.total_paid_cents == 0, "what is taken back is carried forward"


def test_claims_that_do_not_add_up_are_not_written_as_if_they_did() -> None:
    wrong = dataclasses.replace(CLAIMS[0], charged_cents=30_001)
    data = adapter("x12_835", {}).write(file(line("PO-7", 20_000, claims=(wrong,))))
    [claim] = era835.parse(data.decode()).transactions[0].claims
    assert (claim.charged_cents, claim.paid_cents, len(claim.services)) == (20_000, 20_000, 0)


@pytest.mark.parametrize("name", ["x12_835", "x12_835_4010"])
def test_every_export_passes_two_judges(name: str) -> None:
    known = [
        dataclasses.replace(each, payer_address="1 Main St, Akron, OH 44301") for each in LINES
    ]
    assert judged(adapter(name, {}).write(file(*known))) == []
    lacking = UNKNOWN_ADDRESS_IN_4010 if "4010" in name else set()
    assert places(adapter(name, {}).write(file(*LINES))) == lacking


def test_claims_are_kept_whole_for_what_is_sent_line_by_line() -> None:
    lines = (line("PO-7", 20_000, insurance=True, claims=CLAIMS),)
    kept = adapter("open_dental", {}).write(file(*lines))
    assert tuple(read_lines(kept).values()) == lines


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_name_begins_a_formula_and_none_loses_a_letter(sign: str) -> None:
    """Quotes, delimiters, line ends and names in other scripts read back; amounts to the cent."""
    wild = f'{sign}HYPERLINK("x"), "Zo\u00eb"; \u674e\u5c0f\u9f99\r\n\tJr.'
    made = file(line("PO-1", 1), line("PO-2", 123_456_789, payer_name=wild, patient_name=wild))
    used = adapter("csv", {})
    data = used.write(made)
    assert data == used.write(made)
    first, second = csv.DictReader(io.StringIO(data.decode(), newline=""))
    assert (first["amount"], second["amount"]) == ("0.01", "1234567.89")
    assert second["payer_name"] == second["patient_name"] == "'" + " ".join(wild.split())
