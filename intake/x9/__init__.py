"""X9.37 and X9.100-187 image cash letters: records in, records out, byte for byte."""

from intake.x9.codec import (
    MAX_RECORD_BYTES,
    X9File,
    copy,
    encode_file,
    frame_record,
    read_file,
    read_records,
    write_records,
)
from intake.x9.framing import SNIFF_BYTES, Framing, sniff
from intake.x9.items import Item, View, item_facts, read_items, settle_credits
from intake.x9.layout import BY_LAYOUT, SPECS, F, RecordSpec
from intake.x9.record import Record, build_record, decode_record, encode_record

__all__ = [
    "BY_LAYOUT",
    "MAX_RECORD_BYTES",
    "SNIFF_BYTES",
    "SPECS",
    "F",
    "Framing",
    "Item",
    "Record",
    "RecordSpec",
    "View",
    "X9File",
    "build_record",
    "copy",
    "decode_record",
    "encode_file",
    "encode_record",
    "frame_record",
    "item_facts",
    "read_file",
    "read_items",
    "read_records",
    "settle_credits",
    "sniff",
    "write_records",
]
