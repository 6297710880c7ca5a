"""A deposit's cash letter: what it is made of, written and judged once, and kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from deposits import icl, imaging
from deposits.bank_setup import Settings, profile_of, settings_of
from deposits.deposit_rows import require_approved
from deposits.icl.build import build, letter_id
from deposits.icl.endorse import endorsed
from deposits.icl.findings import Finding
from deposits.icl.group4 import to_tiff
from deposits.icl.letter import Letter, LetterItem, MicrFields, Sender, Side, micr_fields
from deposits.icl.profile import Profile
from deposits.icl.ticket import ticket
from deposits.icl.views import DPI
from intake.stored import Get
from intake.x9 import write_records
from records import audit, clock
from records.errors import Conflict, WrongUse
from records.files import FileStore
from records.models import BankAccount, CashLetter, CheckImage, Deposit, DepositItem, Payment


def sends(deposit: Deposit) -> bool:
    """Whether the deposit goes to the bank as a cash letter; else it is carried."""
    return bool(settings_of(deposit.bank_account).profile)


@dataclass(frozen=True, slots=True)
class Drafted:
    """One check of a letter: its MICR fields, and its views by hash."""

    ref: str
    cents: int
    micr: MicrFields
    front_sha256: str
    back_sha256: str
    back_made: bool
    analysis: tuple[dict[str, int], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a letter is made of, read at once; writing it needs no database."""

    deposit_id: str
    deposit_ref: str
    number: int
    business_on: date
    sent_at: datetime
    count: int
    cents: int
    account_last4: str
    sender: Sender
    settings: Settings
    profile: Profile
    checks: tuple[Drafted, ...]


def require_sendable(session: Session, deposit: Deposit) -> None:
    """Before a deposit is closed: each check has what a cash letter needs, while it can come out.

    Nothing is asked of deposits that are carried. WrongUse ``micr_incomplete``, ``micr_too_long``;
    Conflict ``image_not_made``, ``back_missing``. Images that are still being made, and doubtful
    ones, can wait: they are settled before the letter is written.
    """
    settings = settings_of(deposit.bank_account)
    if not settings.profile:
        return
    white = _takes_white(settings, profile_of(settings))
    for _, payment, image in session.execute(_in_order(deposit)):
        _micr(payment)
        if image is not None and image.problem:
            raise _not_made(payment)
        if image is not None and image.back_made and not white:
            raise _without_back(payment)


def kept(session: Session, deposit: Deposit) -> CashLetter | None:
    """The deposit's letter, once it was written."""
    query = select(CashLetter).where(CashLetter.deposit_id == deposit.id)
    return session.scalars(query).one_or_none()


def draft(session: Session, deposit: Deposit) -> Draft:
    """What the deposit's letter is made of.

    Conflict: ``deposit_not_approved``, ``bank_not_set_up``, ``images_suspect`` (nobody accepted
    them), ``image_not_made``, ``back_missing``; WrongUse where a check's MICR line is not whole.
    """
    require_approved(deposit)
    account = deposit.bank_account
    settings = settings_of(account)
    if not settings.profile:
        raise Conflict(
            "bank_not_set_up",
            f"Nothing says how {account.name} wants its cash letters.",
            "Say it with `lockbox deposit setup`, or carry the checks.",
        )
    profile = profile_of(settings)
    return Draft(
        deposit.id, deposit.ref, (session.scalar(select(func.max(CashLetter.number))) or 0) + 1,
        deposit.business_on, clock.now().astimezone(ZoneInfo(account.zone)),
        deposit.declared_count or 0, deposit.declared_total_cents or 0, account.account_last4,
        _sender(account, settings), settings, profile,
        tuple(_checks(session, deposit, settings, profile)),
    )  # fmt: skip


def write(made: Draft, get: Get) -> bytes:
    """The letter's bytes, checked as the bank would; ``get`` gives stored files by their hash.

    Conflict ``letter_unsound`` with the first finding.
    """
    slip = ticket(
        "DEPOSIT TICKET",
        (("Account", f"ending {made.account_last4}"), ("Name", made.settings.origin_name[:30]),
         ("Date", made.business_on.isoformat()), ("Checks", str(made.count)),
         ("Deposit", made.deposit_ref)),
        made.cents,
    )  # fmt: skip
    content = Letter(made.number, made.business_on, made.sent_at, made.count, made.cents,
                     _items(made, get))  # fmt: skip
    out = io.BytesIO()
    records = build(content, made.sender, made.profile, Side(slip, made=True))
    write_records(records, out, made.profile.layout_of_files)
    out.seek(0)
    _sound([each for each in icl.check(out, made.profile) if not each.warning])
    return out.getvalue()


