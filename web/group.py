"""The group's own records: offices, bank accounts and people, changed by an administrator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.bank_setup import MOST_ITEMS
from deposits.pms import FORMATS
from records import audit, crypto
from records.errors import Conflict, WrongUse
from records.models import BankAccount, Office, User
from records.models.group import ROLES
from web import auth, people

# An office's settings that a person may type; see Office.settings.
OFFICE_TEXTS: Final = ("street", "city", "state", "zip", "phone", "npi", "tax_id")
POSTING_FORMATS: Final = tuple(FORMATS)
_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$")


@dataclass(frozen=True, slots=True)
class OfficeForm:
    """What an administrator types about an office."""

    code: str
    name: str
    bank_account_id: str
    active: bool
    texts: Mapping[str, str]
    payees: Sequence[str]
    posting_format: str


@dataclass(frozen=True, slots=True)
class BankForm:
    """What an administrator types about a bank account; an empty number keeps the held one."""

    code: str
    name: str
    routing_number: str
    account_number: str
    zone: str
    cut_off: time
    item_limit_cents: int | None
    deposit_limit_cents: int | None
    day_limit_cents: int | None
    item_count_limit: int | None = None


def save_office(session: Session, office: Office | None, form: OfficeForm, actor: str) -> Office:
    """Add an office (None) or change one; its code stays as it was made."""
    if not form.name.strip():
        raise WrongUse("no_name", "The office has no name.", "Type it.")
    if form.posting_format not in POSTING_FORMATS:
        raise WrongUse("wrong_format", "There is no such posting format.", "Choose one.")
    if session.get(BankAccount, form.bank_account_id) is None:
        raise WrongUse(
            "no_bank_account",
            "An office deposits into a bank account.",
            "Add the bank account first.",
        )
    action = "office.changed"
    if office is None:
        code, action = _new_code(session, Office, form.code), "office.added"
        office = Office(code=code, name="", bank_account_id=form.bank_account_id, settings={})
        session.add(office)
    office.name, office.active = form.name.strip()[:120], form.active
    office.bank_account_id = form.bank_account_id
    typed = {key: value.strip()[:120] for key, value in form.texts.items() if key in OFFICE_TEXTS}
    payees = [each.strip()[:120] for each in form.payees if each.strip()]
    # A new dict: a change inside the old one would not be seen as a change.
    office.settings = {
        **office.settings,
        **typed,
        "acceptable_payees": payees,
        "posting_format": form.posting_format,
    }
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_kind="office",
        subject_id=office.id,
        detail={"code": office.code, "active": office.active},
    )
    return office


def save_bank_account(
    session: Session, bank: BankAccount | None, form: BankForm, actor: str
) -> BankAccount:
    """Add a bank account (None) or change one."""
    if not form.name.strip():
        raise WrongUse("no_name", "The bank account has no name.", "Type it.")
    if not _is_routing_number(form.routing_number):
        raise WrongUse(
            "wrong_routing_number",
            "The routing number's check digit does not fit.",
            "Type its nine digits again.",
        )
    try:
        ZoneInfo(form.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WrongUse(
            "wrong_zone", "There is no such time zone.", "Type one such as America/New_York."
        ) from error
    if form.item_count_limit is not None and not 1 <= form.item_count_limit <= MOST_ITEMS:
        raise WrongUse(
            "wrong_count", f"A deposit holds 1 to {MOST_ITEMS} checks.", "Leave it empty for none."
        )
    action, before = "bank_account.changed", {} if bank is None else _told(bank)
    if bank is None:
        action = "bank_account.added"
        bank = BankAccount(code=_new_code(session, BankAccount, form.code), sealed={})
        _set_number(session, bank, form.account_number)
        session.add(bank)
    elif form.account_number:
        _set_number(session, bank, form.account_number)
    bank.name, bank.routing_number = form.name.strip()[:120], form.routing_number
    bank.zone, bank.cut_off = form.zone, form.cut_off
    bank.item_limit_cents = form.item_limit_cents
    bank.deposit_limit_cents = form.deposit_limit_cents
    bank.day_limit_cents = form.day_limit_cents
    bank.item_count_limit = form.item_count_limit
    changed = [name for name, value in _told(bank).items() if before.get(name) != value]
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_kind="bank_account",
        subject_id=bank.id,
        detail={
            "code": bank.code,
            "number_changed": bool(form.account_number),
            "changed": ", ".join(changed),
        },
    )
    return bank


def change_user(
    session: Session,
    user: User,
    *,
    role: str,
    display_name: str,
    office_ids: Sequence[str],
    all_offices: bool,
    active: bool,
    actor: str,
) -> None:
    """Change a person's role and offices; whoever is switched off is logged out at once.

    Raises WrongUse for a wrong role or no office, Conflict ``last_admin`` when nobody would be
    left to administer the group.
    """
    if role not in ROLES or not display_name.strip():
        raise WrongUse("wrong_person", "Name or role is missing.", "Fill both in.")
    if not office_ids and not all_offices:
        raise WrongUse(
            "no_office", "This person would see no office.", "Choose an office, or all offices."
        )
    stays_admin = role == "admin" and active and all_offices
    if not stays_admin and _is_last_admin(session, user):
        raise Conflict(
            "last_admin",
            "Nobody would be left to administer the group.",
            "Make another administrator of all offices first.",
        )
    user.role, user.display_name, user.active = role, display_name.strip()[:120], active
    user.all_offices = all_offices
    user.offices = list(session.scalars(select(Office).where(Office.id.in_(office_ids))))
    if not active:
        auth.end_sessions(session, user.id)
    audit.record(
        session,
        actor=actor,
        action="user.changed",
        subject_kind="user",
        subject_id=user.id,
        detail={
            "role": role,
            "active": active,
            "all_offices": all_offices,
            "offices": len(office_ids),
        },
    )


def set_password(session: Session, user: User, password: str, actor: str) -> None:
    """Give a person a new password; their sessions end, their API tokens are void."""
    people.check_password(password)
    user.password_hash = auth.hash_password(password)
    auth.end_sessions(session, user.id)
    auth.revoke_tokens(session, user.id, actor)
    audit.record(
        session, actor=actor, action="password.reset", subject_kind="user", subject_id=user.id
    )


def _told(bank: BankAccount) -> dict[str, object]:
    """What the audit chain names when it changes, by name; the number is told apart."""
    names = ("name", "routing_number", "zone", "cut_off", "item_limit_cents",
             "deposit_limit_cents", "day_limit_cents", "item_count_limit")  # fmt: skip
    return {name: getattr(bank, name) for name in names}


def _set_number(session: Session, bank: BankAccount, typed: str) -> None:
    digits = "".join(letter for letter in typed if letter.isdigit())
    if not 4 <= len(digits) <= 17:
        raise WrongUse(
            "wrong_account_number", "A bank account has 4 to 17 digits.", "Type the number again."
        )
    hmac = crypto.keyring().fingerprint("bank_account", digits)
    held = session.scalar(select(BankAccount.id).where(BankAccount.account_hmac == hmac))
    if held is not None and held != bank.id:
        raise Conflict("bank_account_exists", "This bank account is here already.", "Change that.")
    bank.sealed = {"account_number": digits}
    bank.account_hmac, bank.account_last4 = hmac, digits[-4:]


def _new_code(session: Session, model: type[Office | BankAccount], typed: str) -> str:
    code = typed.strip()
    if not _CODE.match(code):
        raise WrongUse(
            "wrong_code",
            "The code will not do.",
            "Use up to 20 letters, digits, dashes or underscores.",
        )
    if session.scalar(select(model.id).where(model.code == code)):
        raise Conflict("code_exists", f"The code {code} is taken.", "Use another.")
    return code


def _is_routing_number(digits: str) -> bool:
    """The ABA check: weights 3, 7, 1 over nine digits sum to a multiple of ten."""
    if len(digits) != 9 or not digits.isascii() or not digits.isdigit():
        return False
    return sum(int(d) * w for d, w in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0


def _is_last_admin(session: Session, user: User) -> bool:
    admins = session.scalars(
        select(User.id).where(User.role == "admin", User.active, User.all_offices)
    ).all()
    return list(admins) == [user.id]
