"""Denials as work: entered from remittances, kept in step with them, moved on by people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import claim_finding, remitted
from matching.claim_facts import RemittedClaim, day, of_json
from matching.compare import NAME_AGREES, name_level
from matching.denial_lines import WHOLE_CLAIM, DeniedLine, denied_lines
from matching.names import Person, people, plain
from matching.readings import value_of
from records import audit, clock, ids
from records.errors import Conflict, NotFound, WrongUse
from records.models import (
    Account,
    Denial,
    DenialNote,
    Document,
    MailTransaction,
    Office,
    Remittance,
)
from records.workflow import DENIAL, move

ACTOR = "system:denials"
DAYS = 90
"""Days to work a denial where neither the office nor the payer has another term."""
SETTING = "denial_days"
"""Office setting: days by the payer's name in capitals; the empty name: every other payer."""
ENDED = frozenset({"billed_to_patient", "written_off", "overturned", "closed"})
_READ_AGAIN = "a newer reading of the remittance says no denial here"


def enter(session: Session, envelopes: Iterable[MailTransaction]) -> None:
    """The denials of the live remittances of these envelopes."""
    for envelope in envelopes:
        for document in envelope.documents:
            follow(session, document)


def follow(session: Session, document: Document) -> list[Denial]:
    """Bring the denials of a remittance in step with its newest reading; those that are new.

    Nothing is entered of one that does not balance: its amounts may be misread. What a newer
    reading tells otherwise is changed, what it does not tell any more is closed, as is what a copy
    tells; claims it pays that were denied before are suggested as overturned. Twice over, nothing
    changes.
    """
    if document.kind != "remittance" or not document.live or not document.readings:
        return []
    remitted.note(session, document)
    fields = document.reading.sealed.get("fields") or {}
    if value_of(fields, "balanced") is not True:
        return []
    said = [each for each in value_of(fields, "claims") or () if isinstance(each, Mapping)]
    if _is_copy(session, document):
        said = []
    held = {
        (row.claim, row.line): row
        for row in session.scalars(select(Denial).where(Denial.document_id == document.id))
    }
    made = []
    for place, claim in enumerate(said):
        for line in denied_lines(claim):
            row = held.pop((place, line.line), None)
            if row is None:
                row = _new(session, document, fields, place, claim, line)
                made.append(row)
            _write(row, line)
    for row in held.values():
        if row.state not in ENDED:
            step(session, row, "closed", ACTOR, _READ_AGAIN)
    _overturn(session, document, said)
    session.flush()
    return made


def _is_copy(session: Session, document: Document) -> bool:
    """Whether the same remittance came before, on paper or electronically."""
    query = select(Remittance.copy_of_id).where(Remittance.document_id == document.id)
    return session.scalar(query) is not None


def _new(
    session: Session,
    document: Document,
    fields: Mapping[str, Any],
    place: int,
    said: Mapping[str, Any],
    line: DeniedLine,
) -> Denial:
    claim = of_json(said, exact=not document.page_ids)
    envelope = document.transaction
    payer = str(value_of(fields, "payer_name") or "").replace("\n", " ")[:120]
    told_on = day(str(value_of(fields, "payment_on") or "")) or envelope.source_file.received_on
    account = _account(session, claim)
    row = Denial(
        ref=ids.new_ref("DNL"), document_id=document.id, claim=place, line=line.line,
        office_id=envelope.office_id, account_id=account.id if account else None,
        payer_name=payer, told_on=told_on, state="open",
        due_on=told_on + timedelta(days=days_of(envelope.office, payer)),
        claim_hmac=remitted.key_of(claim.claim_number), recovered_cents=0,
        sealed={
            "patient_name": claim.patient_name, "member_id": claim.member_id,
            "patient_account": claim.patient_account, "claim_number": claim.claim_number,
        },
    )  # fmt: skip
    _write(row, line)
    session.add(row)
    session.flush()
    audit.record(session, actor=ACTOR, action="denial.entered", subject_kind="denial",
                 subject_id=row.id, detail={"ref": row.ref, "kind": row.kind})  # fmt: skip
    return row


def _write(row: Denial, line: DeniedLine) -> None:
    row.kind = line.kind
    row.group_code = line.reason.group if line.reason else ""
    row.reason_code = line.reason.code if line.reason else ""
    row.codes = [code.to_json() for code in line.codes]
    row.remarks = list(line.remarks)
    row.service_on, row.procedure = line.service_on, line.procedure[:10]
    row.charged_cents, row.paid_cents = line.charged_cents, line.paid_cents
    row.at_stake_cents = line.at_stake_cents


def days_of(office: Office, payer: str) -> int:
    """In how many days a payer's denial is to be worked."""
    terms = office.settings.get(SETTING)
    if not isinstance(terms, Mapping):
        return DAYS
    found = terms.get(payer.upper().strip(), terms.get(""))
    return found if type(found) is int and 0 < found <= 3650 else DAYS


