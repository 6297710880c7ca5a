"""The stage that turns a returned piece into an address task."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from matching.readings import value_of
from ocr.scanline import CouponNumbers, parse_payload, parse_scanline
from records.jobs import Stage
from records.models import Document
from records.settings import load_settings
from returned_mail import (
    acs_importing,
    arrivals,
    identify,
    identify_load,
    pieces,
    reasons,
    unmarked,
)

_ZIP5 = re.compile(r"\b(\d{5})(?:-\d{4})?\s*$")
REASON_SURE = 0.8
"""A reason read less surely than this is a person's to say; the crop shows what was read."""

FORWARD_SURE = 0.5
"""A new address on which two readers differ is less sure, and a person's to key."""


@dataclass(frozen=True, slots=True)
class Input:
    """A returned piece as read, with the pieces mailed that it may be.

    ``office_id`` is whose mail it lay in, ``mailed_by_office`` how many pieces that office mailed
    lately; ``findings`` are doubts about the label.
    """

    reason: str
    evidence: identify.Evidence
    mailed: tuple[identify.Mailed, ...]
    office_id: str
    mailed_by_office: int
    endorsement: str
    forward_address: str
    piece_key: str | None
    label_key: str | None = None
    opened: bool = False
    findings: tuple[str, ...] = ()
    face: unmarked.Face | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """The task to open: reason, the account if sure, ranked candidates, what the piece says.

    ``office_id`` is whose piece it is: the chosen account's, else the office in whose mail it lay.
    ``why_ours`` says why an envelope without a marking came back; None for a marked piece, empty
    for an envelope that is none of ours: then there is no task.
    """

    reason: str
    chosen: identify.Candidate | None
    ranked: tuple[identify.Candidate, ...]
    evidence: dict[str, Any]
    piece_key: str | None
    label_key: str | None = None
    opened: bool = False
    office_id: str = ""
    why_ours: str | None = None


def load(session: Session, document_id: str) -> Input:
    """The newest reading of the piece and what was mailed that shares something with it."""
    document = session.get_one(Document, document_id)
    body = document.reading.sealed
    fields = body["fields"]
    office = document.transaction.office_id
    received = document.transaction.source_file.received_on
    imb = value_of(fields, "imb") or {}
    nixie = value_of(fields, "nixie") or {}
    senders = identify_load.our_senders(session)
    evidence = replace(_evidence(fields, senders, received), office_id=office)
    digits = pieces.digits_of(imb)
    match = pieces.piece_by_barcode(
        session, pieces.soft_of(body), digits, office, seen_on=evidence.marked_on or received
    )
    if match is not None:
        evidence = replace(evidence, mailing_id=match.piece_id, how=match.how, imb=match.imb)
    else:
        evidence = replace(evidence, imb=digits)
    face = None
    if document.kind == unmarked.KIND:
        mailers = load_settings().mailers
        face = unmarked.face(session, document, imb, mailers, to_us=_to_us(fields, senders))
    return Input(
        reason=_reason(fields),
        evidence=evidence,
        mailed=tuple(identify_load.mailed_like(session, evidence)),
        office_id=office,
        mailed_by_office=identify_load.count(session, evidence, office),
        endorsement=str(value_of(fields, "endorsement_text") or ""),
        forward_address=_sure_text(fields, "forward_address", FORWARD_SURE),
        piece_key=_piece_key(imb),
        label_key=_label_key(nixie),
        opened=value_of(fields, "opened") is True,
        findings=_findings(value_of(fields, "labels") or (), senders, received),
        face=face,
    )


def work(value: Input) -> Output:
    """The posterior over what was mailed; only one office's pieces are ever shown together.

    A piece that is surely another office's goes there; where it is not sure, it stays.
    """
    ranked = identify.rank(value.evidence, value.mailed, value.mailed_by_office)
    chosen = identify.choose(ranked)
    findings = list(value.findings)
    office_id = chosen.office_id if chosen is not None else value.office_id
    if office_id != value.office_id:
        findings.append("it lay in another office's mail")
    own = tuple(each for each in ranked if each.office_id == office_id)
    why = None
    if value.face is not None:
        why = unmarked.why_ours(value.face, value.evidence, chosen)
        findings.append(f"no marking was read; {why}")
    return Output(
        reason=reasons.play(value.reason).key,
        chosen=chosen,
        ranked=own,
        piece_key=value.piece_key,
        label_key=value.label_key,
        opened=value.opened,
        office_id=office_id,
        why_ours=why,
        evidence={
            "addressee": value.evidence.name,
            "address": value.evidence.address,
            "endorsement": value.endorsement,
            "forward_address": value.forward_address,
            "findings": findings,
            "candidates": [each.to_json() for each in own],
        },
    )


