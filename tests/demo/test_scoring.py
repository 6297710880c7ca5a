"""Scoring: form may differ, content may not, and what was not read is not wrong."""

from __future__ import annotations

from typing import Any

import pytest

from web.demo.scoring import score, verdict


@pytest.mark.parametrize(
    ("name", "truth", "value", "expected"),
    [
        ("amount_cents", 12500, 12500, "right"),
        ("amount_cents", 12500, 15200, "wrong"),
        ("amount_cents", 12500, None, "unread"),
        ("memo", None, None, "right"),
        ("memo", None, "gas bill", "wrong"),
        ("payer_name", "Ann O'Brien", "ANN OBRIEN", "right"),
        ("payer_name", "Ann O'Brien", "ANN O BRIAN", "wrong"),
        ("payer_address", "1 Oak St\nTroy, OH 45373", "1 OAK ST TROY OH 45373", "right"),
        ("patient_name", "Ann Lee", "LEE, ANN", "right"),
        ("micr_line", "A1C", "a1c", "wrong"),
        ("signed", False, False, "right"),
        ("signed", False, None, "unread"),
        ("provider_adjustments", [], [], "right"),
        ("barcodes", [{"text": "X"}], [], "unread"),
        ("imb", {"serial": "1", "corrected_bars": 0}, {"serial": "1", "corrected_bars": 2},
         "right"),
        ("claims", [{"paid_cents": 1, "lines": []}], [{"paid_cents": 2, "lines": []}], "wrong"),
    ],
)  # fmt: skip
def test_verdicts(name: str, truth: Any, value: Any, expected: str) -> None:
    assert verdict(name, truth, value) == expected


def test_documents_are_paired_by_page_and_kind() -> None:
    def document(page: int, kind: str, cents: int) -> dict[str, Any]:
        return {"pages": [page], "kind": kind, "fields": {"amount_cents": cents}}

    truth = {
        "files": [
            {"file": "a.pdf", "transactions": [
                {"documents": [document(0, "check", 5), document(0, "check", 6)]},
                {"documents": [document(2, "check", 7)]},
            ]}
        ]
    }  # fmt: skip
    read = {
        "documents": [
            {"source": "a.pdf", "pages": [0], "kind": "check",
             "fields": {"amount_cents": {"value": cents, "confidence": 0.9}}}
            for cents in (5, 9)
        ]
        + [{"source": "a.pdf", "pages": [2], "kind": "coupon", "fields": {}}]
    }  # fmt: skip
    scores = list(score(truth, read))
    assert [s.verdict for s in scores] == ["right", "wrong", "unread"]
    assert scores[1].confidence == 0.9
