"""MICR fields of a check from its image, its printed number and the bank's record, weighed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from intake.types import Box, Word
from ocr import micr_grammar as grammar
from ocr.micr import MicrPart, MicrReading
from ocr.micr_grammar import aba_valid, digits_only
from ocr.types import Alternative, Field, ReadingWarning

RECORD = "x9_record"
_RECORD_SURE = 0.97
_BOTH_SURE = 0.995
_UNEXPLAINED = 0.8  # ink that no symbol accounts for: a line beside such is no surer than this


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What an image cash letter's record says of the check, in the contract's spelling."""

    routing_number: str | None = None
    on_us: str | None = None
    aux_on_us: str | None = None
    account_number: str | None = None
    check_number: str | None = None
    account_if_serial_first: tuple[str, str] | None = None
    micr_line: str | None = None
    amount_cents: int | None = None


def record_facts(facts: dict[str, str]) -> RecordFacts:
    """Record fields as text (``Page.facts``) to facts; ``/`` is on-us, ``-`` a dash, ``*`` unread.

    A field the record holds but marks as unreadable counts as not there.
    """
    on_us, gaps = _symbols(facts.get("on_us", ""))
    aux, _ = _symbols(facts.get("aux_on_us", ""))
    aux = aux.strip("C")
    routing = digits_only(facts.get("routing_number", ""))
    line, _ = _symbols(facts.get("micr_line", ""))
    amount = digits_only(facts.get("amount_cents", ""))
    prefix = (f"C{aux}C" if aux else "") + "A000000000A"
    parts = grammar.parse(prefix + on_us, (0,) * len(prefix) + gaps)
    text = prefix + on_us
    account, serial = _cut(text, parts.account), _cut(text, parts.serial)
    first = None
    if parts.serial_unsure and parts.account is not None:
        group = grammar.leading_group(text, parts.account, (0,) * len(prefix) + gaps)
        if group is not None:
            first = (text[group[0] : group[1]], digits_only(text[group[1] : parts.account[1]]))
    return RecordFacts(
        routing_number=routing if len(routing) == 9 else None,
        on_us=_known(on_us),
        aux_on_us=_known(aux),
        account_number=account,
        check_number=serial,
        account_if_serial_first=first,
        micr_line=_known(line),
        amount_cents=int(amount) if amount and int(amount) > 0 else None,
    )


def _symbols(text: str) -> tuple[str, tuple[int, ...]]:
    """Record spelling to E-13B text without blanks, and the blanks before each character."""
    kept: list[str] = []
    gaps: list[int] = []
    blanks = 0
    for char in text.strip():
        if char == " ":
            blanks += 1
            continue
        kept.append({"/": "C", "-": "D", "*": "?"}.get(char, char))
        gaps.append(blanks)
        blanks = 0
    return "".join(kept), tuple(gaps)


def _known(text: str) -> str | None:
    return text if text and "?" not in text else None


def _cut(text: str, span: tuple[int, int] | None) -> str | None:
    if span is None or "?" in text[span[0] : span[1]]:
        return None
    return digits_only(text[span[0] : span[1]]) or None


@dataclass(frozen=True, slots=True)
class MicrEvidence:
    """The weighed fields, each with its place on page ``page``, and what to tell a person."""

    fields: dict[str, Field | None]
    warnings: tuple[ReadingWarning, ...]


def weigh(
    reading: MicrReading | None, record: RecordFacts, printed: Iterable[Word], page: int
) -> MicrEvidence:
    """Combine the line as read, the record and the printed check numbers."""
    parts = _settled(reading, [digits_only(word.text) for word in printed])
    named = {
        "routing_number": record.routing_number,
        "on_us": record.on_us,
        "aux_on_us": record.aux_on_us,
        "account_number": _record_account(record, parts),
        "check_number": _record_serial(record, parts),
    }
    fields: dict[str, Field | None] = {}
    differing = []
    for name, value in named.items():
        fields[name], differs = _one(parts.get(name), value, page)
        if differs:
            differing.append(name)
    routing = fields["routing_number"]
    if routing is not None and not aba_valid(str(routing.value)):
        fields["routing_number"] = replace(routing, confidence=min(routing.confidence, 0.4))
    fields["micr_line"] = _line_field(reading, record, page, parts)
    warnings = []
    if differing:
        told = ", ".join(name.replace("_", " ") for name in differing)
        warnings.append(
            ReadingWarning("micr_mismatch", f"image and the bank's record differ in: {told}")
        )
    if routing is not None and not aba_valid(str(routing.value)):
        warnings.append(
            ReadingWarning("routing_invalid", "the routing number fails its check digit")
        )
    return MicrEvidence(fields, tuple(warnings))


