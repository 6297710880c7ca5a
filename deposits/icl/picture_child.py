"""What a bank refuses in one check image; as a program, for a batch of them under limits.

Its argument is how many seconds the batch may take beyond ``EACH_SECONDS`` an image. Standard
input: the length of a table (four bytes, big-endian), the table (a line for each image: its bytes,
1 for a front), the images. Standard output, as JSON: the seconds beyond that were taken, and a list
of findings for each image, null for one that was not looked at.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import time
from collections.abc import Iterator

import numpy as np

from deposits.icl import group4
from deposits.icl.tiff import placed_strip, tiff_findings
from intake import sandbox

_MOST_INCHES = (12.0, 6.0)
_LEAST_INCHES = (2.5, 1.0)
_LEAST_INK = 0.0008
_MOST_PIXELS = 5_000_000
"""A little over 12 by 6 inches at 240 dots; larger ones take long and no bank wants them."""
_MEMORY_BYTES, _CPU_SECONDS = 2 << 30, 100
EACH_SECONDS = 0.05
"""A sound image takes a tenth of it; one that is not as Group 4 codes it, about so long."""
_UNREADABLE = frozenset({
    "image_not_tiff", "tiff_broken", "tiff_byte_order", "tiff_compression", "tiff_strips",
    "tiff_missing_tag", "tiff_pointer",
})  # fmt: skip


def judge(image: bytes, *, front: bool) -> Iterator[tuple[str, str]]:
    """``(code, message)`` of what a bank refuses in one image file, its header included."""
    findings = tiff_findings(image)
    yield from findings
    placed = placed_strip(image)
    if placed is None or {code for code, _ in findings} & _UNREADABLE:
        return
    strip, width, height, dpi = placed
    inches = (width / dpi, height / dpi) if dpi else (0.0, 0.0)
    if dpi and not all(
        least <= each <= most
        for each, least, most in zip(inches, _LEAST_INCHES, _MOST_INCHES, strict=True)
    ):
        yield "image_size", f"The image is {inches[0]:.1f} by {inches[1]:.1f} inches."
        return
    if not 0 < width * height <= _MOST_PIXELS:
        yield "image_size", f"The image is {width} by {height} pixels."
        return
    try:
        ink = group4.to_ink(strip, width, height)
        why = group4.why_not_exact(strip, ink)
    except (OSError, ValueError):
        yield "image_damaged", "The image's Group 4 data cannot be decoded."
        return
    if why is not None:
        yield "image_damaged", f"The image's Group 4 data is not whole: {why}."
    elif front and ink.mean() < _LEAST_INK:
        yield "image_blank", "The front is blank."


def judge_all(
    images: Iterator[tuple[bytes, bool]], seconds: float
) -> tuple[float, list[list[tuple[str, str]] | None]]:
    """Seconds taken beyond the images' own, and each image's findings (its bytes, a front?).

    Once more than ``seconds`` are taken, the rest is not looked at: None for each.
    """
    answers: list[list[tuple[str, str]] | None] = []
    beyond = 0.0
    for image, front in images:
        if beyond > seconds:
            answers.append(None)
            continue
        begun = time.process_time()
        answers.append(list(judge(image, front=front)))
        beyond += max(0.0, time.process_time() - begun - EACH_SECONDS)
    return beyond, answers


def main() -> None:
    """Judge what stands on standard input."""
    tried = np.ones((8, 8), np.bool_)
    group4.to_ink(group4.to_strip(tried), 8, 8)  # what decoding loads, it loads before the lock
    sandbox.lock_in(os.getppid(), _MEMORY_BYTES, _CPU_SECONDS)
    sandbox.seal()
    stream = sys.stdin.buffer
    (length,) = struct.unpack(">I", stream.read(4))
    table = [line.split() for line in stream.read(length).decode("ascii").splitlines()]
    images = ((stream.read(int(size)), front == "1") for size, front in table)
    json.dump(judge_all(images, float(sys.argv[1])), sys.stdout)


if __name__ == "__main__":
    main()
