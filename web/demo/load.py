"""Putting the demo group into an empty installation, and its bag of mail into a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matching import claim_importing, importing, strata
from records import audit, clock, crypto
from records.errors import Conflict
from records.installation import Installation
from records.models import AuditEvent, BankAccount, Office, User
from web import auth
from web.demo import bag as bags
from web.demo import check_mail, claims_file
from web.demo import group as groups

ACTOR = "system:demo"
TICKET = "ticket.json"
"""The batch ticket beside the bag's files: which office the mail is for."""
OFFICE = "NORTH"
"""The office that the bag's mail is for."""
_ACCEPTED = (
    "number_name_amount", "number_name", "number_amount", "member_name", "name_address_amount",
)  # fmt: skip
_ACCEPTED_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Login:
    """A demo login, to be printed."""

    username: str
    role: str
    display_name: str
    password: str


@dataclass(frozen=True, slots=True)
class Made:
    """What was built; ``built`` is False when a group was there already."""

    built: bool
    offices: int
    accounts: int
    statements: int
    bag: Path | None
    users: tuple[Login, ...]

    def to_json(self) -> dict[str, Any]:
        """For ``demo --json``."""
        return {**asdict(self), "bag": str(self.bag) if self.bag else None}


def build(
    installation: Installation,
    *,
    seed: int = 7,
    folder: Path | None = None,
    if_empty: bool = False,
    checks: int | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Made:
    """Build the group and write the bag: a day's mail of all kinds, or so many ``checks``.

    ``told`` gets how many checks were drawn since it was called last.
    With ``if_empty`` an installation that has offices is left as it is; without it that is
    Conflict ``not_empty``: demo patients must never mix with real ones.
    """
    with installation.db.read() as session:
        there = session.scalar(select(func.count()).select_from(Office)) or 0
    if there and not if_empty:
        raise Conflict(
            "not_empty",
            "This installation has a group already.",
            "Set LOCKBOX_DATA_DIR to an empty folder for a demo.",
        )
    if there:
        return Made(
            built=False,
            offices=there,
            accounts=0,
            statements=0,
            bag=None,
            users=_logins(installation),
        )
    people = max(groups.ACCOUNTS, check_mail.ACCOUNTS_A_CHECK * (checks or 0))
    group = groups.make_group(seed, as_of=clock.now().date(), accounts=people)
    where = folder or installation.settings.data_dir / "demo" / "bag"
    with installation.db.write() as session:
        add_group(session, group)
        importing.import_accounts(session, groups.accounts_csv(group), ACTOR, dry_run=False)
        importing.import_statements(session, groups.statements_csv(group), ACTOR, dry_run=False)
        audit.record(
            session,
            actor=ACTOR,
            action="demo.built",
            subject_kind="group",
            subject_id="demo",
            detail={"seed": seed},
        )
    if checks is None:
        bag = bags.make_bag(group, seed, OFFICE)
        bags.write_bag(bag, where)
        with installation.db.write() as session:
            claim_importing.import_claims(session, claims_file.claims_csv(bag.truth()), ACTOR)
    else:
        files = check_mail.check_files(group, seed, checks, OFFICE, told)
        head = {"seed": seed, "office_code": OFFICE, "as_of": group.as_of.isoformat()}
        bags.write_files(files, where, head)
    (where / TICKET).write_text(json.dumps({"office": OFFICE}))
    return Made(
        built=True,
        offices=len(group.offices),
        accounts=len(group.accounts),
        statements=len(group.statements),
        bag=where,
        users=tuple(Login(u.username, u.role, u.display_name, u.password) for u in group.users),
    )


def add_group(session: Session, group: groups.Group) -> None:
    """Offices, bank accounts and people; accounts and statements are imported as files."""
    banks: dict[str, BankAccount] = {}
    for account in group.bank_accounts:
        banks[account.code] = BankAccount(
            code=account.code,
            name=account.name,
            routing_number=account.routing_number,
            sealed={"account_number": account.account_number, "bank_name": account.bank_name},
            account_hmac=crypto.keyring().fingerprint("bank_account", account.account_number),
            account_last4=account.account_number[-4:],
            zone=account.zone,
            cut_off=account.cut_off,
            deposit_settings=dict(account.deposit_settings),
        )
        session.add(banks[account.code])
    session.flush()
    offices: dict[str, Office] = {}
    for office in group.offices:
        offices[office.code] = Office(
            code=office.code,
            name=office.name,
            bank_account_id=banks[office.bank_account].id,
            settings={
                "acceptable_payees": list(office.payees),
                "npi": office.npi,
                "tax_id": office.tax_id,
                "phone": office.phone,
                "street": office.street,
                "city": office.city,
                "state": office.state,
                "zip": office.zip,
                "posting_format": "csv",
            },
        )
        session.add(offices[office.code])
    for user in group.users:
        session.add(
            User(
                username=user.username,
                display_name=user.display_name,
                role=user.role,
                password_hash=auth.hash_password(user.password),
                all_offices=not user.offices,
                offices=[offices[code] for code in user.offices],
            )
        )
    session.flush()
    _accept(session, group, offices)


def _accept(session: Session, group: groups.Group, offices: dict[str, Office]) -> None:
    """A new group has no proof of its own: its administrator lets sure matches go all the same."""
    admin = next(user.username for user in group.users if user.role == "admin")
    for office in offices.values():
        for kind in _ACCEPTED:
            strata.accept(session, office.id, kind, _ACCEPTED_SHARE, f"user:{admin}")


def _logins(installation: Installation) -> tuple[Login, ...]:
    """The demo's people as far as they are still there; nobody where no demo was ever built."""
    demo = {user.username: user for user in groups.make_group().users}
    with installation.db.read() as session:
        if session.scalar(select(AuditEvent.seq).where(AuditEvent.action == "demo.built")) is None:
            return ()
        names = set(session.scalars(select(User.username).where(User.active)))
    return tuple(
        Login(user.username, user.role, user.display_name, user.password)
        for name, user in demo.items()
        if name in names
    )
