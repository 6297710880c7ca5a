"""Whether a name without a label is a patient's: what else on the pages bears it out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ocr.remittance_cells import PaperClaim
from ocr.remittance_rows import Row
from ocr.types import Field

_IN_LINE = 30  # pixels that the same place may differ from claim to claim
_SKEW = 0.035  # of the way down a scanned page, that its print may lean: two degrees


def doubt_unlabelled(claims: Sequence[PaperClaim], pages: Sequence[Sequence[Row]]) -> None:
    """Doubt patients' names that no label tells and nothing else bears out, in place.

    A name at the head of a claim may be the practice's, the doctor's or the employee's. It is the
    patient's where a second row of the document names it, too, or where different names stand in
    the same place over several claims and no claim's patient is told by a label.
    """
    bare = [claim for claim in claims if claim.unlabelled and "patient_name" in claim.known]
    if not bare:
        return
    rows = [" ".join(row.text.upper().replace(",", " ").split()) for page in pages for row in page]
    labelled = any("patient_name" in claim.known and not claim.unlabelled for claim in claims)
    cells = [claim.known["patient_name"] for claim in bare]
    names = {str(claim.known["patient_name"].value) for claim in bare}
    in_column = (
        not labelled
        and len(names) > 1
        and all(_over_each_other(one, other) for one, other in pairwise(cells))
    )
    for claim in bare:
        words = str(claim.known["patient_name"].value).upper().split()
        forms = {" ".join(words), " ".join([words[-1], *words[:-1]])}
        again = sum(any(form in row for form in forms) for row in rows)
        if again < 2 and not in_column:
            claim.doubted.add("patient_name")


def _over_each_other(one: Field, other: Field) -> bool:
    """Whether two names begin at the same place of their lines, as far as a scan is straight."""
    if one.box is None or other.box is None:
        return one.box == other.box
    lean = 0.0 if one.source == "text_layer" else _SKEW
    down = abs(other.box[1] - one.box[1])
    return abs(other.box[0] - one.box[0]) <= _IN_LINE + lean * down
