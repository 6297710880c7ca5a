"""Single pieces: deterministic, consistent with their truth, and readable by machines."""

from __future__ import annotations

import random
from itertools import islice

import numpy as np
import pypdfium2
import zxingcpp

from web.demo.codes import aba_valid, luhn_valid
from web.demo.envelope_art import REASONS
from web.demo.mail import Piece
from web.demo.pieces import checks, coupons, demo_group, envelopes, eobs
from web.demo.remit_art import LAYOUTS, remittance_pdf, render_pdf
from web.demo.remit_facts import make_remittance
from web.demo.symbols import imb_bars


def _same(one: Piece, other: Piece) -> bool:
    return one.truth == other.truth and all(
        np.array_equal(a.pixels, b.pixels) for a, b in zip(one.pages, other.pages, strict=True)
    )


def test_the_same_seed_gives_the_same_pieces() -> None:
    for make in (checks, coupons, envelopes, eobs):
        for one, other in zip(make(3, 2), make(3, 2), strict=True):
            assert _same(one, other)
    assert not _same(next(checks(3, 1)), next(checks(4, 1)))


def test_checks_carry_valid_numbers_and_sum_up() -> None:
    for piece in checks(11, 12):
        truth = piece.truth
        assert aba_valid(truth["routing_number"])
        assert truth["routing_number"] in truth["micr_line"]
        assert truth["account_number"] in truth["on_us"]
        assert sum(a.amount_cents for a in piece.allocations) == truth["amount_cents"]
        page = piece.pages[0]
        height, width = page.pixels.shape[:2]
        assert 5.9 < width / page.dpi < 9.8
        assert 2.7 < height / page.dpi < 4.8
        if page.mode == "bitonal":
            assert set(np.unique(page.pixels)) <= {0, 255}


def test_checks_come_in_many_hands_and_designs() -> None:
    kinds = {(p.pages[0].mode, p.pages[0].dpi) for p in checks(1, 20)}
    assert len(kinds) >= 4


def test_coupon_barcodes_and_scanlines_agree_with_the_truth() -> None:
    for piece in coupons(5, 8):
        truth = piece.truth
        assert luhn_valid(truth["scanline"].replace(" ", ""))
        page = piece.pages[0]
        found = [b.text for b in zxingcpp.read_barcodes(np.ascontiguousarray(page.pixels))]
        assert truth["barcodes"][0]["text"] in found
        payload = truth["barcodes"][0]["text"].split("*")
        assert payload[1:] == [
            truth["account_number"], truth["statement_number"], str(truth["amount_due_cents"]),
        ]  # fmt: skip


def test_envelopes_know_their_reason_and_barcode() -> None:
    for piece in envelopes(2, 8):
        truth = piece.truth
        assert truth["reason"] in {*REASONS, "sender_handwritten"}
        assert (truth["forward_address"] is not None) == (truth["reason"] == "new_address")
        imb = truth["imb"]
        digits = "".join(imb[key] for key in ("barcode_id", "service_type_id", "mailer_id",
                                              "serial", "routing_zip"))  # fmt: skip
        assert len(imb_bars(digits)) == 65


def test_every_remittance_balances() -> None:
    group = demo_group()
    for number in range(40):
        rng = random.Random(number)
        back = rng.choice((0, 1500))
        payer = rng.choice(group.payers)
        made = make_remittance(group, payer, group.offices[0], rng, provider_adjustment=back)
        truth = made.truth()
        for claim in truth["claims"]:
            for line in claim["lines"]:
                taken = sum(a["amount_cents"] for a in line["adjustments"])
                assert line["charged_cents"] == line["paid_cents"] + taken
            for field in ("charged_cents", "paid_cents", "patient_responsibility_cents"):
                assert claim[field] == sum(line[field] for line in claim["lines"])
        paid = sum(claim["paid_cents"] for claim in truth["claims"])
        assert paid - back == truth["total_paid_cents"]
        assert sum(a.amount_cents for a in made.allocations()) == paid


def test_each_layout_has_a_text_layer_and_renders() -> None:
    group = demo_group()
    payers = {payer.layout: payer for payer in group.payers}
    assert set(payers) == set(LAYOUTS)
    assert len(LAYOUTS) >= 4
    for payer in payers.values():
        made = make_remittance(group, payer, group.offices[0], random.Random(1))
        pdf = remittance_pdf((made,))
        assert pdf == remittance_pdf((made,))
        text = _text(pdf)
        assert made.payment_number in text
        for claim in made.claims:
            assert claim.account.account_number in text
            assert claim.claim_number in text
        assert render_pdf(pdf, 50)[0].pixels().std() > 5


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def test_a_long_remittance_runs_over_several_pages() -> None:
    pages = [len(piece.pages) for piece in islice(eobs(6, 6), 6)]
    assert max(pages) >= 2
