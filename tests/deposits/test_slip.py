"""Deposit slips and prooflists say what is in the deposit, and show each check."""

from __future__ import annotations

import io
from dataclasses import replace

import pdfplumber
from PIL import Image

from deposits import batch
from deposits.slip import SlipItem, SlipSheet, draw_prooflist, draw_slip, prooflist_pdf, slip_pdf
from records.db import Database
from records.installation import Installation
from records.models import PageImage
from tests.deposits.build import ACCOUNT_NUMBER, DAY, check, group


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("L", (1200, 540), 230).save(out, "PNG")
    return out.getvalue()


def _text(pdf: bytes) -> tuple[str, int, int]:
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        pages = opened.pages
        return "\n".join(p.extract_text() for p in pages), len(pages), sum(
            len(p.images) for p in pages
        )  # fmt: skip


def test_slip_and_prooflist_of_a_deposit_show_its_checks_and_never_the_account_number(
    db: Database, installation: Installation
) -> None:
    store = installation.store
    with db.write() as session:
        made = group(session)
        seen, unseen = check(session, made, 12_500, number="1021"), check(session, made, 7_550)
        page = PageImage(source_file_id=made.file_id, position=0, image_sha256=store.put(_png()),
                         media_type="image/png", width=1200, height=540)  # fmt: skip
        session.add(page)
        session.flush()
        seen.document.page_ids = [page.id]
        seen.document.region = [0, 0, 600, 270]
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [seen.id, unseen.id], "user:bill")
        batch.close(session, deposit.id, 2, 20_050, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
    with db.read() as session:
        slip, _, _ = _text(slip_pdf(session, store, deposit.id))
        proof, _, images = _text(prooflist_pdf(session, store, deposit.id))
    for text in (slip, proof):
        assert deposit.ref in text
        assert "Total $200.50" in text
        assert "2 checks" in text
        assert "1021" in text
        assert "account ending 6789" in text
        assert ACCOUNT_NUMBER not in text
        assert ACCOUNT_NUMBER.lstrip("0") not in text
        assert "Approved by beth" in text
    assert images == 1
    assert "no image" in proof


def _sheet(count: int) -> SlipSheet:
    items = tuple(SlipItem(n, f"P-{n}", str(n), "Payer", 100 + n, b"broken") for n in range(count))
    return SlipSheet("DEP-1", "open", "Bank", "1234", "2026-11-20", "", "", items)


def test_a_long_deposit_runs_over_pages_and_totals_once() -> None:
    for draw, pages in ((draw_slip, 3), (draw_prooflist, 13)):
        text, count, _ = _text(draw(_sheet(100)))
        assert count == pages
        assert text.count("Total $149.50") == 1


def test_an_unapproved_deposit_says_so() -> None:
    text, _, _ = _text(draw_slip(_sheet(1)))
    assert "NOT APPROVED (open)" in text


def test_a_rejected_deposit_says_so() -> None:
    sheet = replace(_sheet(1), state="rejected", approved_by="beth")
    assert "REJECTED, NOT TO BE DEPOSITED" in _text(draw_slip(sheet))[0]
    assert "REJECTED" not in _text(draw_slip(replace(sheet, state="exported")))[0]


def test_an_empty_deposit_has_one_page() -> None:
    assert _text(draw_prooflist(_sheet(0)))[1] == 1
