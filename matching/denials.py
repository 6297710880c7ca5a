"""Denials as work: entered from remittances, kept in step with them, moved on by people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import claim_finding, denial_copies, denial_pairing, denial_recovery, remitted
from matching.claim_facts import RemittedClaim, day, of_json
from matching.compare import NAME_AGREES, name_level
from matching.denial_lines import DeniedLine, denied_lines
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
from records.models import RemittedClaim as ClaimRow
from records.workflow import DENIAL, move

ACTOR = "system:denials"
DAYS = 90
"""Days to work a denial where neither the office nor the payer has another term."""
SETTING = "denial_days"
"""Office setting: days by the payer's name in capitals; the empty name: every other payer."""
ENDED = frozenset({"billed_to_patient", "written_off", "overturned", "closed"})
_READ_AGAIN = "a newer reading of the remittance says no denial here"
_TOLD_AGAIN = "the remittance as it is read now says this denial again"
_TAKEN_BACK = "what paid it later was taken back, or is read otherwise now"
_MOST_CLAIMS = 1_000_000


def enter(session: Session, envelopes: Iterable[MailTransaction]) -> None:
    """The denials of the live remittances of these envelopes; of pages that they took the place
    of, what was denied is closed."""
    files = set()
    for envelope in envelopes:
        files.add(envelope.source_file_id)
        for document in envelope.documents:
            follow(session, document)
    replaced = (
        select(Document)
        .join(MailTransaction, MailTransaction.id == Document.transaction_id)
        .where(
            MailTransaction.source_file_id.in_(files), Document.live.is_(False),
            select(Denial.id).where(Denial.document_id == Document.id).exists(),
        )
    )  # fmt: skip
    for document in session.scalars(replaced).all():
        follow(session, document)


def follow(session: Session, document: Document) -> list[Denial]:
    """Bring the denials of a remittance in step with its newest reading; those that are new.

    Nothing is entered of one that does not balance: its amounts may be misread. What a newer
    reading tells otherwise is changed; what it does not tell any more is closed, as is what a copy
    or a page out of play tells, and opened when it is told again. What was paid of the claims
    since is reckoned anew. Twice over, nothing changes.
    """
    if document.kind != "remittance" or not document.readings:
        return []
    named = select(ClaimRow.claim_hmac).where(ClaimRow.document_id == document.id)
    keys = set(session.scalars(named))
    remitted.note(session, document)
    keys |= set(session.scalars(named))
    fields = document.reading.sealed.get("fields") or {}
    told = document.live and not _is_copy(session, document)
    made: list[Denial] = []
    if value_of(fields, "balanced") is True or not told:
        said = [each for each in value_of(fields, "claims") or () if isinstance(each, Mapping)]
        made = _follow(session, document, fields, said if told else [])
    session.flush()
    for before, row, state in list(denial_copies.worked(session, document, ACTOR)):
        row.worked_by = before.worked_by
        step(session, row, state, ACTOR, f"worked on before as {before.ref}, by a copy of the same")
    _reckon(session, keys)
    session.flush()
    return made


def _follow(
    session: Session, document: Document, fields: Mapping[str, Any], said: list[Mapping[str, Any]]
) -> list[Denial]:
    query = select(Denial).where(Denial.document_id == document.id)
    held = list(session.scalars(query.order_by(Denial.claim, Denial.line)))
    facts = [of_json(each, exact=not document.page_ids) for each in said]
    same = denial_pairing.claims(
        [denial_pairing.Claim(n, remitted.key_of(e.claim_number), e.patient_name)
         for n, e in enumerate(facts)],
        {row.claim: denial_pairing.Claim(row.claim, row.claim_hmac,
                                         str(row.sealed.get("patient_name") or ""))
         for row in held}.values(),
    )  # fmt: skip
    taken = {(row.claim, row.line) for row in held}
    of_claim: dict[int | None, list[tuple[denial_pairing.Line, Denial]]] = defaultdict(list)
    for each in held:
        of_claim[each.claim].append((_line(each), each))
    made: list[Denial] = []
    kept: set[str] = set()
    for place, claim in enumerate(said):
        lines = denied_lines(claim)
        mine = of_claim.get(same.get(place), [])
        known = denial_pairing.lines([_line(each) for each in lines], mine)
        for line in lines:
            row = known.get(line.line)
            if row is not None:
                _claim(session, row, document, fields, facts[place])
                _write(row, line)
            else:
                row = _new(session, document, fields, _free(taken, place, line.line), facts[place],
                           line)  # fmt: skip
                taken.add((row.claim, row.line))
                made.append(row)
            if row.state == "closed" and row.ended_by == ACTOR:
                step(session, row, "open", ACTOR, _TOLD_AGAIN)
            kept.add(row.id)
    for each in held:
        if each.id not in kept and each.state not in ENDED:
            step(session, each, "closed", ACTOR, _READ_AGAIN)
    return made


