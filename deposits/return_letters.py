"""Return cash letters (X9 records 31 to 35): what the bank says came back, as values."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from intake.x9 import SNIFF_BYTES, Item, Record, item_facts, read_items, read_records, sniff

# X9.100-188's customer reasons; an administrative return uses some letters for other things.
REASONS = {
    "A": "not_sufficient_funds", "B": "uncollected_funds", "C": "stop_payment",
    "D": "account_closed", "E": "account_not_located", "F": "account_frozen", "G": "stale",
    "H": "postdated", "I": "endorsement_missing", "J": "endorsement_irregular",
    "K": "signature_missing", "L": "signature_irregular", "M": "not_negotiable", "N": "altered",
    "O": "cannot_be_processed", "P": "over_limit", "Q": "not_authorized",
    "R": "branch_or_account_sold", "S": "refer_to_maker", "T": "not_to_be_presented_again",
    "U": "image_unusable", "W": "amount_not_determined", "X": "see_image", "Y": "duplicate",
    "Z": "forgery", "3": "warranty_breach", "4": "remotely_created", "5": "forgery_claim",
}  # fmt: skip
_ADMINISTRATIVE = ("E", "J")
_NOTICES = ("04", "05", "06")


@dataclass(frozen=True, slots=True)
class ReturnClaim:
    """One item that the bank gives back; ``number`` counts them in the file from 1.

    ``traces`` are the sequence numbers that may be ours, in the order of their worth.
    ``micr_line`` is E-13B text without an amount. ``preliminary``: only told so far, the money
    has not moved. ``cents`` is None for an amount that cannot be read.
    """

    number: int
    traces: tuple[int, ...]
    cents: int | None
    micr_line: str
    reason: str
    forwarded_on: date | None
    returned_on: date | None
    preliminary: bool = False


def is_cash_letter(data: bytes) -> bool:
    """Whether the bytes are an X9 file."""
    return sniff(data[:SNIFF_BYTES]) is not None


def read_returns(data: bytes) -> list[ReturnClaim]:
    """Every returned item of a cash letter file; items going forward are left out.

    Raises ``UnreadableError`` as ``intake.x9.read_records`` does.
    """
    heads: list[Record] = []
    claims: list[ReturnClaim] = []
    for item in read_items(_noting(read_records(io.BytesIO(data)), heads)):
        if item.kind == "return":
            claims.append(_claim(len(claims) + 1, item, heads[-1] if heads else None))
    return claims


def _noting(records: Iterable[Record], heads: list[Record]) -> Iterator[Record]:
    """The records, with each cash letter header kept: an item ends before the next begins."""
    for record in records:
        if record.type == "10":
            heads[:] = [record]
        yield record


def _claim(number: int, item: Item, head: Record | None) -> ReturnClaim:
    facts = item_facts(item)
    texts = [
        # The bank of first deposit keeps our number of the item; each later one has its own.
        *(each.text("bofd_item_sequence") for each in item.addenda if each.type == "32"),
        *(each.text("endorsing_item_sequence") for each in item.addenda if each.type == "35"),
        item.detail.text("ece_item_sequence"),
    ]
    traces = [int(text) for text in texts if text.isascii() and text.isdigit()]
    kind = head.text("collection_type") if head else ""
    return ReturnClaim(
        number=number,
        traces=tuple(dict.fromkeys(trace for trace in traces if trace)),
        cents=item.detail.integer("item_amount"),
        micr_line=facts.get("micr_line", ""),
        reason=_reason(item.detail.text("return_reason"), head),
        forwarded_on=_day(item.detail.text("forward_bundle_date")),
        returned_on=_day(head.text("business_date")) if head else None,
        preliminary=kind in _NOTICES or item.detail.text("return_notification") == "1",
    )


def _reason(code: str, head: Record | None) -> str:
    if head is not None and head.text("returns_indicator") in _ADMINISTRATIVE:
        return f"administrative_{code or 'unspecified'}"
    return REASONS.get(code, "unspecified")


def _day(text: str) -> date | None:
    """The day; None where there is none, or one of a year that cannot be."""
    try:
        day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    return day if 1900 <= day.year < 2200 else None
