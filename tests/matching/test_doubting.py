"""What keeps a payment from going alone though its claims are sure: a person is asked, and told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import doubting, review
from matching.types import AllocationInput
from records.db import Database
from records.models import Office, Payment, ReviewItem
from tests.matching import world
from tests.matching.test_remittance_partners import TOTAL, era

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
