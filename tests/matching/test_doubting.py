"""What keeps a payment from going alone though its claims are sure: a person is asked, and told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import doubting, remittance_partners, review
from matching.clues import UNBALANCED
from matching.types import AllocationInput
from records.db import Database
from records.models import Office, Payment, ReadingRow, ReviewItem
from tests.matching import world
from tests.matching.test_remittance_partners import (
    DELTA,
    TOTAL,
    eob,
    era,
    insurers,
    only,
    rematch,
)
from tests.matching.world import field

NORTH, EAST = "Lakeshore Family Dental", "Whitewater Medical Associates"
NPIS = {"NORTH": "1234567893", "EAST": "1548273642"}


def why(payment: Payment) -> str:
    """What the person who is asked reads of why."""
    assert payment.decisions[-1].candidates is not None
    return str(payment.decisions[-1].candidates["why"])


def add_npis(session: Session) -> None:
    for office in session.scalars(select(Office)):
        office.settings = {**office.settings, "npi": NPIS[office.code]}
    session.flush()


@pytest.mark.parametrize(
    "payee",
    [{"payee_name": NORTH}, {"payee_npi": NPIS["NORTH"]},
     {"payee_name": EAST, "payee_npi": NPIS["NORTH"]}],
)  # fmt: skip
def test_an_835_of_another_office_of_the_group_is_asked_about(
    group: Database, payee: dict[str, Any]
) -> None:
    with group.write() as session:
        add_npis(session)
        (payment,) = world.run(session, [era(**payee)], office="EAST")
        assert (payment.match_state, why(payment)) == ("in_review", doubting.ANOTHER_OFFICE)
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        assert item.asks == ["match"]
        held = review.lease(session, item.id, "user:sam")
        parts = [AllocationInput("account", "2100000011", None, 125_00),
                 AllocationInput("account", "2100000029", None, TOTAL - 125_00)]  # fmt: skip
        review.confirm(session, item.id, "user:sam", held.lease_token, allocations=parts)
        assert (payment.match_state, item.state) == ("decided", "done")


@pytest.mark.parametrize(
    "payee",
    [{}, {"payee_name": NORTH}, {"payee_name": EAST, "payee_npi": NPIS["NORTH"]},
     {"payee_name": "A Clinic of Nobody's"}, {"payee_npi": "1999999984"}],
)  # fmt: skip
def test_an_835_to_this_office_or_to_none_that_is_known_goes_alone(
    group: Database, payee: dict[str, Any]
) -> None:
    with group.write() as session:
        add_npis(session)
        (payment,) = world.run(session, [era(**payee)])
        assert payment.match_state == "decided"


def test_a_number_that_only_another_office_gave_says_nothing_against_this_ones_name(
    group: Database,
) -> None:
    with group.write() as session:
        east = session.scalars(select(Office).where(Office.code == "EAST")).one()
        east.settings = {**east.settings, "npi": NPIS["EAST"]}
        (payment,) = world.run(session, [era(payee_name=NORTH, payee_npi=NPIS["EAST"])])
        assert payment.match_state == "decided"


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"balanced": False}, UNBALANCED),
        ({"cents": TOTAL + 1_00}, doubting.CONTRADICTED.format("total")),
        ({"payer_name": "Guardian Life"}, doubting.CONTRADICTED.format("payer")),
        ({"number": "7712345"}, doubting.CONTRADICTED.format("number")),
    ],
)
def test_a_remittance_to_check_lets_a_person_decide_though_its_claims_make_the_check(
    group: Database, told: dict[str, Any], reason: str
) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(), eob(**told)])
        assert (payment.match_state, why(payment)) == ("in_review", reason)


def test_an_835_that_says_its_head_twice_is_decided_by_a_person(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [era(balanced=False)])
        assert (payment.match_state, why(payment)) == ("in_review", UNBALANCED)


def test_a_remittance_with_an_unsure_cell_alone_keeps_nobody_from_its_payment(
    group: Database,
) -> None:
    with group.write() as session:
        faint = eob(payment_on=field("2026-11-10", 0.4), payer_name=field(DELTA, 0.4))
        (payment,) = world.run(session, [insurers(), faint])
        assert payment.match_state == "decided"


def test_once_a_person_says_that_it_is_printed_so_the_payment_goes_alone(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(), eob(balanced=False)])
        document = only(session).document
        body = eob(balanced=False, as_printed="the page has it so")
        session.add(ReadingRow(document_id=document.id, version=2, sealed=body, made_by=world.BOSS))
        session.flush()
        session.expire_all()
        remittance_partners.changed(session, document, world.BOSS)
        rematch(session)
        assert payment.match_state == "decided"


def test_what_went_alone_is_asked_about_once_its_remittance_is_read_otherwise(
    group: Database,
) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(), eob()])
        assert payment.match_state == "decided"
        document = only(session).document
        body = eob(payer_name="Guardian Life")
        session.add(ReadingRow(document_id=document.id, version=2, sealed=body, made_by="test"))
        session.flush()
        session.expire_all()
        remittance_partners.changed(session, document, "system:read")
        rematch(session)
        assert (payment.match_state, why(payment)) == (
            "in_review", doubting.CONTRADICTED.format("payer")
        )  # fmt: skip
