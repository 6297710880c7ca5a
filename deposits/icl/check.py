"""Checking an image cash letter: structure, counts and totals at each level, sequence, images.

One pass in bounded memory; the rules are those of X9.37 DSTU and X9.100-187 that banks enforce.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO

from deposits.icl.findings import STANDARD, Finding, Profile, Totals
from deposits.icl.rules import (
    ADDENDA,
    DATES,
    FAULT_TEXT,
    MAY_FOLLOW,
    ROUTING,
    aba_sound,
    is_date,
)
from deposits.icl.tiff import tiff_findings
from intake import x9
from intake.x9 import Record, decode_record
from intake.x9.record import Encoding


def check(stream: BinaryIO, profile: Profile = STANDARD) -> list[Finding]:
    """All findings of a stream, in record order; empty for a letter a bank would take.

    Raises ``UnreadableError`` when the stream is not an image cash letter at all.
    """
    head = stream.read(x9.SNIFF_BYTES)
    stream.seek(-len(head), 1)
    framing = x9.sniff(head)
    encoding: Encoding = framing.encoding if framing else "ebcdic"
    return check_records(x9.read_records(stream, framing), profile, encoding)


def check_records(
    records: Iterable[Record], profile: Profile = STANDARD, encoding: Encoding = "ebcdic"
) -> list[Finding]:
    """As ``check``, for records in hand; ``encoding`` is how their bytes were written."""
    checker = Checker(profile, encoding)
    for record in records:
        checker.take(record)
    checker.finish()
    return sorted(checker.findings, key=lambda finding: finding.record)


class Checker:
    """Walks records once; holds the open levels, the open item and what must not repeat."""

    def __init__(self, profile: Profile, encoding: Encoding) -> None:
        self._encoding = encoding
        self.findings: list[Finding] = []
        self._profile = profile
        self._last, self._records = "", 0
        self._file, self._letter, self._bundle = Totals(), Totals(), Totals()
        self._in_letter = self._in_bundle = self._ended = False
        self._item: Record | None = None
        self._addenda, self._sides = 0, list[str]()
        self._view: Record | None = None
        self._bundle_head: Record | None = None
        self._letter_head: Record | None = None
        self._letters: set[tuple[str, str, str]] = set()
        self._sequences: set[str] = set()
        self._credit: Record | None = None
        self._credit_sum = 0
        self._credits_before_bundle = 0
        self._steps: dict[str, Callable[[Record], None]] = {
            "10": self._open_letter, "20": self._open_bundle, "25": self._detail,
            "31": self._detail, "61": self._detail, "62": self._detail, "50": self._view_detail,
            "52": self._view_data, "70": self._close_bundle, "90": self._close_letter,
            "99": self._close_file,
        }  # fmt: skip

    def take(self, record: Record) -> None:
        """One record, in file order."""
        self._records += 1
        self._faults(record)
        if not record.layout:
            return
        self._order(record)
        if record.type in ADDENDA:
            self._addenda += 1
        step = self._steps.get(record.type)
        if step is not None:
            if record.type not in {"50", "52"}:
                self._end_views()
            step(record)
        self._dates_and_routing(record)
        if record.type != "68":
            self._last = record.type

    def finish(self) -> None:
        """What is still open at the end of the file."""
        if not self._ended:
            self._note("missing_file_control", None, "record_type", "The file has no record 99.")

    def _note(self, code: str, record: Record | None, field: str, message: str) -> None:
        number = record.number if record is not None else self._records
        self.findings.append(Finding(code, number, field, message))

    def _faults(self, record: Record) -> None:
        for fault in record.faults:
            if fault in FAULT_TEXT:
                self._note(fault, record, "record_type", FAULT_TEXT[fault])

    def _order(self, record: Record) -> None:
        if self._ended:
            self._note("after_file_control", record, "record_type",
                       "A record stands after the file control.")  # fmt: skip
        elif record.type != "68" and record.type not in MAY_FOLLOW.get(self._last, frozenset()):
            before = self._last or "the start"
            self._note("record_order", record, "record_type",
                       f"A record {record.type} cannot follow {before}.")  # fmt: skip

    def _open_letter(self, record: Record) -> None:
        self._end_item()
        self._letter, self._in_letter = Totals(), True
        self._letter_head = record
        key = (record.text("ece_institution_routing"), record.text("business_date"),
               record.text("cash_letter_id"))  # fmt: skip
        if not key[2] or key in self._letters:
            self._note("cash_letter_id", record, "cash_letter_id",
                       "The cash letter's id is missing or repeats.")  # fmt: skip
        self._letters.add(key)

    def _open_bundle(self, record: Record) -> None:
        self._end_item()
        if not self._in_letter:
            self._note("bundle_outside", record, "record_type", "A bundle outside a cash letter.")
        self._bundle, self._in_bundle = Totals(), True
        self._bundle_head = record
        head = self._letter_head
        for name in ("destination_routing", "ece_institution_routing", "business_date"):
            if head is not None and record.text(name) != head.text(name):
                self._note("bundle_header_differs", record, name,
                           "The bundle says something else than its cash letter.")  # fmt: skip

    def _detail(self, record: Record) -> None:
        self._end_item()
        self._item, self._addenda, self._sides = record, 0, []
        credit = record.type in {"61", "62"}
        totals = self._bundle if self._in_bundle else self._letter
        cents = record.integer("item_amount")
        if cents is None:
            self._note("amount_missing", record, "item_amount", "The item has no amount.")
        cents = cents or 0
        if cents > self._profile.item_cents:
            self._note("item_over_limit", record, "item_amount", "The item is over the limit.")
        if credit:
            self._end_credit()
            self._credit, self._credit_sum = record, 0
            totals.credits += 1
            totals.credit_cents += cents
            return
        if not self._in_bundle:
            self._note("item_outside", record, "record_type", "An item outside a bundle.")
        totals.items += 1
        totals.cents += cents
        self._credit_sum += cents
        if record.text("micr_valid") == "1":
            totals.valid_cents += cents
        self._item_fields(record)

    def _item_fields(self, record: Record) -> None:
        routing = record.text("payor_routing8") + record.text("payor_check_digit")
        if not aba_sound(routing):
            self._note("routing_check_digit", record, "payor_routing8",
                       "The paying bank's routing number fails its check digit.")  # fmt: skip
        sequence = record.text("ece_item_sequence").lstrip("0")
        if record.type == "25":
            if not sequence:
                self._note("sequence_missing", record, "ece_item_sequence",
                           "The item has no sequence number.")  # fmt: skip
            elif sequence in self._sequences:
                self._note("sequence_repeats", record, "ece_item_sequence",
                           "The item's sequence number stands in this file before.")  # fmt: skip
            self._sequences.add(sequence)

    def _end_item(self) -> None:
        """The open item is whole: its addenda and views can be judged."""
        item, self._item = self._item, None
        if item is None:
            return
        declared = item.integer("addendum_count")
        if item.type in {"25", "31"} and declared != self._addenda:
            message = f"The item declares {declared} addenda; {self._addenda} follow."
            self._note("addendum_count", item, "addendum_count", message)
        if item.type == "25" and self._profile.images_required:
            for side, name in (("0", "front"), ("1", "back")):
                count = self._sides.count(side)
                if count != 1:
                    message = f"The item has {count} {name} images."
                    self._note("image_sides", item, "view_side", message)

    def _end_views(self) -> None:
        if self._view is not None:
            self._note("view_without_data", self._view, "record_type",
                       "An image view detail (50) has no data (52).")  # fmt: skip
            self._view = None

    def _end_credit(self) -> None:
        credit, self._credit = self._credit, None
        if credit is None:
            return
        said = credit.integer("item_amount")
        if "ambiguous_credit" in credit.faults:
            said = self._fitting_amount(credit)
        if said != self._credit_sum:
            message = f"The credit says {said} cents; its checks make {self._credit_sum}."
            self._note("credit_total", credit, "item_amount", message)

    def _fitting_amount(self, credit: Record) -> int | None:
        """Of the two layouts a 61 may have, the amount that its checks make, if one does."""
        amounts = [
            decode_record(credit.raw, self._encoding, layout=layout).integer("item_amount")
            for layout in ("61A", "61B")
        ]
        if amounts.count(self._credit_sum) == 1:
            return self._credit_sum
        self._note("ambiguous_credit", credit, "record_type",
                   "This credit fits two layouts, and neither or both fit its checks.")  # fmt: skip
        return amounts[0]

    def _view_detail(self, record: Record) -> None:
        self._end_views()
        if self._item is None:
            self._note("view_outside", record, "record_type", "An image view without an item.")
        if record.text("image_indicator") != "0":
            self._view = record
        self._sides.append(record.text("view_side"))

    def _view_data(self, record: Record) -> None:
        view, self._view = self._view, None
        if view is None:
            self._note("data_without_view", record, "record_type",
                       "Image view data (52) has no detail (50).")  # fmt: skip
        else:
            (self._bundle if self._in_bundle else self._letter).images += 1
        image = record.binary("image_data")
        said = view.integer("view_data_size") if view is not None else None
        if said and said != len(image):
            self._note("view_size", view, "view_data_size",
                       f"The view declares {said} bytes; {len(image)} follow.")  # fmt: skip
        if self._item is not None and self._item.type in {"25", "31"}:
            own = self._item.text("ece_item_sequence").lstrip("0")
            if record.text("ece_item_sequence").lstrip("0") not in {"", own}:
                self._note("view_sequence", record, "ece_item_sequence",
                           "The image carries another item's sequence number.")  # fmt: skip
        self._view_head(record)
        if self._profile.tiff:
            for code, message in tiff_findings(image):
                self._note(code, record, "image_data", message)

    def _view_head(self, record: Record) -> None:
        head = self._bundle_head if self._in_bundle else None
        if head is None:
            return
        pairs = (("bundle_business_date", "business_date"),
                 ("ece_institution_routing", "ece_institution_routing"))  # fmt: skip
        for own, name in pairs:
            if record.text(own) not in {"", head.text(name)}:
                self._note("view_header_differs", record, own,
                           "The image says something else than its bundle.")  # fmt: skip

    def _close_bundle(self, record: Record) -> None:
        self._end_item()
        if not self._in_bundle:
            self._note("bundle_not_open", record, "record_type", "A bundle control (70) alone.")
        totals = self._bundle
        self._compare_items(record, "items", totals)
        self._compare_cents(record, totals)
        self._compare(record, "images", totals.images)
        said = record.integer("micr_valid_total")
        if said and said != totals.valid_cents:
            self._compare(record, "micr_valid_total", totals.valid_cents)
        if totals.items > self._profile.bundle_items:
            self._note("bundle_over_limit", record, "items", "The bundle holds too many items.")
        self._letter.add(totals)
        self._in_bundle = False

    def _close_letter(self, record: Record) -> None:
        self._end_item()
        self._end_credit()
        if not self._in_letter:
            self._note("letter_not_open", record, "record_type", "A control (90) alone.")
        totals = self._letter
        self._compare(record, "bundles", totals.children)
        self._compare_items(record, "items", totals)
        self._compare_cents(record, totals)
        self._compare(record, "images", totals.images)
        self._file.add(totals)
        self._in_letter = False

    def _close_file(self, record: Record) -> None:
        totals = self._file
        self._compare(record, "cash_letters", totals.children)
        self._compare(record, "total_records", self._records)
        self._compare_items(record, "total_items", totals)
        self._compare_cents(record, totals)
        self._ended = True

    def _compare(self, record: Record, field: str, found: int) -> None:
        said = record.integer(field)
        if said != found:
            self._note("total_differs", record, field,
                       f"Record {record.type} says {said}; the records make {found}.")  # fmt: skip

    def _compare_items(self, record: Record, field: str, totals: Totals) -> None:
        """Items, with or without credits as the profile, or the record's indicator, wants it."""
        with_credits = totals.items + totals.credits
        counted = self._counted(record)
        said = record.integer(field)
        if counted is None and said in {totals.items, with_credits}:
            return
        self._compare(record, field, with_credits if counted else totals.items)

    def _compare_cents(self, record: Record, totals: Totals) -> None:
        included = record.text("credit_total_indicator") == "1"
        self._compare(record, "total_amount",
                      totals.cents + (totals.credit_cents if included else 0))  # fmt: skip

    def _counted(self, record: Record) -> bool | None:
        if record.text("credit_total_indicator") == "1":
            return True
        return self._profile.credits_counted

    def _dates_and_routing(self, record: Record) -> None:
        for name in DATES.get(record.type, ()):
            text = record.text(name)
            if text and not is_date(text):
                self._note("date_invalid", record, name, "This is not a date.")
        for name in ROUTING.get(record.type, ()):
            if not aba_sound(record.text(name)):
                self._note("routing_check_digit", record, name,
                           "This routing number fails its check digit.")  # fmt: skip
        credit = record.type in {"61", "62"} and not self._profile.credit_routing_exempt
        if credit and not aba_sound(record.text("posting_routing")):
            self._note("routing_check_digit", record, "posting_routing",
                           "This routing number fails its check digit.")  # fmt: skip
