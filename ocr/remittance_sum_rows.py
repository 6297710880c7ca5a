"""Sums of a claim that stand below each other, each behind the name of its column."""

from __future__ import annotations

from ocr.remittance_body import Body
from ocr.remittance_cells import MONEY, PaperClaim
from ocr.remittance_lexicon import known_role
from ocr.remittance_rows import Row, service_like
from ocr.remittance_totals import PAYMENT, WHOLE, fits
from ocr.types import Field

_FEWEST = 2  # different columns, before sums that fit nothing are a claim's


def sum_row(row: Row) -> dict[str, Field]:
    """The amounts of a row that holds nothing but names of columns, each with its amount behind.

    Empty for any other row, and for one that names the payment or the sums of all claims.
    """
    if not row.amounts or service_like(row) or PAYMENT.search(row.text) or WHOLE.search(row.text):
        return {}
    found: dict[str, Field] = {}
    words: list[str] = []
    for token in row.tokens:
        if token.cents is None:
            words.append(token.text)
            continue
        coded = any(c.isdigit() for word in words for c in word)
        role = known_role(" ".join(words).rstrip(" .:")) if words and not coded else None
        if role not in MONEY or role in found:
            return {}
        found[role] = row.field(token.cents, [token])
        words = []
    return {} if words else found


def take_sums(body: Body) -> None:
    """Give each claim the sums printed below its services, in place.

    Those that its lines come to are its own, and so are those of other columns beside them: where
    lines were lost, or joined with another claim's, they contradict. A lone sum that fits nothing
    may be of anything; sums of all claims are the payment's.
    """
    for number, claim in enumerate(body.claims, start=1):
        own, others = _own(claim), dict[str, Field]()
        for labelled in claim.sums:
            if not fits([claim], labelled):
                if len(body.claims) > 1 and fits(body.claims, labelled):
                    body.printed.append(("", number, labelled))
                else:
                    others = {**labelled, **others}
        apart = {role: cell for role, cell in others.items() if role not in own}
        if own or len([role for role in apart if claim.total(role) is not None]) >= _FEWEST:
            claim.totals = {**apart, **own, **claim.totals}


def _own(claim: PaperClaim) -> dict[str, Field]:
    return {
        role: cell
        for labelled in claim.sums
        if fits([claim], labelled)
        for role, cell in labelled.items()
    }
