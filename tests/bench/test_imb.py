"""Barcodes on drawn envelopes: a short sample of `lockbox bench imb`, nothing of it wrong."""

from __future__ import annotations

import shutil

import pytest

from bench.imb import encoders, measure
from ocr import imb
from records.errors import WrongUse

CODE = "0027090012345600045697201123456"


def test_three_encoders_draw_the_same_bars() -> None:
    for name in encoders.ENCODERS:
        if name == "zint" and not encoders.has_zint():
            pytest.skip("zint is not installed: apt-get install zint")
        (drawn,) = encoders.drawn(name, [CODE])
        assert len(drawn) == 65
        drawn = sorted(drawn)
        high, low = min(y for _, y, _, _ in drawn), max(y + tall for _, y, _, tall in drawn)
        letters = ""
        for _, y, _, tall in drawn:
            up, down = y - high < 0.02, low - (y + tall) < 0.02
            letters += "TDAF"[int(down) + 2 * int(up)]
        assert letters == imb.encode(CODE[:20], CODE[20:]), name


def test_without_zint_the_bench_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(WrongUse, match="apt-get install zint"):
        encoders.drawn("zint", [CODE])


def test_a_short_sample_is_read_and_nothing_is_wrong() -> None:
    if not encoders.has_zint():
        pytest.skip("zint is not installed: apt-get install zint")
    told = measure.measure(seed=11, count=72, pieces=20_000, resolutions=(150, 200))
    assert told["envelopes"] == 72
    for name in ("unobstructed", "obstructed", "decoys"):
        group = told["groups"][name]
        for way in ("open", "mailer", "ledger"):
            assert group[way]["wrong"] == 0, (name, way)
    plain, covered = told["groups"]["unobstructed"], told["groups"]["obstructed"]
    assert plain["open"]["right"] >= 0.95 * plain["count"]
    assert covered["ledger"]["right"] >= 0.85 * covered["count"]
    assert told["groups"]["decoys"]["open"]["right"] == 0
    for row in told["simulated_bars"]:
        assert row["wrong"] == 0
        if row["kind"] == "mailed" and row["bars_seen"] >= 33:
            assert row["right"] == row["count"]
    assert list(measure.lines(told))
