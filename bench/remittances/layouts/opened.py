"""Layouts that were held out until they were opened (``bench/remittances/HELDOUT.md``): three."""

from __future__ import annotations

from itertools import groupby

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print
from bench.remittances.traits import Traits

# stacked_voucher: who the claim is about stacked at the left, reasons under their own amounts

_STACKED = Traits(
    "medical", "carc", coded=frozenset({"CO-45", "CO-97", "PR-1", "PR-2", "PR-3", "PR-96"}),
    most_coded=2, modifiers=True, plb_code=False,
    who=frozenset({"patient_name", "member_id", "patient_account", "claim_number"}),
)  # fmt: skip
_PLAIN = Print(days="%m/%d/%Y")
_STACKED_COLUMNS = (
    Column(("Participant",), 36), Column(("Date of", "Visit"), 168), Column(("Treatment",), 226),
    Column(("Doctor's", "Fee"), 324, "r"), Column(("Reduction", "and Cause"), 390, "r"),
    Column(("Participant's", "Part"), 452, "r"), Column(("Recognized", "Fee"), 514, "r"),
    Column(("Fund", "Pays"), 576, "r"),
)  # fmt: skip


def _angled(cents: int) -> str:
    return f"<{_PLAIN.money(-cents)}>" if cents < 0 else _PLAIN.money(cents)


def _voucher_header(page: Paper) -> None:
    r = page.remittance
    page.text(306, r.payer.name, "c", bold=True, size=13)
    page.down(12)
    page.text(306, f"{r.payer.street} * {r.payer.town}", "c", size=8)
    page.down(18)
    if page.number == 1:
        page.text(36, f"To the order of {r.payee.name}", size=9.5)
        page.text(576, f"***{_PLAIN.money(r.total_paid_cents)}***", "r", bold=True, size=9.5)
        page.down(13)
        page.text(36, f"NPI {r.payee.npi}     T.I.N. {r.payee.tax_id}")
        page.down(12)
    kind = method(r, "Fund check no.", "Fund transfer no.")
    page.text(36, f"{kind} {r.payment_number}     dated {r.payment_on:%m/%d/%Y}")
    page.text(576, f"- {page.number} -", "r")
    page.down(20)
    page.heads(_STACKED_COLUMNS, size=8)
    page.rule(36, 576, dots=True)
    page.down(14)


def _voucher_line(line: Line) -> tuple[list[Cell], int]:
    cause: list[str] = []
    for entry in line.adjustments:
        cause += [_angled(entry.cents), entry.code]
    cells: list[Cell] = [
        "", _PLAIN.day(line.service_on), " ".join((line.procedure, *line.modifiers)),
        _angled(line.charged_cents), cause, _angled(line.patient_cents),
        _angled(line.allowed_cents), _angled(line.paid_cents),
    ]  # fmt: skip
    return cells, max(1, len(cause))


def _voucher_claim(page: Paper, claim: Claim) -> None:
    kind = ("Payment withdrawn",) if claim.status == "22" else ()
    stack = [claim.patient, f"Cert. {claim.member_id}", f"Your ref. {claim.account}",
             f"Our ref. {claim.claim_number}", *kind]  # fmt: skip
    page.room(10 * len(stack) + 30)
    top, lowest, first = page.y, page.y, page.number
    for number, text in enumerate(stack):
        page.text(36, text, bold=number == 0, dy=-10 * number)
    for line in claim.lines:
        cells, deep = _voucher_line(line)
        page.room(10 * deep + 4)
        page.row(_STACKED_COLUMNS, cells, leading=9)
        page.down(12)
        lowest = page.y
    if page.number == first:
        page.y = min(lowest, top - 10 * len(stack))
    page.rule(290, 576, dy=9, dots=True)
    page.row(_STACKED_COLUMNS, ["", "Together", "", _angled(claim.total("charged_cents")), "",
             _angled(claim.total("patient_cents")), _angled(claim.total("allowed_cents")),
             _angled(claim.total("paid_cents"))], bold=True)  # fmt: skip
    page.rule(36, 576, dy=-5, dots=True)
    page.down(19)


