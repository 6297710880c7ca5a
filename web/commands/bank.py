"""Commands on the bank's side: its files in, what they settle, and what nobody has matched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from deposits import bank as bank_files
from deposits import batch, reconcile, return_fees, unmatched_showing
from deposits.bank_exceptions import bank_exceptions
from records.errors import FindingError, NotFound
from records.models import BankLine, ReturnedItem
from web.commands.bank_balances import balances
from web.commands.output import (
    bank_account,
    cents,
    clerk,
    dollars,
    emit,
    json_option,
    office,
    opened,
    person,
    table,
    user_option,
)
from web.commands.returned_items import COMMANDS, find_payment

_RETURNS = 200
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def bank() -> None:
    """The bank's files: BAI2, OFX, camt.053, CSV, X9 returns.

    Example: lockbox bank show statement.bai2
    """


@bank.command("show")
@click.argument("path", metavar="FILE", type=_file)
@json_option
def bank_show(path: Path, as_json: bool) -> None:
    """Every line of a bank's file. Example: lockbox bank show statement.bai2 --json"""
    statements = bank_files.parse(path.read_bytes(), path.name)
    document = statements.to_json()
    if as_json:
        emit(document)
        return
    for account in document.get("accounts", [document]):
        click.echo(f"account {account['account']}")
        table(
            ("date", "amount", "", "kind", "reference", "text"),
            [
                (
                    line["value_on"],
                    dollars(line["amount_cents"]),
                    line["direction"],
                    line["kind"],
                    line["reference"],
                    line["text"],
                )
                for line in account["lines"]
            ],
        )
        for told in account["balances"]:
            kind = told["kind"].replace("_", " ")
            click.echo(f"{kind} balance of {told['on']}: {dollars(told['amount_cents'])}")
    for finding in document["findings"]:
        click.echo(finding["message"])


@bank.command("import")
@click.argument("path", metavar="FILE", type=_file)
@click.option(
    "--bank-account", "code", metavar="CODE", help="Whose file it is, when the file does not say."
)
@json_option
@user_option
def bank_import(path: Path, code: str | None, as_json: bool, username: str | None) -> None:
    """Bring a bank's file in and settle what it answers; a return cash letter (X9) as well.

    Example: lockbox bank import today.bai2
    """
    with opened() as installation, installation.db.write() as session:
        done = bank_files.import_file(
            session,
            installation.store,
            path.read_bytes(),
            path.name,
            clerk(session, username),
            bank_account_id=bank_account(session, code).id if code else None,
        )
    document = {
        "new": done.new,
        "known": done.known,
        "settled": done.settled,
        "unmatched": done.unmatched,
        "returns": [each.to_json() for each in done.returns],
        "findings": [each.to_json() for each in done.findings],
    }
    if as_json:
        emit(document)
    elif done.returns:
        click.echo(f"{done.new} checks returned, {done.known} known, {done.unmatched} open")
        for each in done.returns:
            what = each.payment_ref or f"perhaps {', '.join(each.candidates) or 'none of ours'}"
            status = each.status.replace("_", " ")
            click.echo(f"    {each.number}  {dollars(each.amount_cents)}  {status}: {what}")
    else:
        click.echo(
            f"{done.new} new lines, {done.known} known, {done.settled} settled, "
            f"{done.unmatched} to be matched by a person"
        )
        for finding in done.findings:
            click.echo(finding.message)


@bank.command("exceptions")
@click.option("--bank-account", "code", metavar="CODE", help="Default: all.")
@json_option
def bank_open(code: str | None, as_json: bool) -> int:
    """Lines that settle nothing for certain, and what each may be; returned items whose check
    nobody knows; exit 1 when there are any.

    Example: lockbox bank exceptions --json
    """
    with opened() as installation, installation.db.read() as session:
        accounts = [bank_account(session, code).id] if code else None
        found = bank_exceptions(session, accounts)
        unknown = unmatched_showing.open_returns(session, accounts)
    if as_json:
        emit({"exceptions": [each.to_json() for each in found],
              "returns": [each.to_json() for each in unknown]})  # fmt: skip
    else:
        for each in found:
            sign = "-" if each.direction == "debit" else ""
            click.echo(
                f"{each.line_id}  {each.bank_account_code}  {each.value_on}  "
                f"{sign}{dollars(each.amount_cents)}  {each.kind.replace('_', ' ')}"
            )
            for one in each.suggestions:
                what = ", ".join(one.refs) or one.name
                more = f", {dollars(one.difference_cents)}" if one.difference_cents else ""
                click.echo(f"    {one.action} {what}: {one.reason}{more}")
        for item in unknown:
            click.echo(f"{item.ref}  returned {item.returned_on}  {dollars(item.amount_cents)}  "
                       f"{item.reason.replace('_', ' ')}  {item.days} days")  # fmt: skip
            told = f"perhaps {', '.join(item.candidates)}. " if item.candidates else ""
            click.echo(f"    {told}{item.next_step}")
    return FindingError.exit_status if found or unknown else 0


