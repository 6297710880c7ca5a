"""The fixed rules of image cash letters: which record may follow which, dates, routing numbers."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

MAY_FOLLOW: dict[str, frozenset[str]] = {
    "": frozenset({"01"}),
    "01": frozenset({"10", "99"}),
    "10": frozenset({"20", "61", "62", "85", "90"}),
    "20": frozenset({"25", "31", "61", "62", "70"}),
    "25": frozenset({"25", "26", "27", "28", "31", "50", "61", "62", "70"}),
    "26": frozenset({"25", "26", "27", "28", "31", "50", "61", "62", "70"}),
    "27": frozenset({"25", "27", "28", "31", "50", "61", "62", "70"}),
    "28": frozenset({"25", "28", "31", "50", "61", "62", "70"}),
    "31": frozenset({"25", "31", "32", "33", "34", "35", "50", "70"}),
    "32": frozenset({"25", "31", "32", "33", "34", "35", "50", "70"}),
    "33": frozenset({"25", "31", "33", "34", "35", "50", "70"}),
    "34": frozenset({"25", "31", "34", "35", "50", "70"}),
    "35": frozenset({"25", "31", "35", "50", "70"}),
    "50": frozenset({"52", "50", "25", "31", "61", "62", "70"}),
    "52": frozenset({"50", "54", "20", "25", "31", "61", "62", "70"}),
    "54": frozenset({"50", "20", "25", "31", "61", "62", "70"}),
    "61": frozenset({"20", "25", "31", "50", "61", "70"}),
    "62": frozenset({"20", "25", "31", "50", "62", "70"}),
    "70": frozenset({"20", "85", "90"}),
    "85": frozenset({"85", "90"}),
    "90": frozenset({"10", "99"}),
    "99": frozenset(),
}
ADDENDA = frozenset({"26", "27", "28", "32", "33", "34", "35"})
DATES = {
    "01": ("file_creation_date",), "10": ("business_date", "creation_date"),
    "20": ("business_date", "creation_date"), "26": ("bofd_endorsement_date",),
    "28": ("endorsement_date",), "31": ("forward_bundle_date",),
    "32": ("bofd_endorsement_date",), "35": ("endorsement_date",),
    "90": ("settlement_date",), "50": ("image_creator_date",), "52": ("bundle_business_date",),
}  # fmt: skip
ROUTING = {
    "01": ("immediate_destination_routing",), "10": ("destination_routing",),
    "20": ("destination_routing",), "26": ("bofd_routing",),
}  # fmt: skip


VALUES: dict[tuple[str, str], str] = {
    ("01", "test_indicator"): "PT", ("01", "resend_indicator"): "NY",
    ("10", "record_type_indicator"): "NEIF", ("25", "bofd_indicator"): "YNU",
    ("25", "micr_valid"): "1234", ("25", "correction_indicator"): "01234",
    ("26", "truncation_indicator"): "YN", ("28", "truncation_indicator"): "YN",
    ("50", "image_indicator"): "0123", ("70", "credit_total_indicator"): "01",
    ("90", "credit_total_indicator"): "01", ("99", "credit_total_indicator"): "01",
}  # fmt: skip
"""What one-character fields may hold where they are not blank; all of record 54 is 0, 1 or 2."""
LEVELS = frozenset({"03", "30", "35"})
COLLECTIONS = frozenset({"00", "01", "02", "03", "04", "05", "06", "12", "20", "90", "99"})
TIMES = {"01": "file_creation_time", "10": "creation_time"}

UNCHECKED = frozenset({"record_type", "user_field", "user_data", "image_ref_key"})
"""Fields that a bank gives its own meaning, or that other rules judge."""
FREE: frozenset[tuple[str, str]] = frozenset()
"""Mandatory fields that files which banks take leave blank."""

FAULT_TEXT = {
    "short_record": "The record is shorter than its layout.",
    "long_record": "The record is longer than its layout.",
    "bad_length_field": "A length field holds no number.",
    "truncated_record": "The file ends inside this record.",
    "trailing_bytes": "Bytes follow the last record.",
    "unknown_type": "No record has this type.",
}


_DISTRICTS = (range(13), range(21, 33), range(61, 73), (80,))


@lru_cache(maxsize=4096)
def aba_sound(routing: str) -> bool:
    """Nine digits that a US bank may have: a Federal Reserve district (thrifts 20 more, electronic
    60 more) or 80, weights 3-7-1, sum a multiple of ten; all zeros is no routing number."""
    if len(routing) != 9 or not (routing.isascii() and routing.isdigit()) or routing == "0" * 9:
        return False
    if not any(int(routing[:2]) in some for some in _DISTRICTS):
        return False
    weights = (3, 7, 1) * 3
    return sum(int(d) * weight for d, weight in zip(routing, weights, strict=True)) % 10 == 0


@lru_cache(maxsize=1024)
def day_of(text: str) -> date | None:
    """The day written YYYYMMDD; None for what is no day."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def is_time(text: str) -> bool:
    """Whether ``text`` is a time of day written HHMM."""
    return len(text) == 4 and text.isascii() and text.isdigit() and text < "2400" and text[2] < "6"
