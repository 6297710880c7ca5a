"""On a payment's page a wrong join is parted, a wrong match undone, or taken back once posted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from deposits import posting, posting_queue
from records.models import Payment, Remittance
from tests.matching.test_remittance_partners import eob, era, insurers
from tests.web.desk import Desk, open_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("taking-back"))
    yield made
    made.installation.close()


def remittance_of(desk: Desk, ref: str) -> Remittance:
    payment = desk.payment(ref)
    with desk.installation.db.read() as session:
        return session.scalars(
            select(Remittance).where(Remittance.document.has(transaction_id=payment.transaction_id))
        ).one()


def post(desk: Desk, ref: str) -> None:
    """All of what waits of its office leaves for the practice-management system."""
    with desk.installation.db.write() as session:
        payment = session.get_one(Payment, desk.payment(ref).id)
        posting_queue.keep_in_step(session, payment.id, "system:test")
        made = posting.export(session, desk.installation.store, payment.office_id, "user:bill")
        posting.acknowledge(session, made.id, "all", {}, "user:bill")


def test_an_eob_beside_its_check_is_parted_on_the_payments_page(desk: Desk) -> None:
    (ref,) = desk.receive([insurers(serial="3000001"), eob("3000001")])
    row = remittance_of(desk, ref)
    assert row.partner_state == "joined"
    sam = desk.client("sam")
    assert f"Part {row.ref}" in sam.get(f"/payments/{ref}").text
    assert f"Part {row.ref}" not in desk.client("audrey").get(f"/payments/{ref}").text
    said = {"step": "part", "why": "put in by mistake"}
    assert sam.post(f"/remittances/{row.ref}/partner", data=said).status_code == 303
    assert remittance_of(desk, ref).partner_state == "waiting"
    assert f"Part {row.ref}" not in sam.get(f"/payments/{ref}").text


def test_an_835_and_the_payment_made_of_it_are_not_offered_to_be_parted(desk: Desk) -> None:
    (ref,) = desk.receive([era("300000123", 310_00)])
    row = remittance_of(desk, ref)
    assert row.partner_state == "joined"
    assert f"Part {row.ref}" not in desk.client("sam").get(f"/payments/{ref}").text


def test_a_match_is_undone_or_taken_back_from_the_payments_page(desk: Desk) -> None:
    ref = desk.matched(71_00, "300111")
    sam, bill, audrey = (desk.client(name) for name in ("sam", "bill", "audrey"))
    for each in (sam, bill):
        assert "Undo this match" in each.get(f"/payments/{ref}").text
    assert "Undo this match" not in audrey.get(f"/payments/{ref}").text
    post(desk, ref)
    assert "billing can take this match back here" in sam.get(f"/payments/{ref}").text
    shown = bill.get(f"/payments/{ref}").text
    assert "Take this match back" in shown
    assert "Undo this match" not in shown
    path = f"/payments/{ref}/take-back"
    assert sam.post(path, data={"why": "mine"}).status_code == 403
    assert desk.client("edna").post(path, data={"why": "mine"}).status_code == 404
    assert bill.post(path, data={"why": " "}).status_code == 400
    assert bill.post(path, data={"why": "another patient"}).status_code == 303
    assert "is being taken back" in bill.get(f"/payments/{ref}").text
    assert desk.payment(ref).match_state == "decided"
    post(desk, ref)
    assert desk.payment(ref).match_state == "in_review"
    assert "Take this match back" not in bill.get(f"/payments/{ref}").text