def keep(
    session: Session, store: FileStore, made: Draft, data: bytes, actor: str
) -> CashLetter:  # fmt: skip
    """Keep what was written; the letter that somebody else kept meanwhile stays.

    Conflict ``letter_number_taken`` when another deposit took the number; ``deposit_not_approved``.
    """
    # One letter after the other, whatever its account: each takes the next number.
    session.scalars(select(BankAccount.id).order_by(BankAccount.id).with_for_update()).all()
    # Held: no letter is made of a deposit that somebody rejects meanwhile.
    deposit = session.get_one(
        Deposit, made.deposit_id, with_for_update=True, populate_existing=True
    )
    earlier = kept(session, deposit)
    if earlier is not None:
        return earlier
    taken = session.scalar(select(CashLetter.id).where(CashLetter.number == made.number))
    if taken is not None:
        raise Conflict("letter_number_taken", "Another cash letter was written meanwhile.",
                       "Write this one again.")  # fmt: skip
    require_approved(deposit)
    row = CashLetter(
        number=made.number, deposit_id=deposit.id, profile=made.profile.name,
        file_sha256=store.put(data), file_name=f"{deposit.ref}-{letter_id(made.number)}.x937",
        item_count=made.count, total_cents=made.cents, created_by=actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="cash_letter.made", subject_kind="deposit",
                 subject_id=deposit.id,
                 detail={"number": row.number, "profile": row.profile,
                         "sha256": row.file_sha256})  # fmt: skip
    return row


def _sound(findings: list[Finding]) -> None:
    if findings:
        first = findings[0]
        raise Conflict(
            "letter_unsound",
            f"The cash letter would be refused: record {first.record}, {first.field}: "
            f"{first.message}",
            "Mend the bank's settings (`lockbox deposit setup`) or its profile, then try again.",
        )


def _sender(account: BankAccount, settings: Settings) -> Sender:
    destination = settings.destination_routing or account.routing_number
    return Sender(
        destination_routing=destination,
        origin_routing=settings.origin_routing or destination,
        bofd_routing=settings.bofd_routing or destination,
        account_number=str(account.sealed["account_number"]),
        institution_routing=settings.institution_routing,
        destination_name=settings.destination_name,
        origin_name=settings.origin_name or account.name,
        contact_name=settings.contact_name, contact_phone=settings.contact_phone,
        payee_name=settings.origin_name or account.name, location=settings.location,
        test=settings.test,
    )  # fmt: skip


def _checks(
    session: Session, deposit: Deposit, settings: Settings, profile: Profile
) -> Iterator[Drafted]:
    white = _takes_white(settings, profile)
    for item, payment, image in session.execute(_in_order(deposit)):
        if image is None or image.front_sha256 is None or image.back_sha256 is None:
            raise _not_made(payment)
        if image.suspects and image.accepted_by is None:
            raise Conflict(
                "images_suspect", f"The images of check {payment.ref} are doubtful.",
                "Look at them and send them all the same by name, or take the check out.",
            )  # fmt: skip
        if image.back_made and not white:
            raise _without_back(payment)
        yield Drafted(
            payment.ref, item.amount_cents, _micr(payment), image.front_sha256, image.back_sha256,
            image.back_made, imaging.analysis_of(image),
        )  # fmt: skip


def _in_order(deposit: Deposit) -> Select[DepositItem, Payment, CheckImage]:
    """The deposit's checks with their images, which may be missing (None)."""
    return (
        select(DepositItem, Payment, CheckImage)
        .join(Payment, Payment.id == DepositItem.payment_id)
        .outerjoin(CheckImage, CheckImage.payment_id == Payment.id)
        .where(DepositItem.deposit_id == deposit.id)
        .order_by(DepositItem.position, DepositItem.id)
    )


def _takes_white(settings: Settings, profile: Profile) -> bool:
    return profile.images.made_back or settings.white_backs or not profile.images.required


def _not_made(payment: Payment) -> Conflict:
    return Conflict("image_not_made", f"Check {payment.ref} has no image to send.",
                    "Wait for it, or take the check out and scan it again.")  # fmt: skip


def _without_back(payment: Payment) -> Conflict:
    return Conflict("back_missing", f"The back of check {payment.ref} was not scanned.",
                    "Scan both sides, or ask the bank whether it takes a white back.")  # fmt: skip


def _micr(payment: Payment) -> MicrFields:
    """The check's MICR fields; WrongUse says which check has none that a bank could present."""
    sealed = payment.sealed or {}
    line, routing, account = (
        str(sealed.get(name) or "") for name in ("micr_line", "routing_number", "account_number")
    )
    try:
        return micr_fields(line, routing, account, payment.check_number)
    except WrongUse as wrong:
        message = f"Check {payment.ref}: {wrong.message}"
        raise WrongUse(wrong.code, message, wrong.remedy) from None


def _items(made: Draft, get: Get) -> Iterator[LetterItem]:
    for number, each in enumerate(made.checks, start=1):
        words = (
            made.settings.endorsement, f"ACCT {made.account_last4.rjust(10, '*')}",
            f"{made.business_on:%m/%d/%Y} {made.deposit_ref} {number}",
        )  # fmt: skip
        back = _stamped(get(each.back_sha256), words)
        yield LetterItem(
            each.ref, each.cents, each.micr.routing, each.micr.on_us, each.micr.aux_on_us,
            each.micr.epc, Side(get(each.front_sha256), analysis=each.analysis[0]),
            Side(back, each.back_made, each.analysis[1]),
        )  # fmt: skip


def _stamped(tiff: bytes, words: tuple[str, ...]) -> bytes:
    """A back of ours with the endorsement printed on it."""
    return to_tiff(endorsed(imaging.ink_of(tiff), words), DPI)


def file_of(store: FileStore, made: CashLetter) -> bytes:
    """The file's bytes, as they were made."""
    return store.get(made.file_sha256)