def _stacked_voucher(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _voucher_header, face="Times-Roman", bold="Times-Bold", size=8.6)
    for claim in r.claims:
        _voucher_claim(page, claim)
    page.room(50)
    words = {"WO": "Withheld for an earlier overpayment", "FB": "Brought from the last voucher",
             "L6": "Interest for late payment"}  # fmt: skip
    for entry in r.provider_adjustments:
        page.text(200, f"{words[entry.code]}, {entry.reference}")
        page.text(576, _angled(-entry.cents), "r")
        page.down(12)
    page.text(200, "Amount of this voucher", bold=True)
    page.text(576, f"***{_PLAIN.money(r.total_paid_cents)}***", "r", bold=True)


# portal_page: a payer's web page as printed by a browser

_PORTAL = Traits(
    "medical", "grouped", coded=frozenset({"CO-45", "CO-97", "CO-29", "PR-1", "PR-2", "PR-3",
    "PR-96", "OA-23"}), most_coded=3, modifiers=True, status=True, plb_code=False,
)  # fmt: skip
_DOLLARS = Print(dollar=True, days="%d %b %Y")
_GROUPS = {"CO": "Contractual Obligation", "PR": "Patient Responsibility", "OA": "Other Adjustment"}
_STATUS = {"1": "Processed as Primary", "2": "Processed as Secondary", "4": "Denied",
           "22": "Reversal of Previous Payment"}  # fmt: skip
_PORTAL_COLUMNS = (
    Column(("Date", "of", "service"), 44), Column(("Procedure", "and", "modifier"), 104),
    Column(("Provider", "billed", "amount"), 226, "r"),
    Column(("Plan", "allowed", "amount"), 286, "r"),
    Column(("Adjustment group,", "reason", "and amount"), 300),
    Column(("Patient", "owes", "you"), 500, "r"), Column(("We", "paid", "you"), 564, "r"),
)  # fmt: skip


def _portal_header(page: Paper) -> None:
    r = page.remittance
    page.text(24, f"{r.payment_on:%m/%d/%y}, 9:14 AM", size=6)
    page.text(306, "Payment details - Provider portal", "c", size=6)
    page.text(588, f"{page.number}", "r", size=6)
    page.down(22)
    if page.number > 1:
        return
    page.text(40, r.payer.name, bold=True, size=12)
    page.down(12)
    page.text(40, f"{r.payer.street}, {r.payer.town}", size=7)
    page.down(20)
    page.text(40, "Payment details", bold=True, size=10)
    page.down(14)
    for label, value in (
        ("Payment #", r.payment_number), ("Payment type", method(r, "Paper check", "EFT")),
        ("Payment date", _DOLLARS.day(r.payment_on)),
        ("Payment total", _DOLLARS.money(r.total_paid_cents)), ("Paid to", r.payee.name),
        ("NPI", r.payee.npi), ("Tax ID", r.payee.tax_id),
    ):  # fmt: skip
        page.text(130, label, "r", size=7)
        page.text(140, value, bold=True, size=7)
        page.down(10)
    page.down(10)


def _portal_claim(page: Paper, claim: Claim) -> None:
    m = _DOLLARS.money
    page.room(110)
    page.text(40, f"Claim # {claim.claim_number}", bold=True, size=8.5)
    page.text(566, _STATUS[claim.status], "r", bold=True)
    page.down(11)
    page.text(40, f"Patient: {claim.patient}")
    page.text(210, f"Member #: {claim.member_id}")
    page.text(360, f"Your patient account #: {claim.account}")
    page.down(10)
    page.text(40, f"Rendering provider: {claim.provider}")
    page.down(11)
    sums = (("Billed", "charged_cents"), ("Allowed", "allowed_cents"),
            ("Patient owes", "patient_cents"), ("Paid", "paid_cents"))  # fmt: skip
    for place, (label, field) in enumerate(sums):
        page.text(40 + 120 * place, f"{label} {m(claim.total(field))}", bold=True)
    page.down(15)
    page.heads(_PORTAL_COLUMNS, size=6.5, leading=7.5)
    page.down(11)
    for number, line in enumerate(claim.lines):
        reasons = [f"{_GROUPS[a.group]} {a.code}: {m(a.cents)}" for a in line.adjustments]
        tall = 8.5 * max(1, len(reasons)) + 4
        page.room(tall)
        if number % 2 == 0:
            page.tint(40, 568, tall, 0.93, dy=9.5 - tall)
        page.row(_PORTAL_COLUMNS, [
            _DOLLARS.day(line.service_on), " ".join((line.procedure, *line.modifiers)),
            m(line.charged_cents), m(line.allowed_cents), reasons, m(line.patient_cents),
            m(line.paid_cents),
        ], leading=8.5)  # fmt: skip
        page.down(12.5)
    page.down(14)


