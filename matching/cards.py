"""The card of a home: its accounts as matching needs them, in one value of the index."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from matching.places import Place, place
from matching.types import AccountFacts, OpenStatement

NOTHING: Mapping[str, int] = {}


def pack(accounts: Mapping[str, AccountFacts]) -> bytes:
    """A card from accounts by row id; the same accounts give the same bytes."""
    ordered = sorted(accounts.items(), key=lambda each: each[1].number)
    return json.dumps(
        [_line(ident, facts) for ident, facts in ordered],
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def _line(ident: str, facts: AccountFacts) -> list[object]:
    where = place(f"{facts.street}\n{facts.city} {facts.state} {facts.zip}")
    plan = [] if facts.instalment_cents is None else [facts.instalment_cents]
    return [
        ident, facts.number, facts.office_code, facts.patient_first, facts.patient_last,
        facts.guarantor_first, facts.guarantor_last, facts.street, facts.city, facts.state,
        facts.zip, facts.member_id, facts.household, [where.house, where.street, where.zip],
        [
            [s.number, s.statement_on.toordinal(), s.balance_cents, s.open_cents,
             s.minimum_due_cents, s.imb]
            for s in facts.statements
        ],
        *plan,
    ]  # fmt: skip


def unpack(card: bytes, confirmations: Mapping[str, int] = NOTHING) -> dict[str, AccountFacts]:
    """The accounts of a card by row id; ``confirmations`` are those of the payer at hand."""
    return {
        line[0]: AccountFacts(  # type: ignore[call-arg]
            *line[1:13],
            tuple([_statement(each) for each in line[14]]) if line[14] else (),
            confirmations.get(line[0], 0),
            Place(*line[13]),
            *line[15:],
        )
        for line in json.loads(card)
    }


def _statement(line: Sequence[object]) -> OpenStatement:
    number, day, balance, open_, minimum, imb = line
    return OpenStatement(number, date.fromordinal(day), balance, open_, minimum, imb)  # type: ignore[arg-type]
