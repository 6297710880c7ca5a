"""What a remittance's reading says of the payment it goes with, and how sure its cells are: pure.

Names and numbers are those of the contract's ``remittance``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from matching.readings import Document
from matching.remittance_agreement import NONE, Agreement
from matching.remittance_grid import of_reading

_NONE = "NON"


@dataclass(frozen=True, slots=True)
class RemittanceFacts:
    """The head of one remittance. ``doubtful`` counts the cells of its grid that are not sure.

    ``explained_cents`` is what its claims and the insurer's adjustments make together.
    """

    payer_name: str
    payment_number: str
    company_id: str
    method: str
    amount_cents: int | None
    explained_cents: int | None
    paid_on: date | None
    electronic: bool
    doubtful: int
    balanced: bool

    @property
    def moves_no_money(self) -> bool:
        """Whether it explains a payment of nothing (X12: BPR04 ``NON``, or a total of zero)."""
        return self.amount_cents == 0 or (self.method == _NONE and not self.amount_cents)

    @property
    def sure(self) -> bool:
        """Whether nothing of it needs a person's look."""
        return self.balanced and not self.doubtful


def facts_of(document: Document, least: float, agreed: Agreement = NONE) -> RemittanceFacts:
    """The facts of a reading; ``least`` is the confidence from which a cell counts as sure.

    ``agreed`` is what its money bears out, or contradicts.
    """
    return RemittanceFacts(
        payer_name=document.text("payer_name").replace("\n", " ")[:120],
        payment_number=document.text("payment_number")[:60],
        company_id=_company(document)[:20],
        method=document.text("payment_method").upper()[:10],
        amount_cents=document.cents("total_paid_cents"),
        explained_cents=_explained(document),
        paid_on=_day(document.text("payment_on")),
        electronic=document.electronic,
        doubtful=_doubtful(document, least, agreed),
        balanced=document.value("balanced") is True or bool(document.text("as_printed")),
    )


def _doubtful(document: Document, least: float, agreed: Agreement) -> int:
    shown = of_reading(document.body)
    head = [cell for name, cell in shown.head.cells.items() if name not in shown.head.computed]
    all_ = sum(cell.is_doubtful(least) for cell in shown.cells())
    alone = sum(cell.is_doubtful(least) for cell in head)
    return all_ - alone + sum(agreed.is_doubtful(cell, least) for cell in head)


def _company(document: Document) -> str:
    """The payer's number beside the trace (TRN03); empty where the file says none."""
    told = document.value("electronic")
    return str(told.get("payer_identifier") or "") if isinstance(told, Mapping) else ""


def _explained(document: Document) -> int | None:
    claims = document.value("claims")
    if not isinstance(claims, list):
        return None
    paid = document.amounts("claims", "paid_cents")
    taken = document.amounts("provider_adjustments", "amount_cents")
    return sum(paid) - sum(taken)  # X12 835: a PLB amount above zero lowers the payment


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
