"""How a question to a verifier stands, in sentences for people: what happened, what to do next."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import clock
from records.models import AddressRequest, AddressVerifier

_NAMES: Final = {"usps": "USPS", "smarty": "Smarty", "csv": "The vendor's file",
                 "person": "A person"}  # fmt: skip
_WORDS: Final = {
    "waits": "{name} is asked as soon as a worker is free.",
    "sending": "{name} is being asked now.",
    "in_file": "The address is in a file for the vendor. Bring its answer in: "
    "`lockbox verifier import`.",
    "for_file": "The address goes with the next file for the vendor: `lockbox verifier export`.",
    "for_person": "No verifier is set up: confirm the address yourself.",
    "busy": "{name} takes no more questions for now; it is asked again {when}.",
    "quota": "The hour's questions to {name} are used up; it is asked again {when}.",
    "unreachable": "{name} cannot be reached; it is asked again {when}.",
    "lost": "{name} did not answer in time; asking again changes nothing and is done {when}.",
    "unreadable": "{name} answered something unreadable; it is asked again {when}.",
    "too_long": "{name}'s answer was longer than any should be; it is asked again {when}.",
    "broken": "{name} reports a fault of its own; it is asked again {when}.",
    "died": "The program ended while {name} was asked; it is asked again {when}.",
    "not_entered": "{name} answered, but that could not be entered; it is asked again {when}.",
    "never_entered": "{name} answered again and again, but the answer could not be entered. "
    "Confirm the address yourself, and tell an administrator: the reason is in the log.",
    "always_died": "The program ended each time while {name} was asked. Confirm the address "
    "yourself, and tell an administrator before it is asked again.",
    "gave_up": "{name} gave no usable answer, asked again and again. Confirm the address "
    "yourself, or ask again.",
    "refused": "{name} does not take this address as it stands. Correct it, or confirm it "
    "yourself.",
    "keys_refused": "{name} refuses our keys. An administrator enters them anew: "
    "`lockbox verifier set`.",
    "redirected": "{name} sent us to another address, which is never followed. An administrator "
    "checks the one set up: `lockbox verifier show`.",
    "switched_off": "{name} was switched off. Confirm the address yourself.",
    "answered": "{name} has answered.",
}
CODES: Final = frozenset(_WORDS)


def status(session: Session, request: AddressRequest) -> str:
    """One or two sentences: how it stands, and what comes next."""
    code, at = request.code, request.next_at
    if request.state in {"asked", "unknown_outcome"}:
        made = session.scalar(
            select(AddressVerifier).where(AddressVerifier.kind == request.verifier)
        )
        if made is not None and made.paused_until and made.paused_until > clock.now():
            code, at = made.problem, max(at, made.paused_until)
    return _WORDS[code].format(name=name_of(request.verifier), when=_when(at, clock.now()))


def name_of(verifier: str) -> str:
    """What people call a verifier."""
    return _NAMES.get(verifier, verifier)


def _when(at: datetime, now: datetime) -> str:
    minutes = round((at - now).total_seconds() / 60)
    if minutes <= 0:
        return "within a minute"
    if minutes < 90:
        return f"in {minutes} minute{'s' if minutes > 1 else ''}"
    return f"at {at:%H:%M} UTC on {at:%B} {at.day}"
