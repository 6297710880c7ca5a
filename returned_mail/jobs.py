"""The stage that turns a returned piece into an address task."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.readings import value_of
from records import audit, clock, ids
from records.jobs import Stage
from records.models import Account, AddressTask, AddressVersion, Document, TaskAttempt
from returned_mail import identify, reasons, tasks

ACTOR = "system:returned_mail"
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


@dataclass(frozen=True, slots=True)
class Output:
    """The task to open: reason, the account if sure, ranked candidates, what the piece says."""

    reason: str
    chosen: identify.Candidate | None
    ranked: tuple[identify.Candidate, ...]
    evidence: dict[str, Any]
    piece_key: str | None


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
    )


def work(value: Input) -> Output:
    """Rank the accounts; nothing is taken on a number alone."""
    ranked = identify.rank(value.evidence, value.known)
    return Output(
        reason=reasons.play(value.reason).key,
        chosen=identify.choose(ranked),
        ranked=tuple(ranked),
        piece_key=value.piece_key,
        evidence={
            "addressee": value.evidence.name,
            "address": value.evidence.address,
            "endorsement": value.endorsement,
            "forward_address": value.forward_address,
            "candidates": [each.to_json() for each in ranked],
        },
    )


def save(session: Session, document_id: str, output: Output) -> None:
    """Open a task, or add the piece to the open task it belongs to."""
    document = session.get_one(Document, document_id)
    if session.scalar(select(AddressTask.id).where(AddressTask.document_id == document_id)):
        return
    joined = _open_task(session, document.transaction.office_id, output)
    if joined is not None:
        joined.pieces += 1
        session.add(
            TaskAttempt(
                task_id=joined.id, kind="piece", outcome="received", note=document.ref, actor=ACTOR
            )
        )
        audit.record(
            session,
            actor=ACTOR,
            action="task.piece_added",
            subject_kind="address_task",
            subject_id=joined.id,
            detail={"ref": joined.ref, "document": document_id},
        )
        return
    today: date = clock.now().date()
    task = AddressTask(
        ref=ids.new_ref("ADR"),
        office_id=document.transaction.office_id,
        document_id=document_id,
        reason=output.reason,
        piece_key=output.piece_key,
        due_on=reasons.due_on(today, reasons.play(output.reason).due_days),
        evidence=output.evidence,
    )
    session.add(task)
    session.flush()
    audit.record(
        session,
        actor=ACTOR,
        action="task.opened",
        subject_kind="address_task",
        subject_id=task.id,
        detail={"ref": task.ref, "reason": task.reason},
    )
    if output.chosen is not None:
        account = session.get_one(Account, output.chosen.account_id)
        address = session.get_one(AddressVersion, output.chosen.address_version_id)
        tasks.attach(session, task, account, address, ACTOR)


STAGES = (Stage("returned_mail.open_task", load, work, save),)


def _open_task(session: Session, office_id: str, output: Output) -> AddressTask | None:
    """The unfinished task of the same piece, or of the same account and address version."""
    open_states = AddressTask.state.in_(("open", "in_progress"))
    if output.piece_key is not None:
        same = session.scalar(
            select(AddressTask)
            .where(
                open_states,
                AddressTask.office_id == office_id,
                AddressTask.piece_key == output.piece_key,
            )
            .with_for_update()
        )
        if same is not None:
            return same
    if output.chosen is None:
        return None
    return session.scalar(
        select(AddressTask)
        .where(
            open_states,
            AddressTask.account_id == output.chosen.account_id,
            AddressTask.address_version_id == output.chosen.address_version_id,
        )
        .order_by(AddressTask.created_at)
        .limit(1)
        .with_for_update()
    )


def _piece_key(imb: dict[str, Any]) -> str | None:
    """What makes two scans the same piece: mailer and serial of its barcode."""
    if imb.get("mailer_id") and imb.get("serial"):
        return f"imb:{imb['mailer_id']}:{imb['serial']}"
    return None
