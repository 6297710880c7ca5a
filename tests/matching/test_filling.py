"""An empty index filled at once: every list right, in order, and as account by account."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from bench import match
from bench.match_chart import Chart
from bench.match_fill import fill
from matching import filling, importing, index, postings, reindex
from matching.filling import Gathered
from matching.types import Clues
from records import crypto
from records.db import Database
from records.models import Account, AccountHome, HomeKey, Statement
from tests.matching.test_index import drop_index, held, wanted
from web.demo.group import accounts_csv, make_group

_KEYS = st.sampled_from((-(2**63), -(2**63) + 1, -1, 0, 7, 2**62, 2**63 - 1)) | st.integers(
    -(2**63), 2**63 - 1
)


@given(
    st.dictionaries(st.integers(1, 200_000) | st.sampled_from((65_535, 65_536)), st.sets(_KEYS)),
    st.integers(1, 40),
)
def test_lists_are_those_of_a_plain_table_in_order(homes: dict[int, set[int]], run: int) -> None:
    gathered = Gathered(run)
    for home in sorted(homes):
        gathered.add([home], [np.array(sorted(homes[home]), dtype="<i8").tobytes()])
    plain: dict[tuple[int, int], list[int]] = defaultdict(list)
    for home, keys in sorted(homes.items()):
        for key in keys:
            plain[key, home >> 16].append(home & 0xFFFF)
    lists = list(gathered.lists())
    assert [(key, block) for key, block, _ in lists] == sorted(plain)
    assert {(key, block): within for key, block, within in lists} == {
        where: postings.packed(within) for where, within in plain.items()
    }


@pytest.mark.both_databases
def test_a_chart_filled_at_once_is_as_account_by_account(db: Database) -> None:
    crypto.install(crypto.Keyring.generate())
    owing, households = fill(db, Chart(5, 1300))
    with db.write() as session:
        # Some without a household, as smaller systems have it: each is a home of its own.
        alone = select(Account.id).order_by(Account.number).limit(450)
        session.execute(
            text("UPDATE accounts SET household = '' WHERE id = :one"),
            [{"one": one} for one in session.scalars(alone).all()],
        )
        report = reindex.build(session)
        assert (report.accounts, report.built) == (1300, True)
        built = held(session)
        assert built == wanted(session)
        lists = {(k, b): bytes(within) for k, b, within in session.execute(
            select(HomeKey.key, HomeKey.block, HomeKey.homes))}  # fmt: skip
    assert 0 < len(owing) < households < len(built) == report.homes
    assert reindex.reindex(db).stale == 0
    with db.write() as session:
        assert session.scalar(select(func.min(func.length(Account.name_key)))) > 1
        drop_index(session)
    with db.write() as session:
        reindex.build(session)
        again = session.execute(select(HomeKey.key, HomeKey.block, HomeKey.homes))
        assert {(k, b): bytes(within) for k, b, within in again} == lists


@pytest.mark.both_databases
def test_filling_leaves_the_memory_of_the_session_as_it_was(db: Database) -> None:
    if not db.is_sqlite:
        return
    with db.write() as session:
        before = session.execute(text("PRAGMA cache_size")).scalar_one()
        with filling.roomy(session):
            assert session.execute(text("PRAGMA cache_size")).scalar_one() != before
        assert session.execute(text("PRAGMA cache_size")).scalar_one() == before


def test_an_index_of_no_accounts_is_filled_with_nothing(db: Database) -> None:
    with db.write() as session:
        assert reindex.build(session).homes == 0
        assert session.scalar(select(func.count()).select_from(AccountHome)) == 0


@pytest.mark.many_cases
def test_large_files_leave_the_index_as_account_by_account(db: Database) -> None:
    crypto.install(crypto.Keyring.generate())
    chart = make_group(3, accounts=1500)
    with db.write() as session:
        match.build(session, chart)
        assert held(session) == wanted(session)
        before = {home.label: home.id for home in session.scalars(select(AccountHome))}
    report = reindex.reindex(db)
    assert (report.accounts, report.homes, report.stale) == (1500, len(before), 0)
    lines = accounts_csv(chart).splitlines()
    with db.write() as session:
        # A few changed ones keep every home where it is, most changed ones need not.
        few = "\n".join([lines[0], *(line.replace(" St,", " Ave,") for line in lines[1:200])])
        assert importing.import_accounts(session, few, "user:ada").changed > 10
        assert {home.label: home.id for home in session.scalars(select(AccountHome))} == before
        assert held(session) == wanted(session)
        most = "\n".join([lines[0], *(line.replace(",H0", "X,H0") for line in lines[1:])])
        assert importing.import_accounts(session, most, "user:ada").changed > 1000
        assert held(session) == wanted(session)
    assert reindex.reindex(db).stale == 0
    with db.read() as session:
        owed = select(Account.number).join(Statement).where(Statement.open_cents > 0)
        number = session.scalars(owed.order_by(Account.number).limit(1)).one()
        pool = index.pool(session, Clues(account_numbers=(number,)))
        assert number in {account.number for account in pool.accounts}
        assert pool.chart.account_count == 1500
