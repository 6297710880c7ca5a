"""Layouts in typewriter print: a state's two-line rows, a federal contractor's standard notice."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Paper, Print
from bench.remittances.traits import Traits

# two_line: two printed lines a service, the payer's own codes explained at the end

_TYPED = Print(comma=False, negative="trailing", zero=".00", days="%m%d%y")
_OWN = {
    "CO-45": ("0361", "BILLED AMOUNT EXCEEDS MAXIMUM FEE ON FILE"),
    "CO-97": ("0790", "SERVICE IS INCLUDED IN PAYMENT OF ANOTHER SERVICE"),
    "CO-18": ("0541", "EXACT DUPLICATE OF A SERVICE ALREADY PROCESSED"),
    "CO-29": ("0018", "CLAIM RECEIVED AFTER THE TIME LIMIT FOR FILING"),
    "PR-204": ("1104", "SERVICE IS NOT COVERED BY THE RECIPIENTS BENEFIT PLAN"),
}
_TWO_LINE = Traits(
    "medical", "own", frozenset({"PR-1", "PR-2", "PR-3"}), frozenset(_OWN), 1, share=False,
    modifiers=True, units=True, ranges=True, plb_code=True, own=_OWN,
)  # fmt: skip


def _type(page: Paper, *rows: str) -> None:
    for row in rows:
        page.text(36, row)
        page.down(10)


def _two_line_header(page: Paper) -> None:
    r = page.remittance
    _type(
        page,
        f"{r.payer.name.upper():<66}REMITTANCE ADVICE",
        f"{r.payer.street.upper():<66}RUN DATE  {_TYPED.day(r.payment_on)}",
        f"{r.payer.town.upper():<66}PAGE NO   {page.number:03d}",
        "",
        f"PROVIDER NPI {r.payee.npi}   TAXID {r.payee.tax_id.replace('-', '')}",
        f"PAY TO: {r.payee.name.upper()}",
        (f"{method(r, 'WARRANT NO', 'EFT TRACE NO')} {r.payment_number}   PAID "
         f"{r.payment_on:%m/%d/%Y}   NET PAYMENT {_TYPED.money(r.total_paid_cents)}"),
        "",
        (f"{'SERVICE DATES':<15}{'PROC':<7}{'MODIFIERS':<11}{'UNITS':>5}{'BILLED AMT':>13}"
         f"{'DISALLOWED':>13}{'EOB':>6}{'ALLOWED AMT':>14}{'PAID AMT':>14}"),
        f"{'FROM    THRU':<15}{'DESCRIPTION':<33}{'DEDUCT':>12}{'COINS':>12}{'COPAY':>12}",
        "-" * 100,
    )  # fmt: skip


def _two_lines(line: Line) -> tuple[str, str]:
    own = line.amount(*_OWN)
    code = next((a.own or "" for a in line.adjustments if a.own), "")
    end = line.service_end_on or line.service_on
    m = _TYPED.money
    return (
        (
            f"{_TYPED.day(line.service_on):<8}{_TYPED.day(end):<7}{line.procedure:<7}"
            f"{' '.join(line.modifiers):<11}{line.units:>5}{m(line.charged_cents):>13}"
            f"{m(own):>13}{code:>6}{m(line.allowed_cents):>14}{m(line.paid_cents):>14}"
        ),
        (
            f"{'':<15}{line.description.upper()[:32]:<33}{m(line.amount('PR-1')):>12}"
            f"{m(line.amount('PR-2')):>12}{m(line.amount('PR-3')):>12}"
        ),
    )


def _two_line(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _two_line_header, face="Courier", bold="Courier-Bold", size=8.6)
    for claim in r.claims:
        page.room(64)
        kind = "  ** ADJUSTMENT - PRIOR PAYMENT VOIDED **" if claim.status == "22" else ""
        _type(
            page,
            (f"RECIPIENT {claim.last.upper()}, {claim.first.upper()}   RECIP ID {claim.member_id}"
             f"   PCN {claim.account}"),
            f"ICN {claim.claim_number}   RENDERING {claim.provider.upper()}{kind}",
        )  # fmt: skip
        for line in claim.lines:
            page.room(22)
            _type(page, *_two_lines(line))
        page.room(24)
        m = _TYPED.money
        _type(
            page,
            (f"{'CLAIM TOTAL':<38}{m(claim.total('charged_cents')):>13}"
             f"{m(claim.amount(*_OWN)):>13}{'':>6}{m(claim.total('allowed_cents')):>14}"
             f"{m(claim.total('paid_cents')):>14}"),
            "",
        )  # fmt: skip
    _two_line_end(page)


def _two_line_end(page: Paper) -> None:
    r, m = page.remittance, _TYPED.money
    page.room(60)
    _type(page, "-" * 100, f"{'CLAIMS PAID THIS CYCLE':<60}{m(r.claims_cents):>14}")
    names = {"WO": "RECOUPMENT OF OVERPAYMENT", "FB": "BALANCE FORWARD", "L6": "INTEREST"}
    for entry in r.provider_adjustments:
        head = f"{entry.code} {names[entry.code]} REF {entry.reference}"
        _type(page, f"{head:<60}{m(-entry.cents):>14}")
    _type(page, f"{'NET PAYMENT':<60}{m(r.total_paid_cents):>14}", "")
    if r.legend:
        page.room(20 + 10 * len(r.legend))
        _type(page, "THE FOLLOWING EOB CODES APPEAR ON THIS ADVICE:",
              *[f"  {code}  {text}" for code, text in r.legend])  # fmt: skip


# federal_notice: the standard paper remittance of a federal contractor, landscape

_FEDERAL_CODED = frozenset({"CO-45", "CO-97", "CO-18", "CO-253", "CO-59", "PR-3", "PR-96",
                            "OA-23"})  # fmt: skip
_FEDERAL = Traits(
    "medical", "grouped", frozenset({"PR-1", "PR-2"}), _FEDERAL_CODED, 4, share=False,
    modifiers=True, units=True, ranges=True, remarks=True,
    who=frozenset({"patient_name", "member_id", "patient_account", "claim_number"}),
)  # fmt: skip
_NOTICE = Print(comma=False, negative="minus", zero="0.00", days="%m%d %m%d%y")


def _federal_header(page: Paper) -> None:
    r = page.remittance
    _type(
        page,
        f"{r.payer.name.upper():<92}MEDICARE",
        f"{r.payer.street.upper():<92}REMITTANCE",
        f"{r.payer.town.upper():<92}NOTICE",
        "",
        (f"{r.payee.name.upper():<60}{'NPI #:':<12}{r.payee.npi}"),
        (f"{r.payee.street.upper():<60}{'PAGE #:':<12}{page.number}"),
        (f"{r.payee.town.upper():<60}{'DATE:':<12}{r.payment_on:%m/%d/%y}"),
        (f"{'':<60}{method(r, 'CHECK #:', 'EFT #:'):<12}{r.payment_number}"),
        "",
        (f"{'PERF PROV':<11}{'SERV DATE':<13}{'POS':<4}{'NOS':>4}  {'PROC':<6}{'MODS':<9}"
         f"{'BILLED':>10}{'ALLOWED':>10}{'DEDUCT':>9}{'COINS':>9}{'GRP/RC':>9}{'AMT':>10}"
         f"{'PROV PD':>11}"),
        "_" * 122,
    )  # fmt: skip


def _federal_lines(line: Line, npi: str) -> list[str]:
    m = _NOTICE.money
    coded = [a for a in line.adjustments if a.code not in {"1", "2"} or a.group != "PR"]
    first = f"{coded[0].group}-{coded[0].code}" if coded else ""
    end = line.service_end_on or line.service_on
    rows = [
        (
            f"{npi:<11}{line.service_on:%m%d} {end:%m%d%y}  {'11':<4}{line.units:>4}  "
            f"{line.procedure:<6}{' '.join(line.modifiers):<9}{m(line.charged_cents):>10}"
            f"{m(line.allowed_cents):>10}{m(line.amount('PR-1')):>9}{m(line.amount('PR-2')):>9}"
            f"{first:>9}{m(coded[0].cents) if coded else m(0):>10}{m(line.paid_cents):>11}"
        )
    ]
    rows += [f"{'':<87}{f'{a.group}-{a.code}':>9}{m(a.cents):>10}" for a in coded[1:]]
    if line.remarks:
        rows.append(f"{'':<28}REM: {' '.join(line.remarks)}")
    return rows


def _federal_claim(page: Paper, claim: Claim, npi: str) -> None:
    m = _NOTICE.money
    page.room(60)
    kind = "   REVERSAL" if claim.status == "22" else ""
    _type(page, (f"NAME  {f'{claim.last}, {claim.first}'.upper():<28}MID {claim.member_id:<14}"
                 f"ACNT {claim.account:<14}ICN {claim.claim_number:<16}ASG Y{kind}"))  # fmt: skip
    for line in claim.lines:
        rows = _federal_lines(line, npi)
        page.room(10 * len(rows))
        _type(page, *rows)
    page.room(40)
    other = claim.amount(*_FEDERAL_CODED)
    _type(
        page,
        (f"PT RESP {m(claim.total('patient_cents')):>9}{'':<15}CLAIM TOTALS{'':<5}"
         f"{m(claim.total('charged_cents')):>10}{m(claim.total('allowed_cents')):>10}"
         f"{m(claim.amount('PR-1')):>9}{m(claim.amount('PR-2')):>9}{'':>9}{m(other):>10}"
         f"{m(claim.total('paid_cents')):>11}"),
        f"{'':<95}NET {m(claim.total('paid_cents')):>19}",
        "",
    )  # fmt: skip


def _federal_notice(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _federal_header, wide=True, face="Courier", bold="Courier-Bold",
                 size=9)  # fmt: skip
    for claim in r.claims:
        _federal_claim(page, claim, r.payee.npi)
    m = _NOTICE.money
    page.room(70)
    taken = sum(entry.cents for entry in r.provider_adjustments)
    _type(
        page,
        "_" * 122,
        (f"{'TOTALS:':<9}{'# OF':<8}{'BILLED':>12}{'ALLOWED':>12}{'DEDUCT':>11}{'COINS':>11}"
         f"{'PROV PD':>13}{'PROV':>11}{'CHECK':>13}"),
        (f"{'':<9}{'CLAIMS':<8}{'AMT':>12}{'AMT':>12}{'AMT':>11}{'AMT':>11}{'AMT':>13}"
         f"{'ADJ AMT':>11}{'AMT':>13}"),
        (f"{'':<9}{len(r.claims):<8}{m(r.total('charged_cents')):>12}"
         f"{m(r.total('allowed_cents')):>12}"
         f"{m(sum(c.amount('PR-1') for c in r.claims)):>11}"
         f"{m(sum(c.amount('PR-2') for c in r.claims)):>11}{m(r.claims_cents):>13}"
         f"{m(taken):>11}{m(r.total_paid_cents):>13}"),
        "",
    )  # fmt: skip
    if r.provider_adjustments:
        _type(page, f"PROVIDER ADJ DETAILS:  {'PLB REASON CODE':<18}{'FCN':<20}{'AMOUNT':>12}")
        for entry in r.provider_adjustments:
            _type(page, f"{'':<23}{entry.code:<18}{entry.reference:<20}{m(entry.cents):>12}")


TYPED = (
    Layout("two_line", _TWO_LINE, _two_line),
    Layout("federal_notice", _FEDERAL, _federal_notice),
)
