"""Whether each field of a record holds what its type allows (X9.37 DSTU, X9.100-187, field types).

A conditional field that is unused is blank, whatever its type; a mandatory one is never blank.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from deposits.icl.rules import (
    COLLECTIONS,
    DATES,
    FREE,
    LEVELS,
    ROUTING,
    TIMES,
    UNCHECKED,
    VALUES,
    aba_sound,
    day_of,
    is_time,
)
from intake.x9 import BY_LAYOUT, F, Record

_ALLOWED = {
    "N": (re.compile(r"[0-9]+"), "digits alone"),
    "NS": (re.compile(r"[0-9 *-]+"), "digits, blanks, asterisks or dashes"),
    "NB": (re.compile(r" *[0-9]+ *"), "digits, blanks before or after"),
    "A": (re.compile(r"[A-Za-z ]+"), "letters"),
    "AN": (re.compile(r"[A-Za-z0-9 ]+"), "letters and digits"),
    "ANS": (re.compile(r"[ -~]+"), "printable characters"),
    "NBSM": (re.compile(r"[0-9 *-]+"), "digits, blanks, dashes or asterisks"),
    "NBSMOS": (re.compile(r"[0-9 *\-/]+"), "digits, blanks, dashes, asterisks or on-us symbols"),
}


def all_findings(record: Record, *, exempt: bool) -> Iterator[tuple[str, str, str]]:
    """``(code, field, message)`` of types, codes, days, times and routing numbers.

    ``exempt``: the bank gave credits a constant that is no routing number.
    """
    yield from field_findings(record)
    yield from value_findings(record)
    for name in DATES.get(record.type, ()):
        text = record.text(name)
        if text and day_of(text) is None:
            yield "date_invalid", name, "This is not a date."
    routing = ROUTING.get(record.type, ())
    if record.type in {"61", "62"} and not exempt:
        routing = ("posting_routing",)
    for name in routing:
        if not aba_sound(record.text(name)):
            yield "routing_check_digit", name, "No bank has this routing number."


def field_findings(record: Record) -> Iterator[tuple[str, str, str]]:
    """``(code, field, message)`` of each field that holds what its type forbids."""
    spec = BY_LAYOUT.get(record.layout)
    for field in spec.fields if spec else ():
        value = record.fields.get(field.name)
        if not isinstance(value, str) or field.name in UNCHECKED or not value:
            continue
        if not value.strip(" "):
            if field.use == "M" and field.type != "B" and (record.type, field.name) not in FREE:
                yield "field_missing", field.name, "The field is mandatory and blank."
            continue
        wanted = _wanted(field, value)
        if wanted:
            yield "field_type", field.name, f"The field holds {value.strip()[:24]!r}, not {wanted}."


def _wanted(field: F, value: str) -> str:
    """What the field may hold, where it holds something else; empty where it does not."""
    allowed = _ALLOWED.get(field.type)
    if allowed is None or allowed[0].fullmatch(value):
        return ""
    return allowed[1]


def value_findings(record: Record) -> Iterator[tuple[str, str, str]]:
    """``(code, field, message)`` of codes that no standard knows, and of times that are none."""
    for name in record.fields:
        known = _known(record.type, name)
        value = record.text(name)
        if known is not None and value and value not in known:
            message = f"The field holds {value[:24]!r}, which means nothing there."
            yield "value_unknown", name, message
    name = TIMES.get(record.type, "")
    if name and record.text(name) and not is_time(record.text(name)):
        yield "time_invalid", name, "This is not a time of day."


def _known(kind: str, name: str) -> Collection[str] | None:
    """The values that a field may have; None where any may stand."""
    if kind == "54":
        return None if name.startswith("reserved") or name in UNCHECKED else "012"
    if (kind, name) == ("01", "standard_level"):
        return LEVELS
    if name == "collection_type":
        return COLLECTIONS
    return VALUES.get((kind, name))
