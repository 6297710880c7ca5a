"""What one review page shows, ready for its template: pages, fields with boxes, candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import amounts, flags, leasing, review
from matching.evidence import DocumentEvidence, Evidence
from records.models import PageImage, Posting, Remittance, ReviewItem
from records.money import Money
from returned_mail import guarded
from web import amount_view, crops, exceptions, kept_back, pictures, split_view, waterfall_view

# Field of the reading -> (label, name it is keyed under or None, what asks for it).
_CHECK_FIELDS: tuple[tuple[str, str, str | None, str], ...] = (
    ("routing_number", "Routing number", "routing_number", "micr"),
    ("account_number", "Account", "account_number", "micr"),
    ("check_number", "Check number", "check_number", "micr"),
    ("date", "Date", "date", "date"),
    ("payer_name", "Payer", "payer_name", "payer"),
    ("payee_name", "Payee", "payee_name", "payee"),
    ("memo", "Memo", None, ""),
)
_SHOWN = {
    "coupon": (
        "account_number",
        "statement_number",
        "patient_name",
        "amount_due_cents",
        "amount_enclosed_cents",
        "new_address",
    ),
    "remittance": ("payer_name", "payment_number", "payment_on", "total_paid_cents"),
    "correspondence": (),
}
ASKED = {
    "amount": "Key the amount",
    "micr": "Check the line at the foot",
    "match": "Choose the account",
    "duplicate": "Is it a second scan?",
    "payee": "Is it made out to us?",
    "signature": "Is it signed?",
    "kind": "What is it?",
    "date": "Check the date",
    "stale": "Too old?",
    "payer": "Who pays?",
    "foreign": "In US dollars?",
    "void": "Is it void?",
    "address": "Change of address?",
}


def item_view(
    session: Session,
    item: ReviewItem,
    *,
    mine: bool,
    offices: frozenset[str] | None = None,
    supervisor: bool = False,
) -> dict[str, Any]:
    """Everything the template needs for one question; sealed numbers by their last four digits.

    Candidates of offices that are not among ``offices`` (codes; None: all) are only counted.
    Pages of a guarded task and what was read of them are shown to a ``supervisor`` alone, and so
    is a confidential address; a piece that was passed on, to the other office alone.
    """
    found = review.evidence(session, item.id, offices=offices)
    found, closed = kept_back.hide(session, found, offices, supervisor=supervisor)
    rows = _page_rows(session, found, closed, supervisor=supervisor)
    grids = _grids(session, found)
    main = _main_document(found, item.document_id)
    view: dict[str, Any] = {
        "ref": item.ref,
        "token": item.lease_token if mine else None,
        "mine": mine,
        "lease_seconds": leasing.length().total_seconds(),
        "state": item.state,
        "outcome": item.outcome,
        "office": found.office_code,
        "asks": [(ask, in_words(ask, main.kind if main is not None else "")) for ask in found.asks],
        "why": found.why,
        "stratum": found.stratum,
        "kind": main.kind if main is not None else "",
        "payment": found.payment,
        "twin": found.twin,
        "parts": _parts(session, found),
        "judged": waterfall_view.of_judge(found.verdict),
        "split": split_view.start(session, found),
        "exceptions": exceptions.shown(found, main) if item.state != "done" else [],
        "pages": _pages(found, rows, main),
        "documents": [
            _document(each, rows, grids.get(each.document_id), closed) for each in found.documents
        ],
        "warnings": [each for doc in found.documents for each in doc.warnings],
        "fields": [],
        "amount": None,
        "doubt": None,
        "verified": amount_view.told(found.verified),
        "revealed": False,
        "refused": _refused(session, item),
    }
    if main is not None and found.payment is not None:
        view["fields"] = _check_fields(main, found, rows)
        view["amount"] = _amount(main, found, rows)
        view["amount"]["from"] = amount_view.taken_from(found, main)
        if item.state != "done" and amount_view.is_doubtful(found, main):
            view["doubt"] = amount_view.doubt(session, found, main, rows)
            if view["doubt"]["differ"]:  # told there
                view["warnings"] = [
                    each for each in view["warnings"] if each["code"] != amounts.MISMATCH
                ]
        view["revealed"] = "micr" in found.asks
    return view


def _refused(session: Session, item: ReviewItem) -> str:
    """What the PMS said when it refused the payment's newest posting; empty when it did not."""
    query = select(Posting.error).where(Posting.payment_id == item.payment_id, Posting.error != "")
    said = session.scalars(query.order_by(Posting.created_at.desc()).limit(1)).first()
    return said or "" if item.state != "done" else ""


