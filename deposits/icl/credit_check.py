"""Credits (61, 62, or a 25 of documentation type 7): each is the sum of the checks after it."""

from __future__ import annotations

from deposits.icl.findings import Log
from intake.x9 import Record, decode_record
from intake.x9.record import Encoding


class Credits:
    """Holds the open credit and what its checks make so far."""

    def __init__(self, log: Log, encoding: Encoding) -> None:
        self._log, self._encoding = log, encoding
        self._credit: Record | None = None
        self._cents = 0

    def open(self, credit: Record) -> None:
        """A credit begins, and the one before it is whole."""
        self.close()
        self._credit, self._cents = credit, 0

    def add(self, cents: int) -> None:
        """A check under the open credit."""
        self._cents += cents

    def close(self) -> None:
        """The open credit is whole."""
        credit, self._credit = self._credit, None
        if credit is None:
            return
        said = credit.integer("item_amount")
        if "ambiguous_credit" in credit.faults:
            said = self._fitting_amount(credit)
        if said != self._cents:
            message = f"The credit says {said} cents; its checks make {self._cents}."
            self._log.note("credit_total", credit, "item_amount", message)

    def _fitting_amount(self, credit: Record) -> int | None:
        """Of the two layouts a 61 may have, the amount that its checks make, if one does."""
        amounts = [
            decode_record(credit.raw, self._encoding, layout=layout).integer("item_amount")
            for layout in ("61A", "61B")
        ]
        if amounts.count(self._cents) == 1:
            return self._cents
        message = "This credit fits two layouts, and neither or both fit its checks."
        self._log.note("ambiguous_credit", credit, "record_type", message)
        return amounts[0]
