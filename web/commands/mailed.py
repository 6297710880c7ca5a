"""Commands on what was mailed: the ledger of barcodes, and printing them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr import imb_print
from records.errors import WrongUse
from records.models import MailedBlock, MailedPiece, Statement
from records.settings import load_settings
from returned_mail import imb_printing, mailed_blocks, pieces
from web.commands.holds import statements
from web.commands.output import actor, emit, json_option, opened, table, user_option, written_whole


@statements.command("ledger")
@click.option("--rebuild", is_flag=True, help="Write all blocks on disk anew from the table.")
@json_option
def ledger(rebuild: bool, as_json: bool) -> None:
    """What was mailed, by mailer and month. Example: lockbox statements ledger --rebuild --json

    The blocks on disk, against which barcodes under labels are read, are made from the table; one
    that is missing or behind is written by itself when it is needed.
    """
    folder = load_settings().data_dir / pieces.FOLDER
    with opened() as installation, installation.db.read() as session:
        if rebuild:
            mailed_blocks.rebuild(session, folder)
        behind = {row.id for row in mailed_blocks.stale(session, folder)}
        rows = [
            (row.mailer_id, row.month, row.pieces, row.id in behind)
            for row in session.scalars(
                select(MailedBlock).order_by(MailedBlock.mailer_id, MailedBlock.month)
            )
        ]
    if as_json:
        names = ("mailer_id", "month", "pieces", "stale")
        shown = [dict(zip(names, row, strict=True)) for row in rows]
        emit({"blocks": shown, "pieces": sum(row[2] for row in rows)})
        return
    table(
        ("mailer", "month", "pieces", "block"),
        [(*row[:3], "behind" if row[3] else "ready") for row in rows],
    )


@statements.command("print-imb")
@click.argument("numbers", metavar="[STATEMENT]...", nargs=-1)
@click.option("--mailer", help="Mailer id (default: the first of LOCKBOX_MAILER_IDS).")
@click.option("--service-type", default="270", show_default=True, help="Service type id (STID).")
@click.option("--mailed-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Mail date.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option(
    "--format", "form", type=click.Choice(["svg", "png", "pdf"]), default="svg", show_default=True
)
@json_option
@user_option
def print_imb(
    numbers: tuple[str, ...],
    mailer: str | None,
    service_type: str,
    mailed_on: datetime,
    out: Path,
    form: str,
    as_json: bool,
    username: str | None,
) -> None:
    """Give statements barcodes and draw them, one file each.

    Without numbers: all statements that were never mailed with a barcode. The ledger has them
    before a file is written; the same command again writes the same files.

    Example: lockbox statements print-imb --mailed-on 2026-12-01 --out barcodes --format pdf
    """
    known = load_settings().mailers
    if not mailer and not known:
        raise WrongUse("no_mailer", "No mailer id is known.", "Give --mailer, or set the ids.")
    sender = imb_printing.Sender(mailer or known[0], service_type)
    with opened() as installation, installation.db.write() as session:
        wanted = list(numbers) or _unmailed(session, mailed_on.date())
        made = imb_printing.assign(
            session, wanted, sender, mailed_on.date(), actor(session, username)
        )
    out.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(made, start=1):
        with written_whole(out / f"{number:06d}-{each.digits}.{form}") as stream:
            stream.write(_picture(each.bars, form))
    rows = [
        {"statement_number": each.statement_number, "imb": each.digits, "bars": each.bars}
        for each in made
    ]
    if as_json:
        emit({"mailed_on": mailed_on.date().isoformat(), "barcodes": rows})
    else:
        click.echo(f"{len(rows)} barcodes in {out}")


def _picture(bars: str, form: str) -> bytes:
    if form == "svg":
        return imb_print.svg(bars).encode()
    return imb_print.png(bars) if form == "png" else imb_print.pdf([bars])


def _unmailed(session: Session, day: date) -> list[str]:
    """Statements that bear no barcode yet, or were given theirs here for this very day."""
    elsewhere = select(MailedPiece.statement_id).where(
        (MailedPiece.mailed_on != day) | (MailedPiece.vendor != imb_printing.VENDOR)
    )
    query = (
        select(Statement.number).where(Statement.id.not_in(elsewhere)).order_by(Statement.number)
    )
    return list(session.scalars(query.order_by(Statement.number)))
