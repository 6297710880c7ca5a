"""Claims as values: as a remittance says them, and as the practice sent them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """One service line; cents of the charge, None where unread. ``procedure`` has no modifiers."""

    service_on: date | None
    procedure: str
    charged_cents: int | None
    modifiers: tuple[str, ...] = ()
    units: int = 1


@dataclass(frozen=True, slots=True)
class RemittedClaim:
    """A claim as a remittance says it; empty text: unread.

    ``patient_account`` is what the practice had written on the claim (CLP01: its patient control
    number, or the account's). ``exact``: electronic, so that no digit was misread.
    """

    claim_number: str = ""
    patient_account: str = ""
    member_id: str = ""
    patient_name: str = ""
    status: str = ""
    charged_cents: int | None = None
    paid_cents: int | None = None
    lines: tuple[ServiceFacts, ...] = ()
    exact: bool = False


@dataclass(frozen=True, slots=True)
class SentClaim:
    """A claim as the practice sent it, with its account and patient."""

    number: str
    payer_number: str
    account_number: str
    member_id: str
    patient_first: str
    patient_last: str
    charged_cents: int
    lines: tuple[ServiceFacts, ...]


def of_json(said: Mapping[str, Any], *, exact: bool = False) -> RemittedClaim:
    """The claim of a stored reading (the contract's JSON); whatever has another type is unread."""
    lines = [each for each in said.get("lines") or [] if isinstance(each, Mapping)]
    return RemittedClaim(
        claim_number=_text(said, "claim_number"),
        patient_account=_text(said, "patient_account"),
        member_id=_text(said, "member_id"),
        patient_name=_text(said, "patient_name"),
        status=_text(said, "status"),
        charged_cents=_cents(said, "charged_cents"),
        paid_cents=_cents(said, "paid_cents"),
        lines=tuple(_line(each) for each in lines),
        exact=exact,
    )


def _line(said: Mapping[str, Any]) -> ServiceFacts:
    code, *inside = split_code(_text(said, "procedure_code"))
    given = said.get("modifiers")
    more = [str(each) for each in given] if isinstance(given, Sequence) else []
    units = str(said.get("units") or "1").partition(".")[0]
    return ServiceFacts(
        day(_text(said, "service_on")),
        code,
        _cents(said, "charged_cents"),
        tuple(dict.fromkeys([*inside, *(each.upper() for each in more)])),
        int(units) if units.isascii() and units.isdigit() and 0 < int(units) < 10_000 else 1,
    )


def split_code(text: str) -> list[str]:
    """The code of a procedure, then its modifiers: ``99213-25`` is ``99213`` and ``25``."""
    parts = text.upper().replace("-", " ").replace(":", " ").split()
    return parts or [""]


def day(text: str) -> date | None:
    """A date as YYYY-MM-DD, None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return "" if value is None else str(value).strip()


def _cents(said: Mapping[str, Any], name: str) -> int | None:
    value = said.get(name)
    return value if type(value) is int else None
