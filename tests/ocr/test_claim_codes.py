"""Codes printed on EOBs become the standard's codes only where the page leaves no doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr import claim_codes

LEGEND = {
    "A": "Amount applied to the patient's deductible.",
    "B2": "Charge exceeds the maximum plan allowance. The patient may not be billed.",
    "45": "Your annual maximum has been reached. Member is responsible for this amount.",
    "Z9": "Thank you for using our provider portal.",
    "D1": "Deductible and coinsurance were applied.",
    "X7": "An alternate benefit was allowed.",
    "PR4": "Not a covered benefit.",
}


@pytest.mark.parametrize(("text", "found"), [
    ("CO-45", {"group": "CO", "code": "45"}),
    ("C0 45", {"group": "CO", "code": "45"}),
    ("PR1", {"group": "PR", "code": "1"}),
    ("0A-23", {"group": "OA", "code": "23"}),
    ("PI B12", {"group": "PI", "code": "B12"}),
    ("CO 999", {"group": "CO", "code": "999", "unknown": True}),
    ("1", {"group": "PR", "code": "1"}),
    ("97", {"group": "CO", "code": "97"}),
    ("96", {"group": None, "code": "96"}),
    ("Q17", {"group": None, "code": "Q17", "unknown": True}),
])  # fmt: skip
def test_a_code_without_legend_says_no_more_than_the_standard_does(
    text: str, found: dict[str, object]
) -> None:
    read = claim_codes.from_print(text)
    assert read is not None
    assert read.as_json() == found


@pytest.mark.parametrize(("text", "found"), [
    ("a", {"group": "PR", "code": "1", "payer_code": "A"}),
    ("B2", {"group": "CO", "code": "45", "payer_code": "B2"}),
    ("45", {"group": "PR", "code": "119", "payer_code": "45"}),
    ("Z9", {"group": None, "code": "Z9", "unknown": True}),
    ("D1", {"group": None, "code": "D1", "unknown": True}),
    ("X7", {"group": None, "code": "169", "payer_code": "X7"}),
    ("PR4", {"group": None, "code": "96", "payer_code": "PR4"}),
    ("CO45", {"group": "CO", "code": "45"}),
])  # fmt: skip
def test_a_payers_own_code_means_what_its_legend_surely_says(
    text: str, found: dict[str, object]
) -> None:
    read = claim_codes.from_print(text, LEGEND)
    assert read is not None
    assert read.as_json() == found


def test_remarks_are_told_from_reasons() -> None:
    assert claim_codes.from_print("N130") == claim_codes.PrintedReason(None, "N130", remark=True)
    unknown = claim_codes.from_print("N999")
    assert unknown is not None
    assert (unknown.remark, unknown.unknown) == (True, True)


@given(st.text(max_size=12), st.dictionaries(st.text(max_size=4), st.text(max_size=40)))
def test_no_print_becomes_a_code_that_is_neither_printed_nor_known(
    text: str, legend: dict[str, str]
) -> None:
    read = claim_codes.from_print(text, legend)
    if read is not None and not read.remark:
        assert read.unknown or claim_codes.is_reason(read.code)
        if read.unknown and read.payer_code is None:
            assert read.code.lstrip("0") in " ".join(text.upper().split())


@pytest.mark.parametrize("words", [
    "The deductible has been met.", "Coinsurance was waived.", "Deductible or copay may apply.",
    "See your contract.", "", "Charges were reviewed.", "This is not a duplicate.",
])  # fmt: skip
def test_words_in_doubt_give_no_reason(words: str) -> None:
    assert claim_codes.reason_of_words(words) is None


@pytest.mark.parametrize(("words", "code"), [
    ("DEDUCTIBLE", "1"), ("Patient co-payment", "3"), ("Coinsurance amount", "2"),
    ("PPO discount", "45"), ("Amount over the allowed amount", "45"),
    ("Duplicate of a previously processed claim", "18"), ("Past timely filing limit", "29"),
    ("Lifetime maximum reached", "35"), ("Included in the fee for the main procedure", "97"),
    ("Procedure is considered experimental and not covered", "55"),
    ("Paid by primary carrier", "23"), ("No prior authorization was obtained", "197"),
    ("Six month waiting period applies", "179"), ("Please submit x-rays", "252"),
    ("Service is not a covered benefit", "96"), ("Not covered under your plan", "204"),
])  # fmt: skip
def test_words_that_leave_no_doubt_give_their_reason(words: str, code: str) -> None:
    assert claim_codes.reason_of_words(words) == code


def test_the_codes_in_use_have_words_of_ours() -> None:
    many = [str(n) for n in range(1, 306)]
    assert sum(1 for code in many if claim_codes.reason_text(code)) >= 200
    for code in ("1", "2", "3", "45", "96", "97", "A1", "B7"):
        assert claim_codes.reason_text(code)
    assert claim_codes.group_text("PR")
    assert claim_codes.remark_text("N130")
    assert claim_codes.provider_adjustment_text("WO")
    assert claim_codes.reason_text("999") is None
