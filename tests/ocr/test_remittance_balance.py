"""A remittance balances only when every line, claim and the payment do; a finding says where."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import era835
from ocr.era_reading import readings
from ocr.remittance_balance import adds_up, expected_paid_cents, findings

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "era835"
CENTS = st.integers(-50_000, 500_000)


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    """A line whose reasons explain all of what was charged and not paid."""
    groups = st.sampled_from(["CO", "PR", "OA", "PI", None])  # None: a payer's own code
    listed: list[dict[str, Any]] = [
        {"group": group, "code": str(number), "amount_cents": draw(CENTS)}
        for number, group in enumerate(draw(st.lists(groups, max_size=4)))
    ]
    charged = draw(CENTS)
    patient = sum(e["amount_cents"] for e in listed if e["group"] == "PR")
    return {
        "charged_cents": charged,
        "allowed_cents": None,
        "paid_cents": charged - sum(e["amount_cents"] for e in listed),
        "patient_responsibility_cents": draw(st.sampled_from([patient, None])),
        "adjustments": listed,
    }


@st.composite
def remittances(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Claims with one line or more, provider adjustments, and the total they come to."""
    claims: list[dict[str, Any]] = []
    for own in draw(st.lists(st.lists(lines(), min_size=1, max_size=3), min_size=1, max_size=3)):
        adjustments: list[dict[str, Any]] = [{"group": "CO", "code": "45", "amount_cents": a}
                       for a in draw(st.lists(CENTS, max_size=1))]  # fmt: skip
        less = sum(e["amount_cents"] for e in adjustments)
        claims.append({
            "lines": own, "adjustments": adjustments,
            "charged_cents": sum(line["charged_cents"] for line in own),
            "paid_cents": sum(line["paid_cents"] for line in own) - less,
        })  # fmt: skip
    taken: list[dict[str, Any]] = [
        {"code": "WO", "amount_cents": a} for a in draw(st.lists(CENTS, max_size=2))
    ]
    total = sum(c["paid_cents"] for c in claims) - sum(e["amount_cents"] for e in taken)
    return claims, taken, total


@settings(max_examples=40, deadline=None)
@given(remittances())
def test_what_adds_up_has_no_finding(made: tuple[Any, Any, int]) -> None:
    assert findings(*made) == []


@settings(max_examples=80, deadline=None)
@given(remittances(), st.data(), st.integers(1, 90_000))
def test_one_broken_amount_is_found_where_it_is(
    made: tuple[Any, Any, int], data: st.DataObject, by: int
) -> None:
    claims, taken, total = deepcopy(made[0]), deepcopy(made[1]), made[2]
    number = data.draw(st.integers(1, len(claims)))
    claim = claims[number - 1]
    place = data.draw(st.integers(1, len(claim["lines"])))
    line = claim["lines"][place - 1]
    kinds = ["charged", "paid", "claim_charged", "claim_paid", "total"]
    kind = data.draw(st.sampled_from([*kinds, *(["reason"] if line["adjustments"] else []),
                                      *(["taken"] if taken else [])]))  # fmt: skip
    if kind == "charged":
        line["charged_cents"] += by
        where = {f"claim {number}, line {place}", f"claim {number}, charged"}
    elif kind == "paid":
        line["paid_cents"] += by
        where = {f"claim {number}, line {place}", f"claim {number}, paid"}
    elif kind == "reason":
        reason = data.draw(st.sampled_from(line["adjustments"]))
        reason["amount_cents"] += by
        where = {f"claim {number}, line {place}"}
    elif kind == "claim_charged":
        claim["charged_cents"] += by
        where = {f"claim {number}, charged"}
    elif kind == "claim_paid":
        claim["paid_cents"] += by
        where = {f"claim {number}, paid", "payment"}
    elif kind == "taken":
        taken[0]["amount_cents"] += by
        where = {"payment"}
    else:
        total += by
        where = {"payment"}
    found = findings(claims, taken, total)
    assert {each.where for each in found} == where
    assert all(each.out_by_cents is None or abs(each.out_by_cents) == by for each in found)


