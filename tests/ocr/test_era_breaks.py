"""One amount of an 835 changed anywhere is named at its place; changed back, nothing is."""

import dataclasses
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import era835, x12
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
