"""Remittances of known truth from a seed, within what a payer's layout can print."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from bench.remittances import catalogue
from bench.remittances.facts import (
    Adjustment,
    Claim,
    Line,
    Party,
    ProviderAdjustment,
    Remittance,
    Status,
)
from bench.remittances.traits import SHARES, Special, Traits
from web.demo.names import FIRST, LAST

_AS_OF = date(2026, 11, 16)
_DENIALS = ("CO-97", "CO-18", "CO-29", "PR-96", "PR-119", "PR-204")
_SURFACES = ("", "", "O", "MO", "DO", "MOD", "B")


def make(rng: random.Random, traits: Traits, special: Special | None) -> tuple[Remittance, ...]:
    """The payments of one PDF (two or three of ``several``), each balanced and not below zero."""
    payer = rng.choice(catalogue.PAYERS)
    dental = traits.catalogue == "dental"
    payee = catalogue.PAYEES[rng.choice((0, 2) if dental else (1, 3))]
    count = rng.randint(2, 3) if special == "several" else 1
    paid_on = _AS_OF - timedelta(days=rng.randint(3, 60))
    start = rng.choice((rng.randint(4_000_000, 9_899_999), rng.randint(10**9, 10**10 - 40)))
    method: Literal["CHK", "ACH"] = rng.choice(("CHK", "CHK", "ACH"))
    made: list[Remittance] = []
    while len(made) < count:
        one = _remittance(rng, traits, special, payer, payee, paid_on)
        number = str(start + 17 * len(made))
        one = replace(one, payment_number=number, payment_method=method)
        if one.total_paid_cents > 0 or (special == "zero_pay" and one.total_paid_cents == 0):
            made.append(one)
    return tuple(made)


def _remittance(rng: random.Random, traits: Traits, special: Special | None, payer: Party,
                payee: Party, paid_on: date) -> Remittance:  # fmt: skip
    count = {"long": rng.randint(1, 3), "several": rng.randint(1, 3)}.get(
        special or "", rng.choices((1, 2, 3, 4, 5, 8), weights=(2, 4, 4, 3, 2, 1))[0]
    )
    claims: list[Claim] = []
    for place in range(count):
        denied = special == "zero_pay" or (special == "denial" and place % 2 == 1)
        status: Status = "4" if denied else "1"
        if special == "secondary" and place == 0 and "OA-23" in traits.may_hold:
            status = "2"
        lines = rng.randint(12, traits.most_lines) if special == "long" and place == 0 else None
        claims.append(_claim(rng, traits, status, paid_on, lines))
    if special == "reversal":
        at = rng.randrange(len(claims))
        claims[at : at + 1] = _reversed_and_corrected(rng, traits, claims[at])
    made = Remittance(payer, payee, "", "CHK", paid_on, tuple(claims))
    taken = _taken(rng, special, made.claims_cents, claims)
    explained = [key for key in made.codes if traits.reasons == "own" and key in traits.coded]
    legend = [traits.own[key] for key in explained if key in traits.own]
    return replace(made, provider_adjustments=taken, legend=tuple(sorted(legend)))


def _taken(rng: random.Random, special: Special | None, paid: int,
           claims: list[Claim]) -> tuple[ProviderAdjustment, ...]:  # fmt: skip
    if special == "takeback" and paid > 4000:
        cents = min(rng.randint(1500, 24_000), paid - rng.randint(100, 2000))
        entries = [ProviderAdjustment("WO", cents, f"{rng.randint(10**9, 10**10 - 1)}")]
        if rng.random() < 0.3 and paid - cents > 900:
            entries.append(ProviderAdjustment("FB", rng.randint(100, 800), f"FB{paid + 10_000}"))
        return tuple(entries)
    if special == "interest" and paid > 0:
        return (ProviderAdjustment("L6", -rng.randint(35, 1900), claims[0].claim_number),)
    return ()


def _claim(rng: random.Random, traits: Traits, status: Status, paid_on: date,
           lines: int | None) -> Claim:  # fmt: skip
    dental = traits.catalogue == "dental"
    served = paid_on - timedelta(days=rng.randint(12, 70))
    known = catalogue.DENTAL if dental else catalogue.MEDICAL
    count = lines or rng.choices((1, 2, 3, 4, 6, 9), weights=(3, 5, 4, 3, 2, 1))[0]
    count = min(count, traits.most_lines)
    made = [
        _line(rng, traits, rng.choice(known), served - timedelta(days=rng.choice((0, 0, 0, 1, 7))),
              status)
        for _ in range(count)
    ]  # fmt: skip
    provider = rng.choice(catalogue.DENTISTS if dental else catalogue.PHYSICIANS)
    prefix = rng.choice(("", "", "E", "20"))
    return Claim(
        rng.choice(FIRST), rng.choice(LAST), f"{rng.choice('ABHWX')}{rng.randint(10**8, 10**9-1)}",
        rng.choice((f"{rng.randint(10_000, 99_999)}", f"P{rng.randint(10**6, 10**7 - 1)}",
                    f"{rng.randint(1000, 9999)}-{rng.randint(1, 9)}")),
        f"{prefix}{served:%y%j}{rng.randint(10**5, 10**6 - 1)}", provider, status, tuple(made),
    )  # fmt: skip


def _charge(rng: random.Random, usual: int) -> int:
    cents = round(usual * rng.uniform(0.75, 1.3))
    return cents - cents % rng.choice((1, 1, 5, 100, 100, 500)) if cents > 1000 else cents


def _line(rng: random.Random, traits: Traits, service: tuple[str, str, int], served: date,
          status: Status) -> Line:  # fmt: skip
    procedure, description, usual = service
    units = rng.choices((1, 2, 3, 4), weights=(12, 2, 1, 1))[0] if traits.units else 1
    charged = _charge(rng, usual) * units
    denials = [key for key in _DENIALS if key in traits.may_hold]
    if denials and (status == "4" or rng.random() < 0.06):
        reason = rng.choice(denials)
        allowed, paid = 0, 0
        adjustments = [_adjustment(traits, reason, charged)]
    else:
        allowed, paid, adjustments = _paid(rng, traits, charged, secondary=status == "2")
    procedural = traits.modifiers and rng.random() < 0.3 and procedure[0] != "D"
    modifiers = tuple(rng.sample(catalogue.MODIFIERS, rng.choice((1, 1, 2)))) if procedural else ()
    placed = traits.tooth and rng.random() < 0.5
    remarked = traits.remarks and (paid == 0 or rng.random() < 0.1)
    ends = served + timedelta(days=rng.choice((0, 0, 0, 2))) if traits.ranges else None
    return Line(
        served, procedure, description, charged, allowed, paid, tuple(adjustments), ends, modifiers,
        str(rng.randint(1, 32)) if placed else "", rng.choice(_SURFACES) if placed else "", units,
        tuple(rng.sample(catalogue.REMARKS, rng.choice((1, 2)))) if remarked else (),
    )  # fmt: skip


def _paid(rng: random.Random, traits: Traits, charged: int, *, secondary: bool
          ) -> tuple[int, int, list[Adjustment]]:  # fmt: skip
    """What of a charge is allowed and paid, and the adjustments between."""
    hold, made = traits.may_hold, list[Adjustment]()
    room = traits.most_coded
    allowed = charged
    if "CO-45" in hold and rng.random() < 0.85:
        allowed = charged * rng.randint(38, 96) // 100
        made.append(_adjustment(traits, "CO-45", charged - allowed))
        room -= "CO-45" in traits.coded
    if "CO-59" in hold and room > 1 and allowed > 4000 and rng.random() < 0.12:
        less = allowed * 25 // 100
        made.append(_adjustment(traits, "CO-59", less))
        allowed -= less
        room -= 1
    left = allowed
    if secondary and room > 0:
        first = left * rng.choice((50, 60, 80)) // 100
        made.append(_adjustment(traits, "OA-23", first))
        left -= first
        room -= "OA-23" in traits.coded
    for key, chance in (("PR-1", 0.22), ("PR-2", 0.45), ("PR-3", 0.18)):
        if key not in hold or rng.random() > chance or (key in traits.coded and room <= 0):
            continue
        share = _share(rng, key, left)
        if share:
            made.append(_adjustment(traits, key, share))
            left -= share
            room -= key in traits.coded
    if "CO-253" in hold and left > 100 and room > 0:
        made.append(_adjustment(traits, "CO-253", left * 2 // 100))
        left -= left * 2 // 100
    return allowed, left, made


def _share(rng: random.Random, key: str, left: int) -> int:
    if key == "PR-1":
        return min(left, rng.choice((1250, 2500, 5000, rng.randint(100, 15_000))))
    if key == "PR-2":
        return left * rng.choice((10, 20, 30, 50)) // 100
    return rng.choice((1000, 2000, 2500)) if left > 3000 else 0


def _adjustment(traits: Traits, key: str, cents: int) -> Adjustment:
    group, _, code = key.partition("-")
    printed = traits.reasons == "own" and key in traits.coded and key in traits.own
    return Adjustment(group, code, cents, traits.own[key][0] if printed else None)


def _reversed_and_corrected(rng: random.Random, traits: Traits, claim: Claim) -> list[Claim]:
    """A claim taken back as it was paid, and paid again otherwise."""
    taken = replace(claim, status="22", lines=tuple(negative(line) for line in claim.lines))
    again: list[Line] = []
    for line in claim.lines:
        allowed, paid, adjustments = _paid(rng, traits, line.charged_cents, secondary=False)
        again.append(replace(line, allowed_cents=allowed, paid_cents=paid,
                             adjustments=tuple(adjustments), remarks=()))  # fmt: skip
    return [taken, replace(claim, status="1", lines=tuple(again))]


def negative(line: Line) -> Line:
    """The line with every amount's sign turned, as a reversal prints it."""
    return replace(
        line,
        charged_cents=-line.charged_cents, allowed_cents=-line.allowed_cents,
        paid_cents=-line.paid_cents, remarks=(),
        adjustments=tuple(replace(a, cents=-a.cents) for a in line.adjustments),
    )  # fmt: skip


def hidden(traits: Traits, adjustment: Adjustment) -> bool:
    """Whether an adjustment shows in the patient's share only."""
    key = f"{adjustment.group}-{adjustment.code}"
    return key in traits.hidden_shares or (
        key in SHARES and key not in traits.columns and key not in traits.coded
    )
