"""Money kept back in words that nobody knows: what the payment lacks beside its claims tells it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from ocr.remittance_body import Body
from ocr.remittance_rows import Row, service_like
from ocr.remittance_takebacks import as_taken, names_reference

_MOST = 6  # rows that may have been kept back, before the sum of some is no proof


def take_proved(body: Body, pages: Sequence[Sequence[Row]], payments: Collection[int]) -> None:
    """Add what is kept back in rows that only the payment's own sum tells, in place.

    What the claims come to, less what is known to be kept back, is more than a printed payment
    (``payments``, cents) by just what such rows say together. Where other rows or another payment
    would do as well, nothing is proved. Where the claims come to one printed payment, and less such
    a row to another, which of them was paid is not understood.
    """
    paid = [claim.total("paid_cents") for claim in body.claims]
    known = [cents for cents in paid if cents is not None]
    left = sum(known) - sum(entry.cents for entry in body.taken)
    if not known or len(known) < len(paid):
        return
    if left in payments:
        others = {*payments, *(int(one.value) for one in body.payments)} - {left}
        body.not_understood += [
            row for row in _unplaced(body, pages) if left - _cents(row) in others
        ]
        return
    rows = [row for page in pages for row in _losses(body, page, payments)]
    proofs = [
        chosen
        for count in range(1, len(rows) + 1)
        for chosen in combinations(rows[: _MOST + 1], count)
        if left + sum(map(_cents, chosen)) in payments
    ]
    if len(rows) > _MOST or len(proofs) != 1:
        return
    for row in proofs[0]:
        body.taken.append(as_taken(row))
        body.sure = min(body.sure, row.confidence)
        _no_sum(body, row)


def _losses(body: Body, page: Sequence[Row], payments: Collection[int]) -> list[Row]:
    """Rows that say one amount with a minus and what it refers to, beside others of the payment.

    Beside the payment, that is, or what is known to be kept back: a claim's sums are not.
    """
    taken = {(entry.amount.page, entry.amount.box) for entry in body.taken}
    found: list[Row] = []
    for run in (page, page[::-1]):
        beside = False
        for row in run:
            amount = row.amounts[0] if len(row.amounts) == 1 else None
            if amount is None or (amount.cents or 0) in payments:
                beside = amount is not None
            elif (row.page, amount.box) in taken:
                beside = True
            else:
                beside = beside and _is_loss(body, row)
                if beside and row not in found:
                    found.append(row)
    return found


def _unplaced(body: Body, pages: Sequence[Sequence[Row]]) -> Iterator[Row]:
    """Rows of no claim, and not taken, that say one amount and what it refers to."""
    taken = {(entry.amount.page, entry.amount.box) for entry in body.taken}
    for row in (row for page in pages for row in page):
        if len(row.amounts) != 1 or not _cents(row) or (row.page, row.number) in body.used:
            continue
        own = (row.page, row.amounts[0].box) not in taken and not service_like(row)
        if own and names_reference(row):
            yield row


def _is_loss(body: Body, row: Row) -> bool:
    used = (row.page, row.number) in body.used or service_like(row)
    return _cents(row) < 0 and not used and names_reference(row)


def _cents(row: Row) -> int:
    return row.amounts[0].cents or 0


def _no_sum(body: Body, row: Row) -> None:
    """Forget that the row was taken for a sum, or not understood."""
    place = row.page, row.amounts[0].box
    body.not_understood = [one for one in body.not_understood if one is not row]
    body.printed = [
        printed
        for printed in body.printed
        if all((cell.page, cell.box) != place for cell in printed[2].values())
    ]
