"""Whatever happens after days were signed: signed figures and late lines make the day as it is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import batch, posting, posting_queue, reconcile, refusing
from deposits.bank import import_file
from deposits.day import account_proof
from deposits.day_record import day_record, sign
from deposits.late import late_lines, open_day, positions
from records import clock, workflow
from records.errors import LockboxError
from records.installation import Installation
from records.models import (
    BankAccount,
    BankLine,
    DaySignature,
    Deposit,
    Payment,
    PostingExport,
)
from tests.deposits.build import DAY, Group, check, decide, group, set_aside

START = datetime(2026, 11, 20, 15, tzinfo=UTC)
STEPS = 35


class Walk:
    """A bank account to which things happen, one after another."""

    def __init__(self, installation: Installation, seed: int) -> None:
        self.installation, self.db = installation, installation.db
        self.random = random.Random(seed)
        self.at = START
        self.number = 1000
        with self.db.write() as session:
            self.made: Group = group(session)

    def step(self) -> str:
        """One thing that may happen; its name, with ``refused`` where it was not allowed."""
        acts: list[Callable[[Session], None]] = [
            self.receive, self.receive, self.settle_match, self.put_aside, self.open_and_fill,
            self.open_and_fill, self.close, self.close, self.approve, self.approve, self.reopen,
            self.cancel, self.credit, self.credit, self.part, self.interest, self.explain,
            self.unexplain, self.give_back, self.again, self.post, self.sign, self.sign,
            self.send, self.send, self.send, self.reject, self.reject, self.send_again,
        ]  # fmt: skip
        act = self.random.choice(acts)
        self.at += timedelta(hours=self.random.choice((2, 3, 5, 20)))
        with clock.frozen(self.at):
            try:
                with self.db.write() as session:
                    act(session)
            except LockboxError as refused:
                return f"{act.__name__} refused {refused.code}"
        return act.__name__

    def account(self, session: Session) -> BankAccount:
        return session.get_one(BankAccount, self.made.bank_account_id)

    def pick(self, session: Session, state: str) -> Payment | None:
        rows = session.scalars(select(Payment).where(Payment.deposit_state == state)).all()
        return self.random.choice(rows) if rows else None

    def deposit(self, session: Session, *states: str) -> Deposit | None:
        rows = session.scalars(select(Deposit).where(Deposit.state.in_(states))).all()
        return self.random.choice(rows) if rows else None

    def receive(self, session: Session) -> None:
        day = self.at.date() - timedelta(days=self.random.choice((0, 0, 0, 1, 2, 5)))
        self.number += 1
        cents = self.random.randrange(1_000, 90_000)
        state = self.random.choice(("depositable", "depositable", "awaiting_review"))
        check(session, self.made, cents, received_on=max(day, DAY), number=str(self.number),
              state=state)  # fmt: skip

    def release(self, session: Session) -> None:
        """Review is done with a check: nothing of the journal changes."""
        payment = self.pick(session, "awaiting_review")
        if payment is not None:
            workflow.move(payment, workflow.DEPOSIT_AXIS, "depositable")

    def settle_match(self, session: Session) -> None:
        rows = session.scalars(select(Payment).where(Payment.match_state == "undecided")).all()
        if rows:
            payment = self.random.choice(rows)
            part = (payment.amount_cents or 0) // 2
            decide(session, payment, [("account", self.made.account_id, part),
                                      ("unapplied", self.made.account_id,
                                       (payment.amount_cents or 0) - part)])  # fmt: skip
            posting_queue.keep_in_step(session, payment.id, "system:test")

    def put_aside(self, session: Session) -> None:
        payment = self.pick(session, "depositable")
        if payment is not None and self.random.random() < 0.5:
            set_aside(session, payment, "stale")

    def open_and_fill(self, session: Session) -> None:
        day = self.at.date() - timedelta(days=self.random.choice((0, 0, 1, 3)))
        made = batch.open_deposit(session, self.made.bank_account_id, max(day, DAY), "user:bill")
        waiting = [each.id for each in batch.depositable(session, self.made.bank_account_id)]
        if waiting:
            batch.add(session, made.id, waiting, "user:bill")

    def close(self, session: Session) -> None:
        deposit = self.deposit(session, "open")
        if deposit is not None and deposit.items:
            total = sum(item.amount_cents for item in deposit.items)
            batch.close(session, deposit.id, len(deposit.items), total, "user:bill")

    def approve(self, session: Session) -> None:
        deposit = self.deposit(session, "closed")
        if deposit is not None:
            batch.approve(session, deposit.id, "user:beth")

    def reopen(self, session: Session) -> None:
        deposit = self.deposit(session, "closed")
        if deposit is not None:
            batch.reopen(session, deposit.id, "user:bill")

    def cancel(self, session: Session) -> None:
        deposit = self.deposit(session, "open")
        if deposit is not None:
            batch.cancel(session, deposit.id, "user:bill")

    def send(self, session: Session) -> None:
        """All that waits, closed and approved at once."""
        waiting = batch.depositable(session, self.made.bank_account_id)
        if waiting:
            made = batch.open_deposit(
                session, self.made.bank_account_id, self.at.date(), "user:bill"
            )
            batch.add(session, made.id, [each.id for each in waiting], "user:bill")
            total = sum(each.amount_cents or 0 for each in waiting)
            batch.close(session, made.id, len(waiting), total, "user:bill")
            batch.approve(session, made.id, "user:beth")

    def reject(self, session: Session) -> None:
        deposit = self.deposit(session, "approved")
        if deposit is not None:
            refusing.reject(session, deposit.id, "totals differ", "user:bill")

    def send_again(self, session: Session) -> None:
        deposit = self.deposit(session, "rejected")
        if deposit is not None:
            refusing.rebatch(session, deposit.id, "user:bill")

    def bring(self, session: Session, cents: int, text: str) -> None:
        day = self.at.date() - timedelta(days=self.random.choice((0, 1, 4)))
        self.number += 1
        row = f"123456789,{max(day, DAY)},{cents / 100:.2f},{text},R{self.number}"
        data = f"Account,Date,Amount,Description,Reference\n{row}\n".encode()
        import_file(session, self.installation.store, data, "a.csv", "user:bill")

    def credit(self, session: Session) -> None:
        deposit = self.deposit(session, "approved")
        if deposit is not None:
            self.bring(session, deposit.declared_total_cents or 0, "DEPOSIT")

    def part(self, session: Session) -> None:
        deposit = self.deposit(session, "approved")
        if deposit is not None and (deposit.declared_total_cents or 0) > 500:
            self.bring(session, 123, "DEPOSIT")
            line = session.scalars(
                select(BankLine).where(BankLine.amount_cents == 123, BankLine.state == "unmatched")
            ).first()
            if line is not None:
                reconcile.settle_part(session, line.id, deposit.id, "user:bill")

    def interest(self, session: Session) -> None:
        self.bring(session, self.random.choice((777, -555)), "INTEREST OR FEE")

    def explain(self, session: Session) -> None:
        for line in session.scalars(select(BankLine).where(BankLine.state == "unmatched")).all():
            reconcile.explain(session, line.id, "the bank's own", "user:bill")

    def unexplain(self, session: Session) -> None:
        line = session.scalars(select(BankLine).where(BankLine.state == "explained")).first()
        if line is not None and self.random.random() < 0.3:
            reconcile.unexplain(session, line.id, "user:bill")

    def give_back(self, session: Session) -> None:
        payment = self.pick(session, "credited")
        if payment is not None:
            reconcile.record_returned_item(
                session, payment.id, "unspecified", self.at.date(), None, "user:bill"
            )

    def again(self, session: Session) -> None:
        payment = self.pick(session, "returned")
        if payment is not None:
            reconcile.represent(session, payment.id, "user:bill")

    def post(self, session: Session) -> None:
        made = posting.export(session, self.installation.store, self.made.office_id, "user:bill")
        export = session.scalars(select(PostingExport).where(PostingExport.ref == made.ref)).one()
        posting.acknowledge(session, export.id, "all", {}, "user:bill")

    def sign(self, session: Session) -> None:
        account = self.account(session)
        day = open_day(session, account) or DAY
        sign(session, account, day, "user:cora")

    def proved(self, after: str) -> None:
        """For every day signed, or passed over: signed and late together are the day as it is."""
        with clock.frozen(self.at), self.db.read() as session:
            account = self.account(session)
            signed = session.scalars(select(DaySignature).order_by(DaySignature.day_on)).all()
            if not signed:
                return
            late = late_lines(session, account)
            day = signed[0].day_on
            while day <= signed[-1].day_on:
                told: dict[tuple[str, str], Counter[str]] = {}
                for each in signed:
                    if each.day_on == day:
                        for key, parts in positions(each.document).items():
                            told.setdefault(key, Counter()).update(parts)
                    for line in each.document["late"]["lines"]:
                        if line["of"] == day.isoformat():
                            told.setdefault((line["axis"], line["ref"]), Counter()).update(
                                line["moved"]
                            )
                for line in late.lines:
                    if line.of == day:
                        told.setdefault((line.axis, line.ref), Counter()).update(line.moved)
                live = positions(account_proof(session, day, account).to_json())
                assert _plain(told) == _plain(live), (after, day)
                day += timedelta(days=1)
            for each in signed:
                shown = day_record(session, account, each.day_on)
                assert shown.intact
                assert shown.document["explained"]


def _plain(positions_: dict[tuple[str, str], dict[str, int]]) -> dict[tuple[str, str], object]:
    kept = {
        key: {part: cents for part, cents in parts.items() if cents}
        for key, parts in positions_.items()
    }
    return {key: parts for key, parts in kept.items() if parts}


@pytest.mark.parametrize("seed", [1, 3])  # of these each signs days and rejects deposits
def test_signed_and_late_are_the_day_as_it_is(installation: Installation, seed: int) -> None:
    walk = Walk(installation, seed)
    done: Counter[str] = Counter()
    for _ in range(STEPS):
        name = walk.step()
        done[name] += 1
        walk.proved(name)
    assert done["sign"] >= 2, done
    with walk.db.read() as session:
        assert session.scalars(select(Deposit).where(Deposit.state == "rejected")).first()
    assert sum(count for name, count in done.items() if "refused" not in name) > STEPS // 2
