"""Whether a name without a label is a patient's: what else on the pages bears it out."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.remittance_cells import PaperClaim
from ocr.remittance_rows import Row

_IN_LINE = 30  # pixels that the same place may differ from claim to claim


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
    places = [cell.box[0] for claim in bare if (cell := claim.known["patient_name"]).box]
    names = {str(claim.known["patient_name"].value) for claim in bare}
    in_column = (
        not labelled
        and len(names) > 1
        and max(places) - min(places) <= _IN_LINE
        and len(places) > 1
    )
    for claim in bare:
        words = str(claim.known["patient_name"].value).upper().split()
        forms = {" ".join(words), " ".join([words[-1], *words[:-1]])}
        again = sum(any(form in row for form in forms) for row in rows)
        if again < 2 and not in_column:
            claim.doubted.add("patient_name")
