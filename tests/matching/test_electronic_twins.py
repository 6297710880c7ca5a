"""One payment that 835s and a check announce more than once is taken in once, or asked about."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import review
from matching.types import AllocationInput
from records.db import Database
from records.models import Payment, ReviewItem
from tests.matching import world
from tests.matching.test_remittance_partners import CLAIMS, TOTAL, eob, era, insurers


def live(session: Session) -> list[Payment]:
    return list(session.scalars(select(Payment).where(Payment.live).order_by(Payment.created_at)))


def asked(session: Session) -> list[str]:
    """What people are asked that is about duplicates: of which kind of thing."""
    items = session.scalars(select(ReviewItem).where(ReviewItem.state == "open")).all()
    return ["payment" if i.payment_id else "document" for i in items if "duplicate" in i.asks]


@pytest.mark.parametrize(
    ("number", "payer", "office"),
    [
        ("8800417", "DELTA DENTAL OF OHIO INC", "NORTH"),
        ("0008800417", "Delta Dental  of Ohio", "EAST"),
        ("", "DELTA DENTAL OF OHIO", "NORTH"),
        ("EFT-8800417", "Delta Dental of Ohio", "NORTH"),
        ("20261110 8800417", "Delta Dental of Ohio", "EAST"),
    ],
)
def test_an_835_sent_again_under_another_form_of_the_name_is_no_new_money(
    group: Database, number: str, payer: str, office: str
) -> None:
    with group.write() as session:
        world.run(session, [era("8800417" if number else "")])
        world.run(session, [era(number, payer_name=payer)], office=office)
        assert len(live(session)) == 1
        assert asked(session) == ["document"]


@pytest.mark.parametrize("office", ["NORTH", "EAST"])
def test_an_835_without_a_number_of_the_same_claims_is_no_new_money_days_later(
    group: Database, office: str
) -> None:
    again = era("", payment_on="2026-11-12", payer_name="DELTA DENTAL OF OHIO INC")
    again["fields"]["claims"]["value"][0]["patient_name"] = "ABERNATHY, WALTER"
    with group.write() as session:
        world.run(session, [era("")])
        world.run(session, [again], office=office)
        assert len(live(session)) == 1
        assert asked(session) == ["document"]


@pytest.mark.parametrize(
    "other",
    [{"claim_number": "7714"}, {"lines": [{"procedure_code": "D1110", "service_on": "2026-11-03"}]},
     {"charged_cents": 300_00}],
)  # fmt: skip
def test_one_sum_for_other_claims_is_new_money_without_a_number_too(
    group: Database, other: dict[str, Any]
) -> None:
    later = [{**CLAIMS[0], **other}, dict(CLAIMS[1])]
    with group.write() as session:
        world.run(session, [era("")])
        world.run(session, [era("", payment_on="2026-11-12", claims=later)])
        assert [each.amount_cents for each in live(session)] == [TOTAL] * 2
        assert asked(session) == []


def test_a_trace_number_given_again_with_another_total_is_asked_about(group: Database) -> None:
    with group.write() as session:
        world.run(session, [era()])
        world.run(session, [era(cents=TOTAL + 12_50)])
        assert [each.amount_cents for each in live(session)] == [TOTAL]
        assert asked(session) == ["document"]


def test_two_payers_may_give_one_trace_number_and_one_payer_one_sum_twice(group: Database) -> None:
    with group.write() as session:
        world.run(session, [era()])
        world.run(session, [era(payer_name="Guardian Life")])
        world.run(session, [era("8800418")])
        assert [each.amount_cents for each in live(session)] == [TOTAL] * 3
        assert asked(session) == []


@pytest.mark.parametrize("first", ["check", "835"])
def test_a_prefix_before_its_number_makes_a_check_no_other_money(
    group: Database, first: str
) -> None:
    envelopes = {"check": [insurers()], "835": [era("DD-8800417")]}
    with group.write() as session:
        for name in (first, *(set(envelopes) - {first})):
            world.run(session, envelopes[name])
        assert asked(session) == ["document" if first == "check" else "payment"]


@pytest.mark.parametrize("first", ["check", "835"])
def test_a_check_that_an_835_calls_a_transfer_is_posted_once(group: Database, first: str) -> None:
    envelopes = {"check": [insurers(), eob()], "835": [era()]}
    with group.write() as session:
        for name in (first, *(set(envelopes) - {first})):
            world.run(session, envelopes[name])
        decided = [each for each in live(session) if each.match_state == "decided"]
        assert [each.kind for each in decided] == ["check" if first == "check" else "eft"]
        assert asked(session) == ["document" if first == "check" else "payment"]


def test_a_short_number_makes_no_check_a_transfer(group: Database) -> None:
    with group.write() as session:
        world.run(session, [era("417")])
        world.run(session, [insurers(serial="417")])
        assert [each.kind for each in live(session)] == ["eft", "check"]
        assert asked(session) == []


@pytest.mark.parametrize("first", ["check", "835"])
def test_a_check_keyed_to_be_a_transfers_money_is_asked_about(group: Database, first: str) -> None:
    unread = insurers(amount_cents=world.field(TOTAL, 0.3))
    envelopes = {"check": [unread], "835": [era()]}
    with group.write() as session:
        for name in (first, *(set(envelopes) - {first})):
            world.run(session, envelopes[name])
        check = next(each for each in live(session) if each.kind == "check")
        assert (check.amount_cents, asked(session)) == (None, [])
        query = select(ReviewItem).where(ReviewItem.payment_id == check.id)
        parts = [AllocationInput("account", "2100000011", None, TOTAL)]
        for actor, state in (("user:sam", "awaiting_review"), ("user:pat", "depositable")):
            item = session.scalars(query).one()
            held = review.lease(session, item.id, actor)
            keyed = TOTAL if actor == "user:sam" else None
            review.confirm(session, item.id, actor, held.lease_token, amount_cents=keyed,
                           allocations=parts)  # fmt: skip
            assert check.deposit_state == state, "a second person says that it is other money"
