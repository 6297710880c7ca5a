"""The bank's answer: the CSV and BAI2 files give every credit, and their totals hold."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from records.money import Money
from web.demo.bank_file import Credit, bank_bai2, bank_csv

CREDITS = st.lists(
    st.builds(
        Credit,
        on=st.integers(0, 3).map(lambda days: date(2026, 11, 17) + timedelta(days)),
        amount_cents=st.integers(1, 10**8),
        account_number=st.sampled_from(["8801442073", "5520917764"]),
        routing_number=st.just("042100777"),
        reference=st.text("ABC123", max_size=8),
    ),
    max_size=8,
)


@given(CREDITS)
def test_the_csv_has_every_credit(credits_made: list[Credit]) -> None:
    rows = list(csv.DictReader(io.StringIO(bank_csv(credits_made))))
    assert sorted(Money.parse(row["Amount"]).cents for row in rows) == sorted(
        credit.amount_cents for credit in credits_made
    )


@given(CREDITS)
def test_the_bai2_totals_hold(credits_made: list[Credit]) -> None:
    lines = bank_bai2(credits_made).splitlines()
    records = [line.rstrip("/").split(",") for line in lines]
    assert [r[0] for r in (records[0], records[-1])] == ["01", "99"]
    details = [int(r[2]) for r in records if r[0] == "16"]
    summaries = [int(r[4]) for r in records if r[0] == "03"]
    assert sorted(details) == sorted(credit.amount_cents for credit in credits_made)
    account_totals = [int(r[1]) for r in records if r[0] == "49"]
    assert sum(account_totals) == sum(details) + sum(summaries)
    assert sum(int(r[1]) for r in records if r[0] == "98") == sum(account_totals)
    assert int(records[-1][1]) == sum(account_totals)
    assert int(records[-1][3]) == len(lines)
    assert int(records[-1][2]) == len([r for r in records if r[0] == "98"])
