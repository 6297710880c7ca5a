"""What each reason for returned mail calls for: fault, hold, days until it is due, first action.

The keys are those of the taxonomy that reading normalises to; sources of the meanings are
DMM 507 Exhibit 1.4.1 (United States Postal Service) and its electronic address records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Fault = Literal["address", "person", "neither", "unclear"]
FOREVER = None


@dataclass(frozen=True, slots=True)
class Play:
    """What to do first when a piece comes back for a reason.

    ``hold_days``: statements wait so many days (None: until the task ends; 0: no hold).
    ``due_days``: business days until somebody must have worked the task.
    """

    key: str
    title: str
    fault: Fault
    action: str
    hold_days: int | None
    due_days: int

    @property
    def address_is_bad(self) -> bool:
        """Whether mail to this address should be taken as not arriving."""
        return self.fault in {"address", "person"}


_ROWS: tuple[tuple[str, str, Fault, str, int | None, int], ...] = (
    (
        "new_address",
        "Moved, new address on the label",
        "person",
        "Check that the name on the label matches, then confirm the new address.",
        FOREVER,
        2,
    ),
    (
        "moved_no_address",
        "Moved, left no address",
        "person",
        "Call or message the guarantor and ask for the new address.",
        FOREVER,
        2,
    ),
    ("box_closed", "Post office box closed", "person", "Ask for a street address.", FOREVER, 2),
    ("temp_away", "Temporarily away", "neither", "Wait 30 days, then mail once more.", 30, 22),
    (
        "attempted_not_known",
        "Attempted, not known",
        "person",
        "Check the name on file (guarantor or patient, care of), then call.",
        FOREVER,
        2,
    ),
    (
        "insufficient",
        "Insufficient address",
        "address",
        "Look for the missing part, usually an apartment number, on the registration form.",
        FOREVER,
        2,
    ),
    (
        "no_such_number",
        "No such number",
        "address",
        "Compare the number with the registration form: digits may be swapped.",
        FOREVER,
        2,
    ),
    (
        "no_such_street",
        "No such street",
        "address",
        "Compare the street with the registration form.",
        FOREVER,
        2,
    ),
    (
        "not_deliverable_utf",
        "Not deliverable, unable to forward",
        "person",
        "Call or message the guarantor and ask for the address.",
        FOREVER,
        2,
    ),
    (
        "no_receptacle",
        "No mail receptacle",
        "address",
        "Ask for a post office box, or for consent to electronic statements.",
        FOREVER,
        2,
    ),
    ("vacant", "Vacant", "person", "Ask for the new address.", FOREVER, 2),
    ("unclaimed", "Unclaimed", "neither", "If it was certified mail, send it first class.", 0, 5),
    (
        "refused",
        "Refused",
        "neither",
        "Not an address fault: call once, and ask whether the balance is disputed.",
        15,
        3,
    ),
    (
        "deceased",
        "Deceased",
        "person",
        "Stop mail and calls to this person. A supervisor confirms before the record is changed.",
        FOREVER,
        1,
    ),
    ("in_dispute", "In dispute", "unclear", "Bring it to a supervisor.", FOREVER, 1),
    ("illegible", "Address illegible", "address", "Look at our print, reprint and mail.", 0, 2),
    (
        "cmra_suspended",
        "Mailbox shop: delivery suspended",
        "person",
        "Ask for another address.",
        FOREVER,
        2,
    ),
    ("postage", "Returned for postage", "neither", "Add postage and mail again.", 0, 2),
    (
        "sender_handwritten",
        "Handwritten by the occupant",
        "unclear",
        "Make one call to confirm before the address is marked bad.",
        FOREVER,
        2,
    ),
    (
        "address_change",
        "Change of address on a stub",
        "neither",
        "Read the new address in the picture, confirm it with the guarantor, enter it.",
        0,
        2,
    ),
    (
        "unknown",
        "Label seen, reason not read",
        "unclear",
        "Read the label in the picture and choose the reason.",
        FOREVER,
        1,
    ),
    (
        "none",
        "No marking found",
        "unclear",
        "Look at the envelope: window shifted, barcode, our own return address.",
        0,
        1,
    ),
)
PLAYS: dict[str, Play] = {row[0]: Play(*row) for row in _ROWS}


def play(reason: str) -> Play:
    """The play of a reason; an unknown key is worked as ``unknown``."""
    return PLAYS.get(reason, PLAYS["unknown"])


def due_on(start: date, business_days: int) -> date:
    """The date so many weekdays after ``start``."""
    day = start
    while business_days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5:
            business_days -= 1
    return day
