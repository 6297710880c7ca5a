"""Identifiers: uuid7 for rows, and short references that a person can say over a telephone."""

from __future__ import annotations

import secrets
import time
import uuid

# Crockford's base 32: no I, L, O or U, so that nothing is misheard or misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_BODY = 6
_PRIME = 31


def new_id() -> str:
    """A version 7 UUID (RFC 9562, 5.7) as text: sorts by the time of its making."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def _check_symbol(body: str) -> str:
    total = sum((place + 2) * _ALPHABET.index(symbol) for place, symbol in enumerate(body))
    return _ALPHABET[total % _PRIME]


def new_ref(prefix: str) -> str:
    """A reference such as ``DEP-7K3-F9QX``: prefix, six random symbols and a check symbol."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_BODY))
    return f"{prefix}-{body[:3]}-{body[3:]}{_check_symbol(body)}"


def clean_ref(text: str) -> str | None:
    """The reference as issued, from what a person typed; None when its check symbol is wrong."""
    prefix, _, rest = text.strip().upper().partition("-")
    body = rest.replace("-", "").replace(" ", "").translate(_LOOKALIKES)
    if len(body) != _BODY + 1 or any(symbol not in _ALPHABET for symbol in body):
        return None
    if _check_symbol(body[:_BODY]) != body[_BODY]:
        return None
    return f"{prefix}-{body[:3]}-{body[3:]}"
