"""Why a person decides where a payment's money goes, however sure its claims are of their accounts.

A person may confirm the accounts all the same: these are questions, and stand in no one's way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.payees import Payee, is_another
from matching.readings import Document
from records.models import Office, Payment

ANOTHER_OFFICE: Final = "the insurer paid it to another office of the group"


def of_payments(
    session: Session, office: Office, payments: Sequence[Payment], documents: Sequence[Document]
) -> dict[str, str]:
    """The reason by payment id, for those that have one; ``documents`` are what explains them."""
    by_id = {document.id: document for document in documents}
    found: dict[str, str] = {}
    for payment in payments:
        own = by_id.get(payment.document_id)
        if payment.kind == "eft" and own is not None and _is_anothers(session, office, own):
            found[payment.id] = ANOTHER_OFFICE
    return found


def _is_anothers(session: Session, office: Office, own: Document) -> bool:
    """Whether an 835 that came to this office names another one as its payee."""
    name, npi = own.text("payee_name"), own.text("payee_npi")
    if not name and not npi:
        return False
    others = session.scalars(select(Office).where(Office.id != office.id, Office.active))
    return is_another(name, npi, _payee(office), [_payee(each) for each in others])


def _payee(office: Office) -> Payee:
    told = office.settings
    return Payee(tuple(told.get("acceptable_payees") or ()), str(told.get("npi") or ""))
