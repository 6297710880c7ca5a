"""A check that the bank gave back while a part of it was held: its match may change meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from deposits import batch, posting, posting_queue, returns
from deposits.bank import import_file
from matching import placing, review
from records import workflow
from records.db import Database
from records.installation import Installation
from records.models import Payment, Posting
from tests.deposits.build import DAY
from tests.deposits.test_held_parts import EMMA, SAM, STRANGER, group, pay, place, proves

__all__ = ["group"]  # the fixture


def credited(db: Database, installation: Installation) -> str:
    """A check of two claims, one of them held; posted, deposited and paid by the bank; its id."""
    with db.write() as session:
        payment = pay(session, "9001", EMMA, STRANGER)
        if payment.deposit_state != "depositable":
            workflow.move(payment, workflow.DEPOSIT_AXIS, "depositable")
        posting_queue.keep_in_step(session, payment.id, SAM)
        deposit = batch.open_deposit(session, payment.office.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment.id], "user:bill")
        batch.close(session, deposit.id, 1, 255_10, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        export = posting.export(session, installation.store, payment.office_id, "user:bill")
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
        told = f"Date,Amount,Description,Reference\n{deposit.business_on},255.10,DEPOSIT,\n"
        import_file(session, installation.store, told.encode(), "bank", "user:bill",
                    bank_account_id=payment.office.bank_account_id)  # fmt: skip
        assert payment.deposit_state == "credited"
        return payment.id


@pytest.mark.parametrize("meanwhile", ["placed", "undone", "nothing"])
def test_what_is_decided_of_a_returned_check_is_booked_right_when_it_goes_again(
    group: Database, installation: Installation, meanwhile: str
) -> None:
    payment_id = credited(group, installation)
    with group.write() as session:
        returns.record_returned_item(session, payment_id, "not_sufficient_funds", DAY, None, SAM)
        payment = session.get_one(Payment, payment_id)
        export = posting.export(session, installation.store, payment.office_id, "user:bill")
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
        if meanwhile == "placed":
            (held,) = placing.queue(session, None)
            place(session, held.ref, ("2100000011", 55_10))
            posting_queue.keep_in_step(session, payment_id, SAM)
        elif meanwhile == "undone":
            review.undo(session, payment_id, SAM)
        proves(session)
        live = select(Posting.amount_cents).where(Posting.live)
        assert session.scalars(live).all() == [], "nothing is posted of money that is gone"
        returns.represent(session, payment_id, SAM)
        proves(session)
        wanted = {"placed": [55_10, 200_00], "undone": [], "nothing": [200_00]}
        assert sorted(session.scalars(live)) == wanted[meanwhile]