def test_a_finding_says_by_how_much_and_in_which_line() -> None:
    line = {"charged_cents": 10_000, "allowed_cents": 8_000, "paid_cents": 6_250,
            "patient_responsibility_cents": 3_000, "adjustments": []}  # fmt: skip
    claim = {"lines": [line], "charged_cents": 10_000, "paid_cents": 6_250}
    (found,) = findings([claim], [], 6_250)
    assert (found.claim, found.line, found.out_by_cents) == (1, 1, 1_250)
    assert found.to_json() == {
        "where": "claim 1, line 1", "expected_cents": 5_000, "found_cents": 6_250,
        "rule": "service", "claim": 1, "line": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "paid"),
    [
        # charge less reasons; a share printed beside them is not counted twice
        ({"charged_cents": 100, "adjustments": [{"group": "CO", "amount_cents": 20},
          {"group": "PR", "amount_cents": 10}], "patient_responsibility_cents": 10}, 70),
        # allowed less the share, where the discount is not printed
        ({"charged_cents": 100, "allowed_cents": 80, "patient_responsibility_cents": 30}, 50),
        # the patient's part printed as reasons only, the discount not at all
        ({"charged_cents": 100, "allowed_cents": 80,
          "adjustments": [{"group": "PR", "amount_cents": 30}]}, 50),
        # a reversal: the same with every sign turned
        ({"charged_cents": -100, "allowed_cents": -80, "patient_responsibility_cents": -30}, -50),
        ({"charged_cents": 100}, 100),
        ({"charged_cents": 0, "paid_cents": 0}, 0),
    ],
)  # fmt: skip
def test_a_line_proves_its_payment_in_the_way_it_is_printed(
    line: dict[str, Any], paid: int
) -> None:
    assert adds_up({**line, "paid_cents": paid})
    assert expected_paid_cents({**line, "paid_cents": paid}) == paid
    assert not adds_up({**line, "paid_cents": paid + 1})


@pytest.mark.parametrize(
    "line",
    [
        {"charged_cents": None, "paid_cents": 100},
        {"charged_cents": 100, "paid_cents": None},
        {"charged_cents": 100, "paid_cents": 70,
         "adjustments": [{"group": "CO", "amount_cents": None}]},
        # the share and its reasons contradict each other
        {"charged_cents": 100, "paid_cents": 70, "patient_responsibility_cents": 20,
         "adjustments": [{"group": "PR", "amount_cents": 30}]},
        # more allowed than charged proves nothing
        {"charged_cents": 100, "allowed_cents": 200, "paid_cents": 150,
         "patient_responsibility_cents": 50},
    ],
)  # fmt: skip
def test_what_is_missing_or_contradicts_itself_is_no_proof(line: dict[str, Any]) -> None:
    assert not adds_up(line)


def test_a_payment_without_a_total_or_with_a_claim_unread_is_not_balanced() -> None:
    claim = {"lines": [], "charged_cents": 100, "paid_cents": 100}
    assert [each.where for each in findings([claim], [], None)] == ["payment"]
    found = findings([{**claim, "paid_cents": None}], [], 100)
    assert [each.where for each in found] == ["claim 1, paid", "payment"]
    assert [each.out_by_cents for each in found] == [None, None]
    assert findings([], [{"code": "L6", "amount_cents": -100}], 100) == []
    assert [each.where for each in findings([], [], 0)] == []


def test_every_sample_that_balances_as_an_835_balances_here() -> None:
    held = 0
    for path in sorted(SAMPLES.glob("**/*")):
        if not path.is_file() or path.suffix in {".md", ".txt", ".json"}:
            continue
        text = path.read_text(errors="replace")
        if "ST*835" not in text and "ST|835" not in text:
            continue
        interchange = era835.parse(text)
        for payment, reading in zip(interchange.transactions, readings(interchange), strict=True):
            if era835.imbalances(payment) or payment.total_paid_cents is None:
                continue
            held += 1
            value = {name: f.value for name, f in reading.fields.items() if f is not None}
            broken = findings(value["claims"], value["provider_adjustments"],
                              value["total_paid_cents"])  # fmt: skip
            assert broken == [], path.name
    assert held >= 3
