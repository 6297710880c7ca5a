"""Two scans of one check, both in doubt: whichever is answered first is the one that is paid in."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import keeping_out, questions, review, undoing
from matching.review import AllocationInput
from records import journal
from records.db import Database
from records.errors import Conflict, Forbidden
from records.models import Payment, Posting, PostingExport, ReviewItem
from tests.matching.world import check, field, run

SAM, SOFIA = "user:sam", "user:sofia"
UNREAD = field(None, 0.0)


def doubtful(serial: str = "101") -> Any:
    """A check whose line was read for sure and whose amount was not."""
    return check(0, serial, amount_cents=UNREAD)


def item_of(session: Session, payment: Payment) -> ReviewItem:
    return session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()


def confirm(session: Session, payment: Payment, cents: int, actor: str = SAM) -> None:
    item = review.lease(session, item_of(session, payment).id, actor)
    review.confirm(
        session, item.id, actor, item.lease_token, amount_cents=cents,
        allocations=[AllocationInput("account", "2100000011", None, cents)],
    )  # fmt: skip


def as_duplicate(session: Session, payment: Payment, cents: int | None = None) -> None:
    item = review.lease(session, item_of(session, payment).id, SAM)
    review.set_aside(session, item.id, SAM, item.lease_token, "duplicate", amount_cents=cents)


def name_each_other(*payments: Payment) -> bool:
    pairs = {(each.id, each.duplicate_of_id) for each in payments}
    return any((other, one) in pairs for one, other in pairs)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_scan_confirmed_first_stays_good_and_the_other_is_its_duplicate(
    group: Database, order: tuple[int, int]
) -> None:
    with group.write() as session:
        scans = run(session, [doubtful()], [doubtful()])
        first, later = (scans[place] for place in order)
        confirm(session, first, 50_00)
        assert (first.match_state, first.deposit_state) == ("decided", "depositable")
        assert (item_of(session, first).state, first.flags) == ("done", [])
        assert first.duplicate_of_id is None
        assert (later.duplicate_of_id, later.flags) == (first.id, ["same_item"])
        assert "duplicate" in item_of(session, later).asks
        with (
            pytest.raises(Conflict, match="duplicate_check") as refused,
            session.begin_nested(),
        ):
            confirm(session, later, 50_00)
        assert first.ref in str(refused.value)
        as_duplicate(session, later, 50_00)
        assert (later.deposit_state, later.not_deposited_reason) == ("not_deposited", "duplicate")
        assert not later.live
        assert later.duplicate_of_id == first.id
        assert not name_each_other(*scans)
        assert item_of(session, later).state == "done"
        assert {k: v for k, v in journal.balances(session).items() if v} == {
            "on_hand": 50_00, "allocated": -50_00,
            "not_deposited:duplicate": 50_00, "set_aside": -50_00,
        }  # fmt: skip


def test_the_scan_keyed_with_another_amount_is_looked_at_before_it_goes(group: Database) -> None:
    with group.write() as session:
        scans = run(session, [doubtful()], [doubtful()])
        confirm(session, scans[1], 50_00)
        confirm(session, scans[0], 60_00)  # asked whether it is a second scan: it is not
        assert [each.deposit_state for each in scans] == ["awaiting_review", "depositable"]
        confirm(session, scans[0], 60_00)  # said again by the same person, it is no second word
        assert scans[0].deposit_state == "awaiting_review"
        confirm(session, scans[0], 60_00, SOFIA)
        assert [each.deposit_state for each in scans] == ["depositable", "depositable"]
        assert (scans[0].override_by, scans[0].duplicate_of_id) == (SOFIA, scans[1].id)
        (kept,) = keeping_out.all_of(session, scans[0].id)
        assert (kept.outcome, kept.ended_by) == ("another_check", SOFIA)
        assert (kept.evidence["with"], kept.evidence["differs"]) == (scans[1].ref, ["amount_cents"])
        assert not name_each_other(*scans)


def test_who_has_the_other_scan_open_is_asked_anew(group: Database) -> None:
    with group.write() as session:
        earlier, later = run(session, [doubtful()], [doubtful()])
        opened = review.lease(session, item_of(session, earlier).id, SOFIA)
        token = opened.lease_token
        confirm(session, later, 50_00)
        with pytest.raises(Conflict, match="lease_lost"):
            review.confirm(
                session, opened.id, SOFIA, token, amount_cents=60_00,
                allocations=[AllocationInput("unidentified", None, None, 60_00)],
            )  # fmt: skip
        assert "duplicate" in opened.asks


def test_of_three_scans_only_the_first_answered_goes_on(group: Database) -> None:
    with group.write() as session:
        scans = run(session, [doubtful()], [doubtful()], [doubtful()])
        confirm(session, scans[1], 50_00)
        for other in (scans[0], scans[2]):
            assert "duplicate" in item_of(session, other).asks
            twin = review.evidence(session, item_of(session, other).id).twin
            assert twin is not None
            assert twin.ref == scans[1].ref  # its picture is shown beside
        as_duplicate(session, scans[0])
        as_duplicate(session, scans[2])
        assert {each.duplicate_of_id for each in scans} == {None, scans[1].id}
        assert [each.deposit_state for each in scans] == [
            "not_deposited", "depositable", "not_deposited",
        ]  # fmt: skip


def test_not_every_scan_of_a_check_can_be_set_aside_as_a_duplicate(group: Database) -> None:
    with group.write() as session:
        first, second = run(session, [doubtful()], [doubtful()])
        as_duplicate(session, second)
        with pytest.raises(Conflict, match="only_scan_left"):
            as_duplicate(session, first)
        assert (first.live, first.deposit_state) == (True, "awaiting_review")
        item = item_of(session, first)
        review.release(session, item.id, SAM, item.lease_token)
        confirm(session, first, 50_00)
        assert first.deposit_state == "depositable"


def test_setting_the_first_scan_aside_makes_the_second_the_original(group: Database) -> None:
    with group.write() as session:
        first, second = run(session, [doubtful()], [doubtful()])
        as_duplicate(session, first)
        assert (first.duplicate_of_id, second.duplicate_of_id) == (second.id, None)
        confirm(session, second, 50_00)
        assert second.deposit_state == "depositable"


def test_a_confirmed_scan_that_is_undone_and_confirmed_again_is_not_held(group: Database) -> None:
    with group.write() as session:
        first, second = run(session, [doubtful()], [doubtful()])
        confirm(session, first, 50_00)
        review.undo(session, first.id, SAM)
        confirm(session, first, 50_00)
        assert first.deposit_state == "depositable"
        assert second.duplicate_of_id == first.id


def test_two_checks_a_second_person_told_apart_stand_side_by_side(group: Database) -> None:
    with group.write() as session:
        first, second = run(session, [check(50_00, signed=False)], [check(50_00)])
        item = review.override_duplicate(session, second.id, SOFIA)
        with pytest.raises(Forbidden, match="second_person"):
            confirm(session, second, 50_00, SOFIA)
        item = item_of(session, second)
        review.release(session, item.id, SOFIA, item.lease_token)
        confirm(session, second, 50_00)
        confirm(session, first, 50_00)  # keyed by a person, beside the check told apart from it
        assert [each.deposit_state for each in (first, second)] == ["depositable"] * 2


def test_a_check_taken_for_a_second_scan_by_mistake_is_asked_about_again(group: Database) -> None:
    with group.write() as session:
        _, second = run(session, [doubtful()], [doubtful()])
        as_duplicate(session, second)
        item = review.reopen(session, second.id, SAM)
        assert (second.live, second.deposit_state) == (True, "awaiting_review")
        assert {"duplicate", "amount", "match"} <= set(item.asks)


def test_scans_left_holding_each_other_are_both_resolved(group: Database) -> None:
    """As older versions left them: the first posted, back in review, and each names the other."""
    with group.write() as session:
        first, second = run(session, [doubtful()], [doubtful()])
        confirm(session, first, 50_00)
        first.deposit_state = "awaiting_review"
        first.flags, first.duplicate_of_id = ["same_item"], second.id
        questions.ask(session, first, ["duplicate"])
        parts = undoing.live_allocations(session, first.id)
        session.add(
            Posting(ref="PO-1", allocation_id=parts[0].id, payment_id=first.id,
                    office_id=first.office_id, pms="pms", amount_cents=50_00, state="queued")
        )  # fmt: skip
        session.flush()
        made = PostingExport(ref="PX-1", office_id=first.office_id, format="csv", file_name="x",
                             file_sha256="0" * 64, count=1, total_cents=50_00,
                             created_by=SAM)  # fmt: skip
        session.add(made)
        session.flush()
        posting = session.scalars(select(Posting)).one()
        posting.export_id, posting.state = made.id, "exported"
        session.flush()
        confirm(session, first, 50_00)
        assert (first.deposit_state, item_of(session, first).state) == ("depositable", "done")
        assert not name_each_other(first, second)
        as_duplicate(session, second, 50_00)
        assert second.not_deposited_reason == "duplicate"
