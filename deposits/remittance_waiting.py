"""Money and remittances that lack their partner: what waits, for how long, and the next step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from deposits import bank_exceptions, partly_credited
from deposits.waiting_rows import KINDS, MOST_OFFERED, Kind, Offer, Waiting, words_of
from matching import remittance_changes, remittance_gathering, remittance_partners
from matching.insurers import is_insurer
from matching.remittance_scoring import Advice, Fit, Money, best, fit, plain_number
from matching.remittance_together import sums
from matching.undoing import is_out
from records import clock
from records.models import (
    Allocation,
    BankAccount,
    BankLine,
    Document,
    MailTransaction,
    NoPartner,
    Office,
    Payment,
    Remittance,
    SourceFile,
)
from records.remittance_evidence import EVIDENCE

_OFTEN = 400


def queue(
    session: Session, offices: Collection[str] | None, *, offers: bool = True
) -> list[Waiting]:
    """Everything of these offices (ids, None: all) that lacks its partner, the oldest first.

    Without ``offers`` nothing is compared: for counting.
    """
    advices = _remittances(session, offices, offers=offers)
    eras, credits_ = _eras(session, offices), _credits(session, offices, offers=offers)
    if offers and eras and credits_:
        eras, credits_ = _in_part(session, eras, credits_)
    rows = [
        *advices,
        *(_with_advices(row, advices) for row in _checks(session, offices)),
        *(_with_credits(row, credits_) for row in eras),
        *credits_,
    ]
    return sorted(rows, key=lambda row: (-row.age_days, row.since_on, row.kind, row.ref))


def counts(rows: Iterable[Waiting]) -> dict[str, tuple[int, int]]:
    """By kind, how many wait and their cents, in the order of ``KINDS``."""
    held = list(rows)
    found = {}
    for kind in KINDS:
        some = [row for row in held if row.kind == kind]
        if some:
            found[kind] = (len(some), sum(row.amount_cents or 0 for row in some))
    return found


def business_days(since: date, today: date) -> int:
    """The days after ``since`` up to ``today`` on which banks were open; 0 on the day itself."""
    if today <= since:
        return 0
    days = (since + timedelta(days=step) for step in range(1, min((today - since).days, 1500) + 1))
    return sum(not clock.banks_closed(day) for day in days)


def _remittances(
    session: Session, offices: Collection[str] | None, *, offers: bool
) -> list[Waiting]:
    query = (
        select(Remittance, SourceFile.received_on, Office.name, BankAccount.zone)
        .join(Document, Document.id == Remittance.document_id)
        .join(MailTransaction, MailTransaction.id == Document.transaction_id)
        .join(SourceFile, SourceFile.id == MailTransaction.source_file_id)
        .join(Office, Office.id == Remittance.office_id)
        .join(BankAccount, BankAccount.id == Office.bank_account_id)
        .where(
            Document.live,
            or_(
                Remittance.partner_state == "waiting",
                (Remittance.partner_state == "joined") & Remittance.late
                & (Remittance.reason == ""),
            ),
        )
    )  # fmt: skip
    found = session.execute(_within(query, Remittance.office_id, offices)).all()
    waiting = [row[0] for row in found if row[0].partner_state == "waiting"]
    offered = _offers(session, waiting, offices) if offers else {}
    rows = []
    for row, received_on, office, zone in found:
        made = Waiting(
            "remittance" if row.partner_state == "waiting" else "late", row.ref, row.amount_cents,
            row.payer_name, office, received_on, _age(received_on, zone),
            offered.get(row.id, ()), row.payment_number, f"/remittances/{row.ref}",
            row.reason if row.partner_state == "waiting" else "",
        )  # fmt: skip
        rows.append(_late(session, made, row, offices) if made.kind == "late" and offers else made)
    return rows


def _late(
    session: Session, made: Waiting, row: Remittance, offices: Collection[str] | None
) -> Waiting:
    """With the payments in sight that it explains, and what it changes of each."""
    ids = remittance_partners.payments_of(session, row)
    query = select(Payment).where(Payment.id.in_(ids)).order_by(Payment.ref)
    payments = session.scalars(_within(query, Payment.office_id, offices)).all()
    told = [remittance_changes.compared(session, each, offices).words for each in payments]
    refs = [each.ref for each in payments]
    if len(ids) > 1:
        told = [f"{ref}: {words}" for ref, words in zip(refs, told, strict=True)]
        if len(refs) == len(ids) and remittance_changes.are_unclear(session, row.document):
            all_ = remittance_changes.compared_together(session, row.document, payments, offices)
            told.append(f"Together: {all_.words}")
    explained = tuple(Offer(ref, "which it explains", 0.0, ()) for ref in refs)
    posted = any(is_out(session, each) for each in ids)
    return replace(made, offers=explained, says=" ".join(told), is_posted=posted)


def _with_advices(check: Waiting, advices: Iterable[Waiting]) -> Waiting:
    """A check with the remittances that were offered it."""
    mine = [
        replace(offer, ref=advice.ref)
        for advice in advices
        for offer in advice.offers
        if check.ref in offer.payments
    ]
    mine.sort(key=lambda each: (-each.score, each.ref))
    return replace(check, offers=tuple(mine[:MOST_OFFERED]))


def _with_credits(era: Waiting, credits_: Iterable[Waiting]) -> Waiting:
    """An 835 with the bank's credits that were offered it; each by the id of its line."""
    mine = [
        Offer(row.ref, f"the credit of {row.since_on}, {offer.words}", offer.score, ())
        for row in credits_
        for offer in row.offers
        if era.ref in offer.payments
    ]
    return replace(era, offers=tuple(mine[:MOST_OFFERED]))


