"""Payment plans: they come with the file of accounts, and an instalment names its account."""

from __future__ import annotations

from sqlalchemy import select

from matching import compare, index, reindex
from matching.importing import import_accounts
from matching.types import Clues, Pool
from records.db import Database
from records.models import Account, PaymentPlan
from tests.matching.world import ACCOUNTS, check, coupon, run

SMITH = "2100000045"


def with_plan(cents: str, due: str = "2026-12-01", number: str = SMITH) -> str:
    """The file of accounts with plans' columns, filled for one account."""
    head, *rows = ACCOUNTS.splitlines()
    lines = [f"{head},plan_cents,plan_due_on"]
    lines += [f"{row},{cents},{due}" if row.startswith(number) else f"{row},," for row in rows]
    return "\n".join(lines) + "\n"


def plan_of(group: Database, number: str = SMITH) -> tuple[int, bool] | None:
    with group.read() as session:
        query = select(PaymentPlan).join(Account).where(Account.number == number)
        plan = session.scalars(query).one_or_none()
        return None if plan is None else (plan.instalment_cents, plan.active)


def pool_of(group: Database, clues: Clues) -> Pool:
    with group.read() as session:
        return index.pool(session, clues)


def taken(group: Database, text: str) -> tuple[int, int, list[tuple[int, str]]]:
    with group.write() as session:
        report = import_accounts(session, text, "user:ada")
        return report.changed, report.unchanged, [fault[:2] for fault in report.refused]


def test_a_plan_comes_changes_and_ends_with_the_file(group: Database) -> None:
    assert taken(group, with_plan("7500")) == (1, 5, [])
    assert plan_of(group) == (75_00, True)
    assert taken(group, with_plan("7500")) == (0, 6, [])
    assert taken(group, with_plan("8000")) == (1, 5, [])
    assert taken(group, ACCOUNTS) == (0, 6, [])  # a file that says nothing of plans
    assert plan_of(group) == (80_00, True)
    assert taken(group, with_plan("", "")) == (1, 5, [])
    assert plan_of(group) == (80_00, False)
    assert taken(group, with_plan("8000")) == (1, 5, [])
    assert plan_of(group) == (80_00, True)


def test_a_dry_run_takes_no_plan_and_a_wrong_one_is_named(group: Database) -> None:
    with group.write() as session:
        assert import_accounts(session, with_plan("7500"), "user:ada", dry_run=True).changed == 1
    assert plan_of(group) is None
    for wrong in ("75.00", "-5", "0", "٣"):
        assert taken(group, with_plan(wrong)) == (0, 5, [(5, "plan_cents")])
    assert taken(group, with_plan("7500", "12/01/26")) == (0, 5, [(5, "plan_due_on")])
    assert plan_of(group) is None


def test_the_index_finds_an_account_by_its_instalment_as_long_as_the_plan_runs(
    group: Database,
) -> None:
    asked = Clues(amount_cents=77_77, office_code="NORTH")
    assert not pool_of(group, asked).accounts
    taken(group, with_plan("7777"))
    (found,) = pool_of(group, asked).accounts
    assert (found.number, found.instalment_cents) == (SMITH, 77_77)
    reason = compare.amount(asked, found, (), pool_of(group, asked).chart)
    assert reason is not None
    assert reason.level == "instalment"
    with group.read() as session:
        before = session.connection().exec_driver_sql("SELECT card FROM account_homes").all()
    reindex.reindex(group)
    with group.read() as session:
        after = session.connection().exec_driver_sql("SELECT card FROM account_homes").all()
    assert sorted(before) == sorted(after)
    taken(group, with_plan("", ""))
    assert not pool_of(group, asked).accounts


def test_an_instalment_is_split_to_the_oldest_statement_of_the_plans_account(
    group: Database,
) -> None:
    taken(group, with_plan("3000"))
    stub = coupon(SMITH, "", patient_name="William Smith", amount_due_cents=30_00)
    with group.write() as session:
        (payment,) = run(session, [check(30_00, payer="William Smith"), stub])
        (part,) = payment.allocations
        assert part.statement is not None
        assert (part.statement.number, part.amount_cents, part.reason) == (
            "8100000049", 30_00, "instalment",
        )  # fmt: skip
