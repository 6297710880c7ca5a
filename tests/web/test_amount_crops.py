"""The pictures beside a doubtful amount: which part is cut, which way up, and who looked."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from matching import amounts
from matching.amounts import Said
from matching.evidence import DocumentEvidence
from records.models import AuditEvent, PageImage
from tests.matching.world import check, coupon, field
from tests.web.desk import Desk, open_desk
from web import crops
from web.amount_view import in_words
from web.pages.images import draw


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("crops"))
    yield made
    made.installation.close()


def document(
    micr: list[int] | None = None, region: tuple[int, ...] | None = None
) -> DocumentEvidence:
    fields = {"micr_line": {"value": "A", "box": micr, "page": 0}} if micr else {}
    return DocumentEvidence("D", "DOC", "check", ("P",), region, fields, ())


def page(width: int, height: int, dpi: float | None = 200.0) -> dict[str, PageImage]:
    return {"P": PageImage(id="P", position=0, width=width, height=height, rotation=0, dpi=dpi)}


def at(box: tuple[int, int, int, int] | None, source: str = "numerals") -> Said:
    return Said(source, 125_00, 0.5, 0, box)


def test_a_place_is_cut_with_a_margin_and_within_the_page() -> None:
    found = crops.crop(at((1100, 100, 100, 40)), document(), page(1200, 520))
    assert found is not None
    assert found.box == (1060, 87, 140, 66)
    assert (found.place, found.turn, found.usual) == ((1100, 100, 100, 40), 0, False)
    assert found.address == "/pages/P.png?crop=1060,87,140,66"


@pytest.mark.parametrize(
    ("micr", "size", "turn"),
    [
        ([100, 470, 800, 30], (1200, 520), 0),
        ([100, 20, 800, 30], (1200, 520), 180),
        ([20, 100, 30, 800], (520, 1200), 270),
        ([470, 100, 30, 800], (520, 1200), 90),
    ],
)
def test_the_line_at_the_foot_says_which_way_up_the_check_lies(
    micr: list[int], size: tuple[int, int], turn: int
) -> None:
    found = crops.crop(at((200, 200, 100, 40)), document(micr), page(*size))
    assert found is not None
    assert found.turn == turn
    assert (found.width > found.height) == (turn % 180 == 0)
    assert ("turn" in found.address) == bool(turn)


def test_a_page_comes_upright_unless_its_checks_disagree() -> None:
    down, up = document([100, 20, 800, 30]), document([100, 470, 800, 30])
    rows = page(1200, 520)
    assert crops.upright("P", [down], rows) == 180
    assert crops.upright("P", [up], rows) == 0
    assert crops.upright("P", [down, up], rows) == 0
    assert crops.upright("P", [document()], rows) == 0


def test_without_a_box_the_usual_place_is_shown_and_else_the_whole_check() -> None:
    numerals = crops.crop(at(None), document(), page(1200, 520))
    words = crops.crop(at(None, "words"), document(), page(1200, 520))
    assert numerals is not None
    assert words is not None
    assert numerals.usual
    assert numerals.box[0] > 600
    assert words.box[2] == 1200
    turned = crops.crop(at(None), document([100, 20, 800, 30]), page(1200, 520))
    assert turned is not None
    assert turned.box[0] + turned.box[2] < 600
    # A check on a letter page: by its region, by its line, or all of it.
    letter = page(1700, 2200)
    inside = crops.crop(at(None), document(region=(100, 1500, 1200, 520)), letter)
    above = crops.crop(at(None), document([200, 700, 900, 25]), letter)
    whole = crops.crop(at(None), document(), letter)
    assert inside is not None
    assert above is not None
    assert whole is not None
    assert inside.box[1] > 1500
    assert above.box[1] + above.box[3] < 700
    assert whole.box == (0, 0, 1700, 2200)
    assert crops.crop(at(None), document(), {}) is None


@pytest.mark.parametrize(("turn", "corner"), [(90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_the_cut_is_turned_upright(turn: int, corner: tuple[int, int]) -> None:
    image = np.full((40, 60), 255, np.uint8)
    image[10, 20] = 0
    png = draw(cv2.imencode(".png", image)[1].tobytes(), 0, (20, 10, 30, 20), None, turn=turn)
    shown = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown is not None
    assert shown.shape == ((20, 30) if turn == 180 else (30, 20))
    assert shown[corner] == 0


@pytest.mark.parametrize(
    ("sure", "contrary"), [((0.95, 0.92), True), ((0.7, 0.95), False), ((0.7, 0.67), False)]
)
def test_a_contradiction_takes_two_sure_readings(sure: tuple[float, float], contrary: bool) -> None:
    said = (Said("numerals", 45_00, sure[0], 0, None), Said("words", 5_00, sure[1], 0, None))
    assert amounts.differ(said)
    assert amounts.contradict(said) == contrary


def test_how_sure_is_said_in_words() -> None:
    said = [in_words(each) for each in (1.0, 0.96, 0.9, 0.5, 0.0)]
    assert said == ["almost certain", "very likely", "likely", "uncertain", "a guess"]


def test_a_sure_amount_has_no_such_question(desk: Desk) -> None:
    (sure,) = desk.receive([check(90_00, "401", "Zelda Quist", courtesy_amount_cents=90_00)])
    shown = desk.client("sam").get(f"/review/{desk.question(sure).ref}").text
    assert "What the check says of its amount" not in shown
    assert "data-say" in shown
    unsure = check(90_00, "402", "Zelda Quist", amount_cents=field(90_00, 0.94))
    (doubted,) = desk.receive([unsure])
    shown = desk.client("sam").get(f"/review/{desk.question(doubted).ref}").text
    assert "What the check says of its amount" in shown
    assert 'data-accept="90.00"' in shown
    assert 'name="amount" inputmode="decimal" value=""' in shown


def test_a_done_question_tells_which_balance_made_the_amount_sure(desk: Desk) -> None:
    read = {**field(125_00, 0.6), "source": "numerals+words"}
    stub = coupon("2100000011", "8100000015", patient_name="Walter Abernathy")
    (ref,) = desk.receive([check(125_00, "404", amount_cents=read), stub])
    assert desk.payment(ref).deposit_state == "depositable"
    item = desk.question(ref)
    assert item.outcome == "amount_verified"
    shown = desk.client("audrey").get(f"/review/{item.ref}").text
    assert (
        "$125.00 was taken from the numerals and the words: "
        "it agrees with the open balance of statement 8100000015."
    ) in shown
    assert "What the check says of its amount" not in shown
    # Who approves the deposit it is in sees which amounts nobody keyed and reading alone left open.
    bill = desk.client("bill")
    deposit = bill.post("/deposits/open/B-NORTH", data={"business_on": "2026-11-16"})
    listed = bill.get(deposit.headers["location"]).text
    row = next(row for row in listed.split("<tr>") if f'"ref">{ref}<' in row)
    assert "agrees with what is owed" in row


def test_an_amount_from_a_place_that_does_not_say_it_counts_as_typed(desk: Desk) -> None:
    read = {"amount_cents": field(None, 0.0), "courtesy_amount_cents": field(61_00, 0.6)}
    (ref,) = desk.receive([check(0, "403", "Zelda Quist", **read)])
    item = desk.question(ref).ref
    sam = desk.client("sam")
    assert 'data-from="numerals"' in sam.get(f"/review/{item}").text
    body = {
        "token": str(desk.question(ref).lease_token), "amount": "62.00",
        "amount_from": "numerals", "to_destination": "unidentified",
        "to_account": "unidentified", "to_statement": "", "to_amount": "62.00",
    }  # fmt: skip
    done = sam.post(f"/review/{item}/confirm", data=body, headers={"accept": "application/json"})
    assert done.status_code == 200, done.text
    assert desk.payment(ref).amount_cents == 62_00
    with desk.installation.db.read() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "payment.confirmed")
        ).all()[-1]
    assert event.detail["amount"] == "keyed"
