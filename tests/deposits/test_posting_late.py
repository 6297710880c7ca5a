"""What was not posted within 24 hours: every cent received is posted or waits for a reason."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deposits import posting, posting_late_rows, posting_queue
from deposits.posting_late import (
    REASONS,
    PartFact,
    PaymentFact,
    PostingFact,
    late,
    waiting,
)
from records import clock, workflow
from records.db import Database
from records.installation import Installation
from records.models import Payment, SourceFile
from tests.deposits.build import check, decide, group, set_aside

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RECEIVED = NOW - timedelta(hours=30)
FACT = PaymentFact("PAY-1", "NORTH", RECEIVED, 10_000, True, "deposited", None, "decided", (),
                   (PartFact("a", "account", 10_000),), ())  # fmt: skip


def posted(state: str, cents: int = 10_000, reverses: str | None = None) -> PostingFact:
    name = "r" if reverses else "p"
    return PostingFact(f"PO-{name}", name, "a", cents, state, "", RECEIVED, reverses)


@pytest.mark.parametrize(("change", "reason", "cents"), [
    ({"match_state": "in_review"}, "review", 10_000),
    ({"match_state": "undecided", "amount_cents": None, "parts": ()}, "review", None),
    ({"deposit_state": "awaiting_review"}, "review", 10_000),
    ({"deposit_state": "not_deposited", "not_deposited_reason": "unsigned"}, "not_depositable",
     10_000),
    ({}, "not_exported", 10_000),
    ({"postings": (posted("queued"),)}, "not_exported", 10_000),
    ({"postings": (posted("exported"),)}, "not_answered", 10_000),
    ({"postings": (posted("unknown"),)}, "unknown", 10_000),
    ({"postings": (posted("failed"),)}, "failed", 10_000),
    ({"parts": (PartFact("a", "unapplied", 10_000),)}, "unapplied", 10_000),
    ({"parts": (PartFact("a", "unidentified", 10_000),)}, "unidentified", 10_000),
    ({"postings": (posted("acknowledged"), posted("failed", -10_000, "p"))}, "failed", -10_000),
])  # fmt: skip
def test_each_reason_is_told(change: dict[str, object], reason: str, cents: int | None) -> None:
    [line] = late([replace(FACT, **change)], NOW).lines  # type: ignore[arg-type]
    assert (line.reason, line.amount_cents, line.age_hours(NOW)) == (reason, cents, 30)


@pytest.mark.parametrize("change", [
    {"postings": (posted("acknowledged"),)},
    {"live": False},
    {"deposit_state": "returned"},
    {"deposit_state": "not_deposited", "not_deposited_reason": "misdirected"},
    {"amount_cents": 0, "parts": ()},
])  # fmt: skip
def test_nothing_is_late_that_is_posted_or_not_ours(change: dict[str, object]) -> None:
    assert late([replace(FACT, **change)], NOW).lines == ()  # type: ignore[arg-type]


def test_24_hours_are_not_over_before_they_are_over() -> None:
    on_time = replace(FACT, received_at=NOW - timedelta(hours=24))
    assert late([on_time], NOW).lines == ()
    assert len(late([replace(on_time, received_at=NOW - timedelta(hours=24, seconds=1))],
                    NOW).lines) == 1  # fmt: skip


_STATES = ["queued", "exported", "unknown", "failed", "acknowledged", "none"]


@given(st.lists(st.tuples(st.integers(1, 10**7), st.sampled_from(
    ["account", "unapplied", "unidentified"]), st.sampled_from(_STATES)), min_size=1, max_size=6),
    st.sampled_from(["decided", "in_review", "undecided"]),
    st.sampled_from(["depositable", "deposited", "credited", "not_deposited", "awaiting_review"]),
)  # fmt: skip
def test_what_waits_and_what_is_posted_make_up_the_payment(
    said: list[tuple[int, str, str]], match_state: str, deposit_state: str
) -> None:
    parts = tuple(PartFact(str(at), where, cents) for at, (cents, where, _) in enumerate(said))
    postings = tuple(
        PostingFact(f"PO-{at}", f"p{at}", str(at), cents, state, "", RECEIVED)
        for at, (cents, where, state) in enumerate(said)
        if where == "account" and state != "none"
    )
    total = sum(cents for cents, _, _ in said)
    fact = replace(FACT, amount_cents=total, parts=parts, postings=postings,
                   match_state=match_state, deposit_state=deposit_state,
                   not_deposited_reason="held")  # fmt: skip
    lines = waiting(fact)
    done = sum(each.amount_cents for each in postings if each.state == "acknowledged")
    assert sum(line.amount_cents or 0 for line in lines) + done == total
    assert {line.reason for line in lines} <= set(REASONS)


def test_the_report_follows_a_payment_through_the_database(
    db: Database, installation: Installation
) -> None:
    store = installation.store
    with db.write() as session:
        made, other = group(session), group(session, "SOUTH", "000987654321")
        for file_id in (made.file_id, other.file_id):
            session.get_one(SourceFile, file_id).created_at = NOW - timedelta(hours=48)
        unread = check(session, made, None, state="awaiting_review")
        payment = check(session, other, 10_000)
        misdirected = check(session, made, 77, state="awaiting_review")
        set_aside(session, misdirected, "misdirected")
    with db.read() as session:
        found = posting_late_rows.report(session, NOW)
        assert [(x.payment_ref, x.reason) for x in found.lines] == sorted(
            [(unread.ref, "review"), (payment.ref, "review")])  # fmt: skip
        [only] = posting_late_rows.report(session, NOW, [other.office_id]).lines
        assert (only.payment_ref, only.office_code) == (payment.ref, "SOUTH")
        assert posting_late_rows.report(session, NOW, []).lines == ()
        assert posting_late_rows.report(session, NOW - timedelta(hours=25)).lines == ()
        told = json.loads(json.dumps(found.to_json(), default=str))
        assert (told["count"], told["amount_cents"], told["within_hours"]) == (2, 10_000, 24)
        assert [(o["office"], o["unread_count"], o["oldest_hours"]) for o in told["offices"]] == [
            ("MAIN", 1, 48), ("SOUTH", 0, 48),
        ]  # fmt: skip

    def reasons() -> list[tuple[str, int | None]]:
        with db.read() as session:
            lines = posting_late_rows.report(session, NOW, [other.office_id]).lines
            return [(line.reason, line.amount_cents) for line in lines]

    with db.write() as session:
        row = session.get_one(Payment, payment.id)
        decide(session, row, [("account", other.account_id, 6_000),
                              ("unidentified", None, 4_000)])  # fmt: skip
        posting_queue.keep_in_step(session, row.id, "system:test")
    assert sorted(reasons()) == [("not_exported", 6_000), ("unidentified", 4_000)]
    with db.write() as session:
        export = posting.export(session, store, other.office_id, "user:bill")
        posting.mark_unknown(session, export.id, "user:bill")
    assert sorted(reasons()) == [("unidentified", 4_000), ("unknown", 6_000)]
    with db.write() as session, clock.frozen(NOW - timedelta(hours=40)):
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
    assert reasons() == [("unidentified", 4_000)]
    with db.write() as session, clock.frozen(NOW - timedelta(hours=40)):
        row = session.get_one(Payment, payment.id)
        for state in ("in_deposit", "deposited", "credited", "returned"):
            workflow.move(row, workflow.DEPOSIT_AXIS, state)
        posting_queue.keep_in_step(session, row.id, "system:test")
    assert reasons() == [("not_exported", -6_000)], "the returned check's reversal waits"
    with db.write() as session:
        back = posting.export(session, store, other.office_id, "user:bill")
        posting.acknowledge(session, back.id, "all", {}, "user:bill")
    assert reasons() == []
