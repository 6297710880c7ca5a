"""The index follows the accounts: in the same transaction, the same in both databases, rebuilt."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matching import homes, index, postings, reindex
from matching.keys import keys_of_clues
from matching.types import Clues
from records import crypto
from records.db import Database
from records.models import (
    Account,
    AccountHome,
    AddressVersion,
    CommonAmount,
    HomeKey,
    IndexState,
    Statement,
)
from tests.matching.world import ACCOUNTS, STATEMENTS, add_group
from web import indexing

pytestmark = pytest.mark.both_databases

LASTS = ("Abernathy", "Okafor", "Smith", "O'Brien", "Van Horn", "Garcia-Lopez", "Núñez")
FIRSTS = ("Walter", "Grace", "Emma", "Bo", "J")
Table = dict[str, tuple[bytes, frozenset[int]]]


def held(session: Session) -> Table:
    """What the index holds by home: its card, and the keys that lists and row agree on."""
    labels = dict(session.execute(select(AccountHome.id, AccountHome.label)).all())
    listed: dict[str, set[int]] = defaultdict(set)
    for row in session.execute(select(HomeKey.key, HomeKey.block, HomeKey.homes)):
        within = [int.from_bytes(row[2][at : at + 2], "little") for at in range(0, len(row[2]), 2)]
        assert within == sorted(set(within))
        assert within, "an empty list is no row"
        for home in within:
            listed[labels[(row[1] << 16) + home]].add(row[0])
    found: Table = {}
    for row in session.execute(select(AccountHome.label, AccountHome.card, AccountHome.keys)):
        assert set(homes.unpacked(row[2])) == listed[row[0]]
        found[row[0]] = (row[1], frozenset(listed[row[0]]))
    assert listed.keys() <= found.keys()
    return found


def wanted(session: Session) -> Table:
    """What the tables say the index should hold."""
    by_home: dict[str, dict[str, object]] = defaultdict(dict)
    for ident, facts in homes.facts_of(session, Account.id.is_not(None)).items():
        by_home[homes.label_of(facts.number, facts.household)][ident] = facts
    rows = {label: homes.row_of(each) for label, each in by_home.items()}  # type: ignore[arg-type]
    return {label: (card, frozenset(homes.unpacked(keys))) for label, (card, keys) in rows.items()}


def drop_index(session: Session) -> None:
    for model in (HomeKey, AccountHome, CommonAmount, IndexState):
        session.execute(delete(model))
    session.execute(update(Account).values(home_id=None, name_key="", guarantor_key=""))


def rename(rng: random.Random, session: Session, account: Account) -> None:
    account.patient_last = rng.choice(LASTS)
    account.guarantor_first = rng.choice(FIRSTS)


def move_house(rng: random.Random, session: Session, account: Account) -> None:
    version = len(account.addresses) + 1
    account.addresses.append(
        AddressVersion(version=version, street=f"{rng.randint(1, 99)} Elm St", city="Troy",
                       state="OH", zip="45373", source="user", confirmed_by="user:sam")
    )  # fmt: skip


def join_household(rng: random.Random, session: Session, account: Account) -> None:
    account.household = rng.choice(("", "H1", "H2", "H9"))


def pay(rng: random.Random, session: Session, account: Account) -> None:
    for statement in account.statements:
        statement.open_cents = rng.choice((0, statement.balance_cents, 1234))


def bill(rng: random.Random, session: Session, account: Account) -> None:
    cents = rng.randint(100, 99_999)
    number = f"B{rng.getrandbits(40)}"
    account.statements.append(
        Statement(number=number, statement_on=date(2026, 11, 1), balance_cents=cents,
                  open_cents=cents)
    )  # fmt: skip


def twin(session: Session, account: Account) -> Account:
    """A second account of the same patient, without an address: those are never deleted."""
    names = ("office_id", "patient_first", "patient_last", "guarantor_first", "guarantor_last")
    made = Account(number=f"T{len(session.scalars(select(Account.id)).all())}-{account.number}",
                   household="H2", **{name: getattr(account, name) for name in names})  # fmt: skip
    session.add(made)
    session.flush()
    index.rekey(session, [made.id])
    return made


def merge(rng: random.Random, session: Session, account: Account) -> None:
    """A twin's statements become this account's, and the twin is deleted."""
    other = twin(session, account)
    bill(rng, session, other)
    index.rekey(session, [other.id])
    assert held(session) == wanted(session)
    for statement in session.scalars(select(Statement).where(Statement.account_id == other.id)):
        statement.account_id = account.id
    index.forget(session, [other.id])
    session.execute(delete(Account).where(Account.id == other.id))
    session.expire_all()


CHANGES: tuple[Callable[[random.Random, Session, Account], None], ...] = (
    rename, move_house, join_household, join_household, pay, bill, merge,
)  # fmt: skip


def change_at_random(session: Session, seed: int, steps: int) -> None:
    """So many changes, each followed by ``rekey``; the index is right after every one."""
    rng = random.Random(seed)
    for _ in range(steps):
        numbers = session.scalars(select(Account.number).order_by(Account.number)).all()
        account = session.scalars(select(Account).where(Account.number == rng.choice(numbers)))
        one = account.one()
        rng.choice(CHANGES)(rng, session, one)
        index.rekey(session, [one.id])
        assert held(session) == wanted(session)
    count = session.scalar(select(IndexState.accounts))
    assert count == len(session.scalars(select(Account.id)).all())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_change_is_in_the_index_before_its_transaction_ends(
    group: Database, seed: int
) -> None:
    with group.write() as session:
        change_at_random(session, seed, 25)
    with group.read() as session:
        before = held(session)
    assert reindex.reindex(group).stale == 0
    with group.write() as session:
        assert held(session) == before
        drop_index(session)
        report = reindex.build(session)
        assert held(session) == before == wanted(session)
        assert (report.built, report.homes) == (True, len(before))


def test_both_databases_hold_the_same_bytes(sqlite_url: str, postgres_url: str) -> None:
    crypto.install(crypto.Keyring.generate())
    seen = []
    for url in (sqlite_url, postgres_url):
        database = Database(url)
        with database.write() as session:
            add_group(session)
            for place, one in enumerate(session.scalars(select(Account).order_by(Account.number))):
                one.household = f"H{place % 3}"
                index.rekey(session, [one.id])
            rows = session.execute(select(HomeKey.key, HomeKey.block, HomeKey.homes)).all()
            seen.append(sorted((key, block, bytes(within)) for key, block, within in rows))
            clues = Clues(payer_name="G Okafor", amount_cents=141_50, office_code="NORTH")
            seen.append([index.candidates(session, clues)])  # type: ignore[list-item]
        database.close()
    assert seen[:2] == seen[2:]


def test_what_is_rolled_back_is_not_in_the_index(group: Database) -> None:
    with group.read() as session:
        before = held(session)
    with group.write() as session:
        change_at_random(session, 5, 3)
        session.rollback()
    with group.read() as session:
        assert held(session) == before


def test_reindex_mends_what_was_changed_behind_its_back(group: Database) -> None:
    with group.write() as session:
        session.execute(update(Account).where(Account.number == "2100000011")
                        .values(patient_last="Lindqvist", household=""))  # fmt: skip
        one = session.scalars(select(Account).where(Account.number == "3400000018")).one()
        session.execute(delete(Account).where(Account.id == twin(session, one).id))
    report = reindex.reindex(group)
    assert (report.stale, report.accounts, report.built) == (2, 6, False)
    assert reindex.reindex(group).stale == 0
    with group.read() as session:
        assert held(session) == wanted(session)
        clues = Clues(payer_name="Walter Lindqvist")
        assert "2100000011" in {a.number for a in index.pool(session, clues).accounts}


def test_an_upgrade_that_left_the_index_empty_is_made_good_at_the_start(group: Database) -> None:
    with group.write() as session:
        drop_index(session)
        # Numbers find their account even then.
        found = index.pool(session, Clues(account_numbers=("2100000011",))).accounts
        assert [account.number for account in found] == ["2100000011"]
    indexing.ensure(group)
    with group.read() as session:
        assert reindex.is_current(session)
        assert held(session) == wanted(session)
    indexing.ensure(group)


def test_lists_are_kept_as_a_plain_table_of_pairs_would_be(db: Database) -> None:
    rng = random.Random(4)
    pairs: set[tuple[int, int]] = set()
    keys = [-(2**62), -1, 7, 2**62]
    with db.write() as session:
        for _ in range(30):
            added = {(rng.choice(keys), rng.choice((1, 65_535, 65_536, 65_537, 200_001)))
                     for _ in range(4)}  # fmt: skip
            removed = {pair for pair in pairs if rng.random() < 0.3} - added
            postings.change(session, added, removed)
            pairs = (pairs | added) - removed
            got, places, shared = postings.read(session, keys, 100)
            read = {(keys[place], home) for home, place in zip(got, places, strict=True)}
            assert read == pairs
            for place, count in zip(places, shared, strict=True):
                assert count == sum(key == keys[place] for key, _ in pairs)
        most = max(sum(key == one for key, _ in pairs) for one in keys)
        few = postings.read(session, keys, most - 1)
        assert set(few[1].tolist()).isdisjoint(
            place for place, one in enumerate(keys) if sum(k == one for k, _ in pairs) == most
        )
        assert [len(part) for part in postings.read(session, [], 5)] == [0, 0, 0]


def test_weak_evidence_ranks_below_strong(group: Database) -> None:
    with group.read() as session:
        clues = Clues(payer_name="Mary Srnith", payer_address="980 0ak Ave, Dayton OH 45402",
                      amount_cents=40_00, office_code="NORTH")  # fmt: skip
        ranked = index.candidates(session, clues)
        labels = [session.get_one(AccountHome, home).label for home in ranked]
        assert labels[:2] == ["hH4", "hH3"]
        assert index.candidates(session, clues, 1) == ranked[:1]
        assert index.candidates(session, Clues(payer_name="Zelda Quist")) == []
    assert keys_of_clues(Clues()) == {}


def test_a_number_with_one_digit_wrong_brings_its_account(group: Database) -> None:
    def found(**clues: tuple[str, ...]) -> set[str]:
        with group.read() as session:
            return {a.number for a in index.pool(session, Clues(**clues)).accounts}  # type: ignore[arg-type]

    assert found(account_numbers=("3400000013",)) == {"3400000018"}
    assert found(statement_numbers=("8100000702",)) == {"3400000018"}
    assert found(account_numbers=("3499999918",)) == found(account_numbers=("34O",)) == set()
    # A number that is an account's own is not taken for another's.
    assert found(account_numbers=("2100000045",)) == {"2100000045"}


@given(st.text("0123456789", min_size=4, max_size=12))
def test_neighbours_are_one_mistake_away_and_never_the_number_itself(number: str) -> None:
    near = index.neighbours(number)
    assert number not in near
    assert len(near) == len(set(near)) >= 9 * len(number)
    assert all(number in index.neighbours(other) for other in near[::7])


def test_common_amounts_are_counted_with_the_statements(
    group: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homes, "COMMON", 1)
    with group.write() as session:
        homes.count_amounts(session)
        assert session.execute(select(CommonAmount.cents, CommonAmount.accounts)).all() == [
            (40_00, 2)
        ]
        assert index.chart(session, Clues(amount_cents=40_00), 0).amount_accounts == 2
        assert index.chart(session, Clues(amount_cents=125_00), 0).amount_accounts == 1
        chart = index.chart(session, Clues(), 0)
        assert (chart.account_count, chart.amount_accounts) == (6, 0)
    assert len(ACCOUNTS.splitlines()) == 7
    assert len(STATEMENTS.splitlines()) == 8
