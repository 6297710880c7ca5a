"""Which of the matches that would go by themselves a person sees all the same, unmarked.

Only what people confirm without knowing that the program was sure tells how often it is wrong.
"""

from __future__ import annotations

import hashlib

SAMPLED = "sampled"
"""The outcome of a decision that would have gone by itself and was given to a person."""


def is_sampled(payment_id: str, share: float) -> bool:
    """Whether a payment belongs to the sample: a fixed ``share`` of all, by its random id.

    The same answer whenever it is asked, so that a step that is repeated decides alike.
    """
    drawn = hashlib.sha256(b"sample:" + payment_id.encode()).digest()[:8]
    return int.from_bytes(drawn) < share * 2**64
