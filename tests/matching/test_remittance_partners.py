"""An EOB finds its check in its envelope or apart from it, whichever of them came first."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matching import rematching, remittance_partners, takebacks
from records.db import Database
from records.models import Document, Job, Payment, ReadingRow, Remittance, ReviewItem
from tests.matching import world
from tests.matching.world import check, field, reading

DELTA = "Delta Dental of Ohio"
CLAIMS = (
    {"patient_name": "Walter Abernathy", "patient_account": "2100000011", "paid_cents": 125_00},
    {"patient_name": "Emma Okafor", "patient_account": "2100000029", "paid_cents": 80_00},
)
TOTAL = 205_00


def eob(number: str = "8800417", cents: int | None = TOTAL, **more: Any) -> Any:
    """An EOB of two claims that make up a check."""
    values: dict[str, Any] = {
        "payment_number": number, "payer_name": DELTA, "claims": [dict(c) for c in CLAIMS],
        "payment_on": "2026-11-10", "balanced": True,
    }  # fmt: skip
    if cents is not None:
        values["total_paid_cents"] = cents
    return reading("remittance", **{k: v for k, v in {**values, **more}.items() if v is not None})


def era(number: str = "8800417", cents: int = TOTAL, method: str = "ACH", **more: Any) -> Any:
    """The same as an 835."""
    body = eob(number, cents, payment_method=method, **more)
    for each in body["fields"].values():
        each["source"] = "x12"
    return body


def insurers(cents: int = TOTAL, serial: str = "8800417", **more: Any) -> Any:
    """A check of the insurer."""
    return check(cents, serial, payer=DELTA.upper(), **more)


def rows(session: Session) -> list[Remittance]:
    return list(session.scalars(select(Remittance).order_by(Remittance.created_at, Remittance.id)))


def only(session: Session) -> Remittance:
    return session.scalars(select(Remittance)).one()


def level(row: Remittance, signal: str = "rule") -> str:
    return str(next(each["level"] for each in row.reasons if each["signal"] == signal))


def rematch(session: Session) -> int:
    """Run the stage for every payment that is to be matched again; how many."""
    found = session.scalars(select(Job.subject_id).where(Job.stage == "matching.match_again")).all()
    for payment_id in dict.fromkeys(found):
        session.expire_all()
        rematching.save(
            session, payment_id, rematching.STAGE.work(rematching.load(session, payment_id))
        )
    session.flush()
    return len(found)


def test_an_eob_in_the_envelope_of_its_check_is_joined_at_once(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(), eob()])
        row = only(session)
        assert (row.partner_state, row.payment_id) == ("joined", payment.id)
        assert level(row) == "envelope"
        assert (row.amount_cents, row.explained_cents, row.read_state) == (TOTAL, TOTAL, "read")


@pytest.mark.parametrize("first", ["check", "eob"])
def test_number_and_amount_join_apart_in_both_orders(group: Database, first: str) -> None:
    envelopes = {"check": [insurers(serial="0008800417")], "eob": [eob("CK-8800417")]}
    envelopes["eob"] = [eob("08800417")]
    order = [first, *(set(envelopes) - {first})]
    with group.write() as session:
        for name in order:
            world.run(session, envelopes[name])
        rematch(session)
        payment = session.scalars(select(Payment)).one()
        row = only(session)
        assert (row.partner_state, row.payment_id) == ("joined", payment.id)
        assert level(row) == "number_amount"
        total = sum(each["weight"] for each in row.reasons)
        assert total == pytest.approx(9 + 6 + 3 + 3)
        parts = {(a.account.number if a.account else None): a.amount_cents
                 for a in payment.allocations if a.live}  # fmt: skip
        offered = payment.decisions[-1].candidates["proposals"][0]["allocations"]
        assert parts == {"2100000011": 125_00, "2100000029": 80_00} or {
            each["account_number"]: each["amount_cents"] for each in offered
        } == {"2100000011": 125_00, "2100000029": 80_00}
        assert not session.scalars(
            select(ReviewItem).where(ReviewItem.document_id.is_not(None),
                                     ReviewItem.state == "open")
        ).all()  # fmt: skip


def test_an_amount_alone_joins_nothing(group: Database) -> None:
    with group.write() as session:
        world.run(session, [insurers(date="2026-11-03")])
        world.run(session, [eob("", payment_on=None)])
        row = only(session)
        assert (row.partner_state, row.payment_id) == ("waiting", None)


def test_amount_payer_and_date_join_when_nothing_else_could_be_it(group: Database) -> None:
    with group.write() as session:
        world.run(session, [insurers()])
        world.run(session, [eob(None or "")])
        row = only(session)
        assert row.partner_state == "joined"
        assert level(row) == "amount_payer_date"


def test_a_second_check_of_the_amount_takes_that_join_back(group: Database) -> None:
    with group.write() as session:
        world.run(session, [insurers(serial="1111111")])
        world.run(session, [eob("")])
        assert only(session).partner_state == "joined"
        world.run(session, [insurers(serial="2222222")])
        assert only(session).partner_state == "waiting"


def test_a_check_of_which_the_amount_is_not_read_keeps_the_weak_rule_back(
    group: Database,
) -> None:
    with group.write() as session:
        world.run(session, [insurers(serial="2222222", amount_cents=field(TOTAL, 0.4))])
        world.run(session, [insurers(serial="1111111")])
        world.run(session, [eob("")])
        assert only(session).partner_state == "waiting"


def test_the_same_eob_twice_is_a_copy(group: Database) -> None:
    with group.write() as session:
        world.run(session, [insurers(), eob()])
        world.run(session, [eob()])
        first, second = rows(session)
        assert first.partner_state == "joined"
        assert (second.partner_state, second.copy_of_id) == ("dismissed", first.id)
        payment = session.scalars(select(Payment)).one()
        assert [d.id for d in takebacks.remittances_of(session, payment.id)] == [first.document_id]


def test_pages_of_one_eob_scanned_apart_go_with_one_check(group: Database) -> None:
    one, other = ([dict(c)] for c in CLAIMS)
    with group.write() as session:
        world.run(session, [eob(claims=one)])
        world.run(session, [insurers()])
        world.run(session, [eob(claims=other)])
        payment = session.scalars(select(Payment)).one()
        assert [row.payment_id for row in rows(session)] == [payment.id, payment.id]


def test_an_835_that_announces_a_check_joins_it_in_another_envelope(group: Database) -> None:
    with group.write() as session:
        world.run(session, [era(method="CHK")])
        assert session.scalars(select(Payment)).all() == []
        world.run(session, [insurers()])
        row = only(session)
        assert (row.electronic, row.method, row.partner_state) == (True, "CHK", "joined")


@pytest.mark.parametrize("first", ["era", "eob"])
def test_a_paper_eob_of_a_transfer_is_a_copy_of_its_835(group: Database, first: str) -> None:
    bodies = {"era": era(), "eob": eob(payment_method="ACH")}
    with group.write() as session:
        for name in (first, *(set(bodies) - {first})):
            world.run(session, [bodies[name]])
        payment = session.scalars(select(Payment)).one()
        found = {row.electronic: row for row in rows(session)}
        assert (payment.kind, payment.amount_cents) == ("eft", TOTAL)
        assert found[True].payment_id == payment.id
        assert (found[False].partner_state, found[False].copy_of_id) == (
            "dismissed", found[True].id,
        )  # fmt: skip


def test_a_remittance_of_nothing_needs_no_money(group: Database) -> None:
    with group.write() as session:
        world.run(session, [eob("", 0, claims=[{"paid_cents": 0}], payment_method="NON")])
        assert only(session).partner_state == "none_needed"


def test_a_new_reading_is_followed(group: Database) -> None:
    with group.write() as session:
        world.run(session, [insurers()])
        world.run(session, [eob("9999999", 105_00)])
        row = only(session)
        assert row.partner_state == "waiting"
        document = session.get_one(Document, row.document_id)
        session.add(
            ReadingRow(document_id=document.id, version=2, sealed=eob(), made_by=world.BOSS)
        )
        session.flush()
        session.expire_all()
        remittance_partners.changed(session, document, world.BOSS)
        assert (row.partner_state, row.amount_cents) == ("joined", TOTAL)


@pytest.mark.both_databases
def test_no_payment_out_of_play_has_a_remittance(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(), eob()])
        payment_id = payment.id
    with group.write() as session:
        row = only(session)
        row.partner_state, row.payment_id = "waiting", None
        session.flush()
        session.get_one(Payment, payment_id).live = False
    joined = update(Remittance).values(partner_state="joined", payment_id=payment_id)
    with pytest.raises(IntegrityError), group.write() as session:
        session.execute(joined)
