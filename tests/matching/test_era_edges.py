"""835s at the edges: what they say of money that does not come, comes back or is told twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.day import proof
from records.db import Database
from records.models import Allocation, HeldPart, Payment, Remittance
from tests.matching import world
from tests.matching.test_remittance_partners import CLAIMS, TOTAL, era, only, rematch
from tests.matching.test_remittance_partners import rows as remittances
from tests.matching.world import RECEIVED

EMMA = CLAIMS[1]


def _parts(session: Session) -> list[tuple[str, int]]:
    live = session.scalars(select(Allocation).where(Allocation.live))
    return sorted((each.destination, each.amount_cents) for each in live)


def _arrive(session: Session, *bodies: Any) -> list[Payment]:
    for body in bodies:
        world.run(session, [body])
        rematch(session)
    assert proof(session, RECEIVED).explained
    return list(session.scalars(select(Payment).order_by(Payment.created_at, Payment.id)))


@pytest.mark.parametrize("others", [(), (CLAIMS[0],)], ids=["alone", "beside another"])
def test_a_predetermination_that_is_paid_is_for_a_person(
    group: Database, others: tuple[dict[str, Any], ...]
) -> None:
    """CLP02 25 is "predetermination pricing only - no payment": the one or the other is wrong."""
    claims = [{**EMMA, "status": "25"}, *others]
    cents = sum(each["paid_cents"] for each in claims)
    with group.write() as session:
        [payment] = _arrive(session, era("7001", cents, claims=claims))
        assert (payment.match_state, _parts(session)) == ("in_review", [])


def test_a_predetermination_moves_no_money_and_waits_for_none(group: Database) -> None:
    claims = [{**EMMA, "paid_cents": 0, "status": "25", "charged_cents": 98_00}]
    with group.write() as session:
        assert _arrive(session, era("7002", 0, "NON", claims=claims)) == []
        assert only(session).partner_state == "none_needed"


@pytest.mark.parametrize("status", ["1", "2", "3", "19", "20", "21"])
def test_primary_secondary_and_forwarded_claims_post_alike(group: Database, status: str) -> None:
    with group.write() as session:
        [payment] = _arrive(session, era("7003", 80_00, claims=[{**EMMA, "status": status}]))
        assert (payment.match_state, _parts(session)) == ("decided", [("account", 80_00)])


def test_one_claim_beside_an_adjustment_that_cannot_be_read_is_for_a_person(
    group: Database,
) -> None:
    taken = [{"code": "WO", "amount_cents": None, "reference": "R"}]
    body = era("7004", 80_00, claims=[EMMA], provider_adjustments=taken, balanced=False)
    with group.write() as session:
        [payment] = _arrive(session, body)
        assert (payment.match_state, _parts(session)) == ("in_review", [])


def test_an_835_of_adjustments_alone_is_asked_and_one_that_nets_to_nothing_waits_for_nothing(
    group: Database,
) -> None:
    interest = [{"code": "L6", "amount_cents": -30_00, "reference": "INT"}]
    carried = [{"code": "WO", "amount_cents": 50_00, "reference": "R"},
               {"code": "FB", "amount_cents": -50_00, "reference": "N"}]  # fmt: skip
    with group.write() as session:
        [payment] = _arrive(
            session,
            era("7005", 30_00, claims=[], provider_adjustments=interest),
            era("7006", 0, "NON", claims=[], provider_adjustments=carried),
        )
        assert (payment.amount_cents, payment.match_state) == (30_00, "in_review")
        assert [row.partner_state for row in remittances(session)] == ["joined", "none_needed"]


def test_a_payment_below_zero_is_no_money_and_stays_in_sight(group: Database) -> None:
    claims = [{**EMMA, "paid_cents": -30_00, "status": "22"}]
    with group.write() as session:
        assert _arrive(session, era("7007", -30_00, claims=claims)) == []
        row = only(session)
        assert (row.partner_state, row.amount_cents) == ("waiting", -30_00)


def test_the_same_transfer_in_another_file_is_a_copy_and_paid_once(group: Database) -> None:
    with group.write() as session:
        [payment] = _arrive(session, era("7008"), era("7008"))
        states = [(row.partner_state, row.copy_of_id is not None) for row in remittances(session)]
        assert states == [("joined", False), ("dismissed", True)]
        assert (payment.amount_cents, _parts(session)) == (
            TOTAL, [("account", 80_00), ("account", 125_00)],
        )  # fmt: skip


@settings(max_examples=12, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    st.lists(
        st.tuples(st.sampled_from(["WO", "FB", "L6", "72"]), st.integers(-60_00, 60_00)),
        max_size=3,
    )
)
def test_what_the_insurer_adjusts_is_held_to_the_cent_and_the_claims_post_whole(
    group: Database, taken: list[tuple[str, int]]
) -> None:
    """X12 835: BPR02 is the claims' payments less the provider adjustments."""
    adjustments = [{"code": code, "amount_cents": cents, "reference": f"R{at}"}
                   for at, (code, cents) in enumerate(taken) if cents]  # fmt: skip
    off = sum(each["amount_cents"] for each in adjustments)
    body = era("7009", TOTAL - off, provider_adjustments=adjustments)
    with group.write() as session:
        [payment] = _arrive(session, body)
        held = [("unidentified", -off)] if off else []
        assert payment.match_state == "decided"
        assert _parts(session) == sorted([("account", 80_00), ("account", 125_00), *held])
        reasons = [each.reason for each in session.scalars(select(HeldPart))]
        assert reasons == ["insurer_adjustment"] * len(held)
        assert len(session.scalars(select(Remittance)).all()) == 1
        session.rollback()
