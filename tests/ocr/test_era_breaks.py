"""One amount of an 835 changed anywhere is named at its place; changed back, nothing is."""

import dataclasses
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import era835, era_reading, era_writer, x12
from ocr.types import Reading
from records.errors import FindingError
from tests.ocr.era_files import File, amount_places, files

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "era835"
_NUMBER = re.compile(r"segment (\d+) \(\w+\)$")


def broken(text: str) -> dict[tuple[str, int], int]:
    """Each (rule, segment number) that does not hold, and by how many cents."""
    found = {}
    for payment in era835.parse(text).transactions:
        for entry in era835.imbalances(payment):
            number = _NUMBER.search(entry.where)
            assert number is not None
            found[entry.rule, int(number[1])] = entry.found_cents - entry.expected_cents
    return found


def changed(file: File, segment: int, element: int, by: int) -> File:
    segments = [list(each) for each in file.segments]
    value = x12.cents(segments[segment - 1][element]) + by
    segments[segment - 1][element] = x12.decimal(value)
    return dataclasses.replace(file, segments=segments)


@given(files(), st.integers(1, 90_000), st.sampled_from([1, -1]), st.randoms())
@settings(max_examples=25, deadline=None)
def test_a_changed_amount_is_named_at_its_place(
    file: File, size: int, sign: int, chance: random.Random
) -> None:
    text = file.text()
    interchange = era835.parse(text)
    assert interchange.to_text() == text
    assert {f.code for f in interchange.findings if not f.advisory} <= {"no_isa"}
    assert broken(text) == {}
    places = list(amount_places(file.segments))
    for place in chance.sample(places, min(6, len(places))):
        wrong = changed(file, place.segment, place.element, size * sign)
        found = broken(wrong.text())
        assert set(found) == place.rules, wrong.segments[place.segment - 1]
        assert {abs(by) for by in found.values()} == {size}
        right = changed(wrong, place.segment, place.element, -size * sign)
        assert broken(right.text()) == {}


@pytest.mark.parametrize("name", ["managed-care", "medicare-part-a", "secondary-payment"])
def test_every_amount_of_the_samples_is_named_when_it_is_changed(name: str) -> None:
    path = SAMPLES / f"lfh_{name}.835"
    if not path.exists():
        pytest.skip("the sample files are not here")
    data = path.read_bytes()
    interchange = era835.read(data)
    assert interchange.to_bytes() == data
    segments = [list(each.elements) for each in interchange.document.segments]
    file = File(segments, "*", ":", "~\n")
    assert broken(file.text()) == {}
    places = list(amount_places(segments))
    assert len(places) >= 8
    for place in places:
        assert set(broken(changed(file, place.segment, place.element, 1).text())) == place.rules


@given(files())
@settings(max_examples=12, deadline=None)
def test_what_contradicts_itself_is_advised_apart_from_the_balance(file: File) -> None:
    number = next((n for n, each in enumerate(file.segments) if each[0] == "CLP" and each[5]), None)
    if number is None:
        return
    wrong = changed(file, number + 1, 5, 1)
    assert broken(wrong.text()) == {}
    before = [f for f in era835.check(file.text()) if f.code == "patient_share"]
    after = [f for f in era835.check(wrong.text()) if f.code == "patient_share"]
    assert not before
    assert [(f.advisory, f"segment {number + 1} (CLP)" in f.where) for f in after] == [(True, True)]


@given(files(), st.sampled_from(["2x0", "1e3", "12,50", "--4"]), st.randoms())
@settings(max_examples=25, deadline=None)
def test_an_amount_that_cannot_be_read_is_named_and_is_no_zero(
    file: File, junk: str, chance: random.Random
) -> None:
    places = list(amount_places(file.segments))
    for place in chance.sample(places, min(6, len(places))):
        segments = [list(each) for each in file.segments]
        segments[place.segment - 1][place.element] = junk
        interchange = era835.parse(dataclasses.replace(file, segments=segments).text())
        named = [each.where for each in interchange.findings if each.code == "bad_amount"]
        (where,) = named
        assert where.startswith(f"segment {place.segment} ")
        assert where.endswith(f" element {place.element}")
        odd = [each for each in interchange.transactions if each.findings]
        assert [_balanced(each) for each in era_reading.readings(interchange)] == [
            each not in odd for each in interchange.transactions
        ]
        broken_rules = {
            (each.rule, int(found[1]))
            for payment in interchange.transactions
            for each in era835.imbalances(payment)
            if (found := _NUMBER.search(each.where))
        }
        # Without BPR02 nothing says what the payment should be: it is told as missing.
        expected = place.rules if segments[place.segment - 1][0] != "BPR" else frozenset()
        assert expected <= broken_rules


def _balanced(reading: Reading) -> bool:
    field = reading.fields["balanced"]
    return field is not None and bool(field.value)


def test_every_unread_amount_of_a_payment_is_null_and_stops_its_835() -> None:
    text = (
        "ISA*00*          *00*          *ZZ*S              *ZZ*R              *260105*1200*^*00501*"
        "000000001*0*P*:~GS*HP*S*R*20260105*1200*1*X*005010X221A1~ST*835*0001~"
        "BPR*I*100*C*CHK************20260105~TRN*1*88123*1999999999~"
        "CLP*A1*1*300*100*5O*12*C1~SVC*AD:D1110*300*100~CAS*CO*45*2OO~PLB*1*20261231*WO:R*O~"
    )
    (reading,) = era_reading.readings(era835.parse(text))
    fields = {name: field.value for name, field in reading.fields.items() if field}
    (claim,) = fields["claims"]
    assert claim["patient_responsibility_cents"] is None
    assert claim["lines"][0]["adjustments"] == [{"group": "CO", "code": "45", "amount_cents": None}]
    assert fields["provider_adjustments"] == [
        {"code": "WO", "amount_cents": None, "reference": "R"}
    ]
    assert fields["balanced"] is False
    with pytest.raises(FindingError) as refused:
        era_writer.write(fields)
    assert refused.value.code == "unread_amount"
    assert "reason 45 of claim 1, line 1" in str(refused.value)