def _main_document(found: Evidence, asked_id: str | None) -> DocumentEvidence | None:
    wanted = found.payment.document_id if found.payment else asked_id
    for document in found.documents:
        if document.document_id == wanted:
            return document
    return found.documents[0] if found.documents else None


def _page_rows(
    session: Session, found: Evidence, hidden: frozenset[str], *, supervisor: bool
) -> dict[str, PageImage]:
    ids = [page for document in found.documents for page in document.page_ids]
    if found.twin is not None:
        ids += found.twin.page_ids
    closed = frozenset() if supervisor else guarded.pages(session, ids)
    of_hidden = {p for each in found.documents if each.document_id in hidden for p in each.page_ids}
    return pictures.rows_of(session, set(ids) - closed - of_hidden)


def _pages(
    found: Evidence, rows: Mapping[str, PageImage], main: DocumentEvidence | None
) -> list[dict[str, Any]]:
    """The pictures in the order a person wants them: the document asked about first.

    A change of address is written on the coupon, so that one then comes before all others.
    """
    coupons_first = "address" in found.asks
    ordered = sorted(
        found.documents,
        key=lambda each: (not (coupons_first and each.kind == "coupon"), each is not main),
    )
    shown: dict[str, dict[str, Any]] = {}
    for document in ordered:
        for number, page_id in enumerate(document.page_ids):
            label = document.kind.replace("_", " ")
            if document.kind == "check" and number:
                label = "check back"
            if page_id in rows:
                tab = pictures.tab(rows[page_id], label)
                turn = crops.upright(page_id, found.documents, rows)
                shown.setdefault(page_id, {**tab, "turn": turn})
    if found.twin is not None:
        for page_id in found.twin.page_ids:
            if page_id in rows:
                shown.setdefault(
                    page_id, pictures.tab(rows[page_id], f"first scan {found.twin.ref}")
                )
    return list(shown.values())


def _check_fields(
    document: DocumentEvidence, found: Evidence, rows: Mapping[str, PageImage]
) -> list[dict[str, Any]]:
    asked = set(found.asks)
    shown = []
    for name, label, keyed, ask in _CHECK_FIELDS:
        field = document.fields.get(name)
        value = "" if not field or field.get("value") is None else str(field["value"])
        # Who is asked to check the line must see all of it; everybody else, four digits.
        masked = name == "account_number" and bool(value) and "micr" not in asked
        shown.append(
            {
                "name": name,
                "label": label,
                "keyed": keyed,
                "asked": bool(ask) and ask in asked,
                "value": "" if masked else value,
                "masked": f"ends in {found.payment.account_last4}"
                if masked and found.payment and found.payment.account_last4
                else "",
                "confidence": _confidence(field),
                **pictures.place(field, document.page_ids, rows),
            }
        )
    return shown


