"""The opened layout `status_codes`: a state program's list of services by what became of them."""

from __future__ import annotations

from reportlab.lib.pagesizes import legal
from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Column, Paper, Print
from bench.remittances.traits import Traits

_EDITS = {
    "CO-97": ("00705", "SERVICE IS PART OF ANOTHER SERVICE PAID FOR THE SAME DATE"),
    "CO-18": ("00700", "DUPLICATE OF A CLAIM PAID BEFORE"),
    "CO-29": ("02292", "CLAIM RECEIVED MORE THAN NINETY DAYS AFTER THE SERVICE DATE"),
}
_TRAITS = Traits(
    "medical", "none", coded=frozenset(_EDITS), hidden_shares=frozenset({"CO-45"}), allowed=False,
    share=False, units=True, plb_code=False,
    who=frozenset({"patient_name", "member_id", "patient_account", "claim_number"}),
)  # fmt: skip
_PRINT = Print(comma=False, negative="trailing", days="%m/%d/%y")
_COLUMNS = (
    Column(("LN.", "NO."), 40), Column(("OFFICE ACCOUNT", "NUMBER"), 74),
    Column(("CLIENT", "NAME"), 166), Column(("CLIENT ID", "NUMBER"), 318), Column(("TCN",), 400),
    Column(("DATE OF", "SERVICE"), 504), Column(("PROC.", "CODE"), 568),
    Column(("UNITS",), 648, "r"), Column(("CHARGED",), 724, "r"), Column(("PAID",), 800, "r"),
    Column(("STATUS",), 824), Column(("ERRORS",), 886),
)  # fmt: skip
_END = 968


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(40, r.payer.name.upper())
    page.text(504, "MEDICAL ASSISTANCE PROGRAM", "c")
    page.text(_END, f"PAGE {page.number:02d}", "r")
    page.down(11)
    page.text(40, f"{r.payer.street.upper()}, {r.payer.town.upper()}")
    page.text(504, "REMITTANCE STATEMENT", "c", bold=True)
    page.text(_END, f"DATE {_PRINT.day(r.payment_on)}", "r")
    page.down(11)
    page.text(_END, f"CYCLE {r.payment_on:%y%W}", "r")
    page.down(11)
    page.text(40, f"TO: {r.payee.name.upper()}")
    page.text(_END, "ETIN: NONE", "r")
    page.down(26)
    if page.number == 1:
        _cover(page)
    else:
        page.heads(_COLUMNS)
        page.down(16)


def _cover(page: Paper) -> None:
    """The first page: whom the money goes to and how much it is; no claim stands on it."""
    r = page.remittance
    for label, value in (
        ("PROVIDER NPI", r.payee.npi), ("FEDERAL ID", r.payee.tax_id),
        (method(r, "CHECK NO", "EFT NO"), r.payment_number),
        ("DATED", f"{r.payment_on:%m/%d/%Y}"),
    ):  # fmt: skip
        page.text(40, f"{label + ':':<16}{value}")
        page.down(13)
    page.down(60)
    page.rule(40, _END, dots=True)
    page.down(60)
    for row in (r.payee.name, r.payee.street, r.payee.town):
        page.text(140, row.upper())
        page.down(12)
    page.text(760, f"*******{_PRINT.money(r.total_paid_cents)}", "r", bold=True, size=11)
    page.down(60)
    words = method(r, "YOUR CHECK IS ABOVE. THE CLAIMS IT PAYS ARE LISTED ON THE PAGES BEHIND.",
                   "NO CHECK IS SENT. THE CLAIMS PAID BY TRANSFER ARE LISTED ON THE PAGES BEHIND.",
                   )  # fmt: skip
    page.text(504, words, "c")


def _status(claim: Claim, line: Line, voided: set[str]) -> str:
    if claim.status == "22":
        return "VOID"
    if claim.claim_number in voided:
        return "ADJT"
    return "PAID" if line.paid_cents else "DENY"


def _edits(line: Line) -> list[str]:
    keys = [f"{a.group}-{a.code}" for a in line.adjustments]
    return [_EDITS[key][0] for key in keys if key in _EDITS]


def _status_codes(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, wide=True, face="Courier", bold="Courier-Bold", size=9,
                 sheet=legal)  # fmt: skip
    page.turn()
    voided = {claim.claim_number for claim in r.claims if claim.status == "22"}
    rows = [(claim, number, line) for claim in r.claims
            for number, line in enumerate(claim.lines, start=1)]  # fmt: skip
    for place, (claim, number, line) in enumerate(rows):
        page.room(12)
        if place % 4 > 1:
            page.tint(34, _END + 6, 12, 0.93, dy=-3.5)
        page.row(_COLUMNS, [
            f"{number:02d}", claim.account, f"{claim.last} {claim.first}".upper(),
            claim.member_id, claim.claim_number, _PRINT.day(line.service_on), line.procedure,
            f"{line.units}.000", _PRINT.money(line.charged_cents), _PRINT.money(line.paid_cents),
            _status(claim, line, voided), " ".join(_edits(line)),
        ])  # fmt: skip
        page.down(12)
    _totals(page, voided)
    _legend(page)


def _totals(page: Paper, voided: set[str]) -> None:
    """What the claims of each kind come to, money outside of claims, and the payment."""
    r = page.remittance
    kinds = (
        ("TOTAL AMOUNT ORIGINAL CLAIMS", [c for c in r.claims if c.claim_number not in voided]),
        ("NET AMOUNT ADJUSTMENTS", [c for c in r.claims if c.claim_number in voided
                                    and c.status != "22"]),
        ("NET AMOUNT VOIDS", [c for c in r.claims if c.status == "22"]),
    )  # fmt: skip
    page.down(14)
    page.room(110 + 12 * len(r.provider_adjustments))
    for label, claims in kinds:
        paid = sum(claim.total("paid_cents") for claim in claims)
        page.text(166, label)
        page.text(504, "PAID")
        page.text(648, _PRINT.money(paid), "r")
        page.text(680, f"NUMBER OF CLAIMS {len(claims):>4}")
        page.down(12)
    page.down(10)
    words = {"WO": "RECOUPMENT FROM PROVIDER", "FB": "BALANCE BROUGHT FORWARD",
             "L6": "LATE PAYMENT INTEREST"}  # fmt: skip
    for entry in r.provider_adjustments:
        page.text(166, words[entry.code])
        page.text(400, f"FCN {entry.reference}")
        page.text(648, _PRINT.money(-entry.cents), "r")
        page.down(12)
    page.text(166, "REMITTANCE TOTAL - ALL CLAIMS AND TRANSACTIONS", bold=True)
    page.text(648, _PRINT.money(r.total_paid_cents), "r", bold=True)
    page.down(26)


def _legend(page: Paper) -> None:
    """The edits of this listing in words."""
    used = {code for c in page.remittance.claims for line in c.lines for code in _edits(line)}
    listed = sorted(each for each in _EDITS.values() if each[0] in used)
    if not listed:
        return
    page.room(14 + 12 * len(listed))
    page.text(40, "ERROR CODES THAT APPEAR ON THE CLAIMS OF THIS REMITTANCE:")
    page.down(14)
    for code, text in listed:
        page.text(74, f"{code}  {text}")
        page.down(12)


STATUS_CODES = Layout("status_codes", _TRAITS, _status_codes)
