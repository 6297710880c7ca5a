"""Frames between the decoding child and its parent: a JSON head and the bytes of one page.

A frame is ``OLB1``, the head's length (4 bytes), the body's length (8 bytes), head, body. The
parent trusts none of it: lengths are bounded before memory is taken.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

MAGIC = b"OLB1"
PREFIX = struct.Struct(">4sIQ")
MAX_HEAD_BYTES = 8 * 1024 * 1024


class BrokenFrame(Exception):
    """What came over the wire is no frame, or one beyond its bounds."""


def pack(head: dict[str, Any], body: bytes = b"") -> bytes:
    """One frame as bytes."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return PREFIX.pack(MAGIC, len(text), len(body)) + text + body


def read(take: Callable[[int], bytes], max_body_bytes: int) -> tuple[dict[str, Any], bytes] | None:
    """The next frame, or None at a clean end.

    ``take(n)`` returns exactly ``n`` bytes, or fewer at the end. Raises ``BrokenFrame``.
    """
    prefix = take(PREFIX.size)
    if not prefix:
        return None
    if len(prefix) < PREFIX.size:
        raise BrokenFrame
    magic, head_length, body_length = PREFIX.unpack(prefix)
    if magic != MAGIC or head_length > MAX_HEAD_BYTES or body_length > max_body_bytes:
        raise BrokenFrame
    head, body = take(head_length), take(body_length)
    if len(head) < head_length or len(body) < body_length:
        raise BrokenFrame
    try:
        value = json.loads(head)
    except ValueError:
        raise BrokenFrame from None
    if not isinstance(value, dict):
        raise BrokenFrame
    return value, body
