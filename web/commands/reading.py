"""Commands that need no database: read files, image cash letters, 835s, separator sheets."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from deposits import icl as icl_files
from intake import separators
from intake.headers import check_era_size
from intake.limits import Limits
from ocr import era835, era_reading, era_writer, files, x12
from ocr import read as reader
from records.errors import FindingError, LockboxError, UnreadableError, WrongUse
from records.settings import load_settings
from web.commands import layouts
from web.commands.output import (
    dollars,
    emit,
    emit_list,
    json_option,
    progress,
    table,
    written_whole,
)

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=_file)
@click.option(
    "--layouts",
    "taught",
    metavar="FILE",
    type=_file,
    help="Layouts of remittances that people taught: a file of `lockbox layouts export`.",
)
@json_option
def read(paths: tuple[Path, ...], taught: Path | None, as_json: bool) -> int:
    """Read checks, remittances, coupons and returned mail, without a database.

    Example: lockbox read scans/bag-17.pdf --json
    """
    known = () if taught is None else layouts.given(taught)
    settings = load_settings()
    limits = Limits(max_era_bytes=settings.era_bytes)
    started = time.monotonic()
    documents: list[dict[str, Any]] = []
    blank_pages: list[dict[str, Any]] = []
    rejected: list[dict[str, str]] = []
    first_transaction = 0
    with progress("Reading", len(paths)) as step:
        for path in paths:
            try:
                found = files.read_whole(
                    path.read_bytes(), path.name, limits, layouts=known, mailers=settings.mailers
                )
            except LockboxError as error:
                said = f"{error.message} {error.remedy}".strip()
                rejected.append({"source": path.name, "code": error.code, "message": said})
            except Exception as error:  # noqa: BLE001 - one file must not cost the others' results
                rejected.append(_failed(path.name, error))
            else:
                for reading in found.readings:
                    document = reader.reading_to_json(reading, path.name)
                    document["transaction"] += first_transaction
                    documents.append(document)
                first_transaction += 1 + max((r.transaction for r in found.readings), default=-1)
                rejected += [
                    {
                        "source": path.name,
                        "code": each.code,
                        "message": f"Page {each.index + 1}: {each.message}",
                    }
                    for each in found.problems
                ]
                if found.blanks:
                    blank_pages.append({"source": path.name, "pages": list(found.blanks)})
            step(1)
    seconds = round(time.monotonic() - started, 3)
    if as_json:
        told = {"documents": documents, "blank_pages": blank_pages, "rejected": rejected}
        emit({**told, "seconds": seconds})
    else:
        _show_documents(documents)
        for each in blank_pages:
            numbers = ", ".join(str(page + 1) for page in each["pages"])
            click.echo(f"{each['source']}  page {numbers}  bare paper, not read")
        for each in rejected:
            click.echo(f"{each['source']}: {each['message']} [{each['code']}]", err=True)
    if rejected and not documents:
        return UnreadableError.exit_status
    return FindingError.exit_status if rejected else 0


def _failed(source: str, error: Exception) -> dict[str, str]:
    """The entry of a file on which reading broke down; the error's kind only, for no text of the
    file may get out in a message.
    """
    return {
        "source": source,
        "code": "reading_failed",
        "message": f"Reading broke down on this file ({type(error).__name__}). "
        "Scan it again; if that does not help, key it by hand and report the file.",
    }


@click.group()
def icl() -> None:
    """Look at image cash letters (X9.37, X9.100-187).

    Example: lockbox icl check deposit.x937
    """


@icl.command("show")
@click.argument("path", metavar="FILE", type=_file)
@json_option
def icl_show(path: Path, as_json: bool) -> None:
    """Every record with named fields. Example: lockbox icl show deposit.x937 --json"""
    with path.open("rb") as stream:
        shown = icl_files.show(stream)
        if as_json:
            emit_list({"framing": shown.framing, "encoding": shown.encoding}, "records",
                      shown.records)  # fmt: skip
            return
        for record in shown.records:
            fields = ", ".join(
                f"{name}={value}"
                for name, value in record["fields"].items()
                if value not in ("", None)
            )
            click.echo(f"{record['record']:>6}  {record['type']}  {fields}")


@icl.command("check")
@click.argument("path", metavar="FILE", type=_file)
@click.option(
    "--profile",
    type=click.Choice(icl_files.names()),
    default="standard",
    show_default=True,
    help="Check against this bank's profile.",
)
@json_option
def icl_check(path: Path, profile: str, as_json: bool) -> int:
    """All findings; exit 1 if there is any. Warnings, which some banks take, stand apart.

    Example: lockbox icl check deposit.x937 --json
    """
    with path.open("rb") as stream:
        found = icl_files.check(stream, icl_files.named(profile))
    findings = [each.to_json() for each in found if not each.warning]
    warnings = [each.to_json() for each in found if each.warning]
    names = ("code", "record", "field", "message")
    if as_json:
        emit({"findings": findings, "warnings": warnings})
        return FindingError.exit_status if findings else 0
    status = _findings(findings, as_json, names)
    for each in warnings:
        click.echo(f"warning: record {each['record']} {each['field']}: {each['message']}", err=True)
    return status


@icl.command("copy")
@click.argument("source", metavar="IN", type=_file)
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
def icl_copy(source: Path, target: Path) -> None:
    """Decode and encode again, byte for byte. Example: lockbox icl copy a.x937 b.x937"""
    if target.exists() and target.samefile(source):
        raise WrongUse("same_file", "IN and OUT are the same file.", "Name another OUT.")
    with source.open("rb") as stream, written_whole(target) as out:
        icl_files.copy(stream, out)


@click.group()
def era() -> None:
    """Read, check and write electronic remittances (X12 835).

    Example: lockbox era check payment.835
    """


@era.command("show")
@click.argument("path", metavar="FILE", type=_file)
@json_option
def era_show(path: Path, as_json: bool) -> None:
    """Each payment in the shape of `remittance`. Example: lockbox era show payment.835 --json"""
    readings = era_reading.readings_of(era835.payments(_text(path)))
    documents = [reader.reading_to_json(reading, path.name) for reading in readings]
    if as_json:
        emit({"documents": documents})
    else:
        _show_documents(documents)


@era.command("check")
@click.argument("path", metavar="FILE", type=_file)
@json_option
def era_check(path: Path, as_json: bool) -> int:
    """All balance and syntax findings; exit 1 if any. Example: lockbox era check payment.835

    Advisory findings say what contradicts itself though no rule is broken; they leave exit 0.
    """
    found = era835.check(_text(path))
    listed = [finding.as_json() for finding in found]
    status = _findings(listed, as_json, ("code", "where", "message"))
    return status if any(not finding.advisory for finding in found) else 0


@era.command("write")
@click.option("--from", "source", required=True, type=_file, help="A reading as JSON.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--version", type=click.Choice(["5010", "4010"]), default="5010", show_default=True)
def era_write(source: Path, out: Path, version: str) -> None:
    """Write an 835 from a reading. Example: lockbox era write --from eob.json --out eob.835"""
    try:
        reading = json.loads(source.read_text())
    except ValueError as error:
        raise UnreadableError(
            "not_json", f"{source.name} is not JSON.", "Use what `lockbox read --json` printed."
        ) from error
    written = era_writer.compose(reading, version=version)
    out.write_text(written.text)
    for left in written.left_out:
        click.echo(f"warning: the guide has no place for: {left}", err=True)


@click.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--count", default=20, show_default=True, type=click.IntRange(1, 500))
def separator(out: Path, count: int) -> None:
    """Print sheets to lay between envelopes. Example: lockbox separator --out sheets.pdf"""
    out.write_bytes(separators.separator_pdf(count))
    click.echo(f"{count} sheets in {out}", err=True)


def _text(path: Path) -> str:
    """The text of an 835 file; UnreadableError ``era_too_large`` before anything of it is read."""
    check_era_size(path.stat().st_size, load_settings().era_bytes)
    return x12.text_of(path.read_bytes())[0]


def _findings(findings: list[dict[str, Any]], as_json: bool, names: tuple[str, ...]) -> int:
    if as_json:
        emit({"findings": findings})
    elif findings:
        table(names, [[each.get(name) for name in names] for each in findings])
    else:
        click.echo("No finding.")
    return FindingError.exit_status if findings else 0


def _show_documents(documents: list[dict[str, Any]]) -> None:
    for document in documents:
        pages = ", ".join(str(page + 1) for page in document["pages"]) or "-"
        click.echo(
            f"{document['source']}  page {pages}  {document['kind']}  {document['confidence']:.3f}"
        )
        for name, field in document["fields"].items():
            if field is None or name == "claims":
                continue
            value = field["value"]
            shown = dollars(value) if name.endswith("_cents") else value
            click.echo(f"    {name:<28} {shown}   ({field['confidence']:.3f} {field['source']})")
        for warning in document["warnings"]:
            click.echo(f"    ! {warning['message']} [{warning['code']}]")
