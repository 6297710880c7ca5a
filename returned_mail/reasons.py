"""What each reason for returned mail calls for: fault, hold, days until it is due, first action.

The keys are those of the taxonomy that reading normalises to; sources of the meanings are
DMM 507 Exhibit 1.4.1 (United States Postal Service) and its electronic address records.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any, Final, Literal

from records import clock

Fault = Literal["address", "person", "neither", "unclear"]
Retry = Literal["no", "after_fix", "after_wait", "same"]
Collections = Literal["pause", "keep", "stop", "policy"]
FOREVER = None
CONTACT_DAYS: Final = (2, 5, 10)
SUPERVISOR_DAY: Final = 30


@dataclass(frozen=True, slots=True)
class Play:
    """What to do when a piece comes back for a reason.

    ``hold_days``: statements wait so many days (None: until the task ends; 0: no hold).
    ``due_days``: business days until somebody must have looked at the task. ``retry``: whether the
    same address may be mailed to again. ``collections``: what the collections clock does.
    ``contact_days``: days after registration on which the guarantor is tried. ``remail_days``:
    business days from a verified address to the mail. ``supervisor_day``: days until the task is a
    supervisor's. ``queue``: the guarded list that it stands in from the beginning.
    """

    key: str
    title: str
    fault: Fault
    action: str
    hold_days: int | None
    due_days: int
    retry: Retry = "no"
    collections: Collections = "pause"
    contact_days: tuple[int, ...] = CONTACT_DAYS
    remail_days: int = 1
    supervisor_day: int = SUPERVISOR_DAY
    queue: str = ""

    @property
    def address_is_bad(self) -> bool:
        """Whether mail to this address should be taken as not arriving."""
        return self.fault in {"address", "person"}

    def to_json(self) -> dict[str, Any]:
        """As a task keeps it."""
        return {**asdict(self), "contact_days": list(self.contact_days)}


def from_json(kept: dict[str, Any]) -> Play:
    """A play as a task or a version keeps it; what it does not name is the default's."""
    base = play(str(kept.get("key")))
    known = {each.name for each in fields(Play)}
    said = {name: value for name, value in kept.items() if name in known}
    if "contact_days" in said:
        said["contact_days"] = tuple(said["contact_days"])
    return Play(**{**asdict(base), **said})


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
    ("temp_away", "Temporarily away", "neither", "Wait 30 days, then mail once more.", 30, 2),
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
        FOREVER,
        2,
    ),
)
_MORE: dict[str, dict[str, Any]] = {
    "temp_away": {"retry": "after_wait", "supervisor_day": 45},
    "insufficient": {"retry": "after_fix"},
    "no_such_number": {"retry": "after_fix"},
    "no_such_street": {"retry": "after_fix"},
    "unclaimed": {"retry": "same", "collections": "keep", "contact_days": ()},
    "refused": {"collections": "policy", "contact_days": (2,)},
    "deceased": {"collections": "stop", "contact_days": (), "queue": "deceased"},
    "in_dispute": {"contact_days": (), "queue": "dispute"},
    "illegible": {"retry": "same", "collections": "keep", "contact_days": ()},
    "postage": {"retry": "same", "collections": "keep", "contact_days": ()},
    "sender_handwritten": {"contact_days": (2,)},
    "address_change": {"collections": "keep"},
    "unknown": {"contact_days": ()},
    "none": {"collections": "keep", "contact_days": ()},
}
"""What differs from the commonest: no second mailing, collections wait, three contacts."""
PLAYS: dict[str, Play] = {row[0]: Play(*row, **_MORE.get(row[0], {})) for row in _ROWS}


def play(reason: str) -> Play:
    """The default play of a reason; an unknown key is worked as ``unknown``."""
    return PLAYS.get(reason, PLAYS["unknown"])


def due_on(start: date, business_days: int) -> date:
    """The date so many business days after ``start``.

    No mail is delivered on the federal holidays that banks keep: a holiday on a Saturday is not
    kept on Friday by either.
    """
    day = start
    while business_days > 0:
        day += timedelta(days=1)
        if not clock.banks_closed(day):
            business_days -= 1
    return day


def open_day(day: date) -> date:
    """The day itself, or the next on which people work."""
    while clock.banks_closed(day):
        day += timedelta(days=1)
    return day
