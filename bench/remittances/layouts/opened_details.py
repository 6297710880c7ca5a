"""The opened layout `three_line_claims`: a state's advice, a claim's sums above its details."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, ProviderAdjustment, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Column, Paper, Print, wrapped
from bench.remittances.traits import Traits

_EOBS = {
    "CO-45": ("9918", "PRICING ADJUSTMENT - MAXIMUM FEE PRICING APPLIED"),
    "CO-97": ("6710", "PROCEDURE IS PART OF ANOTHER PROCEDURE BILLED FOR THE SAME DAY"),
    "CO-18": ("5001", "EXACT DUPLICATE OF A CLAIM ALREADY PROCESSED"),
    "CO-29": ("0555", "CLAIM IS PAST THE TIMELY FILING LIMIT AND NO WAIVER IS ON FILE"),
    "CO-59": ("6312", "MULTIPLE PROCEDURES ON ONE DAY - REDUCED RATE APPLIED"),
    "PR-204": ("4021", "SERVICE IS NOT A BENEFIT OF THE MEMBER'S PROGRAM ON THE DATE OF SERVICE"),
}
_TRAITS = Traits(
    "medical", "own", frozenset({"OA-23", "PR-3"}), frozenset(_EOBS), 2, share=False,
    modifiers=True, units=True, ranges=True, plb_code=False, most_lines=28, own=_EOBS,
)  # fmt: skip
_PRINT = Print(negative="paren", days="%m%d%y")
_LEFT, _RIGHT, _LEAD = 30.0, 762.0, 9.6
_SUMS = (
    Column(("BILLED", "AMOUNT"), 430, "r"), Column(("ALLOWED", "AMOUNT"), 488, "r"),
    Column(("TPL", "AMOUNT"), 540, "r"), Column(("CO-PAY", "AMOUNT"), 588, "r"),
    Column(("PAID", "AMOUNT"), 646, "r"),
)  # fmt: skip
_CLAIM = (
    Column(("--ICN--",), 30), Column(("PATIENT NUMBER",), 128),
    Column(("SERVICE", "FROM"), 222), Column(("DATES", "THRU"), 264), *_SUMS,
)  # fmt: skip
_DETAIL = (
    Column(("PROC CD",), 52), Column(("MODIFIERS",), 104), Column(("ALLW", "UNITS"), 200, "r"),
    Column(("SERVICE", "FROM"), 222), Column(("DATES", "THRU"), 264), *_SUMS,
    Column(("DETAIL EOBS",), 664),
)  # fmt: skip
_PARTS = ("PAID", "ADJUSTMENTS", "DENIED")


def _part(claim: Claim) -> int:
    """Paid, taken back and denied claims after each other."""
    return {"22": 1, "4": 2}.get(claim.status, 0)


class _Advice(Paper):
    """Pages whose head names the part of the advice that they belong to."""

    title = ""
    heads_claims = False

    def section(self, title: str, *, claims: bool = False) -> None:
        """Begin a part of the advice on a page of its own; the first part has the first page."""
        first = self.title == ""
        self.title, self.heads_claims = title, claims
        if first:
            self.part()
        else:
            self.turn()

    def part(self) -> None:
        """The part's title and the heads of its rows."""
        self.text(self.width / 2, self.title, "c")
        self.down(18)
        if self.heads_claims:
            self.heads(_CLAIM, leading=_LEAD, bold=False)
            self.down(_LEAD + 2)
            self.heads(_DETAIL, leading=_LEAD, bold=False)
            self.rule(_LEFT, _RIGHT, dy=-4)
            self.down(16)


