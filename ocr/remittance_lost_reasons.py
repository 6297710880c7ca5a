"""Lines of a scan that lack a reason which the other lines have: a code or a row was not read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from ocr.remittance_cells import MONEY, PaperClaim, Reason, ServiceLine
from ocr.remittance_rates import borne_by_rate
from ocr.remittance_sums import told_in_full
from ocr.types import Field

_MOST_TELL = 0.7  # of the lines, before one that does not is doubted
_DOUBTED = 0.8
_GARBLED = 0.6  # a code's print so unsure is doubted on any page
_FEWEST = 3  # lines that surely tell the same reason, to bear one more out
_LONG_CODE = 3  # figures: shorter ones that were misread come out as another one too easily
_SURE = 0.9  # of a code's print on a page of bad print: three readers have it alike


def doubt_lost_reasons(
    claims: Sequence[PaperClaim],
    doubtful: Callable[[int], bool],
    legend: Collection[str] = frozenset(),
) -> None:
    """Take the sureness from lines whose reasons tell less than the other lines' do, in place.

    Allowed, patient's share and payment may prove each other on a line of which one reason was not
    read. A code that neither the list of reasons nor a legend has is doubtful, too: of print it is
    the payer's own, of a scan as likely a figure misread; one that the ``legend`` has is printed
    twice. On pages of bad print (``doubtful``) a code is sure only where its own print is: no sum
    tells 253 from 23. One that tells what is above the allowed amount, as the same does on all
    other lines, is borne out by them, and one of coinsurance by a rate that it comes to.
    """
    lines = [line for claim in claims for line in claim.lines]
    asked = [line for line in lines if _left(line)]
    told = [line for line in asked if told_in_full(line)]
    if len(told) >= _MOST_TELL * len(asked):
        for line in asked:
            if not told_in_full(line):
                _doubt(line)
    least = {line.page: _SURE if doubtful(line.page) else _GARBLED for line in lines}
    contract = _contract(lines, least, legend)
    for line in lines:
        borne = borne_by_rate(line) if told_in_full(line) else []
        line.reasons = [
            one
            if _printed_surely(one, least[line.page], legend)
            or (one.cents == _off(line) and _said(one) == contract)
            or one in borne
            else _doubtful(one)
            for one in line.reasons
        ]


def _printed_surely(one: Reason, least: float, legend: Collection[str]) -> bool:
    """Whether a code's print alone is sure: ``least``, or as the legend prints it once more."""
    if not _known(one, legend):
        return False
    alone = least < _SURE and _alone_in(legend, one.payer_code or one.code)
    return one.sure >= least or alone or (one.sure <= 0.0 and least < _SURE)


def _contract(
    lines: Sequence[ServiceLine], least: Mapping[int, float], legend: Collection[str]
) -> tuple[str | None, str] | None:
    """The reason that all lines give which surely tell what is above the allowed amount.

    ``least`` is by page how sure a code's print has to be.
    """
    found = [
        _said(one)
        for line in lines
        for one in line.reasons
        if one.sure >= least[line.page] and one.cents == _off(line) and _known(one, legend)
    ]
    return found[0] if len(found) >= _FEWEST and len(set(found)) == 1 else None


def _off(line: ServiceLine) -> int | None:
    """What of the charge is not allowed, in cents; None where nothing is, or nobody says."""
    charged, allowed = line.money.get("charged_cents"), line.money.get("allowed_cents")
    return None if charged is None or not allowed else charged - allowed or None


def _known(one: Reason, legend: Collection[str]) -> bool:
    return not one.unknown or one.code in legend


def _said(one: Reason) -> tuple[str | None, str]:
    return one.group, one.code


def _alone_in(legend: Collection[str], code: str) -> bool:
    """Whether a legend has the code as read, and none beside it that a misread figure makes it."""
    near = [other for other in legend if Levenshtein.distance(code, other, score_cutoff=1) <= 1]
    return near == [code] and len(code) >= _LONG_CODE


def _left(line: ServiceLine) -> int:
    """What of the charge was not paid, in cents."""
    return line.money.get("charged_cents", 0) - line.money.get("paid_cents", 0)


def _doubt(line: ServiceLine) -> None:
    for role, cell in line.cells.items():
        if role in MONEY:
            line.cells[role] = _less_sure(cell)
    line.reasons = [_doubtful(reason) for reason in line.reasons]


def _doubtful(reason: Reason) -> Reason:
    return replace(reason, amount=_less_sure(reason.amount))


def _less_sure(cell: Field) -> Field:
    return replace(cell, confidence=min(_DOUBTED, cell.confidence))
