"""What people confirmed becomes what a fit learns from; a fitted model decides once switched on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import match, models, refit, review
from matching.model import Model, shipped
from matching.review import AllocationInput
from records.db import Database
from records.errors import Conflict, NotFound
from records.models import AuditEvent, Decision, Payment, ReviewItem
from tests.matching.world import BOSS, check, coupon, run

SAM = "user:sam"
STUB = coupon("2100000011", "8100000015", patient_name="Walter Abernathy",
              amount_due_cents=125_00)  # fmt: skip
SPLIT = AllocationInput("account", "2100000011", "8100000015", 125_00)
NOWHERE = AllocationInput("unidentified", None, None, 125_00)


@pytest.fixture(autouse=True)
def all_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sure match goes to a person."""
    monkeypatch.setenv("LOCKBOX_MATCH_SAMPLE_SHARE", "1")


def confirmed(session: Session, part: AllocationInput, serial: str = "101") -> Payment:
    (payment,) = run(session, [check(125_00, serial), STUB])
    item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
    held = review.lease(session, item.id, SAM)
    review.confirm(session, held.id, SAM, held.lease_token, allocations=[part])
    return payment


@pytest.mark.parametrize(("part", "right"), [(SPLIT, {"2100000011"}), (NOWHERE, set())])
def test_a_confirmation_teaches_whose_it_was_or_that_it_was_nobodys(
    group: Database, part: AllocationInput, right: set[str]
) -> None:
    with group.write() as session:
        confirmed(session, part)
        (example,) = refit.confirmed(session)
        assert example.right == right
        assert example.split_right is bool(right)
        assert (example.stratum, example.eligible) == ("number_name_amount", True)
        assert "2100000011" in example.alike


def test_what_was_taken_back_teaches_nothing(group: Database) -> None:
    with group.write() as session:
        payment = confirmed(session, SPLIT)
        review.undo(session, payment.id, SAM)
        assert refit.confirmed(session) == []


def test_an_example_has_the_weights_without_what_its_model_added(group: Database) -> None:
    with group.write() as session:
        before = confirmed(session, SPLIT)
        shifted = Model("fitted-1", {"payer_name:exact": 1.5}, shipped().judge)
        models.keep(session, shifted, {}, BOSS)
        models.switch_on(session, "fitted-1", BOSS)
        del before
        (payment,) = run(session, [check(80_00, "7", payer="Grace Okafor")])
        decision = session.scalars(select(Decision).where(Decision.payment_id == payment.id)).one()
        assert decision.model_version.startswith("fitted-1/")
        kept = decision.candidates["parts"][0]["candidates"][0]["reasons"]
        exact = next(r["weight"] for r in kept if r["level"] == "exact")
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        held = review.lease(session, item.id, SAM)
        part = AllocationInput("account", "2100000029", None, 80_00)
        review.confirm(session, held.id, SAM, held.lease_token, deposit=False, allocations=[part])
        example = refit.confirmed(session)[-1]
        weights = {r.level: r.weight for r in example.ranking.candidates[0].reasons}
        assert weights["exact"] == pytest.approx(exact - 1.5)


def test_too_few_confirmations_are_refused(group: Database) -> None:
    with group.write() as session:
        confirmed(session, SPLIT)
        with pytest.raises(Conflict) as caught:
            refit.refit(session, BOSS)
        assert caught.value.code == "too_little_to_learn"


def test_enough_confirmations_give_a_model_that_is_not_on_and_its_figures(
    group: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refit, "LEAST_HELD_OUT", 3)
    monkeypatch.setattr("matching.fitting.LEAST_EXAMPLES", 5)
    with group.write() as session:
        for serial in range(10):
            confirmed(session, SPLIT if serial % 2 else NOWHERE, str(200 + serial))
        fitted = refit.refit(session, BOSS)
        figures = fitted.figures
        assert (figures["learnt_from"], figures["held_out"]) == (7, 3)
        assert figures["old"]["version"] == shipped().version
        assert figures["new"]["log_loss"] < figures["old"]["log_loss"]  # half were nobody's
        assert models.active(session) == shipped()
        models.switch_on(session, fitted.version, BOSS)
        assert models.active(session).version == fitted.version


def test_switching_back_names_the_shipped_model_and_is_audited(group: Database) -> None:
    with group.write() as session:
        models.keep(session, replace(shipped(), version="fitted-1"), {}, BOSS)
        with pytest.raises(NotFound):
            models.switch_on(session, "fitted-9", BOSS)
        models.switch_on(session, "fitted-1", BOSS)
        with pytest.raises(Conflict):
            models.switch_on(session, "fitted-1", BOSS)
        models.switch_on(session, shipped().version, BOSS)
        assert models.active(session) == shipped()
    with group.read() as session:
        rows = session.scalars(select(AuditEvent.action).where(AuditEvent.actor == BOSS)).all()
        assert rows.count("model.switched_on") == 2


def test_the_audit_chain_keeps_the_reasons_without_names(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), STUB])
        number = payment.id
    with group.read() as session:
        row = session.scalars(
            select(AuditEvent).where(
                AuditEvent.subject_id == number, AuditEvent.action == "payment.matched"
            )
        ).one()
        assert row.detail["model"] == shipped().version
        assert any(reason.startswith("payer_name:exact +") for reason in row.detail["reasons"])
        assert "Abernathy" not in str(row.detail)
    assert row.actor == match.ACTOR
