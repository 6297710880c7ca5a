"""What the bank says after it refused a deposit: credits and returns of it settle nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import batch, reconcile, refusing
from deposits.bank import import_file
from deposits.bank_exceptions import bank_exceptions
from deposits.day import account_proof, proof
from deposits.day_record import day_record, sign
from deposits.late import positions
from records import clock
from records.db import Database
from records.errors import Conflict
from records.installation import Installation
from records.models import BankAccount, BankLine, Deposit
from tests.deposits.build import DAY, Group, group
from tests.deposits.test_refusing import CENTS, approved

TOTAL = sum(CENTS)
MONDAY = date(2026, 11, 23)  # DAY is a Friday


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with clock.frozen(datetime.combine(MONDAY, time(15), UTC)):
        yield


def _refused(db: Database, *, again: bool) -> tuple[Group, str, str]:
    """A deposit that the bank refused and, on Monday, the one its checks go in; their ids."""
    with db.write() as session:
        made = group(session)
        old = approved(session, made).id
        refusing.reject(session, old, "totals differ", "user:bill")
        new = refusing.rebatch(session, old, "user:bill").id if again else ""
        if again:
            batch.close(session, new, len(CENTS), TOTAL, "user:bill")
            batch.approve(session, new, "user:beth")
    return made, old, new


def _credit(db: Database, store: Any, on: date, words: str = "DEPOSIT") -> str:
    row = f"123456789,{on},{TOTAL / 100:.2f},{words},"
    data = f"Account,Date,Amount,Description,Reference\n{row}\n".encode()
    with db.write() as session:
        import_file(session, store, data, "a.csv", "user:bill")
        return session.scalars(select(BankLine.id).order_by(BankLine.id.desc())).first() or ""


def _ref(db: Database, deposit: str) -> str:
    with db.read() as session:
        return session.get_one(Deposit, deposit).ref


def _told(db: Database, deposit: str) -> str:
    return f"credit for the rejected deposit {_ref(db, deposit)}"


def _state(db: Database, deposit: str) -> str:
    with db.read() as session:
        return session.get_one(Deposit, deposit).state


def test_a_credit_that_names_the_refused_deposit_is_asked_about(
    db: Database, installation: Installation
) -> None:
    made, old, new = _refused(db, again=True)
    line = _credit(db, installation.store, MONDAY, f"DEPOSIT {_ref(db, old)}")
    assert (_state(db, old), _state(db, new)) == ("rejected", "approved")
    with db.write() as session:
        [found] = bank_exceptions(session, [made.bank_account_id])
        first = found.suggestions[0]
        assert (first.action, first.name) == ("explain", _told(db, old))
        with pytest.raises(Conflict) as refused:
            reconcile.settle(session, line, old, "user:bill")
        assert refused.value.code == "deposit_not_in_transit"
        reconcile.explain(session, line, first.name, "user:bill")
        assert proof(session, MONDAY).explained
    # The next credit is the new deposit's, and is no answer to another's question.
    _credit(db, installation.store, MONDAY + timedelta(days=1))
    assert _state(db, new) == "credited"


def test_a_credit_of_its_amount_from_before_the_new_deposit_settles_nothing(
    db: Database, installation: Installation
) -> None:
    made, old, new = _refused(db, again=True)
    _credit(db, installation.store, MONDAY - timedelta(days=1))  # a new one may be paid so early
    assert (_state(db, old), _state(db, new)) == ("rejected", "approved")
    with db.read() as session:
        [found] = bank_exceptions(session, [made.bank_account_id])
        assert ("explain", _told(db, old)) in [(s.action, s.name) for s in found.suggestions]
    _credit(db, installation.store, MONDAY)
    assert _state(db, new) == "credited"


def test_without_a_new_deposit_its_credit_stays_open_and_red(
    db: Database, installation: Installation
) -> None:
    made, old, _ = _refused(db, again=False)
    _credit(db, installation.store, MONDAY)
    with db.read() as session:
        [found] = bank_exceptions(session, [made.bank_account_id])
        assert [(s.action, s.name) for s in found.suggestions] == [("explain", _told(db, old))]
        assert proof(session, MONDAY).unexplained_cents == TOTAL
        assert proof(session, DAY).explained
    assert _state(db, old) == "rejected"


def _sign(session: Session, made: Group, on: date) -> None:
    sign(session, session.get_one(BankAccount, made.bank_account_id), on, "user:cora")


def test_a_signed_day_stays_and_the_rejection_is_late_on_the_next(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        deposit = approved(session, made)
        refs = [item.payment.ref for item in deposit.items]
        _sign(session, made, DAY)
    with db.write() as session:
        account = session.get_one(BankAccount, made.bank_account_id)
        signed = day_record(session, account, DAY)
        refusing.reject(session, deposit.id, "totals differ", "user:bill")
        after = day_record(session, account, DAY)
        assert (after.document, after.intact) == (signed.document, True)
        shown = day_record(session, account, MONDAY)
        assert shown.explained, shown.document["journal"]
        late = {(line["axis"], line["ref"]): line["moved"]
                for line in shown.document["late"]["lines"]}  # fmt: skip
        assert late == {
            ("bank", deposit.ref): {"in_transit": -TOTAL, "rejected": TOTAL},
            **{("received", ref): {"deposited": -cents, "on_hand": cents}
               for ref, cents in zip(refs, CENTS, strict=True)},
            **{("deposited", ref): {"unidentified": -cents}
               for ref, cents in zip(refs, CENTS, strict=True)},
        }  # fmt: skip
        told: dict[tuple[str, str], Counter[str]] = {
            key: Counter(parts) for key, parts in positions(signed.document).items()
        }
        for key, moved in late.items():
            told.setdefault(key, Counter()).update(moved)
        sums = {key: {part: cents for part, cents in parts.items() if cents}
                for key, parts in told.items()}  # fmt: skip
        live = positions(account_proof(session, DAY, account).to_json())
        assert {key: parts for key, parts in sums.items() if parts} == live
        _sign(session, made, MONDAY)
        assert not proof(session, DAY).bank.parts["in_transit"].count
