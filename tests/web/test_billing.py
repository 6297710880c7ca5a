"""Billing's day: the figures agree with what came, and each one opens."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from matching import review
from matching.review import AllocationInput
from tests.matching.world import RECEIVED, check, coupon, field
from tests.web.desk import Desk, open_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A check that was matched by itself, one of nobody we know, one that cannot be read."""
    made = open_desk(tmp_path_factory.mktemp("billing"))
    made.receive([check(125_00, "1"), coupon("2100000011", "8100000015")])
    made.receive([check(90_00, "2", "Zelda Quist", account_number=field("998877", 0.5))])
    made.receive([check(0, "3", "Zelda Quist", amount_cents=field(None, 0.0))])
    yield made
    made.installation.close()


def axis(page: str, name: str) -> dict[str, str]:
    """The lines of one card, by their words."""
    card = re.search(rf'aria-labelledby="axis-{name}".*?</section>', page, re.DOTALL)
    assert card is not None
    rows = re.findall(r"<span>([^<]+)</span><a [^>]*>([^<]+)<", card[0])
    total = re.search(r'class="total"[^>]*>([^<]+)<', card[0])
    assert total is not None
    return {**dict(rows), "total": total[1]}


def test_the_day_shows_where_every_received_cent_stands(desk: Desk) -> None:
    page = desk.client("bill").get(f"/billing?on={RECEIVED}").text
    assert "Every cent is explained" in page
    assert "1 check has no amount yet" in page
    received = axis(page, "received")
    assert received["total"] == "$215.00"
    assert (received["on hand"], received["in review"]) == ("$125.00", "$90.00")
    assert axis(page, "deposited")["total"] == "$0.00"
    assert "1 check may be deposited: <strong>$125.00</strong>" in page


def test_another_day_is_empty_and_a_wrong_one_is_refused(desk: Desk) -> None:
    bill = desk.client("bill")
    assert axis(bill.get("/billing?on=2026-11-15").text, "received")["total"] == "$0.00"
    assert bill.get("/billing?on=yesterday").status_code == 400


def test_each_figure_opens_to_the_payments_it_is_made_of(desk: Desk) -> None:
    bill = desk.client("bill")
    page = bill.get(f"/billing?on={RECEIVED}").text
    links = [
        each.replace("&amp;", "&") for each in re.findall(r'href="(/billing/figure[^"]+)"', page)
    ]
    assert len(links) > 8
    for link in links:
        assert bill.get(link).status_code == 200, link
    whole = bill.get(f"/billing/figure?axis=received&part=total&on={RECEIVED}").text
    assert len(re.findall(r"PAY-\w{3}-\w{4}</a>", whole)) == 2
    unread = bill.get(f"/billing/figure?axis=received&part=unread&on={RECEIVED}").text
    assert len(re.findall(r"PAY-\w{3}-\w{4}</a>", unread)) == 1
    for query in ("axis=received&part=nothing", "axis=__class__&part=total"):
        assert bill.get(f"/billing/figure?{query}").status_code == 400


def test_the_day_is_not_for_specialists_and_the_auditor_presses_nothing(desk: Desk) -> None:
    assert desk.client("sam").get("/billing").status_code == 403
    page = desk.client("audrey").get("/billing").text
    assert "Received" in page
    assert "Open a deposit" not in page


def test_the_number_of_what_is_to_be_posted_follows_the_matches(desk: Desk) -> None:
    bill = desk.client("bill")
    assert "0 queued · 0 sent" in bill.get("/billing").text
    desk.work()
    assert "1 queued · 0 sent" in bill.get("/billing").text


def test_money_without_an_account_is_an_exception_that_opens_and_can_be_undone(
    desk: Desk,
) -> None:
    (ref,) = desk.receive([check(77_00, "77", "Zelda Quist")])
    item = desk.question(ref)
    with desk.installation.db.write() as session:
        held = review.lease(session, item.id, "user:sam")
        parts = [AllocationInput("unidentified", None, None, 77_00)]
        review.confirm(session, item.id, "user:sam", held.lease_token, allocations=parts)
    bill = desk.client("bill")
    assert re.search(
        r"payments nobody has identified</span><a [^>]*class=\"differs\">1<",
        bill.get("/billing").text,
    )
    link = "/billing/figure?axis=exceptions&part=unidentified"
    assert f'action="/review/payments/{ref}/undo"' in bill.get(link).text
    read_only = desk.client("audrey").get(link).text
    assert ref in read_only
    assert "/undo" not in read_only
    assert bill.post(f"/review/payments/{ref}/undo").status_code in {200, 303}
    assert ref not in bill.get(link).text
    assert desk.payment(ref).match_state != "decided"
    assert bill.get("/billing/figure?axis=exceptions&part=total").status_code == 400
