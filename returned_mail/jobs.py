"""The stage that turns a returned piece into an address task."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from matching.readings import value_of
from records.jobs import Stage
from records.models import Document
from returned_mail import arrivals, identify, reasons

_ZIP5 = re.compile(r"\b(\d{5})(?:-\d{4})?\s*$")


@dataclass(frozen=True, slots=True)
class Input:
    """A returned piece as read, with the accounts it may concern."""

    reason: str
    evidence: identify.Evidence
    known: tuple[identify.Known, ...]
    endorsement: str
    forward_address: str
    piece_key: str | None
    label_key: str | None = None
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """The task to open: reason, the account if sure, ranked candidates, what the piece says."""

    reason: str
    chosen: identify.Candidate | None
    ranked: tuple[identify.Candidate, ...]
    evidence: dict[str, Any]
    piece_key: str | None
    label_key: str | None = None
    opened: bool = False


def load(session: Session, document_id: str) -> Input:
    """The newest reading of the piece and the accounts that share something with it."""
    document = session.get_one(Document, document_id)
    fields = document.reading.sealed["fields"]
    imb = value_of(fields, "imb") or {}
    imb_digits = "".join(
        str(imb.get(part) or "")
        for part in ("barcode_id", "service_type_id", "mailer_id", "serial", "routing_zip")
    )
    address = str(value_of(fields, "addressee_address") or "")
    text = str(value_of(fields, "endorsement_text") or "")
    zip5 = _ZIP5.search(address.strip())
    evidence = identify.Evidence(
        name=str(value_of(fields, "addressee_name") or ""),
        address=address.replace("\n", ", "),
        zip5=zip5[1] if zip5 else "",
        imb_digits=imb_digits,
        numbers=tuple(sorted(set(re.findall(r"\b\d{6,12}\b", text)))),
    )
    known = identify.load_known(session, evidence, [document.transaction.office_id])
    return Input(
        reason=str(value_of(fields, "reason") or "unknown"),
        evidence=evidence,
        known=tuple(known),
        endorsement=text,
        forward_address=str(value_of(fields, "forward_address") or ""),
        piece_key=_piece_key(imb),
        label_key=_label_key(value_of(fields, "nixie")),
        opened=value_of(fields, "opened") is True,
    )


def work(value: Input) -> Output:
    """Rank the accounts; nothing is taken on a number alone."""
    ranked = identify.rank(value.evidence, value.known)
    return Output(
        reason=reasons.play(value.reason).key,
        chosen=identify.choose(ranked),
        ranked=tuple(ranked),
        piece_key=value.piece_key,
        label_key=value.label_key,
        opened=value.opened,
        evidence={
            "addressee": value.evidence.name,
            "address": value.evidence.address,
            "endorsement": value.endorsement,
            "forward_address": value.forward_address,
            "candidates": [each.to_json() for each in ranked],
        },
    )


def save(session: Session, document_id: str, output: Output) -> None:
    """Book the piece: a new task, one more piece of an open one, a copy, or history."""
    chosen = output.chosen
    arrivals.take(
        session,
        document_id,
        arrivals.Arrival(
            reason=output.reason,
            account_id=chosen.account_id if chosen else None,
            address=str(output.evidence["address"]),
            label_key=output.label_key,
            imb_key=output.piece_key,
            opened=output.opened,
            evidence=output.evidence,
        ),
    )


STAGES = (Stage("returned_mail.open_task", load, work, save),)


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
