"""Bank lines are paired with what is certain, never twice, and never across accounts or amounts."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deposits.pairing import (
    Expected,
    Movement,
    names,
    pair_deposits,
    pair_electronic,
    pair_returns,
)

_DAY = date(2026, 11, 20)
_CENTS = st.sampled_from([100, 200, 300])
_ACCOUNTS = st.sampled_from(["x", "y"])
_DAYS = st.integers(-3, 12).map(lambda days: _DAY + timedelta(days=days))
_WORDS = st.sampled_from(["", "DEPOSIT REF111", "REF222", "CREDIT"])


@st.composite
def _world(draw: st.DrawFn) -> tuple[list[Movement], list[Expected]]:
    kinds = st.sampled_from(["deposit", "lockbox_deposit", "other", "fee", "eft_credit"])
    lines = [
        Movement(f"l{n}", draw(_ACCOUNTS), draw(_DAYS), draw(_CENTS), draw(kinds), draw(_WORDS))
        for n in range(draw(st.integers(0, 6)))
    ]
    things = [
        Expected(f"d{n}", draw(_ACCOUNTS), draw(_DAYS), draw(_CENTS), (f"REF{n}{n}{n}",))
        for n in range(draw(st.integers(0, 6)))
    ]
    return lines, things


@given(_world())
def test_pairs_fit_and_nothing_is_used_twice(world: tuple[list[Movement], list[Expected]]) -> None:
    lines, things = {m.line_id: m for m in world[0]}, {e.id: e for e in world[1]}
    pairs = pair_deposits(*world)
    assert len({pair.line_id for pair in pairs}) == len(pairs)
    assert len({pair.expected_id for pair in pairs}) == len(pairs)
    for pair in pairs:
        line, thing = lines[pair.line_id], things[pair.expected_id]
        assert (line.bank_account_id, line.amount_cents) == (
            thing.bank_account_id, thing.amount_cents,
        )  # fmt: skip
        assert -1 <= (line.value_on - thing.on).days <= 7
        assert line.kind in ("deposit", "lockbox_deposit") or names(line.words, thing.marks)


@given(_world(), st.randoms())
def test_the_order_of_lines_and_deposits_changes_nothing(
    world: tuple[list[Movement], list[Expected]], random: st.DrawFn
) -> None:
    lines, things = list(world[0]), list(world[1])
    before = {(pair.line_id, pair.expected_id) for pair in pair_deposits(lines, things)}
    random.shuffle(lines)  # type: ignore[attr-defined]
    random.shuffle(things)  # type: ignore[attr-defined]
    after = {(pair.line_id, pair.expected_id) for pair in pair_deposits(lines, things)}
    assert before == after


def test_a_check_number_must_stand_alone_to_name_a_returned_check() -> None:
    check = Expected("p", "x", _DAY, 500, ("4411",))

    def line(words: str) -> Movement:
        return Movement("l", "x", _DAY, 500, "returned_item", words)

    assert pair_returns([line("RETURNED CK 0004411")], [check])
    assert not pair_returns([line("RETURNED CK 144110")], [check])
    assert not pair_returns([line("RETURNED ITEM")], [check])


def test_a_reference_is_found_however_the_bank_writes_it() -> None:
    for words in ("DEP-7K3-F9QX", "dep7k3f9qx", "REMOTE DEPOSIT DEP 7K3 F9QX 00"):
        assert names(words, ("DEP-7K3-F9QX",))
    assert not names("DEP-7K3-F9Q", ("DEP-7K3-F9QX",))


def test_a_trace_number_of_another_payment_is_not_overruled_by_the_amount() -> None:
    payment = Expected("p", "x", _DAY, 8_000, ("99887766",))

    def line(words: str) -> Movement:
        return Movement("l", "x", _DAY, 8_000, "eft_credit", words)

    assert pair_electronic([line("HCCLAIMPMT TRN*1*99887766*1999999999")], [payment])
    assert pair_electronic([line("HCCLAIMPMT")], [payment])
    assert not pair_electronic([line("HCCLAIMPMT TRN*1*11223344*1999999999")], [payment])
    far = Movement("l", "x", _DAY + timedelta(days=15), 8_000, "eft_credit", "TRN*1*99887766*1")
    assert not pair_electronic([far], [payment])
