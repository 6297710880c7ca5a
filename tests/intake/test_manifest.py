"""Pickups: what was declared, who had the bag, and what differs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from intake import manifest
from records import ids
from records.db import Database
from records.errors import LockboxError
from records.models import CustodyEvent, MailTransaction, Payment, Pickup, SourceFile
from tests.world import add_document, add_office


def start(db: Database, **declared: int) -> str:
    with db.write() as session:
        office = add_office(session)
        return manifest.start_pickup(
            session,
            office.id,
            "BAG-12",
            "user:casey",
            declared_envelopes=declared.get("envelopes", 1),
            declared_checks=declared.get("checks", 1),
            declared_total_cents=declared.get("total"),
        ).id


def test_custody_is_a_list_of_who_and_when(db: Database) -> None:
    pickup_id = start(db)
    with db.write() as session:
        manifest.custody_event(session, pickup_id, "handed_over", "user:casey", note="to Sam")
        manifest.custody_event(session, pickup_id, "received", "user:sam")
    with db.read() as session:
        events = session.scalars(select(CustodyEvent).order_by(CustodyEvent.created_at)).all()
        assert [(each.kind, each.actor) for each in events] == [
            ("picked_up", "user:casey"),
            ("handed_over", "user:casey"),
            ("received", "user:sam"),
        ]
        assert session.get_one(Pickup, pickup_id).state == "received"


def test_a_bag_is_received_once(db: Database) -> None:
    pickup_id = start(db)
    with db.write() as session:
        manifest.custody_event(session, pickup_id, "received", "user:sam")
    with pytest.raises(LockboxError) as refused, db.write() as session:
        manifest.custody_event(session, pickup_id, "received", "user:sofia")
    assert refused.value.code == "transition_refused"


def test_what_arrived_is_counted_against_what_was_declared(db: Database) -> None:
    pickup_id = start(db, envelopes=2, checks=1, total=5000)
    with db.write() as session:
        pickup = session.get_one(Pickup, pickup_id)
        document = add_document(session, pickup.office, "check", {})
        envelope = session.get_one(MailTransaction, document.transaction_id)
        session.get_one(SourceFile, envelope.source_file_id).pickup_id = pickup_id
        session.add(
            Payment(
                ref=ids.new_ref("PAY"),
                document_id=document.id,
                transaction_id=envelope.id,
                office_id=pickup.office_id,
                received_on=envelope.source_file.received_on,
                amount_cents=5000,
            )
        )
    with db.read() as session:
        found = manifest.variance(session, session.get_one(Pickup, pickup_id))
    assert (found.envelopes_declared, found.envelopes_found) == (2, 1)
    assert (found.checks_found, found.total_found_cents) == (1, 5000)
    assert not found.agrees


def test_an_exact_bag_agrees(db: Database) -> None:
    pickup_id = start(db, envelopes=0, checks=0, total=0)
    with db.read() as session:
        assert manifest.variance(session, session.get_one(Pickup, pickup_id)).agrees


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda s, p: manifest.custody_event(s, p, "counted", "user:sam"), "no_count"),
        (lambda s, p: manifest.custody_event(s, p, "lost", "user:sam"), "unknown_custody_event"),
        (lambda s, _: manifest.custody_event(s, "x", "received", "user:sam"), "unknown_pickup"),
        (
            lambda s, p: manifest.start_pickup(
                s,
                s.get_one(Pickup, p).office_id,
                " ",
                "user:casey",
                declared_envelopes=1,
                declared_checks=1,
            ),
            "no_bag_number",
        ),
        (
            lambda s, p: manifest.start_pickup(
                s,
                s.get_one(Pickup, p).office_id,
                "B",
                "user:casey",
                declared_envelopes=-1,
                declared_checks=1,
            ),
            "negative_count",
        ),
    ],
)
def test_each_wrong_entry_has_its_code(
    db: Database, break_it: Callable[..., object], code: str
) -> None:
    pickup_id = start(db)
    with pytest.raises(LockboxError) as refused, db.write() as session:
        break_it(session, pickup_id)
    assert refused.value.code == code
