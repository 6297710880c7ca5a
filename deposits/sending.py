"""How a deposit reaches the bank: the account's settings, and its cash letter, made once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deposits import icl, imaging
from deposits.icl.build import build, letter_id
from deposits.icl.endorse import endorsed
from deposits.icl.findings import Finding
from deposits.icl.group4 import to_ink, to_tiff
from deposits.icl.letter import Letter, LetterItem, Sender, Side, micr_fields
from deposits.icl.profile import Profile
from deposits.icl.ticket import ticket
from deposits.icl.tiff import placed_strip
from deposits.icl.views import DPI
from intake.x9 import write_records
from records import audit, clock
from records.errors import Conflict, WrongUse
from records.files import FileStore
from records.models import BankAccount, CashLetter, CheckImage, Deposit, DepositItem

_SENDABLE = ("approved", "exported", "credited")


@dataclass(frozen=True, slots=True)
class Settings:
    """``bank_accounts.deposit_settings``: a bank's profile, and who the group is to that bank.

    Empty numbers fall back: ``destination_routing`` to the account's routing number,
    ``origin_routing`` and ``bofd_routing`` to the destination. ``endorsement`` is the first line
    printed on each back; the account's, the day and the item's number follow. ``test`` marks files
    that the bank does not book. ``profile_text`` is the group's own profile (TOML); without it,
    ``profile`` is one of ``icl.names()``. ``white_backs``: this bank takes a white back where none
    was scanned, whatever the profile says.
    """

    profile: str = ""
    profile_text: str = ""
    destination_routing: str = ""
    destination_name: str = ""
    origin_routing: str = ""
    origin_name: str = ""
    institution_routing: str = ""
    bofd_routing: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    location: str = ""
    endorsement: str = "FOR DEPOSIT ONLY"
    test: bool = False
    white_backs: bool = False


def settings_of(account: BankAccount) -> Settings:
    """What is set, unknown keys aside."""
    known = {each.name for each in fields(Settings)}
    return Settings(**{k: v for k, v in (account.deposit_settings or {}).items() if k in known})


def set_up(session: Session, account: BankAccount, values: dict[str, Any], actor: str) -> Settings:
    """Say how an account's deposits reach the bank; NotFound or WrongUse for what cannot be.

    Keys are those of ``Settings``; others of the account stay as they are.
    """
    unknown = values.keys() - {each.name for each in fields(Settings)}
    if unknown:
        raise WrongUse("wrong_setting", f"There is no setting {min(unknown)}.", "Look at --help.")
    if values.get("profile_text"):
        icl.parsed(str(values.get("profile", "")), str(values["profile_text"]))
    elif values.get("profile"):
        icl.named(str(values["profile"]))
        values = {**values, "profile_text": ""}
    for name, value in values.items():
        if name.endswith("_routing") and value and not (len(value) <= 9 and value.isdigit()):
            raise WrongUse("wrong_setting", f"{name} is up to nine digits.", "Ask the bank.")
    account.deposit_settings = {**(account.deposit_settings or {}), **values}
    session.flush()
    audit.record(session, actor=actor, action="bank_account.set_up", subject_kind="bank_account",
                 subject_id=account.id, detail={"settings": ",".join(sorted(values))})  # fmt: skip
    return settings_of(account)


def profile_of(settings: Settings) -> Profile:
    """The profile that is set; NotFound ``unknown_profile``, WrongUse ``wrong_profile``."""
    if settings.profile_text:
        return icl.parsed(settings.profile, settings.profile_text)
    return icl.named(settings.profile)


def sends(deposit: Deposit) -> bool:
    """Whether the deposit goes to the bank as a cash letter; else it is carried."""
    return bool(settings_of(deposit.bank_account).profile)


def letter(session: Session, store: FileStore, deposit: Deposit, actor: str) -> CashLetter:
    """The deposit's cash letter, made now or found as it was made.

    What was made is checked as the bank would before it is kept. Conflict:
    ``deposit_not_approved``, ``bank_not_set_up``, ``images_suspect`` (nobody accepted them),
    ``image_not_made``, ``letter_unsound`` with the first finding.
    """
    if deposit.state not in _SENDABLE:
        raise Conflict(
            "deposit_not_approved",
            f"Deposit {deposit.ref} is {deposit.state}; only an approved one goes to the bank.",
            "Close it, and have a second person approve it.",
        )
    kept = session.scalars(
        select(CashLetter).where(CashLetter.deposit_id == deposit.id)
    ).one_or_none()
    if kept is not None:
        return kept
    settings = settings_of(deposit.bank_account)
    if not settings.profile:
        raise Conflict(
            "bank_not_set_up",
            f"Nothing says how {deposit.bank_account.name} wants its cash letters.",
            "Say it with `lockbox deposit setup`, or carry the checks.",
        )
    profile = profile_of(settings)
    data, number = _written(session, store, deposit, settings, profile)
    return _keep(session, store, deposit, profile, number, data, actor)


def _keep(
    session: Session, store: FileStore, deposit: Deposit, profile: Profile, number: int,
    data: bytes, actor: str,
) -> CashLetter:  # fmt: skip
    made = CashLetter(
        number=number, deposit_id=deposit.id, profile=profile.name, file_sha256=store.put(data),
        file_name=f"{deposit.ref}-{letter_id(number)}.x937",
        item_count=deposit.declared_count or 0,
        total_cents=deposit.declared_total_cents or 0, created_by=actor,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, actor=actor, action="cash_letter.made", subject_kind="deposit",
                 subject_id=deposit.id,
                 detail={"number": number, "profile": profile.name,
                         "sha256": made.file_sha256})  # fmt: skip
    return made


def _written(
    session: Session, store: FileStore, deposit: Deposit, settings: Settings, profile: Profile
) -> tuple[bytes, int]:
    # One letter after the other, whatever its account: each takes the next number.
    session.scalars(select(BankAccount.id).order_by(BankAccount.id).with_for_update()).all()
    account = session.get_one(BankAccount, deposit.bank_account_id)
    number = (session.scalar(select(func.max(CashLetter.number))) or 0) + 1
    local = clock.now().astimezone(ZoneInfo(account.zone))
    sender = _sender(account, settings)
    made = Letter(
        number, deposit.business_on, local, deposit.declared_count or 0,
        deposit.declared_total_cents or 0,
        _items(session, store, deposit, settings, profile),
    )  # fmt: skip
    slip = ticket(
        "DEPOSIT TICKET",
        (("Account", f"ending {account.account_last4}"), ("Name", settings.origin_name[:30]),
         ("Date", deposit.business_on.isoformat()), ("Checks", str(made.count)),
         ("Deposit", deposit.ref)),
        made.cents,
    )  # fmt: skip
    out = io.BytesIO()
    write_records(build(made, sender, profile, Side(slip, made=True)), out,
                  profile.layout_of_files)  # fmt: skip
    out.seek(0)
    _sound(icl.check(out, profile))
    return out.getvalue(), number


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


def _items(
    session: Session, store: FileStore, deposit: Deposit, settings: Settings, profile: Profile
) -> Iterator[LetterItem]:
    rows = session.scalars(
        select(DepositItem).where(DepositItem.deposit_id == deposit.id)
        .order_by(DepositItem.position, DepositItem.id)
    ).all()  # fmt: skip
    images = {
        image.payment_id: image
        for image in session.scalars(
            select(CheckImage).where(CheckImage.payment_id.in_([r.payment_id for r in rows]))
        )
    }
    for number, row in enumerate(rows, start=1):
        payment, image = row.payment, images.get(row.payment_id)
        if image is None:
            raise Conflict("image_not_made", f"Check {payment.ref} has no image yet.",
                           "Wait until its images are made, then try again.")  # fmt: skip
        if image.suspects and image.accepted_by is None:
            raise Conflict(
                "images_suspect", f"The images of check {payment.ref} are doubtful.",
                "Look at them and send them all the same by name, or take the check out.",
            )  # fmt: skip
        front, back = imaging.sides(image, store.get)
        taken = profile.images.made_back or settings.white_backs or not profile.images.required
        if back.made and not taken:
            raise Conflict(
                "back_missing", f"The back of check {payment.ref} was not scanned.",
                "Scan both sides, or ask the bank whether it takes a white back.",
            )  # fmt: skip
        words = (
            settings.endorsement, f"ACCT {deposit.bank_account.account_last4.rjust(10, '*')}",
            f"{deposit.business_on:%m/%d/%Y} {deposit.ref} {number}",
        )  # fmt: skip
        sealed = payment.sealed or {}
        micr = micr_fields(
            str(sealed.get("micr_line") or ""), str(sealed.get("routing_number") or ""),
            str(sealed.get("account_number") or ""), payment.check_number,
        )  # fmt: skip
        yield LetterItem(
            payment.ref, row.amount_cents, micr.routing, micr.on_us, micr.aux_on_us, micr.epc,
            front, Side(_stamped(back.tiff, words), back.made, back.analysis),
        )  # fmt: skip


def _stamped(tiff: bytes, words: tuple[str, ...]) -> bytes:
    """A back of ours with the endorsement printed on it."""
    placed = placed_strip(tiff)
    assert placed is not None  # noqa: S101 - narrows; this program wrote the file
    strip, width, height, _ = placed
    return to_tiff(endorsed(to_ink(strip, width, height), words), DPI)


def file_of(store: FileStore, made: CashLetter) -> bytes:
    """The file's bytes, as they were made."""
    return store.get(made.file_sha256)
