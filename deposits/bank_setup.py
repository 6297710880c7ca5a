"""How an account's deposits reach the bank: its profile, and who the group is to that bank."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy.orm import Session

from deposits import icl
from deposits.icl.limits import LIMITS, Limits
from deposits.icl.profile import Profile
from deposits.paper import DEFAULT_DAYS
from records import audit
from records.errors import LockboxError, WrongUse
from records.models import BankAccount

MOST_ITEMS = 1_000_000
_LONGEST_LINE = 60
_MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Settings:
    """``bank_accounts.deposit_settings``: a bank's profile, and who the group is to that bank.

    Empty numbers fall back: ``destination_routing`` to the account's routing number,
    ``origin_routing`` and ``bofd_routing`` to the destination. ``endorsement`` is the first line
    printed on each back; the account's, the day and the item's number follow. ``test`` marks files
    that the bank does not book. ``profile_text`` is the group's own profile (TOML); without it,
    ``profile`` is one of ``icl.names()``. ``white_backs``: this bank takes a white back where none
    was scanned, whatever the profile says. ``paper_days``: how long deposited paper is kept.
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
    paper_days: int = DEFAULT_DAYS


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
        if name.endswith("_routing") and value and not _digits(value):
            raise WrongUse("wrong_setting", f"{name} is up to nine digits.", "Ask the bank.")
    _sound(values)
    account.deposit_settings = {**(account.deposit_settings or {}), **values}
    session.flush()
    audit.record(session, actor=actor, action="bank_account.set_up", subject_kind="bank_account",
                 subject_id=account.id, detail={"settings": ",".join(sorted(values))})  # fmt: skip
    return settings_of(account)


def limit_items(session: Session, account: BankAccount, most: int | None, actor: str) -> None:
    """Say how many checks one deposit of the account may hold; None: as many as there are."""
    if most is not None and not 1 <= most <= MOST_ITEMS:
        raise WrongUse("wrong_setting", f"A deposit holds 1 to {MOST_ITEMS} checks.",
                       "Leave the limit out for none.")  # fmt: skip
    account.item_count_limit = most
    session.flush()
    audit.record(session, actor=actor, action="bank_account.changed", subject_kind="bank_account",
                 subject_id=account.id, detail={"changed": "item_count_limit"})  # fmt: skip


def _sound(values: dict[str, Any]) -> None:
    """WrongUse for an endorsement nobody could read, and days that are no time to keep paper."""
    words = values.get("endorsement")
    if words is not None and not (
        0 < len(str(words).strip()) <= _LONGEST_LINE
        and str(words).isascii()
        and str(words).isprintable()
    ):
        raise WrongUse("wrong_setting", f"The endorsement is 1 to {_LONGEST_LINE} plain letters.",
                       "As FOR DEPOSIT ONLY; account and day are printed below it.")  # fmt: skip
    days = values.get("paper_days")
    if days is not None and not 1 <= int(days) <= _MOST_DAYS:
        raise WrongUse("wrong_setting", f"Paper is kept for 1 to {_MOST_DAYS} days.",
                       "Ask the bank; many say 60.")  # fmt: skip


def _digits(value: object) -> bool:
    text = str(value)
    return len(text) <= 9 and text.isascii() and text.isdigit()


def profile_of(settings: Settings) -> Profile:
    """The profile that is set; NotFound ``unknown_profile``, WrongUse ``wrong_profile``."""
    if settings.profile_text:
        return icl.parsed(settings.profile, settings.profile_text)
    return icl.named(settings.profile)


def limits_of(account: BankAccount) -> Limits:
    """From where this bank doubts an image; the usual limits where checks are carried.

    A profile that is no longer there is told when a letter is written, not to a check's images.
    """
    settings = settings_of(account)
    try:
        return profile_of(settings).images.limits if settings.profile else LIMITS
    except LockboxError:
        return LIMITS
