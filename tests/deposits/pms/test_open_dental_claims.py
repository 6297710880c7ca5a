"""An insurer's payment goes to Open Dental line by line, claim by claim, and only then as money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deposits import posting, posting_queue
from deposits.posting_sending import Tally
from records import ids
from records.installation import Installation
from records.models import Document, Payment, ReadingRow
from tests.deposits.build import check, decide
from tests.deposits.pms.fake_open_dental import FAULTS, Fault
from tests.deposits.pms.practice import BILL, Practice, practice
from tests.inputs import sample

CLEANING = ("D1110", "2026-10-02", 100.0)
FILLING = ("D2391", "2026-10-02", 180.0)
OLDER = ("D1110", "2026-04-01", 100.0)


@pytest.fixture
def house(installation: Installation) -> Iterator[Practice]:
    with practice(installation) as made:
        yield made


def said(
    of: tuple[str, str, float], paid: int, write_off: int = 0, deductible: int = 0
) -> dict[str, Any]:
    """A service line as the remittance's reading holds it."""
    adjustments = [
        {"group": "CO", "code": "45", "amount_cents": write_off},
        {"group": "PR", "code": "1", "amount_cents": deductible},
    ]
    return {"procedure_code": of[0], "service_on": of[1], "charged_cents": round(of[2] * 100),
            "paid_cents": paid, "adjustments": adjustments}  # fmt: skip


def insured(house: Practice, *claims: list[dict[str, Any]], account: str = "") -> str:
    """An insurer's check with its remittance, wholly for the one account, decided and queued."""
    body = [
        {
            "patient_account": account or str(house.patient),
            "claim_number": f"ICN{at}",
            "charged_cents": sum(line["charged_cents"] for line in lines),
            "paid_cents": sum(line["paid_cents"] for line in lines),
            "lines": lines,
        }
        for at, lines in enumerate(claims)
    ]
    total = sum(claim["paid_cents"] for claim in body)
    with house.db.write() as session:
        payment = check(session, house.made, total, number="88001")
        paper = Document(ref=ids.new_ref("D"), transaction_id=payment.transaction_id, position=1,
                         kind="remittance")  # fmt: skip
        session.add(paper)
        session.flush()
        fields = {"claims": {"value": body, "confidence": 1.0}}
        session.add(ReadingRow(document_id=paper.id, version=1, made_by="test",
                               sealed={"fields": fields}))  # fmt: skip
        session.flush()
        decide(session, payment, [("account", house.made.account_id, total)],
               statement_id=house.made.statement_id)  # fmt: skip
        posting_queue.keep_in_step(session, payment.id, "system:test")
        return payment.id


def test_lines_are_received_then_the_claim_and_then_the_money(house: Practice) -> None:
    claim = house.fake.add_claim(house.patient, CLEANING, FILLING)
    house.fake.add_claim(house.patient, OLDER)
    insured(house, [said(CLEANING, 8_000, write_off=1_500, deductible=500), said(FILLING, 9_000)])
    assert house.send() == Tally(posted=1)
    writes = [f"{method} /{path.split('/')[1]}" for method, path in house.fake.seen
              if method != "GET"]  # fmt: skip
    assert writes == ["PUT /claimprocs", "PUT /claimprocs", "PUT /claims", "POST /claimpayments"]
    [made], [row] = house.fake.claim_payments, house.rows()
    assert (made["claimNum"], made["CheckAmt"], made["CheckNum"]) == (claim, "170.00", "88001")
    assert made["Note"].startswith(f"Lockbox {row.ref} ")
    assert row.pms_reference == str(made["ClaimPaymentNum"])
    first, second, other = house.fake.procs
    assert (first["InsPayAmt"], first["WriteOff"], first["DedApplied"]) == (80, 15, 5)
    assert (second["InsPayAmt"], second["Status"]) == (90, "Received")
    assert other["Status"] == "NotReceived"
    assert house.fake.claims[claim]["ClaimStatus"] == "R"
    assert house.fake.payments == [], "an insurer's money is no patient payment"


def test_several_claims_of_one_account_are_one_batch(house: Practice) -> None:
    one = house.fake.add_claim(house.patient, CLEANING)
    two = house.fake.add_claim(house.patient, OLDER)
    insured(house, [said(OLDER, 7_000)], [said(CLEANING, 8_000)])
    assert house.send() == Tally(posted=1)
    [made] = house.fake.claim_payments
    assert (made["claimNums"], made["CheckAmt"], made["IsPartial"]) == (
        [two, one], "150.00", "false")  # fmt: skip