def _header(page: Paper) -> None:
    r = page.remittance
    page.y = page.height - 34
    middle = page.width / 2
    page.text(_LEFT, "REPORT:  CRA-PRFD-R")
    page.text(middle, r.payer.name.upper(), "c")
    page.text(_RIGHT, f"DATE: {r.payment_on:%m/%d/%Y}", "r")
    page.down(_LEAD)
    page.text(_LEFT, "RA#:     0" + r.payment_number[-3:] + "417")
    page.text(middle, "MEDICAL ASSISTANCE MANAGEMENT INFORMATION SYSTEM", "c")
    page.text(_RIGHT, f"PAGE: {page.number:>10}", "r")
    page.down(_LEAD)
    page.text(middle, "PROVIDER REMITTANCE ADVICE", "c")
    page.down(_LEAD * 1.6)
    number = method(r, "CHECK NUMBER", "EFT NUMBER")
    right = (("NPI", r.payee.npi), ("TAX ID", r.payee.tax_id), (number, r.payment_number),
             ("PAYMENT DATE", f"{r.payment_on:%m/%d/%Y}"))  # fmt: skip
    left = (r.payee.name.upper(), r.payee.street.upper(), r.payee.town.upper(), "")
    for address, (label, value) in zip(left, right, strict=True):
        page.text(_LEFT, address)
        page.text(560, label)
        page.text(_RIGHT, value, "r")
        page.down(_LEAD)
    page.down(6)
    if isinstance(page, _Advice) and page.title:
        page.part()


def _sums(claims: Sequence[Claim]) -> list[str]:
    """Billed, allowed, paid by others, co-pay and paid of the claims together."""
    cents = (
        sum(claim.total("charged_cents") for claim in claims),
        sum(claim.total("allowed_cents") for claim in claims),
        sum(claim.amount("OA-23") for claim in claims),
        sum(claim.amount("PR-3") for claim in claims),
        sum(claim.total("paid_cents") for claim in claims),
    )
    return [_PRINT.money(one) for one in cents]


def _eobs(line: Line) -> list[str]:
    """The codes with what each took off, one below the other."""
    return [f"{a.own}  {_PRINT.money(a.cents):>10}" for a in line.adjustments if a.own is not None]


def _detail(page: Paper, line: Line) -> None:
    eobs = _eobs(line)
    page.room(_LEAD * max(1, len(eobs)))
    ends = line.service_end_on or line.service_on
    amounts = (line.charged_cents, line.allowed_cents, line.amount("OA-23"), line.amount("PR-3"),
               line.paid_cents)  # fmt: skip
    page.row(_DETAIL, (
        line.procedure, " ".join(line.modifiers), f"{line.units}.00", _PRINT.day(line.service_on),
        _PRINT.day(ends), *map(_PRINT.money, amounts), eobs or "",
    ), leading=_LEAD)  # fmt: skip
    page.down(_LEAD)


def _claim(page: Paper, claim: Claim) -> None:
    page.room(_LEAD * 5)
    page.text(_LEFT, f"MEMBER NAME: {claim.patient.upper()}")
    page.text(264, f"MEMBER NO.: {claim.member_id}")
    page.text(430, f"RENDERING PROV: {claim.provider.upper()}")
    page.down(_LEAD)
    begun = min(line.service_on for line in claim.lines)
    ended = max(line.service_end_on or line.service_on for line in claim.lines)
    page.row(_CLAIM, (
        claim.claim_number, claim.account, _PRINT.day(begun), _PRINT.day(ended),
        *_sums([claim]),
    ))  # fmt: skip
    page.down(_LEAD)
    page.text(52, "HEADER EOBS: " + ("0092 8231" if claim.status == "22" else "0000"))
    page.down(_LEAD + 2)
    for line in claim.lines:
        _detail(page, line)
    page.down(_LEAD)


def _claims(page: _Advice, r: Remittance) -> None:
    for number, part in enumerate(_PARTS):
        listed = [claim for claim in r.claims if _part(claim) == number]
        if not listed:
            continue
        page.section(f"CMS 1500 CLAIMS {part}" if number != 1 else "CMS 1500 CLAIM ADJUSTMENTS",
                     claims=True)  # fmt: skip
        for claim in listed:
            _claim(page, claim)
        page.room(_LEAD * 2)
        page.rule(372, 646, dy=8, dots=True)
        page.text(128, f"TOTAL CMS 1500 CLAIMS {part}:" if number != 1 else "TOTAL ADJUSTMENTS:")
        page.row(_SUMS, _sums(listed))


