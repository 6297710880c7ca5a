"""Denials that people worked on before their remittance turned out to be a copy of another."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from records.models import Denial, DenialNote, Document, Remittance


def worked(
    session: Session, document: Document, closer: str
) -> Iterator[tuple[Denial, Denial, str]]:
    """Denials of a copy that ``closer`` closed under people's hands, each with the same line of
    the original that nobody has worked on, and the state in which the work stood."""
    copy, original = aliased(Remittance), aliased(Remittance)
    pairs = session.execute(
        select(copy.document_id, original.document_id)
        .join(original, original.id == copy.copy_of_id)
        .where(or_(copy.document_id == document.id, original.document_id == document.id))
    ).all()
    for copied, told in pairs:
        closed = session.scalars(
            select(Denial).where(
                Denial.document_id == copied, Denial.state == "closed", Denial.ended_by == closer,
                Denial.worked_by.is_not(None), Denial.claim_hmac != "",
            )
        ).all()  # fmt: skip
        for row in closed:
            same = session.scalars(
                select(Denial)
                .where(
                    Denial.document_id == told, Denial.claim_hmac == row.claim_hmac,
                    Denial.state == "open", Denial.worked_by.is_(None),
                    Denial.service_on == row.service_on, Denial.procedure == row.procedure,
                    Denial.at_stake_cents == row.at_stake_cents,
                )
                .order_by(Denial.line)
            ).first()  # fmt: skip
            state = _stood(session, row, closer)
            if same is not None and state:
                yield row, same, state


def _stood(session: Session, row: Denial, closer: str) -> str:
    """The state in which it was closed."""
    query = select(DenialNote.from_state).where(
        DenialNote.denial_id == row.id, DenialNote.actor == closer, DenialNote.to_state == "closed"
    )
    return (
        session.scalar(query.order_by(DenialNote.created_at.desc(), DenialNote.id.desc()).limit(1))
        or ""
    )
