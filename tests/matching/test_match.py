"""From readings to decisions: by itself when it may, to a person when it must."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import select

from matching import review, search
from matching.model import shipped
from records import crypto, journal
from records.db import Database
from records.models import Decision, Job, MailTransaction, Payment, ReviewItem
from tests.matching.world import (
    add_file,
    add_group,
    check,
    coupon,
    field,
    match_all,
    payments,
    reading,
    register,
    run,
)


def last(session, payment: Payment) -> Decision:  # type: ignore[no-untyped-def]
    query = select(Decision).where(Decision.payment_id == payment.id)
    return list(session.scalars(query.order_by(Decision.created_at)))[-1]


def test_a_check_with_its_stub_goes_by_itself(group: Database) -> None:
    stub = coupon("2100000011", "8100000015", patient_name="Walter Abernathy",
                  amount_due_cents=125_00)  # fmt: skip
    with group.write() as session:
        (payment,) = run(session, [check(125_00), stub])
        decision = last(session, payment)
        assert (decision.outcome, payment.match_state) == ("auto", "decided")
        assert abs(sum(r["weight"] for r in decision.reasons) - decision.score) < 1e-4
        assert decision.model_version == f"{shipped().version}/number_name_amount"
        (part,) = payment.allocations
        assert (part.destination, part.amount_cents) == ("account", 125_00)
        assert part.statement is not None
        assert part.statement.number == "8100000015"
        assert journal.balances(session) == {"on_hand": 125_00, "allocated": -125_00,
                                             "unidentified": 0}  # fmt: skip
        assert session.scalar(select(ReviewItem.id)) is None
        queued = session.scalars(select(Job).where(Job.stage == "deposits.queue_postings")).one()
        assert (queued.subject_id, queued.key) == (payment.id, decision.id)
        assert {e.state for e in session.scalars(select(MailTransaction))} == {"settled"}
        status = search.account_status(session, "2100000011")
        assert [(p.ref, p.cleared) for p in status.payments] == [(payment.ref, None)]


def test_evidence_decides_who_decides(group: Database) -> None:
    address = "77 Maple St, Troy OH 45373"
    envelopes = [
        # name, address and the sum of both children's statements
        [check(141_50, "1", "Grace Okafor", payer_address=address)],
        # the number names one account, the name another
        [check(40_00, "2", "Mary Smith"), coupon("2100000045", "8100000049")],
        # a name alone
        [check(17_00, "3", "Walter Abernathy")],
        # a stranger
        [check(18_00, "4", "Zelda Quist")],
        # stub and name agree, part of the balance
        [check(50_00, "5", "Priya Nakamura"),
         coupon("3400000018", "8100000072", patient_name="Priya Nakamura")],
        # more than is owed
        [check(999_00, "6", "Walter Abernathy"), coupon("2100000011", "8100000015")],
        # the amount was not read for sure, and is no balance
        [check(124_00, "7", amount_cents=field(124_00, 0.5)),
         coupon("2100000011", "8100000015", patient_name="Walter Abernathy")],
    ]  # fmt: skip
    with group.write() as session:
        made = run(session, *envelopes)
        outcomes = [last(session, payment).outcome for payment in made]
        assert outcomes == ["auto", "review", "review", "no_match", "auto", "review", "review"]
        both = {part.account.number for part in made[0].allocations if part.account}
        assert both == {"2100000029", "2100000037"}
        assert sum(part.amount_cents for part in made[0].allocations) == 141_50
        states = {payment.match_state for payment in made[1:4] + made[5:]}
        assert states == {"in_review"}
        asked = {tuple(item.asks) for item in session.scalars(select(ReviewItem))}
        assert asked == {("match",), ("amount", "match")}


def test_an_insurers_check_is_split_over_its_claims(group: Database) -> None:
    claims = [
        {"patient_name": "OKAFOR, EMMA", "member_id": "G100000002", "patient_account": "2100000029",
         "claim_number": "C1", "paid_cents": 200_00},
        {"patient_name": "Noah Okafor", "member_id": "G100000002", "patient_account": "",
         "claim_number": "C2", "paid_cents": 55_10},
        {"patient_name": "Noah Okafor", "member_id": "G100000002", "patient_account": "",
         "claim_number": "C3", "paid_cents": 0},
    ]  # fmt: skip
    eob = reading("remittance", total_paid_cents=255_10, payment_number="9001", claims=claims)
    with group.write() as session:
        payer = "Buckeye Mutual Health Plan"
        whole, short = run(
            session, [check(255_10, "9001", payer), eob], [check(300_00, "9002", payer), eob]
        )
        assert last(session, whole).outcome == "auto"
        parts = {(p.account.number, p.amount_cents) for p in whole.allocations if p.account}
        assert parts == {("2100000029", 200_00), ("2100000037", 55_10)}
        assert last(session, short).outcome == "review"
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == short.id)).one()
        seen = review.evidence(session, item.id)
        assert sum(share.amount_cents for share in seen.proposal) == 300_00
        assert seen.proposal[-1].destination == "unidentified"
        assert seen.why == "the parts do not add up to the check"


def test_one_check_for_two_stubs_and_two_checks_for_one_stub(group: Database) -> None:
    emma = coupon("2100000029", "8100000023", patient_name="Emma Okafor", amount_due_cents=80_00)
    noah = coupon("2100000037", "8100000031", patient_name="Noah Okafor", amount_due_cents=61_50)
    stub = coupon("2100000011", "8100000015", patient_name="Walter Abernathy")
    with group.write() as session:
        one, first, second = run(
            session,
            [check(141_50, "1", "Grace Okafor"), emma, noah],
            [check(125_00, "2"), check(125_00, "3", account_number="5544"), stub],
        )
        assert last(session, one).outcome == "auto"
        assert len(one.allocations) == 2
        # both could be for the statement: the first takes it, the second is asked about
        assert {last(session, first).outcome, last(session, second).outcome} <= {"auto", "review"}
        assert last(session, second).outcome == "review"


ENVELOPES = [
    [check(80_00, str(n), name), coupon(number, statement)]
    for n, (name, number, statement) in enumerate([
        ("Grace Okafor", "2100000029", "8100000023"), ("G Okafor", "", ""),
        ("Smith", "2100000045", ""), ("Mary Smith", "", "8100000064"),
    ], start=1)
]  # fmt: skip


def outcome_of(url: str, *, backwards: bool) -> list[tuple[object, ...]]:
    """What becomes of two files of one bag, item by item, in an order of work of our choosing."""
    database = Database(url)
    with database.write() as session:
        add_group(session)
        early = add_file(session, *ENVELOPES)
        late = add_file(session, [check(80_00, "1", "Grace Okafor")], [check(81_00, "2")],
                        [check(40_00, "9", "Smith")], minutes=3)  # fmt: skip
        files = [late, early] if backwards else [early, late]
        for file in files:
            register(session, file)
            if backwards:
                match_all(session, file)
        for file in () if backwards else reversed(files):
            match_all(session, file)
        seen: list[tuple[object, ...]] = []
        for file in (early, late):
            for payment in payments(session, file):
                candidates = last(session, payment).candidates if payment.decisions else {}
                ranked = [
                    (c["account_number"], c["score"], c["probability"])
                    for part in (candidates or {}).get("parts", [])
                    for c in part["candidates"]
                ]
                item = session.scalars(
                    select(ReviewItem).where(ReviewItem.payment_id == payment.id)
                ).one_or_none()
                seen.append((
                    payment.check_number, payment.live, payment.deposit_state,
                    payment.match_state, tuple(payment.flags),
                    tuple(sorted(item.asks)) if item else None,
                    [] if not payment.live else ranked,
                    [(a.destination, a.amount_cents) for a in payment.allocations if a.live],
                ))  # fmt: skip
        money = {account: cents for account, cents in journal.balances(session).items() if cents}
        seen.append(tuple(sorted(money.items())))
    database.close()
    return seen


def test_databases_and_the_order_of_work_do_not_change_what_is_decided(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    crypto.install(crypto.Keyring.generate())
    twin = tmp_path / "backwards.sqlite"
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), twin)
    forward = outcome_of(sqlite_url, backwards=False)
    assert [row[3] for row in forward[:-1]] == [
        "decided", "in_review", "in_review", "in_review", "set_aside", "in_review", "in_review",
    ]  # fmt: skip
    assert outcome_of(f"sqlite:///{twin}", backwards=True) == forward
    assert outcome_of(postgres_url, backwards=True) == forward
