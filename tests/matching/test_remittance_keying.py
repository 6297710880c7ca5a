"""What is keyed on a remittance's grid becomes a new reading that says who keyed what."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import remittance_grid as grid
from matching.readings import Document
from matching.remittance_facts import facts_of
from matching.remittance_keying import Keyed, TypedGrid, TypedRow, rekeyed
from matching.remittance_typed import NotTypedError, value_of

ACTOR = "user:sam"
BY_NAME = {each.name: each for each in (*grid.LINE, *grid.CLAIM, *grid.HEAD)}


def cell(value: Any, box: list[int] | None, sure: float = 0.99, *others: Any) -> dict[str, Any]:
    return {"value": value, "confidence": sure, "page": 0, "box": box, "source": "tesseract",
            "alternatives": [{"value": other, "confidence": 0.2} for other in others]}  # fmt: skip


def line(number: int, charged: int, discount: int, paid: int, **more: Any) -> dict[str, Any]:
    y = 100 + 30 * number
    return {
        "service_on": "2026-10-0" + str(number), "service_end_on": None,
        "procedure_code": "D1110", "modifiers": [], "units": None, "charged_cents": charged,
        "allowed_cents": None, "paid_cents": paid, "patient_responsibility_cents": 0,
        "adjustments": [{"group": "CO", "code": "45", "amount_cents": discount,
                         "payer_code": "Z1"}],
        "remarks": [],
        "evidence": {
            "service_on": cell("2026-10-0" + str(number), [10, y, 60, 20]),
            "procedure_code": cell("D1110", [80, y, 50, 20]),
            "charged_cents": cell(charged, [200, y, 60, 20]),
            "paid_cents": cell(paid, [400, y, 60, 20], 0.6, paid + 100),
            "adjustments.0": cell(discount, [300, y, 60, 20], 0.7, discount + 100),
        } | more,
    }  # fmt: skip


def reading() -> dict[str, Any]:
    """One claim of two lines that were read with doubt, and a total that agrees."""
    lines = [line(1, 100_00, 20_00, 80_00), line(2, 50_00, 10_00, 40_00)]
    claim = {
        "patient_name": "JANE DOE", "member_id": "M1", "patient_account": None,
        "claim_number": "C1", "provider_name": None, "status": None, "lines": lines,
        "charged_cents": 150_00, "paid_cents": 120_00, "patient_responsibility_cents": 0,
        "adjustments": [], "remarks": [],
        "evidence": {"patient_name": cell("JANE DOE", [1, 2, 3, 4]),
                     "charged_cents": {**lines[0]["evidence"]["charged_cents"], "value": 150_00},
                     "paid_cents": {**lines[0]["evidence"]["paid_cents"], "value": 120_00,
                                    "alternatives": []}},
    }  # fmt: skip
    fields = {
        "payer_name": cell("DELTA", [5, 5, 50, 20]), "payment_number": cell("881", [5, 30, 50, 20]),
        "payment_on": cell("2026-10-09", [5, 60, 50, 20]),
        "total_paid_cents": cell(120_00, [5, 90, 50, 20], 0.8),
        "claims": cell([claim], None, 0.6), "provider_adjustments": cell([], None),
        "balanced": cell(value=True, box=None), "imbalances": cell([], None),
    }  # fmt: skip
    return {"kind": "remittance", "pages": [0], "fields": fields, "warnings": []}


def as_shown(body: dict[str, Any]) -> TypedGrid:
    """The grid exactly as the page shows it, nothing typed and nothing checked."""
    shown = grid.of_reading(body)

    def row(each: grid.Row, *origin: int) -> TypedRow:
        texts = {name: c.text for name, c in each.cells.items() if name not in each.computed}
        lines = tuple(row(line, *origin, at) for at, line in enumerate(each.lines))
        return TypedRow(texts, frozenset(), origin or None, lines)

    return TypedGrid(
        row(shown.head),
        tuple(row(each, at) for at, each in enumerate(shown.claims)),
        tuple(row(each, at) for at, each in enumerate(shown.taken)),
    )


def with_line(typed: TypedGrid, at: int, *checked: str, **texts: str) -> TypedGrid:
    """The grid with texts typed into a line, and cells of it checked."""
    (claim,) = typed.claims
    own = claim.lines[at]
    made = TypedRow({**own.texts, **texts}, frozenset(checked), own.origin)
    lines = (*claim.lines[:at], made, *claim.lines[at + 1 :])
    return TypedGrid(typed.head, (TypedRow(claim.texts, claim.checked, claim.origin, lines),),
                     typed.taken, typed.as_printed)  # fmt: skip


def claims(keyed: Keyed) -> Any:
    return keyed.body["fields"]["claims"]["value"]


def test_what_is_left_as_it_stands_is_not_touched() -> None:
    body = reading()
    kept = deepcopy(body)
    keyed = rekeyed(body, as_shown(body), ACTOR)
    assert not keyed.touched.any
    assert (keyed.findings, keyed.wrong) == ([], [])
    assert claims(keyed) == kept["fields"]["claims"]["value"]
    assert body == kept


def test_a_keyed_cell_says_who_keyed_it_and_keeps_what_was_read() -> None:
    body = reading()
    keyed = rekeyed(body, with_line(as_shown(body), 1, paid_cents="$41"), ACTOR)
    (claim,) = claims(keyed)
    own = claim["lines"][1]["evidence"]["paid_cents"]
    assert claim["lines"][1]["paid_cents"] == own["value"] == 41_00
    assert (own["source"], own["confidence"], own["box"]) == (ACTOR, 1.0, [400, 160, 60, 20])
    assert [each["value"] for each in own["alternatives"]] == [40_00]
    # one of what it might have been was what it is; that one is no alternative any more
    taken = rekeyed(body, with_line(as_shown(body), 1, paid_cents="41.00"), ACTOR)
    assert claims(taken) == claims(keyed)
    assert claim["lines"][0] == body["fields"]["claims"]["value"][0]["lines"][0]
    assert claim["paid_cents"] == claim["evidence"]["paid_cents"]["value"] == 121_00
    assert [(each.where, each.out_by_cents) for each in keyed.findings] == [
        ("claim 1, line 2", 1_00), ("payment", -1_00),
    ]  # fmt: skip
    assert keyed.body["fields"]["balanced"]["value"] is False
    assert keyed.body["fields"]["imbalances"]["value"][0]["where"] == "claim 1, line 2"
    assert [each["code"] for each in keyed.body["warnings"]] == ["unbalanced"]
    assert (keyed.touched.changed, keyed.touched.checked) == (1, 0)


def test_a_checked_cell_is_sure_and_still_says_how_it_was_read() -> None:
    body = reading()
    keyed = rekeyed(body, with_line(as_shown(body), 0, "paid_cents", "adjustments"), ACTOR)
    evidence = claims(keyed)[0]["lines"][0]["evidence"]
    for name in ("paid_cents", "adjustments.0"):
        assert (evidence[name]["source"], evidence[name]["checked_by"]) == ("tesseract", ACTOR)
        assert evidence[name]["confidence"] == 1.0
    assert len(evidence["paid_cents"]["alternatives"]) == 1
    assert keyed.touched.checked == 2
    again = rekeyed(keyed.body, with_line(as_shown(keyed.body), 0, "paid_cents"), "user:sofia")
    assert not again.touched.any


def test_adjustments_are_one_cell_and_each_keeps_what_is_known_of_it() -> None:
    body = reading()
    typed = with_line(as_shown(body), 0, adjustments="pr1 5, CO-45 25.00 ZZ9 1",
                      paid_cents="69")  # fmt: skip
    keyed = rekeyed(body, typed, ACTOR)
    own = claims(keyed)[0]["lines"][0]
    assert own["adjustments"] == [
        {"group": "PR", "code": "1", "amount_cents": 5_00},
        {"group": "CO", "code": "45", "amount_cents": 25_00, "payer_code": "Z1"},
        {"group": None, "code": "ZZ9", "amount_cents": 1_00, "unknown": True},
    ]
    assert own["evidence"]["adjustments.1"]["alternatives"][0]["value"] == 20_00
    assert own["evidence"]["adjustments.1"]["box"] == [300, 130, 60, 20]
    assert own["patient_responsibility_cents"] == 5_00  # it was the sum of its reasons
    assert [each.where for each in keyed.findings] == ["payment"]


def test_a_line_is_split_added_and_removed() -> None:
    body = reading()
    typed = as_shown(body)
    (claim,) = typed.claims
    first, second = claim.lines
    halves = [TypedRow({**first.texts, "charged_cents": a, "adjustments": b, "paid_cents": c},
                       origin=first.origin) for a, b, c in
              (("60", "CO-45 12", "48"), ("40", "CO-45 8", "32"))]  # fmt: skip
    added = TypedRow({"service_on": "10/3/26", "procedure_code": "d0120", "charged_cents": "40",
                      "paid_cents": "40"})  # fmt: skip
    blank = TypedRow({"service_on": " ", "paid_cents": ""})
    split = TypedRow(claim.texts, frozenset(), claim.origin, (*halves, added, blank))
    keyed = rekeyed(body, TypedGrid(typed.head, (split,)), ACTOR)
    lines = claims(keyed)[0]["lines"]
    assert [each["paid_cents"] for each in lines] == [48_00, 32_00, 40_00]
    assert [each["procedure_code"] for each in lines] == ["D1110", "D1110", "D0120"]
    assert lines[2]["service_on"] == "2026-10-03"
    assert (lines[2]["modifiers"], lines[2]["adjustments"]) == ([], [])
    assert lines[1]["evidence"]["service_on"]["source"] == "tesseract"
    assert keyed.findings == []
    assert keyed.touched.dropped == 1  # the second line
    assert second.origin == (0, 1)


def test_a_remittance_keyed_from_nothing_has_the_same_checks() -> None:
    bare = {"kind": "remittance", "pages": [0], "fields": {}, "warnings": [
        {"code": "no_claims", "message": "no table"}]}  # fmt: skip
    own = TypedRow({"service_on": "10/3/2026", "procedure_code": "D0120", "charged_cents": "100",
                    "adjustments": "45 20 PR-1 10", "paid_cents": "70"})  # fmt: skip
    head = TypedRow({"payer_name": "Delta", "payment_number": "881", "payment_on": "10/9/26",
                     "total_paid_cents": "65"})  # fmt: skip
    claim = TypedRow({"patient_name": "Jane Doe"}, lines=(own,))
    taken = TypedRow({"code": "wo", "reference": "R1", "amount_cents": "5"})
    keyed = rekeyed(bare, TypedGrid(head, (claim,), (taken,)), ACTOR)
    fields = keyed.body["fields"]
    assert keyed.findings == []
    assert fields["payment_on"]["value"] == "2026-10-09"
    assert claims(keyed)[0]["lines"][0]["adjustments"][0]["group"] == "CO"
    assert claims(keyed)[0]["patient_responsibility_cents"] == 10_00
    assert fields["provider_adjustments"]["value"][0]["code"] == "WO"
    assert (fields["claims"]["source"], fields["balanced"]["value"]) == (ACTOR, True)
    assert keyed.body["warnings"] == []
    short = rekeyed(bare, TypedGrid(head, (claim,)), ACTOR)
    assert [(each.where, each.out_by_cents) for each in short.findings] == [("payment", -5_00)]


def test_why_it_does_not_balance_is_kept_only_while_it_does_not() -> None:
    body = reading()
    said = TypedGrid(*_parts(with_line(as_shown(body), 1, paid_cents="41")), "their own mistake")
    keyed = rekeyed(body, said, ACTOR)
    assert keyed.body["fields"]["as_printed"]["value"] == "their own mistake"
    assert keyed.body["fields"]["as_printed"]["source"] == ACTOR
    assert keyed.reworded
    level = rekeyed(keyed.body, with_line(as_shown(keyed.body), 1, paid_cents="40"), ACTOR)
    assert "as_printed" not in level.body["fields"]


def _parts(typed: TypedGrid) -> tuple[TypedRow, tuple[TypedRow, ...], tuple[TypedRow, ...]]:
    return typed.head, typed.claims, typed.taken


def test_a_text_that_is_no_value_is_named_with_what_to_type() -> None:
    body = reading()
    keyed = rekeyed(body, with_line(as_shown(body), 1, paid_cents="12,50", service_on="soon",
                                    adjustments="CO-45"), ACTOR)  # fmt: skip
    assert [each.path for each in keyed.wrong] == [
        f"claims.0.lines.1.{name}" for name in ("service_on", "adjustments", "paid_cents")
    ]
    assert "12.50" in keyed.wrong[2].message


@pytest.mark.parametrize(("name", "text", "value"), [
    ("paid_cents", "12.5", 12_50), ("paid_cents", "(3.50)", -3_50), ("paid_cents", " ", None),
    ("paid_cents", "1,234.50", 1234_50), ("service_on", "3-9-26", "2026-03-09"),
    ("service_on", "2026-03-09", "2026-03-09"), ("modifiers", "lt, 59", ["LT", "59"]),
    ("procedure_code", "d1110", "D1110"), ("patient_name", " Jane  Doe ", "Jane Doe"),
    ("adjustments", "CO 45 1,020.00; PR-2 -5", [
        {"group": "CO", "code": "45", "amount_cents": 1020_00},
        {"group": "PR", "code": "2", "amount_cents": -5_00}]),
])  # fmt: skip
def test_cells_take_what_people_type(name: str, text: str, value: Any) -> None:
    assert value_of(BY_NAME[name], text) == value


@pytest.mark.parametrize(("name", "text"), [
    ("paid_cents", "12,50"), ("paid_cents", "1e3"), ("service_on", "13/13/2026"),
    ("adjustments", "CO-45"), ("adjustments", "CO-45 x"), ("adjustments", "20.00"),
    ("patient_name", "x" * 201),
])  # fmt: skip
def test_cells_refuse_what_they_cannot_hold(name: str, text: str) -> None:
    with pytest.raises(NotTypedError, match=BY_NAME[name].label):
        value_of(BY_NAME[name], text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["CO-45", "PR-1", "OA-23", "CR-2"]),
                          st.integers(-10**9, 10**9)), max_size=4))  # fmt: skip
def test_adjustments_are_read_back_from_how_they_are_shown(listed: list[tuple[str, int]]) -> None:
    entries = [{"group": code[:2], "code": code[3:], "amount_cents": cents}
               for code, cents in listed]  # fmt: skip
    column = BY_NAME["adjustments"]
    assert value_of(column, grid.shown("adjustments", entries)) == entries


def test_what_counts_as_doubtful_is_what_the_grid_asks_about() -> None:
    body = reading()
    (claim,) = body["fields"]["claims"]["value"]
    claim["evidence"]["adjusted"] = cell(30_00, [300, 190, 60, 20], 0.6)  # a printed sum, no cell
    body["fields"]["payer_name"]["confidence"] = 0.9
    facts = facts_of(Document("d", 0, "remittance", body), 0.95)
    asked = [c.column.name for c in grid.of_reading(body).cells() if c.is_doubtful(0.95)]
    assert sorted(asked) == sorted(
        ["payer_name", "total_paid_cents", *2 * ["adjustments", "paid_cents"]]
    )
    assert facts.doubtful == len(asked)
    typed = as_shown(body)
    head = TypedRow(typed.head.texts, frozenset(typed.head.texts))
    (own,) = typed.claims
    lines = tuple(TypedRow(x.texts, frozenset(x.texts), x.origin) for x in own.lines)
    seen = TypedGrid(head, (TypedRow(own.texts, frozenset(own.texts), own.origin, lines),))
    kept = rekeyed(body, seen, ACTOR).body
    assert facts_of(Document("d", 0, "remittance", kept), 0.95).sure


def claims_of(*known: tuple[str | None, str | None]) -> dict[str, Any]:
    """A reading with a claim for each member ID and account."""
    body = reading()
    (claim,) = body["fields"]["claims"]["value"]
    body["fields"]["claims"]["value"] = [
        {**deepcopy(claim), "member_id": member, "patient_account": account}
        for member, account in known
    ]
    return body


def members_asked(body: dict[str, Any]) -> list[bool]:
    return [row.cells["member_id"].is_doubtful(0.95) for row in grid.of_reading(body).claims]


def test_a_member_id_that_a_claim_lacks_is_asked_where_the_page_should_tell_it() -> None:
    assert members_asked(claims_of(("M1", None), (None, "77"), (None, None))) == [False, True, True]
    assert members_asked(claims_of((None, "77"), (None, None))) == [False, True]
    by_account = claims_of((None, "77"), (None, "78"))
    assert members_asked(by_account) == [False, False], "its payer may print none"
    electronic = claims_of(("M1", None), (None, None))
    electronic["fields"]["payer_name"]["source"] = "x12"
    assert members_asked(electronic) == [False, False]


def test_that_a_claim_has_no_member_id_is_a_persons_word() -> None:
    body = claims_of((None, None))
    typed = as_shown(body)
    (own,) = typed.claims
    seen = TypedRow(own.texts, frozenset(["member_id"]), own.origin, own.lines)
    told = rekeyed(body, TypedGrid(typed.head, (seen,)), ACTOR)
    assert told.touched.checked == 1
    (claim,) = told.body["fields"]["claims"]["value"]
    assert claim["member_id"] is None
    assert claim["evidence"]["member_id"]["checked_by"] == ACTOR
    assert members_asked(told.body) == [False]
    again = rekeyed(told.body, as_shown(told.body), ACTOR).body
    assert members_asked(again) == [False]
    keyed = TypedRow({**own.texts, "member_id": "W77"}, frozenset(), own.origin, own.lines)
    (claim,) = rekeyed(body, TypedGrid(typed.head, (keyed,)), ACTOR).body["fields"]["claims"][
        "value"
    ]
    assert (claim["member_id"], claim["evidence"]["member_id"]["source"]) == ("W77", ACTOR)


def remarked(*remarks: str) -> dict[str, Any]:
    body = reading()
    (claim,) = body["fields"]["claims"]["value"]
    claim["lines"][0]["remarks"] = list(remarks)
    return body


def remarks_asked(body: dict[str, Any]) -> bool:
    return grid.of_reading(body).claims[0].lines[0].cells["remarks"].is_doubtful(0.0)


@pytest.mark.parametrize("reason", ["CO-45", "PR 1", "OA23", "96", "CO-B7"])
def test_a_reason_that_stands_without_an_amount_is_asked_and_kept(reason: str) -> None:
    body = remarked("N130", reason)
    assert remarks_asked(body)
    typed = as_shown(body)
    (own,) = typed.claims
    first = TypedRow(own.lines[0].texts, frozenset(["remarks"]), own.lines[0].origin)
    claim = TypedRow(own.texts, frozenset(), own.origin, (first, own.lines[1]))
    kept = rekeyed(body, TypedGrid(typed.head, (claim,)), ACTOR).body
    assert not remarks_asked(kept)
    line = kept["fields"]["claims"]["value"][0]["lines"][0]
    assert line["adjustments"] == body["fields"]["claims"]["value"][0]["lines"][0]["adjustments"]


@pytest.mark.parametrize("remark", ["N130", "MA01", "M15", "Z1", "D1110", "see below"])
def test_a_remark_that_is_no_reason_is_not_asked(remark: str) -> None:
    assert not remarks_asked(remarked(remark))
