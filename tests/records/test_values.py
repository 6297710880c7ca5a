"""Money, references and the clock: exact, sayable, and held still for tests."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records import clock, ids
from records.money import Money

cents = st.integers(-(10**13), 10**13)


@given(cents)
def test_money_reads_back_from_both_ways_of_writing_it(value: int) -> None:
    assert Money.parse(Money(value).plain()).cents == value
    assert Money.parse(str(Money(value))).cents == value


@given(st.lists(cents, max_size=20))
def test_a_total_is_the_sum_whatever_the_order(values: list[int]) -> None:
    amounts = [Money(value) for value in values]
    assert Money.total(amounts) == Money.total(reversed(amounts)) == Money(sum(values))


@given(cents, cents)
def test_money_adds_takes_away_and_orders_as_cents_do(left: int, right: int) -> None:
    assert (Money(left) + Money(right) - Money(right)).cents == left
    assert (Money(left) < Money(right)) == (left < right)


@pytest.mark.parametrize("value", [1.0, "1", True, None])
def test_money_is_never_made_from_anything_but_whole_cents(value: object) -> None:
    with pytest.raises(TypeError):
        Money(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "-", "$", ".", "1.234", "1,23", "12,34.5", "1e5", "(5", "5)", "1 2", "٣", "NaN"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount"):
        Money.parse(text)


@given(st.sampled_from(["PAY", "DEP", "ITM"]))
def test_a_reference_is_understood_as_people_type_it(prefix: str) -> None:
    ref = ids.new_ref(prefix)
    typed = ref.lower().replace("0", "o").replace("1", "l")
    assert ids.clean_ref(f" {typed} ") == ref


@given(st.integers(4, 10), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_symbol_is_noticed(place: int, symbol: str) -> None:
    ref = ids.new_ref("PAY")
    changed = ref[:place] + symbol + ref[place + 1 :]
    if changed != ref and ref[place] != "-" and place < 11:
        # 31 check symbols for 32: only a 0 against a Z may pass.
        assert ids.clean_ref(changed) is None or {ref[place], symbol} == {"0", "Z"}


def test_row_ids_are_uuid7_and_sort_by_their_time() -> None:
    made = [ids.new_id() for _ in range(200)]
    assert len(set(made)) == 200
    assert all(uuid.UUID(each).version == 7 for each in made)
    assert [each[:13] for each in made] == sorted(each[:13] for each in made)


@given(st.integers(0, 730 * 1440), st.times())
@settings(deadline=None)  # the first zone is read from files
def test_a_business_date_is_a_weekday_on_or_after_the_local_date(
    minutes: int, cut_off: time
) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    day = clock.business_date(at, "UTC", cut_off)
    assert day.weekday() < 5
    assert not clock.banks_closed(day)
    assert at.date() <= day <= at.date() + timedelta(days=4)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-20T21:59:00+00:00", date(2026, 11, 20)),  # Friday 16:59 in New York
        ("2026-11-20T22:00:00+00:00", date(2026, 11, 23)),  # Friday 17:00: Monday's business
        ("2026-11-21T15:00:00+00:00", date(2026, 11, 23)),  # Saturday
        ("2026-11-25T22:00:00+00:00", date(2026, 11, 27)),  # the eve of Thanksgiving, 17:00
        ("2026-07-03T15:00:00+00:00", date(2026, 7, 3)),  # the Fourth is a Saturday: Friday is open
        ("2027-07-02T22:00:00+00:00", date(2027, 7, 6)),  # the Fourth is a Sunday: Monday is kept
    ],
)
def test_the_cut_off_is_in_the_banks_own_zone(at: str, expected: date) -> None:
    moment = datetime.fromisoformat(at)
    assert clock.business_date(moment, "America/New_York", time(17, 0)) == expected


def test_the_clock_can_be_held_still() -> None:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    with clock.frozen(at):
        assert clock.now() == at
    assert clock.now() > at
