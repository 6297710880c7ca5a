"""Held parts of remitted payments: the queue, and one part with where it may belong."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from matching import claim_facts, claim_finding, placing, takebacks
from matching.types import AllocationInput
from matching.undoing import live_allocations
from ocr.claim_codes import provider_adjustment_text
from records.errors import WrongUse
from records.models import Account, HeldPart, Office
from records.models.held_parts import HELD_REASONS
from web import asked, forms
from web.asked import WORKERS
from web.context import Ctx, Typed
from web.rendering import NavItem
from web.routes import Routes

routes = Routes()
READERS = (*WORKERS, "auditor")
NAV = (NavItem("Held", "/held", frozenset(READERS), 26),)
MOST_SHOWN = 500


@routes.get("/held", READERS)
def queue_page(ctx: Ctx, reason: Annotated[str, Query(max_length=30)] = "") -> Response:
    """Everything that is held, the largest sums first."""
    with ctx.read() as session:
        rows = placing.queue(session, ctx.offices)
    chosen = [row for row in rows if reason in ("", row.reason)]
    ctx.saw("held.listed", "group", "held")
    return ctx.page(
        "remitted/held.html",
        rows=chosen[:MOST_SHOWN],
        more=max(0, len(chosen) - MOST_SHOWN),
        counts=placing.counts(rows),
        reason=reason,
        says=placing.WORDS,
    )


@routes.get("/held/{held_ref}", READERS)
def part_page(ctx: Ctx, held_ref: str) -> Response:
    """One held part: what the remittance says of it, the whole split, and where it may belong."""
    with ctx.read() as session:
        row = placing.held_part(session, held_ref)
        parts = live_allocations(session, row.payment_id)
        page = ctx.page(
            "remitted/held_part.html",
            row=row,
            payment=row.payment,
            account=placing.account_in_sight(row, ctx.offices) if row.allocation.account else "",
            said=row.sealed,
            says=placing.WORDS,
            parts=[
                {"account": _number(a.account, ctx.offices), "kind": a.destination,
                 "cents": a.amount_cents, "mine": a.id == row.allocation_id}
                for a in parts
            ],
            total=sum(a.amount_cents for a in parts),
            claims=_claims(session, row, ctx.offices),
            remittances=[
                {"page": each.page_ids[0]}
                for each in takebacks.remittances_of(session, row.payment_id)
                if each.page_ids
            ],
            pair=_pair(row, ctx.offices),
            adjusted=_adjusted(session, row),
            reasons=HELD_REASONS,
            may_act=ctx.user.role in WORKERS and row.state == "open",
        )  # fmt: skip
        payment_id = row.payment_id
    ctx.saw("payment.viewed", "payment", payment_id)
    return page


_SETTLED = "settled"  # said, never preset: what is settled is shown to nobody again


@routes.post("/held/{held_ref}/place", WORKERS)
def place(ctx: Ctx, held_ref: str, form: Typed) -> Response:
    """Say where it belongs; the lines must add up to what is held."""
    with ctx.write() as session:
        row = placing.held_part(session, held_ref)
        lines = zip(form.getlist("account"), form.getlist("amount"), strict=True)
        parts = [
            _input(str(account).strip(), str(amount), str(form.get("hold") or ""))
            for account, amount in lines
            if str(amount).strip()
        ]
        note = str(form.get("note") or "")
        placing.place(session, row.id, ctx.actor, parts, offices=asked.codes(ctx, session),
                      note=note)  # fmt: skip
        ref, payment = row.ref, row.payment.ref
    return ctx.back("/held", f"{ref} of {payment} is placed.")


def _input(account: str, amount: str, hold: str) -> AllocationInput:
    cents = forms.cents(amount, "The part")
    if len(account) > 40:
        raise WrongUse("wrong_value", "That is no account number.", "Key it again.")
    if not account:
        if not hold:
            raise WrongUse("hold_unsaid", "Nobody said what becomes of what stays unidentified.",
                           "Choose why it is held, or that it is settled.")  # fmt: skip
        return AllocationInput("unidentified", None, None, cents, "" if hold == _SETTLED else hold)
    return AllocationInput("account", account, None, cents)


def _claims(
    session: Session, row: HeldPart, offices: frozenset[str] | None
) -> list[dict[str, Any]]:
    """The claims that were sent which it may be, of the offices in sight, with reasons."""
    said = row.sealed
    claim = claim_facts.of_json({**said, "lines": [_line(said)]})
    count = claim_finding.counted(session)
    if not said or not count:
        return []
    found = claim_finding.find(session, claim, count).candidates[:5]
    numbers = {each.claim.account_number for each in found}
    query = select(Account.number, Office.id).join(Office).where(Account.number.in_(numbers))
    office_of = {row[0]: row[1] for row in session.execute(query)}
    return [
        {"number": each.claim.number, "account": each.claim.account_number,
         "name": f"{each.claim.patient_first} {each.claim.patient_last}",
         "cents": each.claim.charged_cents, "percent": f"{100 * each.probability:.0f}",
         "reasons": [r for r in each.reasons if r.signal != "prior"]}
        for each in found
        if offices is None or office_of.get(each.claim.account_number) in offices
    ]  # fmt: skip


def _number(account: Account | None, offices: frozenset[str] | None) -> str:
    if account is None:
        return ""
    return account.number if offices is None or account.office_id in offices else "another office"


def _line(said: dict[str, Any]) -> dict[str, Any]:
    return {"service_on": said.get("service_on"), "charged_cents": said.get("charged_cents")}


def _adjusted(session: Session, row: HeldPart) -> list[dict[str, Any]]:
    """What the insurer adjusts by code and reference, each as it changes the payment (PLB)."""
    if row.reason != "insurer_adjustment":
        return []
    return [
        {"code": each.get("code") or "", "reference": each.get("reference") or "",
         "meaning": provider_adjustment_text(str(each.get("code") or "")) or "",
         "cents": -(each.get("amount_cents") or 0)}
        for document in takebacks.values_of(session, row.payment_id)
        for each in document.value("provider_adjustments") or ()
    ]  # fmt: skip


def _pair(row: HeldPart, offices: frozenset[str] | None) -> dict[str, str]:
    """The payment that paid what is taken back, and the account; nothing out of sight."""
    payment, account = row.pair_payment, row.pair_account
    if payment is None or (offices is not None and payment.office_id not in offices):
        return {}
    seen = account is not None and (offices is None or account.office_id in offices)
    return {"payment": payment.ref, "account": account.number if seen and account else ""}
