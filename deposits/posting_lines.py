"""The lines of an export: each posting with what its PMS needs to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from deposits.pms.types import Claim, ClaimAdjustment, ClaimLine, PostingFile, PostingLine
from matching import takebacks
from matching.readings import Document as Value
from matching.readings import value_of
from records.errors import Conflict
from records.models import Document, Office, Payment, Posting, PostingExport

_CONTRACT, _PATIENTS = "CO", "PR"  # only what the contract takes off is written off
_DEDUCTIBLE = "1"  # CARC 1; the other patient shares need no booking of their own


def file_of(
    session: Session, office: Office, made: PostingExport, postings: Sequence[Posting], at: datetime
) -> PostingFile:
    """The file of an export, made at an instant."""
    return PostingFile(
        ref=made.ref,
        office_code=office.code,
        office_name=office.name,
        npi=str(office.settings.get("npi") or ""),
        tax_id=str(office.settings.get("tax_id") or ""),
        made_at=at,
        total_cents=made.total_cents,
        lines=tuple(_line(session, posting) for posting in postings),
    )


def _line(session: Session, posting: Posting) -> PostingLine:
    payment, allocation = posting.payment, posting.allocation
    account = allocation.account
    if account is None:
        raise Conflict("posting_without_account", f"Posting {posting.ref} has no account.")
    reverses = session.get(Posting, posting.reverses_id) if posting.reverses_id else None
    insurance = takebacks.has_remittance(session, payment)
    names = (account.patient_last, account.guarantor_last)
    return PostingLine(
        ref=posting.ref,
        account_number=account.number,
        patient_name=account.patient_name,
        amount_cents=posting.amount_cents,
        received_on=payment.received_on,
        payment_ref=payment.ref,
        method=payment.kind,
        check_number=payment.check_number,
        payer_name=payment.payer_name,
        statement_number=allocation.statement.number if allocation.statement else "",
        reverses_ref=reverses.ref if reverses else "",
        reverses_reference=reverses.pms_reference if reverses else "",
        last_names=tuple(dict.fromkeys(name for name in names if name)),
        insurance=insurance,
        claims=_claims(session, payment, account.number, abs(posting.amount_cents))
        if insurance else (),
        payer_address=_payer_address(payment.document),
    )  # fmt: skip


def _payer_address(document: Document) -> str:
    """The payer's address on one line: as the check prints it, or as the ERA says it."""
    if not document.readings:
        return ""
    fields = document.reading.sealed.get("fields") or {}
    printed = value_of(fields, "payer_address")
    if isinstance(printed, str):
        return " ".join(printed.split())
    said = ((value_of(fields, "electronic") or {}).get("payer") or {}).get("address") or {}
    if not (said.get("lines") and said.get("city") and said.get("state")):
        return ""
    street, end = ", ".join(said["lines"]), f"{said['state']} {said.get('postal_code') or ''}"
    return f"{street}, {said['city']}, {end}".strip()


def _claims(session: Session, payment: Payment, number: str, cents: int) -> tuple[Claim, ...]:
    """The account's claims in the payment's remittances, when they make up the posting exactly.

    When they do not, there are none: a person posts it, for a guess would book the wrong lines.
    """
    documents = takebacks.values_of(session, payment.id)
    said = [each for document in documents for each in _said(document)]
    own = [each for each in said if _same(str(each.get("patient_account") or ""), number)]
    if not all(map(_is_read, own)):
        return ()
    found = tuple(map(_claim, own))
    whole = sum(claim.paid_cents for claim in found) == cents
    return found if whole and all(_adds_up(claim) for claim in found) else ()


def _said(document: Value) -> Iterable[Mapping[str, Any]]:
    return [each for each in document.value("claims") or [] if isinstance(each, Mapping)]


def _same(said: str, number: str) -> bool:
    return bool(said) and said.strip().upper() == number.strip().upper()


def _is_read(claim: Mapping[str, Any]) -> bool:
    """Whether charge, payment and each reason of the claim and of its lines was read.

    An amount that nobody read is no zero: what is left of such a claim is not all of it, and an
    835 has no way to say so (005010X221A1: CLP03, CLP04, SVC02 and SVC03 are required).
    """
    return all(
        type(part.get("charged_cents")) is int
        and type(part.get("paid_cents")) is int
        and all(type(each.get("amount_cents")) is int for each in _reasons(part))
        for part in (claim, *_lines(claim))
    )


def _lines(claim: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in claim.get("lines") or [] if isinstance(each, Mapping)]


def _reasons(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in part.get("adjustments") or [] if isinstance(each, Mapping)]


def _adds_up(claim: Claim) -> bool:
    return bool(claim.lines) and sum(line.paid_cents for line in claim.lines) == claim.paid_cents


def _claim(said: Mapping[str, Any]) -> Claim:
    return Claim(
        number=str(said.get("claim_number") or ""),
        charged_cents=int(said["charged_cents"]),
        paid_cents=int(said["paid_cents"]),
        lines=tuple(_claim_line(each) for each in _lines(said)),
        status=str(said.get("status") or ""),
        member_id=str(said.get("member_id") or ""),
        adjustments=_adjustments(said),
        remarks=_texts(said, "remarks"),
        patient_responsibility_cents=said.get("patient_responsibility_cents"),
    )


def _claim_line(said: Mapping[str, Any]) -> ClaimLine:
    return ClaimLine(
        procedure=str(said.get("procedure_code") or ""),
        service_on=str(said.get("service_on") or ""),
        charged_cents=int(said["charged_cents"]),
        paid_cents=int(said["paid_cents"]),
        write_off_cents=_told(said, _is_write_off),
        deductible_cents=_told(said, _is_deductible),
        adjustments=_adjustments(said),
        modifiers=_texts(said, "modifiers"),
        units=str(said.get("units") or ""),
        service_end_on=str(said.get("service_end_on") or ""),
        remarks=_texts(said, "remarks"),
        patient_responsibility_cents=said.get("patient_responsibility_cents"),
    )


def _is_write_off(reason: Mapping[str, Any]) -> bool:
    return reason.get("group") == _CONTRACT


def _is_deductible(reason: Mapping[str, Any]) -> bool:
    return (reason.get("group"), str(reason.get("code"))) == (_PATIENTS, _DEDUCTIBLE)


def _told(line: Mapping[str, Any], wanted: Callable[[Mapping[str, Any]], bool]) -> int | None:
    """What the line's reasons say of one kind; none of it is zero only where the rest is explained.

    A page that prints a charge and a payment and no reason does not say what is written off.
    """
    reasons = _reasons(line)
    mine = [int(each["amount_cents"]) for each in reasons if wanted(each)]
    if mine:
        return sum(mine)
    off = int(line["charged_cents"]) - int(line["paid_cents"])
    said = sum(int(each["amount_cents"]) for each in reasons)
    share = line.get("patient_responsibility_cents")
    if type(share) is int and not any(each.get("group") == _PATIENTS for each in reasons):
        said += share
    return 0 if said == off else None


def _adjustments(said: Mapping[str, Any]) -> tuple[ClaimAdjustment, ...]:
    """The reasons of a claim or a line, whose amounts were all read."""
    return tuple(
        ClaimAdjustment(
            group=str(each.get("group") or ""),
            code=str(each.get("code") or ""),
            amount_cents=int(each["amount_cents"]),
            unknown=bool(each.get("unknown")),
        )
        for each in _reasons(said)
    )


def _texts(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(each) for each in said.get(name) or [])
