"""Scans of one check with unlike amounts: the first one settled goes on, the later are asked.

Invariant 2: nothing is paid in twice. Which scan is the later one is settled by people's answers,
not by which was received first; two scans never name each other as the original.
"""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matching import electronic_twins, questions
from matching.fingerprints import Fingerprints, same_check, same_items
from records.errors import Conflict
from records.models import Payment, ReviewItem
from records.workflow import REVIEW, move

FLAG = "same_item"
_ASK = "duplicate"
_OPEN = frozenset({"awaiting_review", "depositable"})


def beside(session: Session, payment: Payment) -> list[str]:
    """Ids of this payment and of those that a second person said are other checks than it."""
    others = select(Payment.id).where(
        Payment.override_by.is_not(None), Payment.duplicate_of_id == payment.id
    )
    own = [payment.duplicate_of_id] if payment.override_by and payment.duplicate_of_id else []
    return [payment.id, *own, *session.scalars(others)]


def must_be_asked(session: Session, payment: Payment) -> bool:
    """Whether this check, now answered, must be looked at once more before it is deposited.

    So it is when another scan is settled already and nobody has looked at both: then this one
    is marked as the later. Else it goes first: scans that nobody has answered yet are asked,
    each of them as a possible second scan of this one. A transfer that an 835 announced is settled
    as soon as it is there: what is known of the check by now may make it that money.
    """
    if payment.kind != "check" or payment.deposit_state not in _OPEN or not payment.live:
        return False
    known = beside(session, payment)
    transfer = electronic_twins.of_check(session, payment, but=known)
    if transfer is not None and not _names(payment, transfer):
        _mark(payment, transfer)
        session.flush()
        return True
    found = same_items(session, _prints(payment), but=known)
    for other in found:
        if _is_settled(other) and not _names(payment, other) and not _names(other, payment):
            _mark(payment, other)
            session.flush()
            return True
    for other in found:
        if _is_settled(other):
            continue
        if _names(payment, other):
            _forget(session, payment)
        if not _names(other, payment):
            _put_after(session, other, payment)
    session.flush()
    return False


def is_question(session: Session, payment: Payment) -> bool:
    """Whether it was set aside by a person's judgement alone, and no live check is this very one.

    What the registering stage found to be a duplicate takes a second person.
    """
    if payment.live or _ASK in payment.flags:
        return False
    return same_check(session, _prints(payment), but=beside(session, payment)) is None


def name_original(session: Session, payment: Payment) -> None:
    """Link a check that is set aside as a duplicate to the scan that stays.

    Conflict ``only_scan_left`` when the others are set aside as second scans of this one: then
    no scan of the check would ever be deposited.
    """
    prints = _prints(payment)
    others = same_items(session, prints, but=[payment.id])
    if not others:
        claims = select(Payment.ref).where(
            Payment.duplicate_of_id == payment.id, Payment.not_deposited_reason == _ASK
        )
        claimed = session.scalars(claims.order_by(Payment.ref)).first()
        if claimed is not None:
            raise Conflict(
                "only_scan_left",
                f"{claimed} is set aside as a second scan of {payment.ref}: then none would be "
                "deposited.",
                f"Confirm this one; or let a second person say that {claimed} is another check.",
            )
        return
    settled = [other for other in others if _is_settled(other)]
    named = [other for other in others if other.id == payment.duplicate_of_id]
    twin = same_check(session, prints, but=[payment.id])
    original = next(iter([*([twin] if twin is not None else []), *settled, *named, *others]))
    if _names(original, payment) and not original.override_by:
        _forget(session, original)
    payment.duplicate_of_id = original.id
    session.flush()


def _prints(payment: Payment) -> Fingerprints:
    return Fingerprints(
        payment.fingerprint, payment.item_fingerprint, payment.payer_hmac, payment.amount_cents
    )


def _is_settled(payment: Payment) -> bool:
    """Whether it is on its way already, to the bank or to an account, or set aside."""
    return payment.deposit_state != "awaiting_review" or payment.match_state == "decided"


def _names(payment: Payment, other: Payment) -> bool:
    """Whether it was asked about, or overridden, as a second scan of that other one."""
    asked = payment.override_by is not None or FLAG in payment.flags
    return asked and payment.duplicate_of_id == other.id


def _mark(later: Payment, first: Payment) -> None:
    later.flags = list(dict.fromkeys([*later.flags, FLAG]))
    if not later.override_by:
        later.duplicate_of_id = first.id


def _put_after(session: Session, later: Payment, first: Payment) -> None:
    """Ask about the later one. Whoever has it open has not seen that question: it is taken back."""
    if later.override_by or (FLAG in later.flags and _original_is_settled(session, later)):
        return
    _mark(later, first)
    item = questions.ask(session, later, [_ASK])
    if item.state == "leased":
        move(item, REVIEW, "open")
        questions.free(item)


def _original_is_settled(session: Session, later: Payment) -> bool:
    first = session.get(Payment, later.duplicate_of_id or "")
    return first is not None and first.live and _is_settled(first)


def _forget(session: Session, first: Payment) -> None:
    """This one is no second scan: the others are asked whether they are scans of it."""
    first.flags = [flag for flag in first.flags if flag != FLAG]
    first.duplicate_of_id = None
    item = session.scalars(
        select(ReviewItem).where(
            ReviewItem.payment_id == first.id,
            or_(ReviewItem.state == "open", ReviewItem.state == "leased"),
        )
    ).one_or_none()
    if item is not None and item.asks != [_ASK]:
        item.asks = [ask for ask in item.asks if ask != _ASK]
