"""An electronic remittance (X12 005010X221A1, 835) of the demo's insurers, balanced."""

from __future__ import annotations

from datetime import date

from web.demo.codes import dollars
from web.demo.group import BankAccount
from web.demo.remit_facts import Claim, Line, Remittance


def era_text(remittance: Remittance, deposit_to: BankAccount, control: int = 1) -> str:
    """One interchange with one 835 of ``remittance``, a segment a line.

    ``deposit_to`` is the account that a transfer (not a check) goes to.
    """
    r = remittance
    body = [*_heading(r, deposit_to, control), "LX*1"]
    for claim in r.claims:
        body += _claim(claim, r.office.npi)
    if r.provider_adjustments:
        year_end = f"{r.payment_on.year}1231"
        for a in r.provider_adjustments:
            body.append(f"PLB*{r.office.npi}*{year_end}*{a.code}:{a.reference}*{_money(a.cents)}")
    body.append(f"SE*{len(body) + 1}*{control:04d}")
    day = r.payment_on
    envelope = [
        (
            f"ISA*00*{'':10}*00*{'':10}*ZZ*{r.payer.payer_id:<15}*ZZ*{r.office.npi:<15}"
            f"*{day:%y%m%d}*0900*^*00501*{control:09d}*0*P*:"
        ),
        f"GS*HP*{r.payer.payer_id}*{r.office.npi}*{day:%Y%m%d}*0900*{control}*X*005010X221A1",
    ]
    trailer = [f"GE*1*{control}", f"IEA*1*{control:09d}"]
    return "".join(f"{segment}~\n" for segment in envelope + body + trailer)


def _money(cents: int) -> str:
    """X12 amounts drop what they need not say: ``125`` and ``125.5``."""
    text = dollars(abs(cents), comma=False).rstrip("0").rstrip(".") or "0"
    return f"-{text}" if cents < 0 else text


def _ccyymmdd(day: date) -> str:
    return f"{day:%Y%m%d}"


def _heading(r: Remittance, deposit_to: BankAccount, control: int) -> list[str]:
    ach = r.payment_method == "ACH"
    us, them = r.payer, deposit_to
    origin = f"1{us.payer_id:0>9}"
    payment = ["BPR", "I", _money(r.total_paid_cents), "C", r.payment_method]
    if ach:
        payment += ["CCP", "01", us.routing_number, "DA", us.account_number, origin, ""]
        payment += ["01", them.routing_number, "DA", them.account_number]
    else:
        payment += [""] * 11
    town, _, rest = r.payer.town.partition(", ")
    state, _, zip_code = rest.partition(" ")
    return [
        f"ST*835*{control:04d}",
        "*".join([*payment, _ccyymmdd(r.payment_on)]),
        f"TRN*1*{r.payment_number}*{origin}",
        f"DTM*405*{_ccyymmdd(r.payment_on)}",
        f"N1*PR*{r.payer.name.upper()}",
        f"N3*{r.payer.street.upper()}",
        f"N4*{town.upper()}*{state}*{zip_code}",
        f"REF*2U*{r.payer.payer_id}",
        "PER*BL*PROVIDER SERVICES*TE*8005550100",
        f"N1*PE*{r.office.payees[0].upper()}*XX*{r.office.npi}",
        f"N3*{r.office.street.upper()}",
        f"N4*{r.office.city.upper()}*{r.office.state}*{r.office.zip}",
        f"REF*TJ*{r.office.tax_id.replace('-', '')}",
    ]


def _claim(claim: Claim, npi: str) -> list[str]:
    """A claim; the office bills under one number for all who treat there."""
    account = claim.account
    served = claim.lines[0].service_on
    segments = [
        (
            f"CLP*{account.account_number}*1*{_money(claim.total('charged_cents'))}"
            f"*{_money(claim.total('paid_cents'))}*{_money(claim.total('patient_cents'))}*12"
            f"*{claim.claim_number}*11*1"
        ),
        (
            f"NM1*QC*1*{account.patient_last.upper()}*{account.patient_first.upper()}****MI"
            f"*{account.member_id}"
        ),
        (
            f"NM1*82*1*{claim.provider.split()[1].upper()}*{claim.provider.split()[0].upper()}"
            f"****XX*{npi}"
        ),
        f"DTM*232*{_ccyymmdd(served)}",
    ]
    for line in claim.lines:
        segments += _service(line)
    return segments


def _service(line: Line) -> list[str]:
    qualifier = "AD" if line.procedure.startswith("D") else "HC"
    segments = [
        (
            f"SVC*{qualifier}:{line.procedure}*{_money(line.charged_cents)}*{_money(line.paid_cents)}"
            "**1"
        ),
        f"DTM*472*{_ccyymmdd(line.service_on)}",
    ]
    for group in dict.fromkeys(a.group for a in line.adjustments):
        parts = [f"{a.code}*{_money(a.cents)}" for a in line.adjustments if a.group == group]
        segments.append(f"CAS*{group}*" + "**".join(parts))
    segments.append(f"AMT*B6*{_money(line.allowed_cents)}")
    return segments