def _portal_page(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _portal_header, size=7)
    for claim in r.claims:
        _portal_claim(page, claim)
    if not r.provider_adjustments:
        return
    page.room(60)
    page.text(40, "Adjustments to this payment", bold=True, size=8.5)
    page.down(12)
    words = {"WO": "Overpayment recovery", "FB": "Forwarding balance", "L6": "Interest"}
    for entry in r.provider_adjustments:
        page.text(40, words[entry.code])
        page.text(210, f"Reference {entry.reference}")
        page.text(564, _DOLLARS.money(-entry.cents), "r")
        page.down(11)


# agency_sections: a state agency's listing by what became of a claim

_AGENCY_OWN = {
    "CO-45": ("9918", "PRICING ADJUSTMENT - MAXIMUM ALLOWABLE FEE APPLIED"),
    "CO-97": ("4758", "PROCEDURE IS INCIDENTAL TO ANOTHER PROCEDURE PAID THE SAME DAY"),
    "CO-18": ("5001", "EXACT DUPLICATE OF A CLAIM ON FILE"),
    "CO-29": ("0512", "CLAIM FILED PAST THE TIMELY FILING LIMIT"),
    "PR-96": ("4021", "SERVICE IS NOT COVERED FOR THE CLIENTS PROGRAM"),
}
_AGENCY = Traits(
    "medical", "own", frozenset({"PR-1", "PR-3"}), frozenset(_AGENCY_OWN), 1, share=False,
    units=True, modifiers=True, status=True, plb_code=False, own=_AGENCY_OWN,
    who=frozenset({"patient_name", "member_id", "patient_account", "claim_number"}),
    specials=frozenset({"reversal", "takeback", "interest", "denial", "zero_pay", "long",
                        "several"}),
)  # fmt: skip
_BARE = Print(comma=False, days="%m/%d/%y")
_CLAIM_COLUMNS = (
    Column(("CLIENT NAME",), 30), Column(("CLIENT ID",), 190), Column(("PATIENT ACCT",), 270),
    Column(("TCN",), 350), Column(("TOT BILLED",), 520, "r"), Column(("TOT ALLOWED",), 600, "r"),
    Column(("TOT PAID",), 680, "r"),
)  # fmt: skip
_SERVICE_COLUMNS = (
    Column(("LI",), 62, "r"), Column(("SVC DATE",), 76), Column(("PROC CD",), 130),
    Column(("MODS",), 178), Column(("QTY",), 240, "r"), Column(("BILLED",), 310, "r"),
    Column(("CUTBACK",), 380, "r"), Column(("ALLOWED",), 450, "r"), Column(("DEDUCT",), 515, "r"),
    Column(("COPAY",), 575, "r"), Column(("PAID",), 645, "r"), Column(("EXPL",), 670),
)  # fmt: skip
_SECTIONS = ("PAID CLAIMS", "DENIED CLAIMS", "ADJUSTED CLAIMS")
_NARROW = 84


def _credited(cents: int) -> str:
    return f"{_BARE.money(-cents)} CR" if cents < 0 else _BARE.money(cents)


def _agency_header(page: Paper) -> None:
    r = page.remittance
    rows = (
        (r.payer.name.upper(), "PROVIDER REMITTANCE STATEMENT", f"PAGE {page.number}"),
        (f"{r.payer.street.upper()} {r.payer.town.upper()}", "",
         f"CYCLE DATE {r.payment_on:%m/%d/%Y}"),
        (f"PROVIDER {r.payee.name.upper()}", f"NPI {r.payee.npi}  FEIN {r.payee.tax_id}",
         f"{method(r, 'CHECK', 'EFT')} NUMBER {r.payment_number}"),
    )  # fmt: skip
    for left, middle, right in rows:
        page.text(30, left, narrow=_NARROW)
        page.text(396, middle, "c", narrow=_NARROW)
        page.text(762, right, "r", narrow=_NARROW)
        page.down(11)
    page.down(12)


