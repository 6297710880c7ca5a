"""The lines a split starts with: an account stands in one only where it is likely the right one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import evidence
from matching.evidence import Evidence
from records.models import Account
from records.money import Money

REST = frozenset({"remainder", "insurer_adjustment"})
"""Reasons of what the claims or stubs leave of a check."""
LIKELY = 0.6
"""Below this an account must be chosen: two who share a name tie at a half."""
UNIDENTIFIED = "unidentified"
_NO_ACCOUNT = "no_account"
Line = dict[str, str]
EMPTY: Line = {"destination": "unapplied", "account": "", "statement": "", "amount": "", "part": ""}
Shares = Sequence[Mapping[str, Any]]


def lines(verdict: Mapping[str, Any]) -> list[Line]:
    """The best proposal of ``verdict`` (as ``stored.verdict_json``), one line a share.

    What would go to an account that is improbable, or to nobody for want of an account, is one
    line without an account for each part of the payment: a person chooses, or says that it is
    unidentified.
    """
    if not verdict["proposals"]:
        return []
    doubtful = _doubtful(verdict)
    labels = {part["label"] for part in verdict["parts"]}
    found: list[Line] = []
    blank: dict[str, int] = {}  # label of a part -> cents that need an account
    place: dict[str, int] = {}
    for share in verdict["proposals"][0]["allocations"]:
        label = share["reason"] if share["reason"] in labels else ""
        part = _without_account(share, label, doubtful, whole=len(labels) == 1)
        if part is None:
            found.append(_line(share, label))
            continue
        place.setdefault(part, len(found) + len(place))
        blank[part] = blank.get(part, 0) + share["amount_cents"]
    for part, at in place.items():
        found.insert(at, {**EMPTY, "amount": Money(blank[part]).plain(), "part": part})
    return found


def known_lines(
    session: Session, found: Evidence, sums_cents: Collection[int]
) -> dict[int, list[Line]]:
    """The lines for each amount (cents) that a person may take for the payment."""
    told = evidence.verdicts(session, found.item_id, sums_cents, found.offices)
    return {cents: lines(verdict) for cents, verdict in told.items()}


def start(session: Session, found: Evidence) -> dict[str, Any]:
    """What the split of a question starts with.

    ``rows`` are its lines, never none. ``choice`` is the account a person had chosen before the
    answer was undone, with what it owes; ``by_hand`` that it was several. ``base`` are the lines
    of the claims or stubs alone, whatever the check's amount is. ``likely`` are the accounts that
    may be taken for right unasked.
    """
    rows = [_line(each) for each in found.withdrawn] or lines(found.verdict)
    numbers = {each["account"] for each in rows} if found.withdrawn else set()
    choice = None
    if len(numbers) == 1 and len(found.parts) < 2:
        (number,) = numbers
        choice = {"account": number, "open": open_statements(session, number)}
    return {
        "rows": rows or [EMPTY],
        "choice": choice,
        "by_hand": bool(numbers) and choice is None,
        "base": _base(session, found),
        "likely": likely(found.verdict),
    }


def likely(verdict: Mapping[str, Any]) -> frozenset[str]:
    """The best candidates that are likely enough, and likelier than nobody's patient."""
    return frozenset(
        str(part["candidates"][0]["account_number"])
        for part in verdict["parts"]
        if part["candidates"]
        and part["candidates"][0]["probability"] >= max(LIKELY, part["nobody"])
    )


def open_statements(session: Session, number: str) -> list[dict[str, Any]]:
    """What an account owes, oldest first; nothing for a number that is none."""
    account = session.scalars(select(Account).where(Account.number == number)).one_or_none()
    return [
        {
            "statement_number": each.number,
            "statement_on": each.statement_on.isoformat(),
            "open_cents": each.open_cents,
        }
        for each in (account.statements if account is not None else [])
        if each.open_cents > 0
    ]


def _base(session: Session, found: Evidence) -> list[Line]:
    if len(found.parts) < 2:
        return []
    verdict = found.verdict
    if not verdict["proposals"]:  # the amount is unread: any shows what the parts say
        verdict = evidence.verdicts(session, found.item_id, [1], found.offices)[1]
    if not verdict["proposals"]:
        return []
    best = verdict["proposals"][0]
    kept = [each for each in best["allocations"] if each["reason"] not in REST]
    return lines({**verdict, "proposals": [{**best, "allocations": kept}]})


def _without_account(
    share: Mapping[str, Any], label: str, doubtful: Mapping[str, Collection[str]], *, whole: bool
) -> str | None:
    """The label of the part for whose share a person must choose; None where one is known."""
    number = share["account_number"]
    if number is None:
        nobody = share["amount_cents"] > 0 and (bool(label) or share["reason"] == _NO_ACCOUNT)
        return label if nobody else None
    if label:
        return label if label in doubtful else None
    if whole:
        return next(iter(doubtful), None)
    return next((part for part, numbers in doubtful.items() if number in numbers), None)


def _doubtful(verdict: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Label of each part whose best candidate is improbable, with its family's numbers.

    A check for two of a family is as sure as both together: then the verdict's own probability
    counts.
    """
    parts = verdict["parts"]
    found: dict[str, frozenset[str]] = {}
    sure: set[str] = set()
    for part in parts:
        best = part["candidates"][0] if part["candidates"] else None
        chance = best["probability"] if best else 0.0
        if len(parts) == 1:
            chance = max(chance, float(verdict["probability"]))
        if best is not None and chance >= max(LIKELY, part["nobody"]):
            sure.add(best["account_number"])
            continue
        home = best["household"] if best else ""
        found[part["label"]] = frozenset(
            each["account_number"]
            for each in part["candidates"]
            if each is best or (home and each["household"] == home)
        )
    return {label: numbers - sure for label, numbers in found.items()}


def _line(share: Mapping[str, Any], label: str = "") -> Line:
    return {
        "destination": share["destination"],
        "account": share["account_number"] or UNIDENTIFIED,
        "statement": share["statement_number"] or "",
        "amount": Money(share["amount_cents"]).plain(),
        "part": label,
    }