def _line(row: Denial | DeniedLine) -> denial_pairing.Line:
    return denial_pairing.Line(row.line, row.service_on, row.procedure[:10], row.charged_cents)


def _free(taken: Collection[tuple[int, int]], place: int, line: int) -> int:
    """The claim's place as its new row has it: another one where a row has it already."""
    while (place, line) in taken:
        place += _MOST_CLAIMS
    return place


def _is_copy(session: Session, document: Document) -> bool:
    """Whether the same remittance came before, on paper or electronically."""
    query = select(Remittance.copy_of_id).where(Remittance.document_id == document.id)
    return session.scalar(query) is not None


def _new(
    session: Session,
    document: Document,
    fields: Mapping[str, Any],
    place: int,
    claim: RemittedClaim,
    line: DeniedLine,
) -> Denial:
    envelope = document.transaction
    row = Denial(
        ref=ids.new_ref("DNL"), document_id=document.id, claim=place, line=line.line,
        office_id=envelope.office_id, state="open", recovered_cents=0,
    )  # fmt: skip
    _claim(session, row, document, fields, claim)
    row.due_on = row.told_on + timedelta(days=days_of(envelope.office, row.payer_name))
    _write(row, line)
    session.add(row)
    session.flush()
    audit.record(session, actor=ACTOR, action="denial.entered", subject_kind="denial",
                 subject_id=row.id, detail={"ref": row.ref, "kind": row.kind})  # fmt: skip
    return row


def _claim(
    session: Session, row: Denial, document: Document, fields: Mapping[str, Any],
    claim: RemittedClaim,
) -> None:  # fmt: skip
    """Whose claim it is and who told it when, as now read; the term to work it stays as long."""
    told_on = day(str(value_of(fields, "payment_on") or ""))
    told_on = told_on or document.transaction.source_file.received_on
    if row.told_on is not None:
        row.due_on += told_on - row.told_on
    row.told_on = told_on
    row.payer_name = str(value_of(fields, "payer_name") or "").replace("\n", " ")[:120]
    sealed = {
        "patient_name": claim.patient_name, "member_id": claim.member_id,
        "patient_account": claim.patient_account, "claim_number": claim.claim_number,
    }  # fmt: skip
    if row.sealed == sealed:
        return
    row.sealed, row.claim_hmac = sealed, remitted.key_of(claim.claim_number)
    account = _account(session, claim)
    row.account_id = account.id if account else None


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


def _reckon(session: Session, keys: Collection[str]) -> None:
    """Say of the denials of these claims what was paid of them since, as it stands now.

    What was ended as overturned by a payment that does not stand any more is open again.
    """
    session.flush()
    for row, cents, document_id in denial_recovery.reckon(session, keys):
        lost = row.recovered_cents > cents == 0
        row.recovered_cents, row.overturned_by_id = cents, document_id
        audit.record(session, actor=ACTOR,
                     action="denial.paid_no_more" if lost else "denial.paid_later",
                     subject_kind="denial", subject_id=row.id, detail={"ref": row.ref},
                     )  # fmt: skip
        if lost and row.state == "overturned":
            step(session, row, "open", ACTOR, _TAKEN_BACK)


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


def drop(session: Session, document: Document, actor: str) -> None:
    """A document turned out to be no remittance: what was entered of it is closed."""
    query = select(Denial).where(Denial.document_id == document.id, Denial.state.not_in(ENDED))
    for row in session.scalars(query):
        step(session, row, "closed", actor, "the document is no remittance")


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