def save(session: Session, document_id: str, output: Output) -> None:
    """Book the piece: a new task, one more piece of an open one, a copy, or history."""
    if output.why_ours is not None:
        if not output.why_ours:
            return
        unmarked.make_returned(session, document_id, output.why_ours, arrivals.ACTOR)
    chosen = output.chosen
    arrivals.take(
        session,
        document_id,
        arrivals.Arrival(
            reason=output.reason,
            account_id=chosen.account_id if chosen else None,
            address_version_id=chosen.address_version_id
            if chosen and chosen.statement_id
            else None,
            statement_id=chosen.statement_id if chosen else None,
            office_id=output.office_id,
            address=str(output.evidence["address"]),
            label_key=output.label_key,
            imb_key=output.piece_key,
            opened=output.opened,
            evidence=output.evidence,
        ),
    )


STAGES = (Stage("returned_mail.open_task", load, work, save), acs_importing.STAGE)


def _piece_key(imb: dict[str, Any]) -> str | None:
    """What makes two scans the same piece: mailer and serial of its barcode."""
    if imb.get("mailer_id") and imb.get("serial"):
        return f"imb:{imb['mailer_id']}:{imb['serial']}"
    return None


def _label_key(nixie: Any) -> str | None:
    """The yellow label's own number: its last line, thirteen digits as ``dddd-ddddd-dd-dd``."""
    if not isinstance(nixie, dict):
        return None
    digits = re.sub(r"\D", "", str(nixie.get("label_id") or nixie.get("barcode_digits") or ""))
    return f"label:{digits}" if len(digits) == 13 else None


def _evidence(
    fields: Mapping[str, Any], senders: Sequence[tuple[str, str]], received: date
) -> identify.Evidence:
    """What the reading says of whose the piece is, all but the bars."""
    address = str(value_of(fields, "addressee_address") or "")
    zip5 = _ZIP5.search(address.strip())
    nixie = value_of(fields, "nixie") or {}
    text = str(value_of(fields, "endorsement_text") or "")
    name = str(value_of(fields, "addressee_name") or "")
    if _to_us(fields, senders):  # the window slipped to where the statement is from
        name, address, zip5 = "", "", None
    return identify.Evidence(
        name=name,
        address=address.replace("\n", ", "),
        zip5=zip5[1] if zip5 else "",
        coupon=_numbers(*(parse_payload(str(code.get("text") or ""))
                          for code in value_of(fields, "barcodes") or ())),
        scanline=_numbers(parse_scanline(str(value_of(fields, "scanline") or ""))),
        numbers=tuple(sorted(set(re.findall(r"\b\d{6,12}\b", text)))),
        sender_is_ours=_ours(str(value_of(fields, "return_address") or ""), senders),
        marked_on=_day(nixie.get("date")),
        received_on=received,
    )  # fmt: skip


def _reason(fields: Mapping[str, Any]) -> str:
    """The reason where it was read surely enough, else ``unknown``: then a person says it."""
    return _sure_text(fields, "reason", REASON_SURE) or "unknown"


def _sure_text(fields: Mapping[str, Any], name: str, least: float) -> str:
    """A field's text where it was read at least so surely, else empty."""
    found = fields.get(name) or {}
    if float(found.get("confidence") or 0.0) < least:
        return ""
    return str(found.get("value") or "")


def _to_us(fields: Mapping[str, Any], senders: Sequence[tuple[str, str]]) -> bool:
    """Whether the addressee is one of our offices."""
    name, address = (value_of(fields, part) for part in ("addressee_name", "addressee_address"))
    return bool(_ours(f"{name or ''}\n{address or ''}", senders))


def _numbers(*read: CouponNumbers | None) -> tuple[str, str] | None:
    found = next((each for each in read if each is not None), None)
    return (found.account_number, found.statement_number) if found else None


def _ours(text: str, senders: Sequence[tuple[str, str]]) -> bool | None:
    """Whether a return address is one of ours: its name, or its ZIP code and half the name."""
    if not text.strip():
        return None
    name = text.splitlines()[0].upper()
    for own, zip5 in senders:
        alike = fuzz.ratio(name, own.upper())
        if alike >= 85 or (alike >= 50 and zip5 and zip5 in text):
            return True
    return False


def _findings(
    labels: Sequence[Mapping[str, Any]], senders: Sequence[tuple[str, str]], received: date
) -> tuple[str, ...]:
    """Doubts about the labels: a sender's ZIP code that is none of ours, a day yet to come."""
    found = []
    own = {zip5 for _, zip5 in senders if zip5}
    for label in labels:
        sender, day = str(label.get("bc_zip") or ""), _day(label.get("date"))
        if sender and own and sender not in own:
            found.append(f"the label names the sender's ZIP code {sender}, which is none of ours")
        if day is not None and day > received:
            found.append("the label's date is after the day it came back")
    if len({label.get("reason") for label in labels}) > 1:
        found.append("two labels give different reasons: the newer one counts")
    return tuple(found)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
