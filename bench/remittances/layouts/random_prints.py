"""How a design drawn at random writes amounts, days, codes and names."""

from __future__ import annotations

from datetime import date, timedelta

from bench.remittances.facts import Adjustment, Claim, Line
from bench.remittances.layouts.random_choices import Choices

_GROUPS = {"minus": "-{}", "paren": "({})", "trailing": "{}-", "cr": "{}CR", "apart": "- {}",
           "dash": "\N{EN DASH}{}"}  # fmt: skip


class Prints:
    """The manner of print of one design."""

    def __init__(self, chosen: Choices) -> None:
        self.chosen, self.style = chosen, chosen.style

    def said(self, text: str) -> str:
        """Words as this payer sets them."""
        return text.upper() if self.style["capitals"] else text

    def money(self, cents: int) -> str:
        """Cents in a column."""
        zero = self.style["zero"]
        if cents == 0 and zero not in {"0.00", ".00"}:
            return str(zero)
        return self._signed(cents, "$" if self.style["dollar"] == "glued" else "")

    def plain(self, cents: int) -> str:
        """Cents in running text: nothing is written as figures."""
        return self._signed(cents, "$" if self.style["dollar"] else "")

    def _signed(self, cents: int, sign: str) -> str:
        whole, part = divmod(abs(cents), 100)
        text = f"{whole:,}.{part:02d}" if self.style["comma"] else f"{whole}.{part:02d}"
        if whole == 0 and self.style["zero"] == ".00":
            text = text[1:]
        text = f"{sign}{text}"
        return _GROUPS[self.style["negative"]].format(text) if cents < 0 else text

    def day(self, when: date) -> str:
        """A day as this payer writes it."""
        text = when.strftime(self.style["days"])
        return text.upper() if self.style["capitals"] else text

    def days(self, line: Line, *, both: bool = False) -> str:
        """The day of a service, or its first and last."""
        if not self.chosen.traits.ranges:
            return self.day(line.service_on)
        end = line.service_end_on or line.service_on + timedelta(days=2 * both)
        if self.style["days"] in {"%m/%d/%Y", "%m/%d/%y"} and self.style["split"]:
            return f"{line.service_on:%m/%d}-{self.day(end)}"
        return f"{self.day(line.service_on)} - {self.day(end)}"

    def procedure(self, line: Line) -> str:
        """The procedure's code with its modifiers."""
        apart: str = self.style["modifier"]
        return apart.join((line.procedure, *line.modifiers))

    def code(self, adjustment: Adjustment) -> str:
        """A reason's code."""
        if adjustment.own:
            return adjustment.own
        if self.chosen.traits.reasons == "carc":
            return adjustment.code
        joined: str = self.style["joined"]
        return f"{adjustment.group}{joined}{adjustment.code}"

    def patient(self, claim: Claim) -> str:
        """A patient's name."""
        text = f"{claim.last}, {claim.first}" if self.style["last_first"] else claim.patient
        return self.said(text)
