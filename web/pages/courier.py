"""Courier pages: start a pickup, hand the bag on, send files, and print what was received.

A courier sees the pickups of the own offices, and of their files only those sent by that courier:
names, references and states, never an image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from intake import manifest
from records.errors import NotFound, WrongUse
from records.models import Pickup, ReceivedNotice, SourceFile
from web import capture, forms, receiving
from web.context import Context, Ctx
from web.rendering import NavItem
from web.routes import EVERYBODY, Routes

SENDERS = ("courier", "specialist", "billing", "admin")
ACCEPTED = ".pdf,.tif,.tiff,.jpg,.jpeg,.png,.heic,.x9,.icl,.835,.edi,.txt,image/*,application/pdf"
NEXT_STEPS = {"picked_up": ("handed_over", "received"), "handed_over": ("received",)}

routes = Routes()
NAV = (NavItem("Pickups", "/courier", EVERYBODY, 10),)


@dataclass(frozen=True, slots=True)
class Sent:
    """One line of a receipt: a file as its sender may see it."""

    name: str
    ref: str
    state: str
    received_at: Any
    size_bytes: int
    pages: int
    problem: str
    again: bool = False
    doubts: tuple[str, ...] = ()


@routes.get("/courier", EVERYBODY)
def pickups(ctx: Ctx) -> Response:
    """The latest pickups of the person's offices, and the form to start one."""
    with ctx.read() as session:
        query = ctx.within(select(Pickup), Pickup.office_id)
        rows = session.scalars(query.order_by(Pickup.created_at.desc()).limit(50)).all()
        return ctx.page(
            "courier/list.html",
            pickups=rows,
            may_send=ctx.user.role in SENDERS,
            offices=ctx.visible_offices(session),
        )


@routes.post("/courier", SENDERS)
def start(
    ctx: Ctx,
    office: Annotated[str, Form(max_length=40)],
    bag_number: Annotated[str, Form(max_length=40)],
    envelopes: Annotated[int, Form(ge=0, le=forms.MOST_COUNTED)],
    checks: Annotated[int, Form(ge=0, le=forms.MOST_COUNTED)],
    total: Annotated[str, Form(max_length=30)] = "",
) -> Response:
    """Start a pickup with what the office declares."""
    with ctx.write() as session:
        pickup = manifest.start_pickup(
            session,
            ctx.office(session, office).id,
            bag_number,
            ctx.actor,
            declared_envelopes=envelopes,
            declared_checks=checks,
            declared_total_cents=forms.optional_cents(total, "The total"),
        )
        path = f"/courier/{pickup.ref}"
    return ctx.back(path, f"Pickup {path.rsplit('/', 1)[-1]} started. Send its files now.")


@routes.get("/courier/{pickup_ref}", EVERYBODY)
def pickup_page(ctx: Ctx, pickup_ref: str) -> Response:
    """One pickup: send files, see them arrive, hand the bag on."""
    with ctx.read() as session:
        return ctx.page(
            "courier/pickup.html",
            accepted=ACCEPTED,
            limit_bytes=ctx.settings.max_upload_bytes,
            **_facts(ctx, session, _pickup(session, pickup_ref)),
        )


@routes.get("/courier/{pickup_ref}/status", EVERYBODY)
def status(ctx: Ctx, pickup_ref: str) -> Response:
    """The part of the page that changes while files are read."""
    with ctx.read() as session:
        return ctx.page(
            "courier/_status.html", **_facts(ctx, session, _pickup(session, pickup_ref))
        )


@routes.get("/courier/{pickup_ref}/receipt", EVERYBODY)
def receipt(ctx: Ctx, pickup_ref: str) -> Response:
    """Every file with its reference, for paper."""
    with ctx.read() as session:
        return ctx.page(
            "courier/receipt.html", **_facts(ctx, session, _pickup(session, pickup_ref))
        )


@routes.post("/courier/{pickup_ref}/custody", SENDERS)
def custody(
    ctx: Ctx,
    pickup_ref: str,
    kind: Annotated[str, Form(max_length=20)],
    note: Annotated[str, Form(max_length=300)] = "",
    counted: Annotated[str, Form(max_length=7)] = "",
) -> Response:
    """Say who has the bag now, or how many envelopes were counted in it."""
    typed = counted.strip()
    if typed and not (typed.isascii() and typed.isdigit() and int(typed) <= forms.MOST_COUNTED):
        raise WrongUse("no_count", "The count is not a number.", "Type how many you counted.")
    with ctx.write() as session:
        manifest.custody_event(
            session,
            _pickup(session, pickup_ref).id,
            kind,
            ctx.actor,
            note=note,
            counted_envelopes=int(typed) if typed else None,
        )
    return ctx.back(f"/courier/{pickup_ref}", "Noted.")