def _settled(reading: MicrReading | None, printed: list[str]) -> dict[str, MicrPart | None]:
    """The line's parts, with account and serial told apart by the number printed on the check."""
    if reading is None:
        return {}
    parts: dict[str, MicrPart | None] = {
        "routing_number": reading.routing_number,
        "on_us": reading.on_us,
        "aux_on_us": reading.aux_on_us,
        "account_number": reading.account_number,
        "check_number": reading.check_number,
    }
    numbers = {number.lstrip("0") for number in printed if number.lstrip("0")}
    serial, account = reading.check_number, reading.account_number
    other = reading.account_if_serial_first
    if serial is None and other is not None and account is not None:
        if other[0].lstrip("0") in numbers:
            trust = reading.on_us.confidence if reading.on_us else 0.0
            sure = 0.96 if trust >= 0.8 else min(0.8, trust)
            parts["check_number"] = MicrPart(other[0], sure, account.box)
            parts["account_number"] = MicrPart(other[1], sure, account.box)
    elif serial is not None and serial.value.lstrip("0") in numbers:
        sure = max(serial.confidence, 0.97 if serial.confidence >= 0.6 else 0.85)
        parts["check_number"] = replace(serial, confidence=sure)
    return parts


def _record_account(record: RecordFacts, parts: dict[str, MicrPart | None]) -> str | None:
    """The record's account, cut as the image's was when serial and account stand in one."""
    first, seen = record.account_if_serial_first, parts.get("account_number")
    if first is not None and seen is not None and seen.value == first[1]:
        return first[1]
    return record.account_number if first is None else None


def _record_serial(record: RecordFacts, parts: dict[str, MicrPart | None]) -> str | None:
    first, seen = record.account_if_serial_first, parts.get("check_number")
    if first is not None and seen is not None and seen.value == first[0]:
        return first[0]
    return record.check_number


def _one(part: MicrPart | None, recorded: str | None, page: int) -> tuple[Field | None, bool]:
    """One field from image and record, and whether they contradict each other."""
    if recorded is None:
        if part is None:
            return None, False
        return Field(part.value, part.confidence, page, part.box, "micr"), False
    if part is None:
        return Field(recorded, _RECORD_SURE, page, None, RECORD), False
    if digits_only(part.value) == digits_only(recorded):
        return Field(recorded, _BOTH_SURE, page, part.box, RECORD), False
    other = (Alternative(part.value, round(0.5 * part.confidence, 4)),)
    serious = part.confidence >= 0.8
    sure = 0.6 if serious else 0.9
    return Field(recorded, sure, page, part.box, RECORD, other), serious


def _line_field(
    reading: MicrReading | None, record: RecordFacts, page: int, parts: dict[str, MicrPart | None]
) -> Field | None:
    """The whole line: the image's when it was read whole, else the record's.

    The number printed on the check explains the blank between serial and account, which else
    might have held a digit that left no trace.
    """
    box: Box | None = None if reading is None else reading.box
    text = None
    transit = reading and (reading.routing_number or reading.branch)  # branch: a Canadian line
    if reading is not None and transit is not None and "?" not in reading.text:
        text = reading.text
    if text is None or reading is None:
        if record.micr_line is None:
            return None
        return Field(record.micr_line, 0.85, page, box, RECORD)
    confidence = reading.confidence
    serial = parts.get("check_number")
    if reading.check_number is None and serial is not None and confidence > _UNEXPLAINED:
        confidence = max(confidence, serial.confidence)
    if record.micr_line is not None and text.startswith(record.micr_line):
        confidence = max(confidence, 0.98)
    return Field(text, confidence, page, box, "micr")
