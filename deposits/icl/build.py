"""From a closed deposit to the records of a cash letter, by one bank's profile, one item at a time.

X9.37 DSTU and X9.100-187: ``01 10 [credit] (20 [credit] (25 26* 28* (50 52 54?)*)+ 70)+ 90 99``.
Every identifier is made of the letter's number, which is never used twice: cash letter, bundle
and item numbers repeat in no other file, on no other day.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from deposits.icl.findings import Totals
from deposits.icl.letter import Letter, LetterItem, Sender, Side, plain
from deposits.icl.profile import CreditRules, Profile
from deposits.icl.ticket import blank_like
from intake.x9 import Record, build_record
from records.errors import WrongUse

_DIGITS = string.digits + string.ascii_uppercase
_ITEMS_A_LETTER = 1_000_000
_MOST_NUMBER = 10**9
_CREDIT_PLACE = 900_000

Values = Mapping[str, str | int | bytes | None]


def build(letter: Letter, sender: Sender, profile: Profile, ticket: Side) -> Iterator[Record]:
    """The records, in order; ``ticket`` is the front that stands for the credit.

    Raises WrongUse: ``letter_number``, ``too_many_items`` (of a file), ``credit_too_large``;
    ``letter_differs`` once the items read are not those that the letter declares.
    """
    if not 0 < letter.number < _MOST_NUMBER:
        raise WrongUse("letter_number", "The cash letter's number is used up.", "Tell support.")
    if letter.count > profile.file.most_items:
        raise WrongUse(
            "too_many_items",
            f"The bank takes {profile.file.most_items} items a file; the deposit has "
            f"{letter.count}.",
            "Split the deposit.",
        )
    yield from _Builder(letter, sender, profile, ticket).records()


@dataclass(slots=True)
class _Builder:
    letter: Letter
    sender: Sender
    profile: Profile
    ticket: Side
    written: int = 0
    whole: Totals = field(default_factory=Totals)
    credits: int = 0

    def records(self) -> Iterator[Record]:
        for record in self._records():
            self.written += 1
            yield record

    def _records(self) -> Iterator[Record]:
        rules = self.profile.credit
        yield self._file_header()
        yield self._letter_header()
        if rules.place == "letter":
            yield from self._credit(self.letter.cents, self.whole)
        items = iter(self.letter.items)
        position = 0
        while some := list(islice(items, self.profile.letter.bundle_items)):
            yield from self._bundle(some, position)
            position += len(some)
        if (self.whole.items, self.whole.cents) != (self.letter.count, self.letter.cents):
            raise WrongUse(
                "letter_differs",
                "The deposit's items are not those that it was closed with.",
                "Look at the deposit's prooflist, and tell support.",
            )
        yield self._letter_control()
        yield self._file_control()

    @property
    def _day(self) -> str:
        return self.letter.business_on.strftime("%Y%m%d")

    @property
    def _institution(self) -> str:
        return self.sender.institution_routing or self.sender.origin_routing

    def _file_header(self) -> Record:
        rules, sender, sent = self.profile.file, self.sender, self.letter.sent_at
        return build_record("01", {
            "standard_level": rules.standard_level, "test_indicator": "T" if sender.test else "P",
            "immediate_destination_routing": sender.destination_routing,
            "immediate_origin_routing": sender.origin_routing,
            "file_creation_date": sent.strftime("%Y%m%d"),
            "file_creation_time": sent.strftime("%H%M"), "resend_indicator": "N",
            "immediate_destination_name": plain(sender.destination_name, 18),
            "immediate_origin_name": plain(sender.origin_name, 18),
            "file_id_modifier": _DIGITS[self.letter.number % len(_DIGITS)],
            "country_code": rules.country_code, "user_field": rules.user_field,
        })  # fmt: skip

    def _letter_header(self) -> Record:
        rules, sender, sent = self.profile.letter, self.sender, self.letter.sent_at
        return build_record("10", {
            "collection_type": rules.collection_type,
            "destination_routing": sender.destination_routing,
            "ece_institution_routing": self._institution, "business_date": self._day,
            "creation_date": sent.strftime("%Y%m%d"), "creation_time": sent.strftime("%H%M"),
            "record_type_indicator": rules.record_type_indicator,
            "documentation_type": rules.documentation_type,
            "cash_letter_id": letter_id(self.letter.number),
            "originator_contact_name": plain(sender.contact_name, 14),
            "originator_contact_phone": "".join(filter(str.isdigit, sender.contact_phone))[-10:],
            "returns_indicator": rules.returns_indicator, "user_field": rules.user_field,
        })  # fmt: skip

    def _bundle(self, items: list[LetterItem], position: int) -> Iterator[Record]:
        totals, rules = Totals(), self.profile.letter
        number = self.whole.children + 1
        yield build_record("20", {
            "collection_type": rules.collection_type,
            "destination_routing": self.sender.destination_routing,
            "ece_institution_routing": self._institution, "business_date": self._day,
            "creation_date": self.letter.sent_at.strftime("%Y%m%d"),
            "bundle_id": f"{self.letter.number % 10**6:06d}{number:04d}",
            "bundle_sequence": number, "cycle_number": rules.cycle_number,
        })  # fmt: skip
        place = self.profile.credit.place
        if place == "each_bundle":
            yield from self._credit(sum(item.cents for item in items), totals)
        elif place == "bundle" and number == 1:
            yield from self._credit(self.letter.cents, totals)
        for at, item in enumerate(items, start=position + 1):
            yield from self._item(item, at, totals)
        yield build_record("70", {
            "items": self._counted(totals), "total_amount": self._summed(totals),
            "micr_valid_total": totals.cents, "images": totals.images,
            "credit_total_indicator": self._indicator(),
        })  # fmt: skip
        self.whole.add(totals)

    def _item(self, item: LetterItem, at: int, totals: Totals) -> Iterator[Record]:
        rules, sequence = self.profile.item, self._sequence(at)
        addenda = [*self._endorsements(sequence)]
        totals.items += 1
        totals.cents += item.cents
        yield build_record("25", {
            "aux_on_us": item.aux_on_us, "epc": item.epc, "payor_routing8": item.routing[:8],
            "payor_check_digit": item.routing[8:], "on_us": item.on_us,
            "item_amount": item.cents, "ece_item_sequence": sequence,
            "documentation_type": rules.documentation_type,
            "return_acceptance": rules.return_acceptance, "micr_valid": "1",
            "bofd_indicator": rules.bofd_indicator, "addendum_count": len(addenda),
            "correction_indicator": rules.correction_indicator,
            "archive_type": rules.archive_type,
        })  # fmt: skip
        yield from addenda
        yield from self._views(item.front, item.back, sequence, totals)

    def _endorsements(self, sequence: str) -> Iterator[Record]:
        rules, sender = self.profile.item, self.sender
        if rules.addendum_a:
            yield build_record("26", {
                "record_number": 1, "bofd_routing": sender.bofd_routing,
                "bofd_endorsement_date": self._day, "bofd_item_sequence": sequence,
                "bofd_account": sender.account_number[:18] if rules.bofd_account else "",
                "payee_name": plain(sender.payee_name, 15),
                "truncation_indicator": rules.truncation_indicator,
                "bofd_conversion": rules.conversion, "user_field": rules.user_field,
            })  # fmt: skip
        if rules.addendum_c:
            yield build_record("28", {
                "record_number": 1, "endorsing_routing": self._institution,
                "endorsement_date": self._day, "endorsing_item_sequence": sequence,
                "truncation_indicator": rules.truncation_indicator,
                "conversion_indicator": rules.conversion,
            })  # fmt: skip

    def _views(self, front: Side, back: Side, sequence: str, totals: Totals) -> Iterator[Record]:
        for number, side in enumerate((front, back)):
            yield build_record("50", {
                "image_indicator": 2 if side.made else 1,
                "image_creator_routing": self._institution,
                "image_creator_date": self.letter.sent_at.strftime("%Y%m%d"),
                "view_format": 0, "view_compression": 0,
                "view_data_size": len(side.tiff) if self.profile.images.data_size else None,
                "view_side": number, "view_descriptor": 0, "digital_signature_indicator": 0,
            })  # fmt: skip
            yield build_record("52", {
                "ece_institution_routing": self._institution,
                "bundle_business_date": self._day,
                "cycle_number": self.profile.letter.cycle_number,
                "ece_item_sequence": sequence, "clipping_origin": 0,
                "image_data": side.tiff,
            })  # fmt: skip
            if self.profile.images.analysis and side.analysis:
                yield build_record("54", {
                    "global_image_usability": 0, "imaging_bank_specific": 0, **side.analysis,
                })  # fmt: skip
            totals.images += 1

    def _credit(self, cents: int, totals: Totals) -> Iterator[Record]:
        rules = self.profile.credit
        if rules.record == "none":
            return
        self.credits += 1
        sequence = self._sequence(_CREDIT_PLACE + self.credits)
        if cents > self.profile.item.most_cents and rules.record != "62":
            raise WrongUse("credit_too_large", "The credit does not fit its record.",
                           "Split the deposit.")  # fmt: skip
        totals.credits += 1
        totals.credit_cents += cents
        yield build_record(rules.record, self._credit_values(rules, cents, sequence))
        if rules.images:
            back = Side(blank_like(self.ticket.tiff), made=True)
            yield from self._views(self.ticket, back, sequence, totals)

    def _credit_values(self, rules: CreditRules, cents: int, sequence: str) -> Values:
        sender = self.sender
        routing = rules.routing or sender.bofd_routing
        on_us = f"{sender.account_number}/{rules.transaction_code}"
        if rules.record == "25":
            return {
                "payor_routing8": routing[:8], "payor_check_digit": routing[8:], "on_us": on_us,
                "item_amount": cents, "ece_item_sequence": sequence,
                "documentation_type": rules.documentation_type, "micr_valid": "1",
                "bofd_indicator": "Y", "addendum_count": 0,
            }  # fmt: skip
        values: dict[str, str | int | bytes | None] = {
            "aux_on_us": sender.location, "posting_routing": routing, "item_amount": cents,
            "documentation_type": rules.documentation_type, "account_type": rules.account_type,
            "source_of_work": rules.source_of_work,
        }  # fmt: skip
        if rules.record == "62":
            return {**values, "on_us": on_us, "credit_item_sequence": sequence,
                    "user_field": rules.user_field}  # fmt: skip
        values |= {"account_on_us": on_us, "ece_item_sequence": sequence}
        if rules.record == "61B":
            return {**values, "record_usage": rules.record_usage}
        return {**values, "work_type": rules.work_type, "debit_credit": rules.debit_credit}

    def _letter_control(self) -> Record:
        name = self.sender.origin_name if self.profile.letter.institution_name else ""
        return build_record("90", {
            "bundles": self.whole.children, "items": self._counted(self.whole),
            "total_amount": self._summed(self.whole), "images": self.whole.images,
            "ece_institution_name": plain(name, 18),
            "credit_total_indicator": self._indicator(),
        })  # fmt: skip

    def _file_control(self) -> Record:
        return build_record("99", {
            "cash_letters": 1, "total_records": self.written + 1,
            "total_items": self._counted(self.whole), "total_amount": self._summed(self.whole),
            "contact_name": plain(self.sender.contact_name, 14),
            "contact_phone": "".join(filter(str.isdigit, self.sender.contact_phone))[-10:],
            "credit_total_indicator": self._indicator(),
        })  # fmt: skip

    def _counted(self, totals: Totals) -> int:
        return totals.items + (totals.credits if self.profile.credit.counted else 0)

    def _summed(self, totals: Totals) -> int:
        return totals.cents + (totals.credit_cents if self.profile.credit.in_totals else 0)

    def _indicator(self) -> str:
        """``credit_total_indicator``: DSTU has none; later levels say 1 where credits are in."""
        if self.profile.file.standard_level == "03":
            return ""
        return "1" if self.profile.credit.in_totals else "0"

    def _sequence(self, at: int) -> str:
        return f"{self.letter.number * _ITEMS_A_LETTER + at:015d}"


def letter_id(number: int) -> str:
    """The cash letter's id: its number in base 36, eight characters."""
    text = ""
    for _ in range(8):
        number, rest = divmod(number, len(_DIGITS))
        text = _DIGITS[rest] + text
    return text
