"""Fits and proves the shipped model of matching on payments to seeded charts.

    python -m bench.train.matching OUT.json --accounts 100000 --fit 60000 --prove 120000

Payments to fit, and payments to prove, come of different seeds and of different charts.
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.match_judged import asked
from bench.match_load import Loaded, loaded
from bench.match_payments import draw
from matching import fitting
from matching.examples import Example, of_verdict
from matching.model import MADE_UP, Model, shipped

VERSION = "shipped-2"
_FIXED = 1e9
"""Weights of levels stay as they are: those of made-up payments would tell of their maker."""


def examples(chart: Loaded, count: int, seed: int, model: Model) -> Iterator[Example]:
    """Decided payments of this chart with their truth."""
    with chart.database.read() as session:
        for each in draw(chart.chart, chart.owing, count, seed):
            verdict = asked(session, each.clues, model=model)
            shares = verdict.proposals[0].shares if verdict.proposals else ()
            got = {share.account_number for share in shares}
            made = of_verdict(verdict, each.accounts, model, split_right=got == each.accounts)
            if made is not None:
                yield made


def _collected(accounts: int, count: int, seed: int, kept: Path | None) -> list[Example]:
    if kept is not None and kept.exists():
        return list(pickle.loads(kept.read_bytes()))  # noqa: S301 - written by this script
    begun = time.monotonic()
    with loaded("sqlite", accounts, seed) as chart:
        found = list(examples(chart, count, seed, Model("none")))
    print(f"{len(found)} of {count} payments, seed {seed}: {time.monotonic() - begun:.0f} s")
    if kept is not None:
        kept.write_bytes(pickle.dumps(found))
    return found


def main() -> None:
    """Fit, prove, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--fit", type=int, default=60_000)
    parser.add_argument("--prove", type=int, default=120_000)
    parser.add_argument("--seeds", type=int, nargs=2, default=(4001, 4002))
    parser.add_argument("--keep", type=Path, help="a folder that keeps the decided payments")
    given = parser.parse_args()
    kept = [given.keep / f"{seed}.pickle" if given.keep else None for seed in given.seeds]
    learnt = _collected(given.accounts, given.fit, given.seeds[0], kept[0])
    model = fitting.fit(learnt, replace(shipped(), judge={}, shifts={}), VERSION, ridge=_FIXED)
    proving = _collected(given.accounts, given.prove, given.seeds[1], kept[1])
    proof = fitting.proof(fitting.judged_by(proving, model))
    made = replace(model, proof=proof, worth=MADE_UP)
    given.out.write_text(json.dumps(made.to_json(), indent=1) + "\n", encoding="utf-8")
    for kind, cuts in proof.items():
        for cut in cuts:
            print(f"{kind:22} {cut.least:8} {cut.seen:7} {cut.wrong:4}")


if __name__ == "__main__":
    main()
