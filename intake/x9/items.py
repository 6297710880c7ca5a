"""Items of an image cash letter: a check, return or credit with its addenda and image views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from intake.x9.record import Encoding, Record, decode_record

if TYPE_CHECKING:  # The decoding child reads items too, and starts faster without numpy.
    from intake.types import Side

ItemKind = Literal["check", "return", "credit"]

_DETAIL: dict[str, ItemKind] = {"25": "check", "31": "return", "61": "credit", "62": "credit"}
_ADDENDA = frozenset({"26", "27", "28", "32", "33", "34", "35", "68"})


@dataclass(frozen=True, slots=True)
class View:
    """One image view: its detail (50, None when missing) and data (52) records."""

    detail: Record | None
    data: Record

    @property
    def side(self) -> Side:
        """Back when record 50 says 1, else front."""
        back = self.detail is not None and self.detail.text("view_side") == "1"
        return "back" if back else "front"

    @property
    def image(self) -> bytes:
        """The image file (TIFF with Group 4, as a rule); empty when there is none."""
        return self.data.binary("image_data")


@dataclass(frozen=True, slots=True)
class Item:
    """A 25, 31, 61 or 62 with all that belongs to it; ``number`` counts items from 0."""

    number: int
    kind: ItemKind
    detail: Record
    addenda: tuple[Record, ...] = ()
    views: tuple[View, ...] = ()


def read_items(records: Iterable[Record]) -> Iterator[Item]:
    """The items of a record stream in file order, holding one item at a time.

    A view record that no item owns is dropped here (``check`` reports it from the records).
    """
    open_item: Item | None = None
    view_detail: Record | None = None
    number = 0
    for record in records:
        if record.type in _DETAIL:
            if open_item:
                yield open_item
            open_item, view_detail = Item(number, _DETAIL[record.type], record), None
            number += 1
        elif open_item and record.type in _ADDENDA:
            open_item = _with(open_item, addenda=(*open_item.addenda, record))
        elif open_item and record.type == "50":
            view_detail = record
        elif open_item and record.type == "52":
            open_item = _with(open_item, views=(*open_item.views, View(view_detail, record)))
            view_detail = None
        elif open_item and record.type not in ("54", ""):
            yield open_item
            open_item = None
    if open_item:
        yield open_item


def _with(
    item: Item,
    *,
    addenda: tuple[Record, ...] | None = None,
    views: tuple[View, ...] | None = None,
) -> Item:
    return Item(
        item.number,
        item.kind,
        item.detail,
        item.addenda if addenda is None else addenda,
        item.views if views is None else views,
    )


def item_facts(item: Item) -> dict[str, str]:
    """What the sender's records say of an item, as text; blank fields are left out.

    ``micr_line`` is written as E-13B text (``A`` transit, ``C`` on-us, ``D`` dash) without the
    amount field, which a bank may have encoded later than the image was taken.
    """
    detail = item.detail
    routing = detail.text("posting_routing") or (
        detail.text("payor_routing8") + detail.text("payor_check_digit")
    )
    aux = detail.text("aux_on_us") or next(
        (text for a in item.addenda if a.type == "33" and (text := a.text("aux_on_us"))), ""
    )
    on_us = detail.text("on_us") or detail.text("account_on_us")
    cents = detail.integer("item_amount")
    facts = {
        "record_type": detail.type,
        "micr_line": _micr_line(aux, routing, on_us),
        "routing_number": routing,
        "aux_on_us": aux,
        "on_us": on_us,
        "amount_cents": "" if cents is None else str(cents),
        "epc": detail.text("epc"),
        "ece_item_sequence": detail.text("ece_item_sequence")
        or detail.text("credit_item_sequence"),
        "return_reason": detail.text("return_reason"),
    }
    return {name: value for name, value in facts.items() if value}


def _micr_line(aux: str, routing: str, on_us: str) -> str:
    parts = (f"C{aux}C" if aux else "", f"A{routing}A" if routing else "", on_us)
    line = "".join(parts).replace("/", "C").replace("-", "D")
    return "".join(line.split())


def settle_credits(records: Sequence[Record], encoding: Encoding) -> tuple[Record, ...]:
    """Re-reads each 61 that fits both layouts as the one whose amount its checks sum to.

    The sum runs over the 25s up to the next credit. Where neither or both amounts equal it, the
    record stays layout A and keeps the fault ``ambiguous_credit``.
    """
    settled = list(records)
    for at, record in enumerate(settled):
        if "ambiguous_credit" not in record.faults:
            continue
        total = _checks_after(settled[at + 1 :])
        readings = [
            decode_record(
                record.raw,
                encoding,
                offset=record.offset,
                number=record.number,
                terminator=record.terminator,
                layout=layout,
            )
            for layout in ("61A", "61B")
        ]
        # Compared at full width: a place beside the right one reads digits and a blank.
        fitting = [r for r in readings if _digits(r, "item_amount") == total]
        if len(fitting) == 1:
            settled[at] = fitting[0]
    return tuple(settled)


def _digits(record: Record, name: str) -> int | None:
    value = record.fields.get(name, "")
    filled = isinstance(value, str) and value.isascii() and value.isdigit()
    return record.integer(name) if filled else None


def _checks_after(records: Iterable[Record]) -> int:
    total = 0
    for record in records:
        if record.type in ("61", "62"):
            break
        if record.type == "25":
            total += record.integer("item_amount") or 0
    return total
