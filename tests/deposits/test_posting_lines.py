"""What of a remittance goes into a posting's line: amounts that were read, and no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from deposits import posting_lines, posting_queue
from deposits.pms import FORMATS, adapter
from deposits.pms.types import PostingFile
from ocr import era835
from records import clock, ids
from records.db import Database
from records.models import Document, Office, Posting, PostingExport, ReadingRow
from tests.deposits.build import check, decide, group


def _claim(**more: Any) -> dict[str, Any]:
    """A claim of two services whose reasons explain all that is not paid."""
    return {
        "patient_account": "A-MAIN", "claim_number": "ICN1", "charged_cents": 180_00,
        "paid_cents": 100_00, "lines": [
            {"procedure_code": "D1110", "service_on": "2026-10-02", "charged_cents": 100_00,
             "paid_cents": 80_00, "adjustments": [
                 {"group": "CO", "code": "45", "amount_cents": 15_00},
                 {"group": "PR", "code": "1", "amount_cents": 5_00}]},
            {"procedure_code": "D0120", "service_on": "2026-10-02", "charged_cents": 80_00,
             "paid_cents": 20_00, "adjustments": [
                 {"group": "PR", "code": "2", "amount_cents": 60_00}]},
        ], **more,
    }  # fmt: skip


def _file(db: Database, claim: dict[str, Any]) -> PostingFile:
    """The file of one posting of what this remittance pays, on paper."""
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 100_00, number="88001")
        paper = Document(ref=ids.new_ref("D"), transaction_id=payment.transaction_id, position=1,
                         kind="remittance")  # fmt: skip
        session.add(paper)
        session.flush()
        fields = {"claims": {"value": [claim], "confidence": 1.0}}
        session.add(ReadingRow(document_id=paper.id, version=1, made_by="test",
                               sealed={"fields": fields}))  # fmt: skip
        session.flush()
        decide(session, payment, [("account", made.account_id, 100_00)])
        posting_queue.keep_in_step(session, payment.id, "system:test")
        postings = session.scalars(select(Posting)).all()
        export = PostingExport(ref="PX-7K3-F9QX", total_cents=100_00)
        office = session.get_one(Office, made.office_id)
        return posting_lines.file_of(session, office, export, postings, clock.now())


def _of_line(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda claim: claim["lines"][1].update({name: None})


def _of_claim(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda claim: claim.update({name: None})


def _no_charge_at_all(claim: dict[str, Any]) -> None:
    for part in (claim, *claim["lines"]):
        part["charged_cents"] = None
        part.pop("adjustments", None)


UNREAD: dict[str, Callable[[dict[str, Any]], None]] = {
    "a line's charge": _of_line("charged_cents"),
    "a line's payment": _of_line("paid_cents"),
    "the claim's charge": _of_claim("charged_cents"),
    "the claim's payment": _of_claim("paid_cents"),
    "every charge": _no_charge_at_all,
}


@pytest.mark.parametrize("what", UNREAD)
def test_an_amount_that_was_not_read_is_no_zero_in_any_format(db: Database, what: str) -> None:
    claim = _claim()
    UNREAD[what](claim)
    made = _file(db, claim)
    [line] = made.lines
    assert (line.insurance, line.claims, line.amount_cents) == (True, (), 100_00)
    for name in FORMATS:
        assert adapter(name, {}).write(made)
    for version in ("x12_835", "x12_835_4010"):
        read = era835.parse(adapter(version, {}).write(made).decode())
        [payment] = read.transactions
        assert not era835.imbalances(payment)
        [told] = payment.claims
        assert (told.paid_cents, told.charged_cents, told.services) == (100_00, 100_00, ())


def test_a_line_that_pays_nothing_as_read_stays_in_its_claim(db: Database) -> None:
    claim = _claim()
    claim["lines"][1] |= {"charged_cents": 0, "paid_cents": 0, "adjustments": []}
    claim["lines"][0] |= {"charged_cents": 120_00, "paid_cents": 100_00}
    claim["charged_cents"] = 120_00
    [made] = _file(db, claim).lines[0].claims
    assert [(each.charged_cents, each.paid_cents) for each in made.lines] == [
        (120_00, 100_00), (0, 0),
    ]  # fmt: skip


def test_a_write_off_that_is_not_said_is_not_sent_as_zero(db: Database) -> None:
    """The first service's reasons explain it all; of the second the page says only sums."""
    claim = _claim()
    claim["lines"][1]["adjustments"] = []
    [made] = _file(db, claim).lines[0].claims
    assert [(each.write_off_cents, each.deductible_cents) for each in made.lines] == [
        (15_00, 5_00), (None, None),
    ]  # fmt: skip


def test_a_patients_share_that_explains_the_rest_says_that_nothing_is_written_off(
    db: Database,
) -> None:
    claim = _claim()
    claim["lines"][1] |= {"adjustments": [], "patient_responsibility_cents": 60_00}
    [made] = _file(db, claim).lines[0].claims
    assert [(each.write_off_cents, each.deductible_cents) for each in made.lines] == [
        (15_00, 5_00), (0, 0),
    ]  # fmt: skip
