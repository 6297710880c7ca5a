"""Where a design drawn at random prints the payment and the parties, and whose a claim is."""

from __future__ import annotations

from bench.remittances.facts import Claim
from bench.remittances.layouts.design import method
from bench.remittances.layouts.random_choices import Choices
from bench.remittances.layouts.random_prints import Prints
from bench.remittances.paper import Paper

_LEFT = 36.0
_STUB = 118.0
Pairs = list[tuple[str, str]]


class Payment:
    """Prints the parts of a page that are no table."""

    def __init__(self, ink: Prints, chosen: Choices) -> None:
        self.ink, self.style, self.names = ink, chosen.style, chosen.names
        self.who = chosen.traits.who

    def label(self, name: str) -> str:
        """A label with what stands between it and its value."""
        return f"{self.ink.said(self.names[f'{name}:'])}{self.style['colon']}"

    def _payment(self, page: Paper) -> Pairs:
        r = page.remittance
        kind = "number" if self.style["neutral"] else method(r, "check", "transfer")
        pairs = [(self.label(kind), r.payment_number),
                 (self.label("paid_on"), self.ink.day(r.payment_on)),
                 (self.label("total"), self.ink.plain(r.total_paid_cents))]  # fmt: skip
        if self.style["neutral"]:
            pairs.insert(1, (self.label("method"), method(r, "Check", "EFT")))
        return pairs

    def _payee(self, page: Paper) -> Pairs:
        r = page.remittance
        return [(self.label("payee"), r.payee.name), (self.label("npi"), r.payee.npi),
                (self.label("tax"), r.payee.tax_id)]  # fmt: skip

    def header(self, page: Paper) -> None:
        """The top of a page."""
        r, style = page.remittance, self.style
        size = page.size
        right = page.width - 36
        page.text(_LEFT, self.ink.said(r.payer.name), bold=True, size=size + 4)
        page.text(right, style["page"].format(page.number), "r")
        page.down(size + 5)
        if page.number > 1:
            if style["payment"] not in {"end", "stub"}:
                kind = "number" if style["neutral"] else method(r, "check", "transfer")
                page.text(_LEFT, f"{self.label(kind)} {r.payment_number}")
                page.down(size + 6)
            return
        page.text(_LEFT, f"{r.payer.street}, {r.payer.town}")
        page.down(size + 8)
        page.text(page.width / 2, self.ink.said(style["title"]), "c", bold=True, size=size + 2)
        page.down(size + 10)
        self._top(page)
        page.down(8)

    def _top(self, page: Paper) -> None:
        where, top = self.style["payment"], page.y
        payee, paid = self._payee(page), self._payment(page)
        if where == "top":
            self._listed(page, [*payee, *paid], _LEFT)
        elif where == "right":
            self._listed(page, payee, _LEFT)
            below, page.y = page.y, top
            self._listed(page, paid, page.width / 2 + 20)
            page.y = min(below, page.y)
        elif where == "band":
            self._listed(page, payee, _LEFT)
            page.down(4)
            self._band(page, paid)
        else:
            self._listed(page, payee, _LEFT)
        if where == "sentence":
            r = page.remittance
            means = method(r, "Check number", "EFT number")
            page.down(4)
            day, total = self.ink.day(r.payment_on), self.ink.plain(r.total_paid_cents)
            page.text(_LEFT, f"{means} {r.payment_number} dated {day} in the amount of {total} "
                      "pays the claims below.")  # fmt: skip
            page.down(page.size + 5)
        if where == "stub":
            self._stub(page, paid)

    def _listed(self, page: Paper, pairs: Pairs, left: float) -> None:
        """Labels under each other, their values level with them."""
        for label, value in pairs:
            page.text(left, label)
            page.text(left + page.size * 13.5, value)
            page.down(page.size + 3)

    def _band(self, page: Paper, pairs: Pairs) -> None:
        """Labels beside each other, their values below."""
        wide = (page.width - 90) / max(4, len(pairs))
        for depth in range(2):
            for place, pair in enumerate(pairs):
                page.text(_LEFT + wide * place, pair[depth], bold=depth == 0)
            page.down(page.size + 3)

    def _stub(self, page: Paper, paid: Pairs) -> None:
        high, page.y = page.y, _STUB - 16
        page.bottom = _STUB + 14
        page.rule(_LEFT, page.width - 36, dots=True, dy=10)
        self._listed(page, paid, page.width / 2)
        page.y = high

    def at_end(self, page: Paper) -> None:
        """The payment's own data below the last claim."""
        page.bottom = 46
        if self.style["payment"] == "end":
            page.room(80)
            page.down(6)
            self._listed(page, self._payment(page), _LEFT + 200)

    def whose(self, page: Paper, claim: Claim, day: str) -> None:
        """The heading of a claim; ``day`` of all its services where it is printed here."""
        said = {"patient_name": ("patient", self.ink.patient(claim)),
                "member_id": ("member", claim.member_id),
                "patient_account": ("account", claim.account),
                "claim_number": ("claim", claim.claim_number),
                "provider_name": ("provider", self.ink.said(claim.provider))}  # fmt: skip
        pairs = [(self.label(name), text) for key, (name, text) in said.items() if key in self.who]
        if day:
            pairs.append((f"{self.ink.said(self.names['day'])}{self.style['colon']}", day))
        wide = (page.width - 72) / 3
        if claim.status == "22":
            page.text(_LEFT, self.ink.said(self.style["reversed"]), bold=True)
            page.down(page.size + 3)
        if self.style["who"] == "band":
            self._band(page, pairs)
        elif self.style["who"] == "stacked":
            self._columns(page, pairs, 2, page.width / 2 - 30)
        elif self.style["who"] == "named":
            page.text(_LEFT, pairs[0][1], bold=True, size=page.size + 1)
            page.down(page.size + 4)
            self._columns(page, pairs[1:], 3, wide)
        else:
            self._columns(page, pairs, 3, wide)

    def _columns(self, page: Paper, pairs: Pairs, across: int, wide: float) -> None:
        for first in range(0, len(pairs), across):
            for place, (label, value) in enumerate(pairs[first : first + across]):
                page.text(_LEFT + wide * place, f"{label} {value}")
            page.down(page.size + 3)
