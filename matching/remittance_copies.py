"""Whether what came again of a payment pays the same claims: only then is it a copy. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from matching.claim_facts import RemittedClaim

OTHERWISE: Final = "It pays other claims than "
"""Begins the reason of one that waits for that; then comes the other's reference."""


def otherwise(claims: Sequence[RemittedClaim], original: Sequence[RemittedClaim]) -> bool:
    """Whether ``claims`` pay what the ``original``'s do not, of the same money.

    A page of it, or sums that nobody could read, pay nothing else. Where both name the same
    accounts, each must be paid the same; an account read otherwise alone is no other claim.
    """
    mine, theirs = _paid(claims), _paid(original)
    unread = sum(each.paid_cents is None for each in original)
    if (mine - theirs).total() > unread:
        return True
    accounts = _accounts(claims)
    if not unread and "" not in accounts and accounts == _accounts(original):
        return bool(_placed(claims) - _placed(original))
    return False


def _paid(claims: Sequence[RemittedClaim]) -> Counter[int]:
    return Counter(each.paid_cents for each in claims if each.paid_cents)


def _accounts(claims: Sequence[RemittedClaim]) -> set[str]:
    return {each.patient_account for each in claims if each.paid_cents}


def _placed(claims: Sequence[RemittedClaim]) -> Counter[tuple[str, int]]:
    return Counter((each.patient_account, each.paid_cents) for each in claims if each.paid_cents)
