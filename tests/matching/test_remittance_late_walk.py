"""Checks of one EOB are posted, refused, keyed anew and compared in any order: no cent strays."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import remittance_waiting
from matching import (
    rematching,
    remittance_partners,
    remittance_people,
    remittance_seen,
    remittance_several,
    remittance_shares,
    review,
    takebacks,
)
from matching.undoing import is_out, live_allocations
from records import clock, crypto, journal
from records.db import Database
from records.errors import LockboxError
from records.models import (
    Job,
    Payment,
    Posting,
    PostingExport,
    ReadingRow,
    Remittance,
    RemittanceShare,
)
from records.workflow import POSTING, move
from tests.matching import world
from tests.matching.test_remittance_partners import insurers, rematch
from tests.matching.test_remittance_several import FIRST, SECOND, bulk

SAM = "user:sam"
ACCOUNTS = ("2100000011", "2100000029", "2100000037")
NAMES = ("Walter Abernathy", "Emma Okafor", "Noah Okafor")
PLACES = st.integers(0, 1)
# the three claims in any order, under any account, one of them of another sum at times
CLAIMS = st.tuples(
    st.permutations([(FIRST, 0), (604_19, 1), (100_00, 2)]),
    st.permutations(range(3)),
    st.sampled_from([0, 0, 0, -10_00]),
)


class Office(RuleBasedStateMachine):
    """Two checks, one EOB of both; the model remembers what was posted, and what was compared."""

    where: Path
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        Office.runs += 1
        copy = self.where.with_name(f"late-{Office.runs}.sqlite")
        shutil.copy(self.where, copy)
        self.db = Database(f"sqlite:///{copy}")
        self.now = datetime(2026, 11, 16, 16, 0, tzinfo=UTC)
        with self.db.read() as session:
            self.done = set(session.scalars(select(Job.id)))
            self.ids = session.scalars(select(Payment.id).order_by(Payment.check_number)).all()

    def teardown(self) -> None:
        self.db.close()

    def act(self, deed: Any) -> None:
        """Do it in one transaction, then what jobs would do; a refusal changes nothing."""
        self.now += timedelta(minutes=1)
        with clock.frozen(self.now):
            try:
                with self.db.write() as session:
                    deed(session)
            except LockboxError:
                return
            with self.db.write() as session:
                self.match(session)

    def match(self, session: Session) -> None:
        """Match again what was asked for since the last step."""
        jobs = session.scalars(select(Job).where(Job.stage == rematching.STAGE.name)).all()
        for payment_id in {each.subject_id for each in jobs if each.id not in self.done}:
            loaded = rematching.load(session, payment_id)
            rematching.save(session, payment_id, rematching.STAGE.work(loaded))
        self.done |= {each.id for each in jobs}

    @rule(said=CLAIMS)
    def key(self, said: Any) -> None:
        order, owners, less = said
        claims = [
            {"patient_name": NAMES[owners[who]], "patient_account": ACCOUNTS[owners[who]],
             "paid_cents": cents + (less if at == 0 else 0)}
            for at, (cents, who) in enumerate(order)
        ]  # fmt: skip

        def deed(session: Session) -> None:
            document = session.scalars(select(Remittance)).one().document
            version = max(each.version for each in document.readings) + 1
            session.add(ReadingRow(document_id=document.id, version=version,
                                   sealed=bulk("8800417", claims=claims), made_by=SAM))  # fmt: skip
            session.flush()
            session.expire_all()
            remittance_partners.changed(session, document, SAM)

        self.act(deed)

    @rule(place=PLACES)
    def post(self, place: int) -> None:
        self.act(lambda s: send(s, s.get_one(Payment, self.ids[place])))

    @rule(place=PLACES)
    def refused_by_the_offices_system(self, place: int) -> None:
        def deed(session: Session) -> None:
            rows = session.scalars(
                select(Posting).where(Posting.payment_id == self.ids[place], Posting.live)
            )
            for each in rows:
                move(each, POSTING, "failed")
            session.flush()
            review.undo(session, self.ids[place], SAM)

        self.act(deed)

    @rule()
    def compare(self) -> None:
        self.act(lambda s: remittance_seen.looked_at(s, _only(s).ref, SAM, "entered by hand"))

    @rule()
    def part_and_join(self) -> None:
        def deed(session: Session) -> None:
            ref = _only(session).ref
            remittance_people.unjoin(session, ref, SAM, "of another check")
            payments = [session.get_one(Payment, each).ref for each in self.ids]
            remittance_several.join_several(session, [ref], payments, SAM)

        self.act(deed)

    @invariant()
    def every_cent_is_somewhere_once(self) -> None:
        with self.db.read() as session:
            held = journal.balances(session)
            assert sum(held.values()) == 0
            for key, cents in zip(self.ids, (FIRST, SECOND), strict=True):
                parts = live_allocations(session, key)
                payment = session.get_one(Payment, key)
                wanted = cents if payment.match_state == "decided" else 0
                assert sum(each.amount_cents for each in parts) == wanted

    @invariant()
    def a_payment_sees_claims_that_make_it_up_or_none(self) -> None:
        with self.db.read() as session:
            row = _only(session)
            seen: list[int] = []
            for each in session.scalars(
                select(RemittanceShare).where(RemittanceShare.ended_at.is_(None))
            ):
                (value,) = takebacks.values_of(session, each.payment_id)
                claims = value.amounts("claims", "paid_cents")
                assert sum(claims) in {each.amount_cents, 0}
                seen += (
                    [*each.claims]
                    if remittance_shares.makes_up(takebacks.as_values([row.document])[0], each)
                    else []
                )
            assert all(a != b for a, b in pairwise(sorted(seen))), "a claim is one payment's"

    @invariant()
    def what_differs_from_what_was_posted_is_told(self) -> None:
        with self.db.read() as session:
            row = _only(session)
            late = {w.ref: w.says for w in remittance_waiting.queue(session, None)
                    if w.kind == "late"}  # fmt: skip
            for key in self.ids:
                if not is_out(session, key):
                    continue
                now = {a.account.number if a.account else "": a.amount_cents
                       for a in live_allocations(session, key)}  # fmt: skip
                said = {}
                for value in takebacks.values_of(session, key):
                    for claim in value.value("claims") or ():
                        said[claim["patient_account"]] = claim["paid_cents"]
                assert now == said or row.ref in late or row.reason, (now, said)


def _only(session: Session) -> Remittance:
    return session.scalars(select(Remittance)).one()


def send(session: Session, payment: Payment) -> None:
    """A part of the payment leaves, where one is decided."""
    part = next(iter(live_allocations(session, payment.id)), None)
    if part is None or is_out(session, payment.id):
        return
    number = len(session.scalars(select(Posting.id)).all()) + 1
    row = Posting(ref=f"PST-{number}", pms="csv", allocation_id=part.id, payment_id=payment.id,
                  office_id=payment.office_id, amount_cents=part.amount_cents)  # fmt: skip
    sent = PostingExport(
        ref=f"EXP-{number}", office_id=payment.office_id, format="csv", file_name="a.csv",
        file_sha256="0" * 64, count=1, total_cents=part.amount_cents, created_by=SAM,
    )  # fmt: skip
    session.add_all([row, sent])
    session.flush()
    row.state, row.export_id = "exported", sent.id
    session.flush()


def test_checks_of_one_eob_stay_whole_whatever_is_keyed_of_it_after_the_posting(
    sqlite_url: str,
) -> None:
    crypto.install(crypto.Keyring.generate())
    database = Database(sqlite_url)
    with database.write() as session:
        world.add_group(session)
        world.run(session, [insurers(FIRST, "8800417")], [insurers(SECOND, "8800418")])
        world.run(session, [bulk("8800417")])
    with database.write() as session:
        rematch(session)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    Office.where = Path(sqlite_url.removeprefix("sqlite:///"))
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=6, stateful_step_count=15, deadline=None,
            phases=[Phase.generate],  # each step is a transaction: shrinking would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