def _offers(
    session: Session, rows: Sequence[Remittance], offices: Collection[str] | None
) -> dict[str, tuple[Offer, ...]]:
    """Payments in sight of the number or the cents of each, the likeliest first."""
    rows = rows[:_OFTEN]
    amounts = {row.amount_cents for row in rows if row.amount_cents}
    numbers = {row.payment_number.lstrip("0") for row in rows if row.payment_number}
    query = select(Payment).where(
        Payment.live, Payment.match_state != "set_aside",
        or_(Payment.amount_cents.in_(amounts), Payment.check_number.in_(numbers)),
    )  # fmt: skip
    payments = session.scalars(_within(query, Payment.office_id, offices)).all()
    refs = {each.id: each.ref for each in payments}
    by_key: dict[object, list[Money]] = {}
    for money in remittance_gathering.values(session, payments):
        for key in {money.amount_cents, plain_number(money.number)} - {None, ""}:
            by_key.setdefault(key, []).append(money)
    found: dict[str, tuple[Offer, ...]] = {}
    advices = remittance_gathering.advices(session, rows)
    together = _sum_offers(session, rows, advices)
    for row, advice in zip(rows, advices, strict=True):
        near = {
            money.id: money
            for key in (row.amount_cents, plain_number(row.payment_number))
            for money in by_key.get(key, ())
        }
        fits = best(fit(advice, money) for money in near.values() if money.id not in advice.apart)
        alone = [_offer(each, refs[each.payment]) for each in fits]
        offers = sorted([*alone, *together.get(row.id, ())], key=lambda o: (-o.score, o.ref))
        found[row.id] = tuple(offers[:MOST_OFFERED])
    return found


def _sum_offers(
    session: Session, rows: Sequence[Remittance], advices: Sequence[Advice]
) -> dict[str, list[Offer]]:
    """Sums of checks that a remittance may explain, and of remittances that may explain a check."""
    checks = remittance_gathering.bare_checks(session, {row.office_id for row in rows}, rows)
    refs = {each.id: each.ref for each in rows} | {each.id: each.ref for each in checks}
    offers: dict[str, list[Offer]] = defaultdict(list)
    for sum_ in sums(advices, remittance_gathering.values(session, checks)):
        reasons = tuple(
            {"signal": each.signal, "level": each.level, "weight": each.weight}
            for each in sum_.reasons
        )
        payments = tuple(refs[each] for each in sum_.payments)
        for one in sum_.advices:
            also = tuple(refs[each] for each in sum_.advices if each != one)
            words, score = words_of(reasons), sum(each.weight for each in sum_.reasons)
            offers[one].append(Offer(" + ".join(payments), words, score, reasons, payments, also))
    return offers


def _offer(found: Fit, ref: str) -> Offer:
    reasons = tuple(
        {"signal": each.signal, "level": each.level, "weight": each.weight}
        for each in found.reasons
    )
    return Offer(ref, words_of(reasons), found.score, reasons, (ref,))


