"""What headers say against what stands under them: days, what is collected, where it goes, order.

X9.100-187 keeps these apart from counts and totals, and banks differ here more than there: a day
years off or a check among returns is refused, the rest is a warning, for some bank takes it.
"""

from __future__ import annotations

from datetime import date

from deposits.icl.findings import Log
from deposits.icl.rules import DATES, day_of
from intake.x9 import Record

_YEAR, _MONTH = 366, 31
_CREATED = frozenset({"file_creation_date", "creation_date"})
_PAST = {"31": 3 * _YEAR, "32": 3 * _YEAR, "35": 3 * _YEAR}
"""A return tells when the check went forward: a breach of warranty may come years later."""
_FORWARD, _RETURNS = frozenset({"25"}), frozenset({"31"})
_HOLDS = {
    **dict.fromkeys(("00", "01", "02", "12", "90"), _FORWARD),
    **dict.fromkeys(("03", "04", "05", "06"), _RETURNS),
    "20": frozenset[str](),
}
"""Which items each collection type holds; 99 holds both, 12 and 90 are banks' own for deposits."""
_NAMES = {"25": "A check (25)", "31": "A return (31)"}


class Headers:
    """Holds the file's and the open cash letter's header, and the last item's number."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._file: Record | None = None
        self._collection = ""
        self._day: date | None = None
        self._same = ""
        self._last: int | None = None
        self._told = False

    def take(self, record: Record) -> None:
        """Any record, in file order."""
        if record.type == "01":
            self._file = record
        elif record.type == "10":
            self._open(record)
        elif record.type == "20":
            self._last, self._told = None, False
            self._days(record)
        elif record.type in DATES:
            self._days(record)

    def item(self, record: Record) -> None:
        """A check or a return; credits are not asked."""
        holds = _HOLDS.get(self._collection)
        if holds is not None and record.type not in holds:
            message = f"{_NAMES[record.type]} in a cash letter of collection type "
            self._log.note(
                "item_of_other_collection", record, "record_type", f"{message}{self._collection}."
            )
        # A return keeps the number that it had on its way forward, in any order.
        number = record.integer("ece_item_sequence") if record.type == "25" else None
        if number is None:
            return
        if self._last is not None and number < self._last and not self._told:
            self._told = True
            message = f"The number falls from {self._last} to {number} within the bundle."
            self._log.warn("sequence_falls", record, "ece_item_sequence", message)
        self._last = number

    def _open(self, letter: Record) -> None:
        self._collection = letter.text("collection_type")
        self._same = letter.text("business_date")
        self._day = day_of(self._same)
        sound = self._days(letter)
        if self._file is not None:
            sound &= self._days(self._file)
            destination = self._file.text("immediate_destination_routing")
            if letter.text("destination_routing") != destination:
                message = f"The file goes to {destination}, its cash letter elsewhere."
                self._log.warn("destination_differs", letter, "destination_routing", message)
        if not sound:
            self._day = None  # else each item would tell it again

    def _days(self, record: Record) -> bool:
        """Whether the record's days lie near the cash letter's business date."""
        sound = True
        if self._day is None:
            return sound
        for name in DATES.get(record.type, ()):
            text = record.text(name)
            told = None if text == self._same else day_of(text)
            if told is None:
                continue
            apart = (told - self._day).days
            message = f"The day is {abs(apart)} days {'after' if apart > 0 else 'before'} the "
            message += "business date."
            if not -_PAST.get(record.type, _YEAR) <= apart <= _YEAR:
                self._log.note("date_far_off", record, name, message)
                sound = False
            elif apart > _MONTH or (name in _CREATED and apart < -_MONTH):
                self._log.warn("date_apart", record, name, message)
        return sound
