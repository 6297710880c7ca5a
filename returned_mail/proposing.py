"""The new address on a label, or written on a stub: proposed for the account, and asked about.

It comes into force only when a verifier or a person confirms it and the name beside it is the
account's (``returned_mail.verified``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from matching import address_candidates
from matching.address_candidates import same_place
from matching.address_versions import NewAddress
from records.models import Account, AddressCandidate, AddressTask, Document
from returned_mail.address import Address, parse_block
from returned_mail.verify import ask, setting

ON_STUB = "address_change"


def from_piece(session: Session, task: AddressTask, actor: str) -> AddressCandidate | None:
    """Propose what the piece says; None where it says no address, or the one in force.

    Where a verifier is set up it is asked at once.
    """
    if task.account_id is None:
        return None
    evidence: Mapping[str, Any] = task.evidence or {}
    text = str(evidence.get("forward_address") or "")
    address = parse_block(text)
    if address is None:
        return None
    account = session.get_one(Account, task.account_id)
    current = account.address
    new = (address.street, address.city, address.state, address.zip)
    if current is not None and same_place(
        new, (current.street, current.city, current.state, current.zip)
    ):
        return None
    stub = task.reason == ON_STUB
    name = str(evidence.get("addressee") or "") if stub else _name_above(text, address)
    candidate = address_candidates.propose(
        session,
        account,
        _with_picture(session, task, address),
        source="stub" if stub else "label",
        actor=actor,
        name=name or str(evidence.get("forward_name") or ""),
        task_id=task.id,
    )
    if candidate.state == "open" and setting.chosen(session) is not None:
        ask(session, task, address, actor, candidate=candidate, name=account.guarantor_name)
    return candidate


def _name_above(text: str, address: Address) -> str:
    """The line above the address, which on a label is whom it is for."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for at in range(1, len(lines)):
        rest = parse_block("\n".join(lines[at:]))
        if rest is None or rest.line != address.line:
            return lines[at - 1] if not any(c.isdigit() for c in lines[at - 1]) else ""
        if any(c.isdigit() for c in lines[at]):
            return lines[at - 1] if not any(c.isdigit() for c in lines[at - 1]) else ""
    return ""


def _with_picture(session: Session, task: AddressTask, address: Address) -> NewAddress:
    """The address with the picture that shows it: page, box, and how sure the reading was."""
    document = session.get_one(Document, task.document_id)
    fields = (document.reading.sealed.get("fields") or {}) if document.reading else {}
    field = fields.get("new_address" if task.reason == ON_STUB else "forward_address") or {}
    page, confidence = field.get("page"), field.get("confidence")
    return NewAddress(
        address.street,
        address.city,
        address.state,
        address.zip,
        address.care_of,
        evidence_document_id=document.id,
        evidence_page=page if isinstance(page, int) else None,
        evidence_box=_box(field.get("box")),
        confidence=float(confidence) if isinstance(confidence, int | float) else None,
    )


def _box(said: Any) -> tuple[int, int, int, int] | None:
    if not isinstance(said, Sequence) or len(said) != 4:
        return None
    x, y, width, height = (round(float(each)) for each in said)
    return x, y, width, height
