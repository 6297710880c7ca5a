"""Why a payment counts to another business day than the one it came in on."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from records.models import BankAccount

RULE = (
    "What comes in after the bank's cut-off, or on a weekend, counts to the bank's next business "
    "day."
)


def why_another_day(came_at: datetime, business_on: date, bank: BankAccount) -> str:
    """One sentence when the business day is not the day it came in, by the bank's own clock.

    Empty when it is that day.
    """
    local = came_at.astimezone(ZoneInfo(bank.zone))
    if local.date() == business_on:
        return ""
    reason = "on a weekend" if local.weekday() >= 5 else "after the bank's cut-off"
    return (
        f"It came in on {local:%A, %Y-%m-%d} at {local:%H:%M} by the bank's clock ({bank.zone}), "
        f"{reason}: the cut-off is {bank.cut_off:%H:%M}. It counts to {business_on:%A}."
    )
