"""How many real MICR lines are read, wrong, and wrong though sure.

Run as ``python -m bench.micr [FOLDER]``: the folder holds pictures and ``truth.tsv`` (name, tab,
text). About one truth in twenty is itself wrong, so every disagreement is printed for a look.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocr.micr import read_micr

DEFAULT_FOLDER = Path(__file__).parents[1] / ".." / "shared" / "samples" / "micr_lines"


@dataclass(frozen=True, slots=True)
class LineScore:
    """Counts over one folder; ``sure`` is confidence of the whole line >= 0.9, seconds are CPU."""

    lines: int
    read: int
    wrong: int
    sure: int
    sure_wrong: int
    routing_sure: int
    routing_sure_wrong: int
    seconds: float
    disagreements: tuple[tuple[str, str, str, float], ...]


def measure(folder: Path, limit: int | None = None) -> LineScore:
    """Read every line listed in ``truth.tsv`` of the folder (the first ``limit``)."""
    rows = [row.split("\t") for row in (folder / "truth.tsv").read_text().splitlines() if row]
    read = wrong = sure = sure_wrong = routing_sure = routing_wrong = 0
    odd: list[tuple[str, str, str, float]] = []
    begun = time.process_time()
    for name, spaced in rows[:limit]:
        truth = spaced.replace(" ", "")
        picture = cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)
        reading = None if picture is None else read_micr(np.asarray(picture, np.uint8))
        if reading is None:
            continue
        routing = reading.routing_number
        if routing is not None and routing.confidence >= 0.9:
            routing_sure += 1
            routing_wrong += f"A{routing.value}A" not in truth
        if "?" in reading.text:
            continue
        read += 1
        differs = reading.text != truth
        wrong += differs
        sure += reading.confidence >= 0.9
        sure_wrong += differs and reading.confidence >= 0.9
        if differs:
            odd.append((name, truth, reading.text, reading.confidence))
    return LineScore(
        min(len(rows), limit or len(rows)), read, wrong, sure, sure_wrong,
        routing_sure, routing_wrong, time.process_time() - begun, tuple(odd),
    )  # fmt: skip


def main() -> None:
    """Print the score."""
    cv2.setNumThreads(1)
    score = measure(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
    for name, truth, text, confidence in sorted(score.disagreements, key=lambda row: -row[3]):
        print(f"{confidence:.3f} {name}\n  truth {truth}\n  read  {text}")
    print(
        f"{score.lines} lines: {score.read} read whole, {score.wrong} of them unlike the truth; "
        f"{score.sure} sure, {score.sure_wrong} of them unlike; routing sure {score.routing_sure}, "
        f"{score.routing_sure_wrong} unlike; {1000 * score.seconds / score.lines:.0f} ms a line"
    )


if __name__ == "__main__":
    main()