def test_an_office_that_takes_batches_only_gets_a_batch(house: Practice) -> None:
    house.fake.batch_only = True
    house.fake.add_claim(house.patient, CLEANING)
    insured(house, [said(CLEANING, 8_000)])
    assert house.send() == Tally(posted=1)


@pytest.mark.parametrize("case", ["no claim", "two claims", "another fee", "another account",
                                  "paid already"])  # fmt: skip
def test_what_does_not_fit_for_certain_is_posted_by_a_person(house: Practice, case: str) -> None:
    if case != "no claim":
        house.fake.add_claim(house.patient, CLEANING)
    if case == "two claims":
        house.fake.add_claim(house.patient, CLEANING)
    if case == "another fee":
        house.fake.procs[0]["FeeBilled"] = 101.0
    if case == "paid already":
        house.fake.procs[0].update(Status="Received", InsPayAmt=80.0, ClaimPaymentNum=7)
    payment_id = insured(house, [said(CLEANING, 8_000)],
                         account="another" if case == "another account" else "")  # fmt: skip
    before = [dict(row) for row in house.fake.procs]
    assert house.send() == Tally(failed=1)
    assert house.fake.procs == before, "nothing was written"
    assert house.fake.claim_payments == []
    with house.db.read() as session:
        assert session.get_one(Payment, payment_id).match_state == "in_review"


def test_a_line_that_breaks_off_half_way_goes_on_where_it_was(house: Practice) -> None:
    house.fake.add_claim(house.patient, CLEANING, FILLING)
    insured(house, [said(CLEANING, 8_000), said(FILLING, 9_000)])
    # patients, claimprocs, PUT the first line, PUT the second line: that answer is lost.
    assert house.send("", "", "", "500_before") == Tally(unknown=1)
    assert [row["Status"] for row in house.fake.procs] == ["Received", "NotReceived"]
    house.fake.seen.clear()
    assert house.send(minutes=6) == Tally(again=1, posted=1)
    assert [path for method, path in house.fake.seen if method == "PUT"] == [
        f"/claimprocs/{house.fake.procs[1]['ClaimProcNum']}",
        f"/claims/{house.fake.procs[1]['ClaimNum']}",
    ]
    assert len(house.fake.claim_payments) == 1


def test_a_reversal_takes_each_line_back_and_the_money_with_it(house: Practice) -> None:
    house.fake.add_claim(house.patient, CLEANING, FILLING)
    payment_id = insured(house, [said(CLEANING, 8_000), said(FILLING, 9_000)])
    house.send()
    with house.db.write() as session:
        posting.give_back(session, payment_id, BILL)
    assert house.send("", "", "", "", "closed_after") == Tally(unknown=1)
    assert house.send(minutes=6) == Tally(again=1, posted=1)
    _, back = house.fake.claim_payments
    assert (back["CheckAmt"], back["IsPartial"]) == ("-170.00", "false")
    assert sorted(row["InsPayAmt"] for row in house.fake.procs) == [-90, -80, 80, 90]
    assert all(row["ClaimPaymentNum"] for row in house.fake.procs)
    with house.db.read() as session:
        assert session.get_one(Payment, payment_id).match_state == "in_review"


@pytest.mark.many_cases
@settings(
    max_examples=sample(5, torture=10),
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.lists(st.sampled_from(FAULTS), max_size=12),
                          st.sampled_from((0, 6))), max_size=4), st.booleans())  # fmt: skip
def test_whatever_is_lost_the_claims_are_paid_once(
    installation: Installation, runs: list[tuple[list[Fault], int]], undo: bool
) -> None:
    with practice(installation) as house:
        house.fake.add_claim(house.patient, CLEANING, FILLING)
        house.fake.add_claim(house.patient, OLDER)
        payment_id = insured(house, [said(CLEANING, 8_000), said(FILLING, 9_000)],
                             [said(OLDER, 7_000)])  # fmt: skip

        def total() -> int:
            return sum(round(float(row["CheckAmt"]) * 100) for row in house.fake.claim_payments)

        for faults, minutes in runs:
            house.send(*faults, minutes=minutes)
            assert total() in (0, 24_000)
        if undo:
            with house.db.write() as session:
                posting.give_back(session, payment_id, BILL)
        for _ in range(8):
            house.send(minutes=6)
            assert total() in (0, 24_000)
        states = house.states()
        assert not {"queued", "exported", "unknown", "failed"} & set(states)
        assert total() == (0 if undo else 24_000)
        lines = sum(round(row["InsPayAmt"] * 100) for row in house.fake.procs
                    if row["ClaimPaymentNum"])  # fmt: skip
        assert lines == total()
