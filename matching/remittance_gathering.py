"""The remittances and payments of an office that may belong together, loaded as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from matching import remittance_shares
from matching.remittance_scoring import RECEIVED_DAYS, Advice, Money, plain_number
from matching.undoing import is_out
from records.models import (
    Document,
    MailTransaction,
    Payment,
    Remittance,
    RemittanceShare,
    SourceFile,
)

ACTOR = "system:join"
PARTED = "parted"
"""The reason of a remittance that says which payment (by id) a person parted it from."""
MOST = 500
"""No more waiting remittances of an office than this are asked again at once, the newest first."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Values with the rows they are of, by id."""

    advices: tuple[Advice, ...]
    payments: tuple[Money, ...]
    rows: dict[str, Remittance]


def gather(
    session: Session, office_id: str, payments: Collection[str] = (),
    remittances: Collection[str] = (),
) -> Gathered:  # fmt: skip
    """Those of an office that wait, with all that could be theirs.

    ``payments`` and ``remittances`` (ids) are asked again though they wait for nothing.
    """
    rows = {row.id: row for row in _waiting(session, office_id, remittances)}
    named = session.scalars(select(Payment).where(Payment.id.in_(list(payments)))).all()
    for _ in range(2):  # who else claims those payments, and what else those could be
        amounts = {row.amount_cents for row in rows.values() if row.amount_cents}
        amounts |= {each.amount_cents for each in named if each.amount_cents}
        numbers = {plain_number(row.payment_number) for row in rows.values()}
        numbers |= {plain_number(each.check_number) for each in named}
        rows |= {row.id: row for row in _alike(session, office_id, amounts, numbers - {""})}
    moneys = _moneys(session, office_id, list(rows.values()), named) if rows else []
    files = _files(session, [row.document_id for row in rows.values()])
    shares = _shares(session, rows)
    return Gathered(
        tuple(advice(session, row, files, shares.get(row.id, ())) for row in rows.values()),
        tuple(values(session, moneys)),
        rows,
    )


def advice(
    session: Session,
    row: Remittance,
    files: dict[str, tuple[SourceFile, str]] | None = None,
    shares: Collection[str] = (),
) -> Advice:
    """A remittance's row as a value; ``files`` by document id save looking for them one by one.

    ``shares`` are the ids of its payments where it explains several.
    """
    file, envelope = (files or _files(session, [row.document_id]))[row.document_id]
    payments = shares or [row.payment_id or ""]
    held = row.partner_state == "joined" and (
        row.joined_by != ACTOR or row.late or any(is_out(session, each) for each in payments)
    )
    said = row.partner_state in {"none_needed", "dismissed"} and row.copy_of_id is None
    return Advice(
        id=row.id, document=row.document_id, envelope=envelope, office=row.office_id,
        number=row.payment_number, amount_cents=row.amount_cents,
        explained_cents=row.explained_cents, payer=row.payer_name, paid_on=row.paid_on,
        received_on=file.received_on, electronic=row.electronic,
        order=(file.created_at.isoformat(), row.created_at.isoformat(), row.id),
        fixed=held or said, payment=row.payment_id or "",
        apart=frozenset(r["detail"] for r in row.reasons if r.get("signal") == PARTED),
        shares=frozenset(shares),
    )  # fmt: skip


def advices(session: Session, rows: Sequence[Remittance]) -> list[Advice]:
    """Remittances that wait, as values, in their order."""
    files = _files(session, [row.document_id for row in rows])
    return [advice(session, row, files) for row in rows]


def _shares(session: Session, remittance_ids: Collection[str]) -> dict[str, list[str]]:
    """The payments of remittances that explain several, by remittance id."""
    found = remittance_shares.live_of(session, remittance_ids)
    return {key: [each.payment_id for each in shares] for key, shares in found.items()}


def values(session: Session, payments: Sequence[Payment]) -> list[Money]:
    """Payments as values, with the insurers known to pay from their accounts."""
    known = remembered(session, {each.payer_hmac for each in payments if each.payer_hmac})
    return [
        Money(
            id=each.id, document=each.document_id, envelope=each.transaction_id,
            office=each.office_id, number=each.check_number, amount_cents=each.amount_cents,
            payer=each.payer_name, written_on=each.written_on, received_on=each.received_on,
            electronic=each.kind == "eft", remembered=known.get(each.payer_hmac or "", ()),
        )
        for each in payments
    ]  # fmt: skip