def _agency_section(claim: Claim) -> int:
    """Paid, denied, and reversed or corrected claims after each other."""
    return {"22": 2, "4": 1}.get(claim.status, 0)


def _agency_heads(page: Paper, title: str) -> None:
    page.text(396, title, "c", bold=True, narrow=_NARROW)
    page.down(13)
    page.heads(_CLAIM_COLUMNS, narrow=_NARROW)
    page.down(10)
    page.heads(_SERVICE_COLUMNS, narrow=_NARROW)
    page.rule(30, 762)
    page.down(14)


def _agency_claim(page: Paper, claim: Claim, title: str) -> None:
    m = _credited
    if page.room(40):
        _agency_heads(page, f"{title} (CONTINUED)")
    page.row(_CLAIM_COLUMNS, [f"{claim.last} {claim.first}".upper(), claim.member_id, claim.account,
             claim.claim_number, m(claim.total("charged_cents")), m(claim.total("allowed_cents")),
             m(claim.total("paid_cents"))], bold=True, narrow=_NARROW)  # fmt: skip
    page.down(11)
    for number, line in enumerate(claim.lines, start=1):
        if page.room(11):
            _agency_heads(page, f"{title} (CONTINUED)")
        own = next((a.own or "" for a in line.adjustments if a.own), "")
        page.row(_SERVICE_COLUMNS, [
            f"{number:02d}", _BARE.day(line.service_on), line.procedure, " ".join(line.modifiers),
            str(line.units), m(line.charged_cents), m(line.amount(*_AGENCY_OWN)),
            m(line.allowed_cents), m(line.amount("PR-1")), m(line.amount("PR-3")),
            m(line.paid_cents), own,
        ], narrow=_NARROW)  # fmt: skip
        page.down(10.5)
    page.down(5)


def _agency_sections(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _agency_header, wide=True, size=8)
    for section, group in groupby(r.claims, _agency_section):
        claims = list(group)
        if page.y < page.bottom + 90:
            page.turn()
        _agency_heads(page, _SECTIONS[section])
        for claim in claims:
            _agency_claim(page, claim, _SECTIONS[section])
        page.room(14)
        page.text(30, f"{len(claims)} {_SECTIONS[section]}", narrow=_NARROW)
        paid = sum(claim.total("paid_cents") for claim in claims)
        page.text(680, _credited(paid), "r", narrow=_NARROW)
        page.down(22)
    page.turn()
    _agency_end(page)


def _agency_end(page: Paper) -> None:
    r = page.remittance
    words = {"WO": "ACCOUNTS RECEIVABLE RECOUPED", "FB": "BALANCE CARRIED", "L6": "INTEREST"}
    rows = [("CLAIMS PAYMENT AMOUNT", r.claims_cents)]
    rows += [(f"{words[a.code]} {a.reference}", -a.cents) for a in r.provider_adjustments]
    rows.append(("NET PAYMENT AMOUNT", r.total_paid_cents))
    page.text(396, "FINANCIAL SUMMARY", "c", bold=True, narrow=_NARROW)
    page.down(14)
    for text, cents in rows:
        page.text(200, text, narrow=_NARROW)
        page.text(560, _credited(cents), "r", narrow=_NARROW)
        page.down(12)
    if not r.legend:
        return
    page.down(14)
    page.text(396, "EXPLANATION CODES ON THIS STATEMENT", "c", bold=True, narrow=_NARROW)
    page.down(14)
    for code, text in r.legend:
        page.text(60, f"{code}   {text}", narrow=_NARROW)
        page.down(11)


OPENED = (
    Layout("stacked_voucher", _STACKED, _stacked_voucher),
    Layout("portal_page", _PORTAL, _portal_page),
    Layout("agency_sections", _AGENCY, _agency_sections, section=_agency_section),
)
