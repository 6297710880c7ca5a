"""Walking the records of a cash letter once: order, counts, totals, sequence at every level.

The rules are those of X9.37 DSTU and X9.100-187 that banks enforce; where banks differ, the
profile says which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from deposits.icl.credit_check import Credits
from deposits.icl.fields import all_findings
from deposits.icl.findings import Log, Totals
from deposits.icl.header_check import Headers
from deposits.icl.pictures import Pictures
from deposits.icl.profile import Profile
from deposits.icl.rules import ADDENDA, FAULT_TEXT, MAY_FOLLOW, aba_sound, day_of
from deposits.icl.view_check import Views
from intake.x9 import Record
from intake.x9.record import Encoding
from records.clock import banks_closed


class Walk:
    """Holds the open levels, the open item and what must not repeat."""

    def __init__(
        self, log: Log, profile: Profile, encoding: Encoding, pictures: Pictures | None
    ) -> None:
        self._log, self._profile = log, profile
        self._exempt = profile.credit.routing_exempt
        self._views = Views(log, profile, pictures)
        self._headers = Headers(log)
        self._credits = Credits(log, profile.credit, encoding)
        self._last = ""
        self._file, self._letter, self._bundle = Totals(), Totals(), Totals()
        self._in_letter = self._in_bundle = self._ended = False
        self._item: Record | None = None
        self._addenda: Counter[str] = Counter()
        self._letter_head: Record | None = None
        self._bundle_head: Record | None = None
        self._letters: set[tuple[str, str, str]] = set()
        self._bundles: set[tuple[str, str]] = set()
        self._sequences: set[str] = set()
        self._by_routing: Counter[str] = Counter()
        self._steps: dict[str, Callable[[Record], None]] = {
            "10": self._open_letter, "20": self._open_bundle, "25": self._detail,
            "31": self._detail, "61": self._detail, "62": self._detail,
            "50": self._views.detail, "52": self._view_data, "70": self._close_bundle,
            "85": self._summary, "90": self._close_letter, "99": self._close_file,
            **dict.fromkeys(ADDENDA, self._addendum),
        }  # fmt: skip

    def take(self, record: Record) -> None:
        """One record, in file order."""
        self._log.records += 1
        for fault in record.faults:
            if fault in FAULT_TEXT:
                self._log.note(fault, record, "record_type", FAULT_TEXT[fault])
        if not record.layout:
            return
        self._order(record)
        step = self._steps.get(record.type)
        if step is not None:
            if record.type not in {"50", "52"}:
                self._views.end_view()
            step(record)
        self._headers.take(record)
        for code, name, message in all_findings(record, exempt=self._exempt):
            self._log.note(code, record, name, message)
        if record.type != "68":
            self._last = record.type

    def finish(self) -> None:
        """What is still open at the end of the file."""
        if not self._ended:
            self._log.note("missing_file_control", None, "record_type",
                           "The file has no record 99.")  # fmt: skip

    def _order(self, record: Record) -> None:
        if self._ended:
            self._log.note("after_file_control", record, "record_type",
                           "A record stands after the file control.")  # fmt: skip
        elif record.type != "68" and record.type not in MAY_FOLLOW.get(self._last, frozenset()):
            before = self._last or "the start"
            self._log.note("record_order", record, "record_type",
                           f"A record {record.type} cannot follow {before}.")  # fmt: skip

    def _open_letter(self, record: Record) -> None:
        self._end_item()
        if self._in_letter:
            self._log.note("letter_not_closed", record, "record_type",
                           "The cash letter before has no control (90).")  # fmt: skip
        self._letter, self._in_letter, self._letter_head = Totals(), True, record
        self._by_routing.clear()
        key = (record.text("ece_institution_routing"), record.text("business_date"),
               record.text("cash_letter_id"))  # fmt: skip
        if not key[2] or key in self._letters:
            self._log.note("cash_letter_id", record, "cash_letter_id",
                           "The cash letter's id is missing or repeats.")  # fmt: skip
        self._letters.add(key)
        self._bundles.clear()
        day = day_of(record.text("business_date"))
        if day is not None and banks_closed(day):
            self._log.note("business_date_closed", record, "business_date",
                           "Banks are closed on this business date.")  # fmt: skip

    def _open_bundle(self, record: Record) -> None:
        self._end_item()
        if not self._in_letter:
            self._log.note("bundle_outside", record, "record_type",
                           "A bundle outside a cash letter.")  # fmt: skip
        if self._in_bundle:
            self._log.note("bundle_not_closed", record, "record_type",
                           "The bundle before has no control (70).")  # fmt: skip
        self._bundle, self._in_bundle, self._bundle_head = Totals(), True, record
        head = self._letter_head
        for name in ("collection_type", "destination_routing", "ece_institution_routing",
                     "business_date"):  # fmt: skip
            if head is not None and record.text(name) != head.text(name):
                self._log.note("bundle_header_differs", record, name,
                               "The bundle says something else than its cash letter.")  # fmt: skip
        self._bundle_number(record)

    def _bundle_number(self, record: Record) -> None:
        """Bundles of a letter count from 1 where they are numbered, and no id and number repeat."""
        number, ident = record.integer("bundle_sequence"), record.text("bundle_id")
        key = (ident, record.text("bundle_sequence"))
        if key in self._bundles and any(key):
            message = "The bundle's id and number stand in this cash letter before."
            self._log.note("bundle_repeats", record, "bundle_id", message)
        elif number and number != self._letter.children + 1:
            message = f"Bundle {self._letter.children + 1} says it is number {number}."
            self._log.note("bundle_sequence", record, "bundle_sequence", message)
        self._bundles.add(key)

    def _detail(self, record: Record) -> None:
        self._end_item()
        self._item = record
        self._addenda.clear()
        self._views.open(record)
        totals = self._bundle if self._in_bundle else self._letter
        cents = record.integer("item_amount")
        if cents is None:
            self._log.note("amount_missing", record, "item_amount", "The item has no amount.")
            cents = 0
        if self._is_credit(record):
            self._credits.open(record)
            totals.credits += 1
            totals.credit_cents += cents
        else:
            self._debit(record, totals, cents)
        self._number(record)

    def _is_credit(self, record: Record) -> bool:
        if record.type == "25":
            mark = record.text("documentation_type") == "7"
            return mark and self._profile.credit.record == "25"
        return record.type in {"61", "62"}

    def _debit(self, record: Record, totals: Totals, cents: int) -> None:
        if not self._in_bundle:
            self._log.note("item_outside", record, "record_type", "An item outside a bundle.")
        if cents > self._profile.item.most_cents:
            self._log.note("item_over_limit", record, "item_amount", "The item is over the limit.")
        if not cents and record.text("item_amount"):
            self._log.note("amount_zero", record, "item_amount", "The item is of no money.")
        self._headers.item(record)
        totals.items += 1
        totals.cents += cents
        self._credits.add(cents)
        if record.text("micr_valid") == "1":
            totals.valid_cents += cents
        routing = record.text("payor_routing8") + record.text("payor_check_digit")
        self._by_routing[routing] += 1
        self._by_routing[f"{routing} cents"] += cents
        if not aba_sound(routing):
            self._log.note("routing_check_digit", record, "payor_routing8",
                           "No bank has this routing number.")  # fmt: skip

    def _number(self, record: Record) -> None:
        """Items and credits of a file are numbered, each once; a return keeps its old number."""
        if record.type == "31":
            return
        name = "credit_item_sequence" if record.type == "62" else "ece_item_sequence"
        sequence = record.text(name).lstrip("0")
        if not sequence:
            if record.type == "25":
                self._log.note("sequence_missing", record, name, "The item has no sequence number.")
        elif sequence in self._sequences:
            self._log.note("sequence_repeats", record, name,
                           "The item's sequence number stands in this file before.")  # fmt: skip
        self._sequences.add(sequence)

    def _addendum(self, record: Record) -> None:
        self._addenda[record.type] += 1
        number, count = record.integer("record_number"), self._addenda[record.type]
        # Some number each kind from 1, some all addenda of an item together.
        if number is not None and number not in (count, self._addenda.total()):
            self._log.note("addendum_number", record, "record_number",
                           f"Addendum {count} of its kind says it is number {number}.")  # fmt: skip
        item = self._item
        own = "" if item is None else item.text("ece_item_sequence").lstrip("0")
        if record.type == "26" and item is not None and item.text("bofd_indicator") == "Y":
            said = record.text("bofd_item_sequence").lstrip("0")
            if said not in {"", own}:
                self._log.note("addendum_sequence", record, "bofd_item_sequence",
                               "The addendum carries another item's sequence number.")  # fmt: skip

    def _end_item(self) -> None:
        """The open item is whole: its addenda and views can be judged."""
        item, self._item = self._item, None
        if item is None:
            return
        declared, count = item.integer("addendum_count"), self._addenda.total()
        if item.type in {"25", "31"} and declared != count:
            message = f"The item declares {declared} addenda; {count} follow."
            self._log.note("addendum_count", item, "addendum_count", message)
        self._views.close()

    def _view_data(self, record: Record) -> None:
        head = self._bundle_head if self._in_bundle else None
        if self._views.data(record, head):
            (self._bundle if self._in_bundle else self._letter).images += 1

    def _close_bundle(self, record: Record) -> None:
        self._end_item()
        if not self._in_bundle:
            self._log.note("bundle_not_open", record, "record_type", "A bundle control (70) alone.")
        totals = self._bundle
        self._compare_items(record, "items", totals)
        self._compare_cents(record, totals)
        self._log.compare(record, "images", totals.images)
        if record.integer("micr_valid_total"):
            self._log.compare(record, "micr_valid_total", totals.valid_cents)
        if not totals.items:
            self._log.note("bundle_empty", record, "items", "The bundle holds no item.")
        if totals.items > self._profile.letter.bundle_items:
            self._log.note("bundle_over_limit", record, "items",
                           "The bundle holds too many items.")  # fmt: skip
        self._letter.add(totals)
        self._bundle, self._in_bundle = Totals(), False

    def _summary(self, record: Record) -> None:
        """A routing number's own count and total (85), where a bank wants them."""
        routing = record.text("routing")
        self._log.compare(record, "items", self._by_routing[routing])
        self._log.compare(record, "total_amount", self._by_routing[f"{routing} cents"])

    def _close_letter(self, record: Record) -> None:
        self._end_item()
        self._credits.end_letter(record)
        if not self._in_letter:
            self._log.note("letter_not_open", record, "record_type", "A control (90) alone.")
        totals = self._letter
        self._log.compare(record, "bundles", totals.children)
        self._compare_items(record, "items", totals)
        self._compare_cents(record, totals)
        self._log.compare(record, "images", totals.images)
        self._announced(totals)
        self._file.add(totals)
        self._in_letter = False

    def _announced(self, totals: Totals) -> None:
        """10's indicator says what the letter holds: N no items, E no images."""
        head = self._letter_head
        said = head.text("record_type_indicator") if head is not None else ""
        if (said == "N" and totals.items) or (said in ("N", "E") and totals.images):
            self._log.note("not_announced", head, "record_type_indicator",
                           f"The cash letter says {said} and holds more.")  # fmt: skip

    def _close_file(self, record: Record) -> None:
        totals = self._file
        self._log.compare(record, "cash_letters", totals.children)
        self._log.compare(record, "total_records", self._log.records)
        self._compare_items(record, "total_items", totals)
        self._compare_cents(record, totals)
        if not totals.children:
            self._log.note("file_empty", record, "cash_letters", "The file holds no cash letter.")
        if totals.items > self._profile.file.most_items:
            self._log.note("file_over_limit", record, "total_items",
                           "The file holds too many items.")  # fmt: skip
        self._ended = True

    def _compare_items(self, record: Record, field: str, totals: Totals) -> None:
        """Items, with or without credits as the profile, or the record's indicator, wants it."""
        with_credits = totals.items + totals.credits
        included = record.text("credit_total_indicator") == "1"
        counted = True if included else self._profile.credit.counted
        said = record.integer(field)
        if counted is None and said in {totals.items, with_credits}:
            return
        self._log.compare(record, field, with_credits if counted else totals.items)

    def _compare_cents(self, record: Record, totals: Totals) -> None:
        included = record.text("credit_total_indicator") == "1"
        self._log.compare(record, "total_amount",
                          totals.cents + (totals.credit_cents if included else 0))  # fmt: skip
