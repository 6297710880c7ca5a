"""The held-out layout `vendor_boxes`: a payment vendor's dental voucher, a box for each patient."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.catalogue import REASONS
from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Column, Paper, Print
from bench.remittances.traits import Traits

_CODED = frozenset({"PR-96", "PR-119", "CO-97", "CO-18"})
_TRAITS = Traits(
    "dental", "grouped", frozenset({"CO-45", "PR-1", "PR-2"}), _CODED, 1, tooth=True,
    plb_code=True, most_lines=24,
)  # fmt: skip
_PRINT = Print(days="%m-%d-%y")
_VENDOR = "PayBridge Settlement Services"
_LEFT, _RIGHT = 34.0, 578.0
_SAID = (
    Column(("Service", "date"), 42), Column(("ADA", "code"), 92),
    Column(("Tooth", "#"), 136, "c"), Column(("Surf-", "aces"), 166, "c"),
    Column(("Description", "of service"), 192),
)  # fmt: skip
_MONEY = (
    Column(("Dentist's", "fee"), 92, "r"), Column(("PPO", "write-off"), 148, "r"),
    Column(("PPO", "fee"), 204, "r"), Column(("Deduct-", "ible"), 260, "r"),
    Column(("Co-", "insurance"), 316, "r"), Column(("Other not", "payable"), 372, "r"),
    Column(("Reason", "code"), 402, "c"), Column(("Patient", "owes"), 478, "r"),
    Column(("Plan", "pays"), 568, "r"),
)  # fmt: skip
_SERVICE = 23.0  # points that the two rows of one service take
_HEAD, _FOOT = 66.0, 15.0  # and what stands above and below them in a box
_ONES = ("", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN",
         "ELEVEN", "TWELVE", "THIRTEEN", "FOURTEEN", "FIFTEEN", "SIXTEEN", "SEVENTEEN",
         "EIGHTEEN", "NINETEEN")  # fmt: skip
_TENS = ("", "", "TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY")


def _words(number: int) -> str:
    """A whole number below a million as checks write it."""
    if number >= 1000:
        return f"{_words(number // 1000)} THOUSAND {_words(number % 1000)}".strip()
    if number >= 100:
        return f"{_ONES[number // 100]} HUNDRED {_words(number % 100)}".strip()
    if number >= 20:
        return f"{_TENS[number // 10]}-{_ONES[number % 10]}".rstrip("-")
    return _ONES[number]


def _header(page: Paper) -> None:
    r = page.remittance
    page.y = page.height - 40
    page.text(_LEFT, _VENDOR, bold=True, size=13)
    page.text(_RIGHT, "Explanation of Dental Payment", "r", size=11)
    page.down(11)
    page.text(_LEFT, "Paying dentists and doctors for the nation's benefit plans", size=6.5)
    page.text(_RIGHT, f"Sheet {page.number}", "r", size=7)
    page.rule(_LEFT, _RIGHT, dy=-6, pt=2)
    page.down(20)
    page.bottom = 262 if page.number == 1 else 44
    if page.number == 1:
        _addresses(page, r)
        return
    page.text(_LEFT, f"{r.payer.name}  /  {method(r, 'Draft', 'Trace')} {r.payment_number}  /  "
              f"{_PRINT.day(r.payment_on)}  /  {r.payee.name}", size=7)  # fmt: skip
    page.down(24)


def _addresses(page: Paper, r: Remittance) -> None:
    top = page.y
    page.text(_LEFT, "On behalf of", size=6.5)
    page.text(226, "Paid to", size=6.5)
    for name, street, town, x in (
        (r.payer.name, r.payer.street, r.payer.town, _LEFT),
        (r.payee.name, r.payee.street, r.payee.town, 226),
    ):
        page.y = top - 11
        page.text(x, name, bold=True)
        for line in (street, town):
            page.down(10)
            page.text(x, line)
    page.down(12)
    page.text(226, f"NPI {r.payee.npi}     TIN {r.payee.tax_id}", size=7)
    page.y = top
    for label, value in (
        (method(r, "Draft number", "Trace number"), r.payment_number),
        (method(r, "Draft date", "Settlement date"), _PRINT.day(r.payment_on)),
        ("Settled by", method(r, "Paper draft", "ACH direct deposit")),
        ("Your PayBridge account", "******" + r.payee.npi[-4:]),
        ("Claims in this payment", str(len(r.claims))),
    ):
        page.text(420, label, size=7)
        page.text(_RIGHT, value, "r", size=7.5)
        page.down(10.5)
    page.down(10)


def _draft(page: Paper, r: Remittance) -> None:
    """The draft, or what tells of the deposit, at the foot of the first page."""
    back = page.y
    page.y = 238
    page.rule(14, 598, dy=12, dots=True)
    page.text(306, "detach here", "c", size=6, dy=4)
    page.down(16)
    page.text(_LEFT, _VENDOR, bold=True, size=10)
    page.text(410, method(r, "Draft no.", "Trace no."), size=7)
    page.text(_RIGHT, r.payment_number, "r", size=11)
    page.down(11)
    page.text(_LEFT, "Disbursing agent for " + r.payer.name, size=7)
    page.down(20)
    page.text(410, "Date", size=7)
    page.text(_RIGHT, _PRINT.day(r.payment_on), "r", size=9)
    page.down(22)
    dollars, cents = divmod(r.total_paid_cents, 100)
    page.text(_LEFT, method(r, "Pay", "Deposited"), size=7)
    page.text(86, f"{_words(dollars) or 'ZERO'} AND {cents:02d}/100 DOLLARS", size=8)
    page.rule(84, _RIGHT)
    page.down(26)
    page.text(_LEFT, "To the", size=7, dy=8)
    page.text(_LEFT, "order of", size=7)
    page.text(86, r.payee.name.upper(), size=9)
    page.canvas.rect(452, page.y - 7, 126, 22, stroke=1, fill=0)
    page.text(458, "$", size=10)
    page.text(572, f"****{r.total_paid_cents / 100:,.2f}", "r", size=10)
    for line in (r.payee.street.upper(), r.payee.town.upper()):
        page.down(11)
        page.text(86, line, size=8)
    page.down(30)
    page.text(_LEFT, method(r, "Void after 120 days", "THIS IS NOT A CHECK - FUNDS WERE DEPOSITED"),
              size=8)  # fmt: skip
    page.rule(396, _RIGHT, dy=9)
    page.text(487, "Authorized signature", "c", size=6)
    page.down(18)
    page.text(306, "Be paid sooner by virtual card or direct deposit: www.paybridge.example or "
              "888-555-0144", "c", size=7)  # fmt: skip
    page.y = back


def _others(line: Line) -> tuple[int, str]:
    """What else was taken off and why; none and no words where nothing was."""
    held = [a for a in line.adjustments if f"{a.group}-{a.code}" in _CODED]
    return sum(a.cents for a in held), " ".join(f"{a.group}-{a.code}" for a in held)


def _box_head(page: Paper, claim: Claim, *, again: bool) -> None:
    kind = "  REVERSAL OF EARLIER PAYMENT" if claim.status == "22" else ""
    more = "  (continued)" if again else ""
    page.text(42, f"{claim.patient}{more}{kind}", bold=True, size=9)
    page.text(_RIGHT - 8, f"Claim ID {claim.claim_number}", "r", size=8)
    page.down(11)
    page.text(42, f"Subscriber ID {claim.member_id}", size=7)
    page.text(226, f"Treating dentist {claim.provider}", size=7)
    page.text(_RIGHT - 8, f"Your ref. {claim.account}", "r", size=7)
    page.rule(_LEFT, _RIGHT, dy=-4, pt=0.4)
    page.down(12)
    page.heads(_SAID, size=5.8, leading=6.5, bold=False)
    page.down(8)
    page.heads(_MONEY, size=5.8, leading=6.5, bold=False)
    page.rule(_LEFT, _RIGHT, dy=-3, pt=0.4)
    page.down(12)


def _service(page: Paper, line: Line) -> None:
    page.row(_SAID, (_PRINT.day(line.service_on), line.procedure, line.tooth, line.surface,
                     line.description))  # fmt: skip
    page.down(10)
    cents, why = _others(line)
    money = _PRINT.money
    page.row(_MONEY, (
        money(line.charged_cents), money(line.amount("CO-45")), money(line.allowed_cents),
        money(line.amount("PR-1")), money(line.amount("PR-2")), money(cents), why,
        money(line.patient_cents), money(line.paid_cents),
    ))  # fmt: skip
    page.down(_SERVICE - 10)


def _totals(page: Paper, one: Claim | Remittance) -> None:
    """A row of sums below the columns of amounts."""
    claims = (one,) if isinstance(one, Claim) else one.claims
    lines = [line for claim in claims for line in claim.lines]
    money = Print(days="", dollar=True).money
    page.row(_MONEY, (
        money(one.total("charged_cents")), money(sum(x.amount("CO-45") for x in lines)),
        money(one.total("allowed_cents")), money(sum(x.amount("PR-1") for x in lines)),
        money(sum(x.amount("PR-2") for x in lines)), money(sum(_others(x)[0] for x in lines)), "",
        money(one.total("patient_cents")), money(one.total("paid_cents")),
    ), bold=True, size=7)  # fmt: skip


def _claim(page: Paper, claim: Claim) -> None:
    left = list(claim.lines)
    again = False
    while left:
        page.room(_HEAD + _SERVICE * min(2, len(left)) + _FOOT)
        fits = int((page.y - page.bottom - _HEAD - _FOOT) // _SERVICE)
        here, left = left[:fits], left[fits:]
        top = page.y + 13
        _box_head(page, claim, again=again)
        for line in here:
            _service(page, line)
        if left:
            page.text(_RIGHT - 8, "continued on next sheet", "r", size=6.5)
        else:
            page.rule(_LEFT, _RIGHT, dy=9, pt=0.4)
            _totals(page, claim)
        page.canvas.setLineWidth(0.9)
        page.canvas.roundRect(_LEFT, page.y - 6, _RIGHT - _LEFT, top - page.y + 6, 6)
        page.down(28)
        again = True
        if left:
            page.turn()


def _end(page: Paper, r: Remittance) -> None:
    page.room(70 + 12 * len(r.provider_adjustments))
    page.text(_LEFT, "All patients", bold=True)
    page.down(12)
    page.heads([column for column in _MONEY if column.head[0] != "Reason"], size=5.8, leading=6.5,
               bold=False)  # fmt: skip
    page.down(11)
    _totals(page, r)
    page.rule(_LEFT, _RIGHT, dy=-5, pt=1)
    page.down(18)
    for entry in r.provider_adjustments:
        why = {"WO": "Overpayment recovered", "FB": "Balance forward",
               "L6": "Interest owed"}[entry.code]  # fmt: skip
        page.text(316, f"{why} ({entry.code}), reference {entry.reference}", size=7)
        page.text(568, _PRINT.money(-entry.cents), "r")
        page.down(12)
    page.text(316, method(r, "Draft amount", "Amount deposited"), bold=True)
    page.text(568, f"${r.total_paid_cents / 100:,.2f}", "r", bold=True)
    page.down(22)
    used = [key for key in r.codes if key in _CODED]
    page.room(12 + 10 * len(used))
    if used:
        page.text(_LEFT, "Reason codes", bold=True)
        page.down(11)
    for key in used:
        page.text(42, key)
        page.text(84, REASONS[key])
        page.down(10)


def _vendor_boxes(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, size=7.6)
    _draft(page, r)
    for claim in r.claims:
        _claim(page, claim)
    _end(page, r)


VENDOR_BOXES = Layout("vendor_boxes", _TRAITS, _vendor_boxes, held_out=True)
