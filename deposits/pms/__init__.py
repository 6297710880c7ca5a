"""One adapter per format that practice-management systems take postings in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deposits.pms.csv import write_csv
from deposits.pms.types import PostingFile, PostingLine
from deposits.pms.x12_835 import write_835

Writer = Callable[[PostingFile], bytes]

WRITERS: Mapping[str, tuple[str, Writer]] = {
    "csv": ("csv", write_csv),
    "x12_835": ("835", write_835),
}
"""Format to its file ending and writer."""

__all__ = ["WRITERS", "PostingFile", "PostingLine", "Writer"]
