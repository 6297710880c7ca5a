"""How commands print: one JSON document or short tables on standard output, progress on error."""

from __future__ import annotations

import getpass
import itertools
import json
import os
import stat
import sys
import tempfile
import textwrap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.errors import Forbidden, NotFound, WrongUse
from records.installation import Installation, open_installation
from records.models import BankAccount, Office, User
from records.money import Money
from web import forms, indexing

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
user_option = click.option(
    "--user",
    "username",
    metavar="NAME",
    help="Act as this user (default: the operating system's login name).",
)


@contextmanager
def opened() -> Iterator[Installation]:
    """The installation of this environment, migrated, and closed afterwards."""
    installation = open_installation()
    try:
        indexing.ensure(installation.db)
        yield installation
    finally:
        installation.close()


def emit(document: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, indent=2, default=_plain, ensure_ascii=False))


def emit_list(head: Mapping[str, Any], name: str, items: Iterable[Any]) -> None:
    """Print one JSON document as ``emit`` does, its last member a list that comes item by item.

    Nothing is printed before the first item is there, so that an error of the first is alone.
    """
    source = iter(items)
    some = [*itertools.islice(source, 1)]
    body = json.dumps({**head, name: []}, indent=2, default=_plain, ensure_ascii=False)
    click.echo(body.removesuffix("[]\n}") + ("[" if some else "[]"), nl=False)
    separator = "\n"
    for item in itertools.chain(some, source):
        told = json.dumps(item, indent=2, default=_plain, ensure_ascii=False)
        click.echo(separator + textwrap.indent(told, "    "), nl=False)
        separator = ",\n"
    click.echo("\n  ]\n}" if some else "\n}")


@contextmanager
def written_whole(target: Path) -> Iterator[BinaryIO]:
    """A file that is there when the block ends well, and else is as it was before.

    It is written beside its place and then moved there; what is no plain file (a pipe, a device)
    is written at once.
    """
    place = target.resolve()
    if place.exists() and not place.is_file():
        with place.open("wb") as out:
            yield out
        return
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
    beside = Path(name)
    try:
        if place.exists():
            beside.chmod(stat.S_IMODE(place.stat().st_mode))
        with os.fdopen(handle, "wb") as out:
            yield out
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings, columns aligned."""
    texts = [[str(heading) for heading in headings]]
    texts += [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in texts) for place in range(len(headings))]
    for row in texts:
        click.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def dollars(cents: int | None) -> str:
    """Cents for a person; a dash where the amount is not known."""
    return "-" if cents is None else str(Money(cents))


BILLING = ("admin", "billing")


def actor(session: Session, username: str | None) -> str:
    """The actor of a command: a user named with ``--user``, or whoever runs the shell."""
    return f"cli:{getpass.getuser()}" if username is None else _active(session, username).actor


def _active(session: Session, username: str) -> User:
    user = session.scalar(select(User).where(User.username == username, User.active))
    if user is None:
        raise NotFound(
            "unknown_user", f"There is no active user {username}.", "See `lockbox user list`."
        )
    return user


def person(session: Session, username: str | None, roles: Collection[str]) -> str:
    """The actor of a command that only people of these roles may give, in their own name.

    WrongUse ``name_missing`` without a name, Forbidden ``wrong_role`` for another role.
    """
    if username is None:
        raise WrongUse("name_missing", "This is done in somebody's name.", "Say --user NAME.")
    user = _active(session, username)
    if user.role not in roles:
        raise Forbidden("wrong_role", f"{username} may not do this.",
                        f"Ask somebody whose role is {' or '.join(sorted(roles))}.")  # fmt: skip
    return user.actor


def clerk(session: Session, username: str | None) -> str:
    """The actor of a command on the group's money: whoever runs the shell, or a named biller.

    Forbidden ``wrong_role`` for a user of another role.
    """
    return actor(session, None) if username is None else person(session, username, BILLING)


def offices_of(session: Session, username: str | None) -> frozenset[str] | None:
    """The codes of the offices the named user sees; None for all, and for who runs the shell."""
    user = session.scalars(select(User).where(User.username == (username or ""))).one_or_none()
    if user is None or user.all_offices:
        return None
    return frozenset(office.code for office in user.offices)


def office(session: Session, code: str) -> Office:
    """An office by its code; NotFound lists the codes there are."""
    found = session.scalar(select(Office).where(Office.code == code))
    if found is None:
        codes = ", ".join(session.scalars(select(Office.code).order_by(Office.code))) or "none yet"
        raise NotFound("unknown_office", f"There is no office {code}.", f"Offices: {codes}.")
    return found


def own_office(session: Session, username: str | None, where: Office) -> Office:
    """The office, when the named person works for it; WrongUse ``not_your_office``."""
    seen = offices_of(session, username)
    if seen is not None and where.code not in seen:
        raise WrongUse("not_your_office", f"{username} does not work for it.", "Name another.")
    return where


def bank_account(session: Session, code: str) -> BankAccount:
    """A bank account by its code; NotFound lists the codes there are."""
    found = session.scalar(select(BankAccount).where(BankAccount.code == code))
    if found is None:
        codes = ", ".join(session.scalars(select(BankAccount.code).order_by(BankAccount.code)))
        raise NotFound(
            "unknown_bank_account",
            f"There is no bank account {code}.",
            f"Bank accounts: {codes or 'none yet'}.",
        )
    return found


def cents(text: str) -> int:
    """Cents from dollars as typed; WrongUse when they are not an amount."""
    try:
        return Money.parse(text).cents
    except ValueError as error:
        raise WrongUse(
            "wrong_amount", f"{text!r} is no amount.", "Use dollars, as 125.00."
        ) from error


def day_of(text: str | None, default: Callable[[], date]) -> date:
    """A date from ``YYYY-MM-DD``; WrongUse when it is none."""
    if text is None:
        return default()
    try:
        return forms.near(date.fromisoformat(text), "The date")
    except ValueError as error:
        raise WrongUse("wrong_date", f"{text!r} is no date.", "Use YYYY-MM-DD.") from error


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error when that is a terminal; call what it gives with steps done."""
    if not sys.stderr.isatty():
        yield lambda _steps: None
        return
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
        yield bar.update


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Money):
        return value.cents
    raise TypeError(f"{type(value).__name__} has no JSON form")
