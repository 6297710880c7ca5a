"""An envelope on which no marking was read: whether it is a statement of ours that came back.

Most envelopes in the mail are those that payments came in. One is ours come back only where it
says so itself: by a barcode that we mailed, or by going from us, or with our coupon in it, to one
of ours. Nothing that lies with a check is taken for returned mail (docs/decisions/0029).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit
from records.models import Document, ReadingRow
from returned_mail.identify import Candidate, Evidence

KIND: Final = "envelope"
_REPLY: Final = "703"
"""The service type of courtesy reply mail (USPS DMM Advisory, 18 February 2011); older stock bears
the 700 of ordinary letters."""


@dataclass(frozen=True, slots=True)
class Face:
    """What tells an envelope of ours come back from one that a payment came in.

    ``mailer_is_ours``: its barcode bears our mailer id and is no reply mail. ``to_us``: the
    address in the window is an office's. ``with_check``: a check lay in the same envelope.
    """

    mailer_is_ours: bool
    to_us: bool
    with_check: bool


def face(
    session: Session, document: Document, imb: Mapping[str, Any], mailers: Collection[str], *,
    to_us: bool,
) -> Face:  # fmt: skip
    """The face of an envelope's document; ``imb`` is the decoded barcode, empty for none."""
    beside = select(Document.id).where(
        Document.transaction_id == document.transaction_id, Document.live, Document.kind == "check"
    )
    ours = imb.get("mailer_id") in mailers and imb.get("service_type_id") != _REPLY
    return Face(ours, to_us, session.scalar(beside.limit(1)) is not None)


def why_ours(seen: Face, evidence: Evidence, chosen: Candidate | None) -> str:
    """Why the envelope is a statement of ours that came back; empty where nothing says so."""
    if seen.with_check:
        return ""
    said = {name for name, weight in chosen.reasons if weight > 0} if chosen else set()
    if evidence.mailing_id or "barcode" in said:
        return "its barcode is that of a piece we mailed"
    if seen.to_us:
        return ""
    if evidence.sender_is_ours and seen.mailer_is_ours:
        return "it comes from us, and its barcode bears our mailer id"
    if evidence.sender_is_ours and chosen is not None:
        return "it comes from us and goes to one of ours"
    if said & {"coupon barcode", "scanline"} and said & {"name", "address"}:
        return "the coupon in it is that of the person in the window"
    return ""


def make_returned(session: Session, document_id: str, why: str, actor: str) -> None:
    """The envelope's document is returned mail from now on; its reading says so too."""
    document = session.get_one(Document, document_id)
    last = document.reading
    document.kind = "returned_mail"
    body = {**last.sealed, "kind": "returned_mail"}
    session.add(ReadingRow(document_id=document.id, version=last.version + 1, sealed=body,
                           made_by=actor))  # fmt: skip
    session.flush()
    session.expire(document, ["readings"])
    audit.record(session, actor=actor, action="document.came_back", subject_kind="document",
                 subject_id=document.id, detail={"why": why})  # fmt: skip
