"""What stands above a remittance's table and is printed again on the pages after."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.remittance_head_cells import Head
from ocr.remittance_labels import claim_values
from ocr.remittance_rows import Row

_NUMBER = re.compile(r"\b(page|pg|sheet)\b.*$")


def letterhead(rows: Sequence[Row], heads: Sequence[Head]) -> frozenset[str]:
    """The first page's rows above its table, as ``plain`` has them.

    What names a claim is none of it, nor is a service where no table has a head.
    """
    end = min((head.first for head in heads), default=None)
    above = (row for row in rows if end is None or row.number < end)
    return frozenset(
        plain(row)
        for row in above
        if not {"patient_name", "claim_number"} & set(claim_values(row))
        and not (end is None and row.service_like and len(row.amounts) > 1)
    )


def plain(row: Row) -> str:
    """A row's words without the number of its page."""
    return _NUMBER.sub("", " ".join(row.text.lower().split())).strip()
