"""What the bank is sent of a deposit: each check's two views, and the image cash letter."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import batch, imaging, sending
from intake.pixels import encode_image
from records.errors import Conflict, WrongUse
from records.models import CheckImage, Deposit, DepositItem, Payment
from web import letters
from web.context import Context, Ctx
from web.pages.billing import BILLING, READERS
from web.routes import Routes

routes = Routes()
Short = Annotated[str, Form(max_length=60)]


@routes.get("/deposits/{deposit_ref}/images/{payment_ref}/front.png", READERS)
def front_png(ctx: Ctx, deposit_ref: str, payment_ref: str) -> Response:
    """The front of a check as the bank will see it; browsers show no Group 4."""
    return _view(ctx, deposit_ref, payment_ref, "front")


@routes.get("/deposits/{deposit_ref}/images/{payment_ref}/back.png", READERS)
def back_png(ctx: Ctx, deposit_ref: str, payment_ref: str) -> Response:
    """Its back, before the endorsement is printed on it."""
    return _view(ctx, deposit_ref, payment_ref, "back")


def _view(ctx: Context, deposit_ref: str, payment_ref: str, side: str) -> Response:
    with ctx.read() as session:
        payment = _payment(session, batch.find(session, deposit_ref), payment_ref)
        image = session.scalars(
            select(CheckImage).where(CheckImage.payment_id == payment.id)
        ).one_or_none()
        sha256 = None
        if image is not None:
            sha256 = {"front": image.front_sha256, "back": image.back_sha256}.get(side)
        if sha256 is None:
            raise Conflict("image_not_made", "This check has no image yet.", "Wait a moment.")
        payment_id = payment.id
    shown = encode_image(imaging.pixels(ctx.store.get(sha256)))
    ctx.saw("check_image.viewed", "payment", payment_id)
    return Response(shown, media_type="image/png", headers={"cache-control": "no-store"})


@routes.post("/deposits/{deposit_ref}/images", BILLING)
def accept_image(ctx: Ctx, deposit_ref: str, payment: Short) -> Response:
    """Send a check's doubtful images all the same, by name."""
    with ctx.write() as session:
        found = _payment(session, batch.find(session, deposit_ref), payment)
        imaging.accept(session, found.id, ctx.actor)
    return ctx.back(f"/deposits/{deposit_ref}", f"The images of {payment} go as they are.")


@routes.post("/deposits/{deposit_ref}/letter", BILLING)
def make_letter(ctx: Ctx, deposit_ref: str) -> Response:
    """Write the cash letter of an approved deposit; what was written once stays."""
    number = letters.written(ctx.installation, deposit_ref, ctx.actor).number
    return ctx.back(f"/deposits/{deposit_ref}", f"Cash letter {number} is ready to be sent.")


@routes.get("/deposits/{deposit_ref}/letter.x937", BILLING)
def letter_file(ctx: Ctx, deposit_ref: str) -> Response:
    """The cash letter as it was written."""
    with ctx.read() as session:
        deposit = batch.find(session, deposit_ref)
        made = sending.kept(session, deposit)
        if made is None:
            raise Conflict("letter_not_written", f"{deposit_ref} has no cash letter yet.",
                           "Write it first.")  # fmt: skip
        data, name, deposit_id = sending.file_of(ctx.store, made), made.file_name, deposit.id
    ctx.saw("cash_letter.downloaded", "deposit", deposit_id)
    return Response(
        data, media_type="application/octet-stream",
        headers={"content-disposition": f'attachment; filename="{name}"',
                 "cache-control": "no-store"},
    )  # fmt: skip


def _payment(session: Session, deposit: Deposit, payment_ref: str) -> Payment:
    found = session.scalars(
        select(Payment)
        .join(DepositItem, DepositItem.payment_id == Payment.id)
        .where(DepositItem.deposit_id == deposit.id, Payment.ref == payment_ref)
    ).one_or_none()
    if found is None:
        raise WrongUse("not_in_deposit", f"{payment_ref} is not in {deposit.ref}.", "Reload.")
    return found
