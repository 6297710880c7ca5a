"""API for mail: pickups, uploads with an idempotency key, and what became of files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Query
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from intake import manifest, uploads
from intake.uploads import Kept
from records.errors import Conflict, NotFound
from records.models import Idempotency, MailTransaction, Pickup, SourceFile
from web import forms, receiving
from web.context import Context, Ctx
from web.routes import EVERYBODY, STAFF, Routes

SENDERS = ("courier", "specialist", "billing", "admin")

routes = Routes(json=True, tag="mail")


class NewPickup(BaseModel):
    """A bag and what its office declares to be in it."""

    office_code: str = Field(max_length=40)
    bag_number: str = Field(max_length=40)
    declared_envelopes: int = Field(ge=0, le=forms.MOST_COUNTED)
    declared_checks: int = Field(ge=0, le=forms.MOST_COUNTED)
    declared_total_cents: int | None = Field(None, ge=0, le=forms.MOST_CENTS)


class NewCustody(BaseModel):
    """Who has the bag now: `handed_over`, `received` or `counted` (with a count)."""

    kind: str
    note: str = Field("", max_length=300)
    counted_envelopes: int | None = Field(None, ge=0, le=forms.MOST_COUNTED)


@routes.get("/api/v1/pickups", EVERYBODY, summary="List pickups")
def list_pickups(ctx: Ctx, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> dict[str, Any]:
    """The latest pickups of your offices."""
    with ctx.read() as session:
        query = ctx.within(select(Pickup), Pickup.office_id)
        rows = session.scalars(query.order_by(Pickup.created_at.desc()).limit(limit))
        return {"pickups": [_pickup_json(session, row) for row in rows]}


@routes.post("/api/v1/pickups", SENDERS, summary="Start a pickup", status_code=201)
def start_pickup(ctx: Ctx, new: NewPickup) -> dict[str, Any]:
    """Start a pickup; its `ref` goes with each upload."""
    with ctx.write() as session:
        pickup = manifest.start_pickup(
            session,
            ctx.office(session, new.office_code).id,
            new.bag_number,
            ctx.actor,
            declared_envelopes=new.declared_envelopes,
            declared_checks=new.declared_checks,
            declared_total_cents=new.declared_total_cents,
        )
        return _pickup_json(session, pickup)


@routes.get("/api/v1/pickups/{pickup_ref}", EVERYBODY, summary="One pickup")
def get_pickup(ctx: Ctx, pickup_ref: str) -> dict[str, Any]:
    """A pickup with declared against found."""
    with ctx.read() as session:
        return _pickup_json(session, _pickup(session, pickup_ref))


@routes.post("/api/v1/pickups/{pickup_ref}/custody", SENDERS, summary="Hand a bag on")
def add_custody(ctx: Ctx, pickup_ref: str, new: NewCustody) -> dict[str, Any]:
    """Say who has the bag now, or how many envelopes were counted."""
    with ctx.write() as session:
        pickup = _pickup(session, pickup_ref)
        manifest.custody_event(
            session,
            pickup.id,
            new.kind,
            ctx.actor,
            note=new.note,
            counted_envelopes=new.counted_envelopes,
        )
        return _pickup_json(session, pickup)


@routes.post("/api/v1/uploads", SENDERS, summary="Upload one file", status_code=201)
async def upload(
    ctx: Ctx,
    office: Annotated[str, Query(description="Office code", max_length=40)],
    name: Annotated[str, Query(description="File name", max_length=200)] = "unnamed",
    pickup: Annotated[str, Query(description="Pickup reference", max_length=40)] = "",
    idempotency_key: Annotated[str, Header(max_length=120)] = "",
) -> Response:
    """Send the file as the raw body. The answer comes after the bytes are durable.

    The same bytes again answer 200 with `duplicate: true` and the first item. The same
    `Idempotency-Key` again answers what it was answered first.
    """
    file = await receiving.spool(ctx.stream())
    kept = await run_in_threadpool(receiving.keep, ctx, file, name)
    answer, repeated = await run_in_threadpool(_receive, ctx, kept, office, pickup, idempotency_key)
    headers = {"idempotency-replayed": "true"} if repeated else None
    return JSONResponse(answer, 200 if repeated or answer["duplicate"] else 201, headers)


@routes.get("/api/v1/files", STAFF, summary="List files")
def list_files(
    ctx: Ctx,
    state: Annotated[str, Query(max_length=20)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """The latest received files of your offices, by state if given."""
    with ctx.read() as session:
        query = ctx.within(select(SourceFile), SourceFile.office_id)
        if state:
            query = query.where(SourceFile.state == state)
        rows = session.scalars(query.order_by(SourceFile.created_at.desc()).limit(limit))
        return {"files": [_file_json(row) for row in rows]}


@routes.get("/api/v1/files/{file_ref}", STAFF, summary="One file")
def get_file(ctx: Ctx, file_ref: str) -> dict[str, Any]:
    """A file's state, and its envelopes once it is split."""
    with ctx.read() as session:
        row = session.scalars(
            select(SourceFile).where((SourceFile.ref == file_ref) | (SourceFile.id == file_ref))
        ).one()
        envelopes = session.scalars(
            select(MailTransaction)
            .where(MailTransaction.source_file_id == row.id, MailTransaction.live)
            .order_by(MailTransaction.position)
        )
        return {
            **_file_json(row),
            "transactions": [
                {
                    "ref": each.ref,
                    "state": each.state,
                    "pages": len(each.page_ids),
                    "documents": [
                        {"ref": document.ref, "kind": document.kind}
                        for document in each.documents
                        if document.live
                    ],
                }
                for each in envelopes
            ],
        }