def _amount(
    document: DocumentEvidence, found: Evidence, rows: Mapping[str, PageImage]
) -> dict[str, Any]:
    field = document.fields.get("amount_cents") or {}
    known = found.payment.amount_cents if found.payment else None
    value = known if known is not None else field.get("value")
    if known is None and found.payment is not None and found.payment.kind == "check":
        value = None  # nothing doubtful is confirmed unseen: a person takes what the check says
    says = []
    for name, label in (("courtesy_amount_cents", "numerals"), ("legal_amount_cents", "words")):
        each = document.fields.get(name)
        if each and each.get("value") is not None:
            says.append(
                {
                    "label": label,
                    "cents": each["value"],
                    "text": Money(each["value"]).plain(),
                    "confidence": _confidence(each),
                    **pictures.place(each, document.page_ids, rows),
                }
            )
    place = pictures.place(field, document.page_ids, rows)
    if not place["box"] and says:
        place = {"page": says[0]["page"], "box": says[0]["box"]}
    return {
        "asked": "amount" in found.asks,
        "says": says,
        "confidence": _confidence(field),
        "value": "" if value is None else Money(value).plain(),
        **place,
    }


def _confidence(field: Mapping[str, Any] | None) -> int | None:
    if not field or field.get("confidence") is None:
        return None
    return int(float(field["confidence"]) * 100)


def in_words(ask: str, kind: str) -> str:
    """A question in words, about a document of this kind; what a remittance is, is known."""
    if ask == "kind" and kind == "remittance":
        return "Where is its payment?"
    return ASKED.get(ask, ask.replace("_", " "))


def _grids(session: Session, found: Evidence) -> dict[str, str]:
    """The references of the remittances among the documents, by document."""
    named = [each.document_id for each in found.documents if each.kind == "remittance"]
    query = select(Remittance.document_id, Remittance.ref)
    rows = session.execute(query.where(Remittance.document_id.in_(named))).all() if named else []
    return {row.document_id: row.ref for row in rows}


def _document(
    document: DocumentEvidence,
    rows: Mapping[str, PageImage],
    grid: str | None,
    closed: frozenset[str],
) -> dict[str, Any]:
    facts = []
    for name in _SHOWN.get(document.kind, ()):
        field = document.fields.get(name)
        if field and field.get("value") not in (None, ""):
            value = field["value"]
            text = str(Money(value)) if name.endswith("_cents") else str(value)
            text = text.replace("\n", ", ")
            facts.append(
                {
                    "name": name,
                    "label": name.removesuffix("_cents").replace("_", " "),
                    "value": text,
                    **pictures.place(field, document.page_ids, rows),
                }
            )
    claims = document.fields.get("claims")
    return {
        "ref": document.ref,
        "kind": document.kind,
        "facts": facts,
        "claims": (claims or {}).get("value") or [],
        "grid": grid if document.document_id not in closed else None,
        "kept_back": document.document_id in closed,
    }


def _parts(session: Session, found: Evidence) -> list[dict[str, Any]]:
    """The candidates of each part, each with those beside it that may be the same patient's."""
    parts = [_part(part, 9 if len(found.parts) == 1 else 3) for part in found.parts]
    shown = {each["account_number"] for part in parts for each in part["candidates"]}
    alike = flags.alike(session, shown)
    for part in parts:
        for each in part["candidates"]:
            # Its like is named only where it is shown here anyhow: it may be another office's.
            like = alike.get(each["account_number"])
            each["alike"] = None if like is None else ", ".join(n for n in like if n in shown)
    return parts


def _part(part: Mapping[str, Any], limit: int) -> dict[str, Any]:
    candidates = []
    for candidate in part["candidates"][:limit]:
        reasons = sorted(candidate["reasons"], key=lambda each: -abs(each["weight"]))
        candidates.append(
            {
                **candidate,
                "reasons": reasons,
                "percent": f"{100 * candidate['probability']:.1f}",
                "how": waterfall_view.of_candidate(candidate),
            }
        )
    return {
        "label": part["label"],
        "nobody": f"{100 * part['nobody']:.1f}",
        "hidden": part.get("hidden", 0),
        "candidates": candidates,
        "claims": part.get("claims") or [],
        "claim_outcome": part.get("claim_outcome") or "",
        "why_not_second": part.get("why_not_second") or [],
    }