@routes.post("/courier/{pickup_ref}/files", SENDERS)
async def send_file(ctx: Ctx, pickup_ref: str) -> Response:
    """One file as the raw body, from the page's script; answers once the bytes are durable."""
    pickup_id, office_id = await run_in_threadpool(_owner, ctx, pickup_ref)
    taken = await receiving.take_body(ctx, office_id=office_id, pickup_id=pickup_id, channel="web")
    return JSONResponse(taken.to_json(), 200 if taken.duplicate else 201)


@routes.post("/courier/{pickup_ref}/form", SENDERS)
async def send_form(ctx: Ctx, pickup_ref: str) -> Response:
    """The same files from a plain form, for browsers without scripts."""
    pickup_id, office_id = await run_in_threadpool(_owner, ctx, pickup_ref)
    ctx.expect_upload()
    count = 0
    async with ctx.request.form(max_files=200) as form:
        for upload in form.getlist("files"):
            if isinstance(upload, UploadFile) and upload.filename:
                await run_in_threadpool(
                    receiving.take,
                    ctx,
                    upload.file,
                    upload.filename,
                    office_id=office_id,
                    pickup_id=pickup_id,
                    channel="web",
                )
                count += 1
    return ctx.back(f"/courier/{pickup_ref}", f"{count} files received.")


def _pickup(session: Session, ref: str) -> Pickup:
    found = session.scalar(select(Pickup).where((Pickup.ref == ref) | (Pickup.id == ref)))
    if found is None:
        raise NotFound("unknown_pickup", "There is no such pickup.", "Open it from the list.")
    return found


def _owner(ctx: Context, ref: str) -> tuple[str, str]:
    with ctx.read() as session:
        pickup = _pickup(session, ref)
        return pickup.id, pickup.office_id


def _facts(ctx: Context, session: Session, pickup: Pickup) -> dict[str, Any]:
    found = manifest.variance(session, pickup)
    return {
        "pickup": pickup,
        "files": _sent(ctx, session, pickup),
        "variance": found,
        "lines": _lines(found),
        "steps": NEXT_STEPS.get(pickup.state, ()),
        "may_send": ctx.user.role in SENDERS,
    }


def _lines(found: manifest.Variance) -> list[tuple[str, int | None, int, bool]]:
    """Declared beside found: label, declared, found, whether it is money."""
    return [
        ("Envelopes", found.envelopes_declared, found.envelopes_found, False),
        ("Checks", found.checks_declared, found.checks_found, False),
        ("Total", found.total_declared_cents, found.total_found_cents, True),
    ]


def _sent(ctx: Context, session: Session, pickup: Pickup) -> Sequence[Sent]:
    """The pickup's files the person may know of, in the order they came."""
    files = select(SourceFile).where(SourceFile.pickup_id == pickup.id)
    notices = (
        select(ReceivedNotice, SourceFile)
        .join(SourceFile, ReceivedNotice.source_file_id == SourceFile.id)
        .where(ReceivedNotice.pickup_id == pickup.id)
    )
    if ctx.user.role == "courier":
        files = files.where(SourceFile.uploaded_by == ctx.actor)
        notices = notices.where(ReceivedNotice.actor == ctx.actor)
    held = session.scalars(files).all()
    doubts = capture.doubts(session, [file.id for file in held])
    rows = [_line(file, doubts.get(file.id, ())) for file in held]
    rows += [
        Sent(
            notice.note or file.name,
            file.ref,
            file.state,
            notice.created_at,
            file.size_bytes,
            file.page_count,
            "",
            again=True,
        )
        for notice, file in session.execute(notices)
    ]
    return sorted(rows, key=lambda row: row.received_at)


def _line(file: SourceFile, doubts: tuple[str, ...]) -> Sent:
    return Sent(
        file.name,
        file.ref,
        file.state,
        file.created_at,
        file.size_bytes,
        file.page_count,
        file.error_message or "",
        doubts=doubts,
    )