@bank.command("settle")
@click.argument("lines", metavar="LINE...", nargs=-1, required=True)
@click.option("--deposit", "refs", metavar="DEPOSIT", multiple=True)
@click.option(
    "--payment",
    "payments",
    metavar="PAYMENT",
    multiple=True,
    help="What an 835 announced, in place of a deposit; several for one credit.",
)
@click.option("--reason", default="", help="The name of a difference.")
@click.option("--part", is_flag=True, help="The credit pays a part of the deposit.")
@user_option
def bank_settle(
    lines: tuple[str, ...],
    refs: tuple[str, ...],
    payments: tuple[str, ...],
    reason: str,
    part: bool,
    username: str | None,
) -> None:
    """Tie a credit to deposits, or several credits to one; or to what 835s announced.

    Example: lockbox bank settle LINE --deposit DEP-7K3-F9QX --deposit DEP-8M2-Q1AB
    """
    if bool(refs) == bool(payments):
        raise click.UsageError("Name deposits with --deposit, or payments with --payment.")
    if payments:
        _settle_electronic(lines, payments, reason, username, part=part)
        return
    if part and (len(lines) > 1 or len(refs) > 1 or reason):
        raise click.UsageError("--part takes one line and one deposit, without a reason.")
    with opened() as installation, installation.db.write() as session:
        who = clerk(session, username)
        deposits = [batch.find(session, ref).id for ref in refs]
        if part:
            reconcile.settle_part(session, lines[0], deposits[0], who)
        else:
            reconcile.settle_several(session, lines, deposits, who, reason)
    click.echo(f"{', '.join(refs)}: {'a part is' if part else 'all'} credited")


def _settle_electronic(
    lines: tuple[str, ...], refs: tuple[str, ...], reason: str, username: str | None, *, part: bool
) -> None:
    several = len(lines) > 1 or len(refs) > 1
    if part or (several and reason):
        raise click.UsageError("Several are settled whole and to the cent: no --part, no --reason.")
    with opened() as installation, installation.db.write() as session:
        who = clerk(session, username)
        chosen = [find_payment(session, ref).id for ref in refs]
        if several:
            reconcile.settle_together(session, lines, chosen, who)
        else:
            reconcile.settle_electronic(session, lines[0], chosen[0], who, reason)
    click.echo(f"{', '.join(refs)}: all credited")


@bank.command("unsettle")
@click.argument("line", metavar="LINE")
@click.option("--why", required=True, help="Why the credit is not this money.")
@user_option
def bank_unsettle(line: str, why: str, username: str | None) -> None:
    """Take apart a credit and what 835s announced, while nothing of it is posted.

    Example: lockbox bank unsettle LINE --why "of another insurer" --user bill
    """
    with opened() as installation, installation.db.write() as session:
        refs = reconcile.unsettle(session, line, clerk(session, username), why)
    click.echo(f"{', '.join(refs)}: the credit is awaited again", err=True)


@bank.command("explain")
@click.argument("line", metavar="LINE")
@click.option("--why", required=True, help="What the line is, if no deposit and no return.")
@user_option
def bank_explain(line: str, why: str, username: str | None) -> None:
    """Name a line that has nothing to do with deposits.

    Example: lockbox bank explain LINE --why "monthly fee"
    """
    with opened() as installation, installation.db.write() as session:
        reconcile.explain(session, line, why, clerk(session, username))


@bank.command("return")
@click.argument("line", metavar="LINE")
@click.option("--check", "refs", metavar="REF", multiple=True, required=True,
              help="A payment, or a return known by notice; several for one debit.")  # fmt: skip
