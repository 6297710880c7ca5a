"""An 835 that was posted is taken back: nothing of the first match stands, all of it comes once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deposits import posting
from deposits.bank import import_file
from deposits.taking_back import take_back
from matching import review
from matching.review import AllocationInput
from records import audit, journal
from records.models import (
    Allocation,
    Denial,
    HeldPart,
    Payment,
    Posting,
    ReviewItem,
    Settlement,
    Statement,
)
from tests.matching.test_remittance_partners import eob, era
from tests.web.desk import BANK_NUMBER, Desk, open_desk
from tests.web.test_remitted import EMMA, NOBODY, claim

BILL, SAM = "user:bill", "user:sam"
WALTER = {"patient_name": "Walter Abernathy", "patient_account": "2100000011"}


def _state(session: Session, payment: Payment) -> dict[str, Any]:
    """What stands of the payment, and of what it settled."""
    parts = session.execute(
        select(Allocation.destination, Allocation.account_id, Allocation.amount_cents)
        .where(Allocation.payment_id == payment.id, Allocation.live)
    ).all()  # fmt: skip
    held = session.execute(
        select(HeldPart.reason, HeldPart.amount_cents)
        .where(HeldPart.payment_id == payment.id, HeldPart.state == "open")
    ).all()  # fmt: skip
    return {
        "parts": sorted(map(str, parts)),
        "held": sorted(map(str, held)),
        "statements": dict(session.execute(select(Statement.number, Statement.open_cents)).all()),  # type: ignore[arg-type]
        "money": {k: v for k, v in journal.balances(session).items() if v},
        "denials": sorted(
            map(str, session.execute(select(Denial.ref, Denial.state, Denial.recovered_cents)))
        ),
        "settled": session.scalar(select(func.sum(Settlement.amount_cents))),
        "posted": session.scalar(select(func.sum(Posting.amount_cents)).where(Posting.live)),
    }


def _answered(desk: Desk, payment_id: str) -> None:
    """The office's file is written, and its system takes all of it."""
    with desk.installation.db.write() as session:
        payment = session.get_one(Payment, payment_id)
        made = posting.export(session, desk.installation.store, payment.office_id, BILL)
        posting.acknowledge(session, made.id, "all", {}, BILL)


def _credited(desk: Desk) -> str:
    """An 835 that pays two claims, one of them denied before, denies one and names nobody for one;
    the bank has credited it. Its payment's id."""
    desk.receive([eob("", 0, claims=[claim("D9", 0, 98_00, **WALTER)], payment_method="NON",
                      payment_on="2026-10-20")])  # fmt: skip
    told = era(
        "55512345", 288_00,
        claims=[claim("D1", 80_00, 80_00, **EMMA), claim("D2", 110_00, 110_00, **NOBODY),
                claim("D9", 98_00, 98_00, **WALTER), claim("D3", 0, 50_00, **WALTER)],
    )  # fmt: skip
    (ref,) = desk.receive([told])
    credit = (
        "Account,Date,Amount,Description,Reference\n"
        f"{BANK_NUMBER},2026-11-17,288.00,HCCLAIMPMT 55512345,\n"
    )
    with desk.installation.db.write() as session:
        import_file(session, desk.installation.store, credit.encode(), "b.csv", BILL)
    desk.work()
    payment = desk.payment(ref)
    assert (payment.match_state, payment.deposit_state) == ("decided", "credited")
    return payment.id


def _of(desk: Desk, payment_id: str) -> dict[str, Any]:
    with desk.installation.db.read() as session:
        return _state(session, session.get_one(Payment, payment_id))


def _taken_back(desk: Desk, payment_id: str) -> None:
    with desk.installation.db.write() as session:
        assert not take_back(session, payment_id, BILL, "of another patient")
    _answered(desk, payment_id)
    desk.work()


def _confirmed(desk: Desk, payment_id: str) -> None:
    with desk.installation.db.write() as session:
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment_id)).one()
        token = review.lease(session, item.id, SAM).lease_token
        parts = [
            AllocationInput("account", "2100000029", "8100000023", 80_00),
            AllocationInput("account", "2100000011", None, 98_00),
            AllocationInput("unidentified", None, None, 110_00),
        ]
        review.confirm(session, item.id, SAM, token, allocations=parts)
    desk.work()
    _answered(desk, payment_id)


def test_what_an_835_settled_is_undone_and_comes_back_once(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    key = _credited(desk)
    fresh = _of(desk, key)
    _answered(desk, key)
    first = _of(desk, key)
    assert (len(first["parts"]), len(first["held"]), first["posted"]) == (3, 1, 178_00)
    recovered = [each for each in first["denials"] if "9800" in each]
    assert (len(first["denials"]), len(recovered)) == (2, 1)
    _taken_back(desk, key)
    undone = _of(desk, key)
    assert undone["parts"] == undone["held"] == []
    assert undone["statements"] == fresh["statements"]
    assert undone["money"] == {"bank:B-NORTH": 288_00, "unidentified": -288_00}
    assert undone["posted"] is None
    assert undone["denials"] == first["denials"], "they are of the remittance, not of the match"
    _confirmed(desk, key)
    second = _of(desk, key)
    assert (len(second["parts"]), len(second["held"])) == (3, 1)
    assert second["statements"]["8100000023"] == 0
    assert {**second["money"]} == first["money"]
    assert (second["posted"], second["denials"]) == (178_00, first["denials"])
    _taken_back(desk, key)
    assert _of(desk, key) == undone
    _confirmed(desk, key)
    assert _of(desk, key) == second
    with desk.installation.db.read() as session:
        assert audit.verify(session).ok
        states = session.execute(select(HeldPart.state, func.count()).group_by(HeldPart.state))
        assert dict(states.all()) == {"withdrawn": 2, "open": 1}  # type: ignore[arg-type]
    desk.installation.close()


def test_what_an_insurer_adjusts_is_told_with_its_code_and_reference(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    taken = {"code": "WO", "reference": "R-471", "amount_cents": 15_00}
    paid = [claim("D1", 80_00, 80_00, **EMMA)]
    told = era("55512399", 65_00, claims=paid, provider_adjustments=[taken])
    (ref,) = desk.receive([told])
    with desk.installation.db.read() as session:
        held = session.scalars(select(HeldPart)).one()
    page = desk.client("bill").get(f"/held/{held.ref}").text
    assert "-$15.00, reference R-471" in page
    assert "WO: " in page
    assert ref in page
    desk.installation.close()
