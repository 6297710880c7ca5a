"""What comes again of a payment is a copy where it pays the same claims; else a person sees it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from deposits.remittance_waiting import queue
from matching import remittance_partners, remittance_people
from matching.claim_facts import RemittedClaim
from matching.remittance_copies import otherwise
from records.db import Database
from records.models import Payment, ReadingRow
from tests.matching import world
from tests.matching.test_remittance_partners import CLAIMS, TOTAL, eob, era, insurers, rematch, rows

OTHERS = (
    [{**CLAIMS[0], "paid_cents": 124_00}, {**CLAIMS[1], "paid_cents": 81_00}],
    [{**CLAIMS[0], "paid_cents": 80_00}, {**CLAIMS[1], "paid_cents": 125_00}],
)


def claims(*paid: int | None, accounts: str = "") -> list[RemittedClaim]:
    named = accounts or " " * len(paid)
    return [
        RemittedClaim(patient_account=account.strip(), paid_cents=cents)
        for account, cents in zip(named, paid, strict=True)
    ]


def test_a_page_or_an_unread_sum_pays_nothing_else() -> None:
    whole = claims(125_00, 80_00, 0)
    assert not otherwise(claims(80_00, 125_00), whole)
    assert not otherwise(claims(125_00), whole)
    assert not otherwise(claims(125_00, None), whole)
    assert not otherwise(claims(125_00, 80_00), claims(125_00, None))


def test_another_sum_or_one_more_pays_something_else() -> None:
    whole = claims(125_00, 80_00)
    assert otherwise(claims(124_00, 81_00), whole)
    assert otherwise(claims(125_00, 80_00, 80_00), whole)
    assert otherwise(claims(124_00, 81_00), claims(125_00, None))


def test_sums_that_changed_places_are_others_and_an_account_misread_is_not() -> None:
    whole = claims(125_00, 80_00, accounts="AB")
    assert otherwise(claims(80_00, 125_00, accounts="AB"), whole)
    assert not otherwise(claims(80_00, 125_00, accounts="AC"), whole)
    assert not otherwise(claims(80_00, 125_00), whole)


@pytest.mark.parametrize("changed", OTHERS)
@pytest.mark.parametrize("first", ["eob", "era"])
def test_an_eob_scanned_again_with_other_claims_waits_for_a_person(
    group: Database, changed: list[dict[str, Any]], first: str
) -> None:
    with group.write() as session:
        world.run(session, *([[insurers(), eob()]] if first == "eob" else [[era()]]))
        world.run(session, [eob(claims=changed)])
        rematch(session)
        original, again = rows(session)
        assert (original.partner_state, again.partner_state) == ("joined", "waiting")
        assert session.scalars(select(Payment)).one().match_state == "decided"
        (told,) = [each for each in queue(session, None) if each.ref == again.ref]
        assert told.kind == "remittance"
        assert told.says.startswith(f"It pays other claims than {original.ref}")
        remittance_people.dismiss(session, again.ref, world.BOSS, "misread, the page says the same")
        assert again.partner_state == "dismissed"
        assert again.ref not in [each.ref for each in queue(session, None)]


def test_read_anew_with_the_same_claims_it_is_a_copy_after_all(group: Database) -> None:
    with group.write() as session:
        world.run(session, [insurers(), eob()])
        world.run(session, [eob(claims=OTHERS[0])])
        original, again = rows(session)
        document = again.document
        session.add(ReadingRow(document_id=document.id, version=2, sealed=eob(), made_by="test"))
        session.flush()
        session.expire_all()
        remittance_partners.changed(session, document, world.BOSS)
        assert (again.partner_state, again.copy_of_id) == ("dismissed", original.id)


def test_beside_its_check_the_second_scan_explains_nothing_until_somebody_looked(
    group: Database,
) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(), eob(), eob(claims=OTHERS[0])])
        assert [each.partner_state for each in rows(session)] == ["joined", "waiting"]
        rematch(session)
        assert sum(each.amount_cents for each in payment.allocations if each.live) == TOTAL
        assert {each.amount_cents for each in payment.allocations if each.live} == {125_00, 80_00}
