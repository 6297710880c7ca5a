"""A sound image cash letter built record by record, for tests that break one thing in it."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from typing import Any

from intake.x9 import Framing, Record, build_record, decode_record, encode_record, write_records

FRAMING = Framing("len4", "ascii")
_ROUTING = {"destination_routing": "061000146", "ece_institution_routing": "026073150",
            "business_date": "20261120", "creation_date": "20261120"}  # fmt: skip


def tiff(**changed: int) -> bytes:
    """A little-endian TIFF with the header that X9.100-181 wants; a tag given changes it."""
    values = {256: 1200, 257: 540, 259: 4, 262: 0, 266: 1, 273: 0, 274: 1, 278: 540, 279: 4,
              282: 0, 283: 0, 296: 2}  # fmt: skip
    values.update({int(tag.removeprefix("t")): value for tag, value in changed.items()})
    end = 8 + 2 + 12 * len(values) + 4
    values[282], values[283], values[273] = end, end, end + 8
    out = struct.pack("<2sHIH", b"II", 42, 8, len(values))
    for tag, value in sorted(values.items()):
        kind = 5 if tag in (282, 283) else 4
        out += struct.pack("<HHII", tag, kind, 1, value)
    return out + struct.pack("<III", 0, 200, 1) + b"\0\0\0\0"


def letter(amounts: tuple[int, ...] = (10_050, 2_500), image: bytes = b"") -> list[Record]:
    """A balanced forward letter with a front and back for each check, numbered from 1."""
    picture = image or tiff()
    records = [
        build_record("01", {"standard_level": 3, "test_indicator": "T",
                            "immediate_destination_routing": "061000146",
                            "immediate_origin_routing": "026073150",
                            "file_creation_date": "20261120", "file_creation_time": "0911",
                            "resend_indicator": "N"}),
        build_record("10", {"collection_type": 1, "cash_letter_id": "A1", "creation_time": "0911",
                            "record_type_indicator": "I", **_ROUTING}),
        build_record("20", {"collection_type": 1, "bundle_id": "1", **_ROUTING}),
    ]  # fmt: skip
    for number, cents in enumerate(amounts, start=1):
        records.append(build_record("25", {
            "payor_routing8": "12200066", "payor_check_digit": "1", "on_us": "12345/101",
            "item_amount": cents, "ece_item_sequence": str(number), "micr_valid": 1,
            "bofd_indicator": "Y", "addendum_count": 1,
        }))  # fmt: skip
        records.append(build_record("26", {"record_number": 1, "bofd_routing": "061000146",
                                           "bofd_endorsement_date": "20261120",
                                           "truncation_indicator": "Y"}))  # fmt: skip
        for side in (0, 1):
            records.append(build_record("50", {"image_indicator": 1, "view_side": side,
                                               "image_creator_routing": "026073150",
                                               "image_creator_date": "20261120",
                                               "view_descriptor": 0,
                                               "view_data_size": len(picture)}))  # fmt: skip
            records.append(build_record("52", {"ece_institution_routing": "026073150",
                                               "bundle_business_date": "20261120",
                                               "ece_item_sequence": str(number),
                                               "image_data": picture}))  # fmt: skip
    count, total, views = len(amounts), sum(amounts), 2 * len(amounts)
    records += [
        build_record("70", {"items": count, "total_amount": total, "micr_valid_total": total,
                            "images": views}),
        build_record("90", {"bundles": 1, "items": count, "total_amount": total,
                            "images": views}),
        build_record("99", {"cash_letters": 1, "total_records": len(records) + 3,
                            "total_items": count, "total_amount": total}),
    ]  # fmt: skip
    return numbered(records)


def numbered(records: list[Record]) -> list[Record]:
    """The records as a reader would give them: numbered, with their bytes."""
    return [
        replace(decode_record(encode_record(record, "ascii"), "ascii"), number=number)
        for number, record in enumerate(records, start=1)
    ]


def changed(records: list[Record], at: int, **fields: Any) -> list[Record]:
    """The letter with fields of one record (index ``at``) changed."""
    record = records[at]
    values = {**record.fields, **fields}
    made = build_record(record.layout, values)
    return numbered([*records[:at], made, *records[at + 1 :]])


def data(records: list[Record]) -> io.BytesIO:
    """The letter's bytes."""
    out = io.BytesIO()
    write_records(records, out, FRAMING)
    out.seek(0)
    return out
