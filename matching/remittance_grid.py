"""A remittance's reading as a grid of cells: head, claims, lines, provider adjustments. Pure.

A cell is one value a person looks at and may key: what stands in it as text, how surely it was
read and where. The adjustments of a line are one cell, ``CO-45 20.00, PR-1 12.50``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from records.money import Money

Kind = Literal["text", "date", "money", "codes", "adjustments"]
Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of cell: its name in the contract, what people call it, and how it is typed."""

    name: str
    label: str
    kind: Kind = "text"


HEAD = (
    Column("payer_name", "Payer"),
    Column("payment_number", "Check or EFT number"),
    Column("payment_on", "Paid on", "date"),
    Column("total_paid_cents", "Total paid", "money"),
)
CLAIM = (
    Column("patient_name", "Patient"),
    Column("member_id", "Member ID"),
    Column("patient_account", "Patient account"),
    Column("claim_number", "Claim number"),
    Column("provider_name", "Provider"),
    Column("status", "Status"),
    Column("charged_cents", "Claim charged", "money"),
    Column("adjustments", "Claim adjustments", "adjustments"),
    Column("patient_responsibility_cents", "Claim patient share", "money"),
    Column("paid_cents", "Claim paid", "money"),
)
LINE = (
    Column("service_on", "Service date", "date"),
    Column("procedure_code", "Code"),
    Column("modifiers", "Modifiers", "codes"),
    Column("units", "Units"),
    Column("charged_cents", "Charged", "money"),
    Column("allowed_cents", "Allowed", "money"),
    Column("adjustments", "Adjustments", "adjustments"),
    Column("patient_responsibility_cents", "Patient share", "money"),
    Column("paid_cents", "Paid", "money"),
    Column("remarks", "Remarks", "codes"),
)
TAKEN = (
    Column("code", "Code"),
    Column("reference", "Reference"),
    Column("amount_cents", "Amount", "money"),
)
_REASON = re.compile(r"(CO|PR|OA|PI|CR)[ -]?([A-Z]?\d{1,3})|\d{1,3}")
"""A reason of an adjustment (CARC), with its group or alone; remark codes begin with M or N."""
SUMMED = ("charged_cents", "paid_cents")
"""Amounts of a claim that come from its lines unless a total of its own is printed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as shown: ``text`` as a person would type it, ``value`` as the reading has it.

    ``page`` is the page's place in the file, ``box`` in its pixels; both None without a place.
    ``alternatives`` are other texts it may be, the likeliest first, with their probabilities.
    ``is_asked``: nothing was read there, and something should stand on the page; or a reason
    stands among the remarks without its amount.
    """

    column: Column
    value: Any
    text: str
    confidence: float
    page: int | None = None
    box: Sequence[int] | None = None
    source: str = ""
    alternatives: tuple[tuple[str, float], ...] = ()
    checked_by: str = ""
    is_asked: bool = False

    def is_doubtful(self, least: float) -> bool:
        """Whether it was read, and less surely than ``least``, or is asked without a value."""
        return self.is_asked or (self.value not in (None, "", []) and self.confidence < least)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by name; a claim has ``lines``, and ``computed`` names what its lines amount to."""

    cells: Mapping[str, Cell]
    lines: tuple[Row, ...] = ()
    computed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grid:
    """All of one remittance."""

    head: Row
    claims: tuple[Row, ...] = ()
    taken: tuple[Row, ...] = field(default=())

    def cells(self) -> Iterator[Cell]:
        """Every cell that is read or keyed, none of those computed."""
        lines = [line for claim in self.claims for line in claim.lines]
        for row in (self.head, *self.claims, *lines, *self.taken):
            yield from (cell for name, cell in row.cells.items() if name not in row.computed)


def of_reading(body: Raw) -> Grid:
    """The grid of a stored reading (the contract's document JSON)."""
    fields: Raw = body.get("fields") or {}
    head = {each.name: _cell(each, _value(fields, each.name), fields.get(each.name), 0.0)
            for each in HEAD}  # fmt: skip
    listed, taken = fields.get("claims") or {}, fields.get("provider_adjustments") or {}
    claims = tuple(_claim(each, _sure(listed)) for each in listed.get("value") or ())
    on_paper = all(cell.source != "x12" for cell in head.values())
    return Grid(
        Row(head),
        _with_members_asked(claims) if on_paper else claims,
        tuple(_row(TAKEN, each, _sure(taken))
              for each in taken.get("value") or ()),
    )  # fmt: skip


def _sure(listed: Raw) -> float:
    """How sure a cell is that came without evidence: as its list is, where none has any.

    Beside cells with evidence it was worked out from them, and their doubt is theirs.
    """
    rows = [part for entry in listed.get("value") or () for part in
            (entry, *(entry.get("lines") or ()))]  # fmt: skip
    told = any(row.get("evidence") for row in rows)
    return 1.0 if told else float(listed.get("confidence") or 0.0)


def computed(claim: Raw) -> frozenset[str]:
    """The amounts of a claim that its lines amount to, no total of its own being printed.

    The reader gives such an amount the place of the first line's; a file without places says
    nothing else than its lines.
    """
    lines: Sequence[Raw] = claim.get("lines") or ()
    return frozenset(name for name in SUMMED if lines and _is_summed(claim, lines, name)) | (
        frozenset({"patient_responsibility_cents"}) if lines else frozenset()
    )


def shown(kind: Kind, value: Any) -> str:
    """A value as a person would type it; empty for none."""
    if value is None or value == []:
        return ""
    if kind == "money":
        return Money(value).plain() if type(value) is int else ""
    if kind == "adjustments":
        return ", ".join(filter(None, map(_adjustment, value)))
    if kind == "codes":
        return " ".join(str(each) for each in value) if isinstance(value, list) else str(value)
    return str(value)


def _adjustment(entry: Raw) -> str:
    code = "-".join(str(part) for part in (entry.get("group"), entry.get("code")) if part)
    amount = entry.get("amount_cents")
    return f"{code or '?'} {Money(amount).plain() if type(amount) is int else '?'}"


def _claim(claim: Raw, sure: float) -> Row:
    row = _row(CLAIM, claim, sure)
    lines = tuple(_with_reasons_asked(_row(LINE, each, sure)) for each in claim.get("lines") or ())
    return Row(row.cells, lines, computed(claim))


def _with_reasons_asked(line: Row) -> Row:
    """The same, the remarks asked where a reason of an adjustment stands among them.

    Its amount was not read, or none is printed: nothing is taken off by it, and an 835 has no place
    for a reason without one.
    """
    cell = line.cells["remarks"]
    if cell.source == "x12" or cell.source.startswith("user:") or cell.checked_by:
        return line
    told = cell.value if isinstance(cell.value, list) else []
    if not any(_REASON.fullmatch(str(each).strip().upper()) for each in told):
        return line
    return replace(line, cells={**line.cells, "remarks": replace(cell, is_asked=True)})


def _with_members_asked(claims: tuple[Row, ...]) -> tuple[Row, ...]:
    """The same, the member ID asked where a claim lacks one that its page should tell.

    It may stand in the head of a section, once for several claims. A payer prints it that does so
    for another claim; one that prints no account either has to say somehow whose a claim is.
    """
    is_printed = any(row.cells["member_id"].value for row in claims)
    return tuple(
        replace(
            row, cells={**row.cells, "member_id": replace(row.cells["member_id"], is_asked=True)}
        )
        if _lacks_member(row) and (is_printed or not row.cells["patient_account"].value)
        else row
        for row in claims
    )


def _lacks_member(row: Row) -> bool:
    """Whether a claim has no member ID, and nobody has said that it has none or keyed it so."""
    member, name = row.cells["member_id"], row.cells["patient_name"]
    return not (member.value or member.checked_by or name.source.startswith("user:"))


def _is_summed(claim: Raw, lines: Sequence[Raw], name: str) -> bool:
    own = (claim.get("evidence") or {}).get(name) or {}
    if own.get("box") is not None:
        first = (lines[0].get("evidence") or {}).get(name) or {}
        return bool(own["box"] == first.get("box") and own.get("page") == first.get("page"))
    value = claim.get(name)
    return value is None or value == summed(claim, lines, name)


def summed(claim: Raw, lines: Sequence[Raw], name: str) -> int | None:
    """What the lines of a claim amount to, less its own adjustments where it is the payment."""
    amounts = [line.get(name) for line in lines]
    if name == "paid_cents":
        own = [entry.get("amount_cents") for entry in claim.get("adjustments") or ()]
        amounts += [None if each is None else -each for each in own]
    known = [each for each in amounts if each is not None]
    return sum(known) if len(known) == len(amounts) else None


def _row(columns: Sequence[Column], entry: Raw, sure: float) -> Row:
    evidence: Raw = entry.get("evidence") or {}
    return Row({
        each.name: _adjustments(each, entry, evidence, sure) if each.kind == "adjustments"
        else _cell(each, _seen(entry, evidence, each.name), evidence.get(each.name), sure)
        for each in columns
    })  # fmt: skip


def _seen(entry: Raw, evidence: Raw, name: str) -> Any:
    """What is printed: a claim's own total may differ from what its lines amount to."""
    own = evidence.get(name)
    if name in SUMMED and isinstance(own, Mapping) and own.get("value") is not None:
        return own["value"]
    return entry.get(name)


def _cell(column: Column, value: Any, evidence: Raw | None, sure: float) -> Cell:
    found: Raw = evidence or {}
    return Cell(
        column, value, shown(column.kind, value),
        float(found.get("confidence", sure if evidence is None else 0.0) or 0.0),
        None if found.get("box") is None else found.get("page"), found.get("box"),
        str(found.get("source") or ""),
        _others(column, found, value), str(found.get("checked_by") or ""),
    )  # fmt: skip


def _others(column: Column, found: Raw, value: Any) -> tuple[tuple[str, float], ...]:
    return tuple(
        (text, float(other.get("confidence") or 0.0))
        for other in found.get("alternatives") or ()
        if other.get("value") != value and (text := shown(column.kind, other.get("value")))
    )


def _adjustments(column: Column, entry: Raw, evidence: Raw, sure: float) -> Cell:
    """One cell of all adjustments: as sure as the least sure, at the place of that one.

    Where an amount among them may be another, the alternative is the whole cell with that one.
    """
    listed: Sequence[Raw] = entry.get("adjustments") or []
    own = [evidence.get(f"adjustments.{at}") for at in range(len(listed))]
    places = [each or {"confidence": sure} for each in own]
    none: Raw = {} if listed else evidence.get("adjustments") or {}  # that there are none
    weakest = min(places, key=lambda each: float(each.get("confidence") or 0.0), default=none)
    others = [
        (shown("adjustments", [*listed[:at], {**dict(listed[at]), "amount_cents": other["value"]},
                               *listed[at + 1 :]]), float(other.get("confidence") or 0.0))
        for at, each in enumerate(own) if each
        for other in each.get("alternatives") or ()
        if type(other.get("value")) is int and other["value"] != listed[at].get("amount_cents")
    ]  # fmt: skip
    value = list(listed)
    checked = {str(each.get("checked_by") or "") for each in places}
    return Cell(
        column, value, shown("adjustments", value), float(weakest.get("confidence") or sure),
        None if weakest.get("box") is None else weakest.get("page"), weakest.get("box"),
        str(weakest.get("source") or ""), tuple(others),
        checked.pop() if len(checked) == 1 else "",
    )  # fmt: skip


def _value(fields: Raw, name: str) -> Any:
    found = fields.get(name)
    return found.get("value") if isinstance(found, Mapping) else None
