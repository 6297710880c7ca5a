"""The page of one payment: found by search, with its business day explained and ways on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import pytest

from records import clock
from records.models import BankAccount, SourceFile
from tests.matching.world import check
from tests.web.desk import Desk, open_desk
from web.arrival import why_another_day


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("payments"))
    yield made
    made.installation.close()


def test_search_links_to_the_payment_and_it_to_its_question(desk: Desk) -> None:
    (ref,) = desk.receive([check(77_00, "301", "Zelda Quist")])
    for who in ("sam", "bill", "audrey"):
        client = desk.client(who)
        assert f'href="/payments/{ref}"' in client.get(f"/search?q={ref}").text
        page = client.get(f"/payments/{ref}").text
        assert f'href="/review/{desk.question(ref).ref}"' in page
        assert "$77.00" in page
    assert desk.client("erin").get(f"/payments/{ref}").status_code == 404


def test_billing_gets_on_to_the_deposit_and_a_specialist_does_not(desk: Desk) -> None:
    ref = desk.matched(78_00, "302")
    opened = desk.client("bill").post("/deposits/open/B-NORTH", data={"business_on": "2026-11-16"})
    deposit = opened.headers["location"]
    assert f'href="{deposit}"' in desk.client("bill").get(f"/payments/{ref}").text
    page = desk.client("sam").get(f"/payments/{ref}").text
    assert deposit not in page
    assert 'href="/accounts/2100000045"' in page
    assert f'href="/payments/{ref}"' in desk.client("sam").get("/accounts/2100000045").text


def test_a_second_scan_names_the_first(desk: Desk) -> None:
    first, second = desk.receive([check(79_00, "303")], [check(79_00, "303")])
    page = desk.client("sam").get(f"/payments/{second}").text
    assert "Second scan of" in page
    assert f'href="/payments/{first}"' in page


@pytest.mark.parametrize(
    ("came_at", "counts_to", "why"),
    [
        (datetime(2026, 11, 20, 20, tzinfo=UTC), date(2026, 11, 20), ""),
        (datetime(2026, 11, 20, 23, tzinfo=UTC), date(2026, 11, 23), "after the bank's cut-off"),
        # Sunday by the world's clock, and Saturday evening at the bank.
        (datetime(2026, 11, 22, 1, tzinfo=UTC), date(2026, 11, 23), "on a weekend"),
    ],
)
def test_another_business_day_than_the_day_it_came_in_is_explained(
    desk: Desk, came_at: datetime, counts_to: date, why: str
) -> None:
    bank = BankAccount(zone="America/Chicago", cut_off=time(17))
    assert clock.business_date(came_at, bank.zone, bank.cut_off) == counts_to
    said = why_another_day(came_at, counts_to, bank)
    assert (why in said) if why else said == ""
    if why:
        assert said.endswith("It counts to Monday.")


def test_the_page_says_why_the_business_day_is_another(desk: Desk) -> None:
    (ref,) = desk.receive([check(80_00, "304", "Zelda Quist")])
    payment = desk.payment(ref)
    assert "cut-off" not in desk.client("sam").get(f"/payments/{ref}").text
    with desk.installation.db.write() as session:
        file = session.get_one(SourceFile, session.merge(payment).transaction.source_file_id)
        file.created_at = datetime(2026, 11, 14, 20, tzinfo=UTC)
        name = file.ref
    for address in (f"/payments/{ref}", f"/files/{name}"):
        page = desk.client("sam").get(address).text
        assert "on a weekend" in page
        assert "It counts to Monday." in page
