"""The demo's five layouts, drawn from the bench's facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Remittance
from bench.remittances.layouts.design import Layout
from bench.remittances.traits import Special, Traits
from web.demo import remit_art, remit_facts
from web.demo.group import Account, Office, Payer

_SPECIALS: frozenset[Special] = frozenset({"takeback", "denial", "zero_pay", "long", "several"})


def _as_demo(remittance: Remittance, layout: str) -> remit_facts.Remittance:
    payer, payee = remittance.payer, remittance.payee
    town, state, zip_code = payee.town.rsplit(" ", 2)
    office = Office(
        "BENCH", payee.name, payee.street, town, state, zip_code, "", payee.npi, payee.tax_id, "",
        (payee.name,), "",
    )  # fmt: skip
    return remit_facts.Remittance(
        Payer(payer.name, "", payer.street, payer.town, "", "", "", layout), office,
        remittance.payment_number,
        remittance.payment_method, remittance.payment_on,
        tuple(_claim(claim) for claim in remittance.claims),
        tuple(remit_facts.ProviderAdjustment(a.code, a.cents, a.reference)
              for a in remittance.provider_adjustments),
    )  # fmt: skip


def _claim(claim: Claim) -> remit_facts.Claim:
    account = Account(claim.account, "BENCH", claim.first, claim.last, date(1980, 1, 1), "", "",
                      "", "", "", "", claim.member_id, "")  # fmt: skip
    lines = tuple(
        remit_facts.Line(
            line.service_on, line.procedure, line.charged_cents, line.allowed_cents,
            line.paid_cents,
            tuple(remit_facts.Adjustment(a.group, a.code, a.cents) for a in line.adjustments),
        )
        for line in claim.lines
    )  # fmt: skip
    return remit_facts.Claim(account, claim.claim_number, claim.provider, lines)


def _drawn(name: str) -> Callable[[Canvas, Remittance], None]:
    def draw(canvas: Canvas, remittance: Remittance) -> None:
        remit_art.LAYOUTS[name](canvas, _as_demo(remittance, name))

    return draw


def _coded(name: str, catalogue: str, most: int) -> Layout:
    traits = Traits(
        "dental" if catalogue == "dental" else "medical",
        coded=frozenset({"CO-45", "PR-1", "PR-2", "PR-3", "PR-96"}),
        most_coded=most, specials=_SPECIALS, most_lines=30,
    )  # fmt: skip
    return Layout(name, traits, _drawn(name))


_TABLE = Traits(
    "dental", columns=frozenset({"CO-45", "PR-1", "PR-2", "PR-3", "PR-96"}), coded=frozenset(),
    share=False, specials=_SPECIALS, most_lines=28,
)  # fmt: skip
_FIXED = Traits(
    "medical", columns=frozenset({"PR-1", "PR-2", "PR-3"}), coded=frozenset({"CO-45", "PR-96"}),
    share=False, specials=_SPECIALS, most_lines=30,
)  # fmt: skip

CLASSIC = (
    _coded("claim_blocks", "medical", 3),
    Layout("fixed_width", _FIXED, _drawn("fixed_width")),
    Layout("dental_table", _TABLE, _drawn("dental_table")),
    _coded("patient_cards", "dental", 3),
    _coded("summary_lines", "medical", 3),
)
