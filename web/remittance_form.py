"""The grid of a remittance as the page sends it, in JSON, and what the page is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from matching.remittance_keying import Keyed, TypedGrid, TypedRow
from ocr.remittance_balance import Imbalance
from records.money import Money
from web.rendering import money

_Name = Annotated[str, Field(max_length=40)]
_Text = Annotated[str, Field(max_length=2_000)]
_Place = Annotated[int, Field(ge=0, lt=100_000)]
BODY_BYTES = 6_000_000


class LineIn(BaseModel):
    """A row: texts by column, the columns that were checked, its place in the reading."""

    model_config = ConfigDict(extra="forbid")
    texts: Annotated[dict[_Name, _Text], Field(max_length=30)] = {}
    checked: Annotated[list[_Name], Field(max_length=30)] = []
    origin: Annotated[list[_Place], Field(min_length=1, max_length=2)] | None = None

    def row(self, lines: Sequence[TypedRow] = ()) -> TypedRow:
        """The row as matching takes it."""
        origin = None if self.origin is None else tuple(self.origin)
        return TypedRow(self.texts, frozenset(self.checked), origin, tuple(lines))


class ClaimIn(LineIn):
    """A claim with its lines."""

    lines: Annotated[list[LineIn], Field(max_length=5_000)] = []


class GridIn(BaseModel):
    """All of the grid; ``version`` is that of the reading that was shown."""

    model_config = ConfigDict(extra="forbid")
    version: Annotated[int, Field(ge=1, lt=10**9)]
    head: LineIn = LineIn()
    claims: Annotated[list[ClaimIn], Field(max_length=2_000)] = []
    taken: Annotated[list[LineIn], Field(max_length=500)] = []
    as_printed: Annotated[str, Field(max_length=200)] = ""

    def typed(self) -> TypedGrid:
        """The grid as matching takes it."""
        claims = (each.row([line.row() for line in each.lines]) for each in self.claims)
        return TypedGrid(
            self.head.row(), tuple(claims), tuple(each.row() for each in self.taken),
            self.as_printed,
        )  # fmt: skip


def told(keyed: Keyed) -> dict[str, Any]:
    """The live balance: the bar's amounts, what each row is out by, and texts that are no values.

    ``taken`` is what the payer keeps back: as in the table, above zero it lowers the payment.
    ``rows`` are by path (``claims.0.lines.2``), ``sums`` what the lines of a claim come to.
    """
    fields = keyed.body["fields"]
    claims = fields["claims"]["value"]
    taken = [entry.get("amount_cents") for entry in fields["provider_adjustments"]["value"]]
    paid = [claim.get("paid_cents") for claim in claims]
    total = fields.get("total_paid_cents") or {}
    lines = dict(_numbered(claims))
    return {
        "total": money(total.get("value")),
        "claims": money(_sum(paid)),
        "taken": money(_sum(taken)),
        "difference": _difference(keyed.findings),
        "balanced": not keyed.findings and not keyed.wrong,
        "says": _says(keyed, lines),
        "rows": _rows(keyed.findings),
        "sums": {
            f"claims.{place}": {name: money(claim.get(name)) for name in
                                ("charged_cents", "paid_cents", "patient_responsibility_cents")}
            for place, claim in enumerate(claims)
        },
        "wrong": {each.path: each.message for each in keyed.wrong},
    }  # fmt: skip


def out_by(found: Imbalance) -> str:
    """``out by $12.50``, or that an amount is missing."""
    cents = found.out_by_cents
    return "an amount is missing" if cents is None else f"out by {Money(abs(cents))}"


def _numbered(claims: Sequence[Any]) -> Iterator[tuple[tuple[int, int], int]]:
    """Lines are counted through the whole remittance, as a person counts them down the page."""
    number = 0
    for place, claim in enumerate(claims, 1):
        for line in range(1, len(claim.get("lines") or ()) + 1):
            number += 1
            yield (place, line), number


def _place(found: Imbalance, lines: dict[tuple[int, int], int]) -> str:
    if found.claim is None:
        return "the payment"
    if found.line is not None:
        return f"line {lines.get((found.claim, found.line), found.line)}"
    return f"claim {found.claim} ({found.part})"


def _says(keyed: Keyed, lines: dict[tuple[int, int], int]) -> str:
    if keyed.wrong:
        return keyed.wrong[0].message
    if not keyed.findings:
        return "Balanced"
    first, more = keyed.findings[0], len(keyed.findings) - 1
    if first.rule == "payment" and first.found_cents is None:
        return "The total paid is missing"
    also = f", and in {more} more place{'' if more == 1 else 's'}" if more else ""
    said = out_by(first)
    return f"{said[0].upper()}{said[1:]} in {_place(first, lines)}{also}"


def _difference(findings: Sequence[Imbalance]) -> str:
    """What the payment has beyond its claims and adjustments."""
    payment = next((each for each in findings if each.rule == "payment"), None)
    if payment is None:
        return money(0)
    return money(payment.out_by_cents)


def _rows(findings: Sequence[Imbalance]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in findings:
        if each.claim is None:
            continue
        path = f"claims.{each.claim - 1}"
        if each.line is not None:
            found[f"{path}.lines.{each.line - 1}"] = out_by(each)
        else:
            text = f"{each.part} {out_by(each)}"
            found[path] = f"{found[path]}; {text}" if path in found else text
    return found


def _sum(amounts: Sequence[int | None]) -> int | None:
    known = [each for each in amounts if each is not None]
    return sum(known) if len(known) == len(amounts) else None
