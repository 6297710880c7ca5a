"""Where the sample letters lie, and small letters built here."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.x9 import Record, build_record

SAMPLES = Path(__file__).parents[3] / ".." / "shared" / "samples"
X9_NAMES = (
    "BNK20180905121042882-A.icl",
    "creditRecord61.icl",
    "valid-ascii.x937",
    "valid-ebcdic.x937",
    "vendor_test_dstu.x9",
)


def sample(path: str) -> bytes:
    """The bytes of a sample file; skips the test where the samples are absent."""
    file = SAMPLES / path
    if not file.exists():
        pytest.skip(f"sample {path} is not on this machine")
    return file.read_bytes()


def letter(images: tuple[bytes, ...] = (b"\r\nimage\n01", b"\x00\xffback")) -> list[Record]:
    """A small forward letter with one check and its views; image bytes are hard on purpose."""
    head = {"destination_routing": "061000146", "ece_institution_routing": "026073150"}
    records = [
        build_record(
            "01",
            {
                "standard_level": 3,
                "test_indicator": "T",
                "immediate_destination_routing": "061000146",
                "immediate_origin_routing": "026073150",
                "file_creation_date": "20201023",
                "file_creation_time": "0911",
                "resend_indicator": "N",
            },
        ),
        build_record("10", {"collection_type": 1, **head, "cash_letter_id": "A1"}),
        build_record("20", {"collection_type": 1, **head, "bundle_id": "1"}),
        build_record(
            "25",
            {
                "aux_on_us": "1234",
                "payor_routing8": "12200066",
                "payor_check_digit": "1",
                "on_us": "1211-1234/",
                "item_amount": 10050,
                "ece_item_sequence": "7",
                "addendum_count": 0,
            },
        ),
        build_record("68", {"format_type": "001", "user_data": "for deposit only"}),
    ]
    for side, image in enumerate(images):
        records += [
            build_record("50", {"image_indicator": 1, "view_side": side}),
            build_record("52", {"ece_item_sequence": "7", "image_data": image}),
        ]
    records += [build_record(kind, {}) for kind in ("70", "90", "99")]
    return records
