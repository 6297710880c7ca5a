"""Drawn remittances: their facts balance, a seed gives the same file, and the page says them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.remittances.cases import case, cases
from bench.remittances.facts import broken
from bench.remittances.layouts.every import HELD_OUT, KNOWN, layouts
from bench.remittances.layouts.random_designs import design
from bench.remittances.make import make
from bench.remittances.scans import Capture, scan
from intake.decode import decode

HELD_OUT_NOTES = Path(__file__).parents[2] / "bench/remittances/HELDOUT.md"


@given(seed=st.integers(0, 2**32), place=st.integers(0, len(layouts("all")) - 1), data=st.data())
@settings(max_examples=60, deadline=None)
def test_facts_balance_by_line_and_payment(seed: int, place: int, data: st.DataObject) -> None:
    traits = layouts("all")[place].traits
    special = data.draw(st.sampled_from([None, *sorted(traits.specials)]))
    for made in make(random.Random(seed), traits, special):
        assert broken(made) == []
        kept = sum(entry.cents for entry in made.provider_adjustments)
        assert made.total_paid_cents == sum(c.total("paid_cents") for c in made.claims) - kept
        assert made.total_paid_cents > 0 or special == "zero_pay"
        held = {f"{a.group}-{a.code}" for c in made.claims for x in c.lines for a in x.adjustments}
        assert held <= traits.may_hold
        if special == "reversal":
            taken = [claim for claim in made.claims if claim.status == "22"]
            assert len(taken) == 1
            assert taken[0].total("charged_cents") < 0


def test_there_are_twelve_layouts_and_no_two_of_a_name() -> None:
    names = [layout.name for layout in layouts("all")]
    assert len(names) == len(set(names))
    assert len(names) >= 12
    assert not any(layout.held_out for layout in KNOWN)
    assert all(layout.held_out for layout in HELD_OUT)
    assert [f"### `{layout.name}`" for layout in HELD_OUT] == [
        line for line in HELD_OUT_NOTES.read_text().splitlines() if line.startswith("###")
    ]
    opened = {"stacked_voucher", "portal_page", "agency_sections",
              "message_marks", "workbook_register", "dated_visits",
              "status_codes", "lettered_shares", "plan_maximums",
              "claim_a_sheet", "review_forms", "keyed_image"}  # fmt: skip
    assert opened <= {one.name for one in KNOWN}


def test_the_same_seed_gives_the_same_file_whatever_is_drawn_beside() -> None:
    of_all = {c.layout.name: c.pdf for c in cases(3, len(layouts("all")), "all")}
    for one in cases(3, len(KNOWN), "known"):
        assert one.pdf == of_all[one.layout.name]
    assert case(4, KNOWN[0], 0).pdf != case(3, KNOWN[0], 0).pdf


@pytest.mark.parametrize(
    "layout", ["two_line", "payment_first", "dated_visits", *(one.name for one in HELD_OUT)]
)
def test_every_amount_of_the_truth_stands_on_its_page(layout: str) -> None:
    chosen = next(one for one in layouts("all") if one.name == layout)
    drawn = case(5, chosen, 1)
    pages = decode(drawn.pdf, "drawn.pdf").pages
    assert sum(len(document["pages"]) for document in drawn.documents) == len(pages)
    for document in drawn.documents:
        words = {w.text.replace(",", "") for n in document["pages"] for w in pages[n].words}
        for claim in document["fields"]["claims"]:
            for line in claim["lines"]:
                cents = abs(line["paid_cents"])
                printed = f"{cents // 100 or ''}.{cents % 100:02d}"
                assert cents == 0 or any(printed in word for word in words)


@pytest.mark.parametrize("layout", [one.name for one in HELD_OUT])
def test_every_name_and_number_of_the_truth_is_printed(layout: str) -> None:
    chosen = next(one for one in layouts("all") if one.name == layout)
    drawn = case(5, chosen, 1)
    pages = decode(drawn.pdf, "drawn.pdf").pages
    for document in drawn.documents:
        fields = document["fields"]
        printed = " ".join(w.text for n in document["pages"] for w in pages[n].words).upper()
        wanted = [fields[name] for name in ("payer_name", "payee_name", "payee_npi",
                                            "payee_tax_id", "payment_number")]  # fmt: skip
        for claim in fields["claims"]:
            asked = ("member_id", "patient_account", "claim_number", "provider_name")
            wanted += [claim[name] for name in asked if name in claim]
            wanted += claim["patient_name"].split()
            wanted += [line["procedure_code"] for line in claim["lines"]]
        wanted += [entry["reference"] for entry in fields["provider_adjustments"]]
        assert [text for text in wanted if text.upper() not in printed] == []


@pytest.mark.parametrize("number", [3, 5, 21])
def test_a_design_drawn_at_random_is_the_same_again_and_prints_its_payments(number: int) -> None:
    assert case(5, design(number), 1).pdf == case(5, design(number), 1).pdf
    assert not design(number).held_out
    drawn = case(5, design(number), 1)
    said = "".join(
        w.text.replace(",", "") for page in decode(drawn.pdf, "drawn.pdf").pages for w in page.words
    )
    for document in drawn.documents:
        cents = document["fields"]["total_paid_cents"]
        assert f"{cents // 100}.{cents % 100:02d}" in said
        assert all(claim["claim_number"] in said for claim in document["fields"]["claims"])


def test_designs_that_measure_are_held_out() -> None:
    assert all(one.held_out for one in layouts("random"))
    assert len({one.traits.columns for one in layouts("random")}) > 8


def test_a_scan_is_black_and_white_or_gray_and_the_same_again() -> None:
    page = np.full((220, 170), 255, np.uint8)
    page[100:110, 20:150] = 0
    for dpi, levels in ((200, 2), (300, 20)):
        capture = Capture(200 if dpi == 200 else 300, 1.2, "normal", 0.5, 0.5, 5.0, 10)
        first = scan(page, capture, random.Random(1))
        assert np.array_equal(first, scan(page, capture, random.Random(1)))
        assert (len(np.unique(first)) <= 2) == (levels == 2)
