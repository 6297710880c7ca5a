"""Cash letters written, views made, and the memory that a large letter takes, for ``bench icl``.

The peer of a view is Pillow's own Group 4 file of the same picture, which no bank takes.
"""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from bench.checks.cases import cases
from deposits import icl
from deposits.icl import views
from deposits.icl.build import build
from deposits.icl.group4 import to_tiff
from deposits.icl.letter import Letter, LetterItem, Sender, Side
from deposits.icl.ticket import ticket
from intake.types import Pixels
from intake.x9 import write_records
from ocr.prepare import find_checks

_PROFILE = "x9_100_187_2013"
_ROUTING = ("061000146", "026073150", "122000661", "021000021")
_ITEM_BYTES = 13_000


def written(checks: int, seed: int) -> dict[str, Any]:
    """Items a second into memory, with images ready, and checked: headers alone, and pictures."""
    out = io.BytesIO()
    front, back = _images()
    start = time.perf_counter()
    write(out, checks, seed, front, back)
    seconds = time.perf_counter() - start
    figures: dict[str, Any] = {
        "items": checks, "bytes": len(out.getvalue()),
        "written_items_per_second": round(checks / seconds),
    }  # fmt: skip
    for name, pictures in (("checked", False), ("checked_with_pictures", True)):
        out.seek(0)
        start = time.perf_counter()
        findings = icl.check(out, icl.named(_PROFILE), pictures=pictures)
        if findings:
            raise AssertionError(f"the letter is not sound: {findings[0]}")
        figures[f"{name}_items_per_second"] = round(checks / (time.perf_counter() - start))
    return figures


def write(out: BinaryIO, checks: int, seed: int, front: bytes, back: bytes) -> None:
    """A sound letter of so many checks."""
    profile = icl.named(_PROFILE)
    rng = random.Random(f"cash letter:{seed}")
    amounts = [rng.randint(500, 90_000) for _ in range(checks)]
    sender = Sender(_ROUTING[0], _ROUTING[1], _ROUTING[0], "123456789", test=True)
    letter = Letter(seed + 1, date(2026, 11, 20), datetime(2026, 11, 20, 16, 5, tzinfo=UTC),
                    checks, sum(amounts), _items(amounts, front, back))  # fmt: skip
    slip = Side(ticket("Deposit", (), letter.cents), made=True)
    profile = icl.parsed(_PROFILE, f"[file]\nmost_items = {max(checks, 1)}\n" + _credit())
    write_records(build(letter, sender, profile, slip), out, profile.layout_of_files)


def _credit() -> str:
    return ('standard_level = "35"\n[credit]\nrecord = "62"\nplace = "letter"\ncounted = true\n'
            'in_totals = true\nsource_of_work = "06"\n')  # fmt: skip


def _items(amounts: list[int], front: bytes, back: bytes) -> Iterator[LetterItem]:
    sides = Side(front), Side(back)
    for at, cents in enumerate(amounts):
        yield LetterItem(str(at), cents, _ROUTING[at % 4], f"{100000 + at}/{at}", "", "", *sides)


def _images() -> tuple[bytes, bytes]:
    """A drawn check's own views."""
    case = next(each for each in cases(7, 20) if each.back is not None and find_checks(each.page))
    region = find_checks(case.page)[0]
    front = views.front_view(region)
    assert case.back is not None  # noqa: S101 - narrows
    back = views.back_view(case.back, front, case.page, region.box)
    return to_tiff(front.ink, views.DPI), to_tiff(back.ink, views.DPI)


def drawn_views(count: int, seed: int) -> dict[str, Any]:
    """Views a second on one core, from gray at 200 dpi to the image file, beside Pillow's own."""
    pictures = [
        region.pixels for case in cases(seed, count) for region in find_checks(case.page)[:1]
    ]
    ours = _rate(pictures, lambda shades: to_tiff(views.to_ink(shades), views.DPI))
    inks = [views.to_ink(shades) for shades in pictures]
    only = _rate(inks, lambda ink: to_tiff(ink, views.DPI))
    pillow = _rate(inks, _pillow)
    return {
        "pictures": len(pictures), "views_per_second": ours, "views_per_second_from_ink": only,
        "pillow_files_per_second_from_ink": pillow,
        "times_pillow": round(only / pillow, 2),
    }  # fmt: skip


def _rate(pictures: list[Any], work: Any) -> int:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for picture in pictures:
            work(picture)
        best = min(best, time.process_time() - start)
    return round(len(pictures) / best)


def _pillow(ink: Pixels) -> None:
    Image.fromarray(~np.asarray(ink)).save(io.BytesIO(), "TIFF", compression="group4")


def memory(megabytes: int, seed: int) -> dict[str, Any]:
    """Peak memory of a process that checks (headers), and of one that copies, so large a letter."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "letter.x937"
        checks = max(1, megabytes * 1_000_000 // _item_bytes())
        with path.open("wb") as out:
            write(out, checks, seed, *_images())
        size = path.stat().st_size
        figures = {name: _in_process(name, path) for name in ("check", "copy")}
    return {"megabytes": round(size / 1e6, 1), "items": checks, **figures}


def _item_bytes() -> int:
    front, back = _images()
    return len(front) + len(back) + 80 * 2 + 2 * (80 + 117) + 24


_CHILD = """
import io, json, resource, sys, time
from deposits import icl
from intake import x9
start = time.perf_counter()
with open(sys.argv[2], "rb") as stream:
    if sys.argv[1] == "check":
        profile = icl.parsed("p", "[file]\\nmost_items = 10000000\\n")
        if icl.check(stream, profile, pictures=False):
            raise SystemExit("findings")
    else:
        with open(sys.argv[2] + ".copy", "wb") as out:
            x9.copy(stream, out)
print(json.dumps({"seconds": round(time.perf_counter() - start, 1),
                  "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))
"""


def _in_process(what: str, path: Path) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - this file's own program
        [sys.executable, "-c", _CHILD, what, str(path)], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    copied = Path(f"{path}.copy")
    if copied.exists():
        same = _same(path, copied)
        copied.unlink()
        if not same:
            raise AssertionError("the copy differs from the letter")
    return found


def _same(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        while True:
            piece = first.read(1 << 20)
            if piece != second.read(1 << 20):
                return False
            if not piece:
                return True
