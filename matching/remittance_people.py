"""What people say of a remittance and its payment: joined, parted, no partner comes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import remittance_gathering, remittance_partners
from matching.fingerprints import lock
from matching.remittance_scoring import fit
from matching.stored import reasons_json
from matching.undoing import is_out
from records import audit, clock
from records.errors import Conflict, NotFound, WrongUse
from records.models import Document, NoPartner, Payment, Remittance, RemittanceShare
from records.models.remittances import NO_PARTNER
from records.workflow import REMITTANCE_PARTNER, move

MOST_LETTERS = 200
PERSON: Final[dict[str, Any]] = {"signal": "rule", "level": "person", "weight": 0.0, "detail": ""}
"""The reason of what a person said."""


def found(session: Session, ref: str, offices: Collection[str] | None) -> Remittance:
    """The remittance of a reference, locked; NotFound ``remittance_unknown`` out of sight too."""
    row = session.scalar(
        select(Remittance)
        .where(Remittance.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or (offices is not None and row.office_id not in offices):
        raise NotFound("remittance_unknown", f"There is no remittance {ref}.",
                       "Look at it again in the list.")  # fmt: skip
    return row


def payment_found(session: Session, ref: str, offices: Collection[str] | None) -> Payment:
    """The payment of a reference, locked; NotFound ``payment_unknown`` out of sight too."""
    row = session.scalar(
        select(Payment)
        .where(Payment.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or (offices is not None and row.office_id not in offices):
        raise NotFound("payment_unknown", f"There is no payment {ref}.", "Look at it again.")
    return row


def join(
    session: Session,
    ref: str,
    payment_ref: str,
    actor: str,
    offices: Collection[str] | None = None,
    why: str = "",
) -> Remittance:
    """A person says that this remittance explains this payment.

    ``offices`` are ids, None for all. Conflict ``not_waiting``, ``pages_replaced``,
    ``payment_out_of_play``, ``explained_already``; ``amounts_differ`` unless ``why`` says how that
    comes.
    """
    lock(session)
    row, payment = found(session, ref, offices), payment_found(session, payment_ref, offices)
    refuse_joining(session, row, payment)
    told = " ".join(why.split())[:MOST_LETTERS]
    amounts = {row.amount_cents, payment.amount_cents} - {None}
    if len(amounts) > 1 and not told:
        raise Conflict("amounts_differ", "The remittance and the payment are of unlike amounts.",
                       "Join them all the same by saying how that comes.")  # fmt: skip
    if row.partner_state != "waiting":
        remittance_partners.part(session, row)
    (money,) = remittance_gathering.values(session, [payment])
    reasons = reasons_json(fit(remittance_gathering.advice(session, row), money).reasons)
    remittance_partners.join(session, row, payment, actor, [PERSON, *reasons])
    if row.late and told:  # its reason is what came of it once a person has compared it
        row.reasons = [*row.reasons, remittance_partners.said(told)]
    else:
        row.reason = told
    end_word(session, payment, "remittance", actor)
    remittance_partners.payment_changed(session, payment)
    return row


def unjoin(
    session: Session, ref: str, actor: str, why: str, offices: Collection[str] | None = None
) -> Remittance:
    """A person says that this remittance does not belong to its payment; it waits again.

    The program joins these two no more. WrongUse ``reason_missing``; Conflict ``not_joined``, and
    ``already_exported`` once a part of the payment has left for the practice-management system.
    """
    told = reason(why)
    lock(session)
    row = found(session, ref, offices)
    ids = sorted(remittance_partners.payments_of(session, row))
    payments = [session.get_one(Payment, each) for each in ids]
    if not payments:
        raise Conflict("not_joined", f"{ref} is joined to nothing.", "Reload the page.")
    for payment in payments:
        if payment.document_id == row.document_id:
            raise Conflict("its_own_payment", f"{payment.ref} was made of this remittance.",
                           "It cannot be parted from it.")  # fmt: skip
        if is_out(session, payment.id):
            raise Conflict(
                "already_exported",
                f"A part of {payment.ref} has gone to the practice-management system.",
                "Take its match back on its page first: it is reversed there.",
            )
    remittance_partners.part(session, row, told, never_again=ids)
    parted = ", ".join(each.ref for each in payments)
    _note(session, row, actor, "remittance.parted", {"payment": parted})
    remittance_partners.look_again(session, row.office_id, remittances=[row.id])
    return row


def dismiss(
    session: Session, ref: str, actor: str, why: str, offices: Collection[str] | None = None
) -> Remittance:
    """A person says that no payment comes for this remittance. WrongUse ``reason_missing``;
    Conflict ``not_waiting``."""
    told = reason(why)
    lock(session)
    row = found(session, ref, offices)
    if row.partner_state != "waiting":
        raise Conflict("not_waiting", f"{ref} waits for nothing.", "Reload the page.")
    row.reason = told
    move(row, REMITTANCE_PARTNER, "dismissed")
    row.joined_by, row.joined_at = actor, clock.now()
    session.flush()
    remittance_partners.close_question(session, row, actor, "no_partner")
    _note(session, row, actor, "remittance.dismissed", {})
    # what it kept from being sure may be joined now
    remittance_partners.look_again(session, row.office_id)
    return row


def reopen(
    session: Session, ref: str, actor: str, offices: Collection[str] | None = None
) -> Remittance:
    """What was dismissed, or taken for a copy, waits again; Conflict ``not_dismissed``.

    Conflict ``not_a_remittance`` for a document that was said to be none: it waits for no money.
    """
    lock(session)
    row = found(session, ref, offices)
    if row.partner_state != "dismissed":
        raise Conflict("not_dismissed", f"{ref} was not dismissed.", "Reload the page.")
    _require_remittance(row)
    original = session.get(Remittance, row.copy_of_id) if row.copy_of_id else None
    known = remittance_partners.payments_of(session, original) if original else ()
    remittance_partners.part(session, row, never_again=sorted(known))
    _note(session, row, actor, "remittance.reopened", {})
    remittance_partners.look_again(session, row.office_id, remittances=[row.id])
    return row


def none_comes(
    session: Session,
    payment_ref: str,
    what: str,
    actor: str,
    why: str,
    offices: Collection[str] | None = None,
) -> NoPartner:
    """A person says that a payment's remittance, or the bank's credit, does not come.

    WrongUse ``wrong_partner``, ``reason_missing``; a word that stands already stands as it is.
    """
    _require_partner(what)
    told = reason(why)
    payment = payment_found(session, payment_ref, offices)
    standing = _standing(session, payment, what)
    if standing is not None:
        return standing
    row = NoPartner(payment_id=payment.id, what=what, reason=told, actor=actor)
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="payment.no_partner", subject_kind="payment",
                 subject_id=payment.id, detail={"ref": payment.ref, "what": what})  # fmt: skip
    return row


def awaits_again(
    session: Session,
    payment_ref: str,
    what: str,
    actor: str,
    offices: Collection[str] | None = None,
    why: str = "",
) -> None:
    """That word is taken back; ``why`` is kept with it. WrongUse ``wrong_partner``; Conflict
    ``not_dismissed`` where none stands."""
    _require_partner(what)
    payment = payment_found(session, payment_ref, offices)
    told = " ".join(why.split())[:MOST_LETTERS]
    if not end_word(session, payment, what, actor, told):
        raise Conflict("not_dismissed", f"{payment_ref} awaits its {what} already.", "Reload.")


def _require_remittance(row: Remittance) -> None:
    if row.document.kind != "remittance":
        raise Conflict("not_a_remittance", f"{row.ref} was said to be no remittance.",
                       "Ask again what it is, and say there that it is one.")  # fmt: skip
    if not row.document.live:
        raise Conflict("pages_replaced",
                       f"The pages of {row.ref} were divided anew, and read again.",
                       "Join the remittance that was made of them.")  # fmt: skip


def refuse_joining(session: Session, row: Remittance, payment: Payment) -> None:
    """Conflict unless the remittance is free, and the payment in play and not explained wholly."""
    if row.partner_state == "joined":
        raise Conflict("not_waiting", f"{row.ref} is joined already.",
                       "Part it first, and say why.")  # fmt: skip
    _require_remittance(row)
    if not payment.live or payment.match_state == "set_aside":
        raise Conflict("payment_out_of_play", f"{payment.ref} is set aside.",
                       "Choose another payment, or bring this one back first.")  # fmt: skip
    _refuse_second(session, row, payment)


def explaining(session: Session, payment: Payment) -> list[tuple[Remittance, int | None]]:
    """The remittances joined to a payment, with the cents of it that each explains."""
    held = session.scalars(
        select(Remittance)
        .join(Document)
        .where(Remittance.payment_id == payment.id, Document.live)
        .order_by(Remittance.created_at, Remittance.id)
    ).all()
    shared = session.scalars(
        select(RemittanceShare).where(
            RemittanceShare.payment_id == payment.id, RemittanceShare.ended_at.is_(None)
        )
    ).all()
    divided = {each.remittance_id for each in shared}
    return [
        *((each, each.explained_cents) for each in held if each.id not in divided),
        *((each.remittance, each.amount_cents) for each in shared),
    ]


def _refuse_second(session: Session, row: Remittance, payment: Payment) -> None:
    """One payment is explained once: by one whole remittance, or by pages that fit in it."""
    held = [each for each in explaining(session, payment) if each[0].id != row.id]
    whole = next((one for one, cents in held if cents == payment.amount_cents), None)
    if whole is not None and payment.amount_cents is not None:
        raise Conflict("explained_already", f"{whole.ref} explains all of {payment.ref}.",
                       "Dismiss this one as a copy, or part the other first.")  # fmt: skip


def _require_partner(what: str) -> None:
    if what not in NO_PARTNER:
        raise WrongUse("wrong_partner", f"A payment has no {what}.",
                       f"Use one of {', '.join(NO_PARTNER)}.")  # fmt: skip


def _standing(session: Session, payment: Payment, what: str) -> NoPartner | None:
    return session.scalar(
        select(NoPartner).where(
            NoPartner.payment_id == payment.id, NoPartner.what == what,
            NoPartner.ended_at.is_(None),
        )
    )  # fmt: skip


def end_word(session: Session, payment: Payment, what: str, actor: str, why: str = "") -> bool:
    """Take back that no partner comes; whether such a word stood."""
    row = _standing(session, payment, what)
    if row is None:
        return False
    row.ended_at, row.ended_by, row.ended_why = clock.now(), actor, why
    session.flush()
    audit.record(session, actor=actor, action="payment.awaits_partner", subject_kind="payment",
                 subject_id=payment.id, detail={"ref": payment.ref, "what": what})  # fmt: skip
    return True


def reason(why: str, ask: str = "Say why.") -> str:
    """What a person gives as the reason, on one line; WrongUse ``reason_missing`` with ``ask``."""
    told = " ".join(why.split())[:MOST_LETTERS]
    if not told:
        raise WrongUse("reason_missing", ask, "A few words are enough.")
    return told


def _note(session: Session, row: Remittance, actor: str, action: str, more: dict[str, str]) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="remittance",
                 subject_id=row.id, detail={"ref": row.ref, **more})  # fmt: skip
