"""Why a person decides where a payment's money goes, however sure its claims are of their accounts.

What the claims alone tell (that their sums are not those printed) stands in ``matching.clues``.

A person may confirm the accounts all the same: these are questions, and stand in no one's way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import remittance_borne_out, remittance_shares
from matching.payees import Payee, is_another
from matching.readings import Document
from records.models import Office, Payment, Remittance

ANOTHER_OFFICE: Final = "the insurer paid it to another office of the group"
CONTRADICTED: Final = "the remittance says another {} than the payment"
_HEADS: Final = {
    "payment_number": "number", "total_paid_cents": "total", "payment_on": "day",
    "payer_name": "payer",
}  # fmt: skip


def of_payments(
    session: Session, office: Office, payments: Sequence[Payment], documents: Sequence[Document]
) -> dict[str, str]:
    """The reason by payment id, for those that have one; ``documents`` are what explains them."""
    by_id = {document.id: document for document in documents}
    found = _contradicted(session, payments)
    for payment in payments:
        own = by_id.get(payment.document_id)
        if payment.kind == "eft" and own is not None and _is_anothers(session, office, own):
            found[payment.id] = ANOTHER_OFFICE
    return found


def _contradicted(session: Session, payments: Sequence[Payment]) -> dict[str, str]:
    """Which head of a joined remittance its money contradicts, until a person has looked at it."""
    shares = remittance_shares.of_payments(session, [each.id for each in payments])
    owners: dict[str, set[str]] = defaultdict(set, {key: set(of) for key, of in shares.items()})
    query = select(Remittance).where(
        Remittance.payment_id.in_([each.id for each in payments])
        | Remittance.document_id.in_(list(shares))
    )
    found: dict[str, str] = {}
    for row in session.scalars(query.order_by(Remittance.created_at, Remittance.id)):
        against = remittance_borne_out.of_row(session, row).contradicted
        heads = " and ".join(words for name, words in _HEADS.items() if name in against)
        if heads and row.document.live:
            for payment_id in owners[row.document_id] or {row.payment_id or ""}:
                found.setdefault(payment_id, CONTRADICTED.format(heads))
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
