"""Credits (61, 62, or a 25 of documentation type 7): each is the sum of the checks after it."""

from __future__ import annotations

from deposits.icl.findings import Log
from deposits.icl.profile import CreditRules
from intake.x9 import Record, decode_record
from intake.x9.record import Encoding


class Credits:
    """Holds the open credit and what its checks make so far."""

    def __init__(self, log: Log, rules: CreditRules, encoding: Encoding) -> None:
        self._log, self._rules, self._encoding = log, rules, encoding
        self._credit: Record | None = None
        self._cents = self._credits = self._before = 0

    def open(self, credit: Record) -> None:
        """A credit begins, and the one before it is whole."""
        self.close()
        self._credit, self._cents = credit, 0
        self._credits += 1
        self._is_the_banks(credit)

    def _is_the_banks(self, credit: Record) -> None:
        kind = "25" if credit.type == "25" else credit.layout
        if self._rules.asked and kind != self._rules.record and not _may_be(credit, self._rules):
            self._log.note("credit_record", credit, "record_type",
                           f"The bank's credit is {self._rules.record}, not {kind}.")  # fmt: skip
        name = "payor_routing8" if kind == "25" else "posting_routing"
        routing = credit.text(name) + credit.text("payor_check_digit")
        if self._rules.asked and self._rules.routing not in ("", routing):
            message = f"The bank's constant there is {self._rules.routing}."
            self._log.note("credit_routing", credit, name, message)

    def add(self, cents: int) -> None:
        """A check under the open credit, if one is open."""
        self._cents += cents
        self._before += self._credit is None

    def end_letter(self, control: Record) -> None:
        """The cash letter is whole: where it has credits, each check is under one."""
        self.close()
        wanted = self._rules.asked and self._rules.record != "none"
        if self._before and (self._credits or wanted):
            self._log.note("credit_missing", control, "record_type",
                           f"{self._before} checks stand under no credit.")  # fmt: skip
        self._credits = self._before = 0

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


def _may_be(credit: Record, rules: CreditRules) -> bool:
    """A 61 that fits both of its layouts is of the bank's one."""
    return "ambiguous_credit" in credit.faults and rules.record in ("61A", "61B")
