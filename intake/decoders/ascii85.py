"""Bytes out of ASCII85 text (ISO 32000-1, 7.4.3), all groups of five at once."""

from __future__ import annotations

import base64

import numpy as np

_SPACE = b" \t\n\r\v"
_LEAST, _MOST, _PADDING = 0x21, 0x75, b"uuuu"
_WEIGHTS = np.array([85**power for power in range(4, -1, -1)], np.uint64)


def decoded(text: bytes) -> bytes:
    """What ``base64.a85decode`` makes of a text without marks at its ends, at a tenth of the time.

    Raises ValueError, as it does, for what is no ASCII85.
    """
    plain = text.translate(None, _SPACE)
    if b"z" in plain:  # four zeros in one character, which moves all behind it
        return base64.a85decode(plain)
    given = np.frombuffer(plain + _PADDING, np.uint8)
    if given.min() < _LEAST or given.max() > _MOST:
        raise ValueError("not a character of ASCII85")
    groups = given[: len(given) // 5 * 5].reshape(-1, 5) - np.uint8(_LEAST)
    values = groups.astype(np.uint64) @ _WEIGHTS
    if values.max(initial=0) > 0xFFFFFFFF:
        raise ValueError("a group of ASCII85 beyond 32 bits")
    missing = -len(plain) % 5
    packed = values.astype(">u4").tobytes()
    return packed[: len(packed) - missing]
