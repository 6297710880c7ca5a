"""Totals of a paper remittance: what names them, whose they are, whether lines come to them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from ocr.remittance_body import Body
from ocr.remittance_cells import MONEY, PaperClaim
from ocr.remittance_named_roles import named_roles
from ocr.remittance_rows import Row, service_like
from ocr.types import Field

TOTAL = re.compile(
    r"\b(sub-?)?totals?\b|\btots?\b|\bpage (carry|forward)|carried forward|brought forward|"
    r"balance forward to next|claims paid",
    re.IGNORECASE,
)
WHOLE = re.compile(
    r"# of claims|grand|^totals?:|total (paid|payment|of claims|benefits|for)|\b(document|check|"
    r"payment|page|report|remittance|voucher|provider) totals?|total (check|net|amount)|all claims|"
    r"carried|brought|cycle",
    re.IGNORECASE,
)
OF_CLAIM = re.compile(r"\b(claim|patient|service( line)?|line|member) (sub-?)?totals?|"
                       r"totals? (for )?(this )?(claim|patient)|sub-?totals?",
                       re.IGNORECASE)  # fmt: skip
PAYMENT = re.compile(r"\b(check|chk|eft|net|payment)\b.*\b(am(oun)?t|total|paid)\b|\bnet\b",
                      re.IGNORECASE)  # fmt: skip

_FEWEST_RIGHT = 2  # amounts of a row of sums, for it to be of the claims that they are sums of


def fits(claims: Sequence[PaperClaim], labelled: Mapping[str, Field]) -> bool:
    """Whether amounts are what the lines of claims come to."""
    checked = 0
    for role, cell in labelled.items():
        sums = [claim.total(role) for claim in claims]
        if None in sums:
            continue
        checked += 1
        if sum(value for value in sums if value is not None) != cell.value:
            return False
    return checked > 0


def mostly_fits(claims: Sequence[PaperClaim], labelled: Mapping[str, Field]) -> bool:
    """Whether most amounts of a scan are what the lines of claims come to: others are misread."""
    scanned = [cell for cell in labelled.values() if cell.source != "text_layer"]
    right = sum(bool(cell.value) and fits(claims, {role: cell}) for role, cell in labelled.items())
    return bool(scanned) and right >= _FEWEST_RIGHT and 2 * right > len(labelled)


def labelled_amounts(row: Row) -> dict[str, Field]:
    """Amounts of a totals row that stand right behind the name of their column."""
    named = [n for n in named_roles(row) if n.role in MONEY]
    found: dict[str, Field] = {}
    for number, name in enumerate(named):
        end = named[number + 1].first if number + 1 < len(named) else len(row.tokens)
        behind = [t for t in row.tokens[name.last + 1 : end] if t.cents is not None]
        near = behind and behind[0].left - row.tokens[name.last].right < 6 * behind[0].height
        if len(behind) == 1 and near:
            found[name.role] = row.field(behind[0].cents, behind)
    for before, token in pairwise(row.tokens):
        if before.text.upper() == "NET" and token.cents is not None:
            found["paid_cents"] = row.field(token.cents, [token])
    return found if len(found) >= len(row.amounts) - 1 else {}


def sums_of_all(body: Body) -> None:
    """The totals of the whole document; those of a page or of the claims so far are checked."""
    for text, count, labelled in body.printed:
        before = body.claims[:count]
        partial = re.search(r"\bpage\b|carried|forward|sub-?total", text, re.IGNORECASE)
        if fits(body.claims, labelled):
            body.totals.update(labelled)
        elif set(labelled) == {"paid_cents"}:  # the payment, after what it keeps back
            body.payments.append(labelled["paid_cents"])
        elif not (partial or fits(before, labelled)):
            body.totals.update(labelled)


def leave_out_summaries(body: Body, payments: Collection[int]) -> None:
    """Take the payment's summary, and any row that only repeats it, out of what is not understood.

    Each amount of such a row is what all claims come to in one column, or the payment itself.
    """
    sums = {0, *payments}
    for role in MONEY:
        found = [claim.total(role) for claim in body.claims]
        if found and None not in found:
            sums.add(sum(value for value in found if value is not None))
    body.not_understood = [
        row
        for row in body.not_understood
        if service_like(row)
        or not any(token.cents for token in row.amounts)
        or any(token.cents not in sums for token in row.amounts)
    ]