def _receive(
    ctx: Context, kept: Kept, office: str, pickup: str, key: str
) -> tuple[dict[str, Any], bool]:
    """The receipt as JSON, and whether it is the answer given under this key before."""
    with ctx.write() as session:
        held = (
            session.scalar(
                select(Idempotency).where(Idempotency.actor == ctx.actor, Idempotency.key == key)
            )
            if key
            else None
        )
        if held is not None:
            if held.answer.get("sha256") != kept.sha256:
                raise Conflict(
                    "idempotency_key_reused",
                    "This key was used for another file.",
                    "Use a new key per file.",
                )
            return dict(held.answer["receipt"]), True
        office_id = ctx.office(session, office).id
        pickup_id = _pickup(session, pickup, within=office_id).id if pickup else None
        receipt = uploads.receive(
            session, kept, office_id=office_id, actor=ctx.actor, channel="api", pickup_id=pickup_id
        ).to_json()
        if key:
            session.add(
                Idempotency(
                    actor=ctx.actor, key=key, answer={"sha256": kept.sha256, "receipt": receipt}
                )
            )
        return receipt, False


def _pickup(session: Session, ref: str, *, within: str | None = None) -> Pickup:
    found = session.scalar(select(Pickup).where((Pickup.ref == ref) | (Pickup.id == ref)))
    if found is None or within not in {None, found.office_id}:
        raise NotFound("unknown_pickup", "There is no such pickup.", "Start it first.")
    return found


def _pickup_json(session: Session, row: Pickup) -> dict[str, Any]:
    found = manifest.variance(session, row)
    return {
        "ref": row.ref,
        "office_code": row.office.code,
        "bag_number": row.bag_number,
        "state": row.state,
        "started_at": row.created_at.isoformat(),
        "declared_envelopes": row.declared_envelopes,
        "declared_checks": row.declared_checks,
        "declared_total_cents": row.declared_total_cents,
        "counted_envelopes": row.counted_envelopes,
        "found_envelopes": found.envelopes_found,
        "found_checks": found.checks_found,
        "found_total_cents": found.total_found_cents,
        "files": found.files,
        "quarantined": found.quarantined,
        "reading": found.reading,
        "agrees": found.agrees,
    }


def _file_json(row: SourceFile) -> dict[str, Any]:
    error = {"code": row.error_code, "message": row.error_message} if row.error_code else None
    return {
        "ref": row.ref,
        "name": row.name,
        "state": row.state,
        "pages": row.page_count,
        "bytes": row.size_bytes,
        "office_code": row.office.code,
        "pickup_ref": row.pickup.ref if row.pickup else None,
        "received_at": row.created_at.isoformat(),
        "received_on": row.received_on.isoformat(),
        "error": error,
    }
