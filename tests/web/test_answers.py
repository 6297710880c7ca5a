"""Undoing the last answer goes by what is on record, not by the browser it was given in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from deposits import posting, posting_queue
from matching import answers, review
from records import clock
from records.models import Payment
from tests.matching.world import check
from tests.web.desk import Desk, open_desk

JSON = {"accept": "application/json"}
SERIALS = iter(range(700, 999))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("answers"))
    yield made
    made.installation.close()


def undo(desk: Desk, who: str) -> dict[str, str]:
    """As a browser that has just signed in."""
    answered = desk.client(who).post("/review/undo", headers=JSON)
    return {"status": str(answered.status_code), **answered.json()}


def test_a_new_login_undoes_the_last_answer_and_then_the_one_before(desk: Desk) -> None:
    first, second = (desk.matched(30_00, str(next(SERIALS))) for _ in range(2))
    assert undo(desk, "sofia")["code"] == "nothing_to_undo"
    for ref in (second, first):
        assert undo(desk, "sam")["item"] == desk.question(ref).ref
        assert desk.payment(ref).match_state == "in_review"
    assert undo(desk, "sam")["code"] == "nothing_to_undo"


def test_what_was_set_aside_last_is_brought_back(desk: Desk) -> None:
    (ref,) = desk.receive([check(31_00, str(next(SERIALS)), "Zelda Quist")])
    item = desk.question(ref)
    with desk.installation.db.write() as session:
        held = review.lease(session, item.id, "user:sofia")
        review.set_aside(session, item.id, "user:sofia", held.lease_token, "misdirected")
    assert 'action="/review/undo"' in desk.client("sofia").get("/review").text
    page = desk.client("sofia").post("/review/undo")
    assert page.headers["location"].split("?")[0] == f"/review/{item.ref}"
    assert desk.payment(ref).deposit_state == "awaiting_review"


def test_what_somebody_undid_since_or_what_is_old_is_not_undone(desk: Desk) -> None:
    ref = desk.matched(32_00, str(next(SERIALS)))
    with clock.frozen(clock.now() + timedelta(hours=13)), desk.installation.db.write() as session:
        assert answers.last_answer(session, "user:sam") is None
    desk.client("sofia").post(f"/review/payments/{ref}/undo", headers=JSON)
    assert undo(desk, "sam")["code"] == "nothing_to_undo"


def test_an_answer_whose_posting_has_gone_is_named_and_no_older_one_taken(desk: Desk) -> None:
    older, last = (desk.matched(33_00, str(next(SERIALS))) for _ in range(2))
    with desk.installation.db.write() as session:
        payment = session.get_one(Payment, desk.payment(last).id)
        posting_queue.keep_in_step(session, payment.id, "system:test")
        posting.export(session, desk.installation.store, payment.office_id, "user:bill")
    refused = undo(desk, "sam")
    assert refused["code"] == "already_exported"
    assert last in refused["message"]
    assert desk.payment(older).match_state == "decided"
