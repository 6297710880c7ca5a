"""What the pages of remittances show, ready for their templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, selectinload

from matching import remittance_borne_out, remittance_shares
from matching import remittance_grid as grid
from matching.remittance_agreement import NONE, Agreement
from matching.remittance_facts import facts_of
from matching.remittance_partners import as_value
from records.models import Allocation, Document, PageImage, Remittance, RemittanceShare
from records.settings import load_settings
from web import layout_view, pictures, remittance_doubts

MOST_SHOWN = 200
Offices = frozenset[str] | None
_ASKED = {
    "member_id": "Not read: it may stand in the head of its section. "
    "Enter says that there is none.",
    "remarks": "A reason without an amount: key it with its amount under Adjustments, or Enter "
    "says that none is printed. Here it takes nothing off, and no 835 tells it.",
}


def rows(session: Session, offices: Offices, *, waiting: bool) -> list[dict[str, Any]]:
    """Remittances, those to check first and the oldest of them first; ``waiting``: only those."""
    query = _live(offices).order_by(
        case((Remittance.read_state == "to_check", 0), else_=1), Remittance.created_at,
        Remittance.id,
    )  # fmt: skip
    if waiting:
        query = query.where(Remittance.read_state == "to_check")
    query = query.options(
        selectinload(Remittance.document).selectinload(Document.readings),
        selectinload(Remittance.office), selectinload(Remittance.payment),
    )  # fmt: skip
    found = session.scalars(query.limit(MOST_SHOWN)).all()
    shares = remittance_shares.live_of(session, [each.id for each in found])
    return [_listed(each, shares.get(each.id, ())) for each in found]


def next_ref(session: Session, offices: Offices, after: Remittance) -> str | None:
    """The oldest remittance to check that came after this one; else the oldest of all others."""
    query = (
        _live(offices)
        .where(Remittance.read_state == "to_check", Remittance.id != after.id)
        .order_by(case((Remittance.created_at > after.created_at, 0), else_=1),
                  Remittance.created_at, Remittance.id)
    )  # fmt: skip
    found = session.scalars(query.limit(1)).first()
    return None if found is None else found.ref


def least() -> float:
    """The confidence from which a cell counts as sure."""
    return load_settings().remittance_confidence


def view(session: Session, row: Remittance) -> dict[str, Any]:
    """One remittance with its pictures, its cells, its balance and what became of its money."""
    document = row.document
    reading = document.reading
    body = reading.sealed
    pages = pictures.rows_of(session, document.page_ids)
    sure = least()
    shown = grid.of_reading(body)

    agreed = remittance_borne_out.of_row(session, row)

    def cells(each: grid.Row) -> dict[str, Any]:
        known = agreed if each is shown.head else NONE
        return {name: _cell(cell, document.page_ids, pages, sure, known)
                for name, cell in each.cells.items()}  # fmt: skip

    fields = body.get("fields") or {}
    return {
        "ref": row.ref,
        "document": document.ref,
        "office": row.office.code,
        "version": reading.version,
        "by": reading.made_by,
        "at": reading.created_at,
        "read_state": row.read_state,
        "partner_state": row.partner_state,
        "electronic": row.electronic,
        "pages": [pictures.tab(pages[page], "remittance") for page in document.page_ids
                  if page in pages],
        "head": {"cells": cells(shown.head)},
        "claims": [
            {"cells": cells(claim), "computed": claim.computed,
             "lines": [{"cells": cells(line)} for line in claim.lines]}
            for claim in shown.claims
        ],
        "taken": [{"cells": cells(each)} for each in shown.taken],
        "balance": remittance_doubts.balance(body),
        "doubtful": facts_of(as_value(document), sure, agreed).doubtful,
        "as_printed": str((fields.get("as_printed") or {}).get("value") or ""),
        "warnings": _warnings(body),
        "layout": layout_view.shown(body, document.page_ids, pages),
        "roles": sorted(layout_view.LABELS.items(), key=lambda each: each[1]),
        "money": _money(session, row),
        "blank": {each.name: _cell(grid.Cell(each, None, "", 1.0), (), {}, sure)
                  for each in (*grid.LINE, *grid.CLAIM, *grid.TAKEN)},
    }  # fmt: skip


def _live(offices: Offices) -> Select[Remittance]:
    query = (
        select(Remittance)
        .join(Document)
        .where(Document.live, Remittance.partner_state != "dismissed")
    )
    return query if offices is None else query.where(Remittance.office_id.in_(offices))


def _listed(row: Remittance, shares: Sequence[RemittanceShare]) -> dict[str, Any]:
    own = [] if row.payment is None else [row.payment]
    balance = remittance_doubts.balance(row.document.reading.sealed)
    return {
        "ref": row.ref, "payer": row.payer_name, "number": row.payment_number,
        "cents": row.amount_cents, "doubtful": row.doubtful, "read_state": row.read_state,
        "says": balance["says"], "balanced": balance["balanced"] and not balance["confirm"],
        "office": row.office.code,
        "partner_state": row.partner_state, "at": row.created_at,
        "payments": [each.ref for each in [share.payment for share in shares] or own],
    }  # fmt: skip


def _cell(
    cell: grid.Cell,
    page_ids: Sequence[str],
    pages: Mapping[str, PageImage],
    sure: float,
    agreed: Agreement = NONE,
) -> dict[str, Any]:
    place = pictures.place({"box": cell.box, "page": cell.page}, page_ids, pages)
    return {
        "name": cell.column.name, "label": cell.column.label, "kind": cell.column.kind,
        "text": cell.text, "doubtful": agreed.is_doubtful(cell, sure),
        "percent": int(100 * cell.confidence), "source": cell.source,
        "by": cell.checked_by or (cell.source if cell.source.startswith("user:") else ""),
        "says": _ASKED[cell.column.name] if cell.is_asked else agreed.says(cell.column.name),
        "others": [text for text, _ in cell.alternatives][:9], **place,
    }  # fmt: skip


def _warnings(body: Mapping[str, Any]) -> list[str]:
    """What the reader warns of, and what it doubts although the amounts add up."""
    balance = {"unbalanced", "no_claims", "no_total"}
    told = [str(each.get("message") or "") for each in body.get("warnings") or ()
            if each.get("code") not in balance]  # fmt: skip
    return [*told, *remittance_doubts.sentences(body)]


def _money(session: Session, row: Remittance) -> dict[str, Any] | None:
    """The payment it is joined to, or all of several: the amount, what is allocated and held."""
    payment = row.payment
    if payment is None:
        return None
    shares = remittance_shares.live_of(session, [row.id]).get(row.id, [])
    payments = [each.payment for each in shares] or [payment]
    known_cents = [each.amount_cents for each in payments if each.amount_cents is not None]
    cents = sum(known_cents) if len(known_cents) == len(payments) else None
    query = select(Allocation.destination, Allocation.amount_cents).where(
        Allocation.payment_id.in_([each.id for each in payments]), Allocation.live
    )
    parts = session.execute(query).all()
    given = sum(cents for kind, cents in parts if kind == "account")
    held = sum(cents for kind, cents in parts if kind != "account")
    known = cents is not None and row.amount_cents is not None
    return {
        "ref": payment.ref, "refs": [each.ref for each in payments], "kind": payment.kind,
        "cents": cents, "allocated": given, "held": held, "state": payment.match_state,
        "left": None if cents is None else cents - given - held,
        "differs": known and cents != row.amount_cents,
    }  # fmt: skip
