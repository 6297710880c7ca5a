"""Checking an image cash letter: all that a bank would refuse, in one pass and bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from deposits.icl.findings import MOST_FINDINGS, Finding, Log
from deposits.icl.pictures import Pictures
from deposits.icl.profile import STANDARD, Profile
from deposits.icl.walk import Walk
from intake import x9
from intake.x9 import Record
from intake.x9.record import Encoding


def check(stream: BinaryIO, profile: Profile = STANDARD, *, pictures: bool = True) -> list[Finding]:
    """All findings of a stream, in record order; empty for a letter a bank would take.

    ``pictures``: the images are decoded too, in processes of their own; their headers always are
    looked at. Past ``MOST_FINDINGS`` it stops and says so. Raises ``UnreadableError`` when the
    stream is not an image cash letter at all.
    """
    head = stream.read(x9.SNIFF_BYTES)
    stream.seek(-len(head), 1)
    framing = x9.sniff(head)
    encoding: Encoding = framing.encoding if framing else "ebcdic"
    records = x9.read_records(stream, framing)
    return check_records(records, profile, encoding, pictures=pictures)


def check_records(
    records: Iterable[Record],
    profile: Profile = STANDARD,
    encoding: Encoding = "ebcdic",
    *,
    pictures: bool = True,
) -> list[Finding]:
    """As ``check``, for records in hand; ``encoding`` is how their bytes were written."""
    log = Log()
    images = Pictures(decode=pictures) if profile.images.tiff else None
    walk = Walk(log, profile, encoding, images)
    try:
        for record in records:
            walk.take(record)
            if len(log.findings) + (len(images.found) if images else 0) > MOST_FINDINGS:
                log.stop()
                break
        else:
            walk.finish()
    finally:
        found = images.finish() if images is not None else []
    for number, (code, message) in found:
        log.findings.append(Finding(code, number, "image_data", message))
    return sorted(log.findings, key=lambda finding: finding.record)