def _account(session: Session, claim: RemittedClaim) -> Account | None:
    """The account: of the claim that was sent, or of the number if the name does not speak against
    it; nobody's otherwise."""
    count = claim_finding.counted(session)
    best = claim_finding.find(session, claim, count).found if count else None
    number = best.claim.account_number if best else claim.patient_account
    account = session.scalar(select(Account).where(Account.number == number)) if number else None
    if account is None or best is not None:
        return account
    known = Person(plain(account.patient_first), plain(account.patient_last))
    read = people(claim.patient_name)
    both = [*read, *(Person(p.last, p.first) for p in read if p.first)]
    return account if any(name_level(each, known) in NAME_AGREES for each in both) else None


def _overturn(session: Session, document: Document, said: Iterable[Mapping[str, Any]]) -> None:
    """Suggest as overturned what an earlier remittance denied of a claim that this one pays."""
    for claim in said:
        key = remitted.key_of(str(claim.get("claim_number") or ""))
        paid = claim.get("paid_cents")
        if not key or type(paid) is not int or paid <= 0:
            continue
        earlier = session.scalars(
            select(Denial).where(
                Denial.claim_hmac == key, Denial.document_id != document.id,
                Denial.created_at <= document.created_at, Denial.overturned_by_id.is_(None),
            )
        )  # fmt: skip
        for row in earlier:
            cents = _paid_of(claim, row)
            if cents > row.paid_cents:
                row.overturned_by_id = document.id
                row.recovered_cents = cents - row.paid_cents
                audit.record(session, actor=ACTOR, action="denial.paid_later",
                             subject_kind="denial", subject_id=row.id,
                             detail={"ref": row.ref})  # fmt: skip


def _paid_of(claim: Mapping[str, Any], row: Denial) -> int:
    """What a claim now pays of a denied line: the line of its day and procedure, or all of it."""
    lines = [each for each in claim.get("lines") or () if isinstance(each, Mapping)]
    if row.line == WHOLE_CLAIM or not lines:
        return int(claim.get("paid_cents") or 0)
    on = row.service_on.isoformat() if row.service_on else None
    same = [
        int(each.get("paid_cents") or 0)
        for each in lines
        if each.get("service_on") == on
        and str(each.get("procedure_code") or "").upper().startswith(row.procedure)
    ]
    return max(same, default=0)


def find(session: Session, ref: str) -> Denial:
    """A denial by its reference or id; NotFound ``unknown_denial``."""
    row = session.scalar(select(Denial).where((Denial.ref == ref) | (Denial.id == ref)))
    if row is None:
        raise NotFound("unknown_denial", "There is no such denial.", "Reload the list.")
    return row


def denial(session: Session, ref: str) -> Denial:
    """The same, locked to be moved on."""
    found = find(session, ref)
    return session.get_one(Denial, found.id, with_for_update=True, populate_existing=True)


def step(session: Session, row: Denial, to: str, actor: str, note: str = "") -> None:
    """Move a denial on, with words kept beside it; ``to`` as it stands only adds the words.

    WrongUse ``unknown_state``, ``note_missing``; Conflict ``transition_refused``,
    ``not_paid_later`` for one as overturned that nothing has paid since and no words explain.
    """
    words = " ".join(note.split())[:1000]
    before = row.state
    if to not in DENIAL.states:
        raise WrongUse("unknown_state", f"{to} is no state of a denial.",
                       f"Use one of {', '.join(sorted(DENIAL.states))}.")  # fmt: skip
    if to == before and not words:
        raise WrongUse("note_missing", "There is nothing to keep.", "Write a note, or move it on.")
    if to == "overturned" and row.overturned_by_id is None and not words:
        raise Conflict("not_paid_later", "No later remittance pays this claim.",
                       "Say in a note how it was overturned.")  # fmt: skip
    if to != before:
        move(row, DENIAL, to)
        ended = to in ENDED
        row.ended_by, row.ended_at = (actor, clock.now()) if ended else (None, None)
    if not actor.startswith("system:"):
        row.worked_by = actor
    session.add(DenialNote(denial_id=row.id, actor=actor, from_state=before, to_state=to,
                           sealed={"text": words}))  # fmt: skip
    session.flush()
    audit.record(session, actor=actor, action="denial.moved", subject_kind="denial",
                 subject_id=row.id, detail={"ref": row.ref, "from": before, "to": to})  # fmt: skip


def set_term(session: Session, office: Office, payer: str, days: int, actor: str) -> None:
    """Within how many days a payer's denials are to be worked in an office; empty: any payer's.

    Denials that are entered from now on have it. WrongUse ``wrong_value``.
    """
    if not 0 < days <= 3650:
        raise WrongUse("wrong_value", "A term is 1 to 3650 days.", "Say 180, say.")
    terms = dict(office.settings.get(SETTING) or {})
    terms[payer.upper().strip()] = days
    office.settings = {**office.settings, SETTING: terms}
    session.flush()
    audit.record(session, actor=actor, action="denial.term_set", subject_kind="office",
                 subject_id=office.id, detail={"days": days})  # fmt: skip


def due(row: Denial, today: date) -> int:
    """Days left until it is due; below zero: past due."""
    return (row.due_on - today).days
