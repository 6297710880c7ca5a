"""The benchmark's letter is a sound letter, and its figures are there."""

from __future__ import annotations

import io

from bench.icl import make_letter, measure
from deposits import icl


def test_the_benchmarks_letter_balances_and_has_no_finding_but_its_images_header() -> None:
    findings = icl.check(io.BytesIO(make_letter(3)), icl.named("records_only"))
    assert findings == []


def test_figures_of_readers_and_peers_are_measured_in_one_run() -> None:
    found = measure(checks=2, rounds=1)
    assert found["ours"].keys() == {"read", "check", "copy"}
    assert found["peers"].keys() == {"slices", "pillow"}
    assert found["records"] == 2 + 1 + 2 * 6 + 3