def _checks(session: Session, offices: Collection[str] | None) -> list[Waiting]:
    """Checks of insurers that no remittance explains and that are not all on accounts yet."""
    explained = select(EVIDENCE.c.document_id).where(EVIDENCE.c.payment_id == Payment.id).exists()
    loose = exists().where(
        Allocation.payment_id == Payment.id, Allocation.live, Allocation.destination != "account"
    )
    query = (
        _of_payments("remittance")
        .add_columns(Payment.payer_hmac)
        .where(
            Payment.kind == "check", Payment.match_state != "set_aside", ~explained,
            or_(Payment.match_state != "decided", loose),
        )
    )  # fmt: skip
    rows = session.execute(_within(query, Payment.office_id, offices)).all()
    known = remittance_gathering.remembered(session, {r[-1] for r in rows if r[-1]})
    return [
        _payment("check", row, f"/payments/{row.ref}")
        for row in rows
        if row[-1] in known or is_insurer(row.payer_name)
    ]


def _eras(session: Session, offices: Collection[str] | None) -> list[Waiting]:
    query = _of_payments("credit").where(
        Payment.kind == "eft", Payment.deposit_state == "electronic"
    )
    rows = session.execute(_within(query, Payment.office_id, offices)).all()
    return [_payment("era", row, f"/payments/{row.ref}") for row in rows]


def _in_part(
    session: Session, eras: Sequence[Waiting], credits_: Sequence[Waiting]
) -> tuple[list[Waiting], list[Waiting]]:
    """With what of an 835 has come, said beside both; of one out of sight nothing is said."""
    found = partly_credited.parts(session)
    query = select(Payment.id, Payment.ref).where(Payment.id.in_(list(found.of_payments)))
    refs = {row.id: row.ref for row in session.execute(query)}
    seen = {each.ref for each in eras}
    of_eras = {
        refs[each]: (f"{part.words}; {part.missing}", part.missing_cents)
        for each, part in found.of_payments.items()
    }
    of_lines = {
        line: (
            f"{part.words}, announced as {refs[payment]}; {part.missing}",
            part.missing_cents,
        )
        for line, (payment, part) in found.of_lines.items()
        if refs[payment] in seen
    }
    return [_told(each, of_eras) for each in eras], [_told(each, of_lines) for each in credits_]


def _told(row: Waiting, said: Mapping[str, tuple[str, int]]) -> Waiting:
    words, missing = said.get(row.ref, ("", None))
    return replace(row, says=words, missing_cents=missing)


def _of_payments(what: str) -> Select[*tuple[Any, ...]]:
    """Live payments of which nobody has said that this partner does not come."""
    said = exists().where(
        NoPartner.payment_id == Payment.id, NoPartner.what == what, NoPartner.ended_at.is_(None)
    )
    return (
        select(
            Payment.ref, Payment.amount_cents, Payment.payer_name, Payment.check_number,
            Payment.received_on, Office.name.label("office"), BankAccount.zone,
        )
        .join(Office, Office.id == Payment.office_id)
        .join(BankAccount, BankAccount.id == Office.bank_account_id)
        .where(Payment.live, ~said)
    )  # fmt: skip


def _payment(kind: Kind, row: Any, page: str) -> Waiting:
    return Waiting(
        kind, row.ref, row.amount_cents, row.payer_name, row.office, row.received_on,
        _age(row.received_on, row.zone), (), row.check_number, page,
    )  # fmt: skip


def _credits(session: Session, offices: Collection[str] | None, *, offers: bool) -> list[Waiting]:
    """Electronic credits of the offices' bank accounts that settle nothing yet."""
    own = select(Office.bank_account_id)
    query = (
        select(BankLine, BankAccount.code, BankAccount.zone)
        .join(BankAccount, BankAccount.id == BankLine.bank_account_id)
        .where(
            BankLine.state == "unmatched", BankLine.direction == "credit",
            BankLine.kind == "eft_credit",
            BankAccount.id.in_(own if offices is None else own.where(Office.id.in_(offices))),
        )
    )  # fmt: skip
    found = session.execute(query).all()
    told: dict[str, tuple[Offer, ...]] = {}
    if offers and found:
        accounts = {line.bank_account_id for line, _, _ in found}
        for each in bank_exceptions.bank_exceptions(session, accounts, offices=offices):
            told[each.line_id] = tuple(
                Offer(", ".join(one.refs), one.reason, 0.0, (), tuple(one.refs))
                for one in each.suggestions
                if one.action == "electronic"
            )[:MOST_OFFERED]
    return [
        Waiting(
            "credit", line.id, line.amount_cents, "", code, line.value_on,
            _age(line.value_on, zone), told.get(line.id, ()), line.reference, "/bank",
        )
        for line, code, zone in found
    ]  # fmt: skip


def _age(since: date, zone: str) -> int:
    return business_days(since, clock.now().astimezone(ZoneInfo(zone)).date())


def _within(query: Any, column: Any, offices: Collection[str] | None) -> Any:
    return query if offices is None else query.where(column.in_(list(offices)))
