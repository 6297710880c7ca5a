"""A card number on a coupon is in no answer, no row and no picture, however its page is turned."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2
import pytest
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from intake import uploads
from intake.types import Pixels
from records.models import AuditEvent, Document, Office, PageImage, SourceFile
from tests.web.desk import Desk, open_desk

NUMBER = "4539148803436467"
LINES = (
    "Maple Dental - please detach and return this part with your payment",
    "Statement number 8100000056   Account number 2100000045",
    "Statement date 11/02/2026   Amount due $125.00",
    "If paying by credit card, fill out below",
    "Card number 4539 1488 0343 6467",
    "Exp 12/27   CVV 381",
    "Signature ______________   Amount enclosed $125.00",
)


def coupon() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=1)
    canvas.setFont("Courier", 14)
    for row, line in enumerate(LINES):
        canvas.drawString(50, 700 - 30 * row, line)
    canvas.save()
    return out.getvalue()


def scanned(pdf: bytes) -> bytes:
    """The same page as a scanner gives it: pixels, no words."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil().convert("L")
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(150, 150))
    return out.getvalue()


@dataclass(frozen=True)
class Arrived:
    file: str
    page: str
    document: str


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("cards"))
    yield made
    made.installation.close()


@pytest.fixture(scope="module")
def arrived(desk: Desk) -> dict[str, Arrived]:
    """The coupon, once with a text layer and once as a scan, read by the jobs."""
    held = desk.installation
    pdf = coupon()
    files = {"digital": ("a.pdf", pdf), "scan": ("b.png", scanned(pdf))}
    with held.db.write() as session:
        office = session.scalars(select(Office).where(Office.code == "NORTH")).one().id
        made = {}
        for form, (name, data) in files.items():
            kept = uploads.keep(held.store, data, name, limit_bytes=10_000_000)
            receipt = uploads.receive(
                session, kept, office_id=office, actor="user:sam", channel="cli"
            )
            made[form] = receipt.source_file_id
    desk.work()
    found = {}
    with held.db.read() as session:
        for form, file_id in made.items():
            file = session.get_one(SourceFile, file_id)
            documents = session.scalars(select(Document).where(Document.live)).all()
            page = file.pages[0].id
            [mine] = [each for each in documents if page in each.page_ids]
            found[form] = Arrived(file.ref, page, mine.id)
    return found


def holds(text: str) -> bool:
    """Whether more than the last four digits of the number stand in a text."""
    return NUMBER[:-4] in re.sub(r"[\s.-]", "", text) or "4539" in text or "0343" in text


def picture(desk: Desk, page: str, **asked: str) -> Pixels:
    answer = desk.client("sam").get(f"/pages/{page}.png", params=asked)
    assert answer.status_code == 200
    shown = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown is not None
    return np.asarray(shown, np.uint8)


@pytest.mark.parametrize("form", ["digital", "scan"])
def test_no_row_and_no_answer_has_the_number(
    desk: Desk, arrived: dict[str, Arrived], form: str
) -> None:
    at = arrived[form]
    with desk.installation.db.read() as session:
        document = session.get_one(Document, at.document)
        body = json.dumps(document.reading.sealed)
        details = json.dumps(session.get_one(PageImage, at.page).details)
        events = json.dumps([e.detail for e in session.scalars(select(AuditEvent))])
    assert document.kind == "coupon"
    assert [w["code"] for w in document.reading.sealed["warnings"]].count("card_number") == 1
    for text in (body, details, events):
        assert not holds(text)
        assert '"381"' not in text
    assert document.reading.sealed["fields"]["account_number"]["value"] == "2100000045"
    if form == "digital":
        assert '"6467"' in details, "the last four stay in the words"
        assert '"****"' in details
    client = desk.client("sam")
    for url in (f"/files/{at.file}", f"/api/v1/files/{at.file}", "/review", "/"):
        assert not holds(client.get(url).text), url


def test_the_database_file_holds_no_digit_of_it(desk: Desk, arrived: dict[str, Arrived]) -> None:
    assert arrived
    folder = desk.installation.settings.data_dir
    for path in folder.glob("*.sqlite*"):
        data = path.read_bytes()
        assert NUMBER.encode() not in data
        assert b"4539 1488" not in data


def test_nobody_gets_the_original(desk: Desk, arrived: dict[str, Arrived]) -> None:
    for name in ("ada", "sam"):
        answer = desk.client(name).get(f"/quarantine/{arrived['digital'].file}/original")
        assert answer.status_code == 409
        assert b"%PDF" not in answer.content


@pytest.mark.parametrize("form", ["digital", "scan"])
def test_the_picture_is_black_there_at_any_size_and_turn(
    desk: Desk, arrived: dict[str, Arrived], form: str
) -> None:
    page = arrived[form].page
    with desk.installation.db.read() as session:
        row = session.get_one(PageImage, page)
        boxes, size = row.details["masks"], (row.width, row.height)
    assert len(boxes) >= 5  # three groups, the expiry and the code
    whole = picture(desk, page)
    assert whole.shape == (size[1], size[0])
    for x, y, wide, tall in boxes:
        assert not whole[y : y + tall, x : x + wide].any()
    assert whole.mean() > 200, "the rest of the page is there"
    for width in (120, 300, 700):
        small = picture(desk, page, w=str(width))
        times = small.shape[1] / size[0]
        for x, y, wide, tall in boxes:
            middle = small[round((y + tall / 2) * times), round((x + wide / 2) * times)]
            assert middle < 60
    x, y, wide, tall = boxes[0]
    cut = picture(desk, page, crop=f"{x},{y},{wide},{tall}")
    assert not cut.any()


def test_a_page_that_is_turned_and_read_anew_keeps_its_blackout(
    desk: Desk, arrived: dict[str, Arrived]
) -> None:
    at = arrived["digital"]
    before = picture(desk, at.page)
    turned = desk.client("sofia").post(f"/pages/{at.page}/rotate", data={"degrees": "90"})
    assert turned.status_code == 200
    desk.work()
    after = picture(desk, at.page)
    assert np.array_equal(after, np.rot90(before, -1))
    with desk.installation.db.read() as session:
        live = session.scalars(select(Document).where(Document.live)).all()
        [document] = [each for each in live if at.page in each.page_ids]
        body = document.reading.sealed
    assert "card_number" in [each["code"] for each in body["warnings"]]
    assert not holds(json.dumps(body))
