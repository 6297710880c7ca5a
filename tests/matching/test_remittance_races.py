"""Two people at one moment: one of them has it, the other is told; nothing is taken back twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matching import holding, remittance_people, remittance_several, review
from matching.review import AllocationInput
from matching.types import Share
from records.db import Database
from records.errors import Conflict, LockboxError, WrongUse
from records.models import Allocation, Decision, HeldPart, Payment, Remittance, ReviewItem
from tests.matching import world
from tests.matching.test_remittance_partners import eob, insurers, rows
from tests.matching.test_remittance_several import CLAIMS, bulk, two_checks

pytestmark = pytest.mark.both_databases

Step = Callable[[Session], object]


def at_once(db: Database, *steps: Step) -> list[LockboxError]:
    """Each step in a transaction and a thread of its own, begun together; what was refused."""
    ready = threading.Barrier(len(steps))
    refused: list[LockboxError] = []
    broken: list[BaseException] = []

    def take(step: Step) -> None:
        try:
            ready.wait(30)
            with db.write() as session:
                step(session)
        except LockboxError as error:
            refused.append(error)
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            broken.append(error)

    threads = [threading.Thread(target=take, args=(step,)) for step in steps]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert broken == []
    return refused


def test_two_join_one_eob_to_two_checks_and_one_of_them_has_it(group: Database) -> None:
    with group.write() as session:
        checks = world.run(session, [insurers(serial="1")], [insurers(serial="2")])
        world.run(session, [eob("7000001")])
        ref = rows(session)[0].ref
        refs = [each.ref for each in checks]

    def joining(number: int) -> Step:
        return lambda session: remittance_people.join(session, ref, refs[number], f"user:{number}")

    (error,) = at_once(group, joining(0), joining(1))
    assert isinstance(error, Conflict)
    assert error.code == "not_waiting"
    with group.read() as session:
        row = session.scalars(select(Remittance)).one()
        assert row.payment is not None
        assert row.joined_by == f"user:{refs.index(row.payment.ref)}"


def test_one_joins_to_several_while_another_joins_a_second_to_one_of_them(group: Database) -> None:
    with group.write() as session:
        checks = world.run(session, *two_checks())
        world.run(session, [bulk("5550001")], [bulk("5550002", claims=CLAIMS[:1])])
        divided, single = rows(session)
        names = divided.ref, single.ref, [each.ref for each in checks]
    both, one, refs = names
    refused = at_once(
        group,
        lambda session: remittance_several.join_several(session, [both], refs, "user:a"),
        lambda session: remittance_people.join(session, one, refs[0], "user:b"),
    )
    assert len(refused) == 1
    with group.read() as session:
        for payment in session.scalars(select(Payment)):
            told = remittance_people.explaining(session, payment)
            assert sum(cents or 0 for _, cents in told) in (0, payment.amount_cents)


TAKEN = 30_00


def _with_takeback(session: Session) -> list[tuple[str, str]]:
    """Two checks that one EOB lies with, of which it takes something back once; their questions."""
    claims = [
        {"patient_account": "2100000011", "paid_cents": 125_00},
        {"patient_account": "2100000029", "paid_cents": 80_00},
        {"patient_account": "2100000037", "paid_cents": -TAKEN},
    ]
    envelope = [insurers(100_00, "1"), insurers(90_00, "2"),
                eob("5550001", 175_00, claims=claims)]  # fmt: skip
    payments = world.run(session, envelope)
    found = []
    for number, payment in enumerate(payments):
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        held = review.lease(session, item.id, f"user:{number}")
        found.append((item.id, held.lease_token))
    return found


def test_two_take_back_by_one_eob_at_once_and_it_is_taken_once(group: Database) -> None:
    with group.write() as session:
        questions = _with_takeback(session)
    amounts = (100_00, 90_00)

    def confirming(number: int) -> Step:
        item, token = questions[number]
        return lambda session: review.confirm(
            session, item, f"user:{number}", token,
            allocations=[
                AllocationInput("account", "2100000011", None, amounts[number] + TAKEN),
                AllocationInput("unidentified", None, None, -TAKEN),
            ],
        )  # fmt: skip

    (error,) = at_once(group, confirming(0), confirming(1))
    assert isinstance(error, WrongUse)
    with group.read() as session:
        taken = session.scalar(
            select(func.sum(Allocation.amount_cents)).where(
                Allocation.live, Allocation.amount_cents < 0
            )
        )
        assert taken == -TAKEN


def test_two_take_back_from_one_payment_at_once_and_no_more_than_it_paid(group: Database) -> None:
    claim = {"patient_account": "2100000011", "claim_number": "C-77", "paid_cents": 125_00}
    with group.write() as session:
        world.run(session, [insurers(125_00, "1"), eob("1", 125_00, claims=[claim])])
        later = []
        for number in ("2", "3"):
            takes = {**claim, "paid_cents": -100_00}
            (payment,) = world.run(
                session, [insurers(10_00, number), eob(number, 10_00, claims=[
                    takes, {"patient_account": "2100000029", "paid_cents": 110_00}])],
            )  # fmt: skip
            later.append(payment.id)
        session.flush()
        for row in session.scalars(select(HeldPart)):
            assert row.payment_id not in later, "the program asks a person first"

    def holding_of(number: int) -> Step:
        def hold(session: Session) -> None:
            payment = session.get_one(Payment, later[number], with_for_update=True)
            decision = Decision(payment_id=payment.id, outcome="confirmed", actor="user:x",
                                score=1.0)  # fmt: skip
            session.add(decision)
            session.flush()
            part = Allocation(payment_id=payment.id, decision_id=decision.id,
                              destination="unidentified", amount_cents=-100_00)  # fmt: skip
            session.add(part)
            session.flush()
            share = Share("unidentified", -100_00, reason="claim 1", hold="takeback")
            holding.hold(session, payment, [(part, share)], {}, "user:x")

        return hold

    assert at_once(group, holding_of(0), holding_of(1)) == []
    with group.read() as session:
        found = session.scalars(select(HeldPart).order_by(HeldPart.reason)).all()
        assert [each.reason for each in found] == ["takeback", "takeback_unknown"]
        assert found[1].pair_payment_id is None
