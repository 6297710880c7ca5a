"""Which piece of ours a returned barcode is: by its digits, or by the bars that can be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr import imb_ledger, imb_soft
from records.models import Account, MailedPiece
from records.settings import load_settings
from returned_mail import mailed_blocks

FOLDER = "mailed"
"""Where the blocks lie, in the data folder."""
LONGEST_BACK = timedelta(days=90)
"""How long after mailing a piece still comes back: forwarding ends a notice's life sooner."""
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PieceMatch:
    """The piece that came back; ``how`` is ``decoded`` or ``ledger`` (bars against all mailed).

    ``luck`` is how many pieces would fit as well by chance: below .00001 for the ledger.
    """

    piece_id: str
    statement_id: str
    account_id: str
    address_version_id: str | None
    mailed_on: date
    imb: str
    how: str
    share: float
    luck: float


def digits_of(imb: Json | None) -> str:
    """The barcode's digits out of the contract's ``imb`` value, empty for None."""
    parts = ("barcode_id", "service_type_id", "mailer_id", "serial", "routing_zip")
    return "".join(str((imb or {}).get(part) or "") for part in parts)


def soft_of(reading: Json) -> list[list[int]]:
    """The rows of bars of a stored reading (its ``imb_soft``), likeliest first."""
    return [list(row["bits"]) for row in reading.get("imb_soft") or []]


def piece_by_barcode(
    session: Session,
    soft: Sequence[Sequence[int]],
    imb: str,
    office: str,
    *,
    seen_on: date | None = None,
    folder: Path | None = None,
) -> PieceMatch | None:
    """The one piece of this office that the barcode shows; None when there is none, or doubt.

    ``soft`` are rows of bars (130 numbers each), ``imb`` the digits where they were decoded: then
    these count, and where nothing that we mailed bears them (a label's own barcode, or that of a
    reply envelope) the rows that are no whole barcode themselves. ``seen_on`` is the day on the
    label, or that of the scan: it decides between pieces that bore the same code, since a serial
    comes again after 45 days at the soonest.
    """
    how, share, luck = "decoded", 1.0, 0.0
    found: list[MailedPiece] = []
    if imb:
        found = list(session.scalars(select(MailedPiece).where(MailedPiece.imb == imb)))
        soft = [row for row in soft if not _whole(row)]
    if not found:
        answer, found = _by_bars(session, soft, folder or load_settings().data_dir / FOLDER)
        if answer is None:
            return None
        how, share, luck = "ledger", answer.share, answer.luck
    piece = _by_day(found, seen_on)
    if piece is None or session.get_one(Account, piece.account_id).office_id != office:
        return None
    return PieceMatch(piece.id, piece.statement_id, piece.account_id, piece.address_version_id,
                      piece.mailed_on, piece.imb, how, share, luck)  # fmt: skip


def _whole(row: Sequence[int]) -> bool:
    """Whether a row decodes by itself: then it is that code, and no piece with nearly the same."""
    return imb_soft.decode(imb_soft.likelihoods(row)) is not None


def _by_bars(
    session: Session, soft: Sequence[Sequence[int]], folder: Path
) -> tuple[imb_ledger.Answer | None, list[MailedPiece]]:
    """What all pieces mailed say of the bars."""
    if not soft:
        return None, []
    for again in (True, False):
        held = mailed_blocks.blocks(session, folder)
        answer = imb_ledger.search([block.words for block in held], soft)
        if answer is None:
            return None, []
        wanted = [held[block].piece_id(row) for block, row in answer.pieces]
        found = list(session.scalars(select(MailedPiece).where(MailedPiece.id.in_(wanted))))
        if len(found) == len(wanted):
            return answer, found
        if again:  # blocks of another table, as after a backup was restored
            mailed_blocks.rebuild(session, folder)
    return None, []


def _by_day(found: Sequence[MailedPiece], seen_on: date | None) -> MailedPiece | None:
    """The only piece, or the only one that can have come back by that day."""
    if seen_on is not None:
        found = [each for each in found if each.mailed_on <= seen_on]
    if len(found) > 1 and seen_on is not None:
        found = [each for each in found if seen_on - each.mailed_on <= LONGEST_BACK]
    return found[0] if len(found) == 1 else None
