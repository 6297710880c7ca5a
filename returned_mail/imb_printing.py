"""Giving statements barcodes of their own: serials that no other piece bears within 45 days.

The piece is in the ledger before its barcode is printed, so that whatever is printed can be
found again; printing the same statements for the same day once more gives the same barcodes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from matching import mailing
from ocr import imb
from records import audit
from records.errors import WrongUse
from records.models import Account, MailedBlock, MailedPiece, Statement

VENDOR = "printed here"
_MAILER = re.compile(r"^([0-8]\d{5}|9\d{8})$")
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Printed:
    """A statement's barcode: its digits and its 65 bars."""

    statement_number: str
    digits: str
    bars: str


@dataclass(frozen=True, slots=True)
class Sender:
    """What all barcodes of a mailing have in common (see section 1 of the reference)."""

    mailer_id: str
    service_type_id: str
    barcode_id: str = "00"

    def check(self) -> None:
        """WrongUse ``wrong_mailer`` when a part has not the digits it must have."""
        if not _MAILER.match(self.mailer_id):
            raise WrongUse("wrong_mailer", "The mailer id is not 6 digits (0 to 8 first) or 9 (9).",
                           "It stands in the Business Customer Gateway of USPS.")  # fmt: skip
        if not re.fullmatch(r"\d{3}", self.service_type_id) or not re.fullmatch(
            r"\d[0-4]", self.barcode_id
        ):
            raise WrongUse("wrong_mailer", "The service type is not 3 digits, or the barcode id "
                           "not 2 of which the second is 0 to 4.", "See USPS-B-3200.")  # fmt: skip


def assign(
    session: Session, numbers: Sequence[str], sender: Sender, mailed_on: date, actor: str
) -> list[Printed]:
    """Enter a piece for each statement for that day, and give their barcodes in the order asked.

    One that has a piece of this day keeps its barcode. WrongUse ``no_statement`` names the first
    that is not here, ``no_serials`` when the mailer has used all within 45 days.
    """
    sender.check()
    printed: list[Printed] = []
    free = _Serials(session, sender, mailed_on)
    for start in range(0, len(numbers), _CHUNK):
        some = list(dict.fromkeys(numbers[start : start + _CHUNK]))
        printed += _assigned(session, some, sender, mailed_on, free)
    audit.record(session, actor=actor, action="imb.assigned", subject_kind="mailer",
                 subject_id=sender.mailer_id, detail={"pieces": len(printed)})  # fmt: skip
    return printed


def _assigned(
    session: Session, numbers: Sequence[str], sender: Sender, mailed_on: date, free: _Serials
) -> list[Printed]:
    statements = {
        statement.number: statement
        for statement in session.scalars(
            select(Statement)
            .where(Statement.number.in_(numbers))
            .options(selectinload(Statement.account).selectinload(Account.addresses))
        )
    }
    held = {
        piece.statement_id: piece.imb
        for piece in session.scalars(
            select(MailedPiece).where(
                MailedPiece.statement_id.in_([each.id for each in statements.values()]),
                MailedPiece.mailed_on == mailed_on,
                MailedPiece.mailer_id == sender.mailer_id,
            )
        )
    }
    new: list[mailing.NewPiece] = []
    codes: dict[str, str] = {}
    for line, number in enumerate(numbers, start=1):
        statement = statements.get(number)
        if statement is None:
            raise WrongUse("no_statement", f"There is no statement {number}.",
                           "Import the statements first.")  # fmt: skip
        code = held.get(statement.id)
        if code is None:
            address = statement.account.address
            routing = re.sub(r"\D", "", address.zip) if address else ""
            tracking = sender.barcode_id + sender.service_type_id + sender.mailer_id + free.next()
            code = tracking + (routing if len(routing) in {5, 9} else "")
            new.append(mailing.NewPiece(line, statement.id, statement.account_id,
                                        address.id if address else None, None, mailed_on, code,
                                        VENDOR))  # fmt: skip
        codes[number] = code
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    mailing.enter(session, new, [], counts, None, dry_run=False)
    return [Printed(number, code, imb.encode(code[:20], code[20:]))
            for number, code in codes.items()]  # fmt: skip


class _Serials:
    """Serials of a mailer that no piece bears within 45 days of a day, going on from the last."""

    def __init__(self, session: Session, sender: Sender, day: date) -> None:
        # The mailer's blocks are held, so that two that assign at once take turns.
        session.scalars(
            select(MailedBlock).where(MailedBlock.mailer_id == sender.mailer_id).with_for_update()
        ).all()
        near = timedelta(days=mailing.UNIQUE_DAYS)
        used = session.scalars(
            select(MailedPiece.serial).where(
                MailedPiece.mailer_id == sender.mailer_id,
                MailedPiece.mailed_on > day - near,
                MailedPiece.mailed_on < day + near,
            )
        )
        self._used = {int(serial) for serial in used}
        self._digits = 15 - len(sender.mailer_id)
        newest = session.scalar(
            select(func.max(MailedPiece.created_at)).where(
                MailedPiece.mailer_id == sender.mailer_id
            )
        )
        last = session.scalar(
            select(func.max(MailedPiece.serial)).where(
                MailedPiece.mailer_id == sender.mailer_id, MailedPiece.created_at == newest
            )
        )
        self._last = int(last) if last is not None else -1

    def next(self) -> str:
        """The next free serial."""
        size: int = 10**self._digits
        if len(self._used) >= size:
            raise WrongUse("no_serials", "Every serial of this mailer was used within 45 days.",
                           "Mail under another mailer id.")  # fmt: skip
        self._last = (self._last + 1) % size
        while self._last in self._used:
            self._last = (self._last + 1) % size
        self._used.add(self._last)
        return f"{self._last:0{self._digits}d}"
