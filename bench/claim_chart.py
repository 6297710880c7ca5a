"""A seeded chart of sent claims, and claims as payers remit them: with habits, or misread."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bench.match_names import first_names, last_names
from matching.claim_facts import RemittedClaim, SentClaim, ServiceFacts

_DENTAL = (
    ("D0120", 6200), ("D0140", 9100), ("D0150", 9800), ("D0220", 3400), ("D0274", 7600),
    ("D1110", 11200), ("D1120", 8400), ("D1206", 4500), ("D1351", 5600), ("D2391", 19600),
    ("D2392", 24800), ("D2740", 118500), ("D2950", 31200), ("D3330", 129000), ("D4341", 26500),
    ("D4910", 14900), ("D7140", 21000), ("D8080", 498000),
)  # fmt: skip
_MODIFIERS = ("", "", "", "25", "59", "RT", "LT", "76")
_CONFUSED = {"0": "8", "1": "7", "3": "8", "5": "6", "6": "5", "7": "1", "8": "3", "9": "4"}
_FIRST_DAY = date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class Remitted:
    """A claim as it comes, the number of the sent claim it is (None: none of the chart), and what
    was done to it."""

    claim: RemittedClaim
    truth: str | None
    habits: tuple[str, ...]


def chart(rng: random.Random, count: int) -> list[SentClaim]:
    """So many claims, about two for each account; a third of patients have a sibling, and half of
    the siblings' visits are on one day with the same services. One number in four is live."""
    first, last = first_names(), last_names()
    made: list[SentClaim] = []
    numbers = rng.sample(range(10_000_000, 10_000_000 + 4 * count), count)
    claim_numbers = iter(rng.sample(range(500_000, 500_000 + 4 * count), count))
    while len(made) < count:
        surname, member = last.draw(rng), f"W{rng.randint(10**8, 10**9 - 1)}"
        before: tuple[ServiceFacts, ...] = ()
        for _ in range(rng.choices((1, 2, 3), weights=(6, 3, 1))[0]):
            given, account = first.draw(rng), str(numbers[len(made) % count])
            for visit in range(rng.choices((1, 2, 3), weights=(5, 3, 2))[0]):
                if len(made) == count:
                    break
                same = bool(before) and visit == 0 and rng.random() < 0.5
                lines = before if same else _lines(rng)
                before = before or lines
                made.append(
                    SentClaim(str(next(claim_numbers)), "", account, member, given, surname,
                              sum(each.charged_cents or 0 for each in lines), lines)
                )  # fmt: skip
    return made


def _lines(rng: random.Random) -> tuple[ServiceFacts, ...]:
    on = _FIRST_DAY + timedelta(days=rng.randrange(150))
    codes = rng.sample(_DENTAL, rng.choices((1, 2, 3, 4), weights=(3, 4, 2, 1))[0])
    return tuple(
        ServiceFacts(on, code, cents, tuple(filter(None, [rng.choice(_MODIFIERS)])))
        for code, cents in codes
    )


def remit(rng: random.Random, sent: list[SentClaim], *, exact: bool) -> Remitted:
    """One claim paid: 4 in 100 are of claims that the chart does not have, 2 of nobody's patient.

    ``exact``: electronic, with the payer's habits only; else on paper as well, with misread
    characters and cells that could not be read.
    """
    claim = rng.choice(sent)
    fate = rng.random()
    lines, habits = _habits(rng, claim.lines)
    truth: str | None = claim.number
    number, name = claim.number, f"{claim.patient_last}, {claim.patient_first}"
    account, member = claim.account_number, claim.member_id
    if fate < 0.04:
        lines, habits, truth = _lines(rng), ("not_in_chart",), None
        number = str(rng.randint(2_000_000, 9_000_000))
    elif fate < 0.06:
        lines, habits, truth = _lines(rng), ("not_ours",), None
        number, account = str(rng.randint(2_000_000, 9_000_000)), str(rng.randint(10**9, 10**10))
        member = f"X{rng.randint(10**8, 10**9 - 1)}"
        name = f"{last_names().draw(rng)}, {first_names().draw(rng)}"
    # What payers print of the practice's numbers: the claim's, the account's, or neither.
    printed = rng.choices((number, account, ""), weights=(5, 3, 2))[0]
    made = RemittedClaim(
        claim_number=f"P{rng.randint(10**8, 10**9 - 1)}", patient_account=printed,
        member_id=member if rng.random() < 0.8 else "", patient_name=name, status="1",
        charged_cents=sum(each.charged_cents or 0 for each in lines), paid_cents=100,
        lines=lines, exact=exact,
    )  # fmt: skip
    if not exact:
        made, misread = _misread(rng, made)
        habits += misread
    return Remitted(made, truth, habits)


def _habits(
    rng: random.Random, lines: tuple[ServiceFacts, ...]
) -> tuple[tuple[ServiceFacts, ...], tuple[str, ...]]:
    done: list[str] = []
    made = list(lines)
    if rng.random() < 0.3 and any(each.modifiers for each in made):
        made = [replace(each, modifiers=()) for each in made]
        done.append("dropped_modifiers")
    if rng.random() < 0.05:
        made[0] = replace(made[0], procedure=rng.choice(_DENTAL)[0])
        done.append("changed_code")
    if len(made) > 1 and rng.random() < 0.1:
        whole = (made[0].charged_cents or 0) + (made[1].charged_cents or 0)
        made = [replace(made[0], charged_cents=whole), *made[2:]]
        done.append("combined")
    elif rng.random() < 0.03 and (made[0].charged_cents or 0) > 5000:
        part = (made[0].charged_cents or 0) // 2
        rest = (made[0].charged_cents or 0) - part
        made = [replace(made[0], charged_cents=part), replace(made[0], charged_cents=rest),
                *made[1:]]  # fmt: skip
        done.append("parted")
    if rng.random() < 0.5:
        rng.shuffle(made)
    return tuple(made), tuple(done)


def _misread(rng: random.Random, claim: RemittedClaim) -> tuple[RemittedClaim, tuple[str, ...]]:
    done: list[str] = []
    changed: dict[str, str] = {}
    for field in ("patient_account", "member_id"):
        text = getattr(claim, field)
        if text and rng.random() < 0.1:
            changed[field] = _digit(rng, text)
            done.append("misread_number")
    fate = rng.random()
    if fate < 0.05:
        changed["patient_name"] = ""
        done.append("unread_name")
    elif fate < 0.15:
        at = rng.randrange(len(claim.patient_name))
        letter = rng.choice("ABCDEFGHIKLMNORSTU")
        changed["patient_name"] = f"{claim.patient_name[:at]}{letter}{claim.patient_name[at + 1 :]}"
        done.append("misread_name")
    lines = list(claim.lines)
    for place, each in enumerate(lines):
        fate = rng.random()
        if fate < 0.02:
            lines[place] = replace(each, service_on=None)
            done.append("unread_date")
        elif fate < 0.05:
            cents = int(_digit(rng, str(each.charged_cents)))
            lines[place] = replace(each, charged_cents=cents)
            done.append("misread_charge")
    return replace(claim, lines=tuple(lines), **changed), tuple(done)  # type: ignore[arg-type]


def _digit(rng: random.Random, text: str) -> str:
    """The text with one digit as readers confuse it."""
    places = [at for at, each in enumerate(text) if each.isdigit()]
    at = rng.choice(places)
    other = _CONFUSED.get(text[at]) or rng.choice("0123456789")
    return f"{text[:at]}{other}{text[at + 1 :]}"
