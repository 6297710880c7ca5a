"""Whether each field of a record holds what its type allows (X9.37 DSTU, X9.100-187, field types).

A conditional field that is unused is blank, whatever its type; a mandatory one is never blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deposits.icl.rules import FREE, UNCHECKED
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
