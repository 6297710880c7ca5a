"""Whatever comes first: the same joins, one evidence for matching and posting, no race."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matching import registering, remittance_people, takebacks
from records.db import Database
from records.models import Payment, Posting, Remittance
from tests.matching import world
from tests.matching.test_remittance_partners import DELTA, eob, only, rematch
from tests.matching.world import check

SAM = "user:sam"
_OTHER = "Guardian Life Insurance"


def _paper(key: str) -> Any:
    """Three insurers' checks and their EOBs: by number, by payer and date, and one without."""
    return {
        "check a": check(100_00, "7000001", payer=DELTA.upper(), account_number="11111"),
        "eob a": eob("7000001", 100_00, claims=[{"paid_cents": 100_00}]),
        "check b": check(100_00, "7000002", payer=_OTHER.upper(), account_number="22222"),
        "eob b": eob("", 100_00, claims=[{"paid_cents": 100_00}], payer_name=_OTHER),
        "check c": check(100_00, "7000003", payer="Walter Abernathy"),
        "eob c": eob("7000009", 80_00, claims=[{"paid_cents": 80_00}]),
    }[key]


_KEYS = ("check a", "eob a", "check b", "eob b", "check c", "eob c")


def _joins(session: Session) -> dict[str, str]:
    """Check number by what each remittance says of itself."""
    found = session.execute(
        select(Remittance.payer_name, Remittance.payment_number, Payment.check_number)
        .outerjoin(Payment, Payment.id == Remittance.payment_id)
    )  # fmt: skip
    return {f"{payer} {number}": held or "" for payer, number, held in found}


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrival_gives_the_same_joins(group: Database, seed: int) -> None:
    order = list(_KEYS)
    random.Random(seed).shuffle(order)
    with group.write() as session:
        for key in order:
            world.run(session, [_paper(key)])
        assert _joins(session) == {
            f"{DELTA} 7000001": "7000001", f"{_OTHER} ": "7000002", f"{DELTA} 7000009": "",
        }, order  # fmt: skip


@pytest.mark.both_databases
def test_two_workers_that_register_a_check_and_its_eobs_at_once_join_them_once(
    group: Database,
) -> None:
    with group.write() as session:
        files = [
            world.add_file(session, [check(100_00, "7000001", payer=DELTA.upper())]).id,
            world.add_file(session, [_paper("eob a")], minutes=1).id,
            world.add_file(session, [_paper("eob a")], minutes=2).id,
        ]

    def work(file_id: str) -> None:
        with group.read() as session:
            plans = registering.STAGE.work(registering.load(session, file_id))
        with group.write() as session:
            registering.save(session, file_id, plans)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, files))
    with group.read() as looking:
        payment = looking.scalars(select(Payment)).one()
        states = sorted(looking.scalars(select(Remittance.partner_state)))
        assert states == ["dismissed", "joined"]
        assert len(takebacks.remittances_of(looking, payment.id)) == 1


@pytest.mark.both_databases
def test_a_takeback_told_by_an_eob_that_lay_elsewhere_is_posted_and_without_it_is_not(
    group: Database,
) -> None:
    """An insurer pays 145.00: 200.00 for one claim less 55.00 of an earlier one."""
    claims = [
        {"patient_name": "Emma Okafor", "member_id": "G100000002", "patient_account": "2100000029",
         "claim_number": "C1", "paid_cents": 200_00},
        {"patient_name": "Noah Okafor", "member_id": "G100000002", "patient_account": "2100000037",
         "claim_number": "C2", "paid_cents": -55_00},
    ]  # fmt: skip
    with group.write() as session:
        (payment,) = world.run(session, [check(145_00, "7000001", payer=DELTA.upper())])
        world.run(session, [eob("7000001", 145_00, claims=claims)])
        rematch(session)
        assert payment.match_state == "decided"
        parts = {each.destination: each for each in payment.allocations if each.live}
        assert parts["unidentified"].amount_cents == -55_00
        payment_id, part_id = payment.id, parts["account"].id
        row = only(session)
        row.partner_state, row.payment_id = "waiting", None
        office_id = payment.office_id

    def post() -> None:
        with group.write() as session:
            session.add(
                Posting(ref="PST-1", pms="csv", allocation_id=part_id, payment_id=payment_id,
                        office_id=office_id, amount_cents=200_00)
            )  # fmt: skip

    with pytest.raises(IntegrityError, match="do not make up"):
        post()
    with group.write() as session:
        ref, pay = only(session).ref, session.get_one(Payment, payment_id).ref
        remittance_people.join(session, ref, pay, SAM)
    post()
