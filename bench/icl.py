"""Image cash letters: records a second shown and checked, and memory, beside named peers.

Peers run in the same process on the same letter: ``slices`` walks the length prefixes and cuts a
few fields by position, which is the least any reader must do; ``pillow`` decodes every image.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from PIL import Image

from bench import icl_build
from deposits import icl
from intake import x9
from intake.x9 import Framing, Record, build_record, write_records


def make_letter(checks: int, seed: int = 7) -> bytes:
    """A balanced forward letter of ``checks`` items, each with two real Group 4 images."""
    head = {"destination_routing": "061000146", "ece_institution_routing": "026073150",
            "business_date": "20261120", "creation_date": "20261120"}  # fmt: skip
    image = _image()
    records = [
        build_record("01", {"standard_level": 3, "test_indicator": "T",
                            "immediate_destination_routing": "061000146",
                            "immediate_origin_routing": "026073150",
                            "file_creation_date": "20261120", "file_creation_time": "0911",
                            "resend_indicator": "N"}),
        build_record("10", {"collection_type": 1, "cash_letter_id": "A1", "creation_time": "0911",
                            "record_type_indicator": "I", **head}),
    ]  # fmt: skip
    bundles = 0
    for start in range(0, checks, 250):
        numbers = range(start + 1, min(start + 250, checks) + 1)
        bundles += 1
        records.append(build_record("20", {"collection_type": 1, "bundle_sequence": bundles,
                                           **head}))  # fmt: skip
        for number in numbers:
            records += _item(number, image, _cents(number, seed))
        total = sum(_cents(number, seed) for number in numbers)
        records.append(build_record("70", {"items": len(numbers), "total_amount": total,
                                           "images": 2 * len(numbers)}))  # fmt: skip
    total = sum(_cents(number, seed) for number in range(1, checks + 1))
    records.append(build_record("90", {"bundles": bundles, "items": checks,
                                       "total_amount": total, "images": 2 * checks}))  # fmt: skip
    records.append(build_record("99", {"cash_letters": 1, "total_records": len(records) + 1,
                                       "total_items": checks, "total_amount": total}))  # fmt: skip
    out = io.BytesIO()
    write_records(records, out, Framing("len4", "ebcdic"))
    return out.getvalue()


def _cents(number: int, seed: int) -> int:
    return 1_000 + number * (30 + seed) % 90_000


def _item(number: int, image: bytes, cents: int) -> list[Record]:
    made = [
        build_record("25", {"payor_routing8": "12200066", "payor_check_digit": "1",
                            "on_us": f"{number}/101", "item_amount": cents,
                            "ece_item_sequence": str(number), "micr_valid": 1,
                            "bofd_indicator": "Y", "addendum_count": 1}),
        build_record("26", {"record_number": 1, "bofd_routing": "061000146",
                            "bofd_endorsement_date": "20261120", "truncation_indicator": "Y"}),
    ]  # fmt: skip
    for side in (0, 1):
        made.append(build_record("50", {"image_indicator": 1, "view_side": side,
                                        "image_creator_routing": "026073150",
                                        "view_descriptor": 0,
                                        "image_creator_date": "20261120"}))  # fmt: skip
        made.append(build_record("52", {"ece_institution_routing": "026073150",
                                        "bundle_business_date": "20261120",
                                        "ece_item_sequence": str(number),
                                        "image_data": image}))  # fmt: skip
    return made


def _image() -> bytes:
    """A 1200 x 540 drawing of lines, some 3 kB in Group 4 as real check backs are."""
    picture = Image.new("1", (1200, 540), 1)
    for y in range(40, 500, 9):
        for x in range(60, 1140, 23):
            picture.paste(0, (x, y, x + 3 + (x * y) % 11, y + 3))
    out = io.BytesIO()
    picture.save(out, "TIFF", compression="group4", dpi=(200, 200))
    return out.getvalue()


def _slices(data: bytes) -> int:
    at = count = 0
    while at + 4 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        body = data[at + 4 : at + 4 + length]
        kind = body[:2].decode("cp037")
        if kind == "25":
            int(body[47:57].decode("cp037"))
            body[18:27].decode("cp037")
        at += 4 + length
        count += 1
    return count


def _read(data: bytes) -> int:
    return sum(1 for _ in x9.read_records(io.BytesIO(data)))


def _check(data: bytes) -> int:
    icl.check(io.BytesIO(data), pictures=False)
    return _slices(data)


def _copy(data: bytes) -> int:
    out = io.BytesIO()
    x9.copy(io.BytesIO(data), out)
    if out.getvalue() != data:
        raise AssertionError("the copy differs from the letter")
    return _slices(data)


def _pillow(data: bytes) -> int:
    for record in x9.read_records(io.BytesIO(data)):
        if record.type == "52":
            with Image.open(io.BytesIO(record.binary("image_data"))) as image:
                image.load()
    return _slices(data)


def _timed(work: Callable[[bytes], int], data: bytes, rounds: int) -> dict[str, Any]:
    """Best of ``rounds``: seconds, records a second, megabytes a second."""
    best, records = float("inf"), 0
    for _ in range(rounds):
        start = time.perf_counter()
        records = work(data)
        best = min(best, time.perf_counter() - start)
    return {
        "seconds": round(best, 4),
        "records_per_second": round(records / best),
        "megabytes_per_second": round(len(data) / best / 1e6, 1),
    }


def _peak_bytes(data: bytes) -> int:
    """Most memory that checking holds beside the letter itself."""
    stream = io.BytesIO(data)
    tracemalloc.start()
    icl.check(stream, pictures=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def measure(
    checks: int = 1_000, rounds: int = 3, *, seed: int = 7, count: int | None = None,
    megabytes: str = "",
) -> dict[str, Any]:  # fmt: skip
    """All figures for a letter of ``count`` (else ``checks``) items; ``seed`` draws its sums.

    ``megabytes`` (``100,1000``) measures the memory that letters of these sizes take.
    """
    checks = checks if count is None else count
    data = make_letter(checks, seed)
    ours = {"read": _read, "check": _check, "copy": _copy}
    peers = {"slices": _slices, "pillow": _pillow}
    return {
        "seed": seed,
        "checks": checks,
        "bytes": len(data),
        "records": _slices(data),
        "ours": {name: _timed(work, data, rounds) for name, work in ours.items()},
        "peers": {name: _timed(work, data, rounds) for name, work in peers.items()},
        "built": icl_build.written(checks, seed),
        "views": icl_build.drawn_views(min(checks, 40), seed),
        "memory": [icl_build.memory(int(size), seed) for size in megabytes.split(",") if size],
        "check_peak_bytes": _peak_bytes(data),
        "check_peak_bytes_at_a_tenth": _peak_bytes(make_letter(max(checks // 10, 1), seed)),
    }


def main(arguments: list[str] | None = None) -> int:
    """``python -m bench.icl --json [--checks N]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    found = measure(given.checks, given.rounds)
    if given.json:
        print(json.dumps(found, indent=1))
        return 0
    for group in ("ours", "peers"):
        for name, figures in found[group].items():
            print(f"{group:6}{name:8}{figures['records_per_second']:>10} records/s")
    print(f"memory while checking: {found['check_peak_bytes'] / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
