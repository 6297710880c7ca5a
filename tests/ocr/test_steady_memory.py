"""Reading check after check in one process leaves its memory where it was."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from intake.types import Page
from ocr.check import read_check
from web.demo.pieces import checks


def resident_mib() -> float:
    """What this process holds in memory now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS line")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_does_not_grow_from_check_to_check() -> None:
    pages = [
        Page(0, picture.pixels, picture.dpi)
        for piece in checks(31, 4)
        for picture in piece.pages[:1]
    ]
    for page in pages * 2:  # engines load and reach their largest line
        read_check(page)
    before = resident_mib()
    for page in pages * 5:
        read_check(page)
    assert resident_mib() - before < 12