def remembered(
    session: Session, payer_hmacs: Collection[str], *, but: str = ""
) -> dict[str, tuple[str, ...]]:
    """Insurers whose remittances were joined to payments of these bank accounts, by its hash.

    ``but`` is the id of a remittance that bears itself out no more than any other.

    A join by payer and date teaches nothing: it may hang on what was learnt so itself, and what
    came first would then say what is joined later.
    """
    if not payer_hmacs:
        return {}
    found: dict[str, set[str]] = defaultdict(set)
    query = (
        select(Payment.payer_hmac, Remittance.payer_name, Remittance.reasons)
        .join(Payment, Payment.id == Remittance.payment_id)
        .where(
            Payment.payer_hmac.in_(list(payer_hmacs)),
            Remittance.partner_state == "joined",
            Remittance.payer_name != "",
            Remittance.id != but,
            Remittance.amount_cents == Payment.amount_cents,
        )
    )
    for key, name, reasons in session.execute(query):
        if not any(each.get("level") == "amount_payer_date" for each in reasons):
            found[key or ""].add(name)
    return {key: tuple(sorted(names)) for key, names in found.items()}


def _waiting(session: Session, office_id: str, also: Collection[str]) -> list[Remittance]:
    query = (
        select(Remittance)
        .join(Document, Document.id == Remittance.document_id)
        .where(
            Document.live,
            or_(
                and_(Remittance.office_id == office_id, Remittance.partner_state == "waiting"),
                Remittance.id.in_(list(also)),
            ),
        )
        .order_by(Remittance.created_at.desc(), Remittance.id.desc())
        .limit(MOST)
    )
    return list(session.scalars(query))


def _alike(
    session: Session, office_id: str, amounts: Iterable[int | None], numbers: Iterable[str]
) -> list[Remittance]:
    query = (
        select(Remittance)
        .join(Document, Document.id == Remittance.document_id)
        .where(
            Document.live,
            Remittance.office_id == office_id,
            or_(
                Remittance.amount_cents.in_(list(amounts)),
                func.ltrim(func.upper(Remittance.payment_number), "0").in_(list(numbers)),
            ),
        )
    )
    return list(session.scalars(query))


def _moneys(
    session: Session,
    office_id: str,
    rows: Sequence[Remittance],
    named: Sequence[Payment],
) -> list[Payment]:
    """Live payments of the office of an amount or number that a remittance names, and those of
    which the amount is not read; what nobody may post is no partner."""
    amounts = {row.amount_cents for row in rows if row.amount_cents}
    numbers = {plain_number(row.payment_number) for row in rows} - {""}
    held = {row.payment_id for row in rows if row.payment_id}
    for shared in _shares(session, [row.id for row in rows]).values():
        held |= set(shared)
    query = select(Payment).where(
        Payment.live,
        Payment.match_state != "set_aside",
        or_(
            Payment.id.in_([*held, *(each.id for each in named)]),
            and_(
                Payment.office_id == office_id,
                or_(
                    Payment.amount_cents.in_(list(amounts)),
                    func.ltrim(func.upper(Payment.check_number), "0").in_(list(numbers)),
                    Payment.amount_cents.is_(None),
                    Payment.transaction_id.in_(
                        select(Document.transaction_id).where(
                            Document.id.in_([row.document_id for row in rows])
                        )
                    ),
                ),
            ),
        ),
    )
    found = {each.id: each for each in session.scalars(query)}
    found |= {each.id: each for each in bare_checks(session, [office_id], rows)}
    return list(found.values())


def bare_checks(
    session: Session, office_ids: Collection[str], rows: Iterable[Remittance]
) -> list[Payment]:
    """Checks of a known payer without a remittance that may be in a sum with one of these rows:
    of their days, the newest ``MOST`` of them."""
    open_ = [row for row in rows if row.partner_state == "waiting" and row.amount_cents]
    days = {row.paid_on for row in open_ if row.paid_on is not None}
    if not days:
        return []
    since = min(row.created_at for row in open_).date() - timedelta(days=2 * RECEIVED_DAYS)
    joined = exists().where(Remittance.payment_id == Payment.id)
    shared = exists().where(
        RemittanceShare.payment_id == Payment.id, RemittanceShare.ended_at.is_(None)
    )
    query = (
        select(Payment)
        .where(
            Payment.live, Payment.kind == "check", Payment.office_id.in_(list(office_ids)),
            Payment.match_state != "set_aside", Payment.amount_cents.is_not(None),
            Payment.payer_name != "", Payment.written_on.in_(days),
            Payment.received_on >= since, ~joined, ~shared,
        )
        .order_by(Payment.received_on.desc(), Payment.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return list(session.scalars(query))


def _files(session: Session, document_ids: Collection[str]) -> dict[str, tuple[SourceFile, str]]:
    query = (
        select(Document.id, SourceFile, MailTransaction.id)
        .join(MailTransaction, MailTransaction.id == Document.transaction_id)
        .join(SourceFile, SourceFile.id == MailTransaction.source_file_id)
        .where(Document.id.in_(list(document_ids)))
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}