@click.option("--reason", default="", help="The name of a difference.")
@user_option
def bank_return(line: str, refs: tuple[str, ...], reason: str, username: str | None) -> None:
    """Tie a debit to the checks that it charges back.

    Example: lockbox bank return LINE --check RI-7K3-F9QX --check PAY-8M2-Q1AB
    """
    with opened() as installation, installation.db.write() as session:
        who = clerk(session, username)
        found = session.get(BankLine, line)
        if found is None:
            raise NotFound("bank_line_unknown", "There is no such bank line.",
                           "See `lockbox bank exceptions`.")  # fmt: skip
        notices = {
            each.ref: each.id
            for each in session.scalars(select(ReturnedItem).where(ReturnedItem.ref.in_(refs)))
        }
        payments = [find_payment(session, ref).id for ref in refs if ref not in notices]
        why = reconcile.return_reason(reconcile.movement(found).words)
        reconcile.charge_back(session, line, payments, list(notices.values()), why, who, reason)
    click.echo(f"{', '.join(refs)}: charged back")


@bank.command("returns")
@json_option
def bank_returns(as_json: bool) -> None:
    """Checks that came back, with the fee that the office's rule suggests.

    Example: lockbox bank returns --json
    """
    with opened() as installation, installation.db.read() as session:
        items = session.scalars(
            select(ReturnedItem).order_by(ReturnedItem.created_at.desc()).limit(_RETURNS)
        ).all()
        fees = return_fees.suggested_fees(session, [each.id for each in items])
        rows: list[dict[str, Any]] = [
            {
                "returned_item": each.ref,
                "payment": each.payment.ref,
                "amount_cents": each.amount_cents,
                "reason": each.reason,
                "returned_on": each.returned_on,
                "fee": fees[each.id].to_json() if each.id in fees else None,
            }
            for each in items
        ]
    if as_json:
        emit({"returns": rows})
        return
    table(
        ("returned", "payment", "amount", "reason", "on", "fee suggested"),
        [
            (
                row["returned_item"], row["payment"], dollars(row["amount_cents"]), row["reason"],
                row["returned_on"],
                f"{dollars(row['fee']['fee_cents'])} to {row['fee']['account_number']}"
                if row["fee"] else "",
            )
            for row in rows
        ],
    )  # fmt: skip


@bank.command("return-fee")
@click.option("--office", "code", required=True, metavar="CODE")
@click.argument("amount", metavar="DOLLARS")
@user_option
def bank_return_fee(code: str, amount: str, username: str | None) -> None:
    """Set what an office charges for a returned check; it is suggested, never charged by itself.

    Example: lockbox bank return-fee --office NORTH 25.00 --user ada
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, ("admin", "billing"))
        return_fees.set_fee(session, office(session, code), cents(amount), who)


@bank.command("map")
@click.argument("code", metavar="BANK_ACCOUNT")
@click.argument("sample", metavar="FILE.csv", type=_file)
@click.option("--column", "pairs", metavar="NAME=TITLE", multiple=True, required=True)
@click.option("--date-format", default="", metavar="FORMAT", help="As in %d.%m.%Y.")
@click.option("--delimiter", default="", metavar="CHARACTER", help="Default: by the file.")
@user_option
def bank_map(
    code: str,
    sample: Path,
    pairs: tuple[str, ...],
    date_format: str,
    delimiter: str,
    username: str | None,
) -> None:
    """Save which column of a bank's CSV is what; it must read the sample. Names: date, amount,
    credit, debit, direction, text, reference, type, account, bank_id.

    Example: lockbox bank map OPER sample.csv --column "date=Posted on" --column amount=Value
    """
    columns = {name.strip(): title for name, _, title in (pair.partition("=") for pair in pairs)}
    with opened() as installation, installation.db.write() as session:
        read = bank_files.save_column_map(
            session,
            bank_account(session, code),
            columns,
            clerk(session, username),
            sample.read_bytes(),
            date_format=date_format,
            delimiter=delimiter,
        )
    lines = sum(len(each.lines) for each in read.accounts)
    click.echo(f"saved; it reads {lines} lines of {sample.name}")


for _command in (*COMMANDS, balances):
    bank.add_command(_command)