def _transactions(page: _Advice, entries: Sequence[ProviderAdjustment]) -> None:
    if not entries:
        return
    page.section("FINANCIAL TRANSACTIONS")
    for title, listed in (
        ("------ ACCOUNTS RECEIVABLE RECOUPED THIS CYCLE ------",
         [e for e in entries if e.cents > 0]),
        ("------ NON-CLAIM SPECIFIC PAYOUTS TO PROVIDERS ------",
         [e for e in entries if e.cents < 0]),
    ):  # fmt: skip
        if not listed:
            continue
        columns = (Column(("A/R NUMBER / ICN",), 128), Column(("REASON",), 264),
                   Column(("AMOUNT",), 646, "r"))  # fmt: skip
        page.text(128, title)
        page.down(_LEAD * 1.5)
        page.heads(columns, bold=False)
        page.down(_LEAD * 1.4)
        for entry in listed:
            why = {"WO": "OVERPAYMENT RECOUPED", "FB": "BALANCE FORWARDED FROM LAST CYCLE",
                   "L6": "INTEREST ON LATE PAYMENT"}[entry.code]  # fmt: skip
            page.row(columns, (entry.reference, why, _PRINT.money(abs(entry.cents))))
            page.down(_LEAD)
        page.text(128, "TOTAL:")
        page.text(646, _PRINT.money(abs(sum(e.cents for e in listed))), "r")
        page.down(_LEAD * 3)


def _summary(page: _Advice, r: Remittance) -> None:
    page.section("SUMMARY")
    kept = sum(e.cents for e in r.provider_adjustments if e.cents > 0)
    added = -sum(e.cents for e in r.provider_adjustments if e.cents < 0)
    page.text(128, "------ CLAIMS DATA ------")
    page.text(440, "NUMBER", "r")
    page.text(646, "AMOUNT", "r")
    page.down(_LEAD * 1.5)
    for number, part in enumerate(_PARTS):
        listed = [claim for claim in r.claims if _part(claim) == number]
        page.text(128, f"CLAIMS {part}" if number != 1 else "CLAIM ADJUSTMENTS")
        page.text(440, str(len(listed)), "r")
        page.text(646, _PRINT.money(sum(c.total("paid_cents") for c in listed)), "r")
        page.down(_LEAD)
    page.text(128, "TOTAL CLAIMS PAYMENTS")
    page.text(440, str(len(r.claims)), "r")
    page.text(646, _PRINT.money(r.claims_cents), "r")
    page.down(_LEAD * 2)
    page.text(128, "------ EARNINGS DATA ------")
    page.down(_LEAD * 1.5)
    for label, cents in (
        ("CLAIMS PAYMENTS", r.claims_cents), ("PAYOUTS (NON-CLAIM SPECIFIC)", added),
        ("ACCOUNTS RECEIVABLE RECOUPED", -kept), ("NET PAYMENT THIS CYCLE", r.total_paid_cents),
    ):  # fmt: skip
        page.text(128, label)
        page.text(646, _PRINT.money(cents), "r")
        page.down(_LEAD)
    page.down(_LEAD)
    page.text(128, method(r, "CHECK AMOUNT", "EFT AMOUNT"))
    page.text(646, f"${r.total_paid_cents / 100:,.2f}", "r")


def _codes(page: _Advice, r: Remittance) -> None:
    page.section("EOB CODE DESCRIPTIONS")
    page.text(52, "EOB CODE")
    page.text(128, "EOB CODE DESCRIPTION")
    page.down(_LEAD * 1.6)
    held = [*r.legend, ("0000", "CLAIM PROCESSED UNDER PROGRAM RULES")]
    if any(claim.status == "22" for claim in r.claims):
        held += [("0092", "ADJUSTMENT REQUESTED BY PROVIDER"), ("8231", "ORIGINAL PAYMENT VOIDED")]
    for code, text in sorted(held):
        page.text(52, code)
        for line in wrapped(text, 60):
            page.text(128, line)
            page.down(_LEAD)


def _three_line_claims(canvas: Canvas, r: Remittance) -> None:
    page = _Advice(canvas, r, _header, wide=True, face="Courier", bold="Courier-Bold", size=7.4,
                   bottom=36)  # fmt: skip
    _claims(page, r)
    _transactions(page, r.provider_adjustments)
    _summary(page, r)
    _codes(page, r)


THREE_LINE_CLAIMS = Layout("three_line_claims", _TRAITS, _three_line_claims, section=_part)
