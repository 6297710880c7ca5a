"""Commands on what the bank is sent: profiles, how an account deposits, images, cash letters."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import bank_setup, batch, imaging, sending, slip
from deposits import icl as icl_files
from deposits.icl.propose import propose
from intake import x9
from records import audit
from records.errors import FindingError, NotFound, UnreadableError, WrongUse
from records.installation import Installation
from records.models import CheckImage, Deposit, DepositItem, Payment
from web import letters
from web.commands.money import deposit
from web.commands.output import (
    actor,
    bank_account,
    emit,
    json_option,
    opened,
    person,
    table,
    user_option,
)
from web.commands.reading import icl

__all__ = ["deposit", "icl"]

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_out = click.Path(dir_okay=False, path_type=Path)
_BILLING = ("billing", "admin")


@icl.group()
def profile() -> None:
    """How each bank wants its cash letters. Example: lockbox icl profile list"""


@profile.command("list")
@json_option
def profile_list(as_json: bool) -> None:
    """All profiles. Example: lockbox icl profile list"""
    rows = [icl_files.named(name) for name in icl_files.names()]
    if as_json:
        emit({"profiles": [{"name": r.name, "title": r.title, "source": r.source} for r in rows]})
    else:
        table(("profile", "credit", "for"), [(r.name, r.credit.record, r.title) for r in rows])


@profile.command("show")
@click.argument("name")
def profile_show(name: str) -> None:
    """Every setting of a profile. Example: lockbox icl profile show pnc_2010"""
    emit(asdict(icl_files.named(name)))


@profile.command("check")
@click.argument("path", metavar="FILE", type=_file)
@click.option("--out", type=_out, help="Write the proposed profile here (TOML).")
@json_option
def profile_check(path: Path, out: Path | None, as_json: bool) -> int:
    """Propose a profile from a file that the bank takes, and say what it leaves open.

    Example: lockbox icl profile check sample-from-bank.x937 --out ourbank.toml
    """
    if out is not None and out.exists() and out.samefile(path):
        raise WrongUse("same_file", "FILE and --out are the same file.", "Name another --out.")
    with path.open("rb") as stream:
        head = stream.read(x9.SNIFF_BYTES)
        stream.seek(0)
        framing = x9.sniff(head)
        if framing is None:
            raise UnreadableError("unsupported_file", f"{path.name} is no image cash letter.",
                                  "Ask the bank for an X9.37 or X9.100-187 file.")  # fmt: skip
        found = propose(path.stem, x9.read_records(stream, framing), framing)
        stream.seek(0)
        findings = [e for e in icl_files.check(stream, found.profile) if not e.warning]
    if out is not None:
        out.write_text(found.text, encoding="utf-8")
    if as_json:
        emit({"settings": [asdict(each) for each in found.settings], "doubts": found.doubts,
              "findings": [each.to_json() for each in findings]})  # fmt: skip
    else:
        click.echo(found.text)
        for doubt in found.doubts:
            click.echo(f"ask the bank: {doubt}", err=True)
        for each in findings:
            click.echo(f"record {each.record} {each.field}: {each.message}", err=True)
    return FindingError.exit_status if findings else 0


@deposit.command("setup")
@click.argument("code", metavar="BANK_ACCOUNT")
@click.option("--profile", "name", help="The bank's profile; empty: checks are carried.")
@click.option("--profile-file", "own", type=_file, help="The group's own profile (TOML).")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="origin_name=Lakeshore")
@click.option("--white-backs/--scanned-backs", default=None, help="Where no back was scanned.")
@click.option("--item-count", type=click.IntRange(0), help="Checks a deposit may hold; 0: any.")
@click.option("--paper-days", type=click.IntRange(1, 3650), help="How long paper is kept.")
@click.option("--test/--production", default=None, help="Whether the bank books the files.")
@json_option
@user_option
def deposit_setup(
    code: str, name: str | None, own: Path | None, given: tuple[str, ...], test: bool | None,
    white_backs: bool | None,
    item_count: int | None, paper_days: int | None,
    as_json: bool, username: str | None,
) -> None:  # fmt: skip
    """Say how an account's deposits reach the bank; without options, show it.

    Example: lockbox deposit setup OPER --profile pnc_2010 --set origin_name="Lakeshore" --user adm
    """
    values: dict[str, str | bool | int] = {}
    for each in given:
        key, separator, value = each.partition("=")
        if not separator or key in ("test", "profile", "white_backs", "paper_days"):
            raise WrongUse("wrong_setting", f"{each} is not NAME=VALUE.", "Look at --help.")
        values[key] = value
    if name is not None:
        values["profile"] = name
    if own is not None:
        values |= {"profile": own.stem[:40], "profile_text": _profile_text(own)}
    if paper_days is not None:
        values["paper_days"] = paper_days
    if white_backs is not None:
        values["white_backs"] = white_backs
    if test is not None:
        values["test"] = test
    with opened() as installation, installation.db.write() as session:
        account = bank_account(session, code)
        if values or item_count is not None:
            who = person(session, username, ("admin",))
        if values:
            bank_setup.set_up(session, account, values, who)
        if item_count is not None:
            bank_setup.limit_items(session, account, item_count or None, who)
        settings, most = bank_setup.settings_of(account), account.item_count_limit
    rows = [(each.name, getattr(settings, each.name)) for each in fields(settings)]
    rows.append(("item_count_limit", most))
    emit(dict(rows)) if as_json else table(("setting", "value"), [(n, str(v)) for n, v in rows])


def _profile_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise WrongUse("wrong_profile", f"{path.name} is no text in UTF-8.",
                       "Save the profile as UTF-8 text.") from None  # fmt: skip


@deposit.command("images")
@click.argument("ref", metavar="DEPOSIT")
@click.option("--accept", metavar="PAYMENT", help="Send this check's doubtful images all the same.")
@json_option
@user_option
def deposit_images(ref: str, accept: str | None, as_json: bool, username: str | None) -> int:
    """Each check's images and what a bank may doubt in them; exit 1 while something is open.

    Example: lockbox deposit images DEP-7K3-F9QX --accept PAY-2BC-D4F5 --user dana
    """
    with opened() as installation:
        letters.make_images(installation, ref)
        with installation.db.write() as session:
            rows = _images(session, ref, accept, username)
    if as_json:
        emit({"images": rows})
    else:
        told = [
            (r["payment"], ", ".join(r["suspects"]) or "nothing in doubt", r["accepted_by"])
            for r in rows
        ]
        table(("payment", "suspect", "sent all the same by"), told)
    return FindingError.exit_status if any(row["open"] for row in rows) else 0


def _images(
    session: Session, ref: str, accept: str | None, username: str | None
) -> list[dict[str, Any]]:
    found = batch.find(session, ref)
    if accept is not None:
        who = person(session, username, _BILLING)
        payment = session.scalars(select(Payment).where(Payment.ref == accept)).one_or_none()
        if payment is None or payment.id not in {item.payment_id for item in found.items}:
            raise NotFound("payment_unknown", f"{accept} is not in {ref}.", "Check it.")
        imaging.accept(session, payment.id, who)
    return _image_rows(session, found)


def _image_rows(session: Session, found: Deposit) -> list[dict[str, Any]]:
    query = (
        select(Payment.ref, CheckImage)
        .join(CheckImage, CheckImage.payment_id == Payment.id)
        .join(DepositItem, DepositItem.payment_id == Payment.id)
        .where(DepositItem.deposit_id == found.id)
        .order_by(DepositItem.position)
    )
    rows: list[dict[str, Any]] = []
    for ref, image in session.execute(query):
        names = [image.problem] if image.problem else sorted({e["name"] for e in image.suspects})
        rows.append({
            "payment": ref, "suspects": names, "back_made": image.back_made,
            "accepted_by": image.accepted_by or "",
            "open": bool(image.problem) or bool(names and image.accepted_by is None),
        })  # fmt: skip
    return rows


@deposit.command("export")
@click.argument("ref", metavar="DEPOSIT")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for slip, prooflist and cash letter.",
)
@user_option
def deposit_export(ref: str, out: Path, username: str | None) -> None:
    """Write an approved deposit's slip, prooflist and, where the bank takes one, cash letter.

    The deposit is on its way to the bank then: `deposit letter` and `deposit slip` only write.

    Example: lockbox deposit export DEP-7K3-F9QX --out bank/ --user bill
    """
    out.mkdir(parents=True, exist_ok=True)
    with opened() as installation:
        with installation.db.read() as session:
            # Unnamed it is whoever runs the shell of the installation; named, the role is asked.
            shell = username is None
            who = actor(session, None) if shell else person(session, username, _BILLING)
            sends = sending.sends(batch.find(session, ref))
        made = _letter(installation, ref, who) if sends else None
        with installation.db.write() as session:
            found = batch.find(session, ref)
            batch.export(session, found.id, who)
            slip_pdf = slip.slip_pdf(session, installation.store, found.id)
            prooflist = slip.prooflist_pdf(session, installation.store, found.id)
            (out / f"{ref}-slip.pdf").write_bytes(slip_pdf)
            (out / f"{ref}-prooflist.pdf").write_bytes(prooflist)
        if made is not None:
            (out / f"{ref}.x937").write_bytes(made[1])


@deposit.command("letter")
@click.argument("ref", metavar="DEPOSIT")
@click.option("--out", required=True, type=_out)
@json_option
@user_option
def deposit_letter(ref: str, out: Path, as_json: bool, username: str | None) -> None:
    """Write an approved deposit's image cash letter; asked again, the same file.

    Example: lockbox deposit letter DEP-7K3-F9QX --out bank/today.x937 --user dana
    """
    with opened() as installation:
        with installation.db.read() as session:
            who = person(session, username, _BILLING)
        document, data = _letter(installation, ref, who)
    out.write_bytes(data)
    hint = "note with `deposit export` that it has gone"
    if document["state"] == "rejected":
        hint = "its deposit was rejected, so it is not to be sent"
    if as_json:
        emit(document)
    else:
        click.echo(f"cash letter {document['number']}: {out}; {hint}", err=True)


def _letter(installation: Installation, ref: str, who: str) -> tuple[dict[str, Any], bytes]:
    """The deposit's letter, written now or as it was written: what is told of it, and its bytes."""
    made = letters.written(installation, ref, who)
    with installation.db.write() as session:
        found = batch.find(session, ref)
        told, state = found.ref, found.state
        audit.record(session, actor=who, action="cash_letter.downloaded", subject_kind="deposit",
                     subject_id=found.id)  # fmt: skip
    document = {"deposit": told, "state": state, "number": made.number, "profile": made.profile,
                "items": made.item_count, "total_cents": made.total_cents,
                "file_name": made.file_name, "sha256": made.file_sha256}  # fmt: skip
    return document, sending.file_of(installation.store, made)
