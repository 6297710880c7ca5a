"""Memory of a process that reads check after check: what it holds after so many of them.

``python -m bench.read_memory --seed 41 --count 400`` draws fronts and backs in this process and
reads them in another, so that the drawing's own memory is not counted; ``--again`` reads the same
few over and over, which tells caches of what is new from memory that is lost. Linux only.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.checks.cases import Split, cases
from bench.read_work import ready
from intake.types import Page
from ocr.read import read_pages

_STATUS = Path("/proc/self/status")
MARKS = (1, 20, 50, 100, 150, 200, 300, 400, 600, 800, 1000)
"""After how many checks memory is looked at."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the reading process held after ``checks`` checks (MiB), at most until then, and ms."""

    checks: int
    resident_mib: float
    most_mib: float
    milliseconds: float


def resident_mib(name: str = "VmRSS") -> float:
    """What this process holds in memory; ``VmHWM`` is the most it ever held."""
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise OSError(f"{_STATUS} has no {name}")


def measure(seed: int, count: int, *, split: Split = "test", again: int = 0) -> Iterator[Held]:
    """Memory after each of ``MARKS`` up to ``count``, of front and back read one after another.

    ``again`` is how many different checks there are (0: all differ).
    """
    fork = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fork, initializer=ready) as reader:
        kept: list[tuple[Page, ...]] = []
        drawn = cases(seed, again or count, split=split)
        spent = 0.0
        for number in range(1, count + 1):
            if again and number > again:
                pages = kept[(number - 1) % again]
            else:
                case = next(drawn)
                pages = (case.page,) if case.back is None else (case.page, case.back)
                kept += [pages] if again else []
            took, now, most = reader.submit(_read, pages).result()
            spent += took
            if number in MARKS or number == count:
                yield Held(number, now, most, round(1000 * spent / number, 1))


def _read(pages: tuple[Page, ...]) -> tuple[float, float, float]:
    """Seconds of the processor, and memory held afterwards and at most."""
    begun = time.process_time()
    read_pages(pages, single_envelope=True)
    return time.process_time() - begun, resident_mib(), resident_mib("VmHWM")


def main() -> None:
    """Print what is held as it is seen, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=41)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--again", type=int, default=0, help="how many different checks")
    parser.add_argument("--split", choices=("tune", "test"), default="test")
    asked = parser.parse_args()
    for held in measure(asked.seed, asked.count, split=asked.split, again=asked.again):
        print(json.dumps(asdict(held)), flush=True)


if __name__ == "__main__":
    main()
